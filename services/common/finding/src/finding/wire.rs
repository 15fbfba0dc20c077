//! Findings on the wire.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REGION_MALFORMED, REPEATED, REQUIRED};
use steward_chassis::resource::given;
use steward_chassis::scope::Filter;
use steward_chassis::time::{self, to_proto};
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::Named;
use steward_proto::finding::v1 as proto;
use uuid::Uuid;

use super::{
    Act, Count, Counted, Done, FINDING_PLACE, Finding, FindingId, Listed, New, Place,
    RECTIFY_BY_PASSED, State, Step,
};
use crate::rule::RuleUnit;
use crate::rule::wire::{code, optional_code, unit_number};

const MAX_BASIS: usize = 400;
const MAX_RESOURCE: usize = 200;
const MAX_OCCASION: usize = 100;
const MAX_DETAIL: usize = 1000;
const MAX_TEXT: usize = 2000;
const MAX_PROOFS: usize = 10;
const MAX_PROOF: usize = 300;
const MAX_CIRCULAR: usize = 100;
const MAX_NOTIFIED: usize = 100;

/// A finding as it is on a day.
pub(super) fn finding(finding: &Finding, today: NaiveDate) -> proto::Finding {
    let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let organization = finding.organization.as_ref();
    proto::Finding {
        id: finding.id.to_string(),
        code: finding.code.clone(),
        rule_id: finding.rule.map(|id| id.to_string()).unwrap_or_default(),
        rule_version: finding.rule_version,
        violation: finding.violation.clone(),
        legal_basis: finding.legal_basis.clone(),
        resource: finding.resource.clone(),
        occasion: finding.occasion.clone(),
        organization: organization.map(ToString::to_string).unwrap_or_default(),
        region: finding.region.to_string(),
        detail: finding.detail.clone(),
        observed: finding.observed,
        limit: finding.limit,
        unit: unit_number(&finding.unit),
        since_on: finding.since.to_string(),
        state: finding.state.number(),
        resolution: finding.resolution.map_or(0, Named::number),
        deadline_on: text(finding.deadline),
        overdue: finding.is_overdue(today),
        cleared_time: finding.cleared_time.map(to_proto),
        circular_no: finding.circular_no.clone(),
        create_time: Some(to_proto(finding.create_time)),
        update_time: Some(to_proto(finding.update_time)),
        etag: finding.version.to_string(),
    }
}

impl From<&Done> for proto::FindingEvent {
    fn from(done: &Done) -> Self {
        Self {
            event_time: Some(to_proto(done.time)),
            subject: done.subject.clone(),
            kind: done.kind.number(),
            text: done.text.clone(),
            proofs: done.proofs.clone(),
            deadline_on: done.deadline.map(|day| day.to_string()).unwrap_or_default(),
        }
    }
}

/// What an open request asks for.
pub(super) fn new(ctx: &Ctx, request: &proto::OpenFindingRequest) -> Result<New> {
    let from = given("finding", request.finding.as_ref())?;
    let mut fields = Fields::new();
    let place = place(&mut fields, from, request.accept_warnings);
    let unit = fields.optional_named::<RuleUnit>("finding.unit", from.unit);
    let since = fields.past_day("finding.since_on", &from.since_on, ctx.today());
    let code = code(&mut fields, "finding.code", &from.code);
    let violation = optional_code(&mut fields, "finding.violation", &from.violation);
    let legal_basis = fields.required_text("finding.legal_basis", &from.legal_basis, MAX_BASIS);
    let resource = fields.text("finding.resource", &from.resource, MAX_RESOURCE);
    let occasion = fields.text("finding.occasion", &from.occasion, MAX_OCCASION);
    let detail = fields.required_text("finding.detail", &from.detail, MAX_DETAIL);
    let (observed, limit) = (from.observed, from.limit);
    let unit = unit.unwrap_or(RuleUnit::None).text();
    fields.finish_with(place.zip(since).map(|(place, since)| New {
        place,
        code,
        violation,
        legal_basis,
        resource,
        occasion,
        detail,
        observed,
        limit,
        unit,
        since,
    }))
}

