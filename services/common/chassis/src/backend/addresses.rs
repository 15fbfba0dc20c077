//! The addresses of a service: looked up by its name again and again, called in turn, one that does not answer
//! left alone for a while. (tonic's own balancing counts an address that refuses connections as ready, and
//! sends it its share of the calls.)

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{Request, Response, Uri};
use tokio::net::lookup_host;
use tokio::time::{Instant, sleep};
use tonic::body::Body;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tower::Service as _;

use super::Refusal;
use crate::config::TlsConfig;
use crate::error::{Error, Result};
use crate::tls;

/// How often it is looked where a service is, and with which certificate it is called.
const LOOK: Duration = Duration::from_secs(5);
/// How long an address that did not answer is left alone where there are others.
const REST: Duration = Duration::from_secs(5);

/// The addresses of a service, called in turn.
#[derive(Debug)]
pub(super) struct Addresses {
    target: Target,
    all: RwLock<Arc<[Arc<Address>]>>,
    turn: AtomicUsize,
}

/// One address.
#[derive(Debug)]
pub(super) struct Address {
    /// `None` = the name itself, until it is known what is behind it.
    at: Option<SocketAddr>,
    channel: Channel,
    rests_until: Mutex<Option<Instant>>,
}

/// What is looked up, and how it is called.
#[derive(Debug)]
struct Target {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<TlsConfig>,
    resolve: Resolve,
}

/// What a service is shown and what it must show, as the files say it at one moment.
#[derive(Debug, Default)]
struct Shown {
    tls: Option<ClientTlsConfig>,
    /// What tells one moment's files from another's.
    state: [u8; 32],
}

/// How the addresses of a host are found, its port given.
pub type Resolve = fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;

/// As the machine does it: DNS, or what it is told otherwise.
pub(super) fn by_name(host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(lookup_host((host, port)).await?.collect()) })
}

impl Addresses {
    /// Those behind an address, looked for from now on.
    pub(super) fn of(url: &str, tls: &TlsConfig, resolve: Resolve) -> Result<Arc<Self>> {
        let target = Target::parse(url, tls, resolve)?;
        let shown = target.shown()?;
        let all = RwLock::new(Arc::from([Arc::new(target.address(None, &shown)?)]));
        let addresses = Arc::new(Self { target, all, turn: AtomicUsize::new(0) });
        tokio::spawn(look(Arc::downgrade(&addresses), shown.state));
        Ok(addresses)
    }

    /// The next one that does not rest; if all do, just the next one.
    pub(super) fn next(&self) -> Arc<Address> {
        let all = self.all();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = (0..all.len()).map(|step| &all[turn.wrapping_add(step) % all.len()]);
        let awake = in_turn.clone().find(|address| !address.rests());
        Arc::clone(awake.unwrap_or_else(|| &all[turn % all.len()]))
    }

    fn all(&self) -> Arc<[Arc<Address>]> {
        Arc::clone(&self.all.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks where the service is now. `state` tells one certificate from another.
    async fn renew(&self, state: &mut [u8; 32]) -> Result<()> {
        let found = (self.target.resolve)(self.target.host.clone(), self.target.port).await;
        let found: BTreeSet<SocketAddr> = found.map_err(Error::internal)?.into_iter().collect();
        let shown = self.target.shown()?;
        let before = self.all();
        let known = |at: &SocketAddr| {
            let known = before.iter().find(|address| address.at == Some(*at));
            known.filter(|_| shown.state == *state).cloned()
        };
        let all: Result<Vec<_>> = found
            .iter()
            .map(|at| match known(at) {
                Some(address) => Ok(address),
                None => Ok(Arc::new(self.target.address(Some(*at), &shown)?)),
            })
            .collect();
        let all = all?;
        if !all.is_empty() {
            *self.all.write().unwrap_or_else(PoisonError::into_inner) = all.into();
            *state = shown.state;
        }
        Ok(())
    }
}

/// Looks for a service as long as somebody calls it. What cannot be found out changes nothing.
async fn look(addresses: Weak<Addresses>, mut state: [u8; 32]) {
    let mut failed = false;
    while let Some(addresses) = addresses.upgrade() {
        let renewed = addresses.renew(&mut state).await;
        if let Err(error) = &renewed
            && !failed
        {
            let (host, error) = (&addresses.target.host, error.full());
            tracing::warn!(host, error, "it is not known where a service is");
        }
        failed = renewed.is_err();
        drop(addresses);
        sleep(LOOK).await;
    }
}

impl Address {
    /// Calls there. If nobody answers it rests for a while.
    pub(super) async fn call(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        let mut channel = self.channel.clone();
        let answer = match poll_fn(|cx| channel.poll_ready(cx)).await {
            Ok(()) => channel.call(request).await.map_err(Refusal::from),
            Err(error) => Err(error.into()),
        };
        let is_lost = matches!(answer, Err(Refusal::Lost(_)));
        let rests_until = is_lost.then(|| Instant::now() + REST);
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = rests_until;
        answer
    }

    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }
}

impl Target {
    fn parse(url: &str, tls: &TlsConfig, resolve: Resolve) -> Result<Self> {
        let faulty = |why: &str| Error::internal(format!("{url}: {why}"));
        let uri: Uri = url.parse().map_err(|_| faulty("is no address"))?;
        let (port, tls) = match uri.scheme_str() {
            Some("http") => (80, None),
            Some("https") => (443, Some(tls.clone())),
            _ => return Err(faulty("is neither http:// nor https://")),
        };
        let host = uri.host().ok_or_else(|| faulty("names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(port);
        Ok(Self { uri, host, port, tls, resolve })
    }

    /// What is shown now.
    fn shown(&self) -> Result<Shown> {
        let Some(config) = &self.tls else { return Ok(Shown::default()) };
        let (tls, state) = tls::client(config)?;
        Ok(Shown { tls: Some(tls.domain_name(&self.host)), state })
    }

    /// An address of the service, which is called by its name whatever the address.
    fn address(&self, at: Option<SocketAddr>, shown: &Shown) -> Result<Address> {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let endpoint = match at {
            Some(at) => {
                Endpoint::from_shared(format!("{scheme}://{at}")).map_err(Error::internal)?
            }
            None => Endpoint::from(self.uri.clone()),
        };
        let mut endpoint = configured(endpoint).origin(self.uri.clone());
        if let Some(tls) = &shown.tls {
            endpoint = endpoint.tls_config(tls.clone()).map_err(Error::internal)?;
        }
        let channel = endpoint.connect_lazy();
        Ok(Address { at, channel, rests_until: Mutex::default() })
    }
}

/// A peer that is gone without a word is noticed, and slow readers of one stream do not use up the window
/// of all.
fn configured(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(2))
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(16 * 1024 * 1024)
}
