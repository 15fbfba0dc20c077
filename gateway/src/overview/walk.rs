//! One page of a walk: asks all services at once for what may stand on it, and puts it together. What a
//! service says or does not say in time never holds up or hides what the others say.

use futures::future::join_all;
use prost::Message as _;
use steward_chassis::backend::Backend;
use steward_chassis::ctx::Ctx;
use steward_chassis::error::Error;
use steward_chassis::layers::authorise::ROLE_MISSING;
use steward_chassis::page::{MAX_BYTES, Page};
use steward_proto::report::v1::OverviewPart;
use tonic::{Code, Status};

use super::Malformed;
use super::cursor::{Cursor, Reached};
use super::list::List;
use super::merge::{Merged, Room, Run, merge};
use crate::call::Call;
use crate::failure::{Failure, failure, incomplete};

/// A service with its name.
pub(super) type Service = (&'static str, Backend);

/// A page that is asked for.
pub(super) struct Asked<L: List> {
    /// Of this list.
    pub(super) list: L,
    /// How far it was given.
    pub(super) page: Page<Cursor<L::Place>>,
    /// Whether it is refused rather than answered incomplete.
    pub(super) require_complete: bool,
}

/// A page.
pub(super) struct Given<T> {
    /// The items, each with the name of its service.
    pub(super) items: Vec<(&'static str, T)>,
    /// For the next page; empty when those that answered have no more.
    pub(super) next_page_token: String,
    /// What became of each service.
    pub(super) parts: Vec<OverviewPart>,
    /// Whether none failed.
    pub(super) complete: bool,
}

/// Items in their places, by rank.
type Ranked<L> = Run<<L as List>::Rank, (<L as List>::Place, <L as List>::Item)>;

/// Items with the names of their services.
type Named<L> = Vec<(&'static str, <L as List>::Item)>;

/// What became of asking a service.
enum Outcome<L: List> {
    /// Its list was at its end; it was not asked.
    Ended,
    /// Nothing of it is for the caller.
    NotGranted(Status),
    /// It did not answer.
    Failed(Failure),
    /// It calls the request faulty.
    Faulty(Status),
    /// It gave this.
    Gave(Ranked<L>),
}

/// The page of all services, which are in the order of their names.
///
/// Errors: what a service says of a request that it calls faulty; PERMISSION_DENIED or NOT_FOUND where
/// nothing of any is for the caller; `REPORT_INCOMPLETE`.
pub(super) async fn page<L: List>(
    services: &[Service],
    ctx: &Ctx,
    call: &Call,
    asked: Asked<L>,
) -> Result<Given<L::Item>, Status> {
    let Asked { list, page, require_complete } = asked;
    let size = i32::try_from(page.size()).map_err(Error::internal)?;
    let cursor = page.after.clone().unwrap_or_default();
    let outcomes = services.iter().map(async |(name, backend)| {
        match cursor.of(name) {
            Some(Reached::End) => Outcome::Ended,
            // The service would say the same, and have it in its security log.
            _ if !ctx.is_granted(name, L::ROLES) => Outcome::NotGranted(no_role()),
            Some(Reached::At(place)) => ask(&list, (name, backend), call, Some(place), size).await,
            None => ask(&list, (name, backend), call, None, size).await,
        }
    });
    let outcomes = join_all(outcomes).await;
    refuse(&outcomes)?;
    let named: Vec<_> = services.iter().map(|(name, _)| *name).zip(outcomes).collect();
    let parts: Vec<_> = named.iter().map(|(name, outcome)| part(name, outcome)).collect();
    if require_complete {
        complete(&named)?;
    }
    let complete = named.iter().all(|(_, outcome)| !matches!(outcome, Outcome::Failed(_)));
    let (items, next_page_token) = put_together(&list, &page, cursor, named)?;
    Ok(Given { items, next_page_token, parts, complete })
}

fn no_role() -> Status {
    Error::new(&ROLE_MISSING, "no grant has a role that may do this").into()
}

/// Asks a service for what may stand on the page: from none is more needed than the page holds.
async fn ask<L: List>(
    list: &L,
    (name, backend): (&'static str, &Backend),
    call: &Call,
    after: Option<&L::Place>,
    size: i32,
) -> Outcome<L> {
    let status = match list.ask(backend.clone(), call, after, size).await {
        Ok((items, more)) => match ranked(list, items, more, after) {
            Ok(run) => return Outcome::Gave(run),
            Err(Malformed) => Error::internal("the list is out of order").into(),
        },
        Err(status) => status,
    };
    match status.code() {
        Code::InvalidArgument => Outcome::Faulty(status),
        // A region or organization that is named, and lies outside his grants there.
        Code::PermissionDenied | Code::NotFound => Outcome::NotGranted(status),
        _ => Outcome::Failed(failure(name, &status)),
    }
}

/// The items in their places. One that is out of order, or a list that goes on behind nothing, cannot be.
fn ranked<L: List>(
    list: &L,
    items: Vec<L::Item>,
    more: bool,
    after: Option<&L::Place>,
) -> Result<Ranked<L>, Malformed> {
    if items.is_empty() && more {
        return Err(Malformed);
    }
    let mut before = after.cloned();
    let mut placed = Vec::with_capacity(items.len());
    for item in items {
        let place = list.place(&item, before.as_ref())?;
        placed.push((L::rank(&place), (place.clone(), item)));
        before = Some(place);
    }
    Ok(Run { items: placed, more })
}

/// Refuses what a service calls faulty, and who has no part in any.
fn refuse<L: List>(outcomes: &[Outcome<L>]) -> Result<(), Status> {
    let faulty = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Faulty(status) => Some(status),
        _ => None,
    });
    if let Some(status) = faulty {
        return Err(status.clone());
    }
    let denied = outcomes.iter().map(|outcome| match outcome {
        Outcome::NotGranted(status) => Some(status),
        _ => None,
    });
    let Some(denied) = denied.collect::<Option<Vec<_>>>() else { return Ok(()) };
    // Who has a role somewhere is told that he names what is not his.
    let named = denied.iter().find(|status| status.code() == Code::NotFound);
    named.or(denied.first()).map_or(Ok(()), |status| Err((**status).clone()))
}

/// Refuses where a service failed.
fn complete<L: List>(outcomes: &[(&'static str, Outcome<L>)]) -> Result<(), Error> {
    let (mut silent, mut reasons) = (Vec::new(), Vec::new());
    for (name, outcome) in outcomes {
        if let Outcome::Failed(failure) = outcome {
            silent.push(*name);
            reasons.push(failure.sentence(name));
        }
    }
    if silent.is_empty() { Ok(()) } else { Err(incomplete("the page", &reasons, &silent)) }
}

fn part<L: List>(name: &str, outcome: &Outcome<L>) -> OverviewPart {
    let mut part = OverviewPart { domain: name.to_owned(), ..OverviewPart::default() };
    match outcome {
        Outcome::Ended | Outcome::Gave(_) => part.answered = true,
        Outcome::NotGranted(_) | Outcome::Faulty(_) => part.not_granted = true,
        Outcome::Failed(failure) => failure.code().clone_into(&mut part.failure),
    }
    part
}

/// The items of the page, and the token of the next one: those that gave something go on behind it,
/// those that did not stay where they were.
fn put_together<L: List>(
    list: &L,
    page: &Page<Cursor<L::Place>>,
    mut cursor: Cursor<L::Place>,
    outcomes: Vec<(&'static str, Outcome<L>)>,
) -> Result<(Named<L>, String), Error> {
    let (mut names, mut runs) = (Vec::new(), Vec::new());
    for (name, outcome) in outcomes {
        let Outcome::Gave(run) = outcome else { continue };
        if cursor.of(name).is_none()
            && let Some((_, (first, _))) = run.items.first()
            && let Some(before) = list.before(first)
        {
            cursor.reach(name, Reached::At(before));
        }
        names.push(name);
        runs.push(run);
    }
    let size: fn(&(L::Place, L::Item)) -> usize = |(_, item)| item.encoded_len();
    let items = usize::try_from(page.size()).map_err(Error::internal)?;
    let Merged { items, ended } = merge(runs, &Room { items, bytes: MAX_BYTES, size });
    let mut given = Vec::with_capacity(items.len());
    for (number, (place, item)) in items {
        cursor.reach(names[number], Reached::At(place));
        given.push((names[number], item));
    }
    let goes_on = ended.contains(&false);
    for (name, _) in names.iter().zip(ended).filter(|(_, ended)| *ended) {
        cursor.reach(name, Reached::End);
    }
    let token = if goes_on { page.token(cursor)? } else { String::new() };
    Ok((given, token))
}

#[cfg(test)]
mod tests;
