//! Establishments: authorised, held, reserved, free.

use steward_proto::fleet::v1::{
    Establishment, EstablishmentSum, ListEstablishmentsRequest, SummarizeEstablishmentsRequest,
};

use super::Of;
use super::answer::{Answer, Column, Form, Table, Value, Words, pick};
use super::names::{Names, PAGE, choice, region};
use crate::client::{Client, pages};
use crate::failure::Result;
use crate::import::columns::CATEGORIES;
use crate::report::Language;

const AUTHORISED: Words = ("编制数", "Authorised");
const NUMBERS: [Column; 5] = [
    Column::summed("authorised", AUTHORISED, Form::Count),
    Column::summed("held", ("实有", "Held"), Form::Count),
    Column::summed("reserved", ("已占用(在办)", "Reserved"), Form::Count),
    Column::summed("free", ("空编", "Free"), Form::Count),
    Column::summed("over", ("超编", "Over"), Form::Count),
];

pub(super) async fn ask(
    client: &Client,
    by_region: bool,
    of: &Of,
    language: Language,
) -> Result<Answer> {
    let request = SummarizeEstablishmentsRequest {
        regions: of.regions.clone(),
        organizations: of.organizations.clone(),
        ..SummarizeEstablishmentsRequest::default()
    };
    let sums = client.establishments().summarize_establishments(request).await?.into_inner();
    let total = sums.total.unwrap_or_default();
    let mut columns = if by_region {
        vec![Column::text("region", ("地区", "Region")), CATEGORY]
    } else {
        let who = Column::text("organization", ("单位", "Organization"));
        vec![who, Column::text("code", ("单位代码", "Code")), CATEGORY]
    };
    columns.extend(NUMBERS);
    let mut rows = Vec::new();
    if by_region {
        for it in &sums.rows {
            let sum = it.sum.unwrap_or_default();
            let mut row: Vec<Value> = vec![region(&it.region, language).into()];
            row.push(choice(&CATEGORIES, it.category, language).into());
            row.extend(numbers(&sum));
            rows.push(row);
        }
    } else {
        let names = Names::ask(client).await;
        for it in all(client, of).await? {
            let mut row: Vec<Value> = vec![names.of(&it.organization).into()];
            row.push(it.organization.into());
            row.push(choice(&CATEGORIES, it.category, language).into());
            row.push(it.authorised.into());
            row.extend([it.held, it.reserved, it.free, it.over].map(Value::from));
            rows.push(row);
        }
    }
    let mut sum = vec![Value::None; columns.len() - NUMBERS.len()];
    sum.extend(numbers(&total));
    let title = pick(language, ("公务用车编制情况表", "Establishments of official vehicles"));
    Ok(Answer {
        title: title.to_owned(),
        tables: vec![Table {
            name: pick(language, ("编制", "Establishments")),
            columns,
            rows,
            total: Some(sum),
        }],
        notes: notes(&total, sums.scope_limited, language),
        ..Answer::default()
    })
}

const CATEGORY: Column = Column::text("category", ("车辆用途", "Category"));

fn numbers(sum: &EstablishmentSum) -> [Value; 5] {
    [sum.authorised, sum.held, sum.reserved, sum.free, sum.over].map(Value::from)
}

fn notes(total: &EstablishmentSum, scope_limited: bool, language: Language) -> Vec<String> {
    let mut notes = Vec::new();
    if total.ungranted > 0 {
        let count = total.ungranted;
        notes.push(match language {
            Language::Zh => {
                format!("其中{count}项尚未核定编制;单位已有其他核定的,未核定的按0辆计入超编")
            }
            Language::En => format!(
                "{count} of them have no grant yet; \
                 once an organization has any grant, what it holds without one is over"
            ),
        });
    }
    if scope_limited {
        let limited = ("仅含您有权查看的部分", "only the part that you may see");
        notes.push(pick(language, limited).to_owned());
    }
    notes
}

async fn all(client: &Client, of: &Of) -> Result<Vec<Establishment>> {
    pages(async |page_token| {
        let request = ListEstablishmentsRequest {
            page_size: PAGE,
            page_token,
            regions: of.regions.clone(),
            organizations: of.organizations.clone(),
            ..ListEstablishmentsRequest::default()
        };
        let page = client.establishments().list_establishments(request).await?.into_inner();
        Ok((page.establishments, page.next_page_token))
    })
    .await
}
