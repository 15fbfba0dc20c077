//! Which organizations a text that fits none is most like.

use std::collections::{BTreeMap, BTreeSet};

use super::{CANDIDATES, Told};

/// So many letters of a name must be in common where one holds the other.
const PART: usize = 2;
/// The same of codes, of which short parts (a region) are in many.
const CODE_PART: usize = 8;

/// All names to compare with.
#[derive(Debug, Default)]
pub(super) struct Names {
    told: Vec<Told>,
    terms: Vec<Term>,
    /// The terms in which a letter stands.
    holding: BTreeMap<char, Vec<usize>>,
}

#[derive(Debug)]
struct Term {
    text: String,
    letters: usize,
    /// How many different letters.
    kinds: usize,
    /// Of which organization, by its place.
    of: usize,
}

/// How unlike a text and a term are; the likelier before the others. What holds the other is likelier
/// than what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unlike {
    /// The longer one has so many letters more.
    Part(usize),
    /// So many thousandths of the letters differ.
    Differs(usize),
}

impl Names {
    /// Adds an organization with all that it is called.
    pub(super) fn add<'a>(&mut self, told: Told, terms: impl IntoIterator<Item = &'a str>) {
        let of = self.told.len();
        self.told.push(told);
        for text in terms.into_iter().filter(|text| !text.is_empty()) {
            let kinds: BTreeSet<char> = text.chars().collect();
            for letter in &kinds {
                self.holding.entry(*letter).or_default().push(self.terms.len());
            }
            let (letters, kinds) = (text.chars().count(), kinds.len());
            self.terms.push(Term { text: text.to_owned(), letters, kinds, of });
        }
    }

    /// The organizations that a text is most like, the likeliest first; only plausible ones.
    pub(super) fn likely(&self, text: &str) -> Vec<Told> {
        let letters = text.chars().count();
        let kinds: BTreeSet<char> = text.chars().collect();
        let mut common = vec![0_usize; self.terms.len()];
        for holding in kinds.iter().filter_map(|letter| self.holding.get(letter)) {
            for term in holding {
                common[*term] += 1;
            }
        }
        let mut found: BTreeMap<usize, Unlike> = BTreeMap::new();
        for (term, common) in self.terms.iter().zip(common) {
            let Some(unlike) = unlike(text, letters, kinds.len(), term, common) else { continue };
            let best = found.entry(term.of).or_insert(unlike);
            *best = unlike.min(*best);
        }
        let mut found: Vec<_> =
            found.into_iter().map(|(of, unlike)| (unlike, &self.told[of])).collect();
        found.sort();
        found.into_iter().take(CANDIDATES).map(|(_, told)| told.clone()).collect()
    }
}

/// How unlike they are, if it is plausible that one is meant by the other. Letters in common are
/// counted first, which is much quicker than comparing.
fn unlike(text: &str, letters: usize, kinds: usize, term: &Term, common: usize) -> Option<Unlike> {
    let (short, long) = (letters.min(term.letters), letters.max(term.letters));
    let is_code = text.is_ascii() || term.text.is_ascii();
    let part = if is_code { CODE_PART } else { PART };
    let holds = common == kinds && term.text.contains(text)
        || common == term.kinds && text.contains(&term.text);
    if holds && short >= part {
        return Some(Unlike::Part(long - short));
    }
    let bound = differing(long, is_code);
    let missing = kinds.max(term.kinds) - common;
    if missing > bound || long - short > bound {
        return None;
    }
    let distance = strsim::osa_distance(text, &term.text);
    (distance <= bound).then(|| Unlike::Differs(distance * 1000 / long))
}

