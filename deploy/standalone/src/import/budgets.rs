//! `steward import budgets`: budgets (预算表) into the ledgers.
//!
//! An organization has one budget a domain, year and category. The same again is a duplicate. Another
//! amount or document is refused: a file of January that is sent once more must not undo what was
//! adjusted in June. With `--accept-warnings` the file stands, and the outcome tells how often.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;

use steward_kernel::Fen;
use steward_proto::ledger::v1::{Budget, ListBudgetsRequest, SetBudgetRequest};
use steward_sheet::{Cell, Table, Why, shown};
use tonic::Status;

use super::calls::{Item, Verdict, judged, once, patient, understood};
use super::cells::{Cells, document_no};
use super::costs::{Catalogue, catalogues};
use super::each::each;
use super::heads::year;
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::{Client, new_request_id, pages};
use crate::failure::Result;

/// The most budgets of a page.
const PAGE: i32 = 1_000;
/// The longest document number that a ledger takes, in characters, and the largest budget in fen.
const DOCUMENT: usize = 64;
const MOST_FEN: i64 = 100_000_000_000_000;

/// Which budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    domain: &'static str,
    organization: String,
    fiscal_year: i32,
    category: String,
}

/// What a row sets.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    key: Key,
    amount: Fen,
    document_no: String,
}

/// What rows are understood with.
struct With<'a> {
    catalogues: &'a BTreeMap<&'static str, Catalogue>,
    known: &'a Known,
    accept_warnings: bool,
}

/// Imports a file of budgets.
pub(super) async fn budgets(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let catalogues = catalogues(client, table).await?;
    let day = |place: usize| year(table.cell(table.rows[place], "year")).ok().map(first_day);
    let known = Known::ask(client, table, &["organization"], day).await?;
    let accept_warnings = options.accept_warnings;
    let with = With { catalogues: &catalogues, known: &known, accept_warnings };
    let mut outcome = Outcome::new(table, options);
    let items = understood(table, |cells| cells.budget(&with), &mut outcome);
    let items = once(table, items, |it: &Said| it.key.clone(), |_| "category", &mut outcome);
    let there = there(client, &items).await?;
    let differing = items.iter().filter(|it| differs(&it.said, there.get(&it.said.key)).is_some());
    let replaced = if accept_warnings { differing.count() } else { 0 };
    let ask = async |said: &Said, check: bool| {
        let there = there.get(&said.key);
        match (differs(said, there), there) {
            (Some(fault), _) if !accept_warnings => Ok(Verdict::Refused(vec![fault])),
            (None, Some(_)) => Ok(Verdict::There),
            _ => set(client, options, said, there.map_or("", |it| &it.etag), check).await,
        }
    };
    each(table, items, &mut outcome, interrupted, ask).await?;
    if replaced > 0 && outcome.accepted > 0 {
        outcome.remarks.push(Why::new(
            format!("其中{replaced}行与已下达的预算不同,以本表为准"),
            format!("{replaced} of them replace budgets that were set"),
        ));
    }
    outcome.sort();
    Ok(outcome)
}

impl Cells<'_> {
    fn budget(&mut self, with: &With<'_>) -> Option<Said> {
        let domain = self.domain();
        let category = self.category(domain.and_then(|domain| with.catalogues.get(domain)));
        let fiscal_year = self.read("year", year);
        let day = fiscal_year.map(first_day).unwrap_or_default();
        let organization =
            self.read("organization", |cell| with.known.code(cell, &day, with.accept_warnings));
        let amount = self.read("amount_yuan", amount);
        let document_no = self.read("document_no", |cell| document_no(cell, DOCUMENT));
        let key = Key {
            domain: domain?,
            organization: organization?,
            fiscal_year: fiscal_year?,
            category: category?.0,
        };
        Some(Said { key, amount: amount?, document_no: document_no? })
    }
}

/// Whoever bears a name when the year begins is meant.
fn first_day(year: i32) -> String {
    format!("{year}-01-01")
}

/// A whole budget; 0 = nothing may be spent.
fn amount(cell: Cell<'_>) -> Result<Fen, Why> {
    let fen = cell.amount(true)?;
    let written = shown(&cell.written());
    match fen.get() {
        ..0 => Err(Why::new(
            format!("{written}是负数;调减预算请填调整后的总额"),
            format!("{written} is negative; write the whole budget as it is after a cut"),
        )),
        0..=MOST_FEN => Ok(fen),
        _ => Err(Why::new(format!("{written}太大"), format!("{written} is too large"))),
    }
}

