//! Closing a month, on the wire.

use steward_chassis::fields::{MONTH_MALFORMED, REGION_MALFORMED};
use steward_chassis::{Ctx, Fields, Result, write};
use steward_kernel::{Month, RegionCode};
use steward_proto::ledger::v1 as proto;

use super::actions::{self, Input};
use super::wire;
use crate::Ledger;

pub(crate) async fn close_month(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::CloseMonthRequest,
) -> Result<proto::CloseMonthResponse> {
    let input = input(&request)?;
    write(&ledger.db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let close = actions::close(tx, ctx, input).await?;
            Ok(proto::CloseMonthResponse { close: Some(wire::answer(&close)) })
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
