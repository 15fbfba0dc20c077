//! Establishments and their grants.

mod counters;
mod ended;
mod faults;
mod lists;

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::Value;
use steward_chassis::backend::Backend;
use steward_chassis::service::sweep_once;
use steward_kernel::{Clock, TestClock};
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{Finding, FindingState, ListFindingsRequest};
use steward_proto::fleet::v1::establishment_service_client::EstablishmentServiceClient;
use steward_proto::fleet::v1::{
    Establishment, EstablishmentGrant, FileGrantRequest, GetEstablishmentRequest, GrantAuthority,
    GrantEstablishmentRequest, RevokeGrantRequest, VehicleCategory,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::Status;

use super::{MIGRATIONS, Vehicles, XILING, YILING, car, create, reason, request_id};

both!(
    MIGRATIONS,
    what_is_granted_is_what_may_be_held,
    a_cut_freezes_and_is_found,
    a_grant_to_come_takes_effect_on_its_day,
    a_revoked_grant_counts_no_more,
    what_is_held_without_a_grant_is_found_once_anything_is_granted,
    the_city_files_what_counties_grant,
    changes_leave_their_trace,
);

pub(super) type Establishments = EstablishmentServiceClient<Called>;

/// The service with its issuer of tokens; it is 2017-06-15.
pub(super) struct House {
    pub(super) clock: Arc<TestClock>,
    issuer: Issuer,
    backend: Backend,
}

impl House {
    pub(super) async fn new(db: &TestDb) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let started = start(&steward_fleet::SPEC, db, &issuer.runtime(&clock)).await;
        Self { clock, issuer, backend: Backend::Local(started.routes) }
    }

    pub(super) fn caller(&self, subject: &str, grants: &Value) -> Called {
        let token = self.issuer.token(self.clock.now(), subject, grants);
        called(&self.backend, As::bearer(&token))
    }

    /// A manager of a region.
    pub(super) fn manager(&self, region: &str) -> Establishments {
        Establishments::new(self.caller("manager", &grants(&["manager"], &[region])))
    }

    /// The bureau of the city.
    pub(super) fn city(&self) -> Establishments {
        self.manager("4205*")
    }

    pub(super) fn vehicles(&self) -> Vehicles {
        Vehicles::new(self.caller("clerk", &grants(&["operator"], &["4205*"])))
    }

    /// Who corrects what was approved or is found.
    pub(super) fn registrar(&self) -> Vehicles {
        Vehicles::new(self.caller("chief", &grants(&["manager"], &["4205*"])))
    }

    /// The findings on a resource that are not closed.
    pub(super) async fn findings(&self, resource: &str) -> Vec<Finding> {
        let caller = self.caller("auditor", &grants(&["auditor"], &["4205*"]));
        let request =
            ListFindingsRequest { resource: resource.to_owned(), ..ListFindingsRequest::default() };
        let answer = FindingServiceClient::new(caller).list_findings(request).await.unwrap();
        let mut findings = answer.into_inner().findings;
        findings.retain(|it| it.state() != FindingState::Closed);
        findings.sort_by(|one, next| one.code.cmp(&next.code));
        findings
    }

    /// Days pass, and the service looks at what they changed.
    pub(super) async fn days_pass(&self, db: &TestDb, days: i64) {
        self.clock.advance(TimeDelta::days(days));
        self.sweep(db).await;
    }

    pub(super) async fn sweep(&self, db: &TestDb) {
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
        sweep_once(&steward_fleet::SPEC, db.db(), &clock).await.unwrap();
    }
}

/// A grant of emergency vehicles.
pub(super) fn emergency(organization: &str, authorised: i32, from: &str) -> EstablishmentGrant {
    EstablishmentGrant {
        organization: organization.to_owned(),
        category: VehicleCategory::Emergency.into(),
        authorised,
        effective_from: from.to_owned(),
        document_no: format!("宜车编〔2017〕{authorised}号"),
        document_on: "2017-01-05".to_owned(),
        authority: GrantAuthority::VehicleAuthority.into(),
        ..EstablishmentGrant::default()
    }
}

pub(super) fn granting(grant: EstablishmentGrant) -> GrantEstablishmentRequest {
    GrantEstablishmentRequest {
        request_id: request_id(),
        grant: Some(grant),
        ..GrantEstablishmentRequest::default()
    }
}

