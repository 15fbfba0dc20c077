//! Who may see, make, change and move which organizations.

use steward_proto::audit::v1::ListEventsRequest;
use steward_proto::audit::v1::audit_service_client::AuditServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, GetOrganizationRequest,
    ListOrganizationsRequest, Organization, OrganizationKind, RuleFlag,
};
use steward_tests::audit::chained;
use steward_tests::service::called;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::common::{Guarded, reason};
use super::names::change;
use super::{MIGRATIONS, Organizations, new, organizations};

both!(
    MIGRATIONS,
    nobody_reaches_beyond_his_grants,
    who_was_granted_an_organization_cannot_move_it,
    nobody_chooses_the_rules_that_bind_him,
    what_is_moved_is_moved_by_who_covers_both_regions,
    a_region_that_is_not_registered_gives_nothing_away,
    what_exists_elsewhere_is_not_told,
    a_move_is_told_in_the_region_that_was_left,
);

const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";
/// Of a region that is not one of the city's.
const ELSEWHERE: &str = "11420100000000049R";

fn get(code: &str) -> GetOrganizationRequest {
    GetOrganizationRequest { code: code.to_owned() }
}

/// Asks for an organization in a region.
fn new_in(region: &str, code: &str, name: &str) -> CreateOrganizationRequest {
    let mut request = new(code, name);
    request.organization.as_mut().unwrap().region = region.to_owned();
    request.accept_warnings = true;
    request
}

async fn moved(
    client: &mut Organizations,
    organization: &Organization,
    region: &str,
) -> Result<Organization, Status> {
    let moved = Organization { region: region.to_owned(), ..organization.clone() };
    let answer = client.update_organization(change(&moved, &["region"])).await?;
    Ok(answer.into_inner().organization.unwrap())
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let caller = |roles: &[&str], region: &str| {
        organizations(&guarded.backend, guarded.caller(roles, &[region]))
    };
    let mut city = caller(&["manager", "viewer"], "4205*");
    city.create_organization(new(XILING, "甲")).await.unwrap();
    city.create_organization(new(YILING, "乙")).await.unwrap();

    let mut xiling = caller(&["manager", "viewer"], "420502");
    let read = xiling.get_organization(get(XILING)).await.unwrap().into_inner();
    let hidden = xiling.get_organization(get(YILING)).await.unwrap_err();
    let absent = xiling.get_organization(get("11420581000000107E")).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
    assert_eq!(
        hidden.message().replace(YILING, ""),
        absent.message().replace("11420581000000107E", "")
    );
    let listed = xiling.list_organizations(ListOrganizationsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().organizations.len(), 1);
    let request = ListOrganizationsRequest {
        regions: vec!["420506".to_owned()],
        ..ListOrganizationsRequest::default()
    };
    let error = xiling.list_organizations(request).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);

    // Neither another region, nor another region's code drawn into one's own.
    for region in ["", "420502"] {
        let foreign = new_in(region, "11420581000000107E", "丙");
        let error = xiling.create_organization(foreign).await.unwrap_err();
        assert_eq!(error.code(), Code::PermissionDenied);
    }
    let error = moved(&mut xiling, &read.organization.unwrap(), "420506").await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);

    let mut viewer = caller(&["viewer"], "4205*");
    let error = viewer.create_organization(new("", "x")).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "ROLE_MISSING"));
}

async fn who_was_granted_an_organization_cannot_move_it(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let city = guarded.caller(&["manager"], &["4205*"]);
    let mut city = organizations(&guarded.backend, city);
    let made = city.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    let own = guarded.caller_of(&["manager"], &[XILING, YILING]);
    let mut own = organizations(&guarded.backend, own);
    let renamed = Organization { name: "甲(新)".to_owned(), ..made.organization.unwrap() };
    let renamed = own.update_organization(change(&renamed, &["name"])).await.unwrap().into_inner();
    let error = moved(&mut own, &renamed.organization.unwrap(), "420581").await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let error = own.create_organization(new_in("420581", YILING, "乙")).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    own.create_organization(new(YILING, "乙")).await.unwrap();
}

