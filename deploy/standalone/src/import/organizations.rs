//! `steward import organizations`: organizations into the directory.
//!
//! One that is there with the same content is a duplicate; with another it is refused, for changing an
//! organization is a matter of its own.

use std::future::Future;

use steward_kernel::{RegionCode, yichang};
use steward_proto::directory::v1::{
    Alias, AliasKind, CreateOrganizationRequest, GetOrganizationRequest, ListOrganizationsRequest,
    Organization,
};
use steward_sheet::{Cell, Choice, Table, Value, Why, shown};
use tonic::{Code, Status};

use super::calls::{Verdict, once, patient, refused, understood};
use super::cells::{Cells, SEVERAL, checked};
use super::columns::{KINDS, LEVELS, number};
use super::each::each;
use super::{Options, Outcome};
use crate::client::{Client, new_request_id, pages};
use crate::failure::Result;

/// The most organizations of a page.
const PAGE: i32 = 1_000;
/// The longest texts that the directory takes, in characters.
const NAME: usize = 100;
const SHORT_NAME: usize = 50;
/// The letters of an organization code of GB 11714.
const OLD_CODE: usize = 9;
/// The city's own level.
const OWN_LEVEL: &str = "420500";

/// Imports a file of organizations.
pub(super) async fn organizations(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let mut outcome = Outcome::new(table, options);
    let items =
        understood(table, |cells| cells.organization(options.accept_warnings), &mut outcome);
    // One that has no code is known by its full name and its region.
    let key = |it: &Organization| {
        let (name, region) = if it.code.is_empty() { (&*it.name, &*it.region) } else { ("", "") };
        [&it.code, name, region].map(str::to_owned)
    };
    let items = once(table, items, key, |_| "code", &mut outcome);
    let ask = async |said: &Organization, check: bool| verdict(client, options, said, check).await;
    each(table, items, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

impl Cells<'_> {
    fn organization(&mut self, accept_warnings: bool) -> Option<Organization> {
        let code = self.optional("code", |cell| {
            Ok(checked(&cell.code(None)?.to_ascii_uppercase(), accept_warnings)?.to_string())
        });
        let name = self.read("name", |cell| cell.one_line(NAME));
        let kind = self.read("kind", |cell| cell.choice(&KINDS));
        let level = self.read("level", |cell| cell.choice(&LEVELS));
        let region = self.optional("region", region);
        let short_name = self.optional("short_name", |cell| cell.one_line(SHORT_NAME));
        let established_on = self.optional("established_on", |cell| cell.date());
        let mut aliases = Vec::new();
        let former = self.optional("former_names", |cell| cell.one_line(NAME * 10));
        let former = former.unwrap_or_default();
        let names = former.split(SEVERAL).map(str::trim);
        aliases
            .extend(names.filter(|it| !it.is_empty()).map(|it| alias(AliasKind::FormerName, it)));
        let old = self.optional("old_code", old_code);
        aliases.extend(old.map(|old| alias(AliasKind::OldCode, &old)));
        let budget = self.optional("budget_code", budget_code);
        aliases.extend(budget.map(|budget| alias(AliasKind::BudgetCode, &budget)));
        Some(Organization {
            code: code.unwrap_or_default(),
            name: name?,
            kind: number(&KINDS, kind?),
            level: number(&LEVELS, level?),
            region: region.unwrap_or_default(),
            short_name: short_name.unwrap_or_default(),
            established_on: established_on.map(|day| day.to_string()).unwrap_or_default(),
            aliases,
            ..Organization::default()
        })
    }
}

fn alias(kind: AliasKind, text: &str) -> Alias {
    Alias { kind: kind.into(), text: text.to_owned(), ..Alias::default() }
}

/// A region by its code or, in the city, by its name.
fn region(cell: Cell<'_>) -> Result<String, Why> {
    let text = cell.code(None)?;
    if let Ok(code) = text.parse::<RegionCode>() {
        return Ok(code.to_string());
    }
    let named = yichang::REGIONS.iter().find(|(code, name)| {
        *name == text || (*code == OWN_LEVEL && ["市本级", "本级", "市直"].contains(&&*text))
    });
    named.map(|(code, _)| (*code).to_owned()).ok_or_else(|| {
        Why::new(
            format!("{}不是行政区划;请填区划代码(如 420502)或名称", shown(&text)),
            format!("{} is no region; write its code, such as 420502", shown(&text)),
        )
    })
}

/// The code of GB 11714: eight letters or digits and a check character.
fn old_code(cell: Cell<'_>) -> Result<String, Why> {
    let text = cell.code(None)?.replace('-', "").to_ascii_uppercase();
    if text.len() == OLD_CODE && text.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return Ok(text);
    }
    let length = text.chars().count();
    Err(Why::new(
        format!("{}有{length}位,组织机构代码应为9位;前面的 0 是否被 Excel 去掉了", shown(&text)),
        format!("{} has {length} characters instead of 9; did Excel drop a zero?", shown(&text)),
    ))
}

