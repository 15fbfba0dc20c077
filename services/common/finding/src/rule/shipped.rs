//! The rules that a service ships, as texts, and what of them is to be stored.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use steward_kernel::{NameError, RegionPattern, parse_date};
use toml::value::Datetime;

use super::{Rule, RuleId, RuleUnit, is_code};

/// Why shipped rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// Not TOML, or not of this shape.
    #[error("the rules cannot be read")]
    Unreadable(#[from] toml::de::Error),
    /// A rule is faulty.
    #[error("rule {code}/{case} from {from}: {problem}")]
    Rule {
        /// Its code.
        code: String,
        /// Its case.
        case: String,
        /// Its first day.
        from: String,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What the rules of a code are called.
    #[serde(default)]
    titles: BTreeMap<String, String>,
    rule: Vec<Text>,
}

/// A rule as it is written.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    code: String,
    #[serde(default)]
    case: String,
    #[serde(default = "everywhere")]
    region: String,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    value: i64,
    unit: String,
    from: Day,
    until: Option<Day>,
    document: String,
    #[serde(default)]
    article: String,
    confidence: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    violation: String,
}

fn everywhere() -> String {
    "*".to_owned()
}

/// A day, as TOML writes it or in quotes.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Day {
    Date(Datetime),
    Text(String),
}

impl Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::Text(text) => f.pad(text),
        }
    }
}

/// The rules of texts, which tell also what rules of others are called. One without an end holds until the next of its code, case, region and kinds.
pub(super) fn read(texts: &[&str], now: DateTime<Utc>) -> Result<Vec<Rule>, RuleError> {
    let mut rules: BTreeMap<_, Rule> = BTreeMap::new();
    let mut titles = BTreeMap::new();
    for text in texts {
        let mut file: File = toml::from_str(text)?;
        titles.append(&mut file.titles);
        for text in file.rule {
            let rule = rule(&text, now).map_err(|problem| fault(&text, problem))?;
            let (code, case, region, kinds) = rule.line();
            let line = (code.to_owned(), case.to_owned(), region.clone(), kinds.to_vec());
            if rules.insert((line, rule.effective_from), rule).is_some() {
                return Err(fault(&text, "is there twice".to_owned()));
            }
        }
    }
    let mut rules: Vec<_> = rules.into_values().collect();
    for rule in &mut rules {
        rule.title = titles.get(&rule.code).cloned().unwrap_or_default();
    }
    for at in 1..rules.len() {
        let (before, after) = rules.split_at_mut(at);
        let (before, next) = (&mut before[at - 1], &after[0]);
        if before.line() == next.line() {
            let until = before.effective_until.get_or_insert(next.effective_from);
            if *until > next.effective_from {
                let problem = "overlaps the next one".to_owned();
                return Err(fault_of(before, problem));
            }
        }
    }
    Ok(rules)
}

fn rule(text: &Text, now: DateTime<Utc>) -> Result<Rule, String> {
    let codes = [&text.code, &text.case, &text.violation].into_iter().chain(&text.kinds);
    if text.code.is_empty() || codes.into_iter().any(|it| !it.is_empty() && !is_code(it)) {
        return Err("code, case, kinds and violation are lower snake case".to_owned());
    }
    if text.document.is_empty() {
        return Err("it has no document".to_owned());
    }
    if !text.article.is_empty() && !is_place(&text.article) {
        return Err(format!("{} is no article, chapter or annex", text.article));
    }
    let effective_from = day(&text.from)?;
    let effective_until = text.until.as_ref().map(day).transpose()?;
    if effective_until.is_some_and(|until| until <= effective_from) {
        return Err("it ends before it begins".to_owned());
    }
    let most = named::<RuleUnit>("unit", &text.unit)?.most();
    if !(0..=most).contains(&text.value) {
        return Err(format!("its value is not between 0 and {most}"));
    }
    let mut kinds = text.kinds.clone();
    kinds.sort();
    kinds.dedup();
    Ok(Rule {
        id: RuleId::new(now),
        code: text.code.clone(),
        case: text.case.clone(),
        title: String::new(),
        region: text.region.parse::<RegionPattern>().map_err(|error| error.to_string())?,
        kinds,
        value: text.value,
        unit: text.unit.clone(),
        effective_from,
        effective_until,
        document: text.document.clone(),
        article: text.article.clone(),
        confidence: named("confidence", &text.confidence)?,
        note: text.note.clone(),
        violation: text.violation.clone(),
        shipped: true,
        update_time: now,
        version: 1,
    })
}

/// Whether a text names a place in a document: 第九条, 第九条第二款, 第二章, 附件1. What the place says goes
/// into the note.
fn is_place(text: &str) -> bool {
    let is_number = |text: &str| {
        !text.is_empty() && text.chars().all(|it| "一二三四五六七八九十百零".contains(it))
    };
    let numbered = |text: &str, what: char| {
        let number = text.strip_prefix('第').and_then(|text| text.strip_suffix(what));
        number.is_some_and(is_number)
    };
    if let Some(number) = text.strip_prefix("附件") {
        return !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    }
    let whole = |text: &str| numbered(text, '条') || numbered(text, '章');
    let parted = text.rfind('第').map(|at| text.split_at(at));
    whole(text) || parted.is_some_and(|(place, part)| whole(place) && numbered(part, '款'))
}

fn named<T: FromStr<Err = NameError>>(what: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|NameError| format!("there is no {what} {text}"))
}

fn day(day: &Day) -> Result<NaiveDate, String> {
    parse_date(&day.to_string()).map_err(|error| format!("{day} {error}"))
}

fn fault(text: &Text, problem: String) -> RuleError {
    let from = text.from.to_string();
    RuleError::Rule { code: text.code.clone(), case: text.case.clone(), from, problem }
}

fn fault_of(rule: &Rule, problem: String) -> RuleError {
    let from = rule.effective_from.to_string();
    RuleError::Rule { code: rule.code.clone(), case: rule.case.clone(), from, problem }
}

/// What is to be stored of shipped rules.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Those that are not there yet.
    pub(super) new: Vec<Rule>,
    /// Those that say something else now, and their version before is kept as it was shipped.
    pub(super) changed: Vec<Rule>,
}

/// Holds what is shipped against what is there: what people set stays, and where theirs holds nothing is
/// put beside it.
pub(super) fn due(there: &[Rule], shipped: Vec<Rule>) -> Due {
    let mut due = Due::default();
    for rule in shipped {
        let line = there.iter().filter(|it| it.line() == rule.line());
        let same = line.clone().find(|it| it.effective_from == rule.effective_from);
        if let Some(same) = same {
            if same.shipped && !same.says(&rule) {
                due.changed.push(Rule { id: same.id, version: same.version + 1, ..rule });
            }
            continue;
        }
        if !line.into_iter().any(|it| !it.shipped && it.overlaps(&rule)) {
            due.new.push(rule);
        }
    }
    due
}
