//! Carrying disposals out.

use chrono::NaiveDate;
use steward_chassis::resource::OUT_OF_RANGE;
use steward_chassis::{Ctx, Fields, Result};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_kernel::Fen;
use steward_ledger::entry::Entry;

use super::actions::{own, put};
use super::{CERTIFICATE_MISSING, Disposal, End, Gone, store};
use crate::acquisition::actions as acquisition;
use crate::card::actions as card;
use crate::holder;
use crate::request::voucher::{self, Booking, ENTRY_TAKEN};
use crate::request::{State, handed, not_before_approval};
use crate::vehicle::{VehicleId, claiming, holding};
use crate::watch::{self, Watch, Whose};

/// The category of the ledger: revenue to the treasury, never a negative cost.
const PROCEEDS: &str = "vehicle_disposal_proceeds";

/// The rule that nothing is sold for much less than it was appraised at.
const BELOW_APPRAISAL: &str = "disposal_below_appraisal";
/// Basis points in a whole.
const BASIS_POINTS: i128 = 10_000;

/// Carries an approved disposal out and posts what it brought in.
pub(super) async fn complete(
    tx: &mut Tx,
    ctx: &Ctx,
    input: &Gone,
) -> Result<(Disposal, Option<Entry>)> {
    let old = own(tx, ctx, input.id, input.version).await?;
    old.state.must_be(&[State::Approved])?;
    check(tx, &old, &input.end).await?;
    let held = holding::get_held(tx, old.vehicle).await?;
    check_came(tx, old.vehicle, input.end.on).await?;
    acquisition::place_left(tx, ctx, &held).await?;
    holding::dispose(tx, ctx, &held, input.end.on).await?;
    claiming::release(tx, old.id.uuid()).await?;
    card::stay_behind(tx, ctx, old.vehicle, (old.id.uuid(), input.end.on)).await?;
    let entry = receive(tx, ctx, &old, input).await?;
    look(tx, ctx, &old, input.end.proceeds).await?;
    handed::again(tx, ctx, old.vehicle, input.end.on).await?;
    let end = Some(input.end.clone());
    // One that is only tried is never there.
    let booked = entry.as_ref().filter(|_| !ctx.validate_only()).map(|entry| entry.id);
    let mut new = Disposal { state: State::Completed, end, entry: booked, ..old.clone() };
    put(tx, ctx, &old, &mut new).await?;
    Ok((new, entry))
}

/// Refuses a day before it was approved, and a missing certificate.
pub(super) async fn check(tx: &mut Tx, it: &Disposal, end: &End) -> Result<()> {
    not_before_approval(tx, it.approval, ("disposed_on", end.on)).await?;
    let mut fields = Fields::new();
    if it.content.way.is_certified() && end.certificate_no.is_empty() {
        fields.refuse("certificate_no", &CERTIFICATE_MISSING, "is required for this way");
    }
    fields.finish()
}

/// Refuses a day before the vehicle came to who disposes of it: that day may have been corrected since.
pub(super) async fn check_came(tx: &mut Tx, vehicle: VehicleId, on: NaiveDate) -> Result<()> {
    let came = holder::actions::of(tx, &[vehicle]).await?.since(vehicle);
    let mut fields = Fields::new();
    if let Some(came) = came.filter(|came| on < *came) {
        let message = format!("the organization got the vehicle on {came}");
        fields.refuse("disposed_on", &OUT_OF_RANGE, message);
    }
    fields.finish()
}

/// Holds what a sale brought in against what the vehicle was appraised at.
async fn look(tx: &mut Tx, ctx: &Ctx, it: &Disposal, proceeds: Fen) -> Result<()> {
    let Some(share) = share_of_appraisal(it, proceeds) else { return Ok(()) };
    let whose = Whose { organization: it.organization.clone(), region: it.region.clone() };
    let mut watch = Watch::over(tx, &[BELOW_APPRAISAL]).await?;
    let rule = watch.rule(tx, BELOW_APPRAISAL, "", &whose, ctx.today()).await?;
    if let Some(rule) = rule {
        let appraisal = it.content.appraisal_fen;
        let breach = (share < rule.value).then(|| Breach {
            observed: share,
            limit: rule.value,
            detail: format!("处置收入 {proceeds} 元,低于评估价 {appraisal} 元的规定比例"),
            since: ctx.today(),
        });
        watch.saw(rule, it.resource(), String::new(), &whose, breach);
    }
    watch.finish(tx, ctx).await
}

/// What a sale brought in, in basis points of the appraisal, rounded down; `None` where nothing was sold.
fn share_of_appraisal(it: &Disposal, proceeds: Fen) -> Option<i64> {
    let appraisal = i128::from(it.content.appraisal_fen.get());
    if !it.content.way.is_sale() || appraisal == 0 {
        return None;
    }
    let share = i128::from(proceeds.get()) * BASIS_POINTS / appraisal;
    Some(i64::try_from(share).unwrap_or(i64::MAX))
}

/// Posts what it brought in.
async fn receive(tx: &mut Tx, ctx: &Ctx, it: &Disposal, input: &Gone) -> Result<Option<Entry>> {
    let Some(voucher) = input.voucher.as_ref().filter(|_| input.end.proceeds > Fen::ZERO) else {
        return Ok(None);
    };
    let booking = Booking {
        organization: it.organization.clone(),
        paid_by: it.organization.clone(),
        category: PROCEEDS,
        amount: input.end.proceeds,
        source_resource: watch::resource(it.vehicle),
        approval_reference: it.approval.to_string(),
    };
    let entry = voucher::book(tx, ctx, voucher, booking).await?;
    if store::paid_by(tx, entry.id).await? {
        let mut fields = Fields::new();
        fields.refuse("entry_id", &ENTRY_TAKEN, "another vehicle brought it in");
        fields.finish()?;
    }
    Ok(Some(entry))
}
