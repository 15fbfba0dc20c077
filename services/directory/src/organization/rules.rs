//! Pure rules of organizations.

use chrono::NaiveDate;
use steward_chassis::Fields;
use steward_kernel::compact;

use super::{Alias, AliasKind, Content, DAYS_REVERSED, Kind, RuleFlag};

/// Brackets that mean the same in a name, opening and closing.
const OPENING: [char; 5] = ['[', '{', '〔', '【', '〖'];
const CLOSING: [char; 5] = [']', '}', '〕', '】', '〗'];
/// What takes no place and comes along when a cell is copied.
const INVISIBLE: std::ops::RangeInclusive<char> = '\u{200b}'..='\u{200f}';
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text as it is compared: half-width, without spaces and what cannot be seen, letters upper case,
/// all brackets round.
pub(crate) fn key(text: &str) -> String {
    let seen = |letter: &char| {
        !letter.is_control() && !INVISIBLE.contains(letter) && *letter != BYTE_ORDER_MARK
    };
    let round = |letter: char| match letter {
        _ if OPENING.contains(&letter) => '(',
        _ if CLOSING.contains(&letter) => ')',
        other => other,
    };
    compact(text).chars().filter(seen).map(round).collect()
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

/// The content with the name before as a former name that ends today, unless it is one already.
pub(crate) fn renamed(mut content: Content, old_name: &str, today: NaiveDate) -> Content {
    let former = |alias: &&Alias| alias.kind == AliasKind::FormerName;
    let mut names = content.aliases.iter().filter(former);
    if content.name == old_name || names.any(|alias| key(&alias.text) == key(old_name)) {
        return content;
    }
    // The old name began where the one before it ended.
    let from = content.aliases.iter().filter(former).filter_map(|alias| alias.until).max();
    content.aliases.push(Alias {
        kind: AliasKind::FormerName,
        text: old_name.to_owned(),
        from: from.filter(|from| *from < today),
        until: Some(today),
    });
    content
}

/// Refuses an organization that ends before it begins.
pub(crate) fn check_days(fields: &mut Fields, content: &Content, ended_on: Option<NaiveDate>) {
    if let Some((from, end)) = content.established_on.zip(ended_on)
        && from >= end
    {
        let message = format!("is {from}, and it ended on {end}");
        fields.refuse("organization.established_on", &DAYS_REVERSED, message);
    }
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
            ("ｌ-０１a\u{200b}b\u{feff}\u{0}", "L-01AB"),
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
        assert_eq!(renamed(named("甲", vec![]), "甲", today).aliases, []);
        let once = renamed(named("乙", vec![]), "甲", today);
        assert_eq!(once.aliases, [former("甲", None, day("2017-06-15"))]);

        let later = day("2018-01-01").unwrap();
        let twice = renamed(Content { name: "丙".to_owned(), ..once.clone() }, "乙", later);
        assert_eq!(twice.aliases[1], former("乙", day("2017-06-15"), day("2018-01-01")));
        let back = renamed(Content { name: "乙".to_owned(), ..once.clone() }, "甲", later);
        assert_eq!(back.aliases, once.aliases, "it is there");
        let same_day = renamed(Content { name: "丙".to_owned(), ..once }, "乙", today);
        assert_eq!(same_day.aliases[1], former("乙", None, day("2017-06-15")));
    }

    #[test]
    fn nothing_ends_before_it_begins() {
        for (from, end, fits) in [
            (None, None, true),
            (day("2013-01-01"), None, true),
            (None, day("2013-01-01"), true),
            (day("2013-01-01"), day("2013-01-02"), true),
            (day("2013-01-01"), day("2013-01-01"), false),
        ] {
            let mut fields = Fields::new();
            let content = Content { established_on: from, ..named("甲", vec![]) };
            check_days(&mut fields, &content, end);
            assert_eq!(fields.is_empty(), fits, "{from:?} {end:?}");
        }
    }
}
