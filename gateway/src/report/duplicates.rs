//! Finds payments that may have been booked in two domains: a merge of the domains' document keys,
//! each sorted by organization, document number and amount. Held are one part of the stream a
//! domain, and the entries of one document.

use std::collections::BTreeMap;

use futures::future::join_all;
use futures::stream::{BoxStream, Stream, StreamExt};
use steward_proto::ledger::v1::DocumentKey;
use steward_proto::report::v1::{DomainEntry, SuspectedDuplicate};

use crate::domain::Domain;

/// What two entries have in common that may be one payment: organization, document number, amount.
pub(super) type Document<'a> = (&'a str, &'a str, i64);

/// What a key says of its document.
pub(super) fn document(key: &DocumentKey) -> Document<'_> {
    (&key.organization, &key.document_no, key.amount_fen)
}

/// The document keys of one domain, in their order; `E` is how it fails.
pub(super) struct Source<'a, E> {
    domain: Domain,
    parts: BoxStream<'a, Result<Vec<DocumentKey>, E>>,
    part: std::vec::IntoIter<DocumentKey>,
    head: Option<DocumentKey>,
}

impl<'a, E: Send + 'a> Source<'a, E> {
    /// The keys of a domain, in parts.
    pub(super) fn new(
        domain: Domain,
        parts: impl Stream<Item = Result<Vec<DocumentKey>, E>> + Send + 'a,
    ) -> Self {
        Self { domain, parts: parts.fuse().boxed(), part: Vec::new().into_iter(), head: None }
    }

    /// The next key without taking it; `None` at the end.
    async fn peek(&mut self) -> Result<Option<&DocumentKey>, E> {
        while self.head.is_none() {
            self.head = self.part.next();
            if self.head.is_none() {
                match self.parts.next().await {
                    Some(part) => self.part = part?.into_iter(),
                    None => break,
                }
            }
        }
        Ok(self.head.as_ref())
    }

    /// Takes the entries of one document.
    async fn take(
        &mut self,
        wanted: Document<'_>,
        entries: &mut Vec<DomainEntry>,
    ) -> Result<(), E> {
        while self.peek().await?.is_some_and(|key| document(key) == wanted) {
            entries
                .push(DomainEntry { domain: self.domain.name().to_owned(), key: self.head.take() });
        }
        Ok(())
    }
}

/// What a merge found.
pub(super) struct Found<E> {
    /// The suspected duplicates, by organization, document number and amount.
    pub(super) duplicates: Vec<SuspectedDuplicate>,
    /// The domains that failed; what they had not told by then was left out.
    pub(super) failures: BTreeMap<Domain, E>,
}

/// The first `limit` documents that at least two domains hold.
pub(super) async fn merge<'a, E: Send + 'a>(
    mut sources: Vec<Source<'a, E>>,
    limit: usize,
) -> Found<E> {
    let mut found = Found { duplicates: Vec::new(), failures: BTreeMap::new() };
    // All at once: each may need its time for the first part.
    let ready = join_all(sources.iter_mut().map(async |source| source.peek().await.err())).await;
    for (source, error) in sources.iter().zip(ready) {
        found.failures.extend(error.map(|error| (source.domain, error)));
    }
    while found.duplicates.len() < limit {
        sources.retain(|source| !found.failures.contains_key(&source.domain));
        let mut heads: Vec<_> = sources.iter().filter_map(|source| source.head.as_ref()).collect();
        heads.sort_by_key(|key| document(key));
        // With one domain left, nothing can be in two.
        let [first, _, ..] = heads.as_slice() else {
            break;
        };
        let (organization, number) = (first.organization.clone(), first.document_no.clone());
        let wanted = (organization.as_str(), number.as_str(), first.amount_fen);
        let mut entries = Vec::new();
        for source in &mut sources {
            if let Err(error) = source.take(wanted, &mut entries).await {
                found.failures.insert(source.domain, error);
            }
        }
        found.duplicates.extend(suspected(wanted, entries));
    }
    found
}

/// The suspicion, if the entries are of two domains at least.
fn suspected(document: Document<'_>, entries: Vec<DomainEntry>) -> Option<SuspectedDuplicate> {
    let first = entries.first()?;
    entries.iter().any(|entry| entry.domain != first.domain).then(|| SuspectedDuplicate {
        organization: document.0.to_owned(),
        document_no: document.1.to_owned(),
        amount_fen: document.2,
        entries,
        in_baseline: false,
    })
}

#[cfg(test)]
mod tests;
