//! Rules on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REGION_MALFORMED};
use steward_chassis::resource::given;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Named as _, RegionPattern};
use steward_proto::finding::v1 as proto;

use super::actions::{End, Set};
use super::{
    CODE_MALFORMED, Confidence, Key, Listed, RULE_DAYS_REVERSED, Rule, RuleId, RuleUnit, is_code,
    store,
};

const MAX_KINDS: usize = 20;
const MAX_DOCUMENT: usize = 200;
const MAX_ARTICLE: usize = 100;
const MAX_NOTE: usize = 500;
const MAX_TITLE: usize = 50;

impl From<&Rule> for proto::Rule {
    fn from(rule: &Rule) -> Self {
        Self {
            id: rule.id.to_string(),
            code: rule.code.clone(),
            case: rule.case.clone(),
            title: rule.title.clone(),
            region: rule.region.to_string(),
            kinds: rule.kinds.clone(),
            value: rule.value,
            unit: unit_number(&rule.unit),
            effective_from: rule.effective_from.to_string(),
            effective_until: rule.effective_until.map(|day| day.to_string()).unwrap_or_default(),
            document: rule.document.clone(),
            article: rule.article.clone(),
            confidence: rule.confidence.number(),
            note: rule.note.clone(),
            violation: rule.violation.clone(),
            shipped: rule.shipped,
            update_time: Some(to_proto(rule.update_time)),
            etag: rule.version.to_string(),
        }
    }
}

/// The number of a unit in the API.
pub(crate) fn unit_number(unit: &str) -> i32 {
    unit.parse::<RuleUnit>().map_or(0, RuleUnit::number)
}

/// A code, which may be empty.
pub(crate) fn optional_code(fields: &mut Fields, field: &str, text: &str) -> String {
    if !text.is_empty() && !is_code(text) {
        fields.refuse(field, &CODE_MALFORMED, "is not lower snake case of at most 64 characters");
    }
    text.to_owned()
}

/// A code that must be there.
pub(crate) fn code(fields: &mut Fields, field: &str, text: &str) -> String {
    fields.required_text(field, text, usize::MAX);
    optional_code(fields, field, text)
}

/// What a set request asks for.
pub(super) fn set(ctx: &Ctx, request: &proto::SetRuleRequest) -> Result<Set> {
    let from = given("rule", request.rule.as_ref())?;
    let mut fields = Fields::new();
    let region = fields.parse::<RegionPattern>("rule.region", &from.region, &REGION_MALFORMED);
    let unit = fields.named::<RuleUnit>("rule.unit", from.unit);
    let most = unit.map_or(i64::MAX, RuleUnit::most);
    let value = fields.within("rule.value", from.value, 0..=most);
    let confidence = fields.named::<Confidence>("rule.confidence", from.confidence);
    let first = fields.day("rule.effective_from", &from.effective_from);
    let until = fields.optional_day("rule.effective_until", &from.effective_until);
    if first.zip(until).is_some_and(|(first, until)| until <= first) {
        let message = "is not after effective_from";
        fields.refuse("rule.effective_until", &RULE_DAYS_REVERSED, message);
    }
    let code = code(&mut fields, "rule.code", &from.code);
    let case = optional_code(&mut fields, "rule.case", &from.case);
    let title = fields.text("rule.title", &from.title, MAX_TITLE);
    let violation = optional_code(&mut fields, "rule.violation", &from.violation);
    let kinds = kinds(&mut fields, &from.kinds);
    let document = fields.required_text("rule.document", &from.document, MAX_DOCUMENT);
    let article = fields.text("rule.article", &from.article, MAX_ARTICLE);
    let note = fields.text("rule.note", &from.note, MAX_NOTE);
    let version = if from.etag.is_empty() { None } else { fields.etag("rule.etag", &from.etag) };
    fields.finish()?;
    let parsed = region.zip(unit).zip(confidence).zip(first).zip(value);
    let rule = parsed.map(|((((region, unit), confidence), effective_from), value)| Rule {
        id: RuleId::new(ctx.now()),
        code,
        case,
        title,
        region,
        kinds,
        value,
        unit: unit.text().to_owned(),
        effective_from,
        effective_until: until,
        document,
        article,
        confidence,
        note,
        violation,
        shipped: false,
        update_time: ctx.now(),
        version: 1,
    });
    Fields::new().finish_with(rule.map(|rule| Set { rule, version }))
}

fn kinds(fields: &mut Fields, from: &[String]) -> Vec<String> {
    fields.at_most("rule.kinds", from.len(), MAX_KINDS);
    let mut kinds = Vec::new();
    for (i, kind) in from.iter().enumerate().take(MAX_KINDS) {
        kinds.push(code(fields, &format!("rule.kinds[{i}]"), kind));
    }
    kinds.sort();
    kinds.dedup();
    kinds
}

/// What an end request asks for.
pub(super) fn end(request: &proto::EndRuleRequest) -> Result<End> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let until = fields.day("effective_until", &request.effective_until);
    let end = id.zip(version).zip(until);
    fields.finish_with(end.map(|((id, version), until)| End { id, version, until }))
}

/// Which rule a get request asks for.
pub(super) fn id(request: &proto::GetRuleRequest) -> Result<RuleId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// Which rules a list request asks for.
pub(super) fn listed(request: &proto::ListRulesRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListRulesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let listed = Listed {
        code: given(optional_code(&mut fields, "code", &request.code)),
        case: given(optional_code(&mut fields, "case", &request.case)),
        on: fields.optional_day("on_date", &request.on_date),
        region: fields.optional("region", &request.region, &REGION_MALFORMED),
        after: page.after.clone(),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<Key>, rules: Vec<Rule>) -> Result<proto::ListRulesResponse> {
    let (rules, next_page_token) = page.cut(rules, store::key)?;
    let rules = rules.iter().map(proto::Rule::from).collect();
    Ok(proto::ListRulesResponse { rules, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Rule>, new: &Rule) -> Result<Event> {
    let mut event = Event::new("rule", new.id.to_string()).in_regions(&new.region);
    if let Some(old) = old {
        event = event.before(&proto::Rule::from(old))?;
    }
    event.after(&proto::Rule::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::{Confidence, RuleUnit};

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<RuleUnit>("steward.finding.v1.RuleUnit"), [""; 0]);
        assert_eq!(unlike::<Confidence>("steward.finding.v1.RuleConfidence"), [""; 0]);
    }
}