async fn nobody_chooses_the_rules_that_bind_him(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let region = guarded.caller(&["manager"], &["420502"]);
    let mut region = organizations(&guarded.backend, region);
    let made = region.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    let made = made.organization.unwrap();
    let mut own = organizations(&guarded.backend, guarded.caller_of(&["manager"], &[XILING]));
    let changed = Organization {
        kind: OrganizationKind::PublicInstitution.into(),
        level: AdministrativeLevel::Township.into(),
        rule_flags: vec![RuleFlag::PublicInstitution.into()],
        established_on: "2017-01-01".to_owned(),
        ..made.clone()
    };
    for path in ["kind", "level", "rule_flags", "established_on"] {
        let error = own.update_organization(change(&changed, &[path])).await.unwrap_err();
        assert_eq!(
            (error.code(), reason(&error).as_str()),
            (Code::PermissionDenied, "SCOPE_DENIED"),
            "{path}"
        );
        // Naming what stays changes nothing.
        own.update_organization(change(&made, &[path])).await.unwrap();
    }
    let all = change(&changed, &["kind", "level", "rule_flags", "established_on"]);
    let there = region.update_organization(all).await.unwrap().into_inner().organization.unwrap();
    assert_eq!(there.rule_flags, changed.rule_flags);
}

/// What was booked goes with an organization: nobody takes it out of a region that is not his, nor
/// draws it into his own because it was granted to him by name.
async fn what_is_moved_is_moved_by_who_covers_both_regions(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let client = |regions: &[&str], codes: &[&str]| {
        organizations(&guarded.backend, guarded.caller_of_both(&["manager"], regions, codes))
    };
    let mut city = client(&["4205*"], &[]);
    let made = city.create_organization(new(YILING, "乙")).await.unwrap().into_inner();
    let made = made.organization.unwrap();
    let mut mixed = client(&["420502"], &[YILING, XILING, "11420581000000107E"]);
    let error = moved(&mut mixed, &made, "420502").await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    assert!(error.message().contains("420506"), "{error}");
    let there = mixed.update_organization(change(&made, &["region"])).await.unwrap().into_inner();
    assert_eq!(there.organization.as_ref(), Some(&made), "where it is it may stay");
    // The same with one that is not known yet, but whose code says where it reports.
    let drawn = new_in("420502", "11420581000000107E", "丙");
    let error = mixed.create_organization(drawn).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");

    let there = moved(&mut client(&["420502", "420506"], &[]), &made, "420502").await.unwrap();
    assert_eq!(there.region, "420502");
}

async fn a_region_that_is_not_registered_gives_nothing_away(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let client =
        |region: &str| organizations(&guarded.backend, guarded.caller(&["manager"], &[region]));
    let drawn = || new_in("420502", ELSEWHERE, "省属单位");
    for region in ["420502", "4205*"] {
        let error = client(region).create_organization(drawn()).await.unwrap_err();
        assert_eq!(
            (error.code(), reason(&error).as_str()),
            (Code::PermissionDenied, "SCOPE_DENIED"),
            "{region}"
        );
    }
    let made = client("*").create_organization(drawn()).await.unwrap().into_inner();
    assert_eq!(made.organization.unwrap().region, "420502");
}

async fn what_exists_elsewhere_is_not_told(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let caller =
        |region: &str| organizations(&guarded.backend, guarded.caller(&["manager"], &[region]));
    caller("4205*").create_organization(new_in("420506", XILING, "甲")).await.unwrap();
    let mut xiling = caller("420502");
    for validate_only in [false, true] {
        let request = CreateOrganizationRequest { validate_only, ..new(XILING, "乙") };
        let error = xiling.create_organization(request).await.unwrap_err();
        assert_eq!(
            (error.code(), reason(&error).as_str()),
            (Code::PermissionDenied, "SCOPE_DENIED")
        );
    }
}

async fn a_move_is_told_in_the_region_that_was_left(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let caller = |region: &str| guarded.caller(&["manager", "auditor"], &[region]);
    let mut city = organizations(&guarded.backend, caller("4205*"));
    let made = city.create_organization(new(YILING, "乙")).await.unwrap().into_inner();
    moved(&mut city, &made.organization.unwrap(), "420502").await.unwrap();
    chained(&db).await;
    // The one that left, with where it went; the other one sees it come.
    for (region, expected) in [("420506", 2), ("420502", 1), ("420503", 0), ("4205*", 3)] {
        let mut audit = AuditServiceClient::new(called(&guarded.backend, caller(region)));
        let request = ListEventsRequest {
            resource_type: "organization".to_owned(),
            resource_id: YILING.to_owned(),
            ..ListEventsRequest::default()
        };
        let found = audit.list_events(request).await.unwrap().into_inner().events;
        assert_eq!(found.len(), expected, "{region}");
        for event in found.iter().filter(|event| !event.before_json.is_empty()) {
            assert!(event.before_json.contains("420506") && event.after_json.contains("420502"));
        }
    }
    let request = ListEventsRequest {
        organizations: vec![YILING.to_owned()],
        ..ListEventsRequest::default()
    };
    let mut audit = AuditServiceClient::new(called(&guarded.backend, caller("4205*")));
    let found = audit.list_events(request).await.unwrap().into_inner().events;
    assert_eq!(found.len(), 2, "of the organization it is told once");
}
