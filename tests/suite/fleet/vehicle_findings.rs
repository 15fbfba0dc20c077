//! Vehicles that are held against the rules: what is loaded is never refused for a broken one.

use chrono::TimeDelta;
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{Finding, OpenFindingRequest};
use steward_proto::fleet::v1::{
    CreateVehicleRequest, GuaranteeMode, LeaderRank, ListVehiclesRequest, UpdateVehicleRequest,
    Vehicle, VehicleBody, VehicleCategory, VehicleSource, VehicleState,
};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, both};
use tonic::Code;

use super::establishment::{EMERGENCY, House, emergency, get as place, grant, numbers};
use super::{
    MIGRATIONS, XILING, YILING, car, correct, create, creating, faults, get, known, plates, reason,
    request_id, update, updating,
};

both!(
    MIGRATIONS,
    what_is_loaded_opens_findings,
    a_change_is_held_against_the_rules_again,
    what_came_without_a_request_is_found,
    what_people_found_of_a_vehicle_guards_it_too,
    who_gets_a_subsidy_has_no_car_beside,
    days_that_pass_are_found,
    a_vehicle_takes_a_place_of_its_category,
    the_kind_of_the_organization_chooses_the_rules,
    a_disposed_vehicle_changes_no_more,
    what_the_register_keeps_is_bounded,
    lists_filter_by_the_register,
);

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|it| it.code.as_str()).collect()
}

fn of(vehicle: &Vehicle) -> String {
    format!("vehicles/{}", vehicle.id)
}

/// A car that breaks what it can.
fn broken(plate: &str) -> Vehicle {
    Vehicle {
        price_fen: 18_000_001,
        displacement_ml: 1801,
        source: VehicleSource::Borrowed.into(),
        registered_owner: "宜昌某某公司".to_owned(),
        luxury_fitout: "真皮座椅".to_owned(),
        domestic: Some(false),
        inspection_due_on: "2017-06-14".to_owned(),
        insured_until: "2017-06-15".to_owned(),
        ..car(XILING, plate)
    }
}

const BROKEN: [&str; 8] = [
    "acquisition_source",
    "domestic_brand",
    "luxury_fitout",
    "registered_owner",
    "vehicle_displacement_cap",
    "vehicle_inspection",
    "vehicle_insurance",
    "vehicle_price_cap",
];

async fn what_is_loaded_opens_findings(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.vehicles();
    let fine = create(&mut client, car(XILING, "鄂E00001")).await.unwrap();
    assert_eq!((house.findings(&of(&fine)).await.len(), fine.breach_count), (0, 0));
    // At the caps nothing is broken.
    let at = Vehicle { price_fen: 18_000_000, displacement_ml: 1800, ..car(XILING, "鄂E00002") };
    assert_eq!(create(&mut client, at).await.unwrap().breach_count, 0);
    let check = CreateVehicleRequest { validate_only: true, ..creating(broken("鄂E00003")) };
    let checked = client.create_vehicle(check).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!(checked.breach_count, 8, "it is told before it is done");
    let made = create(&mut client, broken("鄂E00003")).await.unwrap();
    let found = house.findings(&of(&made)).await;
    assert_eq!(codes(&found), BROKEN);
    assert_eq!(made.breach_count, 8);
    let price = found.last().unwrap();
    assert_eq!((price.observed, price.limit), (18_000_001, 18_000_000));
    assert_eq!((price.organization.as_str(), price.region.as_str()), (XILING, "420502"));
    assert_eq!(price.since_on, "2014-05-20");
    assert_eq!(price.detail, "鄂E00003:应急保障用车价格 180000.01 元,超过标准 180000.00 元");
    assert!(price.legal_basis.starts_with("《党政机关公务用车配备使用管理办法》"));
    // By the rules of its day: 250,000 yuan and 2 litres were no breach in 2010.
    let (price_fen, displacement_ml) = (25_000_000, 2000);
    let acquired_on = "2010-12-31".to_owned();
    let old = Vehicle { acquired_on, price_fen, displacement_ml, ..car(XILING, "鄂E00004") };
    assert_eq!(create(&mut client, old).await.unwrap().breach_count, 0);
}

