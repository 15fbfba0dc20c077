//! Holding a vehicle against the rules: the standards, how it came and is kept, and what is due. What is
//! broken is a finding, never a refusal.

use chrono::{Months, NaiveDate};
use steward_chassis::{Ctx, Fields, Result, scope};
use steward_db::Tx;
use steward_finding::finding::{Breach, Observation};
use steward_finding::rule::{self, Rules};
use steward_kernel::OrganizationCode;

use super::{ACQUISITION_MISSING, State, Vehicle};
use crate::establishment;
use crate::standard::{self, Excess, GuaranteeMode, Keeping, Needs, Subject};

const UNAPPROVED: &str = "unapproved_acquisition";
/// What says that a vehicle came as it may not, or stands in another's name.
pub(super) const OF_COMING: [&str; 3] = [standard::SOURCE, standard::OWNER, UNAPPROVED];
const INSPECTION: &str = "vehicle_inspection";
const INSURANCE: &str = "vehicle_insurance";
const RENEWAL_YEARS: &str = "vehicle_renewal_years";
const MONTHS_A_YEAR: u32 = 12;

/// Whether a finding of this code rests on what a vehicle is, how it came, or whose it is.
pub(super) fn rests_on_facts(code: &str) -> bool {
    code == UNAPPROVED || standard::CODES.contains(&code)
}

/// What is known of an organization that its vehicles are judged by.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    /// Its kind, as the directory names it.
    kind: Option<String>,
    /// The first day on which a grant of it was in effect.
    granted_since: Option<NaiveDate>,
}

/// What is known of an organization.
pub(super) async fn holder(tx: &mut Tx, ctx: &Ctx, code: &OrganizationCode) -> Result<Holder> {
    let kind = scope::store::kind(tx, code).await?;
    let granted_since = establishment::granted_since(tx, code, ctx.today()).await?;
    Ok(Holder { kind, granted_since })
}

/// The rules that vehicles are held against.
pub(super) async fn rules(tx: &mut Tx) -> Result<Rules> {
    let own = [UNAPPROVED, INSPECTION, INSURANCE, RENEWAL_YEARS];
    rule::load(tx, &[&standard::READ[..], &own].concat()).await
}

/// Warns of a vehicle that came without a request after its organization was first granted an
/// establishment.
pub(super) fn check_acquisition(
    fields: &mut Fields,
    accept: bool,
    holder: &Holder,
    vehicle: &Vehicle,
) {
    if is_unapproved(holder, vehicle) {
        let message = "came after the first grant of an establishment, without a request";
        fields.warn(accept, "vehicle.acquired_on", &ACQUISITION_MISSING, message);
    }
}

fn is_unapproved(holder: &Holder, vehicle: &Vehicle) -> bool {
    let since = holder.granted_since.filter(|_| vehicle.acquisition.is_none());
    since.is_some_and(|since| vehicle.content.acquired_on >= since)
}

/// Judges a vehicle as of a day: writes what was seen into it, and tells it for every rule, broken or not.
pub(super) fn judge(
    rules: &Rules,
    holder: &Holder,
    vehicle: &mut Vehicle,
    today: NaiveDate,
) -> Vec<Observation> {
    let held = vehicle.state == State::Held;
    let broken = if held { broken(rules, holder, vehicle, today) } else { Vec::new() };
    vehicle.renewal_due_on =
        if held { renewal_due_on(rules, holder, vehicle, today) } else { None };
    vehicle.breach_count = i64::try_from(broken.len()).unwrap_or(i64::MAX);
    let own = [UNAPPROVED, INSPECTION, INSURANCE];
    let codes = standard::CODES.into_iter().chain(own);
    // How it came is not right because it is gone: that is for people to close.
    let is_over = |code: &&str| vehicle.state != State::Disposed || !OF_COMING.contains(code);
    codes.filter(is_over).filter_map(|code| observed(rules, vehicle, &broken, code)).collect()
}

