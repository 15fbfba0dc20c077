//! Holding a vehicle against the standards.

use chrono::NaiveDate;
use steward_finding::rule::{Rule, Rules};
use steward_kernel::{Fen, Named};

use super::{
    BODY, Body, CATEGORY, Category, DISPLACEMENT, DOMESTIC, Excess, FITOUT, FIXED, OWNER, PRICE,
    PRICE_BASIS, SOURCE, SUBSIDY, Source, Subject, TAX,
};

/// Basis points in a whole.
const BASIS_POINTS: i64 = 10_000;
/// Millilitres in a litre.
const ML_PER_LITRE: i64 = 1000;

/// The rules that a vehicle breaks, each code at most once; none = it keeps to the standards. `rules`
/// hold all versions of those that [`READ`](super::READ) names. What is at a cap passes.
pub fn check(rules: &Rules, subject: &Subject) -> Vec<Excess> {
    let looks =
        [category, body, price, displacement, domestic, source, owner, fitout, fixed, subsidy];
    looks.iter().filter_map(|look| look(rules, subject)).collect()
}

/// The rule of the day on which the vehicle came.
fn then<'r>(rules: &'r Rules, subject: &Subject, code: &str, case: &str) -> Option<&'r Rule> {
    rules.find(code, case, &subject.region, subject.kind.as_deref(), subject.acquired_on)
}

/// The rule of today.
fn now<'r>(rules: &'r Rules, subject: &Subject, code: &str, case: &str) -> Option<&'r Rule> {
    rules.find(code, case, &subject.region, subject.kind.as_deref(), subject.seen_on)
}

/// What a rule forbids outright: seen once, allowed never.
fn forbidden(rule: &Rule, since: NaiveDate, detail: impl Into<String>) -> Excess {
    Excess { rule: rule.clone(), observed: 1, limit: 0, detail: detail.into(), since }
}

fn category(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let rule = then(rules, subject, CATEGORY, subject.category.text())?;
    let detail = format!("{}已不属公务用车类别,不得再配备", subject.category.zh());
    Some(forbidden(rule, subject.acquired_on, detail))
}

/// A body that only special circumstances allow. Vehicles of fixed equipment have what it needs.
fn body(rules: &Rules, subject: &Subject) -> Option<Excess> {
    if subject.category == Category::Special {
        return None;
    }
    let rule = then(rules, subject, BODY, subject.body.text())?;
    let detail =
        || format!("{}一般不得配备{},未说明特殊情况", subject.category.zh(), subject.body.zh());
    (rule.value == 0 && !is_special(subject))
        .then(|| forbidden(rule, subject.acquired_on, detail()))
}

/// Whether special circumstances are said to be, of a category that knows them.
fn is_special(subject: &Subject) -> bool {
    let knows =
        matches!(subject.category, Category::Emergency | Category::Enforcement | Category::Other);
    knows && subject.needs.special
}

/// The case of the caps: those of an ordinary vehicle of the category, of special circumstances, of a
/// leader's car, or of a new-energy car. `None` where no cap holds.
fn case(rules: &Rules, subject: &Subject) -> Option<&'static str> {
    if subject.category == Category::Special {
        return None;
    }
    let is_there = |case| then(rules, subject, PRICE, case).is_some();
    if subject.body == Body::Car {
        let ranked = subject.rank.map(Named::text).filter(|rank| is_there(rank));
        let new_energy = subject.power_source.is_new_energy() && is_there("new_energy_car");
        let ordinary = || if new_energy { "new_energy_car" } else { ordinary(subject) };
        return Some(ranked.unwrap_or_else(ordinary));
    }
    let rule = then(rules, subject, BODY, subject.body.text())?;
    if is_special(subject) {
        let large = subject.body == Body::LargeBus;
        return Some(if large { "special_large_bus" } else { "special_small_bus" });
    }
    // A body that is not allowed at all has no cap beside.
    (rule.value > 0).then(|| ordinary(subject))
}

fn ordinary(subject: &Subject) -> &'static str {
    match subject.category {
        Category::Enforcement if subject.needs.work => "enforcement_need",
        other => other.text(),
    }
}

