//! Asks all domains at once, under one deadline, with the caller's token. What a domain says or does
//! not say by then never holds up or hides what the others say.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, TryStreamExt};
use steward_chassis::backend::Backend;
use steward_chassis::ctx::Ctx;
use steward_chassis::error::{DEADLINE, Error};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{
    DocumentKey, ListCategoriesRequest, ListDocumentKeysRequest, ListDocumentKeysResponse,
    SummarizeCostsRequest,
};
use tokio::time::{Instant, timeout_at};
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Request, Status, Streaming};

use super::duplicates::{Source, document};
use super::{Answer, Failure, Summary};
use crate::domain::Domain;

/// The longest answer of a domain that is read, in bytes: some 300,000 rows.
pub(super) const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// At most so much of the caller's time is kept for putting the report together.
const MARGIN: Duration = Duration::from_millis(200);
/// At most this part of the caller's time is kept for it.
const MARGIN_PART: u32 = 10;

/// So much longer than the deadline a domain is let work on an answer.
const GRACE: Duration = Duration::from_millis(100);

/// In whose name the domains are asked, and until when.
#[derive(Debug, Clone)]
pub(super) struct Call {
    authorization: Option<AsciiMetadataValue>,
    deadline: Instant,
}

impl Call {
    /// For the caller of a request: with his token, until `limit` from now, and early enough to
    /// answer him before he stops waiting.
    pub(super) fn of<T>(request: &Request<T>, ctx: &Ctx, limit: Duration) -> Self {
        let now = Instant::now();
        let left = ctx.deadline().map(|deadline| deadline.saturating_duration_since(now));
        let left = left.map(|left| left.saturating_sub((left / MARGIN_PART).min(MARGIN)));
        Self {
            authorization: request.metadata().get("authorization").cloned(),
            deadline: now + left.map_or(limit, |left| left.min(limit)),
        }
    }

    /// The same with half of the time that is left.
    pub(super) fn half(&self) -> Self {
        let now = Instant::now();
        let left = self.deadline.saturating_duration_since(now);
        Self { deadline: now + left / 2, ..self.clone() }
    }

    /// A request to a service.
    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.authorization {
            request.metadata_mut().insert("authorization", token.clone());
        }
        // A little later than our own timer, which says more clearly what happened.
        let left = self.deadline.saturating_duration_since(Instant::now());
        request.set_timeout(left + GRACE);
        request
    }

    /// What a service answers before the deadline.
    pub(super) async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        timeout_at(self.deadline, answer).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

fn timed_out() -> Status {
    Error::new(&DEADLINE, "no answer in time").into()
}

fn client(backend: Backend) -> LedgerServiceClient<Backend> {
    LedgerServiceClient::new(backend).max_decoding_message_size(MAX_ANSWER_BYTES)
}

/// Asks every domain for its sums; with `categories`, for its catalogue too.
///
/// Errors: what a domain says of a request that it calls faulty; NOT_FOUND where no domain finds
/// what the request names.
pub(super) async fn costs(
    backends: &BTreeMap<Domain, Backend>,
    call: &Call,
    request: &SummarizeCostsRequest,
    categories: bool,
) -> Result<Vec<(Domain, Answer)>, Status> {
    let asked = backends.iter().map(async |(domain, backend)| {
        (*domain, summary(backend, call, request.clone(), categories).await)
    });
    sift(join_all(asked).await)
}

async fn summary(
    backend: &Backend,
    call: &Call,
    request: SummarizeCostsRequest,
    categories: bool,
) -> Result<Summary, Status> {
    let mut costs = client(backend.clone());
    let costs = call.answer(costs.summarize_costs(call.request(request)));
    let (costs, categories) = futures::join!(costs, names(backend, call, categories));
    let costs = costs?.into_inner();
    if costs.current.is_none() || costs.baseline.is_none() {
        return Err(Error::internal("the domain's answer lacks a period").into());
    }
    Ok(Summary { costs, categories })
}

