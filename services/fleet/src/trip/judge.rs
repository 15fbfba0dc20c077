//! Holding the rules against trips: what is odd about them becomes findings.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::{Ctx, Result, calendar};
use steward_db::Tx;
use steward_finding::finding::{Breach, Observation, observe};
use steward_finding::rule::{self, Rule, Rules};
use steward_kernel::{OrganizationCode, WorkingCalendar, today};
use uuid::Uuid;

use super::rules::{DIVERTED, clock, hours, keeping, later, sealed};
use super::{Kind, Place, State, Trip, TripId, Window, actions, month, order, store};
use crate::vehicle::{self, Vehicle};

/// The rules that trips are held against.
const CODES: &[&str] = &[
    "holiday_sealing",
    "night_use",
    "holiday_trip",
    "trip_borrowed",
    DIVERTED,
    "trip_outside_approval",
    "trip_overdue",
    "trip_overlap",
    "trip_unapproved",
    "trip_undispatched",
];

/// What trips are judged by.
struct Court {
    rules: Rules,
    calendar: WorkingCalendar,
    seen: Vec<Observation>,
    /// Trips that were seen to overlap another, and what they share with it.
    overlapping: BTreeSet<(TripId, &'static str)>,
    /// Since when organizations ask for their trips here.
    asked: BTreeMap<OrganizationCode, Option<DateTime<Utc>>>,
}

impl Court {
    async fn open(tx: &mut Tx) -> Result<Self> {
        let rules = rule::load(tx, CODES).await?;
        let calendar = calendar::load(tx).await?;
        let (seen, overlapping, asked) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        Ok(Self { rules, calendar, seen, overlapping, asked })
    }

    /// Since when the organization of a trip asks for its trips here, if that began before a trip departed that
    /// is told only afterwards: it could have been asked for.
    async fn asked(&mut self, tx: &mut Tx, trip: &Trip) -> Result<Option<DateTime<Utc>>> {
        let Some(depart) = trip.depart_time.filter(|_| trip.imported) else { return Ok(None) };
        let first = match self.asked.entry(trip.organization.clone()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(store::first_asked(tx, &trip.organization).await?),
        };
        Ok(first.filter(|first| *first <= depart))
    }

    /// What was seen of a trip by the rule that was in force on a day, if one was. `breach` is told the
    /// number of the rule.
    fn see(
        &mut self,
        trip: &Trip,
        place: &Place,
        (code, occasion): (&str, &str),
        day: NaiveDate,
        breach: impl FnOnce(i64) -> Option<Breach>,
    ) {
        let rule = self.rules.find(code, "", &place.region, place.kind.as_deref(), day);
        let Some(rule) = rule.cloned() else { return };
        let breach = breach(rule.value);
        self.tell(trip, rule, occasion, breach);
    }

    /// That nothing of this is seen of a trip, whichever rule it may have been.
    fn clear(&mut self, trip: &Trip, code: &str, occasion: &str) {
        if let Some(rule) = self.rules.any(code).cloned() {
            self.tell(trip, rule, occasion, None);
        }
    }

