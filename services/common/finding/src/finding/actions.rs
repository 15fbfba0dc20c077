//! What can be done with findings.

use steward_chassis::error::{ETAG_STALE, NOT_FOUND};
use steward_chassis::fields::REGION_UNKNOWN;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{self, SCOPE_DENIED};
use steward_chassis::{Ctx, Error, Fields, Result, audit, follow};
use steward_db::Tx;
use steward_kernel::{Named as _, OrganizationCode, RegionCode, yichang};

use super::{
    Act, Count, Counted, Done, EventKind, FINDING_OWN, FINDING_STATE, FINDING_THERE, Finding,
    FindingId, Listed, New, Place, STILL_OBSERVED, State, Step, store, wire,
};

/// Opens a finding by hand.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `REGION_UNKNOWN`, `SCOPE_DENIED`, `FINDING_THERE`.
pub(super) async fn open(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Finding> {
    let (organization, region) = place(tx, ctx, &new.place).await?;
    let itself = match &organization {
        Some(organization) => format!("organizations/{organization}"),
        None => format!("regions/{region}"),
    };
    let resource = if new.resource.is_empty() { itself } else { new.resource.clone() };
    let finding = Finding {
        id: FindingId::new(ctx.now()),
        code: new.code.clone(),
        rule: None,
        rule_version: 0,
        violation: new.violation.clone(),
        legal_basis: new.legal_basis.clone(),
        resource,
        occasion: new.occasion.clone(),
        organization,
        region,
        detail: new.detail.clone(),
        observed: new.observed,
        limit: new.limit,
        unit: new.unit.to_owned(),
        since: new.since,
        state: State::Open,
        resolution: None,
        deadline: None,
        cleared_time: None,
        circular_no: String::new(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    if store::is_live(tx, &finding).await? {
        let message = format!("{} has a finding {} that is not closed", finding.resource, new.code);
        return Err(Error::new(&FINDING_THERE, message));
    }
    store::insert(tx, std::slice::from_ref(&finding)).await?;
    let opened = done(ctx, &finding, EventKind::Opened, new.detail.clone());
    store::insert_events(tx, &[opened]).await?;
    audit::record(tx, ctx, wire::event(ctx, None, &finding)?).await?;
    Ok(finding)
}

async fn place(
    tx: &mut Tx,
    ctx: &Ctx,
    place: &Place,
) -> Result<(Option<OrganizationCode>, RegionCode)> {
    let region = match place {
        Place::Organization(organization) => {
            let region = scope::admit_one(tx, ctx, organization).await?;
            return Ok((Some(organization.clone()), region));
        }
        Place::Region(region) => region,
    };
    if !ctx.scope().covers_region(region) {
        let message = format!("region {region} lies outside the grants");
        return Err(Error::new(&SCOPE_DENIED, message));
    }
    let is_known = yichang::region_name(region.as_str()).is_some()
        || follow::has_region(tx, region).await?
        || scope::store::is_used(tx, region).await?;
    if !is_known {
        return Err(Error::new(&REGION_UNKNOWN, format!("the city has no region {region}")));
    }
    Ok((None, region.clone()))
}

/// The finding with what was done about it, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: FindingId) -> Result<(Finding, Vec<Done>)> {
    let finding = find(tx, ctx, id).await?;
    let events = store::events(tx, id).await?;
    Ok((finding, events))
}

async fn find(tx: &mut Tx, ctx: &Ctx, id: FindingId) -> Result<Finding> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("finding", id))
}

/// Findings within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Finding>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed, ctx.today()).await
}

/// Counts of the findings within the caller's scope, and whether that is narrower than what he asked.
pub(super) async fn count(tx: &mut Tx, ctx: &Ctx, counted: &Counted) -> Result<(Vec<Count>, bool)> {
    let limited = counted.filter.limited(tx, ctx.scope()).await?;
    Ok((store::count(tx, ctx.scope(), counted, ctx.today()).await?, limited))
}

/// The findings of a resource of an organization that are not closed.
pub(super) async fn open_for(
    tx: &mut Tx,
    resource: &str,
    organization: &OrganizationCode,
) -> Result<Vec<Finding>> {
    store::open_for(tx, resource, organization).await
}

/// Does one thing with one finding.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `FINDING_STATE`, `FINDING_OWN`; as a warning
/// `STILL_OBSERVED`.
pub(super) async fn act(tx: &mut Tx, ctx: &Ctx, step: &Step) -> Result<Finding> {
    let old = ready(tx, ctx, step).await?;
    if step.act == Act::Close {
        check_close(tx, ctx, &old).await?;
    }
    go(tx, ctx, &old, step).await
}

