//! What an entry is against another, how it spreads over months, and how it is reversed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use steward_kernel::{Fen, Month, OrganizationCode, spread_days};

use super::{Content, Entry, EntryId, Identity, Share};
use crate::budget::Paid;
use crate::month::Book;

/// The live entry that has an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) id: EntryId,
    pub(super) occurred_on: NaiveDate,
    pub(super) amount: Fen,
}

impl Content {
    /// What makes it the one it is.
    pub fn identity(&self) -> Identity {
        Identity {
            organization: self.organization.clone(),
            document_no: self.document_no.clone(),
            fiscal_year: self.occurred_on.year(),
            document_line: self.document_line,
            category: self.category.clone(),
        }
    }

    /// The month of payment.
    pub fn month(&self) -> Month {
        Month::of(self.occurred_on)
    }

    /// Whether it says the same as the holder of its identity; if not, the two are in conflict.
    pub(super) fn repeats(&self, holder: &Holder) -> bool {
        self.occurred_on == holder.occurred_on && self.amount == holder.amount
    }

    /// How it counts by month on the incurred basis: by days of the service period, what falls into
    /// closed months in the first open one; without a service period by the day of payment.
    pub(super) fn split(&self, book: Book) -> Vec<Share> {
        let Some(service) = self.service else {
            return vec![Share { month: self.month(), amount: self.amount }];
        };
        let days = spread_days(service.from, service.until);
        let weights: Vec<u64> = days.iter().map(|(_, days)| *days).collect();
        let parts = days.iter().map(|(month, _)| *month).zip(self.amount.spread(&weights));
        gather(parts, book)
    }

    /// The open months in which it shows that its organization reported.
    pub(super) fn reported_months(&self, book: Book) -> BTreeSet<Month> {
        let service = self.service.map(|service| spread_days(service.from, service.until));
        let service = service.into_iter().flatten().map(|(month, _)| month);
        service.chain([self.month()]).filter(|month| book.is_open(*month)).collect()
    }
}

impl Paid for Entry {
    fn paid_by(&self) -> &OrganizationCode {
        &self.content.paid_by
    }

    fn category(&self) -> &str {
        &self.content.category
    }

    fn fiscal_year(&self) -> i32 {
        self.content.occurred_on.year()
    }

    fn amount(&self) -> Fen {
        self.content.amount
    }

    fn approval_reference(&self) -> &str {
        &self.content.approval_reference
    }
}

impl Entry {
    /// What its reversal posts: the same negated, on the original day if that is open, else on the
    /// first open day. `None` if it cannot be negated.
    pub(super) fn mirror(&self, memo: &str, book: Book) -> Option<(Content, Vec<Share>)> {
        let negated = |share: &Share| Some((share.month, share.amount.checked_neg()?));
        let occurred_on = book.place_day(self.content.occurred_on);
        let content = Content {
            occurred_on,
            amount: self.content.amount.checked_neg()?,
            quantity: match self.content.quantity {
                None => None,
                Some(quantity) => Some(quantity.checked_neg()?),
            },
            memo: memo.to_owned(),
            ..self.content.clone()
        };
        let shares: Option<Vec<_>> = self.shares.iter().map(negated).collect();
        Some((content, gather(shares?.into_iter(), book)))
    }
}

