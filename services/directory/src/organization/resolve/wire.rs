//! What texts mean, on the wire.

use steward_chassis::fields::{REQUIRED, TOO_LONG};
use steward_chassis::{Fields, Result};
use steward_proto::directory::v1 as proto;

use super::super::key;
use super::{Meaning, Query, Told};

const MAX_TEXTS: usize = 1000;
const MAX_TEXT: usize = 100;

impl From<Told> for proto::OrganizationCandidate {
    fn from(told: Told) -> Self {
        Self { code: told.code, name: told.name, region: told.region }
    }
}

impl From<Meaning> for proto::ResolvedOrganization {
    fn from(meaning: Meaning) -> Self {
        match meaning {
            Meaning::One(told) => Self { code: told.code, name: told.name, candidates: Vec::new() },
            Meaning::Unclear(several) => {
                let candidates = several.into_iter().map(Into::into).collect();
                Self { candidates, ..Self::default() }
            }
        }
    }
}

/// What a request asks.
pub(crate) fn query(request: &proto::ResolveOrganizationsRequest) -> Result<Query> {
    let mut fields = Fields::new();
    if request.texts.is_empty() {
        fields.refuse("texts", &REQUIRED, "is required");
    }
    fields.at_most("texts", request.texts.len(), MAX_TEXTS);
    // Cells hold line breaks and the like, which are no fault here.
    for (place, text) in request.texts.iter().enumerate().take(MAX_TEXTS) {
        if text.chars().count() > MAX_TEXT {
            let message = format!("has more than {MAX_TEXT} characters");
            fields.refuse(&format!("texts[{place}]"), &TOO_LONG, message);
        }
    }
    let on_date = fields.optional_day("on_date", &request.on_date);
    fields.finish()?;
    Ok(Query { keys: request.texts.iter().map(|text| key(text)).collect(), on_date })
}