async fn a_change_is_held_against_the_rules_again(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.vehicles();
    let made = create(&mut client, broken("鄂E00003")).await.unwrap();
    let better = Vehicle {
        id: made.id.clone(),
        etag: made.etag.clone(),
        registered_owner: String::new(),
        luxury_fitout: String::new(),
        inspection_due_on: "2017-06-15".to_owned(),
        insured_until: "2017-06-16".to_owned(),
        price_fen: 17_000_000,
        ..made.clone()
    };
    let mask =
        ["registered_owner", "luxury_fitout", "inspection_due_on", "insured_until", "price_fen"];
    let error = update(&mut client, &better, &mask).await.unwrap_err();
    assert_eq!(reason(&error), "FACTS_GUARDED", "a finding rests on them");
    let changed = correct(&mut house.registrar(), &better, &mask).await.unwrap();
    let left = ["acquisition_source", "domestic_brand", "vehicle_displacement_cap"];
    assert_eq!(codes(&house.findings(&of(&made)).await), left);
    assert_eq!(changed.breach_count, 3);
    // A category without caps has none to break.
    let category = VehicleCategory::Special.into();
    let special = Vehicle { category, domestic: None, ..changed };
    let mask = ["category", "domestic"];
    let changed = correct(&mut house.registrar(), &special, &mask).await.unwrap();
    assert_eq!(codes(&house.findings(&of(&made)).await), ["acquisition_source"]);
    assert_eq!(changed.domestic, None, "what is absent is not known");
    assert_eq!(get(&mut client, &made.id).await.unwrap(), changed);
}

async fn what_people_found_of_a_vehicle_guards_it_too(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.vehicles();
    let made = create(&mut client, car(XILING, "鄂E00001")).await.unwrap();
    let grants = grants(&["auditor"], &["4205*"]);
    let mut auditor = FindingServiceClient::new(house.caller("auditor", &grants));
    let mut open = async |organization: &str| {
        let finding = Finding {
            code: "swapped_or_borrowed".to_owned(),
            legal_basis: "《机关事务管理条例》".to_owned(),
            resource: of(&made),
            organization: organization.to_owned(),
            detail: "群众反映".to_owned(),
            since_on: "2017-06-01".to_owned(),
            ..Finding::default()
        };
        let request = OpenFindingRequest {
            request_id: request_id(),
            finding: Some(finding),
            ..OpenFindingRequest::default()
        };
        auditor.open_finding(request).await.unwrap();
    };
    let dearer = |it: &Vehicle| Vehicle { price_fen: it.price_fen + 1, ..it.clone() };
    // What is opened for another organization is none of this one's.
    open(YILING).await;
    let changed = update(&mut client, &dearer(&made), &["price_fen"]).await.unwrap();
    open(XILING).await;
    let error = update(&mut client, &dearer(&changed), &["price_fen"]).await.unwrap_err();
    assert_eq!(reason(&error), "FACTS_GUARDED");
    correct(&mut house.registrar(), &dearer(&changed), &["price_fen"]).await.unwrap();
}

async fn what_came_without_a_request_is_found(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.vehicles();
    let came = |on: &str, plate| Vehicle { acquired_on: on.to_owned(), ..car(XILING, plate) };
    create(&mut client, came("2017-05-01", "鄂E00001")).await.unwrap();
    grant(&mut house.city(), emergency(XILING, 9, "2017-03-01")).await.unwrap();
    create(&mut client, came("2017-02-28", "鄂E00002")).await.unwrap();
    let error = create(&mut client, came("2017-03-01", "鄂E00003")).await.unwrap_err();
    let named = ("vehicle.acquired_on".to_owned(), "ACQUISITION_MISSING".to_owned());
    assert_eq!(faults(&error), std::slice::from_ref(&named));
    let accepting =
        CreateVehicleRequest { accept_warnings: true, ..creating(came("2017-03-01", "鄂E00003")) };
    let made = client.create_vehicle(accepting).await.unwrap().into_inner().vehicle.unwrap();
    let found = house.findings(&of(&made)).await;
    assert_eq!(codes(&found), ["unapproved_acquisition"]);
    assert_eq!(found[0].since_on, "2017-03-01");
    // What was accepted is not asked again.
    let noted = Vehicle { note: "补办手续".to_owned(), ..made };
    let noted = update(&mut client, &noted, &["note"]).await.unwrap();
    let moved = Vehicle { acquired_on: "2017-03-02".to_owned(), ..noted.clone() };
    let mut chief = house.registrar();
    let error = correct(&mut chief, &moved, &["acquired_on"]).await.unwrap_err();
    assert_eq!(faults(&error), [named]);
    // Nobody wipes by himself what is found of his vehicle.
    let source = VehicleSource::Purchase.into();
    let back = Vehicle { acquired_on: "2017-02-01".to_owned(), source, ..noted };
    let mask = ["acquired_on", "source"];
    let error = update(&mut client, &back, &mask).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "FACTS_GUARDED"));
    let needy = Vehicle { special_need_reason: "山区".to_owned(), ..back.clone() };
    let error = update(&mut client, &needy, &["special_need_reason"]).await.unwrap_err();
    assert_eq!(reason(&error), "FACTS_GUARDED");
    let error = update(&mut chief, &back, &mask).await.unwrap_err();
    assert_eq!(faults(&error), [("reason".to_owned(), "REQUIRED".to_owned())]);
    assert_eq!(codes(&house.findings(&of(&back)).await), ["unapproved_acquisition"]);
    let back = correct(&mut chief, &back, &mask).await.unwrap();
    assert_eq!(back.correction_reason, "登记有误");
    assert_eq!(house.findings(&of(&back)).await, []);
    // The first one came before it was asked for, but after the day that was granted: the sweep finds it.
    let listed = |breaches_only| ListVehiclesRequest { breaches_only, ..Default::default() };
    assert_eq!(plates(&mut client, listed(true)).await, [""; 0]);
    house.days_pass(&db, 1).await;
    assert_eq!(plates(&mut house.vehicles(), listed(true)).await, ["鄂E00001"]);
}