    fn tell(&mut self, trip: &Trip, rule: Rule, occasion: &str, breach: Option<Breach>) {
        self.seen.push(Observation {
            rule,
            resource: trip.resource(),
            occasion: occasion.to_owned(),
            organization: trip.organization.clone(),
            region: trip.region.clone(),
            breach,
        });
    }
}

/// Judges trips that have departed, and those that were out beside them.
pub(super) async fn judge(tx: &mut Tx, ctx: &Ctx, trips: &[Trip]) -> Result<()> {
    let mut court = Court::open(tx).await?;
    for trip in trips {
        let Some(window) = trip.actual() else { continue };
        let place = actions::place(tx, trip).await?;
        let asked = court.asked(tx, trip).await?;
        holiday(&mut court, trip, &place, window, asked.is_some());
        outside(&mut court, trip, &place, window);
        unapproved(&mut court, trip, &place, asked);
        foreign(tx, &mut court, trip, &place, window).await?;
        if trip.return_time.is_some() {
            undispatched(tx, &mut court, trip).await?;
            overlap(tx, &mut court, trip, &place, window).await?;
            let day = window.last_day();
            if !trip.imported {
                court.see(trip, &place, ("trip_overdue", ""), day, |_| None);
            }
        }
    }
    observe(tx, ctx, &court.seen).await?;
    month::changed(tx, ctx, trips).await
}

/// Sees nothing of a trip any more: it never happened.
pub(super) async fn clear(tx: &mut Tx, ctx: &Ctx, trip: &Trip) -> Result<()> {
    let mut court = Court::open(tx).await?;
    for (code, occasion) in [
        ("holiday_trip", ""),
        ("trip_borrowed", ""),
        (DIVERTED, ""),
        ("trip_outside_approval", "depart"),
        ("trip_outside_approval", "return"),
        ("trip_overdue", ""),
        ("trip_overlap", "vehicle"),
        ("trip_overlap", "driver"),
        ("trip_unapproved", ""),
        ("trip_undispatched", ""),
    ] {
        court.clear(trip, code, occasion);
    }
    observe(tx, ctx, &court.seen).await?;
    month::changed(tx, ctx, std::slice::from_ref(trip)).await
}

/// Out in sealed days or hours without a reason. What was to be asked for and was not is excused by its
/// organization saying that it was an emergency no more than it is approved by that.
fn holiday(court: &mut Court, trip: &Trip, place: &Place, window: Window, unasked: bool) {
    let emergency = trip.kind == Kind::Emergency && !unasked;
    let excused = emergency || !trip.plan.holiday_reason.is_empty();
    let sealed = sealed(&court.rules, &court.calendar, place, window).filter(|_| !excused);
    let day = today(window.from);
    court.see(trip, place, ("holiday_trip", ""), day, |limit| {
        let sealed = sealed?;
        let detail = format!("{}出车(往{}),未说明工作需要", sealed.text(), trip.plan.destination);
        Some(Breach { observed: 1, limit, detail, since: sealed.day() })
    });
}

/// Out before or after what was approved, by more hours than the rule leaves.
fn outside(court: &mut Court, trip: &Trip, place: &Place, window: Window) {
    let Some(approved) = trip.approved else { return };
    let day = window.first_day();
    for (occasion, name, by, at) in [
        ("depart", "早于批准时段出车", approved.from - window.from, window.from),
        ("return", "晚于批准时段回车", window.until - approved.until, window.until),
    ] {
        court.see(trip, place, ("trip_outside_approval", occasion), day, |limit| {
            let (from, until) = (clock(approved.from), clock(approved.until));
            let detail = format!("{name}:{},批准时段为{from}至{until}", clock(at));
            let observed = hours(by);
            (observed > limit).then_some(Breach { observed, limit, detail, since: today(at) })
        });
    }
}

/// Out before it was approved, which only an emergency may be; or never asked for by who asks for trips here.
fn unapproved(court: &mut Court, trip: &Trip, place: &Place, asked: Option<DateTime<Utc>>) {
    if trip.imported {
        return unasked(court, trip, place, asked);
    }
    let Some((depart, approve)) = trip.depart_time.zip(trip.approve_time) else { return };
    if trip.kind == Kind::Emergency {
        return;
    }
    court.see(trip, place, ("trip_unapproved", ""), today(depart), |_| {
        let detail = format!("批准前出车:{}出车,{}批准", clock(depart), clock(approve));
        let early = Breach { observed: 1, limit: 0, detail, since: today(depart) };
        (depart < approve).then_some(early)
    });
}

fn unasked(court: &mut Court, trip: &Trip, place: &Place, asked: Option<DateTime<Utc>>) {
    let Some(depart) = trip.depart_time else { return };
    court.see(trip, place, ("trip_unapproved", ""), today(depart), |_| {
        let asked = today(asked?);
        let detail = format!("{}出车未经申请,事后补录;该单位自{asked}起申请用车", clock(depart));
        Some(Breach { observed: 1, limit: 0, detail, since: today(depart) })
    });
}

/// Out at the same time as another trip of the vehicle or of the driver. It is seen of both, whichever
/// was told first; of one that is still out it is not known until when.
async fn overlap(
    tx: &mut Tx,
    court: &mut Court,
    trip: &Trip,
    place: &Place,
    window: Window,
) -> Result<()> {
    let others = store::alongside(tx, trip, window).await?;
    let with = |other: &Trip, of: Of| of(trip).is_some() && of(trip) == of(other);
    for (occasion, name, of) in SHARED {
        let clash = others.iter().any(|other| with(other, of));
        overlapped(court, trip, place, (occasion, name), clash);
    }
    for other in &others {
        for (occasion, name, of) in SHARED {
            // Of many at once each is told once.
            if with(other, of) && court.overlapping.insert((other.id, occasion)) {
                let place = actions::place(tx, other).await?;
                overlapped(court, other, &place, (occasion, name), true);
            }
        }
    }
    Ok(())
}

/// In the vehicle of another organization: one that is not shared, or one that is kept for a purpose.
async fn foreign(
    tx: &mut Tx,
    court: &mut Court,
    trip: &Trip,
    place: &Place,
    window: Window,
) -> Result<()> {
    let Some(dispatch) = &trip.dispatch else { return Ok(()) };
    let day = window.first_day();
    if dispatch.holder == trip.organization {
        // It may be told only now that the vehicle was its own on that day.
        for code in ["trip_borrowed", "trip_diverted"].iter().filter(|_| trip.imported) {
            court.see(trip, place, (code, ""), day, |_| None);
        }
        return Ok(());
    }
    let known = vehicle::actions::known(tx, &[dispatch.vehicle]).await?;
    let Some(vehicle) = known.get(&dispatch.vehicle) else { return Ok(()) };
    // An ordered one was of a pool then. Of one that has gone to another since, that is not known.
    let here = vehicle.organization == dispatch.holder && vehicle.region == trip.region;
    let shared = !trip.imported || (here && order::is_granted(tx, vehicle, window).await?);
    let breach = |name: &str, limit| {
        let number = &vehicle.content.plate;
        let detail = format!("{name}:{number},所属单位 {}", dispatch.holder);
        Breach { observed: 1, limit, detail, since: day }
    };
    court.see(trip, place, ("trip_borrowed", ""), day, |limit| {
        (!shared).then(|| breach("借用其他单位车辆", limit))
    });
    diverted(court, trip, place, vehicle, breach);
    Ok(())
}

/// In a vehicle of another organization that is kept for what that has it for. The cases of the rule say of
/// which categories that is.
fn diverted(
    court: &mut Court,
    trip: &Trip,
    place: &Place,
    vehicle: &Vehicle,
    breach: impl FnOnce(&str, i64) -> Breach,
) {
    let Some(day) = trip.depart_time.map(today) else { return };
    let category = vehicle.content.category;
    match keeping(&court.rules, place, category, day).cloned() {
        None => court.clear(trip, DIVERTED, ""),
        Some(rule) => {
            let breach = breach(&format!("挪用{}", category.zh()), rule.value);
            court.tell(trip, rule, "", Some(breach));
        }
    }
}

/// Between the return from the trip before and this one, and between this one and the next, the vehicle
/// went farther than the rule leaves without a trip.
async fn undispatched(tx: &mut Tx, court: &mut Court, trip: &Trip) -> Result<()> {
    let before = store::before(tx, trip).await?;
    gap(tx, court, before.as_ref(), trip).await?;
    match store::next(tx, trip).await? {
        Some(next) => gap(tx, court, Some(trip), &next).await,
        None => Ok(()),
    }
}

async fn gap(tx: &mut Tx, court: &mut Court, before: Option<&Trip>, trip: &Trip) -> Result<()> {
    let Some(depart) = trip.depart_time else { return Ok(()) };
    let place = actions::place(tx, trip).await?;
    let read = before.and_then(|it| it.end_odometer_m).zip(trip.start_odometer_m);
    court.see(trip, &place, ("trip_undispatched", ""), today(depart), |limit| {
        let (end, start) = read?;
        let (observed, since) = (start - end, today(depart));
        let detail = format!(
            "上次回车里程表 {} 公里,本次出车 {} 公里,其间行驶无出车记录",
            end / 1000,
            start / 1000
        );
        (observed > limit).then_some(Breach { observed, limit, detail, since })
    });
    Ok(())
}

/// What two trips cannot share at once.
type Of = fn(&Trip) -> Option<Uuid>;

/// What is shared: the occasion, its name for people, and which one a trip has.
const SHARED: [(&str, &str, Of); 2] = [
    ("vehicle", "车辆", |trip| Some(trip.dispatch.as_ref()?.vehicle.uuid())),
    ("driver", "驾驶员", |trip| Some(trip.dispatch.as_ref()?.driver?.uuid())),
];

fn overlapped(
    court: &mut Court,
    trip: &Trip,
    place: &Place,
    (occasion, name): (&str, &str),
    clash: bool,
) {
    let Some(window) = trip.actual() else { return };
    let day = window.first_day();
    court.see(trip, place, ("trip_overlap", occasion), day, |limit| {
        let times = format!("{}至{}", clock(window.from), clock(window.until));
        let detail = format!("{times},同一{name}另有出车记录");
        clash.then_some(Breach { observed: 1, limit, detail, since: day })
    });
}

/// Judges trips that are still out, some days after the end of their window.
pub(super) async fn judge_overdue(tx: &mut Tx, ctx: &Ctx, trips: &[Trip]) -> Result<()> {
    let mut court = Court::open(tx).await?;
    for trip in trips.iter().filter(|trip| trip.state == State::Departed) {
        let place = actions::place(tx, trip).await?;
        let (end, now) = (trip.plan.window.last_day(), ctx.today());
        court.see(trip, &place, ("trip_overdue", ""), now, |limit| {
            let detail = format!("应于{end}归队,至今未登记回车");
            let since = later(end, limit + 1);
            // The same every day, so that one that was judged stays so.
            let observed = limit + 1;
            (now >= since).then_some(Breach { observed, limit, detail, since })
        });
    }
    observe(tx, ctx, &court.seen).await
}

/// Judges whether emergency trips were approved in time, or still may be.
pub(super) async fn judge_approval(tx: &mut Tx, ctx: &Ctx, trips: &[Trip]) -> Result<()> {
    let mut court = Court::open(tx).await?;
    for trip in trips {
        let (Some(due), Some(depart)) = (trip.approval_due_on, trip.depart_time) else { continue };
        let place = actions::place(tx, trip).await?;
        let late = late(trip, due, ctx.today());
        court.see(trip, &place, ("trip_unapproved", ""), today(depart), |limit| {
            let (detail, since) = late?;
            // The same every day, so that one that was judged stays so.
            Some(Breach { observed: limit + 1, limit, detail, since })
        });
    }
    observe(tx, ctx, &court.seen).await
}

/// What is late about the approval of an emergency trip, and since when; `None` where it is in time. That it
/// came in the end does not undo that it came late.
fn late(trip: &Trip, due: NaiveDate, now: NaiveDate) -> Option<(String, NaiveDate)> {
    if let Some(refused) = trip.refuse_time {
        return Some(("紧急用车补办审批未获批准".to_owned(), today(refused)));
    }
    let approved = trip.approve_time.map(today);
    let how = match approved {
        Some(day) => format!("{day}才批准"),
        None => "至今未批准".to_owned(),
    };
    let detail = format!("紧急用车应于{due}前补办审批,{how}");
    (approved.unwrap_or(now) > due).then(|| (detail, later(due, 1)))
}
