//! Pure rules of organizations.

use chrono::NaiveDate;
use steward_chassis::Fields;
use steward_kernel::{compact, is_unseen};

use super::{Alias, AliasKind, Content, DAYS_REVERSED, Kind, RuleFlag};

/// Brackets that mean the same in a name, opening and closing.
const OPENING: [char; 5] = ['[', '{', '〔', '【', '〖'];
const CLOSING: [char; 5] = [']', '}', '〕', '】', '〗'];

/// A text as it is compared: half-width, without spaces and what cannot be seen, letters upper case,
/// all brackets round.
pub(crate) fn key(text: &str) -> String {
    let round = |letter: char| match letter {
        _ if OPENING.contains(&letter) => '(',
        _ if CLOSING.contains(&letter) => ')',
        other => other,
    };
    compact(text).chars().filter(|letter| !is_unseen(*letter)).map(round).collect()
}

/// The rules that a kind brings.
pub(crate) fn brought_by(kind: Kind) -> Vec<RuleFlag> {
    match kind {
        Kind::PartyOrgan
        | Kind::PeoplesCongress
        | Kind::AdministrativeOrgan
        | Kind::ConsultativeConference
        | Kind::SupervisoryOrgan
        | Kind::Court
        | Kind::Procuratorate
        | Kind::PeoplesOrganization => vec![RuleFlag::Organ, RuleFlag::PublicBody],
        Kind::CivilServiceInstitution => {
            vec![RuleFlag::PublicInstitution, RuleFlag::CivilService, RuleFlag::PublicBody]
        }
        Kind::PublicInstitution => vec![RuleFlag::PublicInstitution, RuleFlag::PublicBody],
    }
}

/// The content with the name before as a former name that ends today, unless the change brings such an
/// alias itself. One that was there already is of an earlier time: a name may come back and go again.
pub(crate) fn renamed(mut content: Content, old: &Content, today: NaiveDate) -> Content {
    let former = |alias: &&Alias| alias.kind == AliasKind::FormerName;
    let brought =
        |alias: &Alias| !old.aliases.contains(alias) && key(&alias.text) == key(&old.name);
    if key(&content.name) == key(&old.name) || content.aliases.iter().filter(former).any(brought) {
        return content;
    }
    // The old name began where the one before it ended.
    let from = content.aliases.iter().filter(former).filter_map(|alias| alias.until).max();
    let gone = Alias {
        kind: AliasKind::FormerName,
        text: old.name.clone(),
        from: from.filter(|from| *from < today),
        until: Some(today),
    };
    if !content.aliases.contains(&gone) {
        content.aliases.push(gone);
    }
    content
}

/// Refuses an organization that ends before it begins, or begins after a day on which it was there.
pub(crate) fn check_days(
    fields: &mut Fields,
    content: &Content,
    ended_on: Option<NaiveDate>,
    there_on: Option<NaiveDate>,
) {
    let Some(from) = content.established_on else { return };
    let message = match (ended_on, there_on) {
        (Some(end), _) if from >= end => format!("is {from}, and it ended on {end}"),
        (_, Some(there)) if from > there => {
            format!("is {from}, and by a succession it was there on {there}")
        }
        _ => return,
    };
    fields.refuse("organization.established_on", &DAYS_REVERSED, message);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use steward_kernel::Named as _;

    use super::super::Level;
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn one_form_of_what_is_meant() {
        for (typed, form) in [
            ("", ""),
            ("宜昌市（试验）图书馆", "宜昌市(试验)图书馆"),
            (" 宜昌市 【试验】\u{3000}图书馆\n", "宜昌市(试验)图书馆"),
            ("宜昌市〔试验］图书馆", "宜昌市(试验)图书馆"),
            ("ｌ-０１a\u{200b}b\u{feff}\u{0}\u{202e}", "L-01AB"),
            ("11420502000000027d", "11420502000000027D"),
        ] {
            assert_eq!(key(typed), form, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn the_form_is_its_own_form(text in "[\\PC\\x00-\\x20]{0,30}") {
            let once = key(&text);
            prop_assert_eq!(key(&once), once);
        }
    }

    #[test]
    fn every_kind_brings_rules_in_order() {
        for kind in Kind::ALL {
            let flags = brought_by(*kind);
            assert!(flags.is_sorted_by_key(|flag| flag.number()), "{kind:?}");
            assert_eq!(flags.last(), Some(&RuleFlag::PublicBody), "{kind:?}");
            let organ = flags.contains(&RuleFlag::Organ);
            assert_ne!(organ, flags.contains(&RuleFlag::PublicInstitution), "{kind:?}");
        }
    }

    fn named(name: &str, aliases: Vec<Alias>) -> Content {
        Content {
            name: name.to_owned(),
            kind: Kind::Court,
            level: Level::County,
            region: "420502".parse().unwrap(),
            short_name: String::new(),
            aliases,
            rule_flags: brought_by(Kind::Court),
            established_on: None,
        }
    }

    #[test]
    fn a_name_that_is_given_up_is_kept() {
        let today = day("2017-06-15").unwrap();
        let former = |text: &str, from, until| Alias {
            kind: AliasKind::FormerName,
            text: text.to_owned(),
            from,
            until,
        };
        let to = |name: &str, old: &Content, today| {
            renamed(Content { name: name.to_owned(), ..old.clone() }, old, today)
        };
        let first = named("甲", vec![]);
        assert_eq!(to("甲", &first, today).aliases, []);
        assert_eq!(to(" 甲\u{3000}", &first, today).aliases, [], "it is the same name");
        let once = to("乙", &first, today);
        assert_eq!(once.aliases, [former("甲", None, day("2017-06-15"))]);

        let later = day("2018-01-01").unwrap();
        let twice = to("丙", &once, later);
        assert_eq!(twice.aliases[1], former("乙", day("2017-06-15"), day("2018-01-01")));
        let same_day = to("丙", &once, today);
        assert_eq!(same_day.aliases[1], former("乙", None, day("2017-06-15")));

        // A name that comes back and goes again is kept for both times.
        let back = to("甲", &once, later);
        let again = to("丙", &back, day("2019-01-01").unwrap());
        assert_eq!(again.aliases[0], former("甲", None, day("2017-06-15")));
        assert_eq!(again.aliases[2], former("甲", day("2018-01-01"), day("2019-01-01")));
        let to_and_fro = to("丁", &to("甲", &once, today), today);
        assert_eq!(to_and_fro.aliases, to("甲", &once, today).aliases, "each stands there once");

        // Who knows better brings it himself.
        let own = former("甲", day("2001-01-01"), day("2016-12-31"));
        let brought = Content { aliases: vec![own.clone()], ..named("乙", vec![]) };
        assert_eq!(renamed(brought, &first, today).aliases, [own]);
    }

    #[test]
    fn nothing_ends_before_it_begins() {
        for (from, end, there, fits) in [
            (None, None, None, true),
            (day("2013-01-01"), None, None, true),
            (None, day("2013-01-01"), day("2012-12-31"), true),
            (day("2013-01-01"), day("2013-01-02"), None, true),
            (day("2013-01-01"), day("2013-01-01"), None, false),
            (day("2013-01-01"), None, day("2013-01-01"), true),
            (day("2013-01-01"), None, day("2012-12-31"), false),
        ] {
            let mut fields = Fields::new();
            let content = Content { established_on: from, ..named("甲", vec![]) };
            check_days(&mut fields, &content, end, there);
            assert_eq!(fields.is_empty(), fits, "{from:?} {end:?} {there:?}");
        }
    }
}