async fn days_that_pass_are_found(db: TestDb) {
    let house = House::new(&db).await;
    let due = Vehicle {
        inspection_due_on: "2017-06-16".to_owned(),
        insured_until: "2017-06-18".to_owned(),
        ..car(XILING, "鄂E00001")
    };
    let made = create(&mut house.vehicles(), due).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..4 {
        house.sweep(&db).await;
        seen.push(house.findings(&of(&made)).await.len());
        house.clock.advance(TimeDelta::days(1));
    }
    assert_eq!(seen, [0, 0, 1, 2], "the day itself is included, the end is not");
    let now = get(&mut house.vehicles(), &made.id).await.unwrap();
    assert_eq!((now.breach_count, &now.etag), (2, &made.etag), "looking is no change");
    let found = house.findings(&of(&made)).await;
    assert_eq!(found[0].since_on, "2017-06-17");
    assert_eq!(found[1].since_on, "2017-06-18");
    assert!(found[1].detail.ends_with("保险有效期至 2017-06-17,未续保"), "{}", found[1].detail);
}

async fn a_vehicle_takes_a_place_of_its_category(db: TestDb) {
    let house = House::new(&db).await;
    let (mut client, mut city) = (house.vehicles(), house.city());
    grant(&mut city, emergency(XILING, 2, "2017-06-15")).await.unwrap();
    let made = create(&mut client, car(XILING, "鄂E00001")).await.unwrap();
    let held = place(&mut city, XILING, EMERGENCY).await.unwrap();
    assert_eq!(numbers(&held), (Some(2), 1, 0, 1, 0));
    for (category, counts) in [
        (VehicleCategory::Other, (0, Some(1), None)),
        (VehicleCategory::Confidential, (0, Some(0), Some(1))),
        (VehicleCategory::Emergency, (1, Some(0), Some(0))),
    ] {
        let now = get(&mut client, &made.id).await.unwrap();
        let moved = Vehicle { category: category.into(), ..now };
        correct(&mut house.registrar(), &moved, &["category"]).await.unwrap();
        let mut held = Vec::new();
        for of in [EMERGENCY, VehicleCategory::Other, VehicleCategory::Confidential] {
            held.push(place(&mut city, XILING, of).await.ok().map(|it| it.held));
        }
        assert_eq!((held[0].unwrap(), held[1], held[2]), counts, "{category:?}");
    }
    let refused = car(XILING, "鄂E00001");
    create(&mut client, refused).await.unwrap_err();
    let held = place(&mut city, XILING, EMERGENCY).await.unwrap();
    assert_eq!(held.held, 1, "what is refused takes no place");
}

async fn the_kind_of_the_organization_chooses_the_rules(db: TestDb) {
    let house = House::new(&db).await;
    for (code, region, kind) in
        [(XILING, "420502", "court"), (YILING, "420506", "public_institution")]
    {
        known(&db, code, region, kind).await;
    }
    let mut client = house.vehicles();
    // The rules of 2011 bind organs, not ordinary institutions.
    let dear = |code, plate| Vehicle { price_fen: 30_000_000, ..car(code, plate) };
    let court = create(&mut client, dear(XILING, "鄂E00001")).await.unwrap();
    assert_eq!((court.breach_count, court.renewal_due_on.as_str()), (1, "2022-05-20"));
    let institution = create(&mut client, dear(YILING, "鄂E00002")).await.unwrap();
    assert_eq!((institution.breach_count, institution.renewal_due_on.as_str()), (0, ""));
    // Years later its own rules hold: a breach of then is none, but it may be renewed.
    house.days_pass(&db, 300).await;
    let institution = get(&mut house.vehicles(), &institution.id).await.unwrap();
    assert_eq!((institution.breach_count, institution.renewal_due_on.as_str()), (0, "2022-05-20"));
}

