//! Official vehicles (公务用车): the register of what the organizations hold.

pub(crate) mod actions;
mod checks;
pub(crate) mod claiming;
mod guard;
pub(crate) mod holding;
mod look;
mod plate;
mod plated;
mod remove;
pub mod rpc;
mod store;
mod vin;
pub(crate) mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use futures::future::BoxFuture;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Ctx, Reason, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode, RegionCode};
use uuid::Uuid;

pub use crate::standard::{Body, Category, GuaranteeMode, LeaderRank, PowerSource, Source};
use checks::check_seats;
pub(crate) use checks::{check_displacement, check_plate, check_prices};
pub(crate) use look::{ended, lapsed};
pub use plate::{Energy, Plate, PlateError};
pub use plated::FormerPlate;
pub use vin::{Vin, VinError};

/// Not a number plate.
pub const PLATE_MALFORMED: Reason =
    Reason::new("PLATE_MALFORMED", Class::InvalidArgument, "车牌号格式有误");
/// The plate is on another vehicle. A plate is unique in the whole country, so that it is told to
/// callers too who may not see that vehicle; nothing else of it is.
pub const PLATE_TAKEN: Reason =
    Reason::new("PLATE_TAKEN", Class::AlreadyExists, "该车牌号已登记在其他车辆上");
/// The plate is not of the kind that vehicles so driven get. Electric cars of before 2017 have ordinary
/// ones.
pub const PLATE_CONTRADICTS: Reason =
    Reason::new("PLATE_CONTRADICTS", Class::InvalidArgument, "车牌种类与动力类型不符,请核对后确认");
/// Not a vehicle identification number.
pub const VIN_MALFORMED: Reason =
    Reason::new("VIN_MALFORMED", Class::InvalidArgument, "车辆识别代号格式有误");
/// The check character of a VIN is wrong; imported vehicles need not have one.
pub const VIN_CHECK_ODD: Reason =
    Reason::new("VIN_CHECK_ODD", Class::InvalidArgument, "车辆识别代号校验位不符,请核对后确认");
/// The VIN is another vehicle's. It is told like a taken plate.
pub const VIN_TAKEN: Reason =
    Reason::new("VIN_TAKEN", Class::AlreadyExists, "该车辆识别代号已登记在其他车辆上");
/// An electric vehicle has no displacement.
pub const DISPLACEMENT_CONTRADICTS: Reason = Reason::new(
    "DISPLACEMENT_CONTRADICTS",
    Class::InvalidArgument,
    "排量与动力类型不符:纯电动、燃料电池车辆排量为 0",
);
/// The displacement of an engine is not known: no standard can be held against it.
pub const DISPLACEMENT_UNKNOWN: Reason = Reason::new(
    "DISPLACEMENT_UNKNOWN",
    Class::InvalidArgument,
    "排量未填,无法核对标准;查不到的请核对后确认",
);
/// It is not known how many seats it has.
pub const SEATS_UNKNOWN: Reason =
    Reason::new("SEATS_UNKNOWN", Class::InvalidArgument, "座位数未填;查不到的请核对后确认");

/// A price without the tax is above the price with it.
pub const PRICE_CONTRADICTS: Reason = Reason::new(
    "PRICE_CONTRADICTS",
    Class::InvalidArgument,
    "不含车辆购置税的价格不应高于含税价格",
);

/// It came without a request after the organization was first granted an establishment.
pub const ACQUISITION_MISSING: Reason = Reason::new(
    "ACQUISITION_MISSING",
    Class::InvalidArgument,
    "编制核定后取得的车辆没有配备审批,请核对后确认",
);
/// It was disposed of.
pub const VEHICLE_DISPOSED: Reason =
    Reason::new("VEHICLE_DISPOSED", Class::FailedPrecondition, "车辆已处置,不能再修改");
