//! Budgets on the wire.

use std::collections::BTreeSet;

use steward_chassis::audit::Event;
use steward_chassis::page::PAGE_TOKEN_INVALID;
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::Fen;
use steward_proto::ledger::v1 as proto;

use super::{BUDGET_ON_REVENUE, Budget, Key, Listed, New, YEARS};
use crate::catalogue::{CATEGORY_UNKNOWN, Catalogue, Nature};

/// In fen: a million million yuan.
const MAX_AMOUNT: i64 = 100_000_000_000_000;
const MAX_DOCUMENT: usize = 64;
/// At most so many categories to list budgets of.
const MAX_CATEGORIES: usize = 100;

impl From<&Budget> for proto::Budget {
    fn from(budget: &Budget) -> Self {
        let is_set = budget.amount.is_some();
        Self {
            organization: budget.key.organization.to_string(),
            fiscal_year: budget.key.fiscal_year,
            category: budget.key.category.clone(),
            amount_fen: budget.amount.map(Fen::get),
            document_no: budget.document_no.clone(),
            reserved_fen: budget.reserved.get(),
            committed_fen: budget.committed.get(),
            spent_fen: budget.spent.get(),
            used_bp: budget.used_bp(),
            update_time: budget.update_time.map(to_proto),
            updated_by: budget.updated_by.clone(),
            etag: if is_set { budget.version.to_string() } else { String::new() },
        }
    }
}

/// What a request sets.
pub(super) fn new(catalogue: &Catalogue, request: &proto::SetBudgetRequest) -> Result<New> {
    let mut fields = Fields::new();
    let accept = request.accept_warnings;
    let organization = fields.organization("organization", &request.organization, accept);
    let fiscal_year = fields.within("fiscal_year", request.fiscal_year, YEARS);
    let category = fields.required_text("category", &request.category, 64);
    match catalogue.get(&category).map(|category| category.nature) {
        Some(Nature::Revenue) => {
            fields.refuse("category", &BUDGET_ON_REVENUE, "revenue is not paid from a budget");
        }
        None if !category.is_empty() => unknown(&mut fields, "category", &category),
        _ => {}
    }
    let amount = fields.within("amount_fen", request.amount_fen, 0..=MAX_AMOUNT);
    let document_no = fields.required_text("document_no", &request.document_no, MAX_DOCUMENT);
    let version = match request.etag.as_str() {
        "" => Some(0),
        etag => fields.etag("etag", etag),
    };
    let new = organization.zip(fiscal_year).zip(amount.zip(version));
    fields.finish_with(new.map(|((organization, fiscal_year), (amount, version))| New {
        key: Key { organization, fiscal_year, category },
        amount: Fen::new(amount),
        document_no,
        version,
    }))
}

fn unknown(fields: &mut Fields, field: &str, category: &str) {
    fields.refuse(field, &CATEGORY_UNKNOWN, format!("{category} is not a category"));
}

/// A page of budgets goes on after organization, year and category.
pub(super) type After = (String, i32, String);

/// Which budgets a list request asks for.
pub(super) fn listed(
    catalogue: &Catalogue,
    request: &proto::ListBudgetsRequest,
) -> Result<(Page<After>, Listed)> {
    let mut fields = Fields::new();
    let same =
        proto::ListBudgetsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<After> = Page::parse(&mut fields, request.page_size, &request.page_token, &same);
    let after = page.after.clone().and_then(|(organization, fiscal_year, category)| {
        Some(Key { organization: organization.parse().ok()?, fiscal_year, category })
    });
    if page.after.is_some() && after.is_none() {
        fields.refuse("page_token", &PAGE_TOKEN_INVALID, "is not a token of this list");
    }
    let fiscal_year = match request.fiscal_year {
        0 => None,
        year => fields.within("fiscal_year", year, YEARS),
    };
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        fiscal_year,
        categories: categories(&mut fields, catalogue, &request.categories),
        after,
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

fn categories(fields: &mut Fields, catalogue: &Catalogue, codes: &[String]) -> BTreeSet<String> {
    fields.at_most("categories", codes.len(), MAX_CATEGORIES);
    for (i, code) in codes.iter().enumerate().take(MAX_CATEGORIES) {
        if catalogue.get(code).is_none() {
            unknown(fields, &format!("categories[{i}]"), code);
        }
    }
    codes.iter().take(MAX_CATEGORIES).cloned().collect()
}

/// A page of the answer.
pub(super) fn page(page: &Page<After>, budgets: Vec<Budget>) -> Result<proto::ListBudgetsResponse> {
    let after = |it: &Budget| {
        (it.key.organization.to_string(), it.key.fiscal_year, it.key.category.clone())
    };
    let (budgets, next_page_token) = page.cut(budgets, after)?;
    let budgets = budgets.iter().map(proto::Budget::from).collect();
    Ok(proto::ListBudgetsResponse { budgets, next_page_token })
}

/// What the audit trail keeps of a budget that was set.
pub(super) fn event(old: &Budget, new: &Budget) -> Result<Event> {
    let key = &new.key;
    let mut event = Event::new("budget", key.to_string()).of(&key.organization, &new.region);
    if old.amount.is_some() {
        event = event.before(&proto::Budget::from(old))?;
    }
    event.after(&proto::Budget::from(new))
}
