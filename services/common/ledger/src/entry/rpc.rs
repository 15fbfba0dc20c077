//! Posting, reversing and listing, on the wire.

use chrono::NaiveDate;
use futures::stream::{BoxStream, StreamExt, try_unfold};
use steward_chassis::fields::{ID_MALFORMED, ORGANIZATION_MALFORMED, REQUIRED};
use steward_chassis::page::PAGE_TOKEN_INVALID;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Fields, Page, Result, period, write};
use steward_db::Db;
use steward_kernel::{Fen, OrganizationCode};
use steward_proto::ledger::v1 as proto;

use super::actions::{self, Reversal};
use super::batch::all_or_nothing;
use super::post::{Draft, Outcome, post};
use super::wire::{self, Checks};
use super::{After, EntryId, Keyed, Listed};
use crate::Ledger;
use crate::catalogue::CATEGORY_UNKNOWN;
use crate::summary::rpc::view;

/// At most so many entries in a request, which is one transaction.
const MAX_ENTRIES: usize = 1000;
/// At most so many organizations to list entries of.
const MAX_LISTED_ORGANIZATIONS: usize = 100;
/// So many document keys in a part of the stream.
const KEYS_A_PART: i64 = 1000;

struct Batch {
    drafts: Vec<Draft>,
    partial: bool,
}

pub(crate) async fn post_entries(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::PostEntriesRequest,
) -> Result<proto::PostEntriesResponse> {
    let batch = batch(ledger, ctx, &request)?;
    let booked = ledger.hooks.booked;
    write(&ledger.db, ctx, &request, &batch, move |tx, ctx, batch| {
        Box::pin(async move {
            let (outcomes, _) = post(tx, ctx, &batch.drafts, booked).await?;
            if !batch.partial && !ctx.validate_only() {
                all_or_nothing("entries", outcomes.iter().map(Outcome::faults))?;
            }
            Ok(wire::post_response(&outcomes, ctx.validate_only()))
        })
    })
    .await
}

fn batch(ledger: &Ledger, ctx: &Ctx, request: &proto::PostEntriesRequest) -> Result<Batch> {
    let mut fields = Fields::new();
    if request.entries.is_empty() {
        fields.refuse("entries", &REQUIRED, "is required");
    }
    fields.at_most("entries", request.entries.len(), MAX_ENTRIES);
    fields.finish()?;
    let checks = Checks {
        catalogue: &ledger.catalogue,
        today: ctx.today(),
        accept_warnings: request.accept_warnings,
    };
    let drafts = request.entries.iter().map(|new| wire::draft(new, checks)).collect();
    Ok(Batch { drafts, partial: request.partial })
}

pub(crate) async fn reverse_entry(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::ReverseEntryRequest,
) -> Result<proto::ReverseEntryResponse> {
    let mut fields = Fields::new();
    let id = fields.parse::<EntryId>("entry_id", &request.entry_id, &ID_MALFORMED);
    let reason = fields.required_text("reason", &request.reason, 500);
    let input = fields.finish_with(id.map(|id| Reversal { id, reason }))?;
    let booked = ledger.hooks.booked;
    write(&ledger.db, ctx, &request, &input, move |tx, ctx, input| {
        Box::pin(async move {
            let reversal = Some(wire::entry(actions::reverse(tx, ctx, input, booked).await?));
            Ok(proto::ReverseEntryResponse { reversal })
        })
    })
    .await
}

/// The key that lists are sorted by, as page tokens carry it.
type Key = (NaiveDate, String);

pub(crate) async fn list_entries(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::ListEntriesRequest,
) -> Result<proto::ListEntriesResponse> {
    let (page, listed) = listed(ledger, &request)?;
    let mut tx = ledger.db.snapshot().await?;
    let entries = actions::list(&mut tx, ctx, &listed).await?;
    tx.rollback().await?;
    let key = |entry: &super::Entry| (entry.content.occurred_on, entry.id.to_string());
    let (entries, next_page_token) = page.cut(entries, key)?;
    let entries = entries.into_iter().map(wire::entry).collect();
    Ok(proto::ListEntriesResponse { entries, next_page_token })
}

