//! The catalogue on the wire.

use steward_proto::ledger::v1 as proto;

use super::{BudgetItem, Catalogue, Category, Nature, Unit};

pub(crate) fn list_categories(catalogue: &Catalogue) -> proto::ListCategoriesResponse {
    proto::ListCategoriesResponse { categories: catalogue.iter().map(category).collect() }
}

fn category(category: &Category) -> proto::Category {
    proto::Category {
        code: category.code.clone(),
        name: category.name.clone(),
        name_en: category.name_en.clone(),
        nature: match category.nature {
            Nature::Running => proto::Nature::Running,
            Nature::Capital => proto::Nature::Capital,
            Nature::Revenue => proto::Nature::Revenue,
        }
        .into(),
        quantity_unit: match category.unit {
            None => proto::QuantityUnit::Unspecified,
            Some(Unit::WattHour) => proto::QuantityUnit::WattHour,
            Some(Unit::Kilojoule) => proto::QuantityUnit::Kilojoule,
            Some(Unit::Litre) => proto::QuantityUnit::Litre,
            Some(Unit::Piece) => proto::QuantityUnit::Piece,
            Some(Unit::SquareDecimetre) => proto::QuantityUnit::SquareDecimetre,
        }
        .into(),
        budget_items: category.budget_items.iter().map(budget_item).collect(),
    }
}

fn budget_item(item: &BudgetItem) -> proto::BudgetItem {
    proto::BudgetItem {
        code: item.code.clone(),
        name: item.name.clone(),
        r#use: item.purpose.clone(),
        from_year: item.from_year,
        until_year: item.until_year,
    }
}
