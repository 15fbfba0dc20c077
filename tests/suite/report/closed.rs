//! What is closed never changes.

use chrono::TimeDelta;
use prost::Message;
use steward_proto::ledger::v1::{Basis, NewEntry};
use steward_proto::report::v1::{CostReductionReport, DomainPart, GetCostReductionReportRequest};
use steward_tests::{TestDb, both};
use tonic::Code;
use tonic_types::StatusExt;

use super::{CITY, World, XILING, YILING, asked, entry, total};

both!([], the_report_of_closed_months_repeats_to_the_byte, a_closed_month_takes_no_entry);

/// All of a report but when it was read and the revision of the ledgers.
fn body(mut report: CostReductionReport) -> Vec<u8> {
    for part in &mut report.parts {
        part.read_time = None;
        part.revision.clear();
    }
    report.encode_to_vec()
}

const DOMAINS: [&str; 4] = ["fleet", "property", "maintenance", "energy"];

async fn seed(world: &World) -> String {
    for (organization, mark) in [(CITY, "a"), (XILING, "b")] {
        world.declare("energy", organization, "2015-01").await;
        for (year, fen) in [(2015, 30_000), (2016, 20_000)] {
            for month in 1..=12 {
                let day = format!("{year}-{month:02}-11");
                let bill = NewEntry {
                    service_from: format!("{year}-{month:02}-01"),
                    service_until: format!("{year}-{month:02}-21"),
                    ..entry(organization, "electricity", &day, fen + month, &format!("{mark}{day}"))
                };
                world.post("energy", vec![bill]).await;
            }
        }
    }
    let wrong = entry(CITY, "water", "2016-05-05", 777, "错");
    let id = world.post("energy", vec![wrong]).await.remove(0);
    for domain in DOMAINS {
        for region in ["420500", "420502"] {
            world.close(domain, region, "2016-12").await;
        }
    }
    id
}

async fn the_report_of_closed_months_repeats_to_the_byte(db: TestDb) {
    let world = World::like(&db).await;
    let wrong = seed(&world).await;
    let requests = [Basis::Paid, Basis::Incurred].map(|basis| GetCostReductionReportRequest {
        basis: basis.into(),
        include_suspected_duplicates: true,
        ..asked("2016-01", "2017-01")
    });
    let mut before = Vec::new();
    for request in &requests {
        let report = world.report(request.clone()).await;
        assert!(report.complete, "{:?}", report.incomplete_reasons);
        assert_eq!(total(&report).1, 720_156);
        let closed = |part: &DomainPart| part.closed == (part.domain == "energy");
        assert!(report.parts.iter().all(closed), "{:?}", report.parts);
        before.push(body(report));
    }

    // A late invoice for the closed months, a reversal of an entry in one, new organizations and a
    // new region, a declaration, a further close.
    let late = NewEntry {
        service_from: "2016-03-01".to_owned(),
        service_until: "2017-03-01".to_owned(),
        ..entry(CITY, "electricity", "2017-01-15", 365_000, "迟")
    };
    world.post("energy", vec![late]).await;
    world.reverse("energy", &wrong).await;
    world.post("energy", vec![entry(YILING, "water", "2017-02-01", 5, "新")]).await;
    world.declare("energy", YILING, "2017-01").await;
    world.zero("fleet", XILING, "2017-01").await;
    for domain in DOMAINS {
        world.close(domain, "420500", "2017-01").await;
    }
    world.clock.advance(TimeDelta::days(1));

    for (request, before) in requests.iter().zip(&before) {
        assert_eq!(&body(world.report(request.clone()).await), before);
    }
    // The late invoice counts in the first open month, wholly.
    let request = GetCostReductionReportRequest {
        basis: Basis::Incurred.into(),
        ..asked("2017-01", "2017-02")
    };
    let january = world.report(request).await;
    let closed_part = 365_000 * (306 + 31) / 365;
    assert_eq!(total(&january).0, closed_part - 777);
}

async fn a_closed_month_takes_no_entry(db: TestDb) {
    let world = World::like(&db).await;
    world.post("energy", vec![entry(CITY, "water", "2016-03-05", 500, "1")]).await;
    world.close("energy", "420500", "2016-03").await;
    let refused = |day: &str| {
        let bill = vec![entry(CITY, "water", day, 500, day)];
        let world = &world;
        async move { world.try_post("energy", bill).await }
    };
    for day in ["2016-03-31", "2016-03-01", "2015-01-01"] {
        let error = refused(day).await.unwrap_err();
        assert_eq!(error.code(), Code::FailedPrecondition, "{day}");
        let details = error.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "MONTH_CLOSED");
    }
    refused("2016-04-01").await.unwrap();
    // Another region and another domain are still open.
    world.post("energy", vec![entry(XILING, "water", "2016-03-05", 500, "1")]).await;
    world.post("fleet", vec![entry(CITY, "vehicle_fuel", "2016-03-05", 500, "1")]).await;
}
