//! What an organization is called, what binds it, and when it is there.

use prost_types::FieldMask;
use serde_json::Value;
use steward_kernel::Clock as _;
use steward_proto::directory::v1::{
    Alias, AliasKind, ListOrganizationsRequest, Organization, OrganizationKind, RuleFlag,
    UpdateOrganizationRequest,
};
use steward_tests::service::{As, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;
use uuid::Uuid;

use super::common::{events, faults, made_on, now, reason};
use super::{MIGRATIONS, Organizations, backend, new, organizations};

both!(
    MIGRATIONS,
    names_and_days_are_kept_as_given,
    a_kind_brings_its_rules,
    faulty_names_are_all_named,
    a_name_that_is_given_up_stays_as_an_alias,
    a_mask_changes_what_it_names,
    fifty_aliases_are_enough,
    of_two_changes_at_once_one_wins,
    what_changes_nothing_is_no_change,
    a_day_limits_a_list,
    every_change_is_told_to_the_audit_trail,
);

const XILING: &str = "11420502000000027D";

pub(super) fn alias(kind: AliasKind, text: &str, from: &str, until: &str) -> Alias {
    Alias {
        kind: kind.into(),
        text: text.to_owned(),
        from_date: from.to_owned(),
        until_date: until.to_owned(),
    }
}

/// Every field that can be changed.
const ALL: &[&str] =
    &["name", "kind", "level", "region", "short_name", "aliases", "rule_flags", "established_on"];

pub(super) fn change(organization: &Organization, paths: &[&str]) -> UpdateOrganizationRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    UpdateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(organization.clone()),
        update_mask: Some(FieldMask { paths }),
        validate_only: false,
    }
}

async fn changed(
    client: &mut Organizations,
    organization: &Organization,
    paths: &[&str],
) -> Organization {
    let answer = client.update_organization(change(organization, paths)).await.unwrap();
    answer.into_inner().organization.unwrap()
}

async fn created(client: &mut Organizations, organization: Organization) -> Organization {
    let mut request = new(XILING, "西陵区财政局");
    let from = request.organization.take().unwrap();
    request.organization = Some(Organization {
        code: from.code,
        name: from.name,
        level: from.level,
        kind: if organization.kind == 0 { from.kind } else { organization.kind },
        ..organization
    });
    client.create_organization(request).await.unwrap().into_inner().organization.unwrap()
}

async fn names_and_days_are_kept_as_given(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = organizations(&backend, As::default());
    let aliases = vec![
        alias(AliasKind::OldCode, "00000002-7", "", "2016-01-01"),
        alias(AliasKind::FormerName, "西陵区 财政税务局", "1990-01-01", "1994-08-15"),
        alias(AliasKind::BudgetCode, "１０１００１", "2010-01-01", ""),
    ];
    let given = Organization {
        short_name: "西财局".to_owned(),
        aliases: aliases.clone(),
        rule_flags: vec![RuleFlag::PublicBody.into(), RuleFlag::Organ.into()],
        established_on: "1986-12-26".to_owned(),
        ended_on: "2000-01-01".to_owned(),
        successors: vec![XILING.to_owned()],
        ..Organization::default()
    };
    let made = created(&mut client, given).await;
    assert_eq!((made.short_name.as_str(), &made.aliases), ("西财局", &aliases));
    assert_eq!(made.established_on, "1986-12-26");
    assert_eq!(flags(&made), [RuleFlag::Organ, RuleFlag::PublicBody], "in one order");
    assert_eq!((made.ended_on.as_str(), made.successors.len()), ("", 0), "output only");
    assert_eq!(now(&backend, As::default(), XILING).await, made);
    let listed = client.list_organizations(ListOrganizationsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().organizations, [made]);
}

fn flags(organization: &Organization) -> Vec<RuleFlag> {
    organization.rule_flags().collect()
}