/// Notifies of many findings, or of none.
///
/// Errors: as those of [`act`], by item.
pub(super) async fn notify(tx: &mut Tx, ctx: &Ctx, steps: &[Step]) -> Result<Vec<Finding>> {
    let mut fields = Fields::new();
    let mut ready_ones = Vec::with_capacity(steps.len());
    for (i, step) in steps.iter().enumerate() {
        match ready(tx, ctx, step).await {
            Ok(old) => ready_ones.push((i, old)),
            Err(error) => {
                let told = [&NOT_FOUND, &SCOPE_DENIED, &ETAG_STALE, &FINDING_STATE];
                if !told.contains(&error.reason()) {
                    return Err(error);
                }
                fields.refuse(&format!("findings[{i}]"), error.reason(), error.message());
            }
        }
    }
    fields.finish()?;
    // As observations hold them.
    ready_ones.sort_by_key(|(_, it)| (it.code.clone(), it.resource.clone(), it.occasion.clone()));
    let mut notified = Vec::with_capacity(steps.len());
    for (i, old) in ready_ones {
        notified.push((i, go(tx, ctx, &old, &steps[i]).await?));
    }
    notified.sort_by_key(|(i, _)| *i);
    Ok(notified.into_iter().map(|(_, finding)| finding).collect())
}

/// The finding as it is before a step that the caller may take.
async fn ready(tx: &mut Tx, ctx: &Ctx, step: &Step) -> Result<Finding> {
    let old = own(tx, ctx, step).await?;
    if old.version != step.version {
        return Err(stale("finding"));
    }
    if step.act.from(old.state).is_none() {
        let message = format!("finding {} is {}", old.id, old.state.text());
        return Err(Error::new(&FINDING_STATE, message));
    }
    Ok(old)
}

/// The finding, if the caller may do this with it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
async fn own(tx: &mut Tx, ctx: &Ctx, step: &Step) -> Result<Finding> {
    let denied =
        || Error::new(&SCOPE_DENIED, format!("finding {} lies outside the grants", step.id));
    match find(tx, ctx, step.id).await {
        Ok(finding) if step.act.needs_region() && !ctx.scope().covers_region(&finding.region) => {
            Err(denied())
        }
        Ok(finding) => Ok(finding),
        Err(error) => {
            let seen = store::find(tx, &ctx.sight(), step.id).await?;
            Err(if seen.is_some() { denied() } else { error })
        }
    }
}

/// Nobody closes what he submitted himself, nor, without knowing it, what is broken still.
async fn check_close(tx: &mut Tx, ctx: &Ctx, finding: &Finding) -> Result<()> {
    let events = store::events(tx, finding.id).await?;
    let own = |done: &Done| done.kind == EventKind::Submitted && done.subject == ctx.subject();
    if events.iter().any(own) {
        let message = format!("the caller submitted the rectification of {}", finding.id);
        return Err(Error::new(&FINDING_OWN, message));
    }
    let mut fields = Fields::new();
    if finding.is_observed() {
        let message = "its rule still sees it broken";
        fields.warn(ctx.accept_warnings(), "id", &STILL_OBSERVED, message);
    }
    fields.finish()
}

async fn go(tx: &mut Tx, ctx: &Ctx, old: &Finding, step: &Step) -> Result<Finding> {
    let state = step.act.from(old.state).unwrap_or(old.state);
    let mut new = Finding {
        state,
        resolution: step.act.resolution(),
        deadline: step.deadline.or(old.deadline),
        update_time: ctx.now(),
        version: old.version + 1,
        ..old.clone()
    };
    if step.act == Act::Notify {
        new.circular_no.clone_from(&step.circular_no);
    }
    // The condition stands in the statement: of two at once one wins.
    if !store::update(tx, &new).await? {
        return Err(stale("finding"));
    }
    let (proofs, deadline) = (step.proofs.clone(), step.deadline);
    let done = done(ctx, &new, step.act.kind(), step.text.clone());
    store::insert_events(tx, &[Done { proofs, deadline, ..done }]).await?;
    audit::record(tx, ctx, wire::event(ctx, Some(old), &new)?).await?;
    Ok(new)
}

pub(super) fn done(ctx: &Ctx, finding: &Finding, kind: EventKind, text: String) -> Done {
    Done {
        finding: finding.id,
        version: finding.version,
        time: ctx.now(),
        subject: ctx.subject().to_owned(),
        kind,
        text,
        proofs: Vec::new(),
        deadline: None,
    }
}