pub(super) async fn grant(
    client: &mut Establishments,
    grant: EstablishmentGrant,
) -> Result<EstablishmentGrant, Status> {
    let answer = client.grant_establishment(granting(grant)).await?;
    Ok(answer.into_inner().grant.unwrap())
}

pub(super) async fn get(
    client: &mut Establishments,
    organization: &str,
    category: VehicleCategory,
) -> Result<Establishment, Status> {
    let (organization, category) = (organization.to_owned(), category.into());
    let request = GetEstablishmentRequest { organization, category };
    Ok(client.get_establishment(request).await?.into_inner().establishment.unwrap())
}

pub(super) fn revoking(grant: &EstablishmentGrant) -> RevokeGrantRequest {
    RevokeGrantRequest {
        request_id: request_id(),
        id: grant.id.clone(),
        etag: grant.etag.clone(),
        reason: "录入有误".to_owned(),
        validate_only: false,
    }
}

pub(super) fn filing(grant: &EstablishmentGrant) -> FileGrantRequest {
    FileGrantRequest {
        request_id: request_id(),
        id: grant.id.clone(),
        etag: grant.etag.clone(),
        filed_no: "备〔2017〕8号".to_owned(),
        ..FileGrantRequest::default()
    }
}

/// Authorised, held, reserved, free and over.
pub(super) fn numbers(it: &Establishment) -> (Option<i32>, i32, i32, i32, i32) {
    (it.authorised, it.held, it.reserved, it.free, it.over)
}

pub(super) const EMERGENCY: VehicleCategory = VehicleCategory::Emergency;

async fn what_is_granted_is_what_may_be_held(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let error = get(&mut city, XILING, EMERGENCY).await.unwrap_err();
    assert_eq!(reason(&error), "NOT_FOUND", "nothing was granted and nothing is held");
    create(&mut house.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    let held = get(&mut city, XILING, EMERGENCY).await.unwrap();
    assert_eq!(numbers(&held), (None, 1, 0, 0, 0));

    let asked = EstablishmentGrant {
        pool: true,
        note: "综合保障".to_owned(),
        ..emergency(XILING, 3, "2017-01-01")
    };
    let made = grant(&mut city, asked.clone()).await.unwrap();
    let expected = EstablishmentGrant {
        id: made.id.clone(),
        create_time: made.create_time,
        create_by: "manager".to_owned(),
        etag: "1".to_owned(),
        ..asked
    };
    assert_eq!(made, expected);
    let now = get(&mut city, XILING, EMERGENCY).await.unwrap();
    assert_eq!((numbers(&now), now.pool), ((Some(3), 1, 0, 2, 0), true));
    let error = get(&mut city, YILING, EMERGENCY).await.unwrap_err();
    assert_eq!(reason(&error), "NOT_FOUND");
    // Whose document came first says nothing: the one with the latest first day counts.
    grant(&mut city, emergency(XILING, 9, "2016-01-01")).await.unwrap();
    let now = get(&mut city, XILING, EMERGENCY).await.unwrap();
    assert_eq!(numbers(&now), (Some(3), 1, 0, 2, 0));
    assert_eq!(house.findings(&resource()).await, []);
}

fn resource() -> String {
    format!("establishments/{XILING}/emergency")
}

async fn a_cut_freezes_and_is_found(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut vehicles) = (house.city(), house.vehicles());
    grant(&mut city, emergency(XILING, 2, "2017-01-01")).await.unwrap();
    for plate in ["鄂E00001", "鄂E00002"] {
        create(&mut vehicles, car(XILING, plate)).await.unwrap();
    }
    assert_eq!(house.findings(&resource()).await, [], "at the limit is not above it");
    // What is held is counted though there is no place.
    create(&mut vehicles, car(XILING, "鄂E00003")).await.unwrap();
    let of = |findings: &[Finding]| {
        findings.iter().map(|it| (it.code.clone(), it.observed, it.limit)).collect::<Vec<_>>()
    };
    let found = house.findings(&resource()).await;
    assert_eq!(of(&found), [("establishment".to_owned(), 3, 2)]);
    let one = &found[0];
    assert_eq!((one.organization.as_str(), one.violation.as_str()), (XILING, "over_establishment"));
    assert!(one.legal_basis.contains("中办发〔2011〕2号"), "of that day: {}", one.legal_basis);
    assert_eq!(one.detail, "应急保障用车实有 3 辆、占用 0 个编制,超过核定编制 2 辆");

    grant(&mut city, emergency(XILING, 0, "2017-06-01")).await.unwrap();
    let now = get(&mut city, XILING, EMERGENCY).await.unwrap();
    assert_eq!(numbers(&now), (Some(0), 3, 0, 0, 3));
    assert_eq!(of(&house.findings(&resource()).await), [("establishment".to_owned(), 3, 0)]);
    grant(&mut city, emergency(XILING, 3, "2017-06-15")).await.unwrap();
    assert_eq!(house.findings(&resource()).await, [], "granted again, it is cleared");
}

