//! Posting many entries at once.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::error::Violation;
use steward_chassis::{Ctx, Error, Fields, Result, audit, scope};
use steward_db::Tx;
use steward_kernel::OrganizationCode;

use super::actions::book;
use super::rules::Holder;
use super::{Booked, Content, ENTRY_CONFLICT, Entry, EntryId, Identity, store, wire};
use crate::admission::{self, Lives, Regions};
use crate::budget;
use crate::month::{self, Books, MONTH_CLOSED};
use crate::revision;

/// How often entries are tried whose twin came between the insert and the look for it and went.
const ROUNDS: usize = 3;

/// What to post: entries, or why they are faulty.
pub(crate) type Draft = Result<Content, Vec<Violation>>;

/// What became of one entry.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Posted(EntryId),
    /// With the entry that was there already, unless that lies in the same request.
    Duplicate(Option<EntryId>),
    /// The same.
    Conflict(Option<EntryId>, Violation),
    Refused(Vec<Violation>),
}

impl Outcome {
    /// Why it was refused; nothing if it was not.
    pub(super) fn faults(&self) -> &[Violation] {
        match self {
            Self::Posted(_) | Self::Duplicate(_) => &[],
            Self::Conflict(_, why) => std::slice::from_ref(why),
            Self::Refused(why) => why.as_slice(),
        }
    }
}

/// Posts the entries that can be posted; tells of each what became of it, in order, and what is new.
pub(super) async fn post(
    tx: &mut Tx,
    ctx: &Ctx,
    drafts: &[Draft],
    booked: Booked,
) -> Result<(Vec<Outcome>, Vec<Entry>)> {
    let mut desk = Desk::new(drafts);
    let regions = desk.admit(tx, ctx).await?;
    let books = desk.hold_months(tx, &regions).await?;
    let posted = desk.insert(tx, ctx, &regions, &books).await?;
    if !posted.is_empty() {
        book(tx, &posted, &books).await?;
        budget::consume(tx, &posted).await?;
        revision::bump(tx).await?;
        booked(tx, ctx, &posted).await?;
        audit::record_all(tx, ctx, wire::posted_events(ctx, &posted, &regions)?).await?;
    }
    Ok((desk.outcomes()?, posted))
}

/// The entries on their way: each has an outcome or waits for one.
struct Desk<'a> {
    drafts: &'a [Draft],
    outcomes: Vec<Option<Outcome>>,
}

impl<'a> Desk<'a> {
    fn new(drafts: &'a [Draft]) -> Self {
        let faulty = |draft: &Draft| draft.as_ref().err().cloned().map(Outcome::Refused);
        Self { drafts, outcomes: drafts.iter().map(faulty).collect() }
    }

    /// Those that wait, with their places.
    fn waiting(&self) -> impl Iterator<Item = (usize, &'a Content)> {
        let drafts = self.drafts.iter().zip(&self.outcomes).enumerate();
        drafts.filter_map(|(place, (draft, outcome))| match outcome {
            None => draft.as_ref().ok().map(|content| (place, content)),
            Some(_) => None,
        })
    }

    /// Refuses those that wait for which `check` finds faults.
    fn refuse(&mut self, check: impl Fn(&Content) -> Vec<Violation>) {
        let refused: Vec<_> = self
            .waiting()
            .map(|(place, content)| (place, check(content)))
            .filter(|(_, faults)| !faults.is_empty())
            .collect();
        for (place, faults) in refused {
            self.outcomes[place] = Some(Outcome::Refused(faults));
        }
    }

    /// Refuses what lies outside the grants, before anything is looked up for it, and admits the
    /// organizations of the rest.
    async fn admit(&mut self, tx: &mut Tx, ctx: &Ctx) -> Result<Regions> {
        let regions = admission::regions(tx, &self.organizations()).await?;
        self.refuse(|content| outside(content, &regions, ctx));
        let held = admission::hold(tx, &self.organizations()).await?;
        // Someone else may have made a row meanwhile, with another region.
        self.refuse(|content| outside(content, &held.regions, ctx));
        if !ctx.accept_warnings() {
            self.refuse(|content| absent(content, &held.lives));
        }
        Ok(held.regions)
    }

    fn organizations(&self) -> BTreeSet<OrganizationCode> {
        let both =
            |(_, content): (_, &Content)| [content.organization.clone(), content.paid_by.clone()];
        self.waiting().flat_map(both).collect()
    }

    /// Keeps months from being closed, and refuses what lies in closed ones.
    async fn hold_months(&mut self, tx: &mut Tx, regions: &Regions) -> Result<Books> {
        let of = |content: &Content| regions.get(&content.organization).cloned();
        let touched = self.waiting().filter_map(|(_, content)| of(content)).collect();
        let books = month::actions::hold(tx, &touched).await?;
        self.refuse(|content| {
            let book = of(content).and_then(|region| books.get(&region).copied());
            if book.unwrap_or_default().is_open(content.month()) {
                return Vec::new();
            }
            let message = format!("month {} is closed", content.month());
            vec![violation("occurred_on", &MONTH_CLOSED, message)]
        });
        Ok(books)
    }