async fn a_kind_brings_its_rules(db: TestDb) {
    use RuleFlag::{CivilService, Organ, PublicBody, PublicInstitution};
    let mut client = organizations(&backend(&db).await, As::default());
    for number in 1..=10 {
        let mut request = new("", "甲");
        let organization = request.organization.as_mut().unwrap();
        organization.region = "420502".to_owned();
        organization.kind = number;
        let made = client.create_organization(request).await.unwrap().into_inner();
        let expected = match OrganizationKind::try_from(number).unwrap() {
            OrganizationKind::CivilServiceInstitution => {
                vec![PublicInstitution, CivilService, PublicBody]
            }
            OrganizationKind::PublicInstitution => vec![PublicInstitution, PublicBody],
            _ => vec![Organ, PublicBody],
        };
        let made = made.organization.unwrap();
        assert_eq!(flags(&made), expected, "{number}");
        // Another kind leaves the rules as they are; they are taken away by name only.
        let mut other = made.clone();
        other.kind = number % 10 + 1;
        let other = changed(&mut client, &other, &["kind"]).await;
        assert_eq!(flags(&other), expected, "{number}");
        let none = Organization { rule_flags: Vec::new(), ..other };
        assert!(flags(&changed(&mut client, &none, &["rule_flags"]).await).is_empty());
    }
}

async fn faulty_names_are_all_named(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut request = new(XILING, "甲");
    let name = alias(AliasKind::FullName, "乙", "", "");
    let organization = request.organization.as_mut().unwrap();
    organization.short_name = "长".repeat(51);
    organization.aliases = vec![
        name.clone(),
        alias(AliasKind::Unspecified, "", "2013-02-29", "2013-1-1"),
        alias(AliasKind::FormerName, "丙", "2013-01-01", "2013-01-01"),
        name,
        Alias { kind: 9, ..alias(AliasKind::FullName, &"长".repeat(101), "", "") },
    ];
    organization.rule_flags = vec![1, 0, 9, 1];
    organization.established_on = "1986".to_owned();
    let expected = [
        "organization.short_name TOO_LONG",
        "organization.aliases[1].kind REQUIRED",
        "organization.aliases[1].text REQUIRED",
        "organization.aliases[1].from_date DATE_MALFORMED",
        "organization.aliases[1].until_date DATE_MALFORMED",
        "organization.aliases[2].from_date DAYS_REVERSED",
        "organization.aliases[3] REPEATED",
        "organization.aliases[4].kind VALUE_UNKNOWN",
        "organization.aliases[4].text TOO_LONG",
        "organization.rule_flags[1] REQUIRED",
        "organization.rule_flags[2] VALUE_UNKNOWN",
        "organization.rule_flags[3] REPEATED",
        "organization.established_on DATE_MALFORMED",
    ];
    let error = client.create_organization(request.clone()).await.unwrap_err();
    assert_eq!(
        (error.code(), faults(&error)),
        (Code::InvalidArgument, expected.map(Into::into).into())
    );

    let made = created(&mut client, Organization::default()).await;
    let faulty = Organization { etag: made.etag.clone(), ..request.organization.unwrap() };
    let all = ["short_name", "aliases", "rule_flags", "established_on"];
    let error = client.update_organization(change(&faulty, &all)).await.unwrap_err();
    assert_eq!(faults(&error), expected);
    let error = client.update_organization(change(&made, &["ended_on", "code"])).await.unwrap_err();
    assert_eq!(faults(&error), ["update_mask MASK_UNKNOWN", "update_mask MASK_UNKNOWN"]);
    let nowhere = Organization { region: String::new(), ..made };
    let error = client.update_organization(change(&nowhere, &["region"])).await.unwrap_err();
    assert_eq!(faults(&error), ["organization.region REQUIRED"]);
    let error = client.update_organization(change(&nowhere, &[])).await.unwrap_err();
    assert_eq!(faults(&error), ["update_mask REQUIRED"]);
    let mut nothing = change(&nowhere, &["region"]);
    nothing.organization = None;
    let error = client.update_organization(nothing).await.unwrap_err();
    assert_eq!(faults(&error), ["organization REQUIRED"]);
}

