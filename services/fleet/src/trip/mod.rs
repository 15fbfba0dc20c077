//! Trips (派车、出车): from request over approval and dispatch to settling. No vehicle and no driver is
//! booked twice at once.

pub(crate) mod actions;
mod correct;
mod decide;
mod free;
pub(crate) mod history;
mod judge;
mod month;
mod order;
mod ride;
pub mod rpc;
mod rules;
mod store;
mod sweep;
mod wire;

pub use decide::KIND;
pub(crate) use rules::Place;
pub use rules::Window;
pub use sweep::sweep;

use chrono::{DateTime, NaiveDate, Utc};
use steward_approval::ApprovalId;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{OrganizationCode, RegionCode};

use crate::driver::DriverId;
use crate::vehicle::VehicleId;

/// A window is empty, turned round or longer than a month.
pub const WINDOW_MALFORMED: Reason = Reason::new(
    "WINDOW_MALFORMED",
    Class::InvalidArgument,
    "用车时间有误:结束应晚于开始,且不超过 31 天",
);
/// What is over is not requested; trips that were made before are imported.
pub const WINDOW_OVER: Reason = Reason::new(
    "WINDOW_OVER",
    Class::InvalidArgument,
    "用车时段已过,不能申请;此前的出车请导入登记",
);
/// It would depart on a day on which it is not planned.
pub const DEPARTURE_OFF_WINDOW: Reason = Reason::new(
    "DEPARTURE_OFF_WINDOW",
    Class::FailedPrecondition,
    "出车日期不在用车时段内,请先改期",
);
/// An emergency has happened: whether it is approved is for the approver to say.
pub const EMERGENCY_HAPPENED: Reason = Reason::new(
    "EMERGENCY_HAPPENED",
    Class::FailedPrecondition,
    "紧急用车已经发生,补办的审批不能撤回",
);
/// The trip is not so far, or farther.
pub const TRIP_STATE: Reason =
    Reason::new("TRIP_STATE", Class::FailedPrecondition, "用车单当前状态不允许此操作");
/// The window touches days or hours in which vehicles are sealed.
pub const HOLIDAY_SEALED: Reason = Reason::new(
    "HOLIDAY_SEALED",
    Class::FailedPrecondition,
    "节假日或夜间公务用车封存停驶,确需使用的应说明理由",
);
/// Another trip has the vehicle at that time.
pub const VEHICLE_BOOKED: Reason =
    Reason::new("VEHICLE_BOOKED", Class::FailedPrecondition, "该车辆在此时段已被派出");
/// Another trip has the driver at that time.
pub const DRIVER_BOOKED: Reason =
    Reason::new("DRIVER_BOOKED", Class::FailedPrecondition, "该驾驶员在此时段已有任务");
/// The vehicle is on its way with another trip.
pub const VEHICLE_OUT: Reason =
    Reason::new("VEHICLE_OUT", Class::FailedPrecondition, "该车辆上一次出车尚未登记回车");
/// The driver is on the way with another trip.
pub const DRIVER_OUT: Reason =
    Reason::new("DRIVER_OUT", Class::FailedPrecondition, "该驾驶员上一次出车尚未登记回车");
/// The vehicle was disposed of.
pub const VEHICLE_NOT_HELD: Reason =
    Reason::new("VEHICLE_NOT_HELD", Class::FailedPrecondition, "该车辆已处置,不能派车");
/// The vehicle is neither the organization's own nor of a pool in its region that was granted as one.
pub const VEHICLE_FOREIGN: Reason = Reason::new(
    "VEHICLE_FOREIGN",
    Class::FailedPrecondition,
    "该车辆既非本单位车辆,也非本地区平台车辆",
);
/// The vehicle is kept for what its holder has it for.
pub const VEHICLE_KEPT: Reason = Reason::new(
    "VEHICLE_KEPT",
    Class::FailedPrecondition,
    "该类车辆(执法执勤、机要通信等)专车专用,不得派给其他单位",
);
/// The inspection of the vehicle lapses before the trip is over.
pub const INSPECTION_LAPSES: Reason = Reason::new(
    "INSPECTION_LAPSES",
    Class::InvalidArgument,
    "车辆检验有效期在用车结束前届满,请核对后确认",
);
/// The insurance of the vehicle ends before the trip is over.
pub const INSURANCE_LAPSES: Reason = Reason::new(
    "INSURANCE_LAPSES",
    Class::InvalidArgument,
    "车辆保险在用车结束前到期,请核对后确认",
);
/// An imported trip of that vehicle and time says otherwise.
pub const TRIP_THERE: Reason =
    Reason::new("TRIP_THERE", Class::AlreadyExists, "该行程已导入,内容不同");
