//! Closes on the wire.

use steward_chassis::audit::Event;
use steward_chassis::{Result, time};
use steward_proto::ledger::v1 as proto;

use super::Close;

pub(super) fn answer(close: &Close) -> proto::MonthClose {
    proto::MonthClose {
        region: close.region.to_string(),
        month: close.month.to_string(),
        close_time: Some(time::to_proto(close.close_time)),
        closed_by: close.closed_by.clone(),
    }
}

pub(super) fn event(close: &Close) -> Result<Event> {
    let id = format!("{}/{}", close.region, close.month);
    Event::new("month_close", id).in_region(&close.region).after(&answer(close))
}
