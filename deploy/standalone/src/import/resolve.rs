//! Which organizations the texts of a file mean: codes, names and other names, as the directory knows
//! them. What it does not know exactly is refused with what it may be; only a whole code is believed
//! without it, because a ledger takes organizations that the directory has yet to learn of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use steward_kernel::OrganizationCode;
use steward_proto::directory::v1::{
    OrganizationCandidate, ResolveOrganizationsRequest, ResolvedOrganization,
};
use steward_sheet::{Cell, Table, Why, shown};

use super::calls::patient;
use super::cells::checked;
use crate::client::Client;
use crate::failure::Result;

/// The most texts of one request, and the most letters of each.
const MOST: usize = 1_000;
const MOST_LETTERS: usize = 100;
/// So many candidates are named.
const NAMED: usize = 5;

/// What the texts of a file mean.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// On any day.
    any: HashMap<String, ResolvedOrganization>,
    /// On a day, where that decides between several.
    on: HashMap<(String, String), String>,
}

impl Known {
    /// Asks the directory about all organizations that stand in those columns. `day` gives the day of
    /// a row, for names that were one organization's first and another's later.
    pub(super) async fn ask(
        client: &Client,
        table: &Table,
        columns: &[&str],
        day: impl Fn(usize) -> Option<String>,
    ) -> Result<Self> {
        let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (place, row) in table.rows.iter().enumerate() {
            for column in columns {
                let Ok(text) = text(table.cell(*row, column)) else { continue };
                if !text.is_empty() && text.chars().count() <= MOST_LETTERS {
                    texts.entry(text).or_default().extend(day(place));
                }
            }
        }
        let mut known = Self::default();
        let all: Vec<_> = texts.keys().cloned().collect();
        for (text, result) in resolve(client, all, "").await? {
            known.any.insert(text, result);
        }
        let mut unclear: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (text, days) in texts {
            let several = known
                .any
                .get(&text)
                .is_some_and(|it| it.code.is_empty() && it.candidates.len() > 1);
            for day in days.into_iter().filter(|_| several) {
                unclear.entry(day).or_default().push(text.clone());
            }
        }
        for (day, texts) in unclear {
            for (text, result) in resolve(client, texts, &day).await? {
                if !result.code.is_empty() {
                    known.on.insert((text, day.clone()), result.code);
                }
            }
        }
        Ok(known)
    }

    /// The code of the organization that a cell means.
    pub(super) fn code(
        &self,
        cell: Cell<'_>,
        day: &str,
        accept_warnings: bool,
    ) -> Result<String, Why> {
        let text = text(cell)?;
        let found = self.any.get(&text);
        if let Some(found) = found.filter(|found| !found.code.is_empty()) {
            return Ok(found.code.clone());
        }
        if let Some(code) = self.on.get(&(text.clone(), day.to_owned())) {
            return Ok(code.clone());
        }
        let candidates = found.map(|found| &found.candidates[..]).unwrap_or_default();
        let is_code = text.parse::<OrganizationCode>().is_ok();
        // Ten letters and digits or more are meant as a code; its faults say more than likely names.
        let is_meant =
            text.len() >= 10 && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        match checked(&text, accept_warnings) {
            Ok(code) => Ok(code.to_string()),
            Err(why) if is_code || (is_meant && candidates.is_empty()) => Err(why),
            Err(_) => Err(unclear(&text, candidates)),
        }
    }

    /// The code of an organization that the directory has, on a day.
    pub(super) fn registered(&self, cell: Cell<'_>, day: &str) -> Result<String, Why> {
        let code = self.code(cell, day, true)?;
        let text = text(cell)?;
        let is_known = self.any.get(&text).is_some_and(|found| !found.code.is_empty());
        if is_known || self.on.contains_key(&(text, day.to_owned())) {
            return Ok(code);
        }
        Err(Why::new(
            format!("单位目录里没有{code};请先导入单位"),
            format!("{code} is not in the directory; import the organization first"),
        ))
    }
}

/// The text of a cell that names an organization.
fn text(cell: Cell<'_>) -> Result<String, Why> {
    cell.code(None)
}

