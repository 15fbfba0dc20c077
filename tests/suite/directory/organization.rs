use prost_types::FieldMask;
use serde_json::{Value, json};
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::directory::v1::{
    CreateOrganizationRequest, GetOrganizationRequest, ListOrganizationsRequest, OrganizationKind,
    UpdateOrganizationRequest,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::{MIGRATIONS, backend, new, organizations};

both!(
    MIGRATIONS,
    what_is_created_can_be_read_and_changed,
    a_stale_etag_is_refused,
    faulty_fields_are_all_named,
    a_repeated_request_is_done_once,
    an_odd_check_character_must_be_accepted,
    one_without_a_code_gets_a_local_key,
    a_code_is_taken_once,
    checking_changes_nothing,
    lists_filter_and_page,
    nobody_reaches_beyond_his_grants,
    who_was_granted_an_organization_cannot_move_it,
    what_exists_elsewhere_is_not_told,
    an_etag_is_any_number,
);

const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().unwrap().reason.clone()
}

fn fields(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    violations.iter().map(|v| (v.field.clone(), v.reason.clone())).collect()
}

fn get(code: &str) -> GetOrganizationRequest {
    GetOrganizationRequest { code: code.to_owned() }
}

async fn what_is_created_can_be_read_and_changed(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = client.create_organization(new(XILING, "西陵区财政局")).await.unwrap().into_inner();
    let made = made.organization.unwrap();
    assert_eq!(made.region, "420502", "the region of the code is assumed");
    let read = client.get_organization(get(XILING)).await.unwrap().into_inner().organization;
    assert_eq!(read, Some(made.clone()));

    let mut changed = made.clone();
    changed.name = "西陵区财政局(新)".to_owned();
    changed.region = "420503".to_owned();
    changed.kind = OrganizationKind::PublicInstitution.into();
    let request = UpdateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(changed.clone()),
        update_mask: Some(mask(&["name", "region"])),
        validate_only: false,
    };
    let answer = client.update_organization(request).await.unwrap().into_inner();
    let answer = answer.organization.unwrap();
    assert_eq!(answer.name, changed.name);
    assert_eq!(answer.region, "420503");
    assert_eq!(answer.kind, made.kind, "the mask does not name it");
    assert_ne!(answer.etag, made.etag);
    let read = client.get_organization(get(XILING)).await.unwrap().into_inner().organization;
    assert_eq!(read, Some(answer));
}

fn mask(paths: &[&str]) -> FieldMask {
    FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }
}

async fn a_stale_etag_is_refused(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = client.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    let mut change = UpdateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: made.organization,
        update_mask: Some(mask(&["name"])),
        ..UpdateOrganizationRequest::default()
    };
    change.organization.as_mut().unwrap().name = "乙".to_owned();
    client.update_organization(change.clone()).await.unwrap();
    change.request_id = Uuid::new_v4().to_string();
    let error = client.update_organization(change).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
}

async fn faulty_fields_are_all_named(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut request = new("1142050200000002", "");
    request.organization.as_mut().unwrap().kind = 99;
    request.organization.as_mut().unwrap().level = 0;
    request.organization.as_mut().unwrap().region = "宜昌".to_owned();
    let error = client.create_organization(request).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    let named: Vec<_> = fields(&error);
    let named: Vec<_> = named.iter().map(|(f, r)| (f.as_str(), r.as_str())).collect();
    assert_eq!(
        named,
        [
            ("organization.code", "ORGANIZATION_MALFORMED"),
            ("organization.region", "REGION_MALFORMED"),
            ("organization.name", "REQUIRED"),
            ("organization.kind", "VALUE_UNKNOWN"),
            ("organization.level", "REQUIRED"),
        ]
    );
    let details = error.get_error_details();
    assert_eq!(details.localized_message().unwrap().locale, "zh-CN");

    let mut request = new(XILING, "甲");
    request.organization.as_mut().unwrap().region = "420599".to_owned();
    let error = client.create_organization(request).await.unwrap_err();
    assert_eq!(reason(&error), "REGION_UNKNOWN");
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut request = new(XILING, "甲");
    let first = client.create_organization(request.clone()).await.unwrap().into_inner();
    let again = client.create_organization(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again, "answered again, not refused as existing");
    request.organization.as_mut().unwrap().name = "乙".to_owned();
    let error = client.create_organization(request).await.unwrap_err();
    assert_eq!(reason(&error), "REQUEST_ID_REUSED");
    let mut request = new(YILING, "乙");
    request.request_id = "not a uuid".to_owned();
    let error = client.create_organization(request).await.unwrap_err();
    assert_eq!(fields(&error), [("request_id".to_owned(), "ID_MALFORMED".to_owned())]);
}

