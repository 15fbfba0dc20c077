//! What reports for people say, in Chinese and English.

mod en;
mod zh;

/// The language of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// The words of the language.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Zh => &zh::WORDS,
            Self::En => &en::WORDS,
        }
    }
}

/// The words of one language.
pub(super) struct Words {
    /// The tag of the language in HTML.
    pub(super) tag: &'static str,
    pub(super) title: &'static str,
    pub(super) current: &'static str,
    pub(super) year_before: &'static str,
    pub(super) baseline: &'static str,
    pub(super) change: &'static str,
    pub(super) change_ratio: &'static str,
    pub(super) item: &'static str,
    /// The line that names the unit: 10,000 yuan, and yuan.
    pub(super) unit_lines: [&'static str; 2],
    pub(super) paid: &'static str,
    pub(super) incurred: &'static str,
    pub(super) by_user: &'static str,
    pub(super) by_payer: &'static str,
    pub(super) restated: &'static str,
    pub(super) as_it_was: &'static str,
    pub(super) total: &'static str,
    pub(super) running: &'static str,
    pub(super) capital: &'static str,
    pub(super) revenue: &'static str,
    pub(super) of_which: &'static str,
    pub(super) apart: &'static str,
    pub(super) in_no_total: &'static str,
    pub(super) city_level: &'static str,
    pub(super) whole_city: &'static str,
    pub(super) counties: &'static str,
    pub(super) counties_and_zones: &'static str,
    pub(super) spring: &'static str,
    pub(super) summary: &'static str,
    pub(super) notes: &'static str,
    pub(super) sections: [(&'static str, &'static str); 5],
    pub(super) domains: [(&'static str, &'static str); 4],
    /// The domains in one letter or two, for a narrow table.
    pub(super) domains_short: [(&'static str, &'static str); 4],
    pub(super) incomplete_mark: &'static str,
    pub(super) complete: &'static str,
    pub(super) undeclared: &'static str,
    pub(super) incomplete: &'static str,
    pub(super) incomplete_short: &'static str,
    pub(super) unanswered: &'static str,
    pub(super) missing: &'static str,
    pub(super) and_more: &'static str,
    pub(super) coverage: &'static str,
    pub(super) not_declared: &'static str,
    pub(super) read: &'static str,
    pub(super) closed: &'static str,
    pub(super) closed_until: &'static str,
    pub(super) open: &'static str,
    pub(super) regions_counted: &'static str,
    pub(super) suspects: &'static str,
    pub(super) yuan: &'static str,
    pub(super) no_suspects: &'static str,
    pub(super) suspects_unchecked: &'static str,
    pub(super) limited: &'static str,
    pub(super) limited_short: &'static str,
    pub(super) no_directory: &'static str,
    pub(super) unknown_region: &'static str,
    pub(super) silent_region: &'static str,
    pub(super) silent_regions: &'static str,
    pub(super) nothing: &'static str,
    pub(super) note: &'static str,
    pub(super) marks: Marks,
    pub(super) heads: HeadWords,
    pub(super) paper: PaperWords,
    pub(super) charts: ChartWords,
}

/// How a language punctuates.
pub(super) struct Marks {
    pub(super) colon: &'static str,
    pub(super) comma: &'static str,
    pub(super) semicolon: &'static str,
    /// Between two words.
    pub(super) word: &'static str,
    /// Between the things of a list.
    pub(super) and: &'static str,
    pub(super) open: &'static str,
    pub(super) close: &'static str,
}

/// About costs per head.
pub(super) struct HeadWords {
    pub(super) kinds: [(&'static str, &'static str); 3],
    /// The heading of the columns, and their unit.
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) heads: &'static str,
    pub(super) amount: &'static str,
    pub(super) note: &'static str,
}

/// What only sheets and pages say.
pub(super) struct PaperWords {
    pub(super) issuer: &'static str,
    pub(super) number: &'static str,
    pub(super) organization: &'static str,
    pub(super) code: &'static str,
    pub(super) region: &'static str,
    pub(super) month: &'static str,
    pub(super) domain: &'static str,
    pub(super) this_period: &'static str,
    pub(super) cumulative: &'static str,
    pub(super) cumulative_now: &'static str,
    pub(super) cumulative_before: &'static str,
    pub(super) signatures: [&'static str; 4],
    /// What stands around the number of a page and the count of pages.
    pub(super) pages: [&'static str; 3],
    pub(super) font: &'static str,
    pub(super) title_font: &'static str,
    pub(super) nothing_here: &'static str,
    pub(super) facts: FactWords,
    pub(super) grids: GridWords,
}

/// The names of the facts that a reader must know.
pub(super) struct FactWords {
    pub(super) basis: &'static str,
    pub(super) view: &'static str,
    pub(super) structure: &'static str,
    pub(super) successions: &'static str,
    pub(super) per_head: &'static str,
    pub(super) completeness: &'static str,
    pub(super) scope: &'static str,
    pub(super) directory: &'static str,
    pub(super) suspects: &'static str,
    pub(super) reading: &'static str,
}

/// The tables below the facts.
pub(super) struct GridWords {
    pub(super) coverage: &'static str,
    pub(super) expected: &'static str,
    pub(super) reported: &'static str,
    pub(super) missed: &'static str,
    pub(super) read_time: &'static str,
    pub(super) revision: &'static str,
    pub(super) closes: &'static str,
    pub(super) missing: &'static str,
    pub(super) missing_more: &'static str,
    pub(super) suspects: &'static str,
    pub(super) suspects_more: &'static str,
    pub(super) document: &'static str,
    pub(super) amount: &'static str,
    pub(super) booked_in: &'static str,
    pub(super) days: &'static str,
    pub(super) period: &'static str,
}

/// What the charts say.
pub(super) struct ChartWords {
    pub(super) by_domain: &'static str,
    pub(super) by_region: &'static str,
    pub(super) by_month: &'static str,
    pub(super) movers_organizations: &'static str,
    pub(super) movers_categories: &'static str,
    pub(super) fell: &'static str,
    pub(super) rose: &'static str,
    pub(super) left_out: &'static str,
    pub(super) missing: &'static str,
    pub(super) missing_legend: &'static str,
    pub(super) more_organizations: &'static str,
    pub(super) earlier_months: &'static str,
}

impl Words {
    /// The word for a code in a list of pairs; the code itself where there is none.
    pub(super) fn of<'a>(pairs: &[(&str, &'static str)], code: &'a str) -> &'a str {
        pairs.iter().find(|(known, _)| *known == code).map_or(code, |(_, word)| word)
    }

    /// A name and what is said of it.
    pub(super) fn said(&self, name: &str, text: &str) -> String {
        format!("{name}{}{text}", self.marks.colon)
    }

    /// What a column of a period is called: 本期人数.
    pub(super) fn of_period(&self, period: &str, name: &str) -> String {
        format!("{period}{}{name}", self.marks.word)
    }

    /// A text in brackets.
    pub(super) fn bracketed(&self, text: &str) -> String {
        format!("{}{text}{}", self.marks.open, self.marks.close)
    }
}
