//! Declarations, on the wire.

use steward_chassis::fields::{MONTH_MALFORMED, PERIOD_MALFORMED};
use steward_chassis::{Ctx, Fields, Result, write};
use steward_kernel::Month;
use steward_proto::ledger::v1 as proto;

use super::actions::{self, ZeroInput};
use super::{Reporter, wire};
use crate::Ledger;

pub(crate) async fn declare_reporter(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::DeclareReporterRequest,
) -> Result<proto::DeclareReporterResponse> {
    let input = reporter(&request)?;
    write(&ledger.db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let reporter = actions::declare_reporter(tx, ctx, input).await?;
            Ok(proto::DeclareReporterResponse { reporter: Some(wire::reporter(&reporter)) })
        })
    })
    .await
}

fn reporter(request: &proto::DeclareReporterRequest) -> Result<Reporter> {
    let mut fields = Fields::new();
    let accept = request.accept_warnings;
    let organization = fields.organization("organization", &request.organization, accept);
    let from = fields.parse::<Month>("from_month", &request.from_month, &MONTH_MALFORMED);
    let until = fields.optional::<Month>("until_month", &request.until_month, &MONTH_MALFORMED);
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        fields.refuse("until_month", &PERIOD_MALFORMED, "is before from_month");
    }
    let reporter =
        organization.zip(from).map(|(organization, from)| Reporter { organization, from, until });
    fields.finish_with(reporter)
}

pub(crate) async fn declare_zero(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::DeclareZeroRequest,
) -> Result<proto::DeclareZeroResponse> {
    let input = zero(&request)?;
    write(&ledger.db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let zero = actions::declare_zero(tx, ctx, input).await?;
            Ok(proto::DeclareZeroResponse { zero: Some(wire::zero(&zero)) })
        })
    })
    .await
}

fn zero(request: &proto::DeclareZeroRequest) -> Result<ZeroInput> {
    let mut fields = Fields::new();
    let accept = request.accept_warnings;
    let organization = fields.organization("organization", &request.organization, accept);
    let month = fields.parse::<Month>("month", &request.month, &MONTH_MALFORMED);
    let input = organization.zip(month);
    fields.finish_with(input.map(|(organization, month)| ZeroInput { organization, month }))
}
