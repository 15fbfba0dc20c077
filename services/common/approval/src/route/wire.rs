//! Routes on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REGION_MALFORMED, REQUIRED};
use steward_chassis::resource::given;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::{Fen, Named as _};
use steward_proto::approval::v1 as proto;

use super::{KIND_UNKNOWN, Key, Listed, Route, RouteId, Set, Step};
use crate::Kind;

const MAX_CODE: usize = 64;
const MAX_NOTE: usize = 500;
const MAX_STEPS: usize = 10;
const MAX_WORKING_DAYS: i32 = 60;
/// More than any request asks for.
pub(crate) const MAX_AMOUNT_FEN: i64 = 100_000_000_000_000;

impl From<&Route> for proto::Route {
    fn from(route: &Route) -> Self {
        let step = |step: &Step| proto::RouteStep {
            position: step.position.number(),
            working_days: step.working_days.try_into().unwrap_or(i32::MAX),
        };
        Self {
            id: route.id.to_string(),
            kind: route.key.kind.clone(),
            category: route.key.category.clone(),
            region: route.key.region.to_string(),
            amount_from_fen: route.key.amount_from.get(),
            steps: route.steps.iter().map(step).collect(),
            note: route.note.clone(),
            shipped: route.shipped,
            create_time: Some(to_proto(route.create_time)),
            update_time: Some(to_proto(route.update_time)),
            etag: route.version.to_string(),
        }
    }
}

/// What a set request asks for.
pub(super) fn set(kinds: &[Kind], request: &proto::SetRouteRequest) -> Result<Set> {
    let from = given("route", request.route.as_ref())?;
    let mut fields = Fields::new();
    let kind = fields.required_text("route.kind", &from.kind, MAX_CODE);
    if !kind.is_empty() && !kinds.iter().any(|known| known.code == kind) {
        fields.refuse("route.kind", &KIND_UNKNOWN, format!("there is no kind {kind}"));
    }
    let category = fields.text("route.category", &from.category, MAX_CODE);
    let region = fields.parse("route.region", &from.region, &REGION_MALFORMED);
    let amount = fields.within("route.amount_from_fen", from.amount_from_fen, 0..=MAX_AMOUNT_FEN);
    let steps = steps(&mut fields, &from.steps);
    let note = fields.text("route.note", &from.note, MAX_NOTE);
    let version = if from.etag.is_empty() { None } else { fields.etag("route.etag", &from.etag) };
    let set = region.zip(amount).map(|(region, amount)| {
        let key = Key { kind, category, region, amount_from: Fen::new(amount) };
        Set { key, steps, note, version }
    });
    fields.finish_with(set)
}

fn steps(fields: &mut Fields, steps: &[proto::RouteStep]) -> Vec<Step> {
    if steps.is_empty() {
        fields.refuse("route.steps", &REQUIRED, "a route has a step at least");
    }
    fields.at_most("route.steps", steps.len(), MAX_STEPS);
    let mut read = Vec::new();
    for (i, step) in steps.iter().enumerate().take(MAX_STEPS) {
        let at = |field: &str| format!("route.steps[{i}].{field}");
        let position = fields.named(&at("position"), step.position);
        let days = fields.within(&at("working_days"), step.working_days, 1..=MAX_WORKING_DAYS);
        let days = days.and_then(|days| u32::try_from(days).ok());
        let step = position.zip(days);
        read.extend(step.map(|(position, working_days)| Step { position, working_days }));
    }
    read
}

/// Which route of which version a delete request names.
pub(super) fn deleted(request: &proto::DeleteRouteRequest) -> Result<(RouteId, i64)> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    fields.finish_with(id.zip(version))
}

/// A page of routes goes on after kind, category, region and amount.
type After = (String, String, String, i64);

/// Which routes a list request asks for.
pub(super) fn listed(request: &proto::ListRoutesRequest) -> Result<(Page<After>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListRoutesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<After> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let kind = fields.text("kind", &request.kind, MAX_CODE);
    let listed = Listed {
        kind: Some(kind).filter(|it| !it.is_empty()),
        after: page.after.clone(),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<After>, routes: Vec<Route>) -> Result<proto::ListRoutesResponse> {
    let (routes, next_page_token) = page.cut(routes, |it| {
        let key = it.key.clone();
        (key.kind, key.category, key.region.to_string(), key.amount_from.get())
    })?;
    let routes = routes.iter().map(proto::Route::from).collect();
    Ok(proto::ListRoutesResponse { routes, next_page_token })
}

/// The kinds of a domain.
pub(super) fn kinds(kinds: &[Kind]) -> proto::ListKindsResponse {
    let kind = |kind: &Kind| proto::Kind { code: kind.code.into(), name: kind.name.into() };
    proto::ListKindsResponse { kinds: kinds.iter().map(kind).collect() }
}

/// What the audit trail keeps of a change of `route`.
pub(super) fn event(old: Option<&Route>, new: Option<&Route>, route: &Route) -> Result<Event> {
    let mut event = Event::new("route", route.id.to_string()).in_regions(&route.key.region);
    if let Some(old) = old {
        event = event.before(&proto::Route::from(old))?;
    }
    match new {
        Some(new) => event.after(&proto::Route::from(new)),
        None => Ok(event),
    }
}
