//! What can be done with delegations.

use chrono::NaiveDate;
use steward_chassis::fields::PERIOD_MALFORMED;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::Scope;
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::RegionPattern;
use steward_proto::types::v1::Role;

use super::store::Sight;
use super::{
    DELEGATE_SELF, DELEGATION_OF_OTHER, Delegation, DelegationId, End, Listed, New, store, wire,
};
use crate::officeholder;
use crate::position::refuse_security_admin;

/// Has another decide in the caller's name. Who assigns positions decides by nobody either.
///
/// Errors: `DELEGATE_SELF`, `SECURITY_ADMIN_DECIDES`.
pub(super) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Delegation> {
    refuse_security_admin(ctx)?;
    let mut fields = Fields::new();
    if new.delegate == ctx.subject() {
        fields.refuse("delegation.delegate", &DELEGATE_SELF, "is the caller himself");
    }
    fields.finish()?;
    let delegation = Delegation {
        id: DelegationId::new(ctx.now()),
        principal: ctx.subject().to_owned(),
        delegate: new.delegate.clone(),
        positions: new.positions.clone(),
        from: new.from,
        until: new.until,
        reason: new.reason.clone(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    store::insert(tx, &delegation).await?;
    told(tx, ctx, None, delegation).await
}

/// Ends a delegation whose version is still the one that was read. Who gave it may, and who is security
/// administrator wherever its principal holds something today: to oversee is not to end.
///
/// Errors: `NOT_FOUND`, `DELEGATION_OF_OTHER`, `ETAG_STALE`, `PERIOD_MALFORMED`.
pub(super) async fn end(tx: &mut Tx, ctx: &Ctx, end: &End) -> Result<Delegation> {
    let found = find(tx, ctx, end.id).await?;
    let old = found.ok_or_else(|| not_found("delegation", end.id))?;
    if old.principal != ctx.subject() && !secured(tx, ctx, &old.principal).await? {
        let message = format!("delegation {} is another's", end.id);
        return Err(Error::new(&DELEGATION_OF_OTHER, message));
    }
    if old.version != end.version {
        return Err(stale("delegation"));
    }
    let until = end.until.unwrap_or_else(|| ctx.today().clamp(old.from, old.until));
    if until == old.until {
        return Ok(old);
    }
    within(ctx, &old, until)?;
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Delegation { until, update_time, version, ..old.clone() };
    if !store::end(tx, &new).await? {
        return Err(stale("delegation"));
    }
    told(tx, ctx, Some(&old), new).await
}

/// Tells the audit trail of a change: where the principal holds something today.
async fn told(
    tx: &mut Tx,
    ctx: &Ctx,
    old: Option<&Delegation>,
    new: Delegation,
) -> Result<Delegation> {
    let places = officeholder::actions::places_of(tx, &new.principal, ctx.today()).await?;
    audit::record(tx, ctx, wire::event(old, &new, &places)?).await?;
    Ok(new)
}

/// Whether the caller is security administrator of all that somebody holds today. Of a part is not enough:
/// everybody can enter anybody at an organization of his own.
async fn secured(tx: &mut Tx, ctx: &Ctx, principal: &str) -> Result<bool> {
    let scope = ctx.reach(&[Role::SecurityAdmin]);
    let places = officeholder::actions::places_of(tx, principal, ctx.today()).await?;
    let within = |(code, pattern): &(Option<_>, _)| {
        scope.covers_pattern(pattern) || code.as_ref().is_some_and(|it| scope.names(it))
    };
    Ok(!places.is_empty() && places.iter().all(within))
}

/// The delegation, if the caller may see it.
async fn find(tx: &mut Tx, ctx: &Ctx, id: DelegationId) -> Result<Option<Delegation>> {
    let scope = overseen(ctx);
    let patterns = officeholder::actions::visible(tx, &scope).await?;
    store::find(tx, &sight(ctx, &scope, &patterns), id).await
}

fn sight<'a>(ctx: &'a Ctx, scope: &'a Scope, patterns: &'a [RegionPattern]) -> Sight<'a> {
    Sight { subject: ctx.subject(), scope, patterns, today: ctx.today() }
}

/// A delegation ends within its time, and not on a day that has passed: what was decided by it then stays
/// decided by right.
fn within(ctx: &Ctx, old: &Delegation, until: NaiveDate) -> Result<()> {
    let mut fields = Fields::new();
    let first = old.from.max(ctx.today());
    if until < first || until > old.until {
        let message = format!("does not lie between {first} and {}", old.until);
        fields.refuse("until_date", &PERIOD_MALFORMED, message);
    }
    fields.finish()
}

/// Delegations that the caller may see.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Delegation>> {
    let scope = overseen(ctx);
    let patterns = officeholder::actions::visible(tx, &scope).await?;
    store::list(tx, &sight(ctx, &scope, &patterns), listed).await
}

/// Where the caller oversees what others delegate: nowhere, for who only enters data.
fn overseen(ctx: &Ctx) -> Scope {
    ctx.reach(&[Role::Manager, Role::Auditor, Role::SecurityAdmin])
}

/// What was delegated to somebody on a day.
pub(crate) async fn given_to(
    tx: &mut Tx,
    delegate: &str,
    day: NaiveDate,
) -> Result<Vec<Delegation>> {
    store::given_to(tx, delegate, day).await
}
