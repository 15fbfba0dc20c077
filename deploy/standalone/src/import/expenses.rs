//! `steward import expenses`: what vehicles cost (单车核算), slip by slip, into fleet, which posts it to the
//! ledger. [`statements`] of fuel cards are answered alike.

use std::future::Future;

use prost::Message as _;
use steward_proto::fleet::v1::{
    ExpenseOutcome, ExpenseResult, ImportStatementRequest, NewExpense, RecordExpensesRequest,
    StatementLine,
};
use steward_sheet::{Cell, Table, Why, shown};

use super::batch::Batches;
use super::calls::{Verdict, once, patient, understood};
use super::cells::{Cells, document_no};
use super::columns::{EXPENSE_KINDS, LINE_KINDS, number};
use super::costs::row::{DOCUMENT_NO, amount};
use super::costs::unit::exact;
use super::register::{Vehicles, written};
use super::resolve::Known;
use super::trips::row::{instant, metres, no_time};

use super::{Options, Outcome};
use crate::client::{Client, new_request_id};
use crate::failure::Result;

/// The longest texts that fleet takes, in characters.
const STATION: usize = 100;
const FUND_SOURCE: usize = 64;
const MEMO: usize = 500;
const CARD: usize = 80;
const PLATE: usize = 40;
/// The largest line number of a document.
const MOST_LINES: i64 = 100_000;
/// Millilitres of a litre, watt hours of a kWh; and the most of a slip.
const SMALL_UNITS: i128 = 1_000;
const QUANTITY: i64 = 1_000_000_000;

