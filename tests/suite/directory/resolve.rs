//! Finding the organizations that texts mean.

use chrono::TimeDelta;
use steward_chassis::backend::Backend;
use steward_proto::directory::v1::{
    Alias, AliasKind, Organization, ResolveOrganizationsRequest, ResolvedOrganization,
};
use steward_tests::service::{As, open_runtime, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;
use uuid::Uuid;

use super::common::{Guarded, faults, now, reason};
use super::names::{alias, change};
use super::{MIGRATIONS, Organizations, backend, new, organizations};

both!(
    MIGRATIONS,
    codes_names_and_aliases_are_found,
    how_it_is_written_makes_no_difference,
    what_several_have_is_told_with_all_of_them,
    a_day_says_whose_name_it_was,
    a_name_that_was_given_up_is_still_found,
    a_name_that_came_back_is_found_for_both_times,
    what_is_not_there_has_candidates,
    others_are_not_found,
    a_thousand_texts_are_answered_in_their_order,
    faulty_requests_are_refused,
);

const FINANCE: &str = "11420502000000027D";
const EDUCATION: &str = "11420506A00000038W";

/// Makes an organization in 西陵区 unless its code says otherwise; tells its code.
async fn made(client: &mut Organizations, code: &str, with: Organization) -> String {
    let mut request = new(code, &with.name);
    let from = request.organization.take().unwrap();
    let region = if code.is_empty() && with.region.is_empty() { "420502" } else { &with.region };
    let region = region.to_owned();
    request.organization =
        Some(Organization { code: from.code, kind: from.kind, level: from.level, region, ..with });
    let answer = client.create_organization(request).await.unwrap().into_inner();
    answer.organization.unwrap().code
}

fn named(name: &str, short_name: &str, aliases: Vec<Alias>) -> Organization {
    let (name, short_name) = (name.to_owned(), short_name.to_owned());
    Organization { name, short_name, aliases, ..Organization::default() }
}

async fn resolve(
    client: &mut Organizations,
    texts: &[&str],
    on_date: &str,
) -> Vec<ResolvedOrganization> {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    let request = ResolveOrganizationsRequest { texts, on_date: on_date.to_owned() };
    client.resolve_organizations(request).await.unwrap().into_inner().results
}

/// The code of a text that is clear.
async fn code(client: &mut Organizations, text: &str, on_date: &str) -> String {
    let result = resolve(client, &[text], on_date).await.remove(0);
    assert!(result.candidates.is_empty() || result.code.is_empty(), "{text}: {result:?}");
    result.code
}

/// The codes of the candidates of a text that is not.
async fn candidates(client: &mut Organizations, text: &str, on_date: &str) -> Vec<String> {
    let result = resolve(client, &[text], on_date).await.remove(0);
    assert_eq!((result.code.as_str(), result.name.as_str()), ("", ""), "{text}");
    result.candidates.into_iter().map(|candidate| candidate.code).collect()
}

async fn codes_names_and_aliases_are_found(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let aliases = vec![
        alias(AliasKind::OldCode, "00000002-7", "", ""),
        alias(AliasKind::BudgetCode, "101001", "", ""),
        alias(AliasKind::FullName, "湖北省宜昌市西陵区财政局", "", ""),
        alias(AliasKind::ShortName, "区财政", "", ""),
        alias(AliasKind::FormerName, "西陵区财税局", "", "1994-08-15"),
    ];
    made(&mut client, FINANCE, named("西陵区财政局", "西财局", aliases)).await;
    made(&mut client, EDUCATION, named("夷陵区教育局", "", vec![])).await;
    let local = made(&mut client, "", named("高新区管委会", "高新区", vec![])).await;
    let texts = [
        FINANCE,
        "西陵区财政局",
        "西财局",
        "00000002-7",
        "101001",
        "湖北省宜昌市西陵区财政局",
        "区财政",
        "西陵区财税局",
    ];
    for result in resolve(&mut client, &texts, "").await {
        assert_eq!((result.code.as_str(), result.name.as_str()), (FINANCE, "西陵区财政局"));
        assert!(result.candidates.is_empty());
    }
    assert_eq!(code(&mut client, "夷陵区教育局", "").await, EDUCATION);
    for text in [local.as_str(), "高新区", "高新区管委会"] {
        assert_eq!(code(&mut client, text, "").await, local);
    }
}

async fn how_it_is_written_makes_no_difference(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let aliases = vec![alias(AliasKind::BudgetCode, "Ａ１０１", "", "")];
    made(&mut client, FINANCE, named("西陵区财政局（国资办）", "", aliases)).await;
    for text in [
        "西陵区财政局(国资办)",
        "西陵区财政局【国资办】",
        "西陵区财政局〔国资办］",
        " 西陵区\u{3000}财政局 （国资办）\n",
        "西陵区财政局\t(国\u{200b}资办)\u{0}",
        "11420502000000027d",
        "１１４２０５０２０００００００２７Ｄ",
        " 11420502 000000027 D ",
        "a101",
        "ａ １０１",
    ] {
        assert_eq!(code(&mut client, text, "").await, FINANCE, "{text:?}");
    }
}

async fn what_several_have_is_told_with_all_of_them(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut codes = Vec::new();
    for number in 0..6 {
        let alias = alias(AliasKind::ShortName, "一中", "", "");
        codes.push(
            made(&mut client, "", named(&format!("{number}区第一中学"), "", vec![alias])).await,
        );
    }
    let short = made(&mut client, "", named("市第一高级中学", "一中", vec![])).await;
    let found = candidates(&mut client, "一中", "").await;
    assert_eq!(found.len(), 5);
    assert_eq!(found[0], short, "a name before an alias");
    codes.sort();
    assert_eq!(found[1..], codes[..4]);
    assert_eq!(candidates(&mut client, "一中", "2017-06-15").await, found, "all have it still");

    let result = resolve(&mut client, &["一中"], "").await.remove(0);
    let first = &result.candidates[0];
    assert_eq!((first.name.as_str(), first.region.as_str()), ("市第一高级中学", "420502"));
}

async fn a_day_says_whose_name_it_was(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let old = alias(AliasKind::FormerName, "机关事务局", "", "2013-07-01");
    let first = made(&mut client, "", named("接待办公室", "", vec![old])).await;
    let second = named("机关事务局", "", vec![]);
    let second = Organization { established_on: "2013-07-01".to_owned(), ..second };
    let second = made(&mut client, "", second).await;
    assert_eq!(code(&mut client, "机关事务局", "2013-06-30").await, first);
    assert_eq!(code(&mut client, "机关事务局", "2013-07-01").await, second);
    assert_eq!(
        candidates(&mut client, "机关事务局", "").await,
        [second.clone(), first.clone()],
        "who has it still comes first"
    );

    // A third one took the name, and had another one until then.
    let before = alias(AliasKind::FormerName, "后勤中心", "", "2015-01-01");
    let third = made(&mut client, "", named("接待办公室", "", vec![before])).await;
    assert_eq!(code(&mut client, "接待办公室", "2014-12-31").await, first);
    let both = candidates(&mut client, "接待办公室", "2015-01-01").await;
    assert_eq!(both.len(), 2, "two have it at once");
    assert_eq!(code(&mut client, "后勤中心", "2017-01-01").await, third, "nobody else ever had it");
}

async fn a_name_that_was_given_up_is_still_found(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = organizations(&backend, As::default());
    made(&mut client, FINANCE, named("西陵区财政局", "", vec![])).await;
    let read = now(&backend, As::default(), FINANCE).await;
    let renamed = Organization { name: "西陵区财政和国资局".to_owned(), ..read };
    client.update_organization(change(&renamed, &["name"])).await.unwrap();
    // The name goes to another one; the day of the change was 2017-06-15.
    let other = made(&mut client, "", named("西陵区财政局", "", vec![])).await;
    assert_eq!(code(&mut client, "西陵区财政和国资局", "").await, FINANCE);
    let both = candidates(&mut client, "西陵区财政局", "").await;
    assert_eq!(both, [other.as_str(), FINANCE]);
    assert_eq!(code(&mut client, "西陵区财政局", "2017-06-15").await, other);
}

async fn a_name_that_came_back_is_found_for_both_times(db: TestDb) {
    let clock = test_clock();
    let started = start(&steward_directory::SPEC, &db, &open_runtime(&clock)).await;
    let backend = Backend::Local(started.routes);
    let mut client = organizations(&backend, As::default());
    let first = made(&mut client, "", named("商务局", "", vec![])).await;
    // 商务局 until 15 June, 商务委 until 15 July, 商务局 again until 14 August.
    for name in ["商务委", "商务局", "经信局"] {
        let there = now(&backend, As::default(), &first).await;
        let renamed = Organization { name: name.to_owned(), ..there };
        client.update_organization(change(&renamed, &["name"])).await.unwrap();
        clock.advance(TimeDelta::days(30));
    }
    let other = named("商务局", "", vec![]);
    let other = Organization { established_on: "2017-08-14".to_owned(), ..other };
    let other = made(&mut client, "", other).await;
    for (text, day, whose) in [
        ("商务局", "2017-06-14", &first),
        ("商务委", "2017-07-01", &first),
        ("商务局", "2017-07-15", &first),
        ("商务局", "2017-08-13", &first),
        ("商务局", "2017-08-14", &other),
        ("经信局", "2017-08-14", &first),
    ] {
        assert_eq!(&code(&mut client, text, day).await, whose, "{text} {day}");
    }
    assert_eq!(candidates(&mut client, "商务局", "2017-07-01").await.len(), 2, "nobody's then");
}

async fn what_is_not_there_has_candidates(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    made(&mut client, FINANCE, named("西陵区财政局", "", vec![])).await;
    made(&mut client, EDUCATION, named("夷陵区教育体育局", "夷教局", vec![])).await;
    let library = made(&mut client, "", named("宜昌市(试验)图书馆", "", vec![])).await;
    for (text, likely) in [
        ("西陵区财证局", vec![FINANCE]),
        ("财政局", vec![FINANCE]),
        ("宜昌市西陵区财政局办公室", vec![FINANCE]),
        ("夷陵区体育教育局", vec![EDUCATION]),
        ("夷陵教育体育局", vec![EDUCATION]),
        ("宜昌试验图书馆", vec![library.as_str()]),
        ("11420502000000027E", vec![FINANCE]),
        ("A00000038", vec![EDUCATION]),
        ("没有这家", vec![]),
        ("局", vec![]),
        ("%", vec![]),
        ("", vec![]),
        (" \u{3000}", vec![]),
    ] {
        assert_eq!(candidates(&mut client, text, "").await, likely, "{text:?}");
    }
}

async fn others_are_not_found(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let mut city = organizations(&guarded.backend, guarded.caller(&["manager"], &["4205*"]));
    let same = alias(AliasKind::BudgetCode, "101001", "", "");
    made(&mut city, FINANCE, named("西陵区财政局", "财政局", vec![same.clone()])).await;
    made(&mut city, EDUCATION, named("夷陵区财政局", "财政局", vec![same])).await;
    assert_eq!(candidates(&mut city, "财政局", "").await, [FINANCE, EDUCATION]);

    let caller = guarded.caller(&["viewer"], &["420502"]);
    let mut xiling = organizations(&guarded.backend, caller);
    for text in ["财政局", "101001", "西陵区财政局", FINANCE] {
        assert_eq!(code(&mut xiling, text, "").await, FINANCE, "{text}");
    }
    assert_eq!(candidates(&mut xiling, "夷陵区财政局", "").await, [FINANCE], "its own is like it");
    assert_eq!(candidates(&mut xiling, EDUCATION, "").await, [""; 0]);

    let security = guarded.caller(&["security_admin"], &["4205*"]);
    let mut security = organizations(&guarded.backend, security);
    let texts = vec!["财政局".to_owned()];
    let request = ResolveOrganizationsRequest { texts, on_date: String::new() };
    let error = security.resolve_organizations(request).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "ROLE_MISSING"));
}