/// What was seen of one code. A rule that holds is told in any version: it is only that it holds.
fn observed(
    rules: &Rules,
    vehicle: &Vehicle,
    broken: &[Excess],
    code: &str,
) -> Option<Observation> {
    let excess = broken.iter().find(|excess| excess.rule.code == code);
    let rule = match excess {
        Some(excess) => &excess.rule,
        None => rules.iter().find(|rule| rule.code == code)?,
    };
    let breach = excess.map(|excess| Breach {
        observed: excess.observed,
        limit: excess.limit,
        detail: format!("{}:{}", vehicle.content.plate, excess.detail),
        since: excess.since,
    });
    Some(Observation {
        rule: rule.clone(),
        resource: vehicle.resource(),
        occasion: String::new(),
        organization: vehicle.organization.clone(),
        region: vehicle.region.clone(),
        breach,
    })
}

fn broken(rules: &Rules, holder: &Holder, vehicle: &Vehicle, today: NaiveDate) -> Vec<Excess> {
    let content = &vehicle.content;
    let find =
        |code, day| rules.find(code, "", &vehicle.region, holder.kind.as_deref(), day).cloned();
    let excess = |code, day, since, detail| {
        find(code, day).map(|rule| Excess { rule, observed: 1, limit: 0, detail, since })
    };
    let mut broken = standard::check(rules, &subject(holder, vehicle, today));
    if is_unapproved(holder, vehicle) {
        let detail = "编制核定后取得,没有配备审批".to_owned();
        broken.extend(excess(UNAPPROVED, content.acquired_on, content.acquired_on, detail));
    }
    if let Some(due) = lapsed(content.inspection_due_on, today) {
        let since = due.succ_opt().unwrap_or(due);
        broken.extend(excess(INSPECTION, today, since, format!("检验有效期至 {due},未按期检验")));
    }
    if let Some(until) = ended(content.insured_until, today) {
        let last = until.pred_opt().unwrap_or(until);
        broken.extend(excess(INSURANCE, today, until, format!("保险有效期至 {last},未续保")));
    }
    broken
}

/// Until when a vehicle was inspected, if that is over on a day.
pub(crate) fn lapsed(due: Option<NaiveDate>, day: NaiveDate) -> Option<NaiveDate> {
    due.filter(|due| *due < day)
}

/// From when on a vehicle is not insured, if it is not on a day.
pub(crate) fn ended(until: Option<NaiveDate>, day: NaiveDate) -> Option<NaiveDate> {
    until.filter(|until| *until <= day)
}

pub(super) fn subject(holder: &Holder, vehicle: &Vehicle, today: NaiveDate) -> Subject {
    let content = &vehicle.content;
    let fixed = !content.fixed_to.is_empty();
    Subject {
        category: content.category,
        body: content.body,
        power_source: content.power_source,
        displacement_ml: content.displacement_ml,
        price: content.price_fen,
        price_before_tax: content.price_before_tax_fen,
        needs: Needs {
            special: !content.special_need_reason.is_empty(),
            work: !content.work_need_reason.is_empty(),
        },
        domestic: content.domestic,
        source: content.source,
        keeping: Keeping {
            owner_elsewhere: !content.registered_owner.is_empty(),
            luxury: !content.luxury_fitout.is_empty(),
            fixed,
        },
        subsidised: fixed && content.guarantee_mode == Some(GuaranteeMode::Subsidy),
        rank: content.leader_rank.filter(|_| fixed),
        region: vehicle.region.clone(),
        kind: holder.kind.clone(),
        acquired_on: content.acquired_on,
        seen_on: today,
    }
}

/// From when a vehicle may be renewed, by the rule of today: its life runs from the first registration.
pub(super) fn renewal_due_on(
    rules: &Rules,
    holder: &Holder,
    vehicle: &Vehicle,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let (region, kind) = (&vehicle.region, holder.kind.as_deref());
    let years = u32::try_from(rules.find(RENEWAL_YEARS, "", region, kind, today)?.value).ok()?;
    let content = &vehicle.content;
    let since = content.registered_on.unwrap_or(content.acquired_on);
    since.checked_add_months(Months::new(years.checked_mul(MONTHS_A_YEAR)?))
}
