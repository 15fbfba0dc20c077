//! Approvals on the wire.

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Fen, Named as _};
use steward_ledger::Catalogue;
use steward_ledger::budget::YEARS;
use steward_ledger::catalogue::{CATEGORY_UNKNOWN, Nature};
use steward_proto::approval::v1 as proto;
use uuid::Uuid;

use super::{
    Approval, ApprovalId, CATEGORY_NOT_COST, Decide, Decision, Deed, Expenditure, Listed, Money,
    Resubmit, State, TakeBack, Task, Whole,
};
use crate::officeholder::wire::MAX_SUBJECT;
use crate::route::wire::MAX_AMOUNT_FEN;

const MAX_TITLE: usize = 200;
const MAX_OPINION: usize = 1000;
const MAX_OVERRIDE: usize = 500;
const MAX_RESOURCE: usize = 200;
const MAX_KIND: usize = 64;
const MAX_KINDS: usize = 20;

/// A request as it is on a day, without its steps and deeds.
fn approval(it: &Approval, today: NaiveDate) -> proto::Approval {
    let waits = it.waits;
    proto::Approval {
        id: it.id.to_string(),
        kind: it.kind.clone(),
        category: it.category.clone(),
        organization: it.organization.to_string(),
        counterpart: it.counterpart.as_ref().map(ToString::to_string).unwrap_or_default(),
        resource: it.resource.clone(),
        title: it.title.clone(),
        reason: it.reason.clone(),
        money: it.money.as_ref().map(money),
        requested_by: it.requested_by.clone(),
        state: it.state.number(),
        round: it.round,
        step: waits.map_or(0, |waits| waits.step),
        position: waits.map_or(0, |waits| waits.position.number()),
        due_on: waits.map(|waits| waits.due_on.to_string()).unwrap_or_default(),
        overdue: waits.is_some_and(|waits| waits.due_on < today),
        create_time: Some(to_proto(it.create_time)),
        update_time: Some(to_proto(it.update_time)),
        approve_time: it.approve_time.map(to_proto),
        etag: it.version.to_string(),
        ..proto::Approval::default()
    }
}

fn money(money: &Money) -> proto::ApprovalMoney {
    proto::ApprovalMoney {
        paid_by: money.paid_by.to_string(),
        fiscal_year: money.fiscal_year,
        category: money.category.clone(),
        amount_fen: money.amount.get(),
        budget_override_reason: money.override_reason.clone(),
    }
}

fn decision(deed: &Deed) -> proto::ApprovalDecision {
    proto::ApprovalDecision {
        number: deed.number.try_into().unwrap_or(i32::MAX),
        round: deed.round,
        step: deed.step.map_or(0, |(step, _)| step),
        position: deed.step.map_or(0, |(_, position)| position.number()),
        action: deed.action.number(),
        opinion: deed.opinion.clone(),
        decided_by: deed.decided_by.clone(),
        on_behalf_of: deed.on_behalf_of.clone(),
        decide_time: Some(to_proto(deed.decide_time)),
    }
}

/// A request as it is on a day.
pub(super) fn whole(it: &Whole, today: NaiveDate) -> proto::Approval {
    let step = |(number, step): (i32, &crate::route::Step)| proto::ApprovalStep {
        number,
        position: step.position.number(),
        working_days: step.working_days.try_into().unwrap_or(i32::MAX),
    };
    proto::Approval {
        steps: (1..).zip(&it.steps).map(step).collect(),
        decisions: it.deeds.iter().map(decision).collect(),
        ..approval(&it.approval, today)
    }
}

