//! Grants that are refused.

use serde_json::json;
use steward_proto::fleet::v1::{
    EstablishmentGrant, GrantAuthority, GrantEstablishmentRequest, RevokeGrantRequest,
    VehicleCategory,
};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{MIGRATIONS, XILING, YILING, faults, reason, request_id};
use super::{EMERGENCY, Establishments, House, emergency, filing, get, grant, granting, revoking};

both!(
    MIGRATIONS,
    faulty_fields_are_all_named,
    each_category_has_its_authority,
    a_day_is_granted_once,
    repeated_and_checked,
    the_region_must_be_covered,
    who_was_not_there_is_granted_nothing,
);

async fn faulty_fields_are_all_named(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let error = grant(&mut city, EstablishmentGrant::default()).await.unwrap_err();
    let required = ["organization", "category", "effective_from", "document_no", "authority"];
    let named = required.map(|field| (format!("grant.{field}"), "REQUIRED".to_owned()));
    assert_eq!(faults(&error), named);
    let wrong = EstablishmentGrant {
        organization: "1".to_owned(),
        category: 99,
        authorised: 10_001,
        effective_from: "2017-02-30".to_owned(),
        document_no: "长".repeat(101),
        document_on: "2017-06-16".to_owned(),
        authority: 99,
        note: "长".repeat(501),
        ..EstablishmentGrant::default()
    };
    let error = grant(&mut city, wrong).await.unwrap_err();
    let expected = [
        ("organization", "ORGANIZATION_MALFORMED"),
        ("category", "VALUE_UNKNOWN"),
        ("authorised", "OUT_OF_RANGE"),
        ("effective_from", "DATE_MALFORMED"),
        ("document_no", "TOO_LONG"),
        ("document_on", "DATE_IN_FUTURE"),
        ("authority", "VALUE_UNKNOWN"),
        ("note", "TOO_LONG"),
    ];
    assert_eq!(faults(&error), expected.map(|(f, r)| (format!("grant.{f}"), r.to_owned())));
    let nothing = GrantEstablishmentRequest {
        request_id: request_id(),
        ..GrantEstablishmentRequest::default()
    };
    let error = city.grant_establishment(nothing).await.unwrap_err();
    assert_eq!(faults(&error), [("grant".to_owned(), "REQUIRED".to_owned())]);
    let error = city
        .revoke_grant(RevokeGrantRequest {
            request_id: request_id(),
            ..RevokeGrantRequest::default()
        })
        .await
        .unwrap_err();
    let named = ["id", "etag", "reason"].map(|field| (field.to_owned(), "REQUIRED".to_owned()));
    assert_eq!(faults(&error), named);
    let error = get(&mut city, "", VehicleCategory::Unspecified).await.unwrap_err();
    assert_eq!(faults(&error).len(), 2);
}

async fn each_category_has_its_authority(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let finance = [VehicleCategory::Enforcement, VehicleCategory::Special];
    for category in [
        VehicleCategory::Confidential,
        VehicleCategory::Emergency,
        VehicleCategory::Enforcement,
        VehicleCategory::Special,
        VehicleCategory::Other,
        VehicleCategory::General,
    ] {
        for authority in [GrantAuthority::VehicleAuthority, GrantAuthority::Finance] {
            let of = EstablishmentGrant {
                category: category.into(),
                authority: authority.into(),
                ..emergency(XILING, 2, "2017-01-01")
            };
            let granted = grant(&mut city, of).await;
            let fits = finance.contains(&category) == (authority == GrantAuthority::Finance);
            assert_eq!(granted.is_ok(), fits, "{category:?} {authority:?}");
            if let Err(error) = granted {
                let named = ("grant.authority".to_owned(), "GRANT_AUTHORITY".to_owned());
                assert_eq!(faults(&error), [named]);
            }
        }
    }
}

async fn a_day_is_granted_once(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    grant(&mut city, emergency(XILING, 2, "2017-01-01")).await.unwrap();
    let error = grant(&mut city, emergency(XILING, 3, "2017-01-01")).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::AlreadyExists, "GRANT_TAKEN"));
    grant(&mut city, emergency(XILING, 3, "2017-01-02")).await.unwrap();
    grant(&mut city, emergency(YILING, 3, "2017-01-01")).await.unwrap();
    // Of many at once one is kept.
    for round in 0..20 {
        let day = format!("2017-05-{:02}", round + 1);
        let racers = (0..6).map(|racer| {
            let (mut city, day) = (city.clone(), day.clone());
            tokio::spawn(async move { grant(&mut city, emergency(XILING, racer, &day)).await })
        });
        let results = futures::future::join_all(racers.collect::<Vec<_>>()).await;
        let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1);
        for error in results.iter().filter_map(|it| it.as_ref().err()) {
            assert_eq!(reason(error), "GRANT_TAKEN");
        }
        let won = results.into_iter().find_map(Result::ok).unwrap();
        let now = get(&mut city, XILING, EMERGENCY).await.unwrap();
        assert_eq!(now.authorised, Some(won.authorised));
    }
}