/// What it is judged by was approved, or a finding rests on it.
pub const FACTS_GUARDED: Reason = Reason::new(
    "FACTS_GUARDED",
    Class::PermissionDenied,
    "车辆信息已经审批或者正在核查,只能由管理员说明原因后更正",
);
/// It came by a request, or something refers to it: it is more than a mistake.
pub const VEHICLE_IN_USE: Reason = Reason::new(
    "VEHICLE_IN_USE",
    Class::FailedPrecondition,
    "车辆经审批取得或者已有业务记录,不能注销登记",
);
/// A finding says that it came in a way that is forbidden, or without approval, or stands in another's name.
pub const VEHICLE_UNSETTLED: Reason = Reason::new(
    "VEHICLE_UNSETTLED",
    Class::FailedPrecondition,
    "车辆来源或者登记问题尚未处理完毕,不能调配",
);
/// Another request about the vehicle is under way.
pub const VEHICLE_ENGAGED: Reason =
    Reason::new("VEHICLE_ENGAGED", Class::FailedPrecondition, "该车辆已有正在办理的申请");

steward_kernel::id!(
    /// A vehicle.
    VehicleId
);

/// A vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Its key.
    pub id: VehicleId,
    /// Who holds it.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with the vehicle.
    pub region: RegionCode,
    /// Whether it is held.
    pub state: State,
    /// The day on which it was disposed of.
    pub disposed_on: Option<NaiveDate>,
    /// What can be changed.
    pub content: Content,
    /// The acquisition or transfer by which its holder got it; `None` = it was loaded as held.
    pub acquisition: Option<Uuid>,
    /// The day from which it may be renewed, as last looked at.
    pub renewal_due_on: Option<NaiveDate>,
    /// How many rules it broke when it was last held against them.
    pub breach_count: i64,
    /// Why it was last corrected, as far as that was said.
    pub correction: String,
    /// The plates that it bore before, the last one first.
    pub former_plates: Vec<FormerPlate>,
    /// When it was registered.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

steward_kernel::content! {
    /// What of a vehicle can be changed.
    Content / Draft {
        /// Its number plate.
        plate: Plate,
        /// What it is for.
        category: Category,
        /// Its body.
        body: Body,
        /// What drives it.
        power_source: PowerSource,
        /// Brand and model.
        model: String,
        /// Its identification number, if it is known.
        vin: Option<Vin>,
        /// Engine displacement in millilitres; 0 without an engine.
        displacement_ml: i32,
        /// Purchase price; 0 = not known.
        price_fen: Fen,
        /// Seats, the driver's included.
        seats: i32,
        /// The day it came.
        acquired_on: NaiveDate,
        /// A note, or empty.
        note: String,
        /// How it came; `None` = not known.
        source: Option<Source>,
        /// In whose name it is registered, if not in the holder's.
        registered_owner: String,
        /// What luxury it was fitted out with, or empty.
        luxury_fitout: String,
        /// Whether it is of a domestic make; `None` = not known.
        domestic: Option<bool>,
        /// Purchase price without the purchase tax; 0 = not known.
        price_before_tax_fen: Fen,
        /// Special circumstances, or empty.
        special_need_reason: String,
        /// Needs of work, or empty.
        work_need_reason: String,
        /// The day of its first registration; `None` = the day it came.
        registered_on: Option<NaiveDate>,
        /// The last day of its inspection.
        inspection_due_on: Option<NaiveDate>,
        /// The first day on which it is no longer insured.
        insured_until: Option<NaiveDate>,
        /// What its tank holds in millilitres; 0 = not known.
        tank_ml: i32,
        /// What its battery holds in watt hours; 0 = not known.
        battery_wh: i32,
        /// Whose fixed car it is, or empty.
        fixed_to: String,
        /// Whether it belongs to a pool.
        pool: bool,
        /// Where it is parked, or empty.
        parking_place: String,
        /// Whether it bears the uniform mark.
        marked: bool,
        /// How the travel of the person is guaranteed whose fixed car it is.
        guarantee_mode: Option<GuaranteeMode>,
        /// The rank of that person, if there are standards for it.
        leader_rank: Option<LeaderRank>,
    }
}

steward_kernel::named! {
    /// Whether a vehicle is held.
    State {
        Held = 1 "held",
        Disposed = 2 "disposed",
        Removed = 3 "removed",
    }
}

