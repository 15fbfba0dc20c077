//! Where an issuer's keys come from: fixed ones, a file, or the issuer itself. They are fetched when first
//! needed, again when they have grown old, and at once, but not again and again, when a token names a key
//! that is not among them: keys change without a restart. An issuer that does not answer is asked again; the
//! keys it gave are good for a day.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::{Certificate, Client, Url, redirect};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::ISSUER_UNAVAILABLE;
use super::keys::Keys;
use crate::config::AuthConfig;
use crate::error::{Error, Result};

/// Keys older than this are fetched again.
const REFRESH: Duration = Duration::from_mins(5);
/// So old may a file be that is read again: it costs nothing.
const REFRESH_FILE: Duration = Duration::from_secs(5);
/// How long after one try the next one comes, whoever names whatever key.
const RETRY: Duration = Duration::from_secs(10);
/// So long the keys of an issuer that does not answer are used.
const KEEP: Duration = Duration::from_hours(24);
/// How long an issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer of an issuer.
const MAX_ANSWER: usize = 1024 * 1024;

/// The keys of an issuer.
pub(super) enum Issuer {
    /// They stay as they are.
    Fixed(Arc<Keys>),
    /// They are fetched.
    Asked(Box<Asked>),
}

/// An issuer whose keys are fetched.
pub(super) struct Asked {
    source: Source,
    state: RwLock<State>,
    fetching: Mutex<()>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = match self {
            Self::Fixed(_) => None,
            Self::Asked(asked) => Some(&asked.source),
        };
        f.debug_struct("Issuer").field("source", &source).finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    /// OpenID Connect Discovery 1.0 at this issuer.
    Discovery(Client, String),
    /// A key set at this address.
    Address(Client, Url),
}

#[derive(Default, Clone)]
struct State {
    keys: Option<Arc<Keys>>,
    text: Arc<str>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
}

/// What matters of an issuer's description of itself.
#[derive(Deserialize)]
struct Description {
    issuer: String,
    jwks_uri: String,
}

impl Issuer {
    /// As configured; keys in a file must be good at once.
    pub(super) fn from_config(config: &AuthConfig) -> Result<Self> {
        if !config.jwks_file.as_os_str().is_empty() {
            let text = std::fs::read_to_string(&config.jwks_file);
            let named = |why: String| {
                Error::internal(format!("auth.jwks_file {}: {why}", config.jwks_file.display()))
            };
            let text = text.map_err(|error| named(error.to_string()))?;
            let keys = Keys::parse(&text).map_err(|error| named(error.full()))?;
            let now = Some(Instant::now());
            let state =
                State { keys: Some(Arc::new(keys)), text: text.into(), fetched: now, tried: None };
            return Ok(Self::asked(Source::File(config.jwks_file.clone()), state));
        }
        let (name, address) = match config.jwks_url.as_str() {
            "" => ("auth.issuer", config.issuer.as_str()),
            url => ("auth.jwks_url", url),
        };
        let url = safe(address).map_err(|why| Error::internal(format!("{name}: {why}")))?;
        let client = client(config)?;
        let source = match config.jwks_url.as_str() {
            "" => Source::Discovery(client, config.issuer.clone()),
            _ => Source::Address(client, url),
        };
        Ok(Self::asked(source, State::default()))
    }

    fn asked(source: Source, state: State) -> Self {
        let (state, fetching) = (RwLock::new(state), Mutex::default());
        Self::Asked(Box::new(Asked { source, state, fetching }))
    }

    /// The keys, among them the one of that id if the issuer has it.
    pub(super) async fn keys(&self, wanted: Option<&str>) -> Result<Arc<Keys>> {
        match self {
            Self::Fixed(keys) => Ok(Arc::clone(keys)),
            Self::Asked(asked) => asked.keys(wanted).await,
        }
    }
}