/// More people than seats.
pub const SEATS_TOO_FEW: Reason =
    Reason::new("SEATS_TOO_FEW", Class::FailedPrecondition, "车辆座位数不足");
/// The driver drives no more.
pub const DRIVER_LEFT: Reason =
    Reason::new("DRIVER_LEFT", Class::FailedPrecondition, "该驾驶员已离岗");
/// The driver belongs neither to the organization nor to that of the vehicle.
pub const DRIVER_FOREIGN: Reason = Reason::new(
    "DRIVER_FOREIGN",
    Class::FailedPrecondition,
    "该驾驶员不属于用车单位或车辆所属单位",
);
/// The licence is not valid to the end of the trip.
pub const LICENCE_EXPIRED: Reason =
    Reason::new("LICENCE_EXPIRED", Class::FailedPrecondition, "驾驶证在用车结束前到期");
/// The licence is not for such a vehicle.
pub const LICENCE_CLASS_UNFIT: Reason =
    Reason::new("LICENCE_CLASS_UNFIT", Class::FailedPrecondition, "准驾车型与车辆不符");
/// It would return before it departed.
pub const RETURN_EARLY: Reason =
    Reason::new("RETURN_EARLY", Class::InvalidArgument, "回车时间应晚于出车时间");
/// The odometer shows less than before. It may have been changed, or misread.
pub const ODOMETER_BACKWARDS: Reason = Reason::new(
    "ODOMETER_BACKWARDS",
    Class::InvalidArgument,
    "里程表读数小于此前读数,请核对后确认",
);
/// An emergency trip that is not approved yet.
pub const TRIP_UNAPPROVED: Reason =
    Reason::new("TRIP_UNAPPROVED", Class::FailedPrecondition, "紧急用车尚未补办审批,不能结算");

steward_kernel::id!(
    /// A trip.
    TripId
);

steward_kernel::named! {
    /// What kind of trip it is.
    Kind {
        Ordinary = 1 "ordinary",
        Emergency = 2 "emergency",
    }
}

steward_kernel::named! {
    /// How far a trip is.
    State {
        Requested = 1 "requested",
        Approved = 2 "approved",
        Ordered = 3 "ordered",
        Departed = 4 "departed",
        Returned = 5 "returned",
        Settled = 6 "settled",
        Refused = 7 "refused",
        Cancelled = 8 "cancelled",
        Void = 9 "void",
    }
}

/// A trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// Its key.
    pub id: TripId,
    /// Who uses the vehicle.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with the trip.
    pub region: RegionCode,
    /// What kind it is.
    pub kind: Kind,
    /// How far it is.
    pub state: State,
    /// What is asked for.
    pub plan: Plan,
    /// The subject of who requested it.
    pub requested_by: String,
    /// With what it is driven, from ordering on.
    pub dispatch: Option<Dispatch>,
    /// When it departed.
    pub depart_time: Option<DateTime<Utc>>,
    /// When it returned.
    pub return_time: Option<DateTime<Utc>>,
    /// The odometer at departure, in metres.
    pub start_odometer_m: Option<i64>,
    /// The odometer at return, in metres.
    pub end_odometer_m: Option<i64>,
    /// Its approval.
    pub approval: Option<ApprovalId>,
    /// When it was approved.
    pub approve_time: Option<DateTime<Utc>>,
    /// The window that was approved.
    pub approved: Option<Window>,
    /// When the approval of an emergency trip was refused; `None` = it was not, or is asked for anew.
    pub refuse_time: Option<DateTime<Utc>>,
    /// The last day on which an emergency trip is to be approved.
    pub approval_due_on: Option<NaiveDate>,
    /// What it keeps its vehicle and driver from others for.
    pub booked: Option<Window>,
    /// What was said on cancelling, refusing, asking anew, settling or taking it back.
    pub note: String,
    /// Why it was corrected, or empty.
    pub correction: String,
    /// Whether it was imported.
    pub imported: bool,
    /// When it was made here.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Trip {
    /// What findings call it.
    pub(crate) fn resource(&self) -> String {
        format!("trips/{}", self.id)
    }

    /// From departure to return, or to the end of the window while it is out.
    pub(crate) fn actual(&self) -> Option<Window> {
        let from = self.depart_time?;
        let until = self.return_time.unwrap_or(self.plan.window.until);
        Some(Window::new(from, until).unwrap_or_else(|| Window::moment(from)))
    }

    /// The distance in metres, where both readings are known and do not go backwards.
    pub(crate) fn distance_m(&self) -> Option<i64> {
        let (start, end) = self.start_odometer_m.zip(self.end_odometer_m)?;
        (end >= start).then_some(end - start)
    }

    /// The next version of it.
    pub(crate) fn next(&self, now: DateTime<Utc>) -> Self {
        Self { update_time: now, version: self.version + 1, ..self.clone() }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What for.
    pub purpose: String,
    /// Where to.
    pub destination: String,
    /// Where the passengers are met, or empty.
    pub pick_up: String,
    /// How many, without the driver.
    pub passengers: i32,
    /// When.
    pub window: Window,
    /// Why it must be in sealed days or hours, or empty.
    pub holiday_reason: String,
}