async fn a_name_that_is_given_up_stays_as_an_alias(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = created(&mut client, Organization::default()).await;
    let today = steward_kernel::today(test_clock().now()).to_string();
    assert_eq!(today, "2017-06-15");

    let renamed = Organization { name: "西陵区财政局(国资办)".to_owned(), ..made };
    let renamed = changed(&mut client, &renamed, &["name"]).await;
    let former = alias(AliasKind::FormerName, "西陵区财政局", "", &today);
    assert_eq!(renamed.aliases, [former]);

    // Who gives aliases at the same time gives the former name too, or it is added to them.
    let mut again = Organization { name: "西陵区财政和国资局".to_owned(), ..renamed };
    again.aliases = vec![alias(AliasKind::ShortName, "西财", "", "")];
    let again = changed(&mut client, &again, &["name", "aliases"]).await;
    let second = alias(AliasKind::FormerName, "西陵区财政局(国资办)", "", &today);
    assert_eq!(again.aliases, [alias(AliasKind::ShortName, "西财", "", ""), second.clone()]);
    let own = alias(AliasKind::FormerName, "西陵区 财政和国资局", "2010-01-01", "2016-12-31");
    let third =
        Organization { name: "西陵区财政局".to_owned(), aliases: vec![own.clone()], ..again };
    let third = changed(&mut client, &third, ALL).await;
    assert_eq!(third.aliases, [own], "it is there, with the days that the caller knows");
}

async fn a_mask_changes_what_it_names(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let given = Organization {
        short_name: "甲".to_owned(),
        aliases: vec![alias(AliasKind::ShortName, "乙", "", "")],
        established_on: "2001-01-01".to_owned(),
        ..Organization::default()
    };
    let made = created(&mut client, given).await;
    let other = Organization {
        short_name: "丙".to_owned(),
        aliases: Vec::new(),
        rule_flags: vec![RuleFlag::CivilService.into()],
        established_on: String::new(),
        ..made.clone()
    };
    let one = changed(&mut client, &other, &["short_name"]).await;
    let expected = Organization {
        short_name: "丙".to_owned(),
        etag: one.etag.clone(),
        update_time: one.update_time,
        ..made
    };
    assert_eq!(one, expected);
    let etag = one.etag;
    let two =
        changed(&mut client, &Organization { etag, ..other.clone() }, &["established_on"]).await;
    assert_eq!((two.established_on.as_str(), two.aliases.len()), ("", 1));
    let etag = two.etag;
    let all = changed(&mut client, &Organization { etag, ..other }, ALL).await;
    assert!(all.aliases.is_empty());
    assert_eq!(flags(&all), [RuleFlag::CivilService]);
}

async fn fifty_aliases_are_enough(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let aliases = |count: usize| -> Vec<_> {
        (0..count).map(|i| alias(AliasKind::FullName, &format!("甲{i}"), "", "")).collect()
    };
    let full = Organization { aliases: aliases(50), ..Organization::default() };
    let made = created(&mut client, full).await;
    assert_eq!(made.aliases, aliases(50), "in their order");
    let over = Organization { aliases: aliases(51), ..made.clone() };
    let error = client.update_organization(change(&over, &["aliases"])).await.unwrap_err();
    assert_eq!(faults(&error), ["organization.aliases TOO_MANY"]);
    let renamed = Organization { name: "乙".to_owned(), ..made };
    let error = client.update_organization(change(&renamed, &["name"])).await.unwrap_err();
    assert_eq!(faults(&error), ["organization.aliases TOO_MANY"], "no place for the former name");
}

async fn of_two_changes_at_once_one_wins(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = organizations(&backend, As::default());
    let mut there = created(&mut client, Organization::default()).await;
    for round in 0..10 {
        let racers = (0..4).map(|racer| {
            let mut mine = there.clone();
            mine.short_name = format!("{round}-{racer}");
            mine.aliases = vec![alias(AliasKind::ShortName, &mine.short_name, "", "")];
            let mut client = client.clone();
            let change = change(&mine, &["short_name", "aliases"]);
            tokio::spawn(async move { client.update_organization(change).await })
        });
        let done = futures::future::join_all(racers.collect::<Vec<_>>()).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            done.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 3));
        for error in lost.into_iter().filter_map(Result::err) {
            assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
        }
        there = now(&backend, As::default(), XILING).await;
        let won = won.into_iter().next().unwrap().unwrap().into_inner().organization;
        assert_eq!(won, Some(there.clone()));
        assert_eq!(there.aliases[0].text, there.short_name, "nothing of a loser is there");
    }
    assert_eq!(events(&db, "organization").await.len(), 11, "losers leave none");
}

