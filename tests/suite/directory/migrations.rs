//! The two trees of migrations make the same tables, and what was there before them goes on.

use sqlx::migrate::Migrator;
use steward_chassis::backend::Backend;
use steward_db::Migrations;
use steward_proto::directory::v1::change::Resource;
use steward_proto::directory::v1::change_service_client::ChangeServiceClient;
use steward_proto::directory::v1::{ListChangesRequest, ResolveOrganizationsRequest, RuleFlag};
use steward_tests::audit::chained;
use steward_tests::service::{As, called, open_runtime, start, test_clock};
use steward_tests::{TestDb, both, parity};

use super::common::now;
use super::organizations;

both!([], organizations_of_the_first_release_are_found);

#[test]
fn both_databases_have_the_same_tables() {
    parity(super::MIGRATIONS);
}

/// The migrations as the first release had them.
fn first_release() -> [Migrations; 2] {
    let first = |all: &'static Migrator| -> &'static Migrator {
        let first = all.iter().filter(|migration| migration.version == 1).cloned().collect();
        Box::leak(Box::new(Migrator::with_migrations(first)))
    };
    [steward_chassis::MIGRATIONS, steward_directory::MIGRATIONS].map(|all| Migrations {
        name: all.name,
        sqlite: first(all.sqlite),
        postgres: first(all.postgres),
    })
}

async fn organizations_of_the_first_release_are_found(db: TestDb) {
    db.db().migrate(&db.options(), &first_release()).await.unwrap();
    let kinds = ["court", "public_institution", "civil_service_institution"];
    let rows: Vec<_> = kinds.iter().map(|kind| (format!("L-{}", kind.len()), *kind)).collect();
    let mut tx = db.write().await;
    let head = "INSERT INTO scope_organization (code, region)";
    let scoped = |(code, _): &'static (String, &str), binds: steward_db::Binds| {
        binds.bind(code.as_str()).bind("420502")
    };
    let rows: &'static [(String, &str)] = rows.leak();
    tx.bulk(head, rows, scoped, "").run().await.unwrap();
    let time = chrono::DateTime::<chrono::Utc>::default();
    tx.bulk(
        "INSERT INTO organization \
         (code, name, kind, level, region, create_time, update_time, version)",
        rows,
        |(code, kind), binds| {
            let binds = binds.bind(code.as_str()).bind(format!("（旧）{kind}")).bind(*kind);
            binds.bind("county").bind("420502").bind(time).bind(time).bind(1_i64)
        },
        "",
    )
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();

    db.db().migrate(&db.options(), super::MIGRATIONS).await.unwrap();
    let runtime = open_runtime(&test_clock());
    let started = start(&steward_directory::SPEC, &db, &runtime).await;
    let backend = Backend::Local(started.routes);
    let mut client = organizations(&backend, As::default());
    for (code, kind) in rows {
        let texts = vec![format!("[旧] {kind}")];
        let request = ResolveOrganizationsRequest { texts, on_date: String::new() };
        let found = client.resolve_organizations(request).await.unwrap().into_inner();
        assert_eq!(&found.results[0].code, code);
        let flags: Vec<_> = match *kind {
            "court" => vec![RuleFlag::Organ, RuleFlag::PublicBody],
            "public_institution" => vec![RuleFlag::PublicInstitution, RuleFlag::PublicBody],
            _ => vec![RuleFlag::PublicInstitution, RuleFlag::CivilService, RuleFlag::PublicBody],
        };
        let there = now(&backend, As::default(), code).await;
        let told: Vec<_> = there.rule_flags().collect();
        assert_eq!((told, there.etag.as_str()), (flags, "1"), "{kind}");
    }
    // Who follows is told of them, once.
    drop(start(&steward_directory::SPEC, &db, &runtime).await);
    chained(&db).await;
    let mut changes = ChangeServiceClient::new(called(&backend, As::default()));
    let request = ListChangesRequest { page_size: 1000, ..ListChangesRequest::default() };
    let told = changes.list_changes(request).await.unwrap().into_inner().changes;
    let told = told.into_iter().filter_map(|change| match change.resource {
        Some(Resource::Organization(organization)) => Some(organization.code),
        _ => None,
    });
    let mut codes: Vec<_> = rows.iter().map(|(code, _)| code.clone()).collect();
    codes.sort();
    assert_eq!(told.collect::<Vec<_>>(), codes);
}
