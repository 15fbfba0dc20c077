//! An issuer of tokens for trying things out: its key lies beside the data of `steward up`, and only servers
//! on loopback believe it.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use serde_json::json;
use steward_chassis::auth;
use steward_chassis::config::{DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER};
use steward_kernel::{OrganizationCode, RegionPattern};

use crate::failure::{Failure, Result};

/// The private key, PKCS #8; nobody but its owner reads it.
const KEY: &str = "development.key";
/// The public keys that belong to it.
const KEYS: &str = "development-keys.json";
/// How the key is called.
const KEY_ID: &str = "development";

/// The issuer of a data folder.
pub struct Issuer {
    folder: PathBuf,
    key: EncodingKey,
}

impl Issuer {
    /// Opens the issuer of a folder; the first time it makes its key.
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
        let path = folder.join(KEY);
        let pkcs8 = match std::fs::read(&path) {
            Ok(pkcs8) => pkcs8,
            Err(error) if error.kind() == ErrorKind::NotFound => new_key(&path)?,
            Err(error) => return Err(cannot(&path, &error)),
        };
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8)
            .map_err(|_| Failure::new(format!("{} holds no key", path.display())))?;
        let key = EncodingKey::from_ec_der(&pkcs8);
        let issuer = Self { folder: folder.to_owned(), key };
        issuer.publish()?;
        Ok(issuer)
    }

    /// Where its public keys are: what `auth.jwks_file` names.
    pub fn public_keys(&self) -> PathBuf {
        self.folder.join(KEYS)
    }

    /// A token for a subject from `now`.
    pub fn token(
        &self,
        subject: &str,
        grants: &[GrantText],
        now: DateTime<Utc>,
        life: TimeDelta,
    ) -> Result<String> {
        let claims = json!({
            "iss": DEVELOPMENT_ISSUER,
            "aud": DEVELOPMENT_AUDIENCE,
            "sub": subject,
            "nbf": now.timestamp(),
            "exp": (now + life).timestamp(),
            "grants": grants,
        });
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, &claims, &self.key).map_err(failed)
    }

    fn publish(&self) -> Result<()> {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::ES256).map_err(failed)?;
        key.common.key_id = Some(KEY_ID.to_owned());
        let text = serde_json::to_vec(&JwkSet { keys: vec![key] }).map_err(failed)?;
        let path = self.public_keys();
        std::fs::write(&path, text).map_err(|error| cannot(&path, &error))
    }
}

/// Makes a key where there is none. Of two who make one at once the later takes the earlier's.
fn new_key(path: &Path) -> Result<Vec<u8>> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(failed)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| cannot(path, &error))?;
    file.write_all(made.as_ref()).map_err(|error| cannot(path, &error))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(made.as_ref().to_vec()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            std::fs::read(path).map_err(|error| cannot(path, &error))
        }
        Err(error) => Err(cannot(path, &error.error)),
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("no token can be made: {error}"))
}

/// A grant as it is written on the command line: `manager:fleet:4205*,11420500YP0000017K`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantText {
    role: String,
    domain: String,
    regions: Vec<String>,
    organizations: Vec<String>,
}

impl FromStr for GrantText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, ':');
        let mut part = |name: &str| {
            let part = parts.next().filter(|part| !part.is_empty());
            part.ok_or_else(|| format!("has no {name}: it is ROLE:DOMAIN:PLACES"))
        };
        let (role, domain, places) = (part("role")?, part("domain")?, part("places")?);
        if auth::role(role).is_none() {
            return Err(format!("{role} is no role"));
        }
        let (mut regions, mut organizations) = (Vec::new(), Vec::new());
        for place in places.split(',') {
            if place.parse::<RegionPattern>().is_ok() {
                regions.push(place.to_owned());
            } else if place.parse::<OrganizationCode>().is_ok() {
                organizations.push(place.to_owned());
            } else {
                return Err(format!("{place} is neither a region nor an organization"));
            }
        }
        let (role, domain) = (role.to_owned(), domain.to_owned());
        Ok(Self { role, domain, regions, organizations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_read_and_what_is_none_is_named() {
        let read: GrantText = "manager:fleet:4205*,11420500YP0000017K".parse().unwrap();
        assert_eq!((read.role.as_str(), read.domain.as_str()), ("manager", "fleet"));
        assert_eq!(read.regions, ["4205*"]);
        assert_eq!(read.organizations, ["11420500YP0000017K"]);
        assert_eq!("viewer:*:*".parse::<GrantText>().unwrap().regions, ["*"]);
        for (wrong, told) in [
            ("boss:fleet:*", "boss"),
            ("unspecified:fleet:*", "unspecified"),
            ("viewer", "no domain"),
            ("viewer:fleet", "no places"),
            ("viewer:fleet:", "no places"),
            ("viewer:fleet:宜昌", "宜昌"),
        ] {
            assert!(wrong.parse::<GrantText>().unwrap_err().contains(told), "{wrong}");
        }
    }

    #[test]
    fn the_key_is_made_once_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = std::fs::read(Issuer::open(&data).unwrap().public_keys()).unwrap();
        let again = std::fs::read(Issuer::open(&data).unwrap().public_keys()).unwrap();
        assert_eq!(first, again);
        let mode = std::fs::metadata(data.join(KEY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
        assert!(!String::from_utf8(first).unwrap().contains("\"d\""), "the private part");
        std::fs::write(data.join(KEY), "nothing").unwrap();
        assert!(Issuer::open(&data).is_err());
    }
}
