//! `RuleService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::finding::v1 as proto;
use steward_proto::finding::v1::rule_service_server::RuleService;

use super::{actions, wire};

rpcs! {
    RuleService {
        list_rules(proto::ListRulesRequest) -> proto::ListRulesResponse;
        get_rule(proto::GetRuleRequest) -> proto::GetRuleResponse;
        set_rule(proto::SetRuleRequest) -> proto::SetRuleResponse;
        end_rule(proto::EndRuleRequest) -> proto::EndRuleResponse;
    }
}

async fn list_rules(
    db: &Db,
    _ctx: &Ctx,
    request: proto::ListRulesRequest,
) -> Result<proto::ListRulesResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.read().await?;
    let rules = actions::list(&mut tx, &listed).await?;
    wire::page(&page, rules)
}

async fn get_rule(
    db: &Db,
    _ctx: &Ctx,
    request: proto::GetRuleRequest,
) -> Result<proto::GetRuleResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let rule = Some((&actions::get(&mut tx, id).await?).into());
    Ok(proto::GetRuleResponse { rule })
}

async fn set_rule(
    db: &Db,
    ctx: &Ctx,
    request: proto::SetRuleRequest,
) -> Result<proto::SetRuleResponse> {
    let set = wire::set(ctx, &request)?;
    write(db, ctx, &request, &set, |tx, ctx, set| {
        Box::pin(async move {
            let rule = Some((&actions::set(tx, ctx, set).await?).into());
            Ok(proto::SetRuleResponse { rule })
        })
    })
    .await
}

async fn end_rule(
    db: &Db,
    ctx: &Ctx,
    request: proto::EndRuleRequest,
) -> Result<proto::EndRuleResponse> {
    let end = wire::end(&request)?;
    write(db, ctx, &request, &end, |tx, ctx, end| {
        Box::pin(async move {
            let rule = Some((&actions::end(tx, ctx, end).await?).into());
            Ok(proto::EndRuleResponse { rule })
        })
    })
    .await
}
