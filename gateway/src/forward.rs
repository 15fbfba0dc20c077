//! The pass-through: `/package.Service/Method` to the service that owns the package. Body frames and
//! trailers are streamed as they are, nothing is decoded, no size limit holds here.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::response::Response;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, Method, Request, header};
use http_body_util::BodyExt as _;
use steward_chassis::auth::SUBJECT_HEADER;
use steward_chassis::backend::Backend;
use steward_chassis::error::{Class, Error, Reason, Result};
use tonic::Status;
use tower::{BoxError, Service};

use crate::domain::Domain;

/// The header that names the domain of a call to a common interface: `steward-domain: fleet`.
pub const DOMAIN_HEADER: HeaderName = HeaderName::from_static("steward-domain");
/// The directory's name in that header.
const DIRECTORY: &str = "directory";
/// Headers of this kind are the suite's own; none passes the gateway from outside but the one by which
/// people are tried out, which counts only where authentication is off.
const OWN_HEADERS: &str = "steward-";

/// A common interface was called without saying of which domain.
pub const DOMAIN_REQUIRED: Reason =
    Reason::new("DOMAIN_REQUIRED", Class::InvalidArgument, "请用 steward-domain 标头指明业务域");
/// No service of the suite has this package.
pub const SERVICE_UNKNOWN: Reason =
    Reason::new("SERVICE_UNKNOWN", Class::Unimplemented, "没有这个服务");
/// The interfaces that several services have, by package, and whether the directory has them too.
const COMMON: [(&str, bool); 4] = [
    ("steward.ledger", false),
    ("steward.finding", false),
    ("steward.approval", false),
    ("steward.audit", true),
];

/// Passes calls on. A clone shares the table.
#[derive(Debug, Clone)]
pub struct Forward(Arc<BTreeMap<&'static str, Target>>);

/// Who answers a package.
#[derive(Debug)]
enum Target {
    /// One service.
    One(Backend),
    /// The service that the header names.
    Named(BTreeMap<&'static str, Backend>),
}

impl Forward {
    /// Passes each domain's packages to it, the directory's packages to the directory, and the common
    /// interfaces to the service that the caller names.
    pub fn new(domains: &BTreeMap<Domain, Backend>, directory: Backend) -> Self {
        let mut targets: BTreeMap<_, _> = domains
            .iter()
            .map(|(domain, backend)| (domain.package(), Target::One(backend.clone())))
            .collect();
        let common: BTreeMap<_, _> =
            domains.iter().map(|(domain, backend)| (domain.name(), backend.clone())).collect();
        for (package, also_directory) in COMMON {
            let mut named = common.clone();
            if also_directory {
                named.insert(DIRECTORY, directory.clone());
            }
            targets.insert(package, Target::Named(named));
        }
        targets.insert("steward.directory", Target::One(directory));
        Self(Arc::new(targets))
    }

    /// The names of the services that have a service of the API, where it says which one is meant; none where
    /// there is only one. `None` = nobody has it.
    pub(crate) fn named(&self, service: &str) -> Option<Vec<&'static str>> {
        match longest(&self.0, service)? {
            Target::One(_) => Some(Vec::new()),
            Target::Named(services) => Some(services.keys().copied().collect()),
        }
    }

    /// The backend for a call.
    fn route(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<Backend> {
        let unknown =
            || Error::new(&SERVICE_UNKNOWN, "no service has this method").with("path", path);
        let service = path.strip_prefix('/').and_then(|path| path.split_once('/'));
        let (service, _) = service.filter(|_| method == Method::POST).ok_or_else(unknown)?;
        match longest(&self.0, service).ok_or_else(unknown)? {
            Target::One(backend) => Ok(backend.clone()),
            Target::Named(services) => named(services, headers).cloned(),
        }
    }
}

/// The target of the longest package prefix that ends at a dot of the service's full name.
fn longest<'a, T>(targets: &'a BTreeMap<&'static str, T>, service: &str) -> Option<&'a T> {
    let mut name = service;
    while let Some((prefix, _)) = name.rsplit_once('.') {
        if let Some(target) = targets.get(prefix) {
            return Some(target);
        }
        name = prefix;
    }
    None
}

/// The service that the header names.
fn named<'a>(
    services: &'a BTreeMap<&'static str, Backend>,
    headers: &HeaderMap,
) -> Result<&'a Backend> {
    let names = || services.keys().copied().collect::<Vec<_>>().join(", ");
    let header = headers.get(DOMAIN_HEADER).ok_or_else(|| {
        let message = format!("the header {DOMAIN_HEADER} is required: one of {}", names());
        Error::new(&DOMAIN_REQUIRED, message)
    })?;
    header.to_str().ok().and_then(|name| services.get(name)).ok_or_else(|| {
        let message = format!("the header {DOMAIN_HEADER} names no domain: one of {}", names());
        Error::new(&DOMAIN_REQUIRED, message)
    })
}

/// Takes away what is between the caller and the gateway only. `content-length` is: a length that
/// was right before a front end recoded the body makes HTTP/2 reset the stream.
fn clean(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_LENGTH);
    let is_own =
        |name: &&HeaderName| name.as_str().starts_with(OWN_HEADERS) && **name != SUBJECT_HEADER;
    let own: Vec<_> = headers.keys().filter(is_own).cloned().collect();
    for name in own {
        headers.remove(name);
    }
}

impl<B> Service<Request<B>> for Forward
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let routed = self.route(request.method(), request.uri().path(), request.headers());
        match routed {
            Ok(mut backend) => {
                // Of a body that was recoded from gRPC-Web the size is another one than it says.
                let mut request = request.map(|body| body.map_frame(|frame| frame));
                clean(request.headers_mut());
                backend.call(request)
            }
            Err(error) => Box::pin(ready(Ok(Status::from(error).into_http()))),
        }
    }
}
