//! The directory, as one that follows it sees it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use steward_proto::directory::v1::change_service_client::ChangeServiceClient;
use steward_proto::directory::v1::{ListChangesRequest, ListChangesResponse};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Routes;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

use super::own::InProcess;
use super::{CHANGES_RESTARTED, Cursor};
use crate::backend::{Backend, Quiet};
use crate::config::TlsConfig;
use crate::error::{Error, Result};

/// How long there is nothing to do after everything was applied.
const PAUSE: Duration = Duration::from_secs(1);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// At most so many changes at once. They are one transaction.
const PAGE: i32 = 500;
/// The largest answer: so many organizations with all their names.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// The directory that is followed: where it is, and who asks.
#[derive(Debug, Clone)]
pub struct Source {
    backend: Backend,
    credentials: Credentials,
    pause: Duration,
}

#[derive(Debug, Clone)]
enum Credentials {
    /// None: the directory recognises the service by its certificate, or nobody at all.
    None,
    /// The bearer token in a file, read at every call: it is renewed there.
    TokenFile(PathBuf),
    /// The service itself, in the directory's process.
    InProcess(InProcess),
}

/// Why a call of the directory failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The directory said so, or does not answer.
    Refused(Box<Status>),
    /// It is on this side.
    Own(Error),
    /// It leaves out what the token does not cover, which would be missing for ever.
    Narrow,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}

impl From<steward_db::Error> for Failure {
    fn from(error: steward_db::Error) -> Self {
        Self::Own(error.into())
    }
}

impl Failure {
    /// Whether the directory was restored and must be followed from the beginning.
    pub(super) fn is_restart(&self) -> bool {
        let Self::Refused(status) = self else { return false };
        let details = status.get_error_details();
        details.error_info().is_some_and(|info| info.reason == CHANGES_RESTARTED.code)
    }

    /// Whether the database asks to run the whole transaction again.
    pub(super) fn is_retry(&self) -> bool {
        matches!(self, Self::Own(error) if error.is_retry())
    }

    /// Its kind: as long as this stays the same nothing new is to be told. The words of a broken
    /// connection are others each time.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Refused(status) => format!("{:?}", status.code()),
            Self::Own(_) | Self::Narrow => self.told(),
        }
    }

    /// What happened, for those who operate the service.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Refused(status) => format!("{:?}: {}", status.code(), status.message()),
            Self::Own(error) => error.full(),
            Self::Narrow => "the token does not let this service see everything in the directory: \
                             it must be a viewer of domain directory with regions [\"*\"]"
                .to_owned(),
        }
    }
}

impl Source {
    /// A directory at an address, called with the bearer token in a file, if one is given.
    pub fn remote(url: &str, tls: &TlsConfig, token_file: Option<&Path>) -> Result<Self> {
        let credentials = match token_file {
            Some(file) => Credentials::TokenFile(file.to_owned()),
            None => Credentials::None,
        };
        Ok(Self {
            backend: Backend::remote(url, tls, NonZeroUsize::MIN)?,
            credentials,
            pause: PAUSE,
        })
    }

    /// The directory of this process.
    pub fn local(routes: Routes) -> Self {
        let credentials = Credentials::InProcess(InProcess::follower());
        Self { backend: Backend::Local(routes), credentials, pause: PAUSE }
    }

    /// The same, asked again after another pause than a second.
    #[must_use]
    pub fn with_pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    pub(super) fn pause(&self) -> Duration {
        self.pause
    }

    /// A page of changes after one.
    pub(super) async fn changes(&self, after: &Cursor) -> Result<ListChangesResponse, Failure> {
        let (after_seq, after_hash) = (after.seq, after.hash.clone());
        let asked = ListChangesRequest { after_seq, after_hash, page_size: PAGE };
        let mut request = Request::new(asked);
        request.set_timeout(PATIENCE);
        request.extensions_mut().insert(Quiet);
        match &self.credentials {
            Credentials::None => {}
            Credentials::TokenFile(file) => {
                request.metadata_mut().insert("authorization", bearer(file).await?);
            }
            Credentials::InProcess(identity) => {
                request.extensions_mut().insert(identity.clone());
            }
        }
        let mut client =
            ChangeServiceClient::new(self.backend.clone()).max_decoding_message_size(MAX_ANSWER);
        let answer = client.list_changes(request).await;
        let answer = answer.map_err(|status| Failure::Refused(Box::new(status)))?.into_inner();
        if answer.scope_limited { Err(Failure::Narrow) } else { Ok(answer) }
    }
}

/// The header of the token in a file. The token is never told.
async fn bearer(file: &Path) -> Result<MetadataValue<Ascii>> {
    let named = |why: String| Error::internal(format!("{}: {why}", file.display()));
    let text = tokio::fs::read_to_string(file).await.map_err(|error| named(error.to_string()))?;
    let mut header: MetadataValue<Ascii> = format!("Bearer {}", text.trim())
        .parse()
        .map_err(|_| named("holds no token".to_owned()))?;
    header.set_sensitive(true);
    Ok(header)
}