async fn a_disposed_vehicle_changes_no_more(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.vehicles();
    let made = create(&mut client, car(XILING, "鄂E00001")).await.unwrap();
    let mut tx = db.write().await;
    tx.sql("UPDATE vehicle SET state = 'disposed', version = 2").run().await.unwrap();
    tx.commit().await.unwrap();
    let gone = get(&mut client, &made.id).await.unwrap();
    assert_eq!(gone.state(), VehicleState::Disposed);
    let noted = Vehicle { note: "x".to_owned(), ..gone };
    let error = update(&mut client, &noted, &["note"]).await.unwrap_err();
    let refused = (error.code(), reason(&error));
    assert_eq!(refused, (Code::FailedPrecondition, "VEHICLE_DISPOSED".to_owned()));
    // Its plate may go to another.
    create(&mut client, car(YILING, "鄂E00001")).await.unwrap();
    let state = VehicleState::Held.into();
    let held = ListVehiclesRequest { state, ..ListVehiclesRequest::default() };
    assert_eq!(plates(&mut client, held).await.len(), 1);
    assert_eq!(plates(&mut client, ListVehiclesRequest::default()).await.len(), 2);
}

#[expect(clippy::too_many_lines, reason = "a table")]
async fn what_the_register_keeps_is_bounded(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.vehicles();
    let wrong = Vehicle {
        source: 99,
        guarantee_mode: 9,
        leader_rank: 9,
        registered_owner: "长".repeat(101),
        luxury_fitout: "长".repeat(501),
        price_before_tax_fen: -1,
        special_need_reason: "长".repeat(501),
        work_need_reason: "长".repeat(501),
        registered_on: "2017-06-16".to_owned(),
        inspection_due_on: "1".to_owned(),
        insured_until: "2".to_owned(),
        tank_ml: 2_000_001,
        battery_wh: -1,
        fixed_to: "长".repeat(51),
        parking_place: "长".repeat(101),
        ..car(XILING, "鄂E00001")
    };
    let error = create(&mut client, wrong).await.unwrap_err();
    let mut named: Vec<_> = faults(&error).into_iter().map(|(field, _)| field).collect();
    named.sort();
    let mut expected = [
        "source",
        "guarantee_mode",
        "leader_rank",
        "registered_owner",
        "luxury_fitout",
        "price_before_tax_fen",
        "special_need_reason",
        "work_need_reason",
        "registered_on",
        "inspection_due_on",
        "insured_until",
        "tank_ml",
        "battery_wh",
        "fixed_to",
        "parking_place",
    ]
    .map(|field| format!("vehicle.{field}"));
    expected.sort();
    assert_eq!(named, expected);
    let whole = Vehicle {
        source: VehicleSource::Allocation.into(),
        registered_owner: "宜昌某某公司".to_owned(),
        luxury_fitout: "音响".to_owned(),
        domestic: Some(true),
        price_before_tax_fen: 13_274_336,
        special_need_reason: "山区道路".to_owned(),
        work_need_reason: "巡查".to_owned(),
        registered_on: "2012-02-29".to_owned(),
        inspection_due_on: "2018-02-28".to_owned(),
        insured_until: "2018-03-01".to_owned(),
        tank_ml: 60_000,
        battery_wh: 1_000,
        fixed_to: "张三".to_owned(),
        pool: true,
        parking_place: "东门车库".to_owned(),
        marked: true,
        guarantee_mode: GuaranteeMode::InKind.into(),
        leader_rank: LeaderRank::ViceMinister.into(),
        body: VehicleBody::SmallBus.into(),
        ..car(XILING, "鄂E00001")
    };
    let made = create(&mut client, whole.clone()).await.unwrap();
    let expected = Vehicle {
        id: made.id.clone(),
        etag: made.etag.clone(),
        create_time: made.create_time,
        update_time: made.update_time,
        state: VehicleState::Held.into(),
        renewal_due_on: "2020-02-29".to_owned(),
        breach_count: 2,
        ..whole
    };
    assert_eq!(made, expected);
    let bare = Vehicle { id: made.id.clone(), etag: made.etag, ..car(XILING, "鄂E00001") };
    let long = UpdateVehicleRequest { reason: "长".repeat(501), ..updating(&bare, super::ALL) };
    let error = client.update_vehicle(long).await.unwrap_err();
    assert_eq!(faults(&error)[0].0, "reason");
    let reason = "换证".to_owned();
    let request =
        UpdateVehicleRequest { accept_warnings: true, reason, ..updating(&bare, super::ALL) };
    let mut chief = house.registrar();
    let answer = chief.update_vehicle(request).await.unwrap().into_inner().vehicle.unwrap();
    let register = |it: &Vehicle| (it.source, it.domestic, it.registered_on.clone(), it.pool);
    assert_eq!(register(&answer), (0, None, String::new(), false));
    assert_eq!((answer.breach_count, answer.renewal_due_on.as_str()), (0, "2022-05-20"));
    assert_eq!(get(&mut client, &made.id).await.unwrap(), answer);
}

