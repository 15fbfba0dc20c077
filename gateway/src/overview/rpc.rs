//! The RPCs of `steward.report.v1.OverviewService`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use steward_chassis::backend::Backend;
use steward_chassis::ctx::Ctx;
use steward_chassis::error;
use steward_chassis::fields::Fields;
use steward_chassis::page::Page;
use steward_proto::report::v1::overview_service_server::OverviewService;
use steward_proto::report::v1::{
    DomainEvent, DomainFinding, DomainTask, ListAllEventsRequest, ListAllEventsResponse,
    ListAllFindingsRequest, ListAllFindingsResponse, ListAllTasksRequest, ListAllTasksResponse,
};
use tonic::{Request, Response, Status};

use super::cursor::{self, Cursor, same};
use super::events::Events;
use super::findings::Findings;
use super::list::List;
use super::tasks::Tasks;
use super::walk::{self, Asked, Given, Service};
use crate::call::Call;
use crate::domain::Domain;
use crate::report::ReportConfig;

/// The directory's name; it has an audit trail, too.
const DIRECTORY: &str = "directory";

/// Answers `OverviewService` from what the services say.
#[derive(Debug)]
pub struct Overview {
    domains: Vec<Service>,
    /// The domains and the directory.
    all: Vec<Service>,
    limit: Duration,
}

impl Overview {
    /// Lists over these domains and, of audit events, this directory. They have as long to answer as for
    /// a report.
    pub fn new(
        domains: &BTreeMap<Domain, Backend>,
        directory: Backend,
        config: &ReportConfig,
    ) -> Self {
        let named = |(domain, backend): (&Domain, &Backend)| (domain.name(), backend.clone());
        let domains: Vec<_> = domains.iter().map(named).collect();
        let mut all = domains.clone();
        all.push((DIRECTORY, directory));
        all.sort_by_key(|(name, _)| *name);
        Self { domains, all, limit: Duration::from_millis(config.limit_ms) }
    }

    /// The page of a list of services that a request asks for.
    async fn page<Q, L: List>(
        &self,
        services: &[Service],
        request: &Request<Q>,
        asked: Asked<L>,
    ) -> Result<Given<L::Item>, Status> {
        let ctx = Ctx::of(request)?;
        let call = Call::of(request, &ctx, self.limit);
        walk::page(services, &ctx, &call, asked).await
    }
}

/// Checks which page of a list of services is asked for: its size and token.
fn read<P: Serialize + DeserializeOwned>(
    page: (i32, &str),
    same: &Vec<u8>,
    services: &[Service],
) -> error::Result<Page<Cursor<P>>> {
    let mut fields = Fields::new();
    let names: Vec<_> = services.iter().map(|(name, _)| *name).collect();
    let page = cursor::read(&mut fields, page, same, &names);
    fields.finish()?;
    Ok(page)
}

#[tonic::async_trait]
impl OverviewService for Overview {
    async fn list_all_findings(
        &self,
        request: Request<ListAllFindingsRequest>,
    ) -> Result<Response<ListAllFindingsResponse>, Status> {
        let asked = request.get_ref();
        let filter = ListAllFindingsRequest {
            page_size: 0,
            page_token: String::new(),
            require_complete: false,
            ..asked.clone()
        };
        let page = read((asked.page_size, &asked.page_token), &same(&filter), &self.domains)?;
        let require_complete = asked.require_complete;
        let asked = Asked { list: Findings::of(filter), page, require_complete };
        let given = self.page(&self.domains, &request, asked).await?;
        let finding = |(domain, finding): (&str, _)| DomainFinding {
            domain: domain.to_owned(),
            finding: Some(finding),
        };
        Ok(Response::new(ListAllFindingsResponse {
            findings: given.items.into_iter().map(finding).collect(),
            next_page_token: given.next_page_token,
            parts: given.parts,
            complete: given.complete,
        }))
    }

    async fn list_all_tasks(
        &self,
        request: Request<ListAllTasksRequest>,
    ) -> Result<Response<ListAllTasksResponse>, Status> {
        let asked = request.get_ref();
        // Each has a list of his own.
        let same = format!("tasks of {}", Ctx::of(&request)?.subject()).into_bytes();
        let page = read((asked.page_size, &asked.page_token), &same, &self.domains)?;
        let asked = Asked { list: Tasks, page, require_complete: asked.require_complete };
        let given = self.page(&self.domains, &request, asked).await?;
        let task =
            |(domain, task): (&str, _)| DomainTask { domain: domain.to_owned(), task: Some(task) };
        Ok(Response::new(ListAllTasksResponse {
            tasks: given.items.into_iter().map(task).collect(),
            next_page_token: given.next_page_token,
            parts: given.parts,
            complete: given.complete,
        }))
    }

    async fn list_all_events(
        &self,
        request: Request<ListAllEventsRequest>,
    ) -> Result<Response<ListAllEventsResponse>, Status> {
        let asked = request.get_ref();
        let filter = ListAllEventsRequest {
            page_size: 0,
            page_token: String::new(),
            require_complete: false,
            ..asked.clone()
        };
        let page = read((asked.page_size, &asked.page_token), &same(&filter), &self.all)?;
        let require_complete = asked.require_complete;
        let asked = Asked { list: Events::of(filter), page, require_complete };
        let given = self.page(&self.all, &request, asked).await?;
        let event = |(domain, event): (&str, _)| DomainEvent {
            domain: domain.to_owned(),
            event: Some(event),
        };
        Ok(Response::new(ListAllEventsResponse {
            events: given.items.into_iter().map(event).collect(),
            next_page_token: given.next_page_token,
            parts: given.parts,
            complete: given.complete,
        }))
    }
}
