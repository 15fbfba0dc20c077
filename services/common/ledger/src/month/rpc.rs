//! Closing a month, on the wire.

use steward_chassis::fields::{MONTH_MALFORMED, REGION_MALFORMED};
use steward_chassis::{Ctx, Fields, Result, time, write};
use steward_kernel::{Month, RegionCode};
use steward_proto::ledger::v1 as proto;

use super::Close;
use super::actions::{self, Input};
use crate::Ledger;

pub(crate) async fn close(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::CloseMonthRequest,
) -> Result<proto::CloseMonthResponse> {
    let input = input(&request)?;
    write(&ledger.db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let close = actions::close(tx, ctx, input).await?;
            Ok(proto::CloseMonthResponse { close: Some(answer(close)) })
        })
    })
    .await
}

fn input(request: &proto::CloseMonthRequest) -> Result<Input> {
    let mut fields = Fields::new();
    let region = fields.parse::<RegionCode>("region", &request.region, &REGION_MALFORMED);
    let month = fields.parse::<Month>("month", &request.month, &MONTH_MALFORMED);
    fields.finish_with(region.zip(month).map(|(region, month)| Input { region, month }))
}

fn answer(close: Close) -> proto::MonthClose {
    proto::MonthClose {
        region: close.region.to_string(),
        month: close.month.to_string(),
        close_time: Some(time::to_proto(close.close_time)),
        closed_by: close.closed_by,
    }
}
