//! Findings of fleet by region and rule.

use std::collections::BTreeMap;

use steward_proto::finding::v1::{FindingState, SummarizeFindingsRequest};

use super::Of;
use super::answer::{Answer, Column, Form, Table, Value, pick};
use super::names::region;
use crate::client::Client;
use crate::failure::Result;
use crate::report::Language;

const COLUMNS: &[Column] = &[
    Column::text("region", ("地区", "Region")),
    Column::text("code", ("规则", "Rule")),
    Column::summed("open", ("未通报", "Open"), Form::Count),
    Column::summed("under_way", ("整改中", "Under way"), Form::Count),
    Column::summed("closed", ("已销号", "Closed"), Form::Count),
    Column::summed("overdue", ("逾期", "Overdue"), Form::Count),
];

pub(super) async fn ask(client: &Client, of: &Of, language: Language) -> Result<Answer> {
    let request = SummarizeFindingsRequest {
        regions: of.regions.clone(),
        organizations: of.organizations.clone(),
        ..SummarizeFindingsRequest::default()
    };
    let answer = client.findings("fleet").summarize_findings(request).await?.into_inner();
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
    let mut total = vec![Value::None; 2];
    total.extend((0..4).map(|place| Value::from(counts.values().map(|it| it[place]).sum::<i64>())));
    let rows = counts.iter().map(|((of, code), counts)| {
        let mut row = vec![Value::from(region(of, language)), Value::from(*code)];
        row.extend(counts.map(Value::from));
        row
    });
    let rows = rows.collect();
    let title = pick(language, ("公务用车问题清单", "Findings about official vehicles"));
    let limited = pick(language, ("仅含您有权查看的部分", "only the part that you may see"));
    Ok(Answer {
        title: title.to_owned(),
        tables: vec![Table { name: title, columns: COLUMNS.to_vec(), rows, total: Some(total) }],
        notes: if answer.scope_limited { vec![limited.to_owned()] } else { Vec::new() },
        ..Answer::default()
    })
}