async fn an_odd_check_character_must_be_accepted(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut request = new("11420502000000027E", "甲");
    let error = client.create_organization(request.clone()).await.unwrap_err();
    assert_eq!(reason(&error), "CHECK_CHARACTER_ODD");
    request.accept_warnings = true;
    client.create_organization(request).await.unwrap();
}

async fn one_without_a_code_gets_a_local_key(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut request = new("", "高新区管委会");
    let error = client.create_organization(request.clone()).await.unwrap_err();
    assert_eq!(fields(&error), [("organization.region".to_owned(), "REQUIRED".to_owned())]);
    request.organization.as_mut().unwrap().region = "420500".to_owned();
    let made = client.create_organization(request).await.unwrap().into_inner();
    let code = made.organization.unwrap().code;
    assert!(code.starts_with("L-"), "{code}");
    client.get_organization(get(&code)).await.unwrap();
    let error = client.create_organization(new("L-1", "x")).await.unwrap_err();
    assert_eq!(reason(&error), "ORGANIZATION_MALFORMED", "keys are not chosen by callers");
}

async fn a_code_is_taken_once(db: TestDb) {
    let backend = backend(&db).await;
    let racers = (0..8).map(|i| {
        let mut client = organizations(&backend, As::default());
        tokio::spawn(async move { client.create_organization(new(XILING, &i.to_string())).await })
    });
    let results = futures::future::join_all(racers.collect::<Vec<_>>()).await;
    let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.into_iter().filter_map(Result::err) {
        assert_eq!(reason(&error), "ORGANIZATION_EXISTS");
    }
}

async fn checking_changes_nothing(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut request = new(XILING, "甲");
    request.validate_only = true;
    client.create_organization(request.clone()).await.unwrap();
    let error = client.get_organization(get(XILING)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    request.validate_only = false;
    client.create_organization(request).await.unwrap();
}

async fn lists_filter_and_page(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    for i in 0..7 {
        let mut request = new("", &format!("第{i}中学"));
        let organization = request.organization.as_mut().unwrap();
        organization.region = if i < 3 { "420502" } else { "420506" }.to_owned();
        organization.kind = OrganizationKind::PublicInstitution.into();
        client.create_organization(request).await.unwrap();
    }
    client.create_organization(new(XILING, "西陵区财政局")).await.unwrap();
    let all = ListOrganizationsRequest::default();
    let count = async |request: ListOrganizationsRequest| {
        let answer = client.clone().list_organizations(request).await.unwrap().into_inner();
        answer.organizations.len()
    };
    assert_eq!(count(all.clone()).await, 8);
    let regions = |r: &str| vec![r.to_owned()];
    assert_eq!(
        count(ListOrganizationsRequest { regions: regions("420502"), ..all.clone() }).await,
        4
    );
    assert_eq!(
        count(ListOrganizationsRequest { regions: regions("4205*"), ..all.clone() }).await,
        8
    );
    assert_eq!(
        count(ListOrganizationsRequest { regions: regions("420500"), ..all.clone() }).await,
        0
    );
    let kind = OrganizationKind::AdministrativeOrgan.into();
    assert_eq!(count(ListOrganizationsRequest { kind, ..all.clone() }).await, 1);
    let named = |n: &str| ListOrganizationsRequest { name_contains: n.to_owned(), ..all.clone() };
    assert_eq!(count(named("中学")).await, 7);
    assert_eq!(count(named("%")).await, 0, "no wildcards");

    let mut request = ListOrganizationsRequest { page_size: 3, ..all };
    let mut codes = Vec::new();
    loop {
        let answer = client.list_organizations(request.clone()).await.unwrap().into_inner();
        codes.extend(answer.organizations.into_iter().map(|o| o.code));
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(codes.len(), 8);
    assert!(codes.is_sorted());
    request.regions = regions("420502");
    let error = client.list_organizations(request).await.unwrap_err();
    assert_eq!(reason(&error), "PAGE_TOKEN_INVALID", "a token goes with its filters");
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let runtime = issuer.runtime(&clock);
    let backend = Backend::Local(start(&steward_directory::SPEC, &db, &runtime).await.routes);
    let caller = |roles: &[&str], region: &str| {
        let token = issuer.token(clock.now(), "somebody", &grants(roles, &[region]));
        organizations(&backend, As::bearer(&token))
    };
    let mut city = caller(&["manager", "viewer"], "4205*");
    city.create_organization(new(XILING, "甲")).await.unwrap();
    city.create_organization(new(YILING, "乙")).await.unwrap();

    let mut xiling = caller(&["manager", "viewer"], "420502");
    xiling.get_organization(get(XILING)).await.unwrap();
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
    let mut foreign = new("11420581000000107E", "丙");
    let error = xiling.create_organization(foreign.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    foreign.organization.as_mut().unwrap().region = "420502".to_owned();
    let error = xiling.create_organization(foreign).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);

    let read = xiling.get_organization(get(XILING)).await.unwrap().into_inner();
    let mut moved = read.organization.unwrap();
    moved.region = "420506".to_owned();
    let request = UpdateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(moved),
        update_mask: Some(mask(&["region"])),
        ..UpdateOrganizationRequest::default()
    };
    let error = xiling.update_organization(request).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);

    let mut viewer = caller(&["viewer"], "4205*");
    let error = viewer.create_organization(new("", "x")).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "ROLE_MISSING"));
}

