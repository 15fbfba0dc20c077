//! What the claims of a token grant: in Steward's own form, or as the issuer's own claims are mapped.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::grant::all;
use crate::config::{AuthConfig, GrantConfig, MappingConfig};
use crate::error::{Error, Result};
use crate::identity::Grant;

/// The claims of a token.
pub(super) type Claims = Map<String, Value>;

/// Where claims say who calls and what he may do.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    subject: String,
    grants: String,
    mapped: Vec<Mapped>,
}

/// A claim, and what it grants to whose token holds a value of it.
#[derive(Debug, Clone)]
struct Mapped {
    config: MappingConfig,
    /// What is granted whatever else the token says.
    grant: Grant,
}

impl Mapping {
    /// As configured; refuses what could never grant anything.
    pub(super) fn new(config: &AuthConfig) -> Result<Self> {
        Ok(Self {
            subject: config.claims.subject.clone(),
            grants: config.claims.grants.clone(),
            mapped: config.mappings.iter().map(Mapped::new).collect::<Result<_>>()?,
        })
    }

    /// Who calls.
    pub(super) fn subject<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        at(claims, &self.subject)?.as_str()
    }

    /// What he may do; `None` where the token says what cannot be.
    pub(super) fn grants(&self, claims: &Claims) -> Option<Vec<Grant>> {
        let mut grants = match at(claims, &self.grants) {
            None => Vec::new(),
            Some(own) => {
                let own = Vec::<OwnGrant>::deserialize(own).ok()?;
                own.into_iter().map(|own| GrantConfig::from(own).read()).collect::<Option<_>>()?
            }
        };
        for mapping in self.mapped.iter().filter(|mapping| mapping.fits(claims)) {
            grants.push(mapping.grant(claims)?);
        }
        Some(grants)
    }
}

/// A grant in a token. What else it says there is for others.
#[derive(Deserialize)]
struct OwnGrant {
    role: String,
    domain: String,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    organizations: Vec<String>,
}

impl From<OwnGrant> for GrantConfig {
    fn from(own: OwnGrant) -> Self {
        let OwnGrant { role, domain, regions, organizations } = own;
        Self { role, domain, regions, organizations }
    }
}

impl Mapped {
    fn new(config: &MappingConfig) -> Result<Self> {
        let config = config.clone();
        let grant = GrantConfig {
            role: config.role.clone(),
            domain: config.domain.clone(),
            regions: config.regions.clone(),
            organizations: config.organizations.clone(),
        };
        match grant.read() {
            Some(grant) if !config.claim.is_empty() => Ok(Self { config, grant }),
            _ => {
                let (claim, value) = (&config.claim, &config.value);
                Err(Error::internal(format!("auth.mappings: {claim} = {value} is not valid")))
            }
        }
    }

    /// Whether a token holds what this is about.
    fn fits(&self, claims: &Claims) -> bool {
        let is = |value: &Value| value.as_str() == Some(&self.config.value);
        match at(claims, &self.config.claim) {
            Some(Value::Array(values)) => values.iter().any(is),
            Some(value) => is(value),
            None => false,
        }
    }

    fn grant(&self, claims: &Claims) -> Option<Grant> {
        let mut grant = self.grant.clone();
        grant.regions.extend(all(&texts(claims, &self.config.regions_claim)?)?);
        grant.organizations.extend(all(&texts(claims, &self.config.organizations_claim)?)?);
        Some(grant)
    }
}

/// The texts of a claim: one, or a list. None where there is no such claim.
fn texts(claims: &Claims, claim: &str) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match at(claims, claim) {
        None => Some(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(text).collect(),
        Some(value) => Some(vec![text(value)?]),
    }
}

/// A claim by its name, or by a JSON pointer.
fn at<'a>(claims: &'a Claims, claim: &str) -> Option<&'a Value> {
    match claim.strip_prefix('/') {
        None => claims.get(claim),
        Some(path) => {
            // RFC 6901, 4: of the first step by hand, of the rest by the library.
            let (first, rest) = path.find('/').map_or((path, ""), |end| path.split_at(end));
            claims.get(&first.replace("~1", "/").replace("~0", "~"))?.pointer(rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use steward_proto::types::v1::Role;

    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(claims) = value else { panic!("claims are an object") };
        claims
    }

    fn mapping(mapped: Vec<MappingConfig>) -> Mapping {
        Mapping::new(&AuthConfig { mappings: mapped, ..AuthConfig::default() }).unwrap()
    }

    fn manager() -> MappingConfig {
        MappingConfig {
            claim: "/realm_access/roles".to_owned(),
            value: "车辆负责人".to_owned(),
            role: "manager".to_owned(),
            domain: "fleet".to_owned(),
            regions: Vec::new(),
            regions_claim: "region".to_owned(),
            organizations: Vec::new(),
            organizations_claim: "/https:~1~1example.cn~1units".to_owned(),
        }
    }

    #[test]
    fn roles_and_places_come_from_the_issuers_own_claims() {
        let mapping = mapping(vec![manager()]);
        let with = |roles: Value| {
            json!({"sub": "li", "realm_access": {"roles": roles}, "region": "420502",
                   "https://example.cn/units": ["11420500YP0000017K"]})
        };
        let read = claims(with(json!(["x", "车辆负责人"])));
        let grants = mapping.grants(&read).unwrap();
        assert_eq!(mapping.subject(&read), Some("li"));
        assert_eq!((grants.len(), grants[0].role), (1, Role::Manager));
        assert_eq!(grants[0].domain.as_deref(), Some("fleet"));
        assert_eq!(grants[0].regions[0].to_string(), "420502");
        assert_eq!(grants[0].organizations[0].to_string(), "11420500YP0000017K");
        for other in [json!(["x"]), json!("车辆"), json!(7), json!({}), json!([["车辆负责人"]])]
        {
            assert!(mapping.grants(&claims(with(other))).unwrap().is_empty());
        }
        assert_eq!(mapping.grants(&claims(with(json!("车辆负责人")))).unwrap().len(), 1);
    }

    #[test]
    fn a_role_without_places_reaches_nothing_and_a_faulty_place_is_no_grant_at_all() {
        let mapping = mapping(vec![manager()]);
        let roles = json!({"roles": ["车辆负责人"]});
        let none = mapping.grants(&claims(json!({"realm_access": roles.clone()}))).unwrap();
        assert!(none[0].regions.is_empty() && none[0].organizations.is_empty());
        for region in [json!("宜昌"), json!(["420502", "x"]), json!(420_502), json!({})] {
            let faulty = claims(json!({"realm_access": roles.clone(), "region": region}));
            assert_eq!(mapping.grants(&faulty), None, "{faulty:?}");
        }
    }

    #[test]
    fn mappings_that_grant_nothing_are_refused_at_start() {
        for wrong in [
            MappingConfig { role: "boss".to_owned(), ..manager() },
            MappingConfig { role: "unspecified".to_owned(), ..manager() },
            MappingConfig { regions: vec!["宜昌".to_owned()], ..manager() },
            MappingConfig { claim: String::new(), ..manager() },
        ] {
            let config = AuthConfig { mappings: vec![wrong], ..AuthConfig::default() };
            assert!(Mapping::new(&config).is_err(), "{config:?}");
        }
    }
}