async fn a_grant_to_come_takes_effect_on_its_day(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    create(&mut house.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    grant(&mut city, emergency(XILING, 2, "2017-01-01")).await.unwrap();
    grant(&mut city, emergency(XILING, 0, "2017-07-01")).await.unwrap();
    let now = get(&mut city, XILING, EMERGENCY).await.unwrap();
    assert_eq!(numbers(&now), (Some(2), 1, 0, 1, 0));
    house.days_pass(&db, 15).await;
    let now = get(&mut house.city(), XILING, EMERGENCY).await.unwrap();
    assert_eq!(now.authorised, Some(2), "the day before");
    assert_eq!(house.findings(&resource()).await, []);
    // It is read as it is, though nothing has looked at it yet.
    house.clock.advance(TimeDelta::days(1));
    let now = get(&mut house.city(), XILING, EMERGENCY).await.unwrap();
    assert_eq!(numbers(&now), (Some(0), 1, 0, 0, 1));
    house.sweep(&db).await;
    let found = house.findings(&resource()).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].observed, found[0].since_on.as_str()), (1, "2017-07-01"));
    house.sweep(&db).await;
    assert_eq!(house.findings(&resource()).await, found, "a sweep more changes nothing");
}

async fn a_revoked_grant_counts_no_more(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    grant(&mut city, emergency(XILING, 2, "2017-01-01")).await.unwrap();
    let wrong = grant(&mut city, emergency(XILING, 20, "2017-06-01")).await.unwrap();
    let check = RevokeGrantRequest { validate_only: true, ..revoking(&wrong) };
    let checked = city.revoke_grant(check).await.unwrap().into_inner().grant.unwrap();
    assert_eq!((checked.etag.as_str(), checked.id == wrong.id), ("", true));
    let request = revoking(&wrong);
    let revoked = city.revoke_grant(request.clone()).await.unwrap().into_inner();
    let again = city.revoke_grant(request).await.unwrap().into_inner();
    assert_eq!(revoked, again, "a repeated request is answered again");
    let revoked = revoked.grant.unwrap();
    let told = (revoked.revoke_by.as_str(), revoked.revoke_reason.as_str(), revoked.etag.as_str());
    assert_eq!(told, ("manager", "录入有误", "2"));
    assert!(revoked.revoke_time.is_some());
    assert_eq!(get(&mut city, XILING, EMERGENCY).await.unwrap().authorised, Some(2));
    let error = city.revoke_grant(revoking(&wrong)).await.unwrap_err();
    assert_eq!(reason(&error), "ETAG_STALE");
    let error = city.revoke_grant(revoking(&revoked)).await.unwrap_err();
    assert_eq!(reason(&error), "GRANT_REVOKED");
    let error = city.file_grant(filing(&revoked)).await.unwrap_err();
    assert_eq!(reason(&error), "GRANT_REVOKED");
    // Its day is free again.
    grant(&mut city, emergency(XILING, 3, "2017-06-01")).await.unwrap();
    assert_eq!(get(&mut city, XILING, EMERGENCY).await.unwrap().authorised, Some(3));
}

