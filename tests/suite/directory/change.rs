use steward_chassis::backend::Backend;
use steward_kernel::yichang;
use steward_proto::directory::v1::calendar_service_client::CalendarServiceClient;
use steward_proto::directory::v1::change::Resource;
use steward_proto::directory::v1::change_service_client::ChangeServiceClient;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_proto::directory::v1::succession_service_client::SuccessionServiceClient;
use steward_proto::directory::v1::{
    CalendarYear, Change, CreateRegionRequest, ImportCalendarYearRequest, ListChangesRequest,
    ListChangesResponse, RecordSuccessionRequest, Region, Succession, SuccessionKind,
    SuccessionPart, UpdateOrganizationRequest,
};
use steward_tests::audit::chained;
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use tonic::Code;
use uuid::Uuid;

use super::common::{ALL, Guarded, faults, made, now, reason};
use super::{MIGRATIONS, backend, organizations};

both!(
    MIGRATIONS,
    changes_come_in_order_with_what_is_there_now,
    whoever_goes_on_where_he_was_misses_nothing,
    organizations_elsewhere_are_passed_over,
    what_is_asked_out_of_range_is_refused,
    a_directory_that_was_restored_says_so,
);

type Client = ChangeServiceClient<Called>;

fn client(backend: &Backend, caller: As) -> Client {
    Client::new(called(backend, caller))
}

async fn page(client: &mut Client, after_seq: i64, page_size: i32) -> ListChangesResponse {
    let request = ListChangesRequest { after_seq, page_size, ..ListChangesRequest::default() };
    client.list_changes(request).await.unwrap().into_inner()
}

/// All changes after a place.
async fn all(db: &TestDb, client: &mut Client, after_seq: i64) -> ListChangesResponse {
    chained(db).await;
    let answer = page(client, after_seq, 1000).await;
    assert!(!answer.more);
    answer
}

/// What changed, in a word.
fn word(change: &Change) -> String {
    match change.resource.as_ref().unwrap() {
        Resource::Organization(organization) => organization.code.clone(),
        Resource::Region(region) => region.code.clone(),
        Resource::CalendarYear(year) => year.year.to_string(),
    }
}

fn words(changes: &[Change]) -> Vec<String> {
    changes.iter().map(word).collect()
}

/// The regions of the city and the years that come with the service.
fn what_is_there_first() -> Vec<String> {
    let regions = yichang::REGIONS.iter().map(|(code, _)| (*code).to_owned());
    regions.chain((2013..2027).map(|year| year.to_string())).collect()
}

/// Whether an answer has what is there first and so many changes more.
fn answer_is_whole(answer: &ListChangesResponse, more: usize) -> bool {
    answer.changes.len() == what_is_there_first().len() + more
}

async fn rename(backend: &Backend, caller: As, code: &str, name: &str) {
    let mut organization = now(backend, caller.clone(), code).await;
    organization.name = name.to_owned();
    let request = UpdateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(organization),
        update_mask: Some(prost_types::FieldMask { paths: vec!["name".to_owned()] }),
        ..UpdateOrganizationRequest::default()
    };
    organizations(backend, caller).update_organization(request).await.unwrap();
}

async fn abolish(backend: &Backend, caller: As, code: &str) {
    let (predecessor, successor) = (code.to_owned(), String::new());
    let request = RecordSuccessionRequest {
        request_id: Uuid::new_v4().to_string(),
        succession: Some(Succession {
            kind: SuccessionKind::Abolition.into(),
            effective_on: "2014-01-01".to_owned(),
            parts: vec![SuccessionPart { predecessor, successor, share_ppm: 0 }],
            ..Succession::default()
        }),
        validate_only: false,
    };
    let mut client = SuccessionServiceClient::new(called(backend, caller));
    client.record_succession(request).await.unwrap();
}

async fn changes_come_in_order_with_what_is_there_now(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = client(&backend, As::default());
    let shipped = all(&db, &mut client, 0).await;
    assert_eq!(words(&shipped.changes), what_is_there_first());

    let a = made(&backend, As::default(), "420502", "甲").await;
    let b = made(&backend, As::default(), "420506", "乙").await;
    rename(&backend, As::default(), &a, "甲局").await;
    let request = CreateRegionRequest {
        request_id: Uuid::new_v4().to_string(),
        region: Some(Region {
            code: "420500-01".to_owned(),
            name: "高新区".to_owned(),
            ..Region::default()
        }),
        validate_only: false,
    };
    let mut regions = RegionServiceClient::new(called(&backend, As::default()));
    let region = regions.create_region(request).await.unwrap().into_inner().region.unwrap();
    let request = ImportCalendarYearRequest {
        request_id: Uuid::new_v4().to_string(),
        calendar_year: Some(CalendarYear {
            year: 2027,
            notice_no: "国办发明电〔2026〕1号".to_owned(),
            days_off: vec!["2027-01-01".to_owned()],
            ..CalendarYear::default()
        }),
        validate_only: false,
    };
    let mut calendar = CalendarServiceClient::new(called(&backend, As::default()));
    calendar.import_calendar_year(request).await.unwrap();
    abolish(&backend, As::default(), &b).await;

    let answer = all(&db, &mut client, shipped.next_seq).await;
    let codes = [&a, &b, &a, "420500-01", "2027", &b].map(str::to_owned);
    assert_eq!(words(&answer.changes), codes);
    assert!(answer.changes.windows(2).all(|two| two[0].seq < two[1].seq));
    assert!(answer.changes.iter().all(|change| change.change_time.is_some()));
    // Each comes as it is now, the first change of it too.
    let first = now(&backend, As::default(), &a).await;
    assert_eq!(first.name, "甲局");
    for place in [0, 2] {
        assert_eq!(answer.changes[place].resource, Some(Resource::Organization(first.clone())));
    }
    assert_eq!(answer.changes[3].resource, Some(Resource::Region(region)));
    let Some(Resource::Organization(ended)) = &answer.changes[5].resource else { panic!() };
    assert_eq!(ended.ended_on, "2014-01-01");
    let Some(Resource::CalendarYear(year)) = &answer.changes[4].resource else { panic!() };
    assert_eq!((year.working_day_count, year.provisional), (260, false));
}