/// How many letters of so many may differ: of a name three tenths, and one of three; of a code fewer,
/// because codes are much alike.
fn differing(letters: usize, is_code: bool) -> usize {
    match (is_code, letters) {
        (_, ..3) | (true, ..5) => 0,
        (false, _) => (letters * 3 / 10).max(1),
        (true, 5..12) => 1,
        (true, _) => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::key;
    use super::*;

    fn names(all: &[(&str, &[&str])]) -> Names {
        let mut names = Names::default();
        for (code, terms) in all {
            let told = Told {
                code: (*code).to_owned(),
                name: terms.first().copied().unwrap_or_default().to_owned(),
                region: "420502".to_owned(),
            };
            names.add(told, std::iter::once(*code).chain(terms.iter().copied()));
        }
        names
    }

    fn likely(names: &Names, text: &str) -> Vec<String> {
        names.likely(&key(text)).into_iter().map(|told| told.code).collect()
    }

    fn some() -> Names {
        names(&[
            ("11420502000000027D", &["西陵区财政局", "西财"]),
            ("11420503000000030L", &["伍家岗区财政局"]),
            ("11420502000000035A", &["西陵区教育局", "101001"]),
            ("12420500000000051C", &["宜昌市(试验)图书馆", "市图书馆"]),
        ])
    }

    #[test]
    fn what_holds_the_other_comes_first() {
        let names = some();
        assert_eq!(
            likely(&names, "财政局"),
            ["11420502000000027D", "11420503000000030L"],
            "the shorter one is likelier"
        );
        assert_eq!(likely(&names, "湖北省宜昌市西陵区财政局"), ["11420502000000027D"]);
        assert_eq!(likely(&names, "宜昌试验图书馆"), ["12420500000000051C"]);
        assert_eq!(likely(&names, "局"), [""; 0], "too short to say anything");
    }

    #[test]
    fn slips_of_the_pen_are_plausible() {
        let names = some();
        assert_eq!(likely(&names, "西陵区财正局"), ["11420502000000027D"]);
        assert_eq!(likely(&names, "西陵区政财局"), ["11420502000000027D"], "turned round");
        assert_eq!(likely(&names, "没有这家"), [""; 0]);
        assert_eq!(likely(&names, "夷陵区卫生局"), [""; 0], "three of six letters differ");
        assert_eq!(likely(&names, ""), [""; 0]);
    }

    #[test]
    fn codes_are_held_to_more() {
        let names = some();
        assert_eq!(likely(&names, "11420502000000027E"), ["11420502000000027D"]);
        assert_eq!(likely(&names, "101002"), ["11420502000000035A"]);
        assert_eq!(likely(&names, "00000005-1"), [""; 0]);
        assert_eq!(likely(&names, "000000051"), ["12420500000000051C"], "the older code in it");
        assert_eq!(likely(&names, "420502"), [""; 0], "a region is in many");
    }

    #[test]
    fn five_are_told_in_a_certain_order() {
        let all: Vec<_> = (0..8).map(|number| format!("{number}号小学")).collect();
        let codes: Vec<_> = (0..8).map(|number| format!("L-{number}")).collect();
        let mut names = Names::default();
        for (code, name) in codes.iter().zip(&all).rev() {
            let (code, name, region) = (code.clone(), name.clone(), "420502".to_owned());
            let term = name.clone();
            names.add(Told { code, name, region }, [term.as_str()]);
        }
        assert_eq!(likely(&names, "小学"), codes[..5]);
    }

    proptest! {
        /// Counting letters first leaves out nothing that comparing would find.
        #[test]
        fn nothing_plausible_is_left_out(
            text in "[区局财政西陵ab1]{0,9}",
            term in "[区局财政西陵ab1]{1,9}",
        ) {
            let (letters, other) = (text.chars().count(), term.chars().count());
            let is_code = text.is_ascii() || term.is_ascii();
            let part = if is_code { CODE_PART } else { PART };
            let holds = (term.contains(&text) || text.contains(&term)) && letters.min(other) >= part;
            let bound = differing(letters.max(other), is_code);
            let near = strsim::osa_distance(&text, &term) <= bound;
            let mut names = Names::default();
            let told = Told { code: "L-1".into(), name: term.clone(), region: "420502".into() };
            names.add(told, [term.as_str()]);
            prop_assert_eq!(!names.likely(&text).is_empty(), holds || near);
        }
    }
}