fn place(fields: &mut Fields, from: &proto::Finding, accept_warnings: bool) -> Option<Place> {
    match (from.organization.is_empty(), from.region.is_empty()) {
        (false, true) => {
            let at = "finding.organization";
            fields.organization(at, &from.organization, accept_warnings).map(Place::Organization)
        }
        (true, false) => {
            fields.parse("finding.region", &from.region, &REGION_MALFORMED).map(Place::Region)
        }
        _ => {
            let message = "one of organization and region is to be given";
            fields.refuse("finding.organization", &FINDING_PLACE, message);
            None
        }
    }
}

/// Which finding a get request asks for.
pub(super) fn id(request: &proto::GetFindingRequest) -> Result<FindingId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// A page of findings goes on after an id.
type Key = u128;

/// Which findings a list request asks for.
pub(super) fn listed(request: &proto::ListFindingsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListFindingsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let behind = fields.optional("after_id", &request.after_id, &ID_MALFORMED);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        states: states(&mut fields, &request.states),
        code: given(optional_code(&mut fields, "code", &request.code)),
        violation: given(optional_code(&mut fields, "violation", &request.violation)),
        resource: given(fields.text("resource", &request.resource, MAX_RESOURCE)),
        overdue: request.overdue,
        after: page.after.map(|id| FindingId::from_uuid(Uuid::from_u128(id))).or(behind),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

fn states(fields: &mut Fields, numbers: &[i32]) -> Vec<State> {
    let mut states = Vec::new();
    for (i, number) in numbers.iter().enumerate() {
        let field = format!("states[{i}]");
        let Some(state) = fields.named::<State>(&field, *number) else { break };
        if states.contains(&state) {
            fields.refuse(&field, &REPEATED, "stands there twice");
            break;
        }
        states.push(state);
    }
    states
}

/// A page of the answer.
pub(super) fn page(
    ctx: &Ctx,
    page: &Page<Key>,
    findings: Vec<Finding>,
) -> Result<proto::ListFindingsResponse> {
    let key = |it: &Finding| it.id.uuid().as_u128();
    let (findings, next_page_token) = page.cut(findings, key)?;
    let findings = findings.iter().map(|it| finding(it, ctx.today())).collect();
    Ok(proto::ListFindingsResponse { findings, next_page_token })
}

/// What a summarize request asks for.
pub(super) fn counted(request: &proto::SummarizeFindingsRequest) -> Result<Counted> {
    let mut fields = Fields::new();
    let (from, until) = (request.opened_from_time.as_ref(), request.opened_until_time.as_ref());
    let counted = Counted {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        from: from.and_then(|at| time::parse(&mut fields, "opened_from_time", at)),
        until: until.and_then(|at| time::parse(&mut fields, "opened_until_time", at)),
    };
    fields.finish_with(Some(counted))
}

/// The counts for the wire.
pub(super) fn counts(
    ctx: &Ctx,
    counts: &[Count],
    scope_limited: bool,
) -> proto::SummarizeFindingsResponse {
    let live = counts.iter().filter(|it| it.state != State::Closed);
    let regions: BTreeSet<_> = counts.iter().map(|it| it.region.clone()).collect();
    let count = |it: &Count| proto::FindingCount {
        region: it.region.clone(),
        code: it.code.clone(),
        state: it.state.number(),
        finding_count: it.findings,
        overdue_count: it.overdue,
    };
    proto::SummarizeFindingsResponse {
        counts: counts.iter().map(count).collect(),
        finding_count: counts.iter().map(|it| it.findings).sum(),
        live_count: live.map(|it| it.findings).sum(),
        overdue_count: counts.iter().map(|it| it.overdue).sum(),
        scope_limited,
        counted_regions: regions.into_iter().collect(),
        read_time: Some(to_proto(ctx.now())),
    }
}

/// What a notify request asks for.
pub(super) fn notify(ctx: &Ctx, request: &proto::NotifyFindingsRequest) -> Result<Vec<Step>> {
    let mut fields = Fields::new();
    if request.findings.is_empty() {
        fields.refuse("findings", &REQUIRED, "is required");
    }
    fields.at_most("findings", request.findings.len(), MAX_NOTIFIED);
    let circular_no = fields.required_text("circular_no", &request.circular_no, MAX_CIRCULAR);
    let deadline = deadline(&mut fields, ctx, &request.deadline_on);
    let text = fields.text("text", &request.text, MAX_TEXT);
    let (mut steps, mut ids) = (Vec::new(), BTreeSet::new());
    for (i, reference) in request.findings.iter().enumerate().take(MAX_NOTIFIED) {
        let id =
            fields.parse::<FindingId>(&format!("findings[{i}].id"), &reference.id, &ID_MALFORMED);
        let version = fields.etag(&format!("findings[{i}].etag"), &reference.etag);
        let Some((id, version)) = id.zip(version) else { continue };
        if !ids.insert(id) {
            fields.refuse(&format!("findings[{i}].id"), &REPEATED, "stands there twice");
        }
        let (text, circular_no) = (text.clone(), circular_no.clone());
        let act = Act::Notify;
        steps.push(Step { id, version, act, text, proofs: Vec::new(), deadline, circular_no });
    }
    fields.finish_with(Some(steps))
}

/// The day until which something is to be rectified.
fn deadline(fields: &mut Fields, ctx: &Ctx, text: &str) -> Option<NaiveDate> {
    let day = fields.day("deadline_on", text)?;
    if day < ctx.today() {
        fields.refuse("deadline_on", &RECTIFY_BY_PASSED, format!("{day} has passed"));
    }
    Some(day)
}

/// What a request asks to do with one finding.
pub(super) struct Asked<'a> {
    pub(super) act: Act,
    pub(super) id: &'a str,
    pub(super) etag: &'a str,
    pub(super) text: &'a str,
    pub(super) proofs: &'a [String],
    /// `None` = the act sets none.
    pub(super) deadline_on: Option<&'a str>,
}