async fn who_was_granted_an_organization_cannot_move_it(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let runtime = issuer.runtime(&clock);
    let backend = Backend::Local(start(&steward_directory::SPEC, &db, &runtime).await.routes);
    let caller = |grants: &Value| {
        let token = issuer.token(clock.now(), "somebody", grants);
        organizations(&backend, As::bearer(&token))
    };
    let mut city = caller(&grants(&["manager"], &["4205*"]));
    let made = city.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    let mut own =
        caller(&json!([{"role": "manager", "domain": "*", "organizations": [XILING, YILING]}]));
    let mut change = UpdateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: made.organization,
        update_mask: Some(mask(&["name"])),
        ..UpdateOrganizationRequest::default()
    };
    change.organization.as_mut().unwrap().name = "甲(新)".to_owned();
    let changed = own.update_organization(change.clone()).await.unwrap().into_inner();
    let mut moved = changed.organization.unwrap();
    moved.region = "420581".to_owned();
    change.request_id = Uuid::new_v4().to_string();
    change.organization = Some(moved);
    change.update_mask = Some(mask(&["region"]));
    let error = own.update_organization(change).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let mut elsewhere = new(YILING, "乙");
    elsewhere.organization.as_mut().unwrap().region = "420581".to_owned();
    let error = own.create_organization(elsewhere).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    own.create_organization(new(YILING, "乙")).await.unwrap();
}

async fn what_exists_elsewhere_is_not_told(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let runtime = issuer.runtime(&clock);
    let backend = Backend::Local(start(&steward_directory::SPEC, &db, &runtime).await.routes);
    let caller = |region: &str| {
        let token = issuer.token(clock.now(), "somebody", &grants(&["manager"], &[region]));
        organizations(&backend, As::bearer(&token))
    };
    let mut moved = new(XILING, "甲");
    moved.organization.as_mut().unwrap().region = "420506".to_owned();
    caller("4205*").create_organization(moved).await.unwrap();
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

async fn an_etag_is_any_number(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = client.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    for etag in ["9223372036854775807", "-1", "0", "2"] {
        let mut organization = made.organization.clone().unwrap();
        organization.etag = etag.to_owned();
        let request = UpdateOrganizationRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: Some(organization),
            update_mask: Some(mask(&["name"])),
            ..UpdateOrganizationRequest::default()
        };
        let error = client.update_organization(request).await.unwrap_err();
        assert_eq!(reason(&error), "ETAG_STALE", "{etag}");
    }
}
