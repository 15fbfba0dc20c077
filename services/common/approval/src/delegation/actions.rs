//! What can be done with delegations.

use chrono::NaiveDate;
use steward_chassis::fields::PERIOD_MALFORMED;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::Scope;
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
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
    audit::record(tx, ctx, wire::event(None, &delegation)?).await?;
    Ok(delegation)
}

/// Ends a delegation whose version is still the one that was read. Who gave it may, and who is security
/// administrator where its principal holds something: to oversee is not to end.
///
/// Errors: `NOT_FOUND`, `DELEGATION_OF_OTHER`, `ETAG_STALE`, `PERIOD_MALFORMED`.
pub(super) async fn end(tx: &mut Tx, ctx: &Ctx, end: &End) -> Result<Delegation> {
    let found = find(tx, (ctx.subject(), &overseen(ctx)), end.id).await?;
    let old = found.ok_or_else(|| not_found("delegation", end.id))?;
    let secured = ctx.reach(&[Role::SecurityAdmin]);
    if old.principal != ctx.subject() && find(tx, ("", &secured), end.id).await?.is_none() {
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
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// The delegation, if it may be seen by somebody who oversees a scope.
async fn find(
    tx: &mut Tx,
    (subject, scope): (&str, &Scope),
    id: DelegationId,
) -> Result<Option<Delegation>> {
    let patterns = officeholder::actions::visible(tx, scope).await?;
    store::find(tx, &Sight { subject, scope, patterns: &patterns }, id).await
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
    let sight = Sight { subject: ctx.subject(), scope: &scope, patterns: &patterns };
    store::list(tx, &sight, listed).await
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
