//! A ledger that says what the test tells it to say.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::{self, Stream, StreamExt};
use steward_chassis::backend::Backend;
use steward_proto::ledger::v1::ledger_service_server::{LedgerService, LedgerServiceServer};
use steward_proto::ledger::v1::{
    Category, CloseMonthRequest, CloseMonthResponse, Coverage, DeclareReporterRequest,
    DeclareReporterResponse, DeclareZeroRequest, DeclareZeroResponse, DocumentKey,
    ListBudgetsRequest, ListBudgetsResponse, ListCategoriesRequest, ListCategoriesResponse,
    ListDocumentKeysRequest, ListDocumentKeysResponse, ListEntriesRequest, ListEntriesResponse,
    PeriodCost, PostEntriesRequest, PostEntriesResponse, ReverseEntryRequest, ReverseEntryResponse,
    SetBudgetRequest, SetBudgetResponse, SummarizeCostsRequest, SummarizeCostsResponse,
};
use tokio::sync::Barrier;
use tonic::metadata::MetadataMap;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};

type Result<T> = std::result::Result<Response<T>, Status>;

/// What was asked of a ledger, with the metadata it came with.
pub(super) type Asked = Arc<Mutex<Vec<(SummarizeCostsRequest, MetadataMap)>>>;

/// How a ledger answers when it is asked for sums.
#[derive(Debug, Clone)]
pub(super) enum Mood {
    /// With these sums.
    Answers(Box<SummarizeCostsResponse>),
    /// With a refusal.
    Refuses(Code, &'static str),
    /// Never.
    Silent,
}

/// The ledger.
#[derive(Debug, Clone)]
pub(super) struct FakeLedger {
    pub(super) mood: Mood,
    pub(super) categories: Vec<Category>,
    /// The document keys of 2013 in parts; after them the stream ends, or hangs.
    pub(super) keys: Vec<Vec<DocumentKey>>,
    /// Those of the years before.
    pub(super) baseline_keys: Vec<Vec<DocumentKey>>,
    pub(super) keys_hang: bool,
    /// Whom to wait for before answering.
    pub(super) together: Option<Arc<Barrier>>,
    pub(super) asked: Asked,
    /// How long it takes to answer.
    pub(super) late: Duration,
}

impl FakeLedger {
    pub(super) fn new(mood: Mood) -> Self {
        Self {
            mood,
            categories: Vec::new(),
            keys: Vec::new(),
            baseline_keys: Vec::new(),
            keys_hang: false,
            together: None,
            asked: Asked::default(),
            late: Duration::ZERO,
        }
    }

    /// Sums of running expenditure, everybody declared having reported.
    pub(super) fn paying(current: i64, baseline: i64) -> Self {
        let cost =
            |running_fen| PeriodCost { running_fen, entry_count: 1, ..PeriodCost::default() };
        let covered = Coverage {
            declared: true,
            expected_count: 6,
            reported_count: 6,
            ..Coverage::default()
        };
        Self::new(Mood::Answers(Box::new(SummarizeCostsResponse {
            current: Some(cost(current)),
            baseline: Some(cost(baseline)),
            current_coverage: Some(covered.clone()),
            baseline_coverage: Some(covered),
            counted_regions: vec!["420502".to_owned()],
            revision: "7".to_owned(),
            ..SummarizeCostsResponse::default()
        })))
    }

    pub(super) fn with_category(code: &str) -> Self {
        let mut ledger = Self::paying(0, 0);
        ledger.categories = vec![Category {
            code: code.to_owned(),
            name: "名称".to_owned(),
            ..Category::default()
        }];
        ledger
    }

    /// It as a service of this process.
    pub(super) fn backend(self) -> Backend {
        Backend::Local(Routes::new(LedgerServiceServer::new(self)))
    }
}

/// The report calls none of the other methods.
fn never_asked() -> Status {
    Status::with_details(Code::Unimplemented, "", bytes::Bytes::new())
}

#[tonic::async_trait]
impl LedgerService for FakeLedger {
    type ListDocumentKeysStream =
        Pin<Box<dyn Stream<Item = std::result::Result<ListDocumentKeysResponse, Status>> + Send>>;

    async fn summarize_costs(
        &self,
        request: Request<SummarizeCostsRequest>,
    ) -> Result<SummarizeCostsResponse> {
        let metadata = request.metadata().clone();
        self.asked.lock().unwrap().push((request.into_inner(), metadata));
        if let Some(together) = &self.together {
            together.wait().await;
        }
        tokio::time::sleep(self.late).await;
        match &self.mood {
            Mood::Answers(answer) => Ok(Response::new(SummarizeCostsResponse::clone(answer))),
            Mood::Refuses(code, message) => {
                Err(Status::with_details(*code, *message, bytes::Bytes::new()))
            }
            Mood::Silent => std::future::pending().await,
        }
    }

    async fn list_categories(
        &self,
        _: Request<ListCategoriesRequest>,
    ) -> Result<ListCategoriesResponse> {
        Ok(Response::new(ListCategoriesResponse { categories: self.categories.clone() }))
    }

    async fn list_document_keys(
        &self,
        request: Request<ListDocumentKeysRequest>,
    ) -> Result<Self::ListDocumentKeysStream> {
        if let Mood::Refuses(code, message) = &self.mood {
            return Err(Status::with_details(*code, *message, bytes::Bytes::new()));
        }
        let ListDocumentKeysRequest { period, after, .. } = request.into_inner();
        let before = period.is_some_and(|period| period.from_month.as_str() < "2013");
        let keys = if before { &self.baseline_keys } else { &self.keys };
        let document =
            |key: &DocumentKey| (key.organization.clone(), key.document_no.clone(), key.amount_fen);
        let after = after.as_ref().map(document);
        let parts = keys.clone().into_iter().map(move |mut keys| {
            keys.retain(|key| after.as_ref().is_none_or(|after| document(key) > *after));
            Ok(ListDocumentKeysResponse { keys })
        });
        let parts = stream::iter(parts);
        Ok(Response::new(if self.keys_hang {
            parts.chain(stream::pending()).boxed()
        } else {
            parts.boxed()
        }))
    }

    async fn post_entries(&self, _: Request<PostEntriesRequest>) -> Result<PostEntriesResponse> {
        Err(never_asked())
    }

    async fn reverse_entry(&self, _: Request<ReverseEntryRequest>) -> Result<ReverseEntryResponse> {
        Err(never_asked())
    }

    async fn list_entries(&self, _: Request<ListEntriesRequest>) -> Result<ListEntriesResponse> {
        Err(never_asked())
    }

    async fn declare_reporter(
        &self,
        _: Request<DeclareReporterRequest>,
    ) -> Result<DeclareReporterResponse> {
        Err(never_asked())
    }

    async fn declare_zero(&self, _: Request<DeclareZeroRequest>) -> Result<DeclareZeroResponse> {
        Err(never_asked())
    }

    async fn close_month(&self, _: Request<CloseMonthRequest>) -> Result<CloseMonthResponse> {
        Err(never_asked())
    }

    async fn set_budget(&self, _: Request<SetBudgetRequest>) -> Result<SetBudgetResponse> {
        Err(never_asked())
    }

    async fn list_budgets(&self, _: Request<ListBudgetsRequest>) -> Result<ListBudgetsResponse> {
        Err(never_asked())
    }
}
