//! Replacing vehicles, and places that are cut while something is asked for.

use steward_proto::approval::v1::Decision;
use steward_proto::fleet::v1::{Acquisition, RequestState, Vehicle, VehicleCategory};
use steward_tests::{TestDb, both};

use super::acquisition::{ask, bought, cancelling, read, register, wanted};
use super::office::Office;
use super::{MIGRATIONS, XILING, YILING, car, create, disposal, reason, transfer, update};

both!(
    MIGRATIONS,
    a_replacement_keeps_the_place_of_the_old_vehicle,
    a_vehicle_that_moved_on_keeps_no_place_of_others,
    a_cut_freezes_what_is_not_approved_yet,
    a_promised_place_is_not_changed_for_another,
    a_renewal_and_another_category_are_raced_for,
);

async fn a_replacement_keeps_the_place_of_the_old_vehicle(db: TestDb) {
    let office = Office::open(&db).await;
    // Loaded before anything was granted.
    let old = Vehicle { acquired_on: "2009-06-15".to_owned(), ..car(XILING, "鄂E00001") };
    let old = create(&mut office.vehicles(), old).await.unwrap();
    let young = Vehicle { acquired_on: "2009-06-16".to_owned(), ..car(XILING, "鄂E00002") };
    let young = create(&mut office.vehicles(), young).await.unwrap();
    office.grant(XILING, 2, "2017-01-01").await;
    let early = ask(&office, replacing(&young.id)).await.unwrap_err();
    assert_eq!(reason(&early), "RENEWAL_EARLY");
    let reasoned =
        Acquisition { early_renewal_reason: "事故报废".to_owned(), ..replacing(&young.id) };
    ask(&office, reasoned).await.unwrap();
    let other = Acquisition { organization: YILING.to_owned(), ..replacing(&old.id) };
    assert_eq!(reason(&ask(&office, other).await.unwrap_err()), "RENEWAL_UNLIKE");

    let asked = ask(&office, replacing(&old.id)).await.unwrap();
    assert!(!asked.holds_place, "the old vehicle has it");
    assert_eq!(office.places(XILING).await, (Some(2), 2, 0));
    let twice = ask(&office, replacing(&old.id)).await.unwrap_err();
    assert_eq!(reason(&twice), "VEHICLE_ENGAGED");
    office.approve(&asked.approval_id).await.unwrap();
    let held = register(&office, &asked.id, bought("鄂E00003"), "发票1").await.unwrap_err();
    assert_eq!(reason(&held), "REPLACED_VEHICLE_HELD");
    disposal::dispose(&office, &old.id).await;
    assert_eq!(office.places(XILING).await, (Some(2), 1, 1), "kept for the new one");
    let third = ask(&office, wanted(XILING)).await.unwrap_err();
    assert_eq!(reason(&third), "ESTABLISHMENT_EXHAUSTED");
    // The plate is free again.
    register(&office, &asked.id, bought("鄂E00001"), "发票1").await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(2), 2, 0));
}

/// A renewal has to do with the place of the one who asked for it, and with none that the vehicle takes
/// later.
async fn a_vehicle_that_moved_on_keeps_no_place_of_others(db: TestDb) {
    let office = Office::open(&db).await;
    let old = Vehicle { acquired_on: "2009-06-15".to_owned(), ..car(XILING, "鄂E00001") };
    let old = create(&mut office.vehicles(), old).await.unwrap();
    for organization in [XILING, YILING] {
        office.grant(organization, 1, "2017-01-01").await;
    }
    let renewal = Acquisition { replaces_vehicle_id: old.id.clone(), ..wanted(XILING) };
    let renewal = ask(&office, renewal).await.unwrap();
    let moved = transfer::ask(&office, &old.id, YILING).await.unwrap();
    office.approve(&moved.approval_id).await.unwrap();
    let moved = transfer::read(&office, &moved.id).await;
    let complete = transfer::completing(&moved);
    office.transfers().complete_transfer(complete).await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(1), 0, 1));
    assert_eq!(office.places(YILING).await, (Some(1), 1, 0));
    // Who holds it now may replace it, and disposes of it for himself.
    let theirs = Acquisition { replaces_vehicle_id: old.id.clone(), ..wanted(YILING) };
    let theirs = ask(&office, theirs).await.unwrap();
    disposal::dispose(&office, &old.id).await;
    assert_eq!(office.places(YILING).await, (Some(1), 0, 1));
    let now = read(&office, &theirs.id).await;
    office.acquisitions().cancel_acquisition(cancelling(&now)).await.unwrap();
    assert_eq!(office.places(YILING).await, (Some(1), 0, 0));
    assert_eq!(office.places(XILING).await, (Some(1), 0, 1));
    office.approve(&renewal.approval_id).await.unwrap();
    register(&office, &renewal.id, bought("鄂E00002"), "发票1").await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(1), 1, 0));
}

