//! What of a vehicle only a manager changes: what was approved, and what a finding rests on.

use steward_chassis::fields::REQUIRED;
use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;
use steward_finding::finding;

use super::actions::is_manager;
use super::{Content, FACTS_GUARDED, Vehicle, look};

/// Refuses to change what a vehicle is judged by, where that was approved or is found, to everybody but
/// a manager who says why.
///
/// Errors: `FACTS_GUARDED`, `REQUIRED` of `reason`.
pub(super) async fn check(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Vehicle,
    new: &Content,
    reason: &str,
) -> Result<()> {
    if !touches_facts(&old.content, new) || !is_guarded(tx, old).await? {
        return Ok(());
    }
    if !is_manager(ctx, old) {
        let message = "what was approved, or a finding rests on, is corrected by a manager";
        return Err(Error::new(&FACTS_GUARDED, message));
    }
    let mut fields = Fields::new();
    if reason.is_empty() {
        fields.refuse("reason", &REQUIRED, "is required of what was approved or found");
    }
    fields.finish()
}

/// Whether it came by a request, or nobody has judged yet what was found of it.
async fn is_guarded(tx: &mut Tx, vehicle: &Vehicle) -> Result<bool> {
    if vehicle.acquisition.is_some() {
        return Ok(true);
    }
    let open = finding::open_for(tx, &vehicle.resource(), &vehicle.organization).await?;
    Ok(open.iter().any(|it| it.rule.is_none() || look::rests_on_facts(&it.code)))
}

/// Whether anything changes but what it is used with from day to day.
fn touches_facts(old: &Content, new: &Content) -> bool {
    let free = Content {
        plate: new.plate.clone(),
        model: new.model.clone(),
        vin: new.vin.clone(),
        seats: new.seats,
        note: new.note.clone(),
        inspection_due_on: new.inspection_due_on,
        insured_until: new.insured_until,
        tank_ml: new.tank_ml,
        battery_wh: new.battery_wh,
        pool: new.pool,
        parking_place: new.parking_place.clone(),
        marked: new.marked,
        ..old.clone()
    };
    free != *new
}
