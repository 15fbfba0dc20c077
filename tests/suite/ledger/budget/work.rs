//! What nouns of a domain do with budgets and entries, one transaction each, as their requests would.

use std::sync::Arc;

use chrono::NaiveDate;
use steward_chassis::identity::Identity;
use steward_chassis::scope::Scope;
use steward_chassis::{Ctx, Error, Result, write};
use steward_db::{Db, Tx};
use steward_kernel::{Clock as _, Fen, RegionPattern};
use steward_ledger::budget::{self, Claim};
use steward_ledger::entry::{Content, EntryId};
use steward_proto::ledger::v1::{SetBudgetRequest, SetBudgetResponse};
use steward_tests::TestDb;
use steward_tests::service::test_clock;
use uuid::Uuid;

use super::{bureau, request_id};

/// What a noun does.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Reserve(Claim),
    Change(Claim),
    Commit(Uuid),
    Release(Uuid),
    Post(Vec<Content>),
    Reverse(EntryId),
}

/// A caller.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) scope: Scope,
    pub(super) accept_warnings: bool,
}

/// Who may do everything and is warned of nothing.
pub(super) fn anybody() -> Caller {
    Caller { scope: Scope::of(RegionPattern::All), accept_warnings: true }
}

impl Caller {
    /// Does it, and tells the ids of what is posted.
    pub(super) async fn act(&self, db: &Db, act: Act) -> Result<Vec<EntryId>> {
        let now = test_clock().now();
        let ctx = Ctx::new(Arc::new(Identity::local()), self.scope.clone(), "/test", now);
        // Any mutation carries what a request says of itself.
        let request = SetBudgetRequest {
            request_id: request_id(),
            accept_warnings: self.accept_warnings,
            ..SetBudgetRequest::default()
        };
        let answer = write(db, &ctx, &request, &act, |tx, ctx, act| {
            Box::pin(async move {
                let ids = done(tx, ctx, act).await?;
                let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
                let told = steward_proto::ledger::v1::Budget {
                    document_no: ids.join(" "),
                    ..Default::default()
                };
                Ok(SetBudgetResponse { budget: Some(told) })
            })
        });
        let ids = answer.await?.budget.unwrap_or_default().document_no;
        ids.split_whitespace().map(|id| id.parse().map_err(Error::internal)).collect()
    }

    pub(super) async fn reason(&self, db: &Db, act: Act) -> &'static str {
        self.act(db, act).await.unwrap_err().reason().code
    }
}

async fn done(tx: &mut Tx, ctx: &Ctx, act: &Act) -> Result<Vec<EntryId>> {
    match act {
        Act::Reserve(claim) => budget::reserve(tx, ctx, claim).await?,
        Act::Change(claim) => budget::change(tx, ctx, claim).await?,
        Act::Commit(reference) => budget::commit(tx, *reference).await?,
        Act::Release(reference) => budget::release(tx, *reference).await?,
        Act::Post(contents) => {
            let entries = steward_ledger::post_all(tx, ctx, contents.clone()).await?;
            return Ok(entries.iter().map(|entry| entry.id).collect());
        }
        Act::Reverse(id) => {
            return Ok(vec![steward_ledger::reverse_entry(tx, ctx, *id, "错账").await?.id]);
        }
    }
    Ok(Vec::new())
}

/// Does it as anybody; must succeed.
pub(super) async fn act(db: &TestDb, act: Act) -> Vec<EntryId> {
    anybody().act(db.db(), act).await.unwrap()
}

/// Claims of the bureau's budget for fuel.
pub(super) fn claim(reference: Uuid, fen: i64) -> Claim {
    Claim {
        reference,
        paid_by: bureau().parse().unwrap(),
        fiscal_year: 2017,
        category: "fuel".to_owned(),
        amount: Fen::new(fen),
        override_reason: String::new(),
    }
}

/// Fuel that the bureau paid, by an approval.
pub(super) fn paid(reference: Uuid, fen: i64, document_no: &str) -> Content {
    let bureau: steward_kernel::OrganizationCode = bureau().parse().unwrap();
    Content {
        organization: bureau.clone(),
        paid_by: bureau,
        category: "fuel".to_owned(),
        occurred_on: NaiveDate::from_ymd_opt(2017, 5, 4).unwrap(),
        service: None,
        amount: Fen::new(fen),
        quantity: None,
        document_no: document_no.to_owned(),
        document_line: 1,
        fund_source: String::new(),
        expenditure_kind: 0,
        source_resource: String::new(),
        approval_reference: reference.to_string(),
        memo: String::new(),
    }
}

/// Holds what is reserved and committed of every budget against the claims, and what is paid of these
/// against the entries.
pub(super) async fn check(db: &TestDb) {
    let mut tx = db.db().snapshot().await.unwrap();
    let claims: Vec<ClaimRow> = tx.sql("SELECT * FROM ledger_commitment").all().await.unwrap();
    let budgets: Vec<(String, i64, String, i64, i64)> = tx
        .sql("SELECT organization, fiscal_year, category, reserved_fen, committed_fen FROM ledger_budget")
        .all()
        .await
        .unwrap();
    for (organization, year, category, reserved, committed) in budgets {
        let of = |claim: &&ClaimRow| {
            claim.organization == organization
                && claim.fiscal_year == year
                && claim.category == category
        };
        let sum = |state| {
            let there = claims.iter().filter(of).filter(|claim| claim.state == state);
            there.map(|claim| (claim.amount_fen - claim.paid_fen).max(0)).sum::<i64>()
        };
        assert_eq!((reserved, committed), (sum("reserved"), sum("committed")), "{category}");
    }
    for claim in claims.iter().filter(|claim| claim.state != "released") {
        let sum = "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM ledger_entry \
                   WHERE approval_reference = $1 AND paid_by = $2 AND category = $3 \
                   AND occurred_on >= $4 AND occurred_on < $5";
        let first = |year| NaiveDate::from_ymd_opt(i32::try_from(year).unwrap(), 1, 1).unwrap();
        let sum = tx.sql(sum).bind(claim.reference.to_string());
        let sum = sum.bind(claim.organization.clone()).bind(claim.category.clone());
        let sum = sum.bind(first(claim.fiscal_year)).bind(first(claim.fiscal_year + 1));
        assert_eq!(sum.one::<(i64,)>().await.unwrap().0, claim.paid_fen);
    }
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    reference: Uuid,
    organization: String,
    fiscal_year: i64,
    category: String,
    amount_fen: i64,
    paid_fen: i64,
    state: String,
}