/// With what a trip is driven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The vehicle.
    pub vehicle: VehicleId,
    /// The driver; not always known of imported trips.
    pub driver: Option<DriverId>,
    /// Who held the vehicle then.
    pub holder: OrganizationCode,
    /// The number of the dispatch slip, or empty.
    pub number: String,
}

/// A trip to be requested.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) organization: OrganizationCode,
    pub(crate) plan: Plan,
}

/// What a change of a trip of some version asks for.
#[derive(Debug)]
pub(crate) struct Asked<T> {
    pub(crate) id: TripId,
    pub(crate) version: i64,
    pub(crate) what: T,
}

/// Who is to drive, and in what.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) vehicle: VehicleId,
    pub(crate) driver: DriverId,
    pub(crate) number: String,
}

/// What of a trip is to move.
#[derive(Debug)]
pub(crate) struct Move {
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) vehicle: Option<VehicleId>,
    pub(crate) driver: Option<DriverId>,
    pub(crate) holiday_reason: String,
}

/// A vehicle under way, for its figures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ride {
    pub(crate) vehicle: VehicleId,
    pub(crate) depart_time: DateTime<Utc>,
    /// `None` = it is not back.
    pub(crate) return_time: Option<DateTime<Utc>>,
}

/// A departure or a return.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) odometer_m: i64,
    /// `None` = now.
    pub(crate) time: Option<DateTime<Utc>>,
}

/// How it really was.
#[derive(Debug)]
pub(crate) struct Correction {
    /// `None` = as it was said.
    pub(crate) depart_time: Option<DateTime<Utc>>,
    /// `None` = as it was said.
    pub(crate) return_time: Option<DateTime<Utc>>,
    /// `None` = as it was said.
    pub(crate) driver: Option<DriverId>,
    /// `None` = as it was said.
    pub(crate) start_odometer_m: Option<i64>,
    /// `None` = as it was said.
    pub(crate) end_odometer_m: Option<i64>,
    pub(crate) reason: String,
}

/// An emergency. Its window begins with the departure.
#[derive(Debug)]
pub(crate) struct Emergency {
    pub(crate) new: New,
    pub(crate) order: Order,
    pub(crate) reading: Reading,
}

/// A trip of before.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) new: New,
    pub(crate) kind: Kind,
    pub(crate) vehicle: VehicleId,
    pub(crate) driver: Option<DriverId>,
    pub(crate) number: String,
    pub(crate) start_odometer_m: Option<i64>,
    pub(crate) end_odometer_m: Option<i64>,
    pub(crate) note: String,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) vehicle: Option<VehicleId>,
    pub(crate) driver: Option<DriverId>,
    pub(crate) state: Option<State>,
    pub(crate) kind: Option<Kind>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
    /// Beginning and id of the last one of the page before.
    pub(crate) after: Option<(DateTime<Utc>, TripId)>,
    pub(crate) limit: i64,
}
