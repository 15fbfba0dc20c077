//! What is closed never changes.

use chrono::TimeDelta;
use prost::Message;
use steward_proto::ledger::v1::{Basis, NewEntry, View};
use steward_proto::report::v1::{CostReductionReport, DomainPart, GetCostReductionReportRequest};
use steward_tests::{TestDb, both};
use tonic::Code;
use tonic_types::StatusExt;

use super::{CITY, World, XILING, YILING, asked, entry, total};

both!(
    [],
    the_report_of_closed_months_repeats_to_the_byte,
    a_closed_month_takes_no_entry,
    closed_are_all_regions_that_are_asked_for,
);

/// All of a report but when it was read and the revision of the ledgers.
fn body(mut report: CostReductionReport) -> Vec<u8> {
    for part in &mut report.parts {
        part.read_time = None;
        part.revision.clear();
    }
    report.encode_to_vec()
}

const DOMAINS: [&str; 4] = ["fleet", "property", "maintenance", "energy"];

/// What is closed in every domain.
const REGIONS: [&str; 2] = ["420500", "420502"];

/// Two years of two organizations, a wrong entry, and one payment that was booked in two domains;
/// answers what is reversed later, by domain.
async fn seed(world: &World) -> [(&'static str, String); 2] {
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
    let repair = |category, day| vec![entry(CITY, category, day, 5_000, "发-9")];
    let twice = world.post("fleet", repair("vehicle_repair", "2016-03-05")).await.remove(0);
    world.post("maintenance", repair("small_repair", "2016-03-08")).await;
    for domain in DOMAINS {
        for region in REGIONS {
            world.close(domain, region, "2016-12").await;
        }
    }
    [("energy", id), ("fleet", twice)]
}

async fn the_report_of_closed_months_repeats_to_the_byte(db: TestDb) {
    let world = World::like(&db).await;
    let wrong = seed(&world).await;
    let requests = [Basis::Paid, Basis::Incurred].map(|basis| GetCostReductionReportRequest {
        basis: basis.into(),
        include_suspected_duplicates: true,
        regions: REGIONS.map(str::to_owned).to_vec(),
        ..asked("2016-01", "2017-01")
    });
    let mut before = Vec::new();
    for request in &requests {
        let report = world.report(request.clone()).await;
        assert!(report.complete, "{:?}", report.incomplete_reasons);
        assert_eq!(total(&report).1, 720_156);
        assert!(report.parts.iter().all(|part| part.closed), "{:?}", report.parts);
        assert!(report.suspected_duplicates_checked);
        assert_eq!(report.suspected_duplicates.len(), 1);
        before.push(body(report));
    }

    // A late invoice for the closed months, reversals of entries in them, one of a payment that was
    // booked twice, new organizations and a new region, a declaration, a further close; and within
    // the period, for a region that is open, entries, a declaration, and a payment for it by the city.
    let late = NewEntry {
        service_from: "2016-03-01".to_owned(),
        service_until: "2017-03-01".to_owned(),
        ..entry(CITY, "electricity", "2017-01-15", 365_000, "迟")
    };
    world.post("energy", vec![late]).await;
    for (domain, id) in &wrong {
        world.reverse(domain, id).await;
    }
    let inside = |document| entry(YILING, "water", "2016-05-05", 900, document);
    let paid = NewEntry { paid_by: CITY.to_owned(), ..inside("统") };
    world.post("energy", vec![inside("内"), paid]).await;
    world.declare("fleet", YILING, "2016-01").await;
    world.post("energy", vec![entry(YILING, "water", "2017-02-01", 5, "新")]).await;
    world.declare("energy", YILING, "2017-01").await;
    world.zero("energy", YILING, "2016-06").await;
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
    assert_eq!(total(&january).0, closed_part - 777 - 5_000);
    // Open regions were never called closed, and did change.
    let open = world.report(asked("2016-01", "2017-01")).await;
    assert_eq!(total(&open).0, 480_156 + 777 + 2 * 5_000 + 2 * 900);
}

async fn closed_are_all_regions_that_are_asked_for(db: TestDb) {
    let world = World::like(&db).await;
    world.post("energy", vec![entry(CITY, "water", "2016-03-05", 500, "1")]).await;
    for region in REGIONS {
        world.close("energy", region, "2016-06").await;
    }
    let closed = async |regions: &[&str], view: View| {
        let request = GetCostReductionReportRequest {
            regions: regions.iter().map(ToString::to_string).collect(),
            view: view.into(),
            ..asked("2016-01", "2016-07")
        };
        let closed = |part: &DomainPart| part.closed.then(|| part.domain.clone());
        world.report(request).await.parts.iter().filter_map(closed).collect::<Vec<_>>()
    };
    assert_eq!(closed(&REGIONS, View::User).await, ["energy"]);
    let none = Vec::<String>::new();
    assert_eq!(closed(&["420500", "420506"], View::User).await, none);
    assert_eq!(closed(&["4205*"], View::User).await, none);
    assert_eq!(closed(&[], View::User).await, none);
    assert_eq!(closed(&REGIONS, View::Payer).await, none, "it may pay for others");
    for (region, _) in steward_kernel::yichang::REGIONS {
        if !REGIONS.contains(&region) {
            world.close("energy", region, "2016-06").await;
        }
    }
    for view in [View::User, View::Payer] {
        assert_eq!(closed(&[], view).await, ["energy"]);
        assert_eq!(closed(&REGIONS, view).await, ["energy"]);
    }
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
