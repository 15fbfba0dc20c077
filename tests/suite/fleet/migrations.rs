//! The two trees of migrations make the same tables.

use steward_tests::parity;

#[test]
fn both_databases_have_the_same_tables() {
    parity(super::MIGRATIONS);
}