    /// Inserts the first entry of each identity and settles all that wait; tells what went in.
    async fn insert(
        &mut self,
        tx: &mut Tx,
        ctx: &Ctx,
        regions: &Regions,
        books: &Books,
    ) -> Result<Vec<Entry>> {
        let mut waiting: BTreeMap<Identity, Vec<usize>> = BTreeMap::new();
        for (place, content) in self.waiting() {
            waiting.entry(content.identity()).or_default().push(place);
        }
        let mut posted = Vec::new();
        for _ in 0..ROUNDS {
            let firsts = waiting.values().filter_map(|places| places.first());
            let new: Vec<Entry> = firsts
                .filter_map(|place| self.drafts[*place].as_ref().ok())
                .map(|content| entry(content, ctx, regions, books))
                .collect::<Result<_>>()?;
            let inserted = store::insert(tx, &new).await?;
            for entry in new.into_iter().filter(|entry| inserted.contains(&entry.id)) {
                if let Some(places) = waiting.remove(&entry.content.identity()) {
                    self.settle_posted(&places, &entry);
                }
                posted.push(entry);
            }
            let holders = store::holders(tx, &waiting.keys().collect::<Vec<_>>()).await?;
            for (identity, holder) in holders {
                let places = waiting.remove(&identity).unwrap_or_default();
                self.settle(&places, &holder, Some(holder.id));
            }
            if waiting.is_empty() {
                return Ok(posted);
            }
        }
        Err(steward_db::Error::Retry.into())
    }

    /// The first was posted, the others are held against it.
    fn settle_posted(&mut self, places: &[usize], entry: &Entry) {
        let Some((first, others)) = places.split_first() else {
            return;
        };
        self.outcomes[*first] = Some(Outcome::Posted(entry.id));
        let (occurred_on, amount) = (entry.content.occurred_on, entry.content.amount);
        self.settle(others, &Holder { id: entry.id, occurred_on, amount }, None);
    }

    /// Holds entries against the one that has their identity.
    fn settle(&mut self, places: &[usize], holder: &Holder, known: Option<EntryId>) {
        for place in places {
            let Ok(content) = &self.drafts[*place] else {
                continue;
            };
            self.outcomes[*place] = Some(if content.repeats(holder) {
                Outcome::Duplicate(known)
            } else {
                Outcome::Conflict(known, conflict(content, holder))
            });
        }
    }

    fn outcomes(self) -> Result<Vec<Outcome>> {
        let outcomes: Option<Vec<_>> = self.outcomes.into_iter().collect();
        outcomes.ok_or_else(|| Error::internal("an entry was left without an outcome"))
    }
}

fn entry(content: &Content, ctx: &Ctx, regions: &Regions, books: &Books) -> Result<Entry> {
    let region = regions.get(&content.organization);
    let region = region.ok_or_else(|| Error::internal("an organization has no region"))?;
    let book = books.get(region).copied().unwrap_or_default();
    Ok(Entry {
        id: EntryId::new(ctx.now()),
        content: content.clone(),
        region: region.clone(),
        live: true,
        reverses: None,
        reversed_by: None,
        post_time: ctx.now(),
        posted_by: ctx.subject().to_owned(),
        shares: content.split(book),
    })
}

/// Its organizations, each once, with the fields that name them.
fn organizations(content: &Content) -> impl Iterator<Item = (&'static str, &OrganizationCode)> {
    let payer = (content.paid_by != content.organization).then_some(("paid_by", &content.paid_by));
    [("organization", &content.organization)].into_iter().chain(payer)
}

fn outside(content: &Content, regions: &Regions, ctx: &Ctx) -> Vec<Violation> {
    let fault = |(field, code)| {
        let (reason, message) = scope::refusal(ctx.scope(), code, regions.get(code))?;
        Some(violation(field, reason, message))
    };
    organizations(content).filter_map(fault).collect()
}

/// The warnings about organizations that were not there on the day of payment.
fn absent(content: &Content, lives: &Lives) -> Vec<Violation> {
    let mut fields = Fields::new();
    for (field, code) in organizations(content) {
        let life = lives.get(code).copied().unwrap_or_default();
        life.check(&mut fields, false, field, code, content.occurred_on);
    }
    fields.into_violations()
}

fn conflict(content: &Content, holder: &Holder) -> Violation {
    let message = format!(
        "document {} line {} is booked already, on {} with {} yuan",
        content.document_no, content.document_line, holder.occurred_on, holder.amount
    );
    violation("", &ENTRY_CONFLICT, message)
}

fn violation(
    field: &str,
    reason: &'static steward_chassis::Reason,
    message: impl Into<String>,
) -> Violation {
    Violation { field: field.to_owned(), reason, message: message.into() }
}
