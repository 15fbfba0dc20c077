//! Findings of fleet: how many by region and rule, and each.

use std::collections::BTreeMap;

use steward_proto::finding::v1::{
    Finding, FindingState, ListFindingsRequest, ListRulesRequest, SummarizeFindingsRequest,
};

use super::Of;
use super::answer::{Answer, Column, Form, Table, Value, Words, pick};
use super::names::{Names, PAGE, region};
use crate::client::{Client, pages};
use crate::failure::{Failure, Result};
use crate::report::Language;

const TITLE: Words = ("公务用车问题清单", "Findings about official vehicles");
const COUNTED: &[Column] = &[
    Column::text("region", ("地区", "Region")),
    Column::text("code", ("规则代码", "Rule")),
    Column::text("title", ("规则", "Its title")),
    Column::summed("open", ("未通报", "Open"), Form::Count),
    Column::summed("under_way", ("整改中", "Under way"), Form::Count),
    Column::summed("closed", ("已销号", "Closed"), Form::Count),
    Column::summed("overdue", ("逾期", "Overdue"), Form::Count),
];
const EACH: &[Column] = &[
    Column::text("region", ("地区", "Region")),
    Column::text("organization", ("单位", "Organization")),
    Column::text("title", ("规则", "Rule")),
    Column::text("detail", ("情形", "Detail")),
    Column::text("since_on", ("起始日期", "Since")),
    Column::text("state", ("状态", "State")),
    Column::text("deadline_on", ("整改期限", "To be rectified by")),
];
/// Where a finding is in its life, as the API numbers it from 1.
const STATES: [Words; 6] = [
    ("未通报", "open"),
    ("已通报", "notified"),
    ("整改中", "rectifying"),
    ("已报送", "submitted"),
    ("已退回", "returned"),
    ("已销号", "closed"),
];

/// How many there are by region and rule.
pub(super) async fn count(client: &Client, of: &Of, language: Language) -> Result<Answer> {
    let request = SummarizeFindingsRequest {
        regions: of.regions.clone(),
        organizations: of.organizations.clone(),
        ..SummarizeFindingsRequest::default()
    };
    let answer = client.findings("fleet").summarize_findings(request).await?.into_inner();
    let titles = Titles::ask(client).await?;
    let mut counts: BTreeMap<(&str, &str), [i64; 4]> = BTreeMap::new();
    for it in &answer.counts {
        let place = match it.state() {
            FindingState::Open => 0,
            FindingState::Closed => 2,
            _ => 1,
        };
        let row = counts.entry((&it.region, &it.code)).or_default();
        row[place] += it.finding_count;
        row[3] += it.overdue_count;
    }
    let mut total = vec![Value::None; 3];
    total.extend((0..4).map(|place| Value::from(counts.values().map(|it| it[place]).sum::<i64>())));
    let rows = counts.iter().map(|((of, code), counts)| {
        let mut row = vec![region(of, language).into(), (*code).into(), titles.of(code).into()];
        row.extend(counts.map(Value::from));
        row
    });
    let rows = rows.collect();
    let limited = pick(language, ("仅含您有权查看的部分", "only the part that you may see"));
    Ok(Answer {
        notes: if answer.scope_limited { vec![limited.to_owned()] } else { Vec::new() },
        ..told(COUNTED, rows, Some(total), language)
    })
}

/// Each that is not closed: where, whose, what.
pub(super) async fn each(client: &Client, of: &Of, language: Language) -> Result<Answer> {
    let mut findings = pages(async |page_token| {
        let request = ListFindingsRequest {
            page_size: PAGE,
            page_token,
            regions: of.regions.clone(),
            organizations: of.organizations.clone(),
            states: (1..FindingState::Closed.into()).collect(),
            ..ListFindingsRequest::default()
        };
        let page = client.findings("fleet").list_findings(request).await?.into_inner();
        Ok::<_, Failure>((page.findings, page.next_page_token))
    })
    .await?;
    let (names, titles) = (Names::ask(client).await, Titles::ask(client).await?);
    let key = |it: &Finding| {
        (it.region.clone(), it.organization.clone(), it.code.clone(), it.detail.clone())
    };
    findings.sort_by_cached_key(key);
    let row = |it: &Finding| -> Vec<Value> {
        vec![
            region(&it.region, language).into(),
            names.of(&it.organization).into(),
            titles.of(&it.code).into(),
            it.detail.as_str().into(),
            it.since_on.as_str().into(),
            state(it.state, language).into(),
            it.deadline_on.as_str().into(),
        ]
    };
    let count = findings.len();
    let line = match language {
        Language::Zh => format!("未销号,共{count}项"),
        Language::En => format!("not closed: {count}"),
    };
    let rows = findings.iter().map(row).collect();
    Ok(Answer { lines: vec![line], ..told(EACH, rows, None, language) })
}

fn told(
    columns: &[Column],
    rows: Vec<Vec<Value>>,
    total: Option<Vec<Value>>,
    language: Language,
) -> Answer {
    let name = pick(language, TITLE);
    let tables = vec![Table { name, columns: columns.to_vec(), rows, total }];
    Answer { title: name.to_owned(), tables, ..Answer::default() }
}

fn state(number: i32, language: Language) -> &'static str {
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    place.and_then(|place| STATES.get(place)).map_or("", |words| pick(language, *words))
}

/// What rules are called, by code.
struct Titles(BTreeMap<String, String>);

impl Titles {
    async fn ask(client: &Client) -> Result<Self> {
        let rules = pages(async |page_token| {
            let request =
                ListRulesRequest { page_size: PAGE, page_token, ..ListRulesRequest::default() };
            let page = client.rules("fleet").list_rules(request).await?.into_inner();
            Ok::<_, Failure>((page.rules, page.next_page_token))
        });
        let rules = rules.await?.into_iter();
        let titles = rules.filter(|it| !it.title.is_empty()).map(|it| (it.code, it.title));
        Ok(Self(titles.collect()))
    }

    /// The title of a code, or the code itself.
    fn of<'a>(&'a self, code: &'a str) -> &'a str {
        self.0.get(code).map_or(code, String::as_str)
    }
}
