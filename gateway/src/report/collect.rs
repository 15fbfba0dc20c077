//! Asks all domains at once, under one deadline, with the caller's token. What a domain says or does
//! not say by then never holds up or hides what the others say.

use std::collections::BTreeMap;

use futures::future::join_all;
use futures::stream::{self, TryStreamExt};
use steward_chassis::backend::Backend;
use steward_chassis::error::Error;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{
    DocumentKey, ListCategoriesRequest, ListDocumentKeysRequest, ListDocumentKeysResponse,
    SummarizeCostsRequest,
};
use tonic::{Code, Status, Streaming};

use super::duplicates::{Source, document};
use super::{Answer, Summary};
use crate::call::{Call, MAX_ANSWER_BYTES};
use crate::domain::Domain;
use crate::failure::failure;

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