async fn what_changes_nothing_is_no_change(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let made = created(&mut client, Organization::default()).await;
    assert_eq!(changed(&mut client, &made, ALL).await, made);
    assert_eq!(events(&db, "organization").await.len(), 1);
    let stale = Organization { etag: "2".to_owned(), ..made };
    let error = client.update_organization(change(&stale, &["name"])).await.unwrap_err();
    assert_eq!(reason(&error), "ETAG_STALE");
}

async fn a_day_limits_a_list(db: TestDb) {
    let backend = backend(&db).await;
    let mut client = organizations(&backend, As::default());
    let always = made_on(&backend, As::default(), "420502", "甲", "").await;
    let later = made_on(&backend, As::default(), "420502", "乙", "2015-03-01").await;
    let gone = made_on(&backend, As::default(), "420502", "丙", "2001-01-01").await;
    let mut tx = db.write().await;
    let sql = tx.sql("UPDATE organization SET ended_on = $1 WHERE code = $2");
    let end: chrono::NaiveDate = "2015-03-01".parse().unwrap();
    assert_eq!(sql.bind(end).bind(&gone).run().await.unwrap(), 1);
    tx.commit().await.unwrap();
    for (day, there) in [
        ("", vec![&always, &later, &gone]),
        ("2000-12-31", vec![&always]),
        ("2001-01-01", vec![&always, &gone]),
        ("2015-02-28", vec![&always, &gone]),
        ("2015-03-01", vec![&always, &later]),
        ("2999-01-01", vec![&always, &later]),
    ] {
        let request = ListOrganizationsRequest {
            on_date: day.to_owned(),
            ..ListOrganizationsRequest::default()
        };
        let answer = client.list_organizations(request).await.unwrap().into_inner();
        let mut listed: Vec<_> = answer.organizations.iter().map(|of| &of.code).collect();
        listed.sort();
        let mut there = there;
        there.sort();
        assert_eq!(listed, there, "{day}");
    }
    let request = ListOrganizationsRequest {
        on_date: "2015-02-29".to_owned(),
        ..ListOrganizationsRequest::default()
    };
    let error = client.list_organizations(request).await.unwrap_err();
    assert_eq!(faults(&error), ["on_date DATE_MALFORMED"]);

    // Nothing begins when it has ended already.
    let mut ended = now(&backend, As::default(), &gone).await;
    assert_eq!(ended.ended_on, "2015-03-01");
    ended.established_on = "2015-03-01".to_owned();
    let error = client.update_organization(change(&ended, &["established_on"])).await.unwrap_err();
    assert_eq!(faults(&error), ["organization.established_on DAYS_REVERSED"]);
}

async fn every_change_is_told_to_the_audit_trail(db: TestDb) {
    let mut client = organizations(&backend(&db).await, As::default());
    let mut checked = new(XILING, "甲");
    checked.validate_only = true;
    client.create_organization(checked).await.unwrap();
    assert!(events(&db, "organization").await.is_empty(), "checking leaves none");
    let made = created(&mut client, Organization::default()).await;
    let mut moved = made.clone();
    moved.region = "420503".to_owned();
    moved.aliases = vec![alias(AliasKind::ShortName, "西财", "", "")];
    changed(&mut client, &moved, ALL).await;
    let events = events(&db, "organization").await;
    let [(first, _, before, after), (second, _, old, new), left] = events.as_slice() else {
        panic!("two changes, and one for the region that it left: {events:?}")
    };
    assert_eq!((first.as_str(), second.as_str()), (XILING, XILING));
    assert_eq!((before.as_str(), left), ("", &events[1]));
    assert_eq!(old, after, "one goes on where the other ended");
    let new: Value = serde_json::from_str(new).unwrap();
    assert_eq!((&new["region"], &new["etag"]), (&"420503".into(), &"2".into()));
    assert_eq!(new["aliases"][0]["text"], "西财");
    assert_eq!(new["aliases"][0]["kind"], "ALIAS_KIND_SHORT_NAME");
}