fn price(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let rule = then(rules, subject, PRICE, case(rules, subject)?)?;
    let compared = compared(rules, subject);
    let (observed, limit) = (compared.get(), rule.value);
    let detail = || {
        let (name, limit) = (subject.category.zh(), Fen::new(limit));
        format!("{name}价格 {compared} 元,超过标准 {limit} 元")
    };
    let since = subject.acquired_on;
    let excess = || Excess { rule: rule.clone(), observed, limit, detail: detail(), since };
    (observed > limit).then(excess)
}

/// The price that the rule of the day compares: that without the purchase tax where it says so and that is
/// known. One that is lower than the tax can make it is not believed.
fn compared(rules: &Rules, subject: &Subject) -> Fen {
    let (price, before_tax) = (subject.price, subject.price_before_tax);
    let without_tax = then(rules, subject, PRICE_BASIS, "").is_some_and(|basis| basis.value == 1);
    if !without_tax || before_tax == Fen::ZERO {
        return price;
    }
    let rate = then(rules, subject, TAX, "").map_or(0, |rule| rule.value);
    let most = i128::from(before_tax.get()) * i128::from(BASIS_POINTS + rate);
    let believed = i128::from(price.get()) * i128::from(BASIS_POINTS) <= most;
    if believed { before_tax } else { price }
}

fn displacement(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let rule = then(rules, subject, DISPLACEMENT, case(rules, subject)?)?;
    let (observed, limit) = (i64::from(subject.displacement_ml), rule.value);
    let detail = || {
        let (name, observed, limit) = (subject.category.zh(), litres(observed), litres(limit));
        format!("{name}排气量 {observed} 升,超过标准 {limit} 升")
    };
    let since = subject.acquired_on;
    let excess = || Excess { rule: rule.clone(), observed, limit, detail: detail(), since };
    (observed > limit).then(excess)
}

/// Millilitres as litres with three decimals: what is a millilitre above must be seen to be.
fn litres(ml: i64) -> String {
    format!("{}.{:03}", ml / ML_PER_LITRE, ml % ML_PER_LITRE)
}

fn domestic(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let rule = then(rules, subject, DOMESTIC, "")?;
    (subject.domestic == Some(false))
        .then(|| forbidden(rule, subject.acquired_on, "配备的不是国产汽车"))
}

fn source(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let came = subject.source?;
    let rule = then(rules, subject, SOURCE, came.text())?;
    let detail = match came {
        Source::Borrowed => "车辆为借用、占用其他单位或者个人的车辆",
        Source::Donation => "车辆为接受赠送的车辆",
        _ => "车辆来源不符合规定",
    };
    Some(forbidden(rule, subject.acquired_on, detail))
}

fn owner(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let rule = now(rules, subject, OWNER, "")?;
    subject
        .keeping
        .owner_elsewhere
        .then(|| forbidden(rule, subject.seen_on, "车辆未登记在本单位名下"))
}

fn fitout(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let rule = now(rules, subject, FITOUT, "")?;
    subject.keeping.luxury.then(|| forbidden(rule, subject.seen_on, "车辆增加高档配置或者豪华内饰"))
}

/// An off-road vehicle first: it may be nobody's, whatever it is for.
fn fixed(rules: &Rules, subject: &Subject) -> Option<Excess> {
    if !subject.keeping.fixed {
        return None;
    }
    let by_body = now(rules, subject, FIXED, subject.body.text());
    let rule = by_body.or_else(|| now(rules, subject, FIXED, subject.category.text()))?;
    Some(forbidden(rule, subject.seen_on, "车辆固定给个人使用"))
}

/// Who gets a subsidy for his travel has no car beside.
fn subsidy(rules: &Rules, subject: &Subject) -> Option<Excess> {
    let rule = now(rules, subject, SUBSIDY, "")?;
    let detail = "使用固定用车的人员同时领取公务交通补贴";
    subject.subsidised.then(|| forbidden(rule, subject.seen_on, detail))
}
