//! What a list of several services must be, to be merged.

use serde::Serialize;
use serde::de::DeserializeOwned;
use steward_chassis::backend::Backend;
use steward_proto::types::v1::Role;
use tonic::Status;
use uuid::Uuid;

use super::Malformed;
use crate::call::Call;

/// Items of one service in its order, and whether its list goes on behind them.
pub(super) type Items<T> = (Vec<T>, bool);

/// A list that several services have, with its filters.
pub(super) trait List: Sync {
    /// What is listed.
    type Item: prost::Message;
    /// Where an item stands in the list of its service. It goes into the token of the next page.
    type Place: Clone + Send + Serialize + DeserializeOwned;
    /// What the items of several services are merged by: it never falls along the list of one.
    type Rank: Ord + Send;

    /// Who may read it in a service.
    const ROLES: &'static [Role];

    /// Asks one service for at most `size` items behind a place; `None` = from the beginning.
    fn ask(
        &self,
        backend: Backend,
        call: &Call,
        after: Option<&Self::Place>,
        size: i32,
    ) -> impl Future<Output = Result<Items<Self::Item>, Status>> + Send;

    /// The place of an item next behind another.
    ///
    /// Errors: it cannot stand there. What came out of order could be lost, or come twice.
    fn place(
        &self,
        item: &Self::Item,
        before: Option<&Self::Place>,
    ) -> Result<Self::Place, Malformed>;

    /// The place before the first item of a list that begins with the newest: who gave nothing yet goes
    /// on there, so that what is added meanwhile does not come on a later page, out of order. `None`: it
    /// is added at the end, and begins where it begins.
    fn before(&self, first: &Self::Place) -> Option<Self::Place>;

    /// What an item in a place is merged by.
    fn rank(place: &Self::Place) -> Self::Rank;
}

/// The text of an id that is a place.
pub(super) fn text(id: Option<&u128>) -> String {
    id.map(|id| Uuid::from_u128(*id).to_string()).unwrap_or_default()
}

/// The place that an id is.
pub(super) fn id(text: &str) -> Result<u128, Malformed> {
    Uuid::parse_str(text).map(|id| id.as_u128()).map_err(|_| Malformed)
}
