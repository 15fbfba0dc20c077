//! Figures on the wire.

use chrono::{Datelike as _, NaiveDate};
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Fields, Page, Result, period};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::actions::Fleets;
use super::{Figures, Fleet, Listed, Summed};
use crate::holder;
use crate::vehicle::{Plate, VehicleId};

const MAX_PLATE_PART: usize = 10;
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2999;

impl From<&Figures> for proto::VehicleFigures {
    fn from(figures: &Figures) -> Self {
        let (vehicle, known) = (&figures.vehicle, &figures.known);
        let (costs, computed) = (&known.costs, figures.computed);
        let paid = costs.kinds.iter().filter(|(_, fen)| **fen != 0);
        Self {
            vehicle_id: vehicle.id.to_string(),
            organization: vehicle.organization.to_string(),
            plate: vehicle.content.plate.to_string(),
            body: vehicle.content.body.number(),
            distance_m: known.gone.distance,
            fuel_ml: costs.fuel,
            energy_wh: costs.watt_hours,
            fuel_ml_per_100km: computed.fuel_per_100km,
            energy_wh_per_100km: computed.energy_per_100km,
            costs: paid
                .map(|(kind, fen)| proto::KindCost { kind: *kind, amount_fen: *fen })
                .collect(),
            running_fen: costs.running(),
            purchase_fen: costs.purchase,
            proceeds_fen: costs.proceeds,
            fen_per_km: computed.fen_per_km,
            trip_count: known.trips.count,
            days_used: known.trips.days,
            utilisation_bp: computed.utilisation_bp,
            over_ceiling: computed.over_ceiling,
            under_used: computed.under_used,
            misfit_count: i32::try_from(known.gone.misfits).unwrap_or(i32::MAX),
            held_from: figures.span.from.to_string(),
            held_until: figures.span.until.to_string(),
            fuel_incomplete: costs.fuel_unmeasured != 0,
            energy_incomplete: costs.energy_unmeasured != 0,
            rent_fen: costs.rent(),
        }
    }
}

/// A page of figures goes on after a plate, an id and the first day of a holder.
type Key = (String, u128, NaiveDate);

/// Which figures a list request asks for.
pub(super) fn listed(request: &proto::ListVehicleFiguresRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListVehicleFiguresRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let part = fields.text("plate_contains", &request.plate_contains, MAX_PLATE_PART);
    let after = page.after.clone();
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    let period = period::required(&mut fields, "period", request.period.as_ref());
    let listed = period.map(|period| Listed {
        period,
        holdings: holder::Listed {
            plate_contains: Some(Plate::written(&part)).filter(|part| !part.is_empty()),
            after: after
                .map(|(plate, id, from)| (plate, VehicleId::from_uuid(Uuid::from_u128(id)), from)),
            limit: page.limit(),
            there_from: period.first_day(),
            ..holder::Listed::all(filter, period.first_day(), period.end_day())
        },
    });
    fields.finish_with(listed.map(|listed| (page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    figures: Vec<Figures>,
) -> Result<proto::ListVehicleFiguresResponse> {
    let key = |it: &Figures| {
        let vehicle = &it.vehicle;
        (vehicle.content.plate.to_string(), vehicle.id.uuid().as_u128(), it.held_from)
    };
    let (figures, next_page_token) = page.cut(figures, key)?;
    let figures = figures.iter().map(proto::VehicleFigures::from).collect();
    Ok(proto::ListVehicleFiguresResponse { figures, next_page_token })
}

/// Which fleets a summarize request asks for.
pub(super) fn summed(ctx: &Ctx, request: &proto::SummarizeFleetRequest) -> Result<Summed> {
    let mut fields = Fields::new();
    let asked = request.year;
    let year = if asked == 0 { ctx.today().year() } else { asked };
    let grouping: proto::FleetGrouping = fields.value("group_by", request.group_by);
    let summed = Summed {
        year: fields.within("year", year, YEARS).unwrap_or_default(),
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        by_region: grouping == proto::FleetGrouping::Region,
    };
    fields.finish_with(Some(summed))
}

/// The answer.
pub(super) fn summary(fleets: &Fleets) -> proto::SummarizeFleetResponse {
    proto::SummarizeFleetResponse {
        rows: fleets.rows.iter().map(|(key, fleet)| row(key, fleet)).collect(),
        total: Some(row("", &fleets.total)),
        required_new_energy_bp: fleets.required_bp,
        scope_limited: fleets.scope_limited,
    }
}

fn row(key: &str, fleet: &Fleet) -> proto::FleetRow {
    proto::FleetRow {
        key: key.to_owned(),
        vehicle_count: fleet.vehicles,
        new_energy_count: fleet.new_energy,
        purchase_count: fleet.purchases,
        new_energy_purchase_count: fleet.new_energy_purchases,
        new_energy_bp: fleet.new_energy_bp(),
        running_fen: fleet.running,
        purchase_fen: fleet.purchase,
        proceeds_fen: fleet.proceeds,
        rent_fen: fleet.rent,
    }
}