/// The code of a budget unit has no length of its own: as a number it may have lost zeros, and nobody
/// can tell.
fn budget_code(cell: Cell<'_>) -> Result<String, Why> {
    if let Value::Number(_) = cell.value {
        let text = shown(&cell.written());
        return Err(Why::new(
            format!(
                "{text}是数字格式,前面的 0 可能已被 Excel 去掉;请把该列设为“文本”格式后重新填写"
            ),
            format!(
                "{text} is a number, whose zeros in front Excel drops; \
                 format the column as text and write it again"
            ),
        ));
    }
    cell.code(None)
}

async fn verdict(
    client: &Client,
    options: Options,
    said: &Organization,
    validate_only: bool,
) -> Result<Verdict, Status> {
    if said.code.is_empty() {
        let there = by_name(client, said).await?;
        let verdicts = there.iter().map(|there| compared(said, there));
        let verdicts: Vec<_> = verdicts.collect();
        let same = verdicts.iter().position(|verdict| *verdict == Verdict::There).unwrap_or(0);
        if let Some(verdict) = verdicts.into_iter().nth(same) {
            return Ok(verdict);
        }
    }
    let request = CreateOrganizationRequest {
        request_id: new_request_id(),
        organization: Some(said.clone()),
        accept_warnings: options.accept_warnings,
        validate_only,
    };
    let directory = client.organizations();
    match patient(&directory, &request, async |mut service, request| {
        service.create_organization(request).await
    })
    .await
    {
        Ok(_) => Ok(Verdict::New),
        Err(status) if status.code() == Code::AlreadyExists => {
            match compare(client, &said.code, said).await? {
                Some(verdict) => Ok(verdict),
                None => refused(status, column),
            }
        }
        Err(status) => refused(status, column),
    }
}

/// The column that a field of an organization comes from.
fn column(field: &str) -> &str {
    match field.strip_prefix("organization.").unwrap_or(field) {
        aliases if aliases.starts_with("aliases") => "former_names",
        "organization" | "request_id" => "",
        other => other,
    }
}

/// The organizations that have exactly that full name now, in that region.
async fn by_name(client: &Client, said: &Organization) -> Result<Vec<Organization>, Status> {
    if said.region.is_empty() {
        return Ok(Vec::new());
    }
    let directory = client.organizations();
    let mut there = pages(async |page_token| {
        let request = ListOrganizationsRequest {
            page_size: PAGE,
            page_token,
            regions: vec![said.region.clone()],
            name_contains: said.name.clone(),
            ..ListOrganizationsRequest::default()
        };
        let page = patient(&directory, &request, async |mut service, request| {
            service.list_organizations(request).await
        })
        .await?;
        Ok::<_, Status>((page.organizations, page.next_page_token))
    })
    .await?;
    there.retain(|it| it.name == said.name && it.region == said.region);
    Ok(there)
}

/// Compares with what is there; nothing if it cannot be seen.
async fn compare(
    client: &Client,
    code: &str,
    said: &Organization,
) -> Result<Option<Verdict>, Status> {
    let request = GetOrganizationRequest { code: code.to_owned() };
    let directory = client.organizations();
    let there = match patient(&directory, &request, async |mut service, request| {
        service.get_organization(request).await
    })
    .await
    {
        Ok(answer) => answer.organization.unwrap_or_default(),
        Err(status) if status.code() == Code::NotFound => return Ok(None),
        Err(status) => return Err(status),
    };
    Ok(Some(compared(said, &there)))
}

/// What a row is to an organization that is there.
fn compared(said: &Organization, there: &Organization) -> Verdict {
    let differ = differences(said, there);
    if differ.is_empty() {
        return Verdict::There;
    }
    let code = &there.code;
    let faults = differ.into_iter().map(|(column, now)| {
        let now = if now.is_empty() { "—".to_owned() } else { now };
        let why = Why::new(
            format!("该单位已登记({code}),登记的是{now};要变更请走单位变更,不能用导入覆盖"),
            format!("{code} is there already, with {now}; an import does not change it"),
        );
        (column.to_owned(), why)
    });
    Verdict::Refused(faults.collect())
}

