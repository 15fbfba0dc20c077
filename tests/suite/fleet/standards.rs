//! Standards that hold from a day on, and for a kind of organization.

use chrono::TimeDelta;
use steward_proto::fleet::v1::{
    Acquisition, EstablishmentGrant, PowerSource, RequestAcquisitionRequest, Vehicle,
    VehicleCategory,
};
use steward_tests::{TestDb, both};

use super::acquisition::{ask, asking, bought, read, registering, wanted};
use super::establishment::{emergency, grant};
use super::office::Office;
use super::{MIGRATIONS, XILING, YILING, faults, get, known, reason};

both!(
    MIGRATIONS,
    caps_of_institutions_are_compared_without_the_tax,
    every_confidential_vehicle_shall_be_a_new_energy_one,
);

/// A court and an institution with places, on the first of March 2024, when institutions have their own
/// measure.
async fn of_kinds(db: &TestDb) -> Office {
    let office = Office::open(db).await;
    for (code, region, kind) in
        [(XILING, "420502", "court"), (YILING, "420506", "public_institution")]
    {
        known(db, code, region, kind).await;
        office.grant(code, 9, "2017-01-01").await;
    }
    office.clock.advance(TimeDelta::days(2451));
    office
}

async fn caps_of_institutions_are_compared_without_the_tax(db: TestDb) {
    let office = of_kinds(&db).await;
    let priced = |code, price_fen, price_before_tax_fen| Acquisition {
        price_fen,
        price_before_tax_fen,
        ..wanted(code)
    };
    for (code, price, before_tax, over) in [
        (YILING, 19_250_000, 17_500_000, false),
        (YILING, 19_800_000, 18_000_000, false),
        (YILING, 19_800_000, 18_000_001, true),
        (YILING, 19_250_000, 0, true),
        // So little is not the price without the tax.
        (YILING, 19_250_001, 17_500_000, true),
        (YILING, 90_000_000, 1, true),
        // The measures for organs do not say that the tax is left out.
        (XILING, 19_250_000, 17_500_000, true),
    ] {
        let asked = ask(&office, priced(code, price, before_tax)).await;
        let refused = asked.err().map(|status| reason(&status));
        let want = over.then(|| "OVER_STANDARD".to_owned());
        assert_eq!(refused, want, "{code} {price} {before_tax}");
    }
    let odd = ask(&office, priced(YILING, 15_000_000, 15_000_001)).await.unwrap_err();
    let field = "acquisition.price_before_tax_fen".to_owned();
    assert_eq!(faults(&odd), [(field, "PRICE_CONTRADICTS".to_owned())]);

    // What came is held against the cap in the same way.
    let asked = ask(&office, priced(YILING, 19_250_000, 17_500_000)).await.unwrap();
    assert_eq!(asked.price_before_tax_fen, 17_500_000);
    office.approve(&asked.approval_id).await.unwrap();
    let came = |price_before_tax_fen| Vehicle {
        acquired_on: "2024-03-01".to_owned(),
        price_fen: 19_250_000,
        price_before_tax_fen,
        ..bought("鄂E12345")
    };
    let now = read(&office, &asked.id).await;
    let registering = |vehicle| {
        let mut request = registering(&now, vehicle, "发票1");
        "2024-03-01".clone_into(&mut request.paid_on);
        request
    };
    let mut client = office.acquisitions();
    let refused = client.register_acquisition(registering(came(0))).await.unwrap_err();
    assert_eq!(reason(&refused), "OVER_STANDARD");
    let done = client.register_acquisition(registering(came(17_500_000))).await.unwrap();
    let vehicle = done.into_inner().vehicle.unwrap();
    assert_eq!((vehicle.price_before_tax_fen, vehicle.breach_count), (17_500_000, 0));
    assert_eq!(get(&mut office.vehicles(), &vehicle.id).await.unwrap(), vehicle);
}

async fn every_confidential_vehicle_shall_be_a_new_energy_one(db: TestDb) {
    let office = Office::open(&db).await;
    let places = EstablishmentGrant {
        category: VehicleCategory::Confidential.into(),
        ..emergency(XILING, 9, "2017-01-01")
    };
    grant(&mut office.establishments(), places).await.unwrap();
    let confidential = Acquisition {
        category: VehicleCategory::Confidential.into(),
        price_fen: 11_900_000,
        ..wanted(XILING)
    };
    ask(&office, confidential.clone()).await.unwrap();
    // Until the second of January 2025.
    office.clock.advance(TimeDelta::days(2758));
    let odd = ask(&office, confidential.clone()).await.unwrap_err();
    let at = "acquisition.power_source".to_owned();
    assert_eq!(faults(&odd), [(at, "NEW_ENERGY_EXPECTED".to_owned())]);
    let request = asking(confidential.clone());
    let accepted = RequestAcquisitionRequest { accept_warnings: true, ..request };
    office.acquisitions().request_acquisition(accepted).await.unwrap();
    let electric = Acquisition {
        power_source: PowerSource::Electric.into(),
        displacement_ml: 0,
        ..confidential
    };
    ask(&office, electric).await.unwrap();
    // Of the others a share is asked, not every one.
    office.grant(XILING, 9, "2017-01-01").await;
    ask(&office, wanted(XILING)).await.unwrap();
}