/// What a request for an expenditure asks for.
pub(super) fn expenditure(
    catalogue: &Catalogue,
    request: &proto::RequestExpenditureRequest,
) -> Result<Expenditure> {
    let accept = request.accept_warnings;
    let mut fields = Fields::new();
    let organization = fields.organization("organization", &request.organization, accept);
    let paid_by = if request.paid_by.is_empty() {
        organization.clone()
    } else {
        fields.organization("paid_by", &request.paid_by, accept)
    };
    let category = category(&mut fields, catalogue, &request.category);
    let amount = fields.within("amount_fen", request.amount_fen, 1..=MAX_AMOUNT_FEN);
    let fiscal_year = fields.within("fiscal_year", request.fiscal_year, YEARS);
    let resource = fields.text("resource", &request.resource, MAX_RESOURCE);
    let resource = Some(resource).filter(|it| !it.is_empty());
    let title = fields.required_text("title", &request.title, MAX_TITLE);
    let reason = fields.text("reason", &request.reason, MAX_OPINION);
    let why = &request.budget_override_reason;
    let override_reason = fields.text("budget_override_reason", why, MAX_OVERRIDE);
    let parts = organization.zip(paid_by).zip(category).zip(amount.zip(fiscal_year));
    let asked = parts.map(|(((organization, paid_by), category), (amount, fiscal_year))| {
        let amount = Fen::new(amount);
        let money = Money { paid_by, fiscal_year, category, amount, override_reason };
        Expenditure { organization, money, resource, title, reason }
    });
    fields.finish_with(asked)
}

/// A category that costs something.
fn category(fields: &mut Fields, catalogue: &Catalogue, code: &str) -> Option<String> {
    if code.is_empty() {
        fields.refuse("category", &REQUIRED, "is required");
        return None;
    }
    let Some(category) = catalogue.get(code) else {
        fields.refuse("category", &CATEGORY_UNKNOWN, format!("{code} is not a category"));
        return None;
    };
    if category.nature == Nature::Revenue {
        fields.refuse("category", &CATEGORY_NOT_COST, format!("{code} is revenue"));
        return None;
    }
    Some(category.code.clone())
}

/// Which request a get request asks for.
pub(super) fn id(request: &proto::GetApprovalRequest) -> Result<ApprovalId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// A page of requests goes on after an id.
type Key = u128;

/// Which requests a list request asks for.
pub(super) fn listed(request: &proto::ListApprovalsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListApprovalsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    fields.at_most("kinds", request.kinds.len(), MAX_KINDS);
    let kinds = request.kinds.iter().enumerate().take(MAX_KINDS);
    let kinds =
        kinds.map(|(i, kind)| fields.text(&format!("kinds[{i}]"), kind, MAX_KIND)).collect();
    fields.at_most("states", request.states.len(), State::ALL.len());
    let states = request.states.iter().enumerate().take(State::ALL.len());
    let states = states.filter_map(|(i, it)| fields.named(&format!("states[{i}]"), *it)).collect();
    let resource = fields.text("resource", &request.resource, MAX_RESOURCE);
    let requested_by = fields.text("requested_by", &request.requested_by, MAX_SUBJECT);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        kinds,
        states,
        resource: Some(resource).filter(|it| !it.is_empty()),
        requested_by: Some(requested_by).filter(|it| !it.is_empty()),
        before: page.after.map(|id| ApprovalId::from_uuid(Uuid::from_u128(id))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    approvals: &[Approval],
    today: NaiveDate,
) -> Result<proto::ListApprovalsResponse> {
    let rows: Vec<_> =
        approvals.iter().map(|it| (it.id.uuid().as_u128(), approval(it, today))).collect();
    let (rows, next_page_token) = page.cut(rows, |(id, _)| *id)?;
    let approvals = rows.into_iter().map(|(_, approval)| approval).collect();
    Ok(proto::ListApprovalsResponse { approvals, next_page_token })
}

/// A page of what waits for the caller goes on after a request.
pub(super) type After = (Option<ApprovalId>, i64);

/// Which page of what waits for the caller is asked for.
pub(super) fn waiting(ctx: &Ctx, request: &proto::ListTasksRequest) -> Result<(Page<Key>, After)> {
    let mut fields = Fields::new();
    // Each has a list of his own.
    let list = format!("tasks of {} after {}", ctx.subject(), request.after_id);
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &list);
    let behind = fields.optional("after_id", &request.after_id, &ID_MALFORMED);
    let after = page.after.map(|id| ApprovalId::from_uuid(Uuid::from_u128(id))).or(behind);
    let limit = page.limit();
    fields.finish_with(Some((page, (after, limit))))
}