/// The same, read.
pub(super) fn step(ctx: &Ctx, asked: &Asked<'_>) -> Result<Step> {
    let mut fields = Fields::new();
    let id = fields.parse("id", asked.id, &ID_MALFORMED);
    let version = fields.etag("etag", asked.etag);
    let text = fields.required_text("text", asked.text, MAX_TEXT);
    fields.at_most("proofs", asked.proofs.len(), MAX_PROOFS);
    let proofs = asked.proofs.iter().enumerate().take(MAX_PROOFS);
    let proof = |(i, text): (usize, &String)| {
        fields.required_text(&format!("proofs[{i}]"), text, MAX_PROOF)
    };
    let proofs = proofs.map(proof).collect();
    let deadline = asked.deadline_on.and_then(|text| deadline(&mut fields, ctx, text));
    let (act, circular_no) = (asked.act, String::new());
    let step = id.zip(version).map(|(id, version)| Step {
        id,
        version,
        act,
        text,
        proofs,
        deadline,
        circular_no,
    });
    fields.finish_with(step)
}

/// What the audit trail keeps of a change.
pub(super) fn event(ctx: &Ctx, old: Option<&Finding>, new: &Finding) -> Result<Event> {
    let event = Event::new("finding", new.id.to_string());
    let mut event = match &new.organization {
        Some(organization) => event.of(organization, &new.region),
        None => event.in_region(&new.region),
    };
    if let Some(old) = old {
        event = event.before(&finding(old, ctx.today()))?;
    }
    event.after(&finding(new, ctx.today()))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::{EventKind, Resolution, State};

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<State>("steward.finding.v1.FindingState"), [""; 0]);
        assert_eq!(unlike::<Resolution>("steward.finding.v1.FindingResolution"), [""; 0]);
        assert_eq!(unlike::<EventKind>("steward.finding.v1.FindingEventKind"), [""; 0]);
    }
}
