//! What waits for the caller: listed by the id of the request, the oldest first.

use steward_chassis::backend::Backend;
use steward_proto::approval::v1::approval_service_client::ApprovalServiceClient;
use steward_proto::approval::v1::{ListTasksRequest, Task};
use steward_proto::types::v1::Role;
use tonic::Status;

use super::Malformed;
use super::list::{Items, List, id, text};
use crate::call::{Call, MAX_ANSWER_BYTES};

/// What waits for who asks.
#[derive(Debug)]
pub(super) struct Tasks;

impl List for Tasks {
    type Item = Task;
    type Place = u128;
    type Rank = u128;

    const ROLES: &'static [Role] = &[Role::Operator, Role::Manager];

    async fn ask(
        &self,
        backend: Backend,
        call: &Call,
        after: Option<&u128>,
        page_size: i32,
    ) -> Result<Items<Task>, Status> {
        let mut client =
            ApprovalServiceClient::new(backend).max_decoding_message_size(MAX_ANSWER_BYTES);
        let after_id = text(after);
        let request = ListTasksRequest { page_size, after_id, ..ListTasksRequest::default() };
        let answer = call.answer(client.list_tasks(call.request(request))).await?.into_inner();
        Ok((answer.tasks, !answer.next_page_token.is_empty()))
    }

    fn place(&self, item: &Task, before: Option<&u128>) -> Result<u128, Malformed> {
        let place = id(&item.approval.as_ref().ok_or(Malformed)?.id)?;
        if before.is_some_and(|before| place <= *before) {
            return Err(Malformed);
        }
        Ok(place)
    }

    fn before(&self, _: &u128) -> Option<u128> {
        None
    }

    fn rank(place: &u128) -> u128 {
        *place
    }
}
