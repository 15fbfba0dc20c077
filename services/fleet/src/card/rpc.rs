//! `CardService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::card_service_server::CardService;

use super::{actions, wire};

rpcs! {
    CardService {
        create_card(proto::CreateCardRequest) -> proto::CreateCardResponse;
        get_card(proto::GetCardRequest) -> proto::GetCardResponse;
        list_cards(proto::ListCardsRequest) -> proto::ListCardsResponse;
        update_card(proto::UpdateCardRequest) -> proto::UpdateCardResponse;
    }
}

async fn create_card(
    db: &Db,
    ctx: &Ctx,
    request: proto::CreateCardRequest,
) -> Result<proto::CreateCardResponse> {
    let new = wire::new(&request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let card = Some((&actions::create(tx, ctx, new).await?).into());
            Ok(proto::CreateCardResponse { card })
        })
    })
    .await
}

async fn get_card(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetCardRequest,
) -> Result<proto::GetCardResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let card = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetCardResponse { card })
}

async fn list_cards(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListCardsRequest,
) -> Result<proto::ListCardsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let cards = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, cards)
}

async fn update_card(
    db: &Db,
    ctx: &Ctx,
    request: proto::UpdateCardRequest,
) -> Result<proto::UpdateCardResponse> {
    let change = wire::change(ctx, &request)?;
    write(db, ctx, &request, &change, |tx, ctx, change| {
        Box::pin(async move {
            let card = Some((&actions::update(tx, ctx, change).await?).into());
            Ok(proto::UpdateCardResponse { card })
        })
    })
    .await
}