async fn a_cut_freezes_what_is_not_approved_yet(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 2, "2017-01-01").await;
    let approved = ask(&office, wanted(XILING)).await.unwrap();
    office.approve(&approved.approval_id).await.unwrap();
    let pending = ask(&office, wanted(XILING)).await.unwrap();
    office.grant(XILING, 1, "2017-06-01").await;
    assert_eq!(office.places(XILING).await, (Some(1), 0, 2));
    for _ in 0..4 {
        office.decide(&pending.approval_id, Decision::Approve).await.unwrap();
    }
    let frozen = office.decide(&pending.approval_id, Decision::Approve).await.unwrap_err();
    assert_eq!(reason(&frozen), "ESTABLISHMENT_FROZEN");
    assert_eq!(read(&office, &pending.id).await.state(), RequestState::Pending);
    // What was approved before has been bought: it is registered, and no more is taken than before.
    register(&office, &approved.id, bought("鄂E12345"), "发票1").await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(1), 1, 1));
    office.decide(&pending.approval_id, Decision::Refuse).await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(1), 1, 0));
}

fn replacing(id: &str) -> Acquisition {
    Acquisition { replaces_vehicle_id: id.to_owned(), ..wanted(XILING) }
}

async fn old(office: &Office, plate: &str) -> Vehicle {
    let old = Vehicle { acquired_on: "2008-06-15".to_owned(), ..car(XILING, plate) };
    create(&mut office.vehicles(), old).await.unwrap()
}

/// Another category would free the place on which the renewal counts, which then waited for ever.
async fn a_promised_place_is_not_changed_for_another(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = old(&office, "鄂E00001").await;
    office.grant(XILING, 1, "2017-01-01").await;
    let asked = ask(&office, replacing(&vehicle.id)).await.unwrap();
    let mut client = office.vehicles();
    let other = Vehicle { category: VehicleCategory::Other.into(), ..vehicle.clone() };
    let refused = update(&mut client, &other, &["category"]).await.unwrap_err();
    assert_eq!(reason(&refused), "VEHICLE_ENGAGED");
    let noted = Vehicle { note: "待更新".to_owned(), ..vehicle };
    let noted = update(&mut client, &noted, &["note"]).await.unwrap();
    let now = read(&office, &asked.id).await;
    office.acquisitions().cancel_acquisition(cancelling(&now)).await.unwrap();
    let other = Vehicle { category: VehicleCategory::Other.into(), ..noted };
    update(&mut client, &other, &["category"]).await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(1), 0, 0));
}

async fn a_renewal_and_another_category_are_raced_for(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 100, "2017-01-01").await;
    let mut won = [0, 0];
    for round in 0..20 {
        let vehicle = old(&office, &format!("鄂E{round:05}")).await;
        let (mut client, other) = (office.vehicles(), VehicleCategory::Other.into());
        let other = Vehicle { category: other, ..vehicle.clone() };
        let (asked, changed) = tokio::join!(
            ask(&office, replacing(&vehicle.id)),
            update(&mut client, &other, &["category"])
        );
        let reasons = (asked.as_ref().err().map(reason), changed.as_ref().err().map(reason));
        let (renewed, moved) =
            ((None, Some("VEHICLE_ENGAGED".to_owned())), (Some("RENEWAL_UNLIKE".to_owned()), None));
        assert!(reasons == renewed || reasons == moved, "round {round}: {reasons:?}");
        won[usize::from(changed.is_ok())] += 1;
    }
    assert_eq!(won[0] + won[1], 20);
}
