//! Finding what texts mean.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::scope::Scope;
use steward_chassis::{Error, Result};
use steward_db::Db;

use super::{Meaning, Query, decide, store};

/// What each text means, in their order. Only organizations within the scope are found.
pub(crate) async fn resolve(db: &Db, scope: &Scope, query: &Query) -> Result<Vec<Meaning>> {
    let keys: BTreeSet<&str> = query.keys.iter().map(String::as_str).collect();
    let mut tx = db.snapshot().await?;
    let hits = store::hits(&mut tx, scope, &keys).await?;
    let unknown: Vec<String> =
        keys.iter().filter(|key| !hits.contains_key(**key)).map(ToString::to_string).collect();
    let mut meanings: BTreeMap<String, Meaning> = BTreeMap::new();
    if unknown.iter().any(|key| !key.is_empty()) {
        let names = store::names(&mut tx, scope).await?;
        drop(tx);
        // A thousand texts keep a processor busy for a while.
        let compared = tokio::task::spawn_blocking(move || {
            let likely = |key: String| {
                let likely = names.likely(&key);
                (key, Meaning::Unclear(likely))
            };
            unknown.into_iter().map(likely).collect::<Vec<_>>()
        });
        meanings.extend(compared.await.map_err(Error::internal)?);
    }
    meanings.extend(hits.into_iter().map(|(key, hits)| (key, decide(hits, query.on_date))));
    let meaning = |key| meanings.get(key).cloned().unwrap_or(Meaning::Unclear(Vec::new()));
    Ok(query.keys.iter().map(meaning).collect())
}
