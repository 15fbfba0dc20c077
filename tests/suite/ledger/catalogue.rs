use steward_proto::ledger::v1::{ListCategoriesRequest, Nature, QuantityUnit};
use steward_tests::{TestDb, both};

use super::{MIGRATIONS, ledger};

both!(MIGRATIONS, all_categories_are_listed_by_code);

async fn all_categories_are_listed_by_code(db: TestDb) {
    let mut client = ledger(&db).await;
    let answer = client.list_categories(ListCategoriesRequest {}).await.unwrap().into_inner();
    let listed: Vec<_> = answer.categories.iter().map(|c| (c.code.as_str(), c.nature())).collect();
    let want = [
        ("car", Nature::Capital),
        ("fuel", Nature::Running),
        ("rent", Nature::Running),
        ("sale", Nature::Revenue),
    ];
    assert_eq!(listed, want);
    assert_eq!(answer.categories[1].quantity_unit(), QuantityUnit::Litre);
    assert_eq!(answer.categories[2].quantity_unit(), QuantityUnit::Unspecified);
}
