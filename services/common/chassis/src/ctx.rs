//! What a handler knows of its caller and its time. Time comes only from here.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use steward_kernel::RegionPattern;
use steward_proto::types::v1::Role;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::{DEADLINE, Error, Result};
use crate::identity::Identity;
use crate::scope::Scope;

/// The context of one call. The layers make it and put it into the request.
#[derive(Debug, Clone)]
pub struct Ctx {
    identity: Arc<Identity>,
    scope: Arc<Scope>,
    domain: Option<&'static str>,
    method: Arc<str>,
    now: DateTime<Utc>,
    deadline: Option<Instant>,
    address: Option<IpAddr>,
    request_id: Option<Uuid>,
    accept_warnings: bool,
    validate_only: bool,
}

/// The roles that read resources.
const READERS: [Role; 4] = [Role::Viewer, Role::Operator, Role::Manager, Role::Auditor];

/// The subject of what a service does by itself.
pub const SERVICE_SUBJECT: &str = "steward";

impl Ctx {
    /// The context of a call of `method` (its path) at `now`.
    pub fn new(
        identity: Arc<Identity>,
        scope: Scope,
        method: impl Into<Arc<str>>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            identity,
            scope: Arc::new(scope),
            domain: None,
            method: method.into(),
            now,
            deadline: None,
            address: None,
            request_id: None,
            accept_warnings: false,
            validate_only: false,
        }
    }

    /// The context of what a service does by itself, without a caller and everywhere; `method` says
    /// what that is.
    pub fn of_service(method: &str, now: DateTime<Utc>) -> Self {
        let identity = Identity::new(SERVICE_SUBJECT, Vec::new());
        Self::new(Arc::new(identity), Scope::of(RegionPattern::All), method, now)
    }

    /// The same with the network address of the caller.
    #[must_use]
    pub fn with_address(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// The same in the domain of a service.
    #[must_use]
    pub(crate) fn with_domain(mut self, domain: Option<&'static str>) -> Self {
        self.domain = domain;
        self
    }

    /// The same with the moment when the caller stops waiting.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same with what a mutating request says of itself.
    #[must_use]
    pub(crate) fn with_request(
        mut self,
        request_id: Uuid,
        accept_warnings: bool,
        validate_only: bool,
    ) -> Self {
        self.request_id = Some(request_id);
        self.accept_warnings = accept_warnings;
        self.validate_only = validate_only;
        self
    }

    /// The context that the layers put into a request.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self> {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Error::internal("the request came past the layers"))
    }

    /// The same, before it is decoded.
    pub(crate) fn find<B>(request: &http::Request<B>) -> Option<&Self> {
        request.extensions().get::<Self>()
    }

    /// Who calls, alone.
    pub(crate) fn into_identity(self) -> Arc<Identity> {
        self.identity
    }

    /// Who calls.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The subject of the caller's token.
    pub fn subject(&self) -> &str {
        &self.identity.subject
    }

    /// What the caller may reach with this RPC.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What the caller may read by any of his grants, which may be more than he may write: what lies
    /// there, but outside [`Ctx::scope`], he is told he may not change; of the rest that it is not found.
    /// Made when it is asked for, which few calls do.
    pub fn sight(&self) -> Scope {
        self.reach(&READERS)
    }

    /// What the caller may reach by those of his grants that are of one of these roles.
    pub fn reach(&self, roles: &[Role]) -> Scope {
        self.identity.scope(self.domain, roles).unwrap_or_default()
    }

    /// Whether any of the caller's grants in this domain is of the role.
    pub fn has_role(&self, role: Role) -> bool {
        self.identity.scope(self.domain, &[role]).is_some()
    }

    /// Whether any of the caller's grants in another domain is of one of these roles.
    pub fn is_granted(&self, domain: &str, roles: &[Role]) -> bool {
        self.identity.scope(Some(domain), roles).is_some()
    }

    /// The path of the RPC.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// When the call came, to the microsecond.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The bureau's date at that moment.
    pub fn today(&self) -> NaiveDate {
        steward_kernel::today(self.now)
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The network address of the caller, as far as it is known.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The id of the mutating request.
    pub fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    /// Whether the request accepts warnings.
    pub fn accept_warnings(&self) -> bool {
        self.accept_warnings
    }

    /// Whether the request only wants to be checked.
    pub fn validate_only(&self) -> bool {
        self.validate_only
    }

    /// Refuses where the caller no longer waits.
    ///
    /// Errors: [`DEADLINE`].
    pub fn in_time(&self) -> Result<()> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                Err(Error::new(&DEADLINE, "the deadline passed before the change was made"))
            }
            _ => Ok(()),
        }
    }
}
