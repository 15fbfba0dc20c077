//! `FindingService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::{Db, Tx};
use steward_proto::finding::v1 as proto;
use steward_proto::finding::v1::finding_service_server::FindingService;

use super::wire::Asked;
use super::{Act, Step, actions, wire};

rpcs! {
    FindingService {
        open_finding(proto::OpenFindingRequest) -> proto::OpenFindingResponse;
        get_finding(proto::GetFindingRequest) -> proto::GetFindingResponse;
        list_findings(proto::ListFindingsRequest) -> proto::ListFindingsResponse;
        summarize_findings(proto::SummarizeFindingsRequest) -> proto::SummarizeFindingsResponse;
        notify_findings(proto::NotifyFindingsRequest) -> proto::NotifyFindingsResponse;
        start_rectification(proto::StartRectificationRequest) -> proto::StartRectificationResponse;
        submit_rectification(proto::SubmitRectificationRequest) -> proto::SubmitRectificationResponse;
        close_finding(proto::CloseFindingRequest) -> proto::CloseFindingResponse;
        return_finding(proto::ReturnFindingRequest) -> proto::ReturnFindingResponse;
        dismiss_finding(proto::DismissFindingRequest) -> proto::DismissFindingResponse;
    }
}

async fn open_finding(
    db: &Db,
    ctx: &Ctx,
    request: proto::OpenFindingRequest,
) -> Result<proto::OpenFindingResponse> {
    let new = wire::new(ctx, &request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let finding = actions::open(tx, ctx, new).await?;
            let finding = Some(wire::finding(&finding, ctx.today()));
            Ok(proto::OpenFindingResponse { finding })
        })
    })
    .await
}

async fn get_finding(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetFindingRequest,
) -> Result<proto::GetFindingResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.snapshot().await?;
    let (finding, events) = actions::get(&mut tx, ctx, id).await?;
    tx.rollback().await?;
    let events = events.iter().map(Into::into).collect();
    Ok(proto::GetFindingResponse { finding: Some(wire::finding(&finding, ctx.today())), events })
}

async fn list_findings(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListFindingsRequest,
) -> Result<proto::ListFindingsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let findings = actions::list(&mut tx, ctx, &listed).await?;
    tx.rollback().await?;
    wire::page(ctx, &page, findings)
}

async fn summarize_findings(
    db: &Db,
    ctx: &Ctx,
    request: proto::SummarizeFindingsRequest,
) -> Result<proto::SummarizeFindingsResponse> {
    let counted = wire::counted(&request)?;
    let mut tx = db.snapshot().await?;
    let (counts, limited) = actions::count(&mut tx, ctx, &counted).await?;
    tx.rollback().await?;
    Ok(wire::counts(ctx, &counts, limited))
}

async fn notify_findings(
    db: &Db,
    ctx: &Ctx,
    request: proto::NotifyFindingsRequest,
) -> Result<proto::NotifyFindingsResponse> {
    let steps = wire::notify(ctx, &request)?;
    write(db, ctx, &request, &steps, |tx, ctx, steps| {
        Box::pin(async move {
            let findings = actions::notify(tx, ctx, steps).await?;
            let findings = findings.iter().map(|it| wire::finding(it, ctx.today())).collect();
            Ok(proto::NotifyFindingsResponse { findings })
        })
    })
    .await
}

/// Does one thing with one finding.
async fn act(tx: &mut Tx, ctx: &Ctx, step: &Step) -> Result<Option<proto::Finding>> {
    let finding = actions::act(tx, ctx, step).await?;
    Ok(Some(wire::finding(&finding, ctx.today())))
}

async fn start_rectification(
    db: &Db,
    ctx: &Ctx,
    request: proto::StartRectificationRequest,
) -> Result<proto::StartRectificationResponse> {
    let asked = Asked {
        act: Act::Start,
        id: &request.id,
        etag: &request.etag,
        text: &request.text,
        proofs: &[],
        deadline_on: None,
    };
    let step = wire::step(ctx, &asked)?;
    write(db, ctx, &request, &step, |tx, ctx, step| {
        Box::pin(async move {
            Ok(proto::StartRectificationResponse { finding: act(tx, ctx, step).await? })
        })
    })
    .await
}

async fn submit_rectification(
    db: &Db,
    ctx: &Ctx,
    request: proto::SubmitRectificationRequest,
) -> Result<proto::SubmitRectificationResponse> {
    let asked = Asked {
        act: Act::Submit,
        id: &request.id,
        etag: &request.etag,
        text: &request.text,
        proofs: &request.proofs,
        deadline_on: None,
    };
    let step = wire::step(ctx, &asked)?;
    write(db, ctx, &request, &step, |tx, ctx, step| {
        Box::pin(async move {
            Ok(proto::SubmitRectificationResponse { finding: act(tx, ctx, step).await? })
        })
    })
    .await
}

async fn close_finding(
    db: &Db,
    ctx: &Ctx,
    request: proto::CloseFindingRequest,
) -> Result<proto::CloseFindingResponse> {
    let asked = Asked {
        act: Act::Close,
        id: &request.id,
        etag: &request.etag,
        text: &request.text,
        proofs: &[],
        deadline_on: None,
    };
    let step = wire::step(ctx, &asked)?;
    write(db, ctx, &request, &step, |tx, ctx, step| {
        Box::pin(
            async move { Ok(proto::CloseFindingResponse { finding: act(tx, ctx, step).await? }) },
        )
    })
    .await
}

async fn return_finding(
    db: &Db,
    ctx: &Ctx,
    request: proto::ReturnFindingRequest,
) -> Result<proto::ReturnFindingResponse> {
    let asked = Asked {
        act: Act::Return,
        id: &request.id,
        etag: &request.etag,
        text: &request.text,
        proofs: &[],
        deadline_on: Some(&request.deadline_on),
    };
    let step = wire::step(ctx, &asked)?;
    write(db, ctx, &request, &step, |tx, ctx, step| {
        Box::pin(
            async move { Ok(proto::ReturnFindingResponse { finding: act(tx, ctx, step).await? }) },
        )
    })
    .await
}

async fn dismiss_finding(
    db: &Db,
    ctx: &Ctx,
    request: proto::DismissFindingRequest,
) -> Result<proto::DismissFindingResponse> {
    let asked = Asked {
        act: Act::Dismiss,
        id: &request.id,
        etag: &request.etag,
        text: &request.text,
        proofs: &[],
        deadline_on: None,
    };
    let step = wire::step(ctx, &asked)?;
    write(db, ctx, &request, &step, |tx, ctx, step| {
        Box::pin(
            async move { Ok(proto::DismissFindingResponse { finding: act(tx, ctx, step).await? }) },
        )
    })
    .await
}