async fn repeated_and_checked(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let request = granting(emergency(XILING, 2, "2017-01-01"));
    let check = GrantEstablishmentRequest { validate_only: true, ..request.clone() };
    let checked = city.grant_establishment(check).await.unwrap().into_inner().grant.unwrap();
    assert_eq!((checked.id.as_str(), checked.etag.as_str(), checked.authorised), ("", "", 2));
    assert_eq!(reason(&get(&mut city, XILING, EMERGENCY).await.unwrap_err()), "NOT_FOUND");
    let made = city.grant_establishment(request.clone()).await.unwrap().into_inner();
    assert_eq!(city.grant_establishment(request.clone()).await.unwrap().into_inner(), made);
    let other = granting(emergency(XILING, 3, "2017-01-01"));
    let reused = GrantEstablishmentRequest { request_id: request.request_id, ..other };
    let error = city.grant_establishment(reused).await.unwrap_err();
    assert_eq!(reason(&error), "REQUEST_ID_REUSED");
}

async fn the_region_must_be_covered(db: TestDb) {
    let house = House::new(&db).await;
    let made = grant(&mut house.city(), emergency(YILING, 2, "2017-01-01")).await.unwrap();
    let ours = grant(&mut house.city(), emergency(XILING, 2, "2017-01-01")).await.unwrap();
    // Who manages the organization does not grant to it.
    let own = json!([{"role": "manager", "domain": "fleet", "organizations": [XILING]}]);
    let mut own = Establishments::new(house.caller("own", &own));
    get(&mut own, XILING, EMERGENCY).await.unwrap();
    let error = grant(&mut own, emergency(XILING, 9, "2017-02-01")).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let error = own.revoke_grant(revoking(&ours)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    let error = own.file_grant(filing(&ours)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    let error = own.revoke_grant(revoking(&made)).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::NotFound, "NOT_FOUND"));
    let error = get(&mut own, YILING, EMERGENCY).await.unwrap_err();
    assert_eq!(reason(&error), "NOT_FOUND");
    let error = grant(&mut own, emergency(YILING, 9, "2017-02-01")).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    // Who may only read is told that he may not change.
    let reads = json!([{"role": "manager", "domain": "fleet", "regions": ["420502"]},
        {"role": "viewer", "domain": "fleet", "regions": ["4205*"]}]);
    let mut reads = Establishments::new(house.caller("reads", &reads));
    let error = reads.revoke_grant(revoking(&made)).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let operator = json!([{"role": "operator", "domain": "fleet", "regions": ["4205*"]}]);
    let mut operator = Establishments::new(house.caller("operator", &operator));
    let error = grant(&mut operator, emergency(XILING, 9, "2017-02-01")).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
    assert_eq!(get(&mut house.city(), XILING, EMERGENCY).await.unwrap().authorised, Some(2));
}

async fn who_was_not_there_is_granted_nothing(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let (code, region) = (XILING.parse().unwrap(), "420502".parse().unwrap());
    let established_on = "2016-05-10".parse().ok();
    let known = steward_chassis::scope::store::Known {
        code,
        region,
        kind: None,
        established_on,
        ended_on: None,
        successor: None,
    };
    let mut tx = db.write().await;
    steward_chassis::scope::store::put(&mut tx, &known).await.unwrap();
    tx.commit().await.unwrap();
    let error = grant(&mut city, emergency(XILING, 2, "2016-05-09")).await.unwrap_err();
    let named = ("grant.effective_from".to_owned(), "ORGANIZATION_NOT_THERE".to_owned());
    assert_eq!(faults(&error), [named]);
    let early = granting(emergency(XILING, 2, "2016-05-09"));
    let accepting = GrantEstablishmentRequest { accept_warnings: true, ..early };
    city.grant_establishment(accepting).await.unwrap();
    grant(&mut city, emergency(XILING, 2, "2016-05-10")).await.unwrap();
}
