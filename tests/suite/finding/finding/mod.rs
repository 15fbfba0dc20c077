//! Findings.

mod ended;
mod life;
mod lists;
mod observed;
mod races;
mod refused;

use steward_proto::finding::v1::{
    CloseFindingRequest, DismissFindingRequest, Finding, FindingEvent, FindingReference,
    FindingState, GetFindingRequest, ListFindingsRequest, NotifyFindingsRequest,
    OpenFindingRequest, ReturnFindingRequest, StartRectificationRequest,
    SubmitRectificationRequest,
};
use tonic::Status;

use super::{Findings, request_id};

/// A finding to be opened, on an organization or a region.
pub(super) fn opening(organization: &str, region: &str) -> Finding {
    Finding {
        code: "idle_office".to_owned(),
        violation: "other".to_owned(),
        legal_basis: "《党政机关办公用房管理办法》第二十条".to_owned(),
        organization: organization.to_owned(),
        region: region.to_owned(),
        detail: "闲置办公用房未移交".to_owned(),
        since_on: "2017-06-01".to_owned(),
        ..Finding::default()
    }
}

fn open_request(finding: Finding) -> OpenFindingRequest {
    let finding = Some(finding);
    OpenFindingRequest { request_id: request_id(), finding, ..OpenFindingRequest::default() }
}

async fn open(client: &mut Findings, finding: Finding) -> Result<Finding, Status> {
    let answer = client.open_finding(open_request(finding)).await?;
    Ok(answer.into_inner().finding.unwrap())
}

pub(super) async fn opened(client: &mut Findings, finding: Finding) -> Finding {
    open(client, finding).await.unwrap()
}

async fn get(client: &mut Findings, id: &str) -> Result<(Finding, Vec<FindingEvent>), Status> {
    let answer = client.get_finding(GetFindingRequest { id: id.to_owned() }).await?.into_inner();
    Ok((answer.finding.unwrap(), answer.events))
}

async fn list(client: &mut Findings, request: ListFindingsRequest) -> Vec<Finding> {
    client.list_findings(request).await.unwrap().into_inner().findings
}

fn notifying(findings: &[&Finding]) -> NotifyFindingsRequest {
    let reference = |it: &&Finding| FindingReference { id: it.id.clone(), etag: it.etag.clone() };
    NotifyFindingsRequest {
        request_id: request_id(),
        findings: findings.iter().map(reference).collect(),
        circular_no: "宜机管通〔2017〕3号".to_owned(),
        deadline_on: "2017-06-30".to_owned(),
        text: "请于期限内整改".to_owned(),
        validate_only: false,
    }
}

/// What people do with a finding, all but opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Notify,
    Start,
    Submit,
    Close,
    Return,
    Dismiss,
}

const ACTS: [Act; 6] =
    [Act::Notify, Act::Start, Act::Submit, Act::Close, Act::Return, Act::Dismiss];

/// What a request says of itself.
#[derive(Debug, Clone, Default)]
struct Asking {
    request_id: String,
    validate_only: bool,
    accept_warnings: bool,
}

/// Does something with the finding, as it was read.
async fn act(client: &mut Findings, act: Act, finding: &Finding) -> Result<Finding, Status> {
    let asking = Asking { request_id: request_id(), ..Asking::default() };
    asked(client, act, finding, &asking).await
}

async fn asked(
    client: &mut Findings,
    act: Act,
    finding: &Finding,
    asking: &Asking,
) -> Result<Finding, Status> {
    let (id, etag) = (finding.id.clone(), finding.etag.clone());
    let Asking { request_id, validate_only, accept_warnings } = asking.clone();
    let answer = match act {
        Act::Notify => {
            let request =
                NotifyFindingsRequest { request_id, validate_only, ..notifying(&[finding]) };
            let notified = client.notify_findings(request).await?.into_inner().findings;
            return Ok(notified.into_iter().next().unwrap());
        }
        Act::Start => {
            let text = "六月底前移交".to_owned();
            let request = StartRectificationRequest { request_id, id, etag, text, validate_only };
            client.start_rectification(request).await?.into_inner().finding
        }
        Act::Submit => {
            let (text, proofs) = ("已移交".to_owned(), vec!["files/移交清单.pdf".to_owned()]);
            let request =
                SubmitRectificationRequest { request_id, id, etag, text, proofs, validate_only };
            client.submit_rectification(request).await?.into_inner().finding
        }
        Act::Close => {
            let text = "同意销号".to_owned();
            let request =
                CloseFindingRequest { request_id, id, etag, text, accept_warnings, validate_only };
            client.close_finding(request).await?.into_inner().finding
        }
        Act::Return => {
            let (text, deadline_on) = ("清单不全".to_owned(), "2017-07-15".to_owned());
            let request =
                ReturnFindingRequest { request_id, id, etag, text, deadline_on, validate_only };
            client.return_finding(request).await?.into_inner().finding
        }
        Act::Dismiss => {
            let text = "已有批复".to_owned();
            let request = DismissFindingRequest { request_id, id, etag, text, validate_only };
            client.dismiss_finding(request).await?.into_inner().finding
        }
    };
    Ok(answer.unwrap())
}

/// A finding of that state, with the occasion that tells it apart: submitted by the clerk.
async fn in_state(
    city: &mut Findings,
    clerk: &mut Findings,
    occasion: &str,
    state: FindingState,
) -> Finding {
    let way: &[Act] = match state {
        FindingState::Notified => &[Act::Notify],
        FindingState::Rectifying => &[Act::Notify, Act::Start],
        FindingState::Submitted => &[Act::Notify, Act::Submit],
        FindingState::Returned => &[Act::Notify, Act::Submit, Act::Return],
        FindingState::Closed => &[Act::Dismiss],
        _ => &[],
    };
    let new = Finding { occasion: occasion.to_owned(), ..opening(super::XILING, "") };
    let mut finding = opened(city, new).await;
    for step in way {
        let client =
            if matches!(step, Act::Start | Act::Submit) { &mut *clerk } else { &mut *city };
        finding = act(client, *step, &finding).await.unwrap();
    }
    assert_eq!(finding.state(), state);
    finding
}