/// Parts by month; those of closed months in the first open one.
fn gather(parts: impl Iterator<Item = (Month, Fen)>, book: Book) -> Vec<Share> {
    let mut months: BTreeMap<Month, i64> = BTreeMap::new();
    for (month, amount) in parts {
        // Parts of one amount, all of its sign: their sum is within it.
        *months.entry(book.place(month)).or_default() += amount.get();
    }
    months.into_iter().map(|(month, fen)| Share { month, amount: Fen::new(fen) }).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::entry::Service;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn content(occurred_on: &str, fen: i64, service: Option<(&str, &str)>) -> Content {
        Content {
            organization: "11420500000000019M".parse().unwrap(),
            paid_by: "11420500000000019M".parse().unwrap(),
            category: "rent".to_owned(),
            occurred_on: day(occurred_on),
            service: service.map(|(from, until)| Service { from: day(from), until: day(until) }),
            amount: Fen::new(fen),
            quantity: None,
            document_no: "1".to_owned(),
            document_line: 1,
            fund_source: String::new(),
            expenditure_kind: 0,
            source_resource: String::new(),
            approval_reference: String::new(),
            memo: String::new(),
        }
    }

    fn entry(content: Content, shares: Vec<Share>) -> Entry {
        Entry {
            id: EntryId::new(DateTime::UNIX_EPOCH),
            content,
            region: "420500".parse().unwrap(),
            live: true,
            reverses: None,
            reversed_by: None,
            post_time: DateTime::UNIX_EPOCH,
            posted_by: String::new(),
            shares,
        }
    }

    fn shares(content: &Content, closed: Option<&str>) -> Vec<(String, i64)> {
        let book = Book { closed: closed.map(month) };
        content.split(book).iter().map(|s| (s.month.to_string(), s.amount.get())).collect()
    }

    #[test]
    fn a_year_of_rent_is_spread_by_days() {
        let rent = content("2015-01-10", 36500, Some(("2015-01-01", "2016-01-01")));
        let all = shares(&rent, None);
        assert_eq!(all.len(), 12);
        assert_eq!(all[0], ("2015-01".to_owned(), 3100));
        assert_eq!(all[1], ("2015-02".to_owned(), 2800));
        let late = shares(&rent, Some("2015-03"));
        assert_eq!(late.len(), 9);
        assert_eq!(late[0], ("2015-04".to_owned(), 3100 + 2800 + 3100 + 3000));
        assert_eq!(shares(&rent, Some("2016-05")), [("2016-06".to_owned(), 36500)]);
        let part = content("2015-02-10", 300, Some(("2015-01-31", "2015-03-02")));
        let want = [("2015-01", 10), ("2015-02", 280), ("2015-03", 10)];
        assert_eq!(shares(&part, None), want.map(|(month, fen)| (month.to_owned(), fen)));
    }

    #[test]
    fn what_has_no_service_period_counts_when_paid() {
        let paid = content("2015-02-10", 300, None);
        assert_eq!(shares(&paid, Some("2015-01")), [("2015-02".to_owned(), 300)]);
    }

    #[test]
    fn same_date_and_amount_repeat_anything_else_conflicts() {
        let posted = content("2015-02-10", 300, None);
        let id = EntryId::new(DateTime::UNIX_EPOCH);
        let holder = Holder { id, occurred_on: posted.occurred_on, amount: posted.amount };
        let memo = Content { memo: "another".to_owned(), ..posted.clone() };
        assert!(posted.repeats(&holder) && memo.repeats(&holder));
        assert!(!content("2015-02-11", 300, None).repeats(&holder));
        assert!(!content("2015-02-10", 301, None).repeats(&holder));
        assert_eq!(posted.identity(), content("2015-12-31", 1, None).identity());
        assert_ne!(posted.identity(), content("2016-01-01", 300, None).identity());
    }

    #[test]
    fn a_reversal_counts_where_it_still_may() {
        let rent = content("2015-01-10", 36500, Some(("2015-01-01", "2016-01-01")));
        let rent = entry(rent.clone(), rent.split(Book::default()));
        let (open, parts) = rent.mirror("wrong", Book::default()).unwrap();
        assert_eq!(open.occurred_on, day("2015-01-10"));
        assert_eq!(parts.len(), 12);
        let (closed, parts) =
            rent.mirror("wrong", Book { closed: Some(month("2015-11")) }).unwrap();
        assert_eq!(closed.occurred_on, day("2015-12-01"));
        assert_eq!(closed.amount, Fen::new(-36500));
        assert_eq!(closed.memo, "wrong");
        assert_eq!(parts, [Share { month: month("2015-12"), amount: Fen::new(-36500) }]);
    }

    proptest! {
        #[test]
        fn shares_sum_up_and_lie_in_open_months(
            fen in 1..=100_000_000_000_000_i64, start in 0..4000_i64, length in 1..3652_i64,
            closed in prop::option::of(0..400_i32), later in prop::option::of(0..400_i32),
        ) {
            let from = day("2010-01-01") + chrono::TimeDelta::days(start);
            let until = from + chrono::TimeDelta::days(length);
            let posted = Content { service: Some(Service { from, until }), ..content("2010-01-01", fen, None) };
            let book = |closed: Option<i32>| Book { closed: closed.map(|i| month("2005-01").plus(i)) };
            let parts = posted.split(book(closed));
            prop_assert_eq!(parts.iter().map(|s| s.amount.get()).sum::<i64>(), fen);
            prop_assert!(parts.is_sorted_by(|a, b| a.month < b.month));
            prop_assert!(parts.iter().all(|s| book(closed).is_open(s.month) && s.amount >= Fen::ZERO));
            let later = book(closed.max(later));
            let (mirror, negated) = entry(posted.clone(), parts).mirror("", later).unwrap();
            prop_assert_eq!(negated.iter().map(|s| s.amount.get()).sum::<i64>(), -fen);
            prop_assert!(negated.iter().all(|s| later.is_open(s.month)));
            prop_assert!(later.is_open(mirror.month()));
            let reported = posted.reported_months(book(closed));
            prop_assert!(posted.reported_months(later).is_subset(&reported));
        }
    }
}
