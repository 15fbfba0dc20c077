//! Norms on the wire.

use chrono::Datelike as _;
use steward_chassis::audit::Event;
use steward_chassis::fields::ID_MALFORMED;
use steward_chassis::resource::given;
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Fen, Named, rounded_quotient};
use steward_ledger::budget::YEARS;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Listed, NORM_SUBJECT, Norm, NormId, Setting, Subject, Used};
use crate::vehicle::Body;

const MAX_AMOUNT_FEN: i64 = 100_000_000_000;
const MAX_ML_PER_100KM: i64 = 1_000_000;
const MAX_DOCUMENT: usize = 200;

impl From<&Used> for proto::Norm {
    fn from(used: &Used) -> Self {
        Self {
            vehicle_count: used.vehicles,
            used_fen: used.running,
            used_bp: rounded_quotient(i128::from(used.running) * 10_000, used.allowed.into()),
            over_count: used.over,
            ..Self::from(&used.norm)
        }
    }
}

/// As it was set, without what is used of it.
impl From<&Norm> for proto::Norm {
    fn from(norm: &Norm) -> Self {
        let (vehicle_id, body) = match &norm.subject {
            Subject::Vehicle(id) => (id.to_string(), 0),
            Subject::Fleet(_, body) => (String::new(), body.map_or(0, Named::number)),
        };
        Self {
            id: norm.id.to_string(),
            vehicle_id,
            organization: norm.organization.to_string(),
            body,
            fiscal_year: norm.fiscal_year,
            amount_fen: norm.amount.map(Fen::get),
            fuel_ml_per_100km: norm.fuel_ml_per_100km,
            document: norm.document.clone(),
            update_time: Some(to_proto(norm.update_time)),
            etag: norm.version.to_string(),
            ..Self::default()
        }
    }
}

/// What a set request asks for.
pub(super) fn setting(request: &proto::SetNormRequest) -> Result<Setting> {
    let from = given("norm", request.norm.as_ref())?;
    let mut fields = Fields::new();
    let subject = subject(&mut fields, from, request.accept_warnings);
    let fiscal_year = fields.within("norm.fiscal_year", from.fiscal_year, YEARS);
    let amount =
        from.amount_fen.and_then(|fen| fields.within("norm.amount_fen", fen, 1..=MAX_AMOUNT_FEN));
    let fuel_ml_per_100km = from.fuel_ml_per_100km.and_then(|millilitres| {
        fields.within("norm.fuel_ml_per_100km", millilitres, 1..=MAX_ML_PER_100KM)
    });
    let document = fields.text("norm.document", &from.document, MAX_DOCUMENT);
    let new = from.etag.is_empty();
    let version = if new { None } else { fields.etag("norm.etag", &from.etag) };
    let setting = subject.zip(fiscal_year).map(|(subject, fiscal_year)| Setting {
        subject,
        fiscal_year,
        amount: amount.map(Fen::new),
        fuel_ml_per_100km,
        document,
        version,
    });
    fields.finish_with(setting)
}

fn subject(fields: &mut Fields, from: &proto::Norm, accept: bool) -> Option<Subject> {
    let body: Option<Body> = fields.optional_named("norm.body", from.body);
    match (from.vehicle_id.is_empty(), from.organization.is_empty()) {
        (true, false) => {
            let code = fields.organization("norm.organization", &from.organization, accept);
            code.map(|code| Subject::Fleet(code, body))
        }
        // Who holds it is told in answers, which may be sent back as they are.
        (false, _) if from.body == 0 => {
            fields.parse("norm.vehicle_id", &from.vehicle_id, &ID_MALFORMED).map(Subject::Vehicle)
        }
        _ => {
            let message = "either a vehicle, or an organization and perhaps a body";
            fields.refuse("norm", &NORM_SUBJECT, message);
            None
        }
    }
}

/// A page of norms goes on after an id.
type Key = u128;

/// Which norms a list request asks for.
pub(super) fn listed(ctx: &Ctx, request: &proto::ListNormsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListNormsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let asked = request.fiscal_year;
    let year = if asked == 0 { ctx.today().year() } else { asked };
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        fiscal_year: fields.within("fiscal_year", year, YEARS).unwrap_or_default(),
        after: page.after.map(|id| NormId::from_uuid(Uuid::from_u128(id))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<Key>, norms: Vec<Used>) -> Result<proto::ListNormsResponse> {
    let (norms, next_page_token) = page.cut(norms, |it| it.norm.id.uuid().as_u128())?;
    let norms = norms.iter().map(proto::Norm::from).collect();
    Ok(proto::ListNormsResponse { norms, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Norm>, new: &Norm) -> Result<Event> {
    let mut event = Event::new("norm", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Norm::from(old))?;
    }
    event.after(&proto::Norm::from(new))
}
