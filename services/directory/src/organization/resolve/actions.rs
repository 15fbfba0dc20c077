//! Finding what texts mean.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::{Ctx, Error, Result};
use steward_db::Db;

use super::likely::Names;
use super::{Meaning, Query, decide, store};

/// What each text means, in their order. Only organizations within the scope are found.
pub(crate) async fn resolve(db: &Db, ctx: &Ctx, query: &Query) -> Result<Vec<Meaning>> {
    let scope = ctx.scope();
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
        let ctx = ctx.clone();
        let compared = tokio::task::spawn_blocking(move || compare(&ctx, &names, unknown));
        meanings.extend(compared.await.map_err(Error::internal)??);
    }
    meanings.extend(hits.into_iter().map(|(key, hits)| (key, decide(hits, query.on_date))));
    let meaning = |key| meanings.get(key).cloned().unwrap_or(Meaning::Unclear(Vec::new()));
    Ok(query.keys.iter().map(meaning).collect())
}

/// What texts that fit nothing are most like. Given up once the caller waits no longer: nobody can stop
/// it from outside.
fn compare(ctx: &Ctx, names: &Names, texts: Vec<String>) -> Result<Vec<(String, Meaning)>> {
    let likely = |key: String| {
        ctx.in_time()?;
        let likely = names.likely(&key);
        Ok((key, Meaning::Unclear(likely)))
    };
    texts.into_iter().map(likely).collect()
}

#[cfg(test)]
mod tests {
    use steward_chassis::error::DEADLINE;
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn comparing_ends_when_nobody_waits_any_more() {
        let ctx = Ctx::of_service("test", chrono::DateTime::default());
        let compare = |ctx: &Ctx| compare(ctx, &Names::default(), vec!["财政局".to_owned()]);
        let told = compare(&ctx).unwrap();
        assert_eq!(told, [("财政局".to_owned(), Meaning::Unclear(Vec::new()))]);
        let error = compare(&ctx.with_deadline(Some(Instant::now()))).unwrap_err();
        assert_eq!(error.reason().code, DEADLINE.code);
    }
}
