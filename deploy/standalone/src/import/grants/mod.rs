//! `steward import grants`: authorised numbers of vehicles (编制核定表) into fleet.
//!
//! A row is of one category, or has a column for each and so several grants, and then it is posted or
//! refused as one. An organization is granted a category once from a day on: the same again is a duplicate,
//! another number or document is refused. One that was revoked comes back only if that is accepted.

mod row;

use std::collections::{BTreeSet, HashMap};
use std::future::Future;

use steward_proto::fleet::v1::{EstablishmentGrant, GrantEstablishmentRequest, ListGrantsRequest};
use steward_sheet::{Table, Why};
use tonic::Status;

use super::calls::{Item, Verdict, judged, once, patient, understood};
use super::each::each;
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::{Client, new_request_id, pages};
use crate::failure::Result;

use row::Said;

/// The most grants of a page.
const PAGE: i32 = 1_000;

/// What is granted once: whom, of what, from when on.
type Key = (String, i32, String);

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
    let rows =
        understood(table, |cells| cells.grants(&known, options.accept_warnings), &mut outcome);
    let rows = each_once(table, rows, &mut outcome);
    let there = there(client).await?;
    let ask = async |row: &Vec<Said>, check: bool| {
        let mut verdicts = Vec::new();
        for said in row {
            let there = there.get(&key(&said.grant)).map(Vec::as_slice).unwrap_or_default();
            verdicts.push(match compared(said, there, options.accept_warnings) {
                Some(verdict) => verdict,
                None => verdict(client, options, said, check).await?,
            });
        }
        Ok(as_one(verdicts))
    };
    each(table, rows, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

/// The rows of which something stands alone, or first: [`once`], grant by grant. A row that is refused for
/// one of its grants is refused for all.
fn each_once(
    table: &Table,
    rows: Vec<Item<Vec<Said>>>,
    outcome: &mut Outcome,
) -> Vec<Item<Vec<Said>>> {
    let grants = rows.into_iter().flat_map(|row| {
        let line = row.line;
        row.said.into_iter().map(move |said| Item { line, said })
    });
    let grants = once(table, grants.collect(), |it| key(&it.grant), Said::place, outcome);
    let refused: BTreeSet<_> = outcome.refused.iter().map(|fault| fault.line).collect();
    let mut rows: Vec<Item<Vec<Said>>> = Vec::new();
    for Item { line, said } in grants.into_iter().filter(|it| !refused.contains(&it.line)) {
        match rows.last_mut().filter(|row| row.line == line) {
            Some(row) => row.said.push(said),
            None => rows.push(Item { line, said: vec![said] }),
        }
    }
    // A row repeats others only if nothing of it is left.
    let left: BTreeSet<_> = rows.iter().map(|row| row.line).collect();
    outcome.duplicates.retain(|it| !left.contains(&it.line) && !refused.contains(&it.line));
    outcome.duplicates.dedup_by_key(|it| it.line);
    rows
}

/// What the server says of a row, by what it says of its grants.
fn as_one(verdicts: Vec<Verdict>) -> Verdict {
    let is_there = verdicts.iter().all(|it| *it == Verdict::There);
    let faults = verdicts.into_iter().filter_map(|it| match it {
        Verdict::Refused(faults) => Some(faults),
        Verdict::New | Verdict::There => None,
    });
    match faults.flatten().collect::<Vec<_>>() {
        faults if !faults.is_empty() => Verdict::Refused(faults),
        _ if is_there => Verdict::There,
        _ => Verdict::New,
    }
}

fn key(it: &EstablishmentGrant) -> Key {
    (it.organization.clone(), it.category, it.effective_from.clone())
}

/// What a row is to the grants from the same day on; `None` = it is new.
fn compared(said: &Said, there: &[EstablishmentGrant], accept_warnings: bool) -> Option<Verdict> {
    if let Some(counts) = there.iter().find(|it| it.revoke_time.is_none()) {
        return Some(if is_same(said, counts) {
            Verdict::There
        } else {
            Verdict::Refused(vec![(said.place().to_owned(), otherwise(counts))])
        });
    }
    let revoked = there.iter().find(|it| !accept_warnings && is_same(said, it))?;
    let reason = &revoked.revoke_reason;
    let why = Why::new(
        format!("这项核定已撤销({reason});确需恢复请加 --accept-warnings"),
        format!("this grant was revoked ({reason}); bring it back with --accept-warnings"),
    );
    Some(Verdict::Refused(vec![(said.place().to_owned(), why)]))
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
    said: &Said,
    validate_only: bool,
) -> Result<Verdict, Status> {
    let request = GrantEstablishmentRequest {
        request_id: new_request_id(),
        grant: Some(said.grant.clone()),
        accept_warnings: options.accept_warnings,
        validate_only,
    };
    let establishments = client.establishments();
    judged(
        &establishments,
        &request,
        |field| said.column_of(field),
        async |mut service, request| service.grant_establishment(request).await,
    )
    .await
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
        Said { grant, pool: None, column: None }
    }

    #[test]
    fn a_row_is_refused_there_or_new_as_one() {
        let refused =
            |column: &str| Verdict::Refused(vec![(column.to_owned(), Why::new("不行", "no"))]);
        let both = || {
            vec![
                ("emergency".to_owned(), Why::new("不行", "no")),
                ("other".to_owned(), Why::new("不行", "no")),
            ]
        };
        for (verdicts, expected) in [
            (vec![Verdict::There, Verdict::There], Verdict::There),
            (vec![Verdict::There, Verdict::New], Verdict::New),
            (vec![Verdict::New, refused("other"), Verdict::There], refused("other")),
            (vec![refused("emergency"), refused("other")], Verdict::Refused(both())),
        ] {
            assert_eq!(as_one(verdicts), expected);
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