async fn whoever_goes_on_where_he_was_misses_nothing(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = client(&backend, As::default());
    let mut codes = what_is_there_first();
    for i in 0..7 {
        codes.push(made(&backend, As::default(), "420502", &format!("单位{i}")).await);
    }
    chained(&db).await;
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let answer = page(&mut client, after, 4).await;
        assert!(answer.next_seq > after);
        if answer.more {
            assert_eq!(answer.changes.len(), 4);
        }
        after = answer.next_seq;
        seen.extend(words(&answer.changes));
        if !answer.more {
            break;
        }
    }
    assert_eq!(seen, codes);
    let answer = page(&mut client, after, 0).await;
    assert_eq!((answer.changes.len(), answer.next_seq, answer.more), (0, after, false));
    assert_eq!(page(&mut client, 0, 0).await.changes.len(), codes.len());
    let exact = page(&mut client, 0, i32::try_from(codes.len()).unwrap()).await;
    assert!(!exact.more);
}

async fn organizations_elsewhere_are_passed_over(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let backend = &guarded.backend;
    let city = || guarded.caller(&ALL, &["4205*"]);
    let mut all_seeing = client(backend, guarded.caller(&["viewer"], &["*"]));
    let mine = made(backend, city(), "420502", "甲").await;
    let theirs = made(backend, city(), "420506", "乙").await;
    rename(backend, city(), &theirs, "乙局").await;
    let whole = all(&db, &mut all_seeing, 0).await;
    assert!(!whole.scope_limited && answer_is_whole(&whole, 3));
    let mut viewer = client(backend, guarded.caller(&["viewer"], &["420502"]));
    let answer = page(&mut viewer, 0, 1000).await;
    assert!(answer.scope_limited && answer_is_whole(&answer, 1), "the calendar is everybody's");
    let last = answer.changes.last().unwrap();
    assert_eq!(word(last), mine);
    assert_eq!(answer.next_seq, whole.next_seq, "what is not his is passed over");
    // A page of what is not his is empty, and goes on.
    let after = last.seq;
    let answer = page(&mut viewer, after, 1).await;
    assert_eq!((answer.changes.len(), answer.more), (0, true));
    assert_eq!(answer.next_seq, after + 1);
}

async fn what_is_asked_out_of_range_is_refused(db: TestDb) {
    let mut client = client(&backend(&db).await, As::default());
    for size in [-1, 1001] {
        let request =
            ListChangesRequest { after_seq: -1, page_size: size, ..ListChangesRequest::default() };
        let error = client.list_changes(request).await.unwrap_err();
        let expected = ["after_seq OUT_OF_RANGE", "page_size PAGE_SIZE_OUT_OF_RANGE"];
        assert_eq!(faults(&error), expected);
    }
}

/// Who goes on by number and hash is told when the chain is another one, or ends before.
async fn a_directory_that_was_restored_says_so(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = client(&backend, As::default());
    made(&backend, As::default(), "420502", "甲").await;
    let known = all(&db, &mut client, 0).await;
    assert_eq!(known.next_hash.len(), 32);
    let mut ask = async |after_seq, after_hash: &[u8]| {
        let after_hash = after_hash.to_vec();
        client.list_changes(ListChangesRequest { after_seq, after_hash, page_size: 0 }).await
    };
    let on = ask(known.next_seq, &known.next_hash).await.unwrap().into_inner();
    assert_eq!((on.next_seq, &on.next_hash), (known.next_seq, &known.next_hash));
    assert!(ask(known.next_seq, b"").await.is_ok(), "the hash may be left out");
    let other = [7; 32];
    for (seq, hash) in [
        (known.next_seq, &other[..]),
        (known.next_seq - 1, &known.next_hash),
        (known.next_seq + 1, &known.next_hash),
        (known.next_seq + 1, b""),
    ] {
        let error = ask(seq, hash).await.unwrap_err();
        assert_eq!(
            (error.code(), reason(&error)),
            (Code::FailedPrecondition, "CHANGES_RESTARTED".into())
        );
    }
}
