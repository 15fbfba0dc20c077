//! Holding what is asked for against the standards.

use chrono::NaiveDate;
use steward_chassis::scope;
use steward_chassis::{Ctx, Fields, Result};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::Named as _;

use super::{Acquisition, NEW_ENERGY_EXPECTED};
use crate::request::ACQUISITION_FORBIDDEN;
use crate::request::rules::refuse_excess;
use crate::standard::{self, Keeping, Needs, Source, Subject};

/// The rule which share of what is acquired shall be new-energy vehicles; by what they are for, or of all.
const SHARE: &str = "new_energy_share";
/// The share at which every one shall be.
const EVERY_ONE: i64 = 10_000;

/// Refuses what may not be acquired, and what passes the standard of today; admits who pays.
pub(super) async fn check(tx: &mut Tx, ctx: &Ctx, it: &Acquisition) -> Result<()> {
    if let Some(payer) = &it.content.paid_by {
        scope::admit_one(tx, ctx, payer).await?;
    }
    let rules = rule::load(tx, &standard::READ).await?;
    let kind = scope::store::kind(tx, &it.organization).await?;
    let mut fields = Fields::new();
    let excess = standard::check(&rules, &subject(it, kind, ctx.today()));
    refuse_excess(&mut fields, "acquisition", &excess);
    if matches!(it.content.source, Source::Confiscated | Source::Other) {
        let message = "official vehicles are bought, leased or allocated";
        fields.refuse("acquisition.source", &ACQUISITION_FORBIDDEN, message);
    }
    fields.finish()
}

/// What the standard is held against: a vehicle that came today.
fn subject(it: &Acquisition, kind: Option<String>, today: NaiveDate) -> Subject {
    let content = &it.content;
    Subject {
        category: it.category,
        body: content.body,
        power_source: content.power_source,
        displacement_ml: content.displacement_ml,
        price: content.price_fen,
        price_before_tax: content.price_before_tax_fen,
        needs: Needs {
            special: !content.special_need_reason.is_empty(),
            work: !content.work_need_reason.is_empty(),
        },
        domestic: Some(!content.imported),
        source: Some(content.source),
        keeping: Keeping {
            owner_elsewhere: !content.registered_owner.is_empty(),
            luxury: !content.luxury_fitout.is_empty(),
            fixed: false,
        },
        subsidised: false,
        rank: None,
        region: it.region.clone(),
        kind,
        acquired_on: today,
        seen_on: today,
    }
}

/// Warns of a conventional vehicle where in principle every one of its category is a new-energy one.
///
/// Errors: as a warning `NEW_ENERGY_EXPECTED`.
pub(super) async fn warn_conventional(tx: &mut Tx, ctx: &Ctx, it: &Acquisition) -> Result<()> {
    let mut fields = Fields::new();
    if !it.content.power_source.is_new_energy() {
        let rules = rule::load(tx, &[SHARE]).await?;
        let kind = scope::store::kind(tx, &it.organization).await?;
        let (case, day) = (it.category.text(), ctx.today());
        let rule = rules.find(SHARE, case, &it.region, kind.as_deref(), day);
        if let Some(rule) = rule.filter(|rule| rule.value >= EVERY_ONE) {
            let message = format!("shall be a new-energy vehicle ({})", rule.legal_basis());
            let at = "acquisition.power_source";
            fields.warn(ctx.accept_warnings(), at, &NEW_ENERGY_EXPECTED, message);
        }
    }
    fields.finish()
}