/// In which column a row differs from the budget that is set, and what is to be known of it.
fn differs(said: &Said, there: Option<&Budget>) -> Option<(String, Why)> {
    let there = there?;
    let set = Fen::new(there.amount_fen.unwrap_or_default());
    let column = match (set == said.amount, there.document_no == said.document_no) {
        (true, true) => return None,
        (false, _) => "amount_yuan",
        (true, false) => "document_no",
    };
    let document = &there.document_no;
    let why = Why::new(
        format!(
            "该预算已下达{set}元(文号{document}),与本行不同;确需以本表为准请加 --accept-warnings"
        ),
        format!(
            "{set} yuan are set by {document} already, otherwise than here; \
             let the file stand with --accept-warnings"
        ),
    );
    Some((column.to_owned(), why))
}

/// The budgets that are set in the domains and years of the rows.
async fn there(client: &Client, items: &[Item<Said>]) -> Result<HashMap<Key, Budget>> {
    let years: BTreeSet<_> =
        items.iter().map(|it| (it.said.key.domain, it.said.key.fiscal_year)).collect();
    let mut there = HashMap::new();
    for (domain, fiscal_year) in years {
        let ledger = client.ledger(domain);
        let budgets = pages(async |page_token| {
            let request = ListBudgetsRequest {
                page_size: PAGE,
                page_token,
                fiscal_year,
                ..ListBudgetsRequest::default()
            };
            let page = patient(&ledger, &request, async |mut service, request| {
                service.list_budgets(request).await
            })
            .await?;
            Ok::<_, Status>((page.budgets, page.next_page_token))
        });
        // Those that are only claimed from are not set.
        let set = budgets.await?.into_iter().filter(|it| it.amount_fen.is_some());
        there.extend(set.map(|it| (key(domain, &it), it)));
    }
    Ok(there)
}

fn key(domain: &'static str, it: &Budget) -> Key {
    let (organization, category) = (it.organization.clone(), it.category.clone());
    Key { domain, organization, fiscal_year: it.fiscal_year, category }
}

async fn set(
    client: &Client,
    options: Options,
    said: &Said,
    etag: &str,
    validate_only: bool,
) -> Result<Verdict, Status> {
    let request = SetBudgetRequest {
        request_id: new_request_id(),
        organization: said.key.organization.clone(),
        fiscal_year: said.key.fiscal_year,
        category: said.key.category.clone(),
        amount_fen: said.amount.get(),
        document_no: said.document_no.clone(),
        etag: etag.to_owned(),
        accept_warnings: options.accept_warnings,
        validate_only,
    };
    let ledger = client.ledger(said.key.domain);
    judged(&ledger, &request, column, async |mut service, request| {
        service.set_budget(request).await
    })
    .await
}

/// The column that a field of a budget comes from.
fn column(field: &str) -> &str {
    match field {
        "fiscal_year" => "year",
        "amount_fen" => "amount_yuan",
        "etag" | "request_id" => "",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use steward_sheet::Value;

    use super::*;

    #[test]
    fn a_budget_is_whole() {
        let read = |text: &str, power| {
            let value = Value::text(text);
            amount(Cell { value: &value, is_1904: false, power }).map(Fen::get)
        };
        assert_eq!(read("120000.50", 0), Ok(12_000_050));
        assert_eq!(read("12", 4), Ok(12_000_000));
        assert_eq!(read("0", 0), Ok(0));
        assert!(read("-3", 0).unwrap_err().zh.contains("调减预算请填调整后的总额"));
        assert!(read("1000000000001", 0).unwrap_err().zh.contains("太大"));
    }

    #[test]
    fn another_amount_or_document_is_told() {
        let key = Key {
            domain: "fleet",
            organization: "11420502000000027D".to_owned(),
            fiscal_year: 2018,
            category: "vehicle_fuel".to_owned(),
        };
        let said =
            Said {
                key, amount: Fen::new(12_000_000), document_no: "财预〔2018〕1号".to_owned()
            };
        let there = Budget {
            amount_fen: Some(12_000_000),
            document_no: said.document_no.clone(),
            ..Budget::default()
        };
        assert_eq!(differs(&said, None), None);
        assert_eq!(differs(&said, Some(&there)), None);
        let more = Budget { amount_fen: Some(13_000_005), ..there.clone() };
        let (column, why) = differs(&said, Some(&more)).unwrap();
        assert_eq!(column, "amount_yuan");
        assert!(why.zh.starts_with("该预算已下达130000.05元(文号财预〔2018〕1号)"), "{}", why.zh);
        let other = Budget { document_no: "财预〔2018〕2号".to_owned(), ..there };
        assert_eq!(differs(&said, Some(&other)).unwrap().0, "document_no");
    }
}