/// The names of a domain's categories. Labels only: where they do not come, they are left empty.
async fn names(backend: &Backend, call: &Call, wanted: bool) -> BTreeMap<String, String> {
    if !wanted {
        return BTreeMap::new();
    }
    let mut catalogue = client(backend.clone());
    let answer = call.answer(catalogue.list_categories(call.request(ListCategoriesRequest {})));
    let categories = answer.await.map(|answer| answer.into_inner().categories).unwrap_or_default();
    categories.into_iter().map(|category| (category.code, category.name)).collect()
}

/// Sorts answers from failures.
fn sift(answers: Vec<(Domain, Result<Summary, Status>)>) -> Result<Vec<(Domain, Answer)>, Status> {
    let refused = |code: Code| {
        let mut refusals = answers.iter().filter_map(|(_, answer)| answer.as_ref().err());
        refusals.find(|status| status.code() == code).cloned()
    };
    if let Some(faulty) = refused(Code::InvalidArgument) {
        return Err(faulty);
    }
    if let Some(not_found) = refused(Code::NotFound)
        && answers.iter().all(|(_, answer)| answer.is_err())
    {
        return Err(not_found);
    }
    let kept = |(domain, answer): (Domain, Result<Summary, Status>)| {
        (domain, answer.map_err(|status| failure(domain.name(), &status)))
    };
    Ok(answers.into_iter().map(kept).collect())
}

/// Why the part of a domain, or of the directory, is missing.
pub(super) fn failure(service: &str, status: &Status) -> Failure {
    tracing::warn!(service, code = ?status.code(), message = status.message(), "no part");
    match status.code() {
        // A named region or organization that the caller may not see there.
        Code::NotFound | Code::PermissionDenied | Code::Unauthenticated => {
            Failure::PermissionDenied
        }
        // The client's own timer says that it cancelled.
        Code::DeadlineExceeded | Code::Cancelled => Failure::DeadlineExceeded,
        // A connection that breaks is `Unknown`.
        Code::Unavailable | Code::ResourceExhausted | Code::Aborted | Code::Unknown => {
            Failure::Unavailable
        }
        _ => Failure::Internal,
    }
}

/// The document keys of every domain, for merging. Each is asked when it is first read.
pub(super) fn document_keys<'a>(
    backends: &BTreeMap<Domain, Backend>,
    call: &'a Call,
    request: &ListDocumentKeysRequest,
) -> Vec<Source<'a, Status>> {
    let source = |(domain, backend): (&Domain, &Backend)| {
        Source::new(*domain, keys(backend.clone(), call, request.clone()))
    };
    backends.iter().map(source).collect()
}

fn keys(
    backend: Backend,
    call: &Call,
    request: ListDocumentKeysRequest,
) -> impl futures::Stream<Item = Result<Vec<DocumentKey>, Status>> + Send {
    let opened = async move {
        let mut ledger = client(backend);
        let parts = call.answer(ledger.list_document_keys(call.request(request))).await?;
        let next = move |(mut parts, last): (Streaming<ListDocumentKeysResponse>, _)| async move {
            let Some(part) = call.answer(parts.message()).await? else {
                return Ok(None);
            };
            let last = in_order(last, &part.keys)?;
            Ok::<_, Status>(Some((part.keys, (parts, last))))
        };
        Ok::<_, Status>(stream::try_unfold((parts.into_inner(), None), next))
    };
    stream::once(opened).try_flatten()
}

/// Refuses keys out of order: a merge would miss duplicates. The last key, for the next part.
fn in_order(
    last: Option<DocumentKey>,
    keys: &[DocumentKey],
) -> Result<Option<DocumentKey>, Status> {
    let goes_on = match (&last, keys.first()) {
        (Some(last), Some(first)) => document(last) <= document(first),
        _ => true,
    };
    if goes_on && keys.is_sorted_by_key(document) {
        return Ok(keys.last().cloned().or(last));
    }
    Err(Error::internal("the domain's document keys are out of order").into())
}