async fn lists_filter_by_the_register(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.vehicles();
    create(&mut client, broken("鄂E00001")).await.unwrap();
    let leased = Vehicle {
        source: VehicleSource::Lease.into(),
        inspection_due_on: "2017-08-01".to_owned(),
        insured_until: "2017-09-01".to_owned(),
        registered_on: "2009-08-01".to_owned(),
        ..car(XILING, "鄂E00002")
    };
    create(&mut client, leased).await.unwrap();
    create(&mut client, car(YILING, "鄂E00003")).await.unwrap();
    let all = ListVehiclesRequest::default();
    let day = |day: &str| day.to_owned();
    for (request, expected) in [
        (ListVehiclesRequest { breaches_only: true, ..all.clone() }, "1"),
        (ListVehiclesRequest { source: VehicleSource::Lease.into(), ..all.clone() }, "2"),
        (ListVehiclesRequest { inspection_due_before: day("2017-08-01"), ..all.clone() }, "1"),
        (ListVehiclesRequest { inspection_due_before: day("2017-08-02"), ..all.clone() }, "12"),
        (ListVehiclesRequest { insurance_due_before: day("2017-06-14"), ..all.clone() }, ""),
        (ListVehiclesRequest { insurance_due_before: day("2017-06-15"), ..all.clone() }, "1"),
        (ListVehiclesRequest { insurance_due_before: day("2017-08-31"), ..all.clone() }, "1"),
        (ListVehiclesRequest { insurance_due_before: day("2017-09-01"), ..all.clone() }, "12"),
        (ListVehiclesRequest { renewal_due_before: day("2017-08-01"), ..all.clone() }, ""),
        (ListVehiclesRequest { renewal_due_before: day("2017-08-02"), ..all.clone() }, "2"),
        (ListVehiclesRequest { renewal_due_before: day("2030-01-01"), ..all.clone() }, "123"),
        (ListVehiclesRequest { state: VehicleState::Disposed.into(), ..all.clone() }, ""),
    ] {
        let found = plates(&mut client, request.clone()).await;
        let last: String = found.iter().filter_map(|plate| plate.chars().last()).collect();
        assert_eq!(last, expected, "{request:?}");
    }
}

async fn who_gets_a_subsidy_has_no_car_beside(db: TestDb) {
    let house = House::new(&db).await;
    house.clock.advance(TimeDelta::days(300));
    let mut client = house.vehicles();
    let fixed = Vehicle {
        fixed_to: "张三".to_owned(),
        guarantee_mode: GuaranteeMode::InKind.into(),
        ..car(XILING, "鄂E00001")
    };
    let made = create(&mut client, fixed).await.unwrap();
    assert_eq!(house.findings(&of(&made)).await, []);
    let paid = Vehicle { guarantee_mode: GuaranteeMode::Subsidy.into(), ..made };
    let made = update(&mut client, &paid, &["guarantee_mode"]).await.unwrap();
    let found = house.findings(&of(&made)).await;
    assert_eq!(codes(&found), ["subsidy_and_vehicle"]);
    assert_eq!(found[0].violation, "private_use");
    let nobodys = Vehicle { fixed_to: String::new(), ..made };
    let error = update(&mut client, &nobodys, &["fixed_to"]).await.unwrap_err();
    assert_eq!(reason(&error), "FACTS_GUARDED");
    let made = correct(&mut house.registrar(), &nobodys, &["fixed_to"]).await.unwrap();
    assert_eq!(house.findings(&of(&made)).await, []);
}