async fn the_city_files_what_counties_grant(db: TestDb) {
    let house = House::new(&db).await;
    let mut county = house.manager("420502");
    let made = grant(&mut county, emergency(XILING, 2, "2017-01-01")).await.unwrap();
    let error = county.file_grant(filing(&made)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED", "a county does not file its own");
    let mut city = house.city();
    let check = FileGrantRequest { validate_only: true, ..filing(&made) };
    city.file_grant(check).await.unwrap();
    let request = filing(&made);
    let filed = city.file_grant(request.clone()).await.unwrap().into_inner();
    assert_eq!(filed, city.file_grant(request).await.unwrap().into_inner());
    let filed = filed.grant.unwrap();
    let told = (filed.filed_no.as_str(), filed.filed_on.as_str(), filed.filed_by.as_str());
    assert_eq!(told, ("备〔2017〕8号", "2017-06-15", "manager"));
    let error = city.file_grant(filing(&made)).await.unwrap_err();
    assert_eq!(reason(&error), "ETAG_STALE");
    let error = city.file_grant(filing(&filed)).await.unwrap_err();
    assert_eq!(reason(&error), "GRANT_FILED");
    let on = FileGrantRequest { filed_on: "2017-06-16".to_owned(), ..filing(&filed) };
    assert_eq!(reason(&city.file_grant(on).await.unwrap_err()), "DATE_IN_FUTURE");
}

async fn changes_leave_their_trace(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let made = grant(&mut city, emergency(XILING, 2, "2017-01-01")).await.unwrap();
    let filed = city.file_grant(filing(&made)).await.unwrap().into_inner().grant.unwrap();
    city.revoke_grant(revoking(&filed)).await.unwrap();
    grant(&mut city, emergency(XILING, -1, "2017-02-01")).await.unwrap_err();
    let mut tx = db.db().read().await.unwrap();
    let sql = "SELECT organization, region, before_json, after_json FROM audit_event \
               WHERE resource_type = 'establishment_grant' ORDER BY id";
    let rows: Vec<(String, String, String, String)> = tx.sql(sql).all().await.unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| (row.0.as_str(), row.1.as_str()) == (XILING, "420502")));
    assert!(rows[0].2.is_empty() && rows[1].2 == rows[0].3 && rows[2].2 == rows[1].3);
    let last: Value = serde_json::from_str(&rows[2].3).unwrap();
    assert_eq!((&last["authorised"], &last["revokeReason"]), (&2.into(), &"录入有误".into()));
}

/// As long as nothing is granted nobody knows what may be held.
async fn what_is_held_without_a_grant_is_found_once_anything_is_granted(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut client) = (house.city(), house.vehicles());
    let enforcement = |plate: &str| steward_proto::fleet::v1::Vehicle {
        category: VehicleCategory::Enforcement.into(),
        price_fen: 11_900_000,
        ..car(XILING, plate)
    };
    create(&mut client, enforcement("鄂E00001")).await.unwrap();
    create(&mut client, car(YILING, "鄂E00002")).await.unwrap();
    let resource = format!("establishments/{XILING}/enforcement");
    assert_eq!(house.findings(&resource).await, []);
    let first = grant(&mut city, emergency(XILING, 3, "2017-01-01")).await.unwrap();
    let seen = |found: &[Finding]| {
        found.iter().map(|it| (it.code.clone(), it.observed, it.limit)).collect::<Vec<_>>()
    };
    let over = |count| vec![("establishment".to_owned(), count, 0)];
    assert_eq!(seen(&house.findings(&resource).await), over(1));
    create(&mut client, enforcement("鄂E00003")).await.unwrap();
    assert_eq!(seen(&house.findings(&resource).await), over(2));
    let it = get(&mut city, XILING, VehicleCategory::Enforcement).await.unwrap();
    assert_eq!(numbers(&it), (None, 2, 0, 0, 2), "as the finding says");
    let others = format!("establishments/{YILING}/emergency");
    assert_eq!(house.findings(&others).await, [], "another organization's grant says nothing");
    // It was entered wrongly: nothing was granted.
    city.revoke_grant(revoking(&first)).await.unwrap();
    assert_eq!(house.findings(&resource).await, []);
    // One to come says it on its day.
    grant(&mut city, emergency(XILING, 3, "2017-06-17")).await.unwrap();
    assert_eq!(house.findings(&resource).await, []);
    house.days_pass(&db, 2).await;
    assert_eq!(seen(&house.findings(&resource).await), over(2));
    let granted = EstablishmentGrant {
        category: VehicleCategory::Enforcement.into(),
        authority: GrantAuthority::Finance.into(),
        ..emergency(XILING, 2, "2017-01-02")
    };
    grant(&mut house.city(), granted).await.unwrap();
    assert_eq!(house.findings(&resource).await, []);
}
