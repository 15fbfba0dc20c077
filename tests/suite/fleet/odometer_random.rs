//! Readings that come and go at random, against a naive oracle that looks at all of them each time.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_proto::finding::v1::{FindingState, ListFindingsRequest};
use steward_proto::fleet::v1::{ListReadingsRequest, Reading, RetractReadingRequest, Vehicle};
use steward_tests::{TestDb, both};

use super::running::Clients;
use super::{MIGRATIONS, request_id};

both!(MIGRATIONS, what_fits_depends_on_the_readings_alone);

#[derive(Debug, Clone)]
enum Step {
    /// On a day of May, so many kilometres more or less than on a straight line.
    Record {
        day: i64,
        off: i64,
    },
    Retract(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Most fit; some are typed far too high or too low.
    let off = prop_oneof![6 => -15..16_i64, 1 => 200..400_i64, 1 => -290..-100_i64];
    let step = prop_oneof![
        5 => (1..31_i64, off).prop_map(|(day, off)| Step::Record { day, off }),
        2 => any::<usize>().prop_map(Step::Retract),
    ];
    prop::collection::vec(step, 14..22)
}

/// The values of the longest row that never falls; of several the one that is lower from its end on.
fn longest(values: &[i64]) -> Vec<i64> {
    let mut best: Vec<i64> = Vec::new();
    for set in 0_u32..1 << values.len() {
        let row = (0..values.len()).rev().filter(|place| set >> place & 1 == 1);
        let row: Vec<_> = row.map(|place| values[place]).collect();
        let falls = !row.iter().rev().is_sorted();
        if !falls && (row.len() > best.len() || (row.len() == best.len() && row < best)) {
            best = row;
        }
    }
    best.reverse();
    best
}

async fn readings(clients: &mut Clients, vehicle: &Vehicle) -> Vec<Reading> {
    let request = ListReadingsRequest { vehicle_id: vehicle.id.clone(), ..Default::default() };
    let answer = clients.odometer.list_readings(request).await.unwrap().into_inner();
    answer.readings.into_iter().filter(|it| !it.retracted).collect()
}

async fn what_fits_depends_on_the_readings_alone(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let mut runner = TestRunner::deterministic();
    let mut misfits = 0;
    for number in 0..6 {
        let vehicle = clients.car(&format!("鄂E0000{number}")).await;
        for step in steps().new_tree(&mut runner).unwrap().current() {
            let there = readings(&mut clients, &vehicle).await;
            match step {
                Step::Record { day, off } if there.len() < 12 => {
                    let kilometres = 300 + 10 * day + off;
                    let time = format!("2017-05-{day:02} 08:00");
                    // The same twice is refused.
                    let _ = clients.read(&vehicle, &time, kilometres).await;
                }
                Step::Retract(at) if !there.is_empty() => {
                    let reading = &there[at % there.len()];
                    let request = RetractReadingRequest {
                        request_id: request_id(),
                        id: reading.id.clone(),
                        etag: reading.etag.clone(),
                        reason: "看错".to_owned(),
                        validate_only: false,
                    };
                    clients.odometer.retract_reading(request).await.unwrap();
                }
                _ => {}
            }
            let there = readings(&mut clients, &vehicle).await;
            let values: Vec<_> = there.iter().map(|it| it.odometer_m).collect();
            let fit = there.iter().filter(|it| it.fits).map(|it| it.odometer_m);
            assert_eq!(fit.collect::<Vec<_>>(), longest(&values), "of {values:?}");
        }
        let there = readings(&mut clients, &vehicle).await;
        let mut unfit: Vec<_> =
            there.iter().filter(|it| !it.fits).map(|it| it.id.clone()).collect();
        unfit.sort();
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
        assert_eq!(open, unfit);
        misfits += unfit.len();
    }
    assert!(misfits > 6, "{misfits}");
}