/// Imports a file of expenses.
pub(super) async fn expenses(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let day = |place: usize| {
        let cell = table.cell(table.rows[place], "occurred_on");
        cell.date_time().ok().map(|(day, _)| day.to_string())
    };
    let known = Known::ask(client, table, &["paid_by"], day).await?;
    let vehicles = Vehicles::ask(client).await?;
    let mut outcome = Outcome::new(table, options);
    let said = |cells: &mut Cells<'_>| cells.expense(&known, &vehicles, options.accept_warnings);
    let items = understood(table, said, &mut outcome);
    let items = once(table, items, NewExpense::encode_to_vec, |_| "document_no", &mut outcome);
    let ask = async |expenses: &[&NewExpense], check: bool| {
        let request = RecordExpensesRequest {
            request_id: new_request_id(),
            expenses: expenses.iter().map(|it| (*it).clone()).collect(),
            partial: check || options.partial,
            accept_warnings: options.accept_warnings,
            validate_only: check,
        };
        let service = client.expenses();
        let answer = patient(&service, &request, async |mut service, request| {
            service.record_expenses(request).await
        });
        Ok(answer.await?.results.iter().map(verdict).collect())
    };
    let batches = Batches { table, list: "expenses", column };
    batches.run(items, |it| it.document_no.clone(), &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

/// Imports a statement of fuel cards.
pub(super) async fn statements(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let mut outcome = Outcome::new(table, options);
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime, the closure of any"
    )]
    let items = understood(table, |cells| cells.line(), &mut outcome);
    let items = once(table, items, StatementLine::encode_to_vec, |_| "document_no", &mut outcome);
    let ask = async |lines: &[&StatementLine], check: bool| {
        let request = ImportStatementRequest {
            request_id: new_request_id(),
            lines: lines.iter().map(|it| (*it).clone()).collect(),
            partial: check || options.partial,
            accept_warnings: options.accept_warnings,
            validate_only: check,
        };
        let service = client.statements();
        let answer = patient(&service, &request, async |mut service, request| {
            service.import_statement(request).await
        });
        Ok(answer.await?.results.iter().map(verdict).collect())
    };
    let batches = Batches { table, list: "lines", column };
    batches.run(items, |it| it.document_no.clone(), &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

impl Cells<'_> {
    fn expense(
        &mut self,
        known: &Known,
        vehicles: &Vehicles,
        accept_warnings: bool,
    ) -> Option<NewExpense> {
        let moment = self.read("occurred_on", |cell| cell.date_time());
        let day = moment.map(|(day, _)| day.to_string()).unwrap_or_default();
        let vehicle = match moment {
            Some(_) => self.read("plate", |cell| vehicles.about(cell, &day)),
            None => self.read("plate", |_| Ok(None)).flatten(),
        };
        let kind = self.read("kind", |cell| cell.choice(&EXPENSE_KINDS));
        let quantity = kind.and_then(|kind| self.used(kind));
        let paid_by = self.optional("paid_by", |cell| known.code(cell, &day, accept_warnings));
        let (service_from, service_until) = self.service();
        let amount = self.read("amount_yuan", amount);
        let document_no = self.read("document_no", |cell| document_no(cell, DOCUMENT_NO));
        let occur_time =
            moment.and_then(|(day, time)| time.and_then(|time| instant(day.and_time(time))));
        Some(NewExpense {
            vehicle_id: vehicle?.id.clone(),
            kind: number(&EXPENSE_KINDS, kind?),
            occurred_on: day,
            occur_time,
            amount_fen: amount?.get(),
            quantity,
            odometer_m: self.optional("odometer", metres).flatten(),
            document_no: document_no?,
            document_line: self.document_line(),
            card_no: self.card().unwrap_or_default(),
            station: self.short("station", STATION),
            service_from,
            service_until,
            paid_by: paid_by.unwrap_or_default(),
            fund_source: self.short("fund_source", FUND_SOURCE),
            memo: self.short("memo", MEMO),
            ..NewExpense::default()
        })
    }

    fn line(&mut self) -> Option<StatementLine> {
        let line_time = self.read("line_time", |cell| {
            let (day, time) = cell.date_time()?;
            let time = time.ok_or_else(|| no_time(&shown(&cell.written())))?;
            Ok(instant(day.and_time(time)))
        });
        let kind = self.read("kind", |cell| cell.choice(&LINE_KINDS));
        let amount = self.read("amount_yuan", amount);
        let document_no = self.read("document_no", |cell| document_no(cell, DOCUMENT_NO));
        let card_no = self.required_card();
        Some(StatementLine {
            card_no: card_no?,
            kind: number(&LINE_KINDS, kind?),
            line_time: line_time?,
            amount_fen: amount?.get(),
            quantity: self.optional("quantity", small_units).flatten(),
            plate: self.optional("plate", plate).unwrap_or_default(),
            station: self.short("station", STATION),
            odometer_m: self.optional("odometer", metres).flatten(),
            document_no: document_no?,
            document_line: self.document_line(),
            ..StatementLine::default()
        })
    }

    /// Litres of fuel or kWh of a charge, in the small unit; another expense has neither.
    fn used(&mut self, kind: &str) -> Option<i64> {
        let litres = self.optional("litres", small_units).flatten();
        let kwh = self.optional("kwh", small_units).flatten();
        let (used, other) = match kind {
            "fuel" => (litres, kwh.map(|_| "kwh")),
            // Where there is one column for both, it is that of litres.
            "charging" if !self.table.has("kwh") => (litres, None),
            "charging" => (kwh, litres.map(|_| "litres")),
            _ => (None, litres.map(|_| "litres").or(kwh.map(|_| "kwh"))),
        };
        if let Some(column) = other {
            let why = Why::new("与费用项目不符,请留空", "does not fit the kind; leave it empty");
            self.fault(column, why);
        }
        used
    }

    /// The number of a card, if there is one.
    fn card(&mut self) -> Option<String> {
        let card = self.optional("card_no", |cell| {
            let text = cell.code(None)?;
            let written = Cell { value: &steward_sheet::Value::text(&text), ..cell };
            written.text(CARD)
        })?;
        Some(card).filter(|card| !is_nothing(card))
    }

    /// The number of a card, which has to be there.
    pub(super) fn required_card(&mut self) -> Option<String> {
        let faults = self.faults.len();
        let card = self.card();
        if card.is_none() && self.faults.len() == faults {
            self.fault("card_no", Why::empty());
        }
        card
    }

    fn document_line(&mut self) -> i32 {
        let line = self.optional("document_line", |cell| cell.integer(1, MOST_LINES));
        line.and_then(|line| i32::try_from(line).ok()).unwrap_or_default()
    }

    fn short(&mut self, column: &str, most: usize) -> String {
        self.optional(column, |cell| cell.one_line(most)).unwrap_or_default()
    }
}

/// Whether a text says that there is nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "—" | "——" | "/" | "无" | "不详")
}