/// Where what is said differs from what is there, and what is there. What is not said differs in
/// nothing.
fn differences(said: &Organization, there: &Organization) -> Vec<(&'static str, String)> {
    let choice = |choices: &[Choice<'_>], number: i32| {
        let place = usize::try_from(number - 1).unwrap_or(usize::MAX);
        choices.get(place).map(|choice| choice.name.to_owned()).unwrap_or_default()
    };
    let mut differ = Vec::new();
    let texts = [
        ("name", &said.name, &there.name),
        ("region", &said.region, &there.region),
        ("short_name", &said.short_name, &there.short_name),
        ("established_on", &said.established_on, &there.established_on),
    ];
    for (column, said, there) in texts {
        if !said.is_empty() && said != there {
            differ.push((column, there.clone()));
        }
    }
    if said.kind != there.kind {
        differ.push(("kind", choice(&KINDS, there.kind)));
    }
    if said.level != there.level {
        differ.push(("level", choice(&LEVELS, there.level)));
    }
    for alias in &said.aliases {
        let has = there.aliases.iter().any(|it| (it.kind, &it.text) == (alias.kind, &alias.text));
        if !has {
            let column = match alias.kind() {
                AliasKind::OldCode => "old_code",
                AliasKind::BudgetCode => "budget_code",
                _ => "former_names",
            };
            let texts = there.aliases.iter().filter(|it| it.kind == alias.kind);
            let texts: Vec<_> = texts.map(|it| it.text.as_str()).collect();
            differ.push((column, texts.join("、")));
        }
    }
    differ
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::columns::ORGANIZATIONS;

    const HEADER: &str = "统一社会信用代码,单位名称,单位性质,行政级别,行政区划,曾用名,组织机构代码,预算单位编码,成立日期";

    fn read(row: &str) -> Result<Organization, Vec<String>> {
        let text = format!("{HEADER}\n{row}\n");
        let table = steward_sheet::read(text.as_bytes(), &ORGANIZATIONS).unwrap();
        let mut cells = Cells::new(&table, table.rows[0]);
        let said = cells.organization(false);
        if cells.faults.is_empty() {
            return Ok(said.unwrap());
        }
        let told = |it: steward_sheet::Fault| format!("{}: {}", it.column.unwrap(), it.why.en);
        Err(cells.faults.into_iter().map(told).collect())
    }

    #[test]
    fn a_row_is_an_organization() {
        let said = read(
            "11420500000000019m,市财政局,行政机关,市级,宜昌市本级,市财税局、市财政委,00123456-7,001001,1994年1月1日",
        );
        let said = said.unwrap();
        assert_eq!((&*said.code, &*said.name), ("11420500000000019M", "市财政局"));
        assert_eq!((said.kind, said.level, &*said.region), (3, 2, "420500"));
        assert_eq!(said.established_on, "1994-01-01");
        let aliases: Vec<_> = said.aliases.iter().map(|it| (it.kind(), it.text.as_str())).collect();
        assert_eq!(
            aliases,
            [
                (AliasKind::FormerName, "市财税局"),
                (AliasKind::FormerName, "市财政委"),
                (AliasKind::OldCode, "001234567"),
                (AliasKind::BudgetCode, "001001"),
            ]
        );
        assert_eq!(read(",某办,事业单位,县,420502,,,,").unwrap().code, "");
    }

    #[test]
    fn wrong_cells_say_why() {
        let told = read("11420500000000019X,,机关,国级,火星,,1234567,,").unwrap_err();
        let expected = [
            "A 统一社会信用代码: the check character",
            "B 单位名称: is empty",
            "C 单位性质: \"机关\" is none of: party_organ",
            "D 行政级别: \"国级\" is none of: province",
            "E 行政区划: \"火星\" is no region",
            "G 组织机构代码: \"1234567\" has 7 characters instead of 9",
        ];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told}");
        }
        let number = Value::Number(1_001.0);
        let cell = Cell { value: &number, is_1904: false, power: 0 };
        assert!(budget_code(cell).unwrap_err().en.starts_with("\"1001\" is a number, whose zeros"));
    }

    #[test]
    fn what_is_there_differs_or_not() {
        let said = read("11420500000000019M,市财政局,行政机关,市级,,旧名,,,").unwrap();
        let mut there = Organization { region: "420500".to_owned(), ..said.clone() };
        there.short_name = "财政局".to_owned();
        assert_eq!(differences(&said, &there), []);
        there.level = 3;
        there.aliases.clear();
        let expected = [("level", "县级".to_owned()), ("former_names", String::new())];
        assert_eq!(differences(&said, &there), expected);
    }
}