async fn resolve(
    client: &Client,
    texts: Vec<String>,
    on_date: &str,
) -> Result<Vec<(String, ResolvedOrganization)>> {
    let mut resolved = Vec::with_capacity(texts.len());
    for texts in texts.chunks(MOST) {
        let request =
            ResolveOrganizationsRequest { texts: texts.to_vec(), on_date: on_date.to_owned() };
        let directory = client.organizations();
        let answer = patient(&directory, &request, async |mut service, request| {
            service.resolve_organizations(request).await
        })
        .await?;
        resolved.extend(texts.iter().cloned().zip(answer.results));
    }
    Ok(resolved)
}

fn unclear(text: &str, candidates: &[OrganizationCandidate]) -> Why {
    let text = shown(text);
    if candidates.is_empty() {
        return Why::new(
            format!("{text}:查无此单位;请填统一社会信用代码,或已登记的全称、简称、曾用名"),
            format!("{text} is no organization that the directory knows; write its code"),
        );
    }
    let names = candidates.iter().take(NAMED).map(|it| format!("{}({})", it.name, it.code));
    let names: Vec<_> = names.collect();
    Why::new(
        format!("{text}不能确定是哪个单位,可能是:{};请填代码或全称", names.join("、")),
        format!("{text} is not clear; it may be {}; write the code", names.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use steward_sheet::Value;

    use super::*;

    const CODE: &str = "11420500000000019M";

    fn known() -> Known {
        let candidate = |name: &str| OrganizationCandidate {
            code: CODE.to_owned(),
            name: name.to_owned(),
            region: "420500".to_owned(),
        };
        let resolved = |code: &str, names: &[&str]| ResolvedOrganization {
            code: code.to_owned(),
            name: String::new(),
            candidates: names.iter().map(|name| candidate(name)).collect(),
        };
        let any = HashMap::from([
            ("市财政局".to_owned(), resolved(CODE, &[])),
            ("财政".to_owned(), resolved("", &["市财政局", "西陵区财政局"])),
            ("无".to_owned(), resolved("", &[])),
        ]);
        let on = HashMap::from([(("财政".to_owned(), "2013-01-01".to_owned()), CODE.to_owned())]);
        Known { any, on }
    }

    fn code(text: &str, day: &str, odd: bool) -> Result<String, String> {
        let value = Value::text(text);
        let cell = Cell { value: &value, is_1904: false, power: 0 };
        known().code(cell, day, odd).map_err(|why| why.en)
    }

    #[test]
    fn names_and_codes_are_organizations() {
        let wide: String =
            CODE.bytes().map(|it| char::from_u32(u32::from(it) + 0xfee0).unwrap()).collect();
        for text in ["市财政局", " 市财政局 ", CODE, &wide] {
            assert_eq!(code(text, "", false), Ok(CODE.to_owned()), "{text}");
        }
        assert_eq!(code("财政", "2013-01-01", false), Ok(CODE.to_owned()));
        assert_eq!(code("11420500000000019X", "", true), Ok("11420500000000019X".to_owned()));
        assert_eq!(code("L-1", "", false), Ok("L-1".to_owned()));
        let value = Value::text("财政");
        let cell = Cell { value: &value, is_1904: false, power: 0 };
        assert_eq!(known().registered(cell, "2013-01-01"), Ok(CODE.to_owned()));
        assert!(known().registered(cell, "2014-01-01").is_err());
    }

    #[test]
    fn what_is_not_clear_says_what_it_may_be() {
        for (text, why) in [
            (
                "财政",
                "\"财政\" is not clear; it may be 市财政局(11420500000000019M), 西陵区财政局(",
            ),
            ("无", "\"无\" is no organization that the directory knows"),
            ("某局", "\"某局\" is no organization"),
            ("11420500000000019X", "the check character of 11420500000000019X is odd"),
            ("11420500000000O19M", "\"11420500000000O19M\": "),
            ("1142050000000001", "\"1142050000000001\": "),
            ("1.14E+17", "\"1.14E+17\": Excel has destroyed"),
        ] {
            let told = code(text, "2014-01-01", false).unwrap_err();
            assert!(told.starts_with(why), "{text}: {told}");
        }
    }
}
