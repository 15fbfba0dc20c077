//! How far a walk over the lists of several services has come: one place a service, in the token of the
//! next page.

use std::collections::BTreeMap;

use prost::{Message, Name};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use steward_chassis::fields::Fields;
use steward_chassis::page::{PAGE_TOKEN_INVALID, Page};

/// How far the list of one service was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reached<P> {
    /// To this place.
    #[serde(rename = "at")]
    At(P),
    /// To its end.
    #[serde(rename = "end")]
    End,
}

/// How far the lists were given, by service; of one that is not there, nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Cursor<P>(BTreeMap<String, Reached<P>>);

impl<P> Default for Cursor<P> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<P> Cursor<P> {
    /// How far the list of a service was given; `None` = nothing of it.
    pub(super) fn of(&self, service: &str) -> Option<&Reached<P>> {
        self.0.get(service)
    }

    /// The list of a service was given so far.
    pub(super) fn reach(&mut self, service: &str, reached: Reached<P>) {
        self.0.insert(service.to_owned(), reached);
    }
}

/// Reads the fields `page_size` and `page_token` of a request for a list of these services.
/// `same` is what a token goes on with only.
pub(super) fn read<P: Serialize + DeserializeOwned>(
    fields: &mut Fields,
    (page_size, page_token): (i32, &str),
    same: &Vec<u8>,
    services: &[&str],
) -> Page<Cursor<P>> {
    let mut page: Page<Cursor<P>> = Page::parse(fields, page_size, page_token, same);
    let is_one = |name: &String| services.contains(&name.as_str());
    if page.after.as_ref().is_some_and(|cursor| !cursor.0.keys().all(is_one)) {
        fields.refuse("page_token", &PAGE_TOKEN_INVALID, "is not a token of this list");
        page.after = None;
    }
    page
}

/// A list with its filters: the request for it, without what differs from page to page.
pub(super) fn same<M: Message + Name>(filter: &M) -> Vec<u8> {
    [M::full_name().as_bytes(), &filter.encode_to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use steward_proto::report::v1::{ListAllFindingsRequest, ListAllTasksRequest};

    use super::*;

    const SERVICES: [&str; 5] = ["directory", "energy", "fleet", "maintenance", "property"];

    fn page(token: &str, same: &Vec<u8>) -> Option<Cursor<u128>> {
        let mut fields = Fields::new();
        let page = read(&mut fields, (0, token), same, &SERVICES);
        assert_eq!(fields.is_empty(), page.after.is_some() || token.is_empty(), "{token}");
        page.after
    }

    fn token(cursor: Cursor<u128>, same: &Vec<u8>) -> String {
        read(&mut Fields::new(), (0, ""), same, &SERVICES).token(cursor).unwrap()
    }

    fn cursor(places: &[(&str, Reached<u128>)]) -> Cursor<u128> {
        Cursor(places.iter().map(|(name, place)| ((*name).to_owned(), place.clone())).collect())
    }

    #[test]
    fn a_token_names_a_place_in_each_list() {
        let findings = same(&ListAllFindingsRequest::default());
        for places in [
            vec![],
            vec![("fleet", Reached::At(7)), ("property", Reached::End)],
            SERVICES.map(|name| (name, Reached::At(u128::MAX))).to_vec(),
        ] {
            let cursor = cursor(&places);
            let token = token(cursor.clone(), &findings);
            assert!(token.len() < 600, "{}", token.len());
            assert_eq!(page(&token, &findings), Some(cursor));
        }
    }

    #[test]
    fn a_token_goes_on_with_its_own_list_only() {
        let findings = same(&ListAllFindingsRequest::default());
        let token = token(cursor(&[("fleet", Reached::At(7))]), &findings);
        let region = vec!["420502".to_owned()];
        let other = ListAllFindingsRequest { regions: region, ..ListAllFindingsRequest::default() };
        assert_eq!(page(&token, &same(&other)), None);
        // An empty request is no other one than this, but for its name.
        assert_eq!(page(&token, &same(&ListAllTasksRequest::default())), None);
    }

    #[test]
    fn a_forged_token_is_none() {
        let findings = same(&ListAllFindingsRequest::default());
        let right = token(cursor(&[("fleet", Reached::At(7))]), &findings);
        let right = String::from_utf8(URL_SAFE_NO_PAD.decode(right).unwrap()).unwrap();
        let forged = |from: &str, to: &str| URL_SAFE_NO_PAD.encode(right.replace(from, to));
        assert!(page(&forged("7", "8"), &findings).is_some(), "{right}");
        for (from, to) in [("fleet", "army"), ("7", "-7"), ("7", "\"7\""), ("at", "on"), ("}", "")]
        {
            assert_eq!(page(&forged(from, to), &findings), None, "{to} for {from}");
        }
        for token in ["x", "====", "令牌", &"A".repeat(10_000), &forged("7", &"7".repeat(9_000))]
        {
            assert_eq!(page(token, &findings), None);
        }
    }
}