async fn a_thousand_texts_are_answered_in_their_order(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = organizations(&backend, As::default());
    let mut tx = db.write().await;
    let rows: Vec<_> = (0..600).map(|number| format!("L-{number:03}")).collect();
    tx.bulk(
        "INSERT INTO scope_organization (code, region)",
        &rows,
        |code, binds| binds.bind(code.as_str()).bind("420502"),
        "",
    )
    .run()
    .await
    .unwrap();
    let time = chrono::DateTime::<chrono::Utc>::default();
    tx.bulk(
        "INSERT INTO organization (code, name, name_key, kind, level, region, rule_flags, \
         create_time, update_time, version)",
        &rows,
        |code, binds| {
            let name = format!("第{}小学", &code[2..]);
            let binds = binds.bind(code.as_str()).bind(name.clone()).bind(name);
            let binds = binds.bind("public_institution").bind("county").bind("420502");
            binds.bind("public_body").bind(time).bind(time).bind(1_i64)
        },
        "",
    )
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    // A name, a code and a slip of the pen in turn, and some texts twice.
    let text = |number: usize| match number % 3 {
        0 => format!("第 {:03} 小学", number / 2),
        1 => format!("l-{:03}", number / 2),
        _ => format!("第{:03}小字", number / 2),
    };
    let texts: Vec<_> = (0..1000).map(text).collect();
    let request = ResolveOrganizationsRequest { texts, on_date: "2017-06-15".to_owned() };
    let results = client.resolve_organizations(request).await.unwrap().into_inner().results;
    assert_eq!(results.len(), 1000);
    for (number, result) in results.iter().enumerate() {
        let expected = format!("L-{:03}", number / 2);
        if number % 3 < 2 {
            assert_eq!(result.code, expected);
        } else {
            assert_eq!((result.code.as_str(), &result.candidates[0].code), ("", &expected));
        }
    }
}

async fn faulty_requests_are_refused(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut faults_of = async |texts: Vec<String>, on_date: &str| {
        let request = ResolveOrganizationsRequest { texts, on_date: on_date.to_owned() };
        let error = client.resolve_organizations(request).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        faults(&error)
    };
    assert_eq!(faults_of(vec![], "").await, ["texts REQUIRED"]);
    let many = (0..1001).map(|_| Uuid::new_v4().to_string()).collect();
    assert_eq!(faults_of(many, "").await, ["texts TOO_MANY"]);
    let texts = vec!["长".repeat(100), "长".repeat(101)];
    let told = faults_of(texts, "2017-6-15").await;
    assert_eq!(told, ["texts[1] TOO_LONG", "on_date DATE_MALFORMED"]);
}