fn listed(ledger: &Ledger, request: &proto::ListEntriesRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let same =
        proto::ListEntriesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page = Page::parse(&mut fields, request.page_size, &request.page_token, &same);
    let after = page.after.as_ref().and_then(|(day, id): &Key| Some((*day, id.parse().ok()?)));
    if page.after.is_some() && after.is_none() {
        fields.refuse("page_token", &PAGE_TOKEN_INVALID, "is not a token of this list");
    }
    fields.at_most("organizations", request.organizations.len(), MAX_LISTED_ORGANIZATIONS);
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    let organization = match request.organizations.as_slice() {
        [only] if request.regions.is_empty() => only.parse().ok(),
        _ => None,
    };
    let paid_by =
        fields.optional::<OrganizationCode>("paid_by", &request.paid_by, &ORGANIZATION_MALFORMED);
    if !request.category.is_empty() && ledger.catalogue.get(&request.category).is_none() {
        fields.refuse("category", &CATEGORY_UNKNOWN, "is not a category of this domain");
    }
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let listed = Listed {
        filter,
        organization,
        paid_by,
        category: text(&request.category),
        period: period::parse(&mut fields, "period", request.period.as_ref()),
        document_no: text(&fields.text("document_no", &request.document_no, 64)),
        live: request.live,
        after,
        limit: page.limit(),
    };
    fields.finish()?;
    Ok((page, listed))
}

/// A part of the stream of document keys.
type Part = Result<proto::ListDocumentKeysResponse>;

/// What the stream goes on with.
struct Walk {
    db: Db,
    ctx: Ctx,
    keyed: Keyed,
    after: Option<After>,
    over: bool,
}

pub(crate) async fn list_document_keys(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::ListDocumentKeysRequest,
) -> Result<BoxStream<'static, Part>> {
    let (keyed, after) = keyed(&request)?;
    let mut tx = ledger.db.snapshot().await?;
    actions::reach_keys(&mut tx, ctx, &keyed).await?;
    tx.rollback().await?;
    let (db, ctx) = (ledger.db.clone(), ctx.clone());
    let walk = Walk { db, ctx, keyed, after, over: false };
    Ok(try_unfold(walk, Walk::next).boxed())
}

fn keyed(request: &proto::ListDocumentKeysRequest) -> Result<(Keyed, Option<After>)> {
    let mut fields = Fields::new();
    let period = period::required(&mut fields, "period", request.period.as_ref());
    let view = view(&mut fields, request.view);
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    let after = request.after.as_ref().and_then(|key| after(&mut fields, key));
    let keyed = fields.finish_with(period.map(|period| Keyed { view, filter, period }))?;
    Ok((keyed, after))
}

fn after(fields: &mut Fields, key: &proto::DocumentKey) -> Option<After> {
    let organization = fields.parse::<OrganizationCode>(
        "after.organization",
        &key.organization,
        &ORGANIZATION_MALFORMED,
    );
    Some(After {
        document_no: fields.required_text("after.document_no", &key.document_no, 64),
        organization: organization?.to_string(),
        amount: Fen::new(key.amount_fen),
        id: None,
    })
}

impl Walk {
    /// The next part, read on its own: a slow reader holds no connection.
    async fn next(mut self) -> Result<Option<(proto::ListDocumentKeysResponse, Self)>> {
        if self.over {
            return Ok(None);
        }
        let mut tx = self.db.read().await?;
        let (ctx, after) = (&self.ctx, self.after.as_ref());
        let keys = actions::list_keys(&mut tx, ctx, &self.keyed, after, KEYS_A_PART).await?;
        drop(tx);
        let Some(last) = keys.last() else {
            return Ok(None);
        };
        self.over = i64::try_from(keys.len()).is_ok_and(|count| count < KEYS_A_PART);
        self.after = Some(After {
            organization: last.organization.clone(),
            document_no: last.document_no.clone(),
            amount: last.amount,
            id: Some(last.id),
        });
        let keys = keys.into_iter().map(wire::document_key).collect();
        Ok(Some((proto::ListDocumentKeysResponse { keys }, self)))
    }
}
