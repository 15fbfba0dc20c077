//! Findings: listed by id, the newest first.

use std::cmp::Reverse;

use steward_chassis::backend::Backend;
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{Finding, ListFindingsRequest};
use steward_proto::report::v1::ListAllFindingsRequest;
use steward_proto::types::v1::Role;
use tonic::Status;

use super::Malformed;
use super::list::{Items, List, id, text};
use crate::call::{Call, MAX_ANSWER_BYTES};

/// The findings that these filters let through.
#[derive(Debug)]
pub(super) struct Findings(ListFindingsRequest);

impl Findings {
    /// The filters of a request; the domains check them.
    pub(super) fn of(request: ListAllFindingsRequest) -> Self {
        Self(ListFindingsRequest {
            regions: request.regions,
            organizations: request.organizations,
            states: request.states,
            code: request.code,
            violation: request.violation,
            resource: request.resource,
            overdue: request.overdue,
            ..ListFindingsRequest::default()
        })
    }
}

impl List for Findings {
    type Item = Finding;
    type Place = u128;
    type Rank = Reverse<u128>;

    const ROLES: &'static [Role] = &[Role::Viewer, Role::Operator, Role::Manager, Role::Auditor];

    async fn ask(
        &self,
        backend: Backend,
        call: &Call,
        after: Option<&u128>,
        page_size: i32,
    ) -> Result<Items<Finding>, Status> {
        let mut client =
            FindingServiceClient::new(backend).max_decoding_message_size(MAX_ANSWER_BYTES);
        let request = ListFindingsRequest { page_size, after_id: text(after), ..self.0.clone() };
        let answer = call.answer(client.list_findings(call.request(request))).await?.into_inner();
        Ok((answer.findings, !answer.next_page_token.is_empty()))
    }

    fn place(&self, item: &Finding, before: Option<&u128>) -> Result<u128, Malformed> {
        let place = id(&item.id)?;
        if before.is_some_and(|before| place >= *before) {
            return Err(Malformed);
        }
        Ok(place)
    }

    fn before(&self, first: &u128) -> Option<u128> {
        first.checked_add(1)
    }

    fn rank(place: &u128) -> Reverse<u128> {
        Reverse(*place)
    }
}