/// A page of what waits for the caller.
pub(super) fn tasks(
    page: &Page<Key>,
    tasks: Vec<Task>,
    today: NaiveDate,
) -> Result<proto::ListTasksResponse> {
    let (tasks, next_page_token) = page.cut(tasks, |it| it.approval.id.uuid().as_u128())?;
    let task = |it: Task| proto::Task {
        approval: Some(approval(&it.approval, today)),
        on_behalf_of: it.on_behalf_of,
    };
    Ok(proto::ListTasksResponse { tasks: tasks.into_iter().map(task).collect(), next_page_token })
}

/// What a decide request asks for.
pub(super) fn decide(request: &proto::DecideApprovalRequest) -> Result<Decide> {
    let mut fields = Fields::new();
    let key = key(&mut fields, &request.id, &request.etag);
    let decision = fields.named("decision", request.decision);
    let opinion = match decision {
        None | Some(Decision::Approve) => fields.text("opinion", &request.opinion, MAX_OPINION),
        Some(_) => fields.required_text("opinion", &request.opinion, MAX_OPINION),
    };
    let holder = fields.text("on_behalf_of", &request.on_behalf_of, MAX_SUBJECT);
    let on_behalf_of = Some(holder).filter(|it| !it.is_empty());
    let asked = key.zip(decision).map(|((id, version), decision)| Decide {
        id,
        version,
        decision,
        opinion,
        on_behalf_of,
    });
    fields.finish_with(asked)
}

/// What a withdraw request asks for.
pub(super) fn withdraw(request: &proto::WithdrawApprovalRequest) -> Result<TakeBack> {
    let mut fields = Fields::new();
    let key = key(&mut fields, &request.id, &request.etag);
    let reason = fields.text("reason", &request.reason, MAX_OPINION);
    fields.finish_with(key.map(|(id, version)| TakeBack { id, version, reason }))
}

/// What a cancel request asks for.
pub(super) fn cancel(request: &proto::CancelExpenditureRequest) -> Result<TakeBack> {
    let mut fields = Fields::new();
    let key = key(&mut fields, &request.id, &request.etag);
    let reason = fields.required_text("reason", &request.reason, MAX_OPINION);
    fields.finish_with(key.map(|(id, version)| TakeBack { id, version, reason }))
}

/// What a resubmit request asks for.
pub(super) fn resubmit(request: &proto::ResubmitApprovalRequest) -> Result<Resubmit> {
    let mut fields = Fields::new();
    let key = key(&mut fields, &request.id, &request.etag);
    let opinion = fields.text("opinion", &request.opinion, MAX_OPINION);
    let amount = fields.within("amount_fen", request.amount_fen, 0..=MAX_AMOUNT_FEN);
    let amount = amount.filter(|fen| *fen > 0).map(Fen::new);
    let title = fields.text("title", &request.title, MAX_TITLE);
    let title = Some(title).filter(|it| !it.is_empty());
    let why = &request.budget_override_reason;
    let why = fields.text("budget_override_reason", why, MAX_OVERRIDE);
    let override_reason = Some(why).filter(|it| !it.is_empty());
    let asked =
        key.map(|(id, version)| Resubmit { id, version, opinion, amount, title, override_reason });
    fields.finish_with(asked)
}

/// The request that is meant, in the version that was read.
fn key(fields: &mut Fields, id: &str, etag: &str) -> Option<(ApprovalId, i64)> {
    let id = fields.parse("id", id, &ID_MALFORMED);
    id.zip(fields.etag("etag", etag))
}

/// What the audit trail keeps of a change.
pub(super) fn event(today: NaiveDate, old: Option<&Whole>, new: &Whole) -> Result<Event> {
    let it = &new.approval;
    let mut event = Event::new("approval", it.id.to_string()).of(&it.organization, &it.region);
    if let Some(old) = old {
        event = event.before(&whole(old, today))?;
    }
    event.after(&whole(new, today))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::Action;
    use super::*;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<State>("steward.approval.v1.ApprovalState"), [""; 0]);
        assert_eq!(unlike::<Decision>("steward.approval.v1.Decision"), [""; 0]);
        assert_eq!(unlike::<Action>("steward.approval.v1.ApprovalAction"), [""; 0]);
    }
}
