//! `steward import grants`: authorised numbers of vehicles (编制核定表) into fleet.
//!
//! An organization is granted a category once from a day on: the same again is a duplicate, another
//! number or document is refused. One that was revoked comes back only if that is accepted.

use std::collections::HashMap;
use std::future::Future;

use steward_proto::fleet::v1::{
    EstablishmentGrant, GrantAuthority, GrantEstablishmentRequest, ListGrantsRequest,
};
use steward_sheet::{Cell, Table, Value, Why};
use tonic::Status;

use super::calls::{Verdict, each, judged, once, patient, understood};
use super::cells::{Cells, document_no};
use super::columns::{AUTHORITIES, CATEGORIES, number};
use super::resolve::Known;

use super::{Options, Outcome};
use crate::client::{Client, new_request_id, pages};
use crate::failure::Result;

/// The most grants of a page.
const PAGE: i32 = 1_000;
/// The longest texts that fleet takes, in characters.
const DOCUMENT: usize = 100;
const NOTE: usize = 500;
const MOST_VEHICLES: i64 = 10_000;

/// What is granted once: whom, of what, from when on.
type Key = (String, i32, String);

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    grant: EstablishmentGrant,
    /// Whether it is a pool, if that is said.
    pool: Option<bool>,
}

/// Imports a file of grants.
pub(super) async fn grants(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let day = |place: usize| {
        table.cell(table.rows[place], "effective_from").date().ok().map(|day| day.to_string())
    };
    let known = Known::ask(client, table, &["organization"], day).await?;
    let mut outcome = Outcome::new(table, options);
    let items =
        understood(table, |cells| cells.grant(&known, options.accept_warnings), &mut outcome);
    let items = once(table, items, |it: &Said| key(&it.grant), "effective_from", &mut outcome);
    let there = there(client).await?;
    let ask = async |said: &Said, check: bool| {
        let there = there.get(&key(&said.grant)).map(Vec::as_slice).unwrap_or_default();
        match compared(said, there, options.accept_warnings) {
            Some(verdict) => Ok(verdict),
            None => verdict(client, options, &said.grant, check).await,
        }
    };
    each(table, items, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

fn key(it: &EstablishmentGrant) -> Key {
    (it.organization.clone(), it.category, it.effective_from.clone())
}

impl Cells<'_> {
    fn grant(&mut self, known: &Known, accept_warnings: bool) -> Option<Said> {
        let effective_from = self.read("effective_from", |cell| cell.date());
        let day = effective_from.map(|day| day.to_string()).unwrap_or_default();
        let organization =
            self.read("organization", |cell| known.code(cell, &day, accept_warnings));
        let category = self.read("category", |cell| cell.choice(&CATEGORIES));
        let authorised = self.read("authorised", vehicles);
        let document_no = self.read("document_no", |cell| document_no(cell, DOCUMENT));
        let document_on = self.optional("document_on", |cell| cell.date());
        let authority = self.optional("authority", |cell| cell.choice(&AUTHORITIES));
        let pool = self.optional("pool", |cell| cell.yes_or_no());
        let note = self.optional("note", |cell| cell.one_line(NOTE));
        let category = category?;
        let grant = EstablishmentGrant {
            organization: organization?,
            category: number(&CATEGORIES, category),
            authorised: authorised?,
            effective_from: effective_from?.to_string(),
            document_no: document_no?,
            document_on: document_on.map(|day| day.to_string()).unwrap_or_default(),
            authority: match authority {
                Some(code) => number(&AUTHORITIES, code),
                None => authority_of(category).into(),
            },
            pool: pool.unwrap_or_default(),
            note: note.unwrap_or_default(),
            ..EstablishmentGrant::default()
        };
        Some(Said { grant, pool })
    }
}

/// How many vehicles: `3`, `3辆`.
fn vehicles(cell: Cell<'_>) -> Result<i32, Why> {
    let bare = cell.plain();
    let bare = bare.strip_suffix('辆').map(Value::text);
    let value = bare.as_ref().unwrap_or(cell.value);
    let number = Cell { value, ..cell }.integer(0, MOST_VEHICLES)?;
    Ok(i32::try_from(number).unwrap_or(i32::MAX))
}

/// Who grants vehicles of a category, where the file does not say it.
fn authority_of(category: &str) -> GrantAuthority {
    match category {
        "enforcement" | "special" => GrantAuthority::Finance,
        _ => GrantAuthority::VehicleAuthority,
    }
}

/// What a row is to the grants from the same day on; `None` = it is new.
fn compared(said: &Said, there: &[EstablishmentGrant], accept_warnings: bool) -> Option<Verdict> {
    if let Some(counts) = there.iter().find(|it| it.revoke_time.is_none()) {
        return Some(if is_same(said, counts) {
            Verdict::There
        } else {
            Verdict::Refused(vec![("effective_from".to_owned(), otherwise(counts))])
        });
    }
    let revoked = there.iter().find(|it| !accept_warnings && is_same(said, it))?;
    let reason = &revoked.revoke_reason;
    let why = Why::new(
        format!("这项核定已撤销({reason});确需恢复请加 --accept-warnings"),
        format!("this grant was revoked ({reason}); bring it back with --accept-warnings"),
    );
    Some(Verdict::Refused(vec![("effective_from".to_owned(), why)]))
}

/// Whether a grant is what the row says; what the row leaves open differs in nothing.
fn is_same(said: &Said, there: &EstablishmentGrant) -> bool {
    let grant = &said.grant;
    let open = |said: &String, there: &String| said.is_empty() || said == there;
    grant.authorised == there.authorised
        && grant.document_no == there.document_no
        && grant.authority == there.authority
        && open(&grant.document_on, &there.document_on)
        && open(&grant.note, &there.note)
        && said.pool.is_none_or(|pool| pool == there.pool)
}

fn otherwise(there: &EstablishmentGrant) -> Why {
    let EstablishmentGrant { effective_from, authorised, document_no, .. } = there;
    Why::new(
        format!(
            "自{effective_from}起已核定{authorised}辆(文号{document_no}),与本行不同;调整编制请填新的生效日期,更正请先撤销原核定"
        ),
        format!(
            "from {effective_from} on {authorised} are granted already by {document_no}, otherwise than here; \
             a change has a first day of its own, a mistake is revoked first"
        ),
    )
}

/// All grants that the caller may see, also those that were revoked.
async fn there(client: &Client) -> Result<HashMap<Key, Vec<EstablishmentGrant>>> {
    let establishments = client.establishments();
    let grants = pages(async |page_token| {
        let request =
            ListGrantsRequest { page_size: PAGE, page_token, ..ListGrantsRequest::default() };
        let page = patient(&establishments, &request, async |mut service, request| {
            service.list_grants(request).await
        })
        .await?;
        Ok::<_, Status>((page.grants, page.next_page_token))
    });
    let mut there: HashMap<Key, Vec<EstablishmentGrant>> = HashMap::new();
    for grant in grants.await? {
        there.entry(key(&grant)).or_default().push(grant);
    }
    Ok(there)
}

async fn verdict(
    client: &Client,
    options: Options,
    grant: &EstablishmentGrant,
    validate_only: bool,
) -> Result<Verdict, Status> {
    let request = GrantEstablishmentRequest {
        request_id: new_request_id(),
        grant: Some(grant.clone()),
        accept_warnings: options.accept_warnings,
        validate_only,
    };
    let establishments = client.establishments();
    judged(&establishments, &request, column, async |mut service, request| {
        service.grant_establishment(request).await
    })
    .await
}

/// The column that a field of a grant comes from.
fn column(field: &str) -> &str {
    match field.strip_prefix("grant.").unwrap_or(field) {
        "grant" | "request_id" => "",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        let grant = EstablishmentGrant {
            authorised: 3,
            document_no: "宜车编〔2018〕1号".to_owned(),
            ..EstablishmentGrant::default()
        };
        Said { grant, pool: None }
    }

    #[test]
    fn numbers_may_say_what_they_count() {
        let read = |text: &str| {
            let value = Value::text(text);
            vehicles(Cell { value: &value, is_1904: false, power: 0 })
        };
        for text in ["3", "3辆", "３ 辆"] {
            assert_eq!(read(text), Ok(3), "{text}");
        }
        for text in ["-1", "1.5", "三", "10001", "辆"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_grant_that_counts_goes_before_a_revoked_one() {
        let time = Some(prost_types::Timestamp::default());
        let live = EstablishmentGrant { pool: true, note: "暂定".to_owned(), ..said().grant };
        let revoked = EstablishmentGrant { revoke_time: time, ..live.clone() };
        let both = [revoked.clone(), live.clone()];
        assert_eq!(compared(&said(), &[], false), None);
        assert_eq!(compared(&said(), &both, false), Some(Verdict::There));
        let pool = Said { pool: Some(false), ..said() };
        assert!(matches!(compared(&pool, &both, true), Some(Verdict::Refused(_))));
        // Entered wrongly once, it does not come back by itself; what was meant instead is new.
        let alone = [revoked];
        assert!(matches!(compared(&said(), &alone, false), Some(Verdict::Refused(_))));
        assert_eq!(compared(&said(), &alone, true), None);
        let mut other = said();
        other.grant.authorised = 4;
        assert_eq!(compared(&other, &alone, false), None);
        assert!(matches!(compared(&other, &[live], true), Some(Verdict::Refused(_))));
    }
}