/// What of vehicles or their cards is known otherwise by now. Slips are judged by that.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known<'o> {
    /// The cards of this number, and the vehicles that they were for.
    Card(&'o str, &'o [VehicleId]),
    /// A vehicle.
    Vehicle(VehicleId),
}

/// Holds slips against the rules again. Who calls holds the vehicles.
pub(crate) type JudgeAgain =
    for<'t> fn(&'t mut Tx, &'t Ctx, Known<'t>) -> BoxFuture<'t, Result<()>>;

/// How a vehicle changes its holder.
#[derive(Debug)]
pub(crate) struct HandOver {
    /// Who receives it, and where that organization lies.
    pub(crate) to: (OrganizationCode, RegionCode),
    /// What it is for there.
    pub(crate) category: Category,
    /// Why it may be more than an ordinary one there: special circumstances.
    pub(crate) special_need_reason: String,
    /// The same: needs of work.
    pub(crate) work_need_reason: String,
    /// Its plate there, from a day on; `None` = the one it has.
    pub(crate) plate: Option<(Plate, NaiveDate)>,
    /// The transfer.
    pub(crate) by: Uuid,
}

impl Content {
    /// What it is with another holder, who got it by a transfer: how the one before kept it is not his, nor
    /// what that one needed it for.
    pub(crate) fn handed_over(&self, change: &HandOver) -> Self {
        Self {
            category: change.category,
            plate: change.plate.as_ref().map_or(&self.plate, |(plate, _)| plate).clone(),
            source: Some(Source::Allocation),
            special_need_reason: change.special_need_reason.clone(),
            work_need_reason: change.work_need_reason.clone(),
            fixed_to: String::new(),
            guarantee_mode: None,
            leader_rank: None,
            pool: false,
            parking_place: String::new(),
            ..self.clone()
        }
    }
}

impl Vehicle {
    /// One that is registered now.
    fn new(ctx: &Ctx, new: &New, region: RegionCode) -> Self {
        Self {
            id: VehicleId::new(ctx.now()),
            organization: new.organization.clone(),
            region,
            state: if new.disposed_on.is_some() { State::Disposed } else { State::Held },
            disposed_on: new.disposed_on,
            content: new.content.clone(),
            acquisition: None,
            renewal_due_on: None,
            breach_count: 0,
            correction: String::new(),
            former_plates: Vec::new(),
            create_time: ctx.now(),
            update_time: ctx.now(),
            version: 1,
        }
    }

    /// As findings and entries refer to it.
    pub(crate) fn resource(&self) -> String {
        format!("vehicles/{}", self.id)
    }
}

/// A vehicle to be registered.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) organization: OrganizationCode,
    pub(crate) content: Content,
    /// Of one that was disposed of before it was registered: the day.
    pub(crate) disposed_on: Option<NaiveDate>,
}

/// A change to the vehicle that has this version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: VehicleId,
    pub(crate) version: i64,
    pub(crate) draft: Draft,
    /// Why, or empty.
    pub(crate) reason: String,
}

/// A vehicle in this version that should not be in the register.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) id: VehicleId,
    pub(crate) version: i64,
    pub(crate) reason: String,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) category: Option<Category>,
    pub(crate) power_source: Option<PowerSource>,
    pub(crate) plate_contains: Option<String>,
    pub(crate) state: Option<State>,
    pub(crate) source: Option<Source>,
    pub(crate) breaches_only: bool,
    pub(crate) inspection_due_before: Option<NaiveDate>,
    pub(crate) insurance_due_before: Option<NaiveDate>,
    pub(crate) renewal_due_before: Option<NaiveDate>,
    /// Plate and id of the last one of the page before.
    pub(crate) after: Option<(String, VehicleId)>,
    pub(crate) limit: i64,
}

impl Listed {
    /// All that a filter asks for, on one page.
    pub(crate) fn all(filter: Filter) -> Self {
        // More vehicles than any city has.
        const ALL: i64 = 1_000_000;
        Self {
            filter,
            category: None,
            power_source: None,
            plate_contains: None,
            state: None,
            source: None,
            breaches_only: false,
            inspection_due_before: None,
            insurance_due_before: None,
            renewal_due_before: None,
            after: None,
            limit: ALL,
        }
    }
}
