//! The routes that come with a service.

use futures::FutureExt;
use serde::Deserialize;
use steward_chassis::{Ctx, Error, Result, write_by_service};
use steward_db::{Db, Tx};
use steward_kernel::Fen;

use super::{Key, Route, Set, Step, actions, store};

/// What the audit trail names as the method.
pub(crate) const METHOD: &str = "approval.load_routes";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    route: Vec<Shipped>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    kind: String,
    #[serde(default)]
    category: String,
    region: String,
    #[serde(default)]
    amount_from_fen: i64,
    /// `["section:2", "finance:3"]`
    steps: Vec<String>,
    #[serde(default)]
    note: String,
}

impl TryFrom<Shipped> for Set {
    type Error = Error;

    fn try_from(shipped: Shipped) -> Result<Self> {
        let steps = shipped.steps.iter().map(|text| text.parse::<Step>());
        let steps = steps.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
        if steps.is_empty() || steps.iter().any(|step| step.working_days == 0) {
            return Err(Error::internal(format!("the route of {} has no steps", shipped.kind)));
        }
        let key = Key {
            kind: shipped.kind,
            category: shipped.category,
            region: shipped.region.parse().map_err(Error::internal)?,
            amount_from: Fen::new(shipped.amount_from_fen),
        };
        Ok(Self { key, steps, note: shipped.note, version: None })
    }
}

/// Reads a `routes.toml`.
pub(crate) fn parse(text: &str) -> Result<Vec<Set>> {
    let file: File = toml::from_str(text).map_err(Error::internal)?;
    file.route.into_iter().map(Set::try_from).collect()
}

/// Loads shipped routes where there is none, or one that nobody has changed and that said something
/// else. Several replicas may do so at once, and again.
pub(crate) async fn load(db: &Db, ctx: &Ctx, shipped: &[Set]) -> Result<()> {
    // Most starts find all of them: no reason to wait for the writer.
    if missing(&mut db.snapshot().await?, shipped).await?.is_empty() {
        return Ok(());
    }
    let shipped = shipped.to_vec();
    write_by_service(db, ctx, move |tx, ctx| {
        let shipped = shipped.clone();
        async move {
            for (there, set) in missing(tx, &shipped).await? {
                actions::put(tx, ctx, there, &set, true).await?;
            }
            Ok(())
        }
        .boxed()
    })
    .await
}

/// The routes to be put, each with the one in whose place.
async fn missing(tx: &mut Tx, shipped: &[Set]) -> Result<Vec<(Option<Route>, Set)>> {
    let mut missing = Vec::new();
    for set in shipped {
        let there = store::at(tx, &set.key).await?;
        let stays = there.as_ref().is_some_and(|route| {
            !route.shipped || (&route.steps, &route.note) == (&set.steps, &set.note)
        });
        if !stays {
            missing.push((there, set.clone()));
        }
    }
    Ok(missing)
}
