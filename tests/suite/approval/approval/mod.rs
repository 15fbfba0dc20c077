//! Requests on their route.

mod due;
mod effect;
mod lists;
mod money;
mod races;
mod refused;
mod rights;
mod walk;

use steward_proto::approval::v1::{
    Approval, ApprovalDecision, ApprovalState, CancelExpenditureRequest, DecideApprovalRequest,
    Decision, GetApprovalRequest, ListTasksRequest, RequestExpenditureRequest,
    ResubmitApprovalRequest, WithdrawApprovalRequest,
};
use tonic::Status;

use super::{Approvals, House, XILING, request_id};

/// A request of `asker` for fuel.
pub(super) fn expenditure(amount_fen: i64) -> RequestExpenditureRequest {
    RequestExpenditureRequest {
        request_id: request_id(),
        organization: XILING.to_owned(),
        category: "fuel".to_owned(),
        amount_fen,
        fiscal_year: 2017,
        title: "加油".to_owned(),
        ..RequestExpenditureRequest::default()
    }
}

/// Submits a request of `asker`.
pub(super) async fn begun(house: &House, request: RequestExpenditureRequest) -> Approval {
    asked(&mut house.approvals("asker"), request).await.unwrap()
}

async fn asked(
    client: &mut Approvals,
    request: RequestExpenditureRequest,
) -> Result<Approval, Status> {
    Ok(client.request_expenditure(request).await?.into_inner().approval.unwrap())
}

pub(super) fn deciding(approval: &Approval, decision: Decision) -> DecideApprovalRequest {
    let opinion = if decision == Decision::Approve { "" } else { "不妥" };
    DecideApprovalRequest {
        request_id: request_id(),
        id: approval.id.clone(),
        etag: approval.etag.clone(),
        decision: decision.into(),
        opinion: opinion.to_owned(),
        ..DecideApprovalRequest::default()
    }
}

pub(super) async fn decided(
    client: &mut Approvals,
    request: DecideApprovalRequest,
) -> Result<Approval, Status> {
    Ok(client.decide_approval(request).await?.into_inner().approval.unwrap())
}

/// Has somebody decide in his own name.
async fn decide(
    house: &House,
    who: &str,
    approval: &Approval,
    what: Decision,
) -> Result<Approval, Status> {
    decided(&mut house.approvals(who), deciding(approval, what)).await
}

/// Has some people approve, one after the other.
async fn approved(house: &House, mut approval: Approval, who: &[&str]) -> Approval {
    for subject in who {
        approval = decide(house, subject, &approval, Decision::Approve).await.unwrap();
    }
    approval
}

fn withdrawing(approval: &Approval) -> WithdrawApprovalRequest {
    WithdrawApprovalRequest {
        request_id: request_id(),
        id: approval.id.clone(),
        etag: approval.etag.clone(),
        reason: "不再需要".to_owned(),
        validate_only: false,
    }
}

async fn withdraw(client: &mut Approvals, approval: &Approval) -> Result<Approval, Status> {
    let answer = client.withdraw_approval(withdrawing(approval)).await?;
    Ok(answer.into_inner().approval.unwrap())
}

fn resubmitting(approval: &Approval) -> ResubmitApprovalRequest {
    ResubmitApprovalRequest {
        request_id: request_id(),
        id: approval.id.clone(),
        etag: approval.etag.clone(),
        opinion: "已改".to_owned(),
        ..ResubmitApprovalRequest::default()
    }
}

async fn resubmit(
    client: &mut Approvals,
    request: ResubmitApprovalRequest,
) -> Result<Approval, Status> {
    Ok(client.resubmit_approval(request).await?.into_inner().approval.unwrap())
}

fn cancelling(approval: &Approval) -> CancelExpenditureRequest {
    CancelExpenditureRequest {
        request_id: request_id(),
        id: approval.id.clone(),
        etag: approval.etag.clone(),
        reason: "不再需要".to_owned(),
        validate_only: false,
    }
}

async fn cancel(client: &mut Approvals, approval: &Approval) -> Result<Approval, Status> {
    let answer = client.cancel_expenditure(cancelling(approval)).await?;
    Ok(answer.into_inner().approval.unwrap())
}

async fn get(client: &mut Approvals, id: &str) -> Result<Approval, Status> {
    let answer = client.get_approval(GetApprovalRequest { id: id.to_owned() }).await?;
    Ok(answer.into_inner().approval.unwrap())
}

/// What waits for somebody: the id of each request, and in whose name.
async fn tasks(client: &mut Approvals) -> Vec<(String, String)> {
    let page = client.list_tasks(ListTasksRequest::default()).await.unwrap().into_inner();
    page.tasks.into_iter().map(|it| (it.approval.unwrap().id, it.on_behalf_of)).collect()
}

/// Where a request stands: state, round and step.
fn stands(approval: &Approval) -> (ApprovalState, i32, i32) {
    (approval.state(), approval.round, approval.step)
}

/// What was done: action, round and step, by whom, in whose name.
fn done(it: &ApprovalDecision) -> (&'static str, i32, i32, &str, &str) {
    let action = it.action().as_str_name().trim_start_matches("APPROVAL_ACTION_");
    (action, it.round, it.step, &it.decided_by, &it.on_behalf_of)
}