impl Asked {
    async fn keys(&self, wanted: Option<&str>) -> Result<Arc<Keys>> {
        let state = self.state();
        if !self.is_due(&state, wanted) {
            return state.usable();
        }
        let turn = match state.usable() {
            // Who has keys that may do does not wait for what another one fetches.
            Ok(keys) if keys.has(wanted) => match self.fetching.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(keys),
            },
            _ => self.fetching.lock().await,
        };
        if self.is_due(&self.state(), wanted) {
            self.fetch().await;
        }
        drop(turn);
        self.state().usable()
    }

    /// Whether to fetch keys now.
    fn is_due(&self, state: &State, wanted: Option<&str>) -> bool {
        let older = |at: Option<Instant>, age| at.is_none_or(|at| at.elapsed() >= age);
        let has = state.keys.as_ref().is_some_and(|keys| keys.has(wanted));
        let refresh = match self.source {
            Source::File(_) => REFRESH_FILE,
            _ => REFRESH,
        };
        older(state.tried, RETRY.min(refresh)) && (!has || older(state.fetched, refresh))
    }

    async fn fetch(&self) {
        let answer = match &self.source {
            Source::File(path) => tokio::fs::read_to_string(path).await.map_err(Error::internal),
            Source::Address(client, url) => get(client, url.clone()).await,
            Source::Discovery(client, issuer) => discovered(client, issuer).await,
        };
        let told = self.state();
        let read = answer.and_then(|text| {
            let same = told.keys.filter(|_| *told.text == *text);
            let keys = same.map_or_else(|| Keys::parse(&text).map(Arc::new), Ok)?;
            Ok((keys, text))
        });
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.tried = Some(Instant::now());
        match read {
            Ok((keys, text)) => {
                (state.keys, state.text, state.fetched) = (Some(keys), text.into(), state.tried);
            }
            Err(error) => tracing::warn!(error = error.full(), "no keys from the issuer"),
        }
    }

    fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl State {
    fn usable(&self) -> Result<Arc<Keys>> {
        let is_kept = self.fetched.is_some_and(|at| at.elapsed() < KEEP);
        let keys = self.keys.clone().filter(|_| is_kept);
        keys.ok_or_else(|| Error::new(&ISSUER_UNAVAILABLE, "the issuer's keys cannot be had now"))
    }
}

/// An address that nobody on the way can answer for: `https`, or this machine.
fn safe(address: &str) -> Result<Url, String> {
    let url: Url = address.parse().map_err(|error| format!("{address}: {error}"))?;
    let here = ["127.0.0.1", "[::1]", "localhost"];
    match url.scheme() {
        "https" => Ok(url),
        "http" if url.host_str().is_some_and(|host| here.contains(&host)) => Ok(url),
        _ => Err(format!("{address} must be an https:// address, or there must be a jwks_file")),
    }
}

fn client(config: &AuthConfig) -> Result<Client> {
    let mut client = Client::builder()
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .user_agent("steward");
    if let Some(file) = &config.issuer_ca_file {
        let named =
            |why: String| Error::internal(format!("auth.issuer_ca_file {}: {why}", file.display()));
        let pem = std::fs::read(file).map_err(|error| named(error.to_string()))?;
        let signers =
            Certificate::from_pem_bundle(&pem).map_err(|error| named(error.to_string()))?;
        client = client.tls_certs_only(signers);
    }
    client.build().map_err(Error::internal)
}

async fn discovered(client: &Client, issuer: &str) -> Result<String> {
    let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let text = get(client, at.parse().map_err(Error::internal)?).await?;
    let description: Description = serde_json::from_str(&text).map_err(Error::internal)?;
    if description.issuer != issuer {
        return Err(Error::internal("the description is another issuer's"));
    }
    get(client, safe(&description.jwks_uri).map_err(Error::internal)?).await
}

async fn get(client: &Client, url: Url) -> Result<String> {
    let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let mut answer = answer.map_err(Error::internal)?;
    let mut text = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(Error::internal)? {
        text.extend_from_slice(&part);
        if text.len() > MAX_ANSWER {
            return Err(Error::internal("the issuer's answer is too long"));
        }
    }
    String::from_utf8(text).map_err(Error::internal)
}