/// The plate that was written at the pump, where one was.
fn plate(cell: Cell<'_>) -> Result<String, Why> {
    let plate = cell.one_line(PLATE)?;
    Ok(if is_nothing(&plate) { String::new() } else { written(&plate) })
}

/// Litres or kWh in millilitres or watt hours; a nought or a bar is none.
fn small_units(cell: Cell<'_>) -> Result<Option<i64>, Why> {
    if is_nothing(&cell.plain()) {
        return Ok(None);
    }
    let plain = cell.plain().to_lowercase();
    let units = ["升", "l", "度", "千瓦时", "kwh"];
    let bare = units.iter().find_map(|unit| plain.trim().strip_suffix(unit));
    let small = match bare {
        Some(number) => exact(number.trim(), SMALL_UNITS)?,
        None => exact(&cell.number()?, SMALL_UNITS)?,
    };
    if small > QUANTITY {
        let written = shown(&cell.written());
        return Err(Why::new(format!("{written}太大"), format!("{written} is too large")));
    }
    Ok(Some(small).filter(|small| *small > 0))
}

/// What the server says of a row.
fn verdict(result: &ExpenseResult) -> Verdict {
    match result.outcome() {
        ExpenseOutcome::Recorded => Verdict::New,
        ExpenseOutcome::Duplicate => Verdict::There,
        ExpenseOutcome::Conflict | ExpenseOutcome::Refused | ExpenseOutcome::Unspecified => {
            let faults = result.refusals.iter().map(|it| {
                let (zh, reason, en) = (&it.message_zh, &it.reason, &it.message);
                let hint = match &**reason {
                    "ENTRY_CONFLICT" => ";一张票据有几行的,请填行号",
                    "CARD_UNKNOWN" => ";请先登记该卡",
                    _ => "",
                };
                let zh = format!("{zh}{hint}({reason}:{en})");
                (column(&it.field).to_owned(), Why::new(zh, format!("{en} ({reason})")))
            });
            Verdict::Refused(faults.collect())
        }
    }
}

/// The column that a field of an expense or a line comes from.
fn column(field: &str) -> &str {
    match field {
        "vehicle_id" => "plate",
        "amount_fen" => "amount_yuan",
        "occur_time" => "occurred_on",
        "odometer_m" => "odometer",
        "service_until" => "service_to",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use steward_proto::fleet::v1::ExpenseRefusal;
    use steward_sheet::Value;

    use super::*;

    #[test]
    fn litres_are_millilitres() {
        for (text, expected) in [
            ("40", Ok(Some(40_000))),
            ("40.55升", Ok(Some(40_550))),
            ("35 kWh", Ok(Some(35_000))),
            ("0", Ok(None)),
            ("/", Ok(None)),
            ("40.1234", Err("\"40.1234\"小数位数过多,超出账上计量的精度".to_owned())),
            ("2000000", Err("\"2000000\"太大".to_owned())),
        ] {
            let value = Value::text(text);
            let cell = Cell { value: &value, is_1904: false, power: 0 };
            assert_eq!(small_units(cell).map_err(|why| why.zh), expected, "{text}");
        }
    }

    #[test]
    fn answers_are_told_by_column() {
        let result = |outcome: ExpenseOutcome, reason: &str| ExpenseResult {
            outcome: outcome.into(),
            expense_id: String::new(),
            line_id: String::new(),
            refusals: vec![ExpenseRefusal {
                field: "amount_fen".to_owned(),
                reason: reason.to_owned(),
                message: "no".to_owned(),
                message_zh: "不行".to_owned(),
            }],
        };
        assert_eq!(verdict(&result(ExpenseOutcome::Recorded, "")), Verdict::New);
        assert_eq!(verdict(&result(ExpenseOutcome::Duplicate, "")), Verdict::There);
        let why =
            Why::new("不行;一张票据有几行的,请填行号(ENTRY_CONFLICT:no)", "no (ENTRY_CONFLICT)");
        let refused = Verdict::Refused(vec![("amount_yuan".to_owned(), why)]);
        assert_eq!(verdict(&result(ExpenseOutcome::Conflict, "ENTRY_CONFLICT")), refused);
    }
}
