//! Readings that come and go at random, against a naive oracle that looks at all of them each time.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_proto::finding::v1::{FindingState, ListFindingsRequest};
use steward_proto::fleet::v1::{
    ListReadingsRequest, NewExpense, Reading, RetractReadingRequest, ReverseExpenseRequest, Vehicle,
};
use steward_tests::{TestDb, both};

use super::running::{Clients, fill, reading};
use super::{MIGRATIONS, request_id};

both!(MIGRATIONS, what_fits_depends_on_the_readings_alone);

#[derive(Debug, Clone)]
enum Step {
    /// On a day of May, so many kilometres more or less than on a straight line.
    Record {
        day: i64,
        hour: i64,
        off: i64,
    },
    /// A slip of which only the day is known.
    Slip {
        day: i64,
        off: i64,
    },
    /// Another odometer, which begins with less.
    Replace(i64),
    Retract(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Most fit; some are typed far too high or too low.
    let off = prop_oneof![6 => -15..16_i64, 1 => 200..400_i64, 1 => -290..-100_i64];
    let step = prop_oneof![
        5 => (1..31_i64, 7..10_i64, off.clone())
            .prop_map(|(day, hour, off)| Step::Record { day, hour: 3 * hour - 14, off }),
        3 => (1..31_i64, off).prop_map(|(day, off)| Step::Slip { day, off }),
        1 => (5..25_i64).prop_map(Step::Replace),
        2 => any::<usize>().prop_map(Step::Retract),
    ];
    prop::collection::vec(step, 14..22)
}

/// The longest row of readings that never falls; of several the one that is lower from its end on.
fn longest<'r>(readings: &[&'r Reading]) -> Vec<&'r Reading> {
    let (mut best, mut lowest): (Vec<&Reading>, Vec<i64>) = (Vec::new(), Vec::new());
    for set in 0_u32..1 << readings.len() {
        let row = (0..readings.len()).filter(|place| set >> place & 1 == 1);
        let row: Vec<_> = row.map(|place| readings[place]).collect();
        let values: Vec<_> = row.iter().rev().map(|it| it.odometer_m).collect();
        let falls = !values.iter().rev().is_sorted();
        if !falls && (row.len() > best.len() || (row.len() == best.len() && values < lowest)) {
            (best, lowest) = (row, values);
        }
    }
    best
}

fn day(reading: &Reading) -> i64 {
    (reading.read_time.as_ref().unwrap().seconds + 8 * 3600).div_euclid(24 * 3600)
}

/// What fits of a series: a slip of a day stands before the first reading of its day that fits the others
/// and shows more.
fn fitting(series: &[Reading]) -> Vec<&Reading> {
    let exact: Vec<_> = series.iter().filter(|it| !it.whole_day).collect();
    let row = longest(&exact);
    let mut ordered = exact;
    for slip in series.iter().filter(|it| it.whole_day) {
        let more = |it: &&Reading| {
            (it.whole_day || row.iter().any(|fit| fit.id == it.id))
                && it.odometer_m > slip.odometer_m
        };
        let place =
            ordered.iter().position(|it| day(it) > day(slip) || (day(it) == day(slip) && more(it)));
        ordered.insert(place.unwrap_or(ordered.len()), slip);
    }
    longest(&ordered)
}

async fn readings(clients: &mut Clients, vehicle: &Vehicle) -> Vec<Reading> {
    let request = ListReadingsRequest { vehicle_id: vehicle.id.clone(), ..Default::default() };
    let answer = clients.odometer.list_readings(request).await.unwrap().into_inner();
    answer.readings.into_iter().filter(|it| !it.retracted).collect()
}

async fn what_fits_depends_on_the_readings_alone(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let mut runner = TestRunner::deterministic();
    let (mut misfits, mut slips) = (0, 0);
    for number in 0..6 {
        let vehicle = clients.car(&format!("鄂E0000{number}")).await;
        for step in steps().new_tree(&mut runner).unwrap().current() {
            let there = readings(&mut clients, &vehicle).await;
            take(&mut clients, &vehicle, step, &there, &mut slips).await;
            let there = readings(&mut clients, &vehicle).await;
            let series = there.chunk_by(|_, next| !next.replaced).flat_map(fitting);
            let mut want: Vec<_> = series.map(|it| &*it.id).collect();
            want.sort_unstable();
            let mut fit: Vec<_> = there.iter().filter(|it| it.fits).map(|it| &*it.id).collect();
            fit.sort_unstable();
            assert_eq!(fit, want, "of {there:#?}");
        }
        let there = readings(&mut clients, &vehicle).await;
        let mut unfit: Vec<_> =
            there.iter().filter(|it| !it.fits).map(|it| it.id.clone()).collect();
        unfit.sort();
        assert_eq!(found(&mut clients, &vehicle).await, unfit);
        misfits += unfit.len();
    }
    assert!(misfits > 6, "{misfits}");
}

async fn take(
    clients: &mut Clients,
    vehicle: &Vehicle,
    step: Step,
    there: &[Reading],
    slips: &mut u32,
) {
    match step {
        Step::Record { day, hour, off } if there.len() < 12 => {
            let time = format!("2017-05-{day:02} {hour:02}:00");
            // The same twice is refused.
            let _ = clients.read(vehicle, &time, 300 + 10 * day + off).await;
        }
        Step::Slip { day, off } if there.len() < 12 => {
            let on = format!("2017-05-{day:02}");
            *slips += 1;
            let (time, kilometres) = (format!("{on} 08:00"), 300 + 10 * day + off);
            let slip = fill(vehicle, &time, 100, 1_000, kilometres, &slips.to_string());
            let slip = NewExpense { occur_time: None, occurred_on: on, ..slip };
            clients.recorded(vec![slip]).await;
        }
        Step::Replace(day) if there.len() < 12 => {
            let mut request = reading(vehicle, &format!("2017-05-{day:02} 11:00"), 10 * day);
            let new = request.reading.as_mut().unwrap();
            (new.replaced, new.note) = (true, "换表".to_owned());
            let _ = clients.odometer.record_odometer(request).await;
        }
        Step::Retract(at) if !there.is_empty() => {
            take_back(clients, &there[at % there.len()]).await;
        }
        _ => {}
    }
}

async fn take_back(clients: &mut Clients, old: &Reading) {
    if old.whole_day {
        let request = ReverseExpenseRequest {
            request_id: request_id(),
            id: old.source_id.clone(),
            reason: "错账".to_owned(),
            validate_only: false,
        };
        clients.expenses.reverse_expense(request).await.unwrap();
        return;
    }
    let request = RetractReadingRequest {
        request_id: request_id(),
        id: old.id.clone(),
        etag: old.etag.clone(),
        reason: "看错".to_owned(),
        validate_only: false,
    };
    clients.odometer.retract_reading(request).await.unwrap();
}

/// The readings that open findings are about.
async fn found(clients: &mut Clients, vehicle: &Vehicle) -> Vec<String> {
    let request = ListFindingsRequest {
        code: "odometer_backwards".to_owned(),
        resource: format!("vehicles/{}", vehicle.id),
        page_size: 100,
        ..Default::default()
    };
    let found = clients.findings.list_findings(request).await.unwrap().into_inner().findings;
    let open = found.into_iter().filter(|it| it.state() == FindingState::Open);
    let mut open: Vec<_> = open.map(|it| it.occasion).collect();
    open.sort();
    open
}
