use std::collections::BTreeSet;

use prost::Message;
use steward_proto::directory::v1::{
    AliasKind, GetOrganizationRequest, ListOrganizationsRequest, OrganizationKind,
    UpdateOrganizationRequest,
};
use steward_tests::service::As;
use steward_tests::{TestDb, both};
use tonic::Code;
use tonic_types::StatusExt;

use super::common::{events, faults, reason};
use super::names::{alias, change};
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
    a_page_holds_what_a_caller_can_read,
    a_repeated_change_is_done_once,
    checking_a_change_changes_nothing,
    nothing_is_kept_that_ends_before_it_begins,
    an_etag_is_any_number,
);

const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";

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
    let request = change(&changed, &["name", "region"]);
    let answer = client.update_organization(request).await.unwrap().into_inner();
    let answer = answer.organization.unwrap();
    assert_eq!(answer.name, changed.name);
    assert_eq!(answer.region, "420503");
    assert_eq!(answer.kind, made.kind, "the mask does not name it");
    assert_ne!(answer.etag, made.etag);
    let read = client.get_organization(get(XILING)).await.unwrap().into_inner().organization;
    assert_eq!(read, Some(answer));
}

async fn a_stale_etag_is_refused(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = client.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    let mut changed = made.organization.unwrap();
    changed.name = "乙".to_owned();
    client.update_organization(change(&changed, &["name"])).await.unwrap();
    let error = client.update_organization(change(&changed, &["name"])).await.unwrap_err();
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
    assert_eq!(
        faults(&error),
        [
            "organization.code ORGANIZATION_MALFORMED",
            "organization.region REGION_MALFORMED",
            "organization.name REQUIRED",
            "organization.kind VALUE_UNKNOWN",
            "organization.level REQUIRED",
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
    assert_eq!(faults(&error), ["request_id ID_MALFORMED"]);
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
    assert_eq!(faults(&error), ["organization.region REQUIRED"]);
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
    assert_eq!(count(named("第\u{3000}３ 中")).await, 1, "as names are compared");
    assert_eq!(count(named("\u{200b}")).await, 8, "nothing that can be seen");

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

async fn an_etag_is_any_number(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = client.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    for etag in ["9223372036854775807", "-1", "0", "2"] {
        let mut organization = made.organization.clone().unwrap();
        organization.etag = etag.to_owned();
        let request = change(&organization, &["name"]);
        let error = client.update_organization(request).await.unwrap_err();
        assert_eq!(reason(&error), "ETAG_STALE", "{etag}");
    }
}

async fn a_page_holds_what_a_caller_can_read(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let long = |number: usize| format!("{number:03}{}", "长".repeat(97));
    let aliases: Vec<_> =
        (0..50).map(|number| alias(AliasKind::FullName, &long(number), "", "")).collect();
    for number in 0..150 {
        let mut request = new("", &long(number));
        let organization = request.organization.as_mut().unwrap();
        organization.region = "420502".to_owned();
        organization.aliases.clone_from(&aliases);
        client.create_organization(request).await.unwrap();
    }
    let mut request = ListOrganizationsRequest { page_size: 1000, ..Default::default() };
    let (mut codes, mut pages) = (BTreeSet::new(), 0);
    loop {
        let answer = client.list_organizations(request.clone()).await.unwrap().into_inner();
        assert!(answer.encoded_len() < 3 * 1024 * 1024);
        codes.extend(answer.organizations.into_iter().map(|organization| organization.code));
        pages += 1;
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!((codes.len(), pages), (150, 2));
}

async fn a_repeated_change_is_done_once(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = client.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    let mut changed = made.organization.unwrap();
    changed.short_name = "乙".to_owned();
    let request = change(&changed, &["short_name"]);
    let first = client.update_organization(request.clone()).await.unwrap().into_inner();
    changed.etag = first.organization.as_ref().unwrap().etag.clone();
    changed.short_name = "丙".to_owned();
    client.update_organization(change(&changed, &["short_name"])).await.unwrap();
    let again = client.update_organization(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again, "answered again, not refused as stale");
    let read = client.get_organization(get(XILING)).await.unwrap().into_inner();
    assert_eq!(read.organization.unwrap().short_name, "丙", "and not done again");
    let other =
        UpdateOrganizationRequest { request_id: request.request_id, ..change(&changed, &["name"]) };
    let error = client.update_organization(other).await.unwrap_err();
    assert_eq!(reason(&error), "REQUEST_ID_REUSED");
}

async fn checking_a_change_changes_nothing(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = client.create_organization(new(XILING, "甲")).await.unwrap().into_inner();
    let mut changed = made.organization.clone().unwrap();
    changed.name = "乙".to_owned();
    let request = UpdateOrganizationRequest { validate_only: true, ..change(&changed, &["name"]) };
    let told = client.update_organization(request).await.unwrap().into_inner();
    assert_eq!(told.organization.unwrap().name, "乙");
    let read = client.get_organization(get(XILING)).await.unwrap().into_inner();
    assert_eq!(read.organization, made.organization);
    assert_eq!(events(&db, "organization").await.len(), 1);
    changed.etag = "7".to_owned();
    let request = UpdateOrganizationRequest { validate_only: true, ..change(&changed, &["name"]) };
    let error = client.update_organization(request).await.unwrap_err();
    assert_eq!(reason(&error), "ETAG_STALE", "what would be refused is refused");
}

/// The database holds it too, whatever the code does.
async fn nothing_is_kept_that_ends_before_it_begins(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    client.create_organization(new(XILING, "甲")).await.unwrap();
    for (from, end, fits) in
        [("2014-01-01", "2014-01-02", true), ("2014-01-01", "2014-01-01", false)]
    {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        let mut tx = db.write().await;
        let sql = tx.sql("UPDATE organization SET established_on = $1, ended_on = $2");
        let done = sql.bind(day(from)).bind(day(end)).run().await;
        assert_eq!(done.is_ok(), fits, "{from} {end}: {done:?}");
        assert!(fits || matches!(done, Err(steward_db::Error::Check { .. })));
    }
}
