//! Accepts connections: so many, with or without TLS, and none that only takes up room.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::either::Either;
use tonic::transport::server::Connected;

use crate::auth;
use crate::peer::Peer;
use crate::tls::ServerTls;

/// How long a connection may take for its handshake, and after it to say of which protocol it is.
const OPENING: Duration = Duration::from_secs(10);
/// How HTTP/2 begins (RFC 9113, 3.4). As long as it may still become this nothing else looks at the clock.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// After an error of the listener, such as too many open files, it waits so long.
const PAUSE: Duration = Duration::from_millis(100);

/// An accepted connection.
pub struct Connection {
    io: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    peer: Peer,
    opening: Option<Opening>,
    _place: OwnedSemaphorePermit,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("peer", &self.peer).finish_non_exhaustive()
    }
}

/// What has come of the preface, and until when it must have come.
struct Opening {
    seen: usize,
    overdue: Pin<Box<Sleep>>,
}

/// The connections of a listener without TLS, at most so many at once; further ones are closed. Needs a
/// runtime.
pub fn plaintext(
    listener: TcpListener,
    most: usize,
) -> impl Stream<Item = io::Result<Connection>> + Send {
    connections(listener, None, most)
}

/// The same, with TLS or without.
pub(crate) fn connections(
    listener: TcpListener,
    tls: Option<ServerTls>,
    most: usize,
) -> impl Stream<Item = io::Result<Connection>> + Send {
    let (ready, connections) = mpsc::channel(64);
    tokio::spawn(accept(listener, tls.map(Arc::new), Arc::new(Semaphore::new(most)), ready));
    ReceiverStream::new(connections)
}

/// Accepts until nobody takes the connections any more.
async fn accept(
    listener: TcpListener,
    tls: Option<Arc<ServerTls>>,
    places: Arc<Semaphore>,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = ready.closed() => return,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection is not accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::debug!(%address, "no room for another connection");
            continue;
        };
        let (tls, ready) = (tls.clone(), ready.clone());
        tokio::spawn(async move {
            match timeout(OPENING, opened(stream, address, tls, place)).await {
                Ok(Ok(connection)) => drop(ready.send(Ok(connection)).await),
                Ok(Err(error)) => tracing::debug!(%address, %error, "no handshake"),
                Err(_) => tracing::debug!(%address, "no handshake in time"),
            }
        });
    }
}

async fn opened(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<ServerTls>>,
    place: OwnedSemaphorePermit,
) -> io::Result<Connection> {
    stream.set_nodelay(true)?;
    let mut peer = Peer { address: Some(address.ip().to_canonical()), certificate: None };
    let io = match tls {
        None => Either::Left(stream),
        Some(tls) => {
            let stream = TlsAcceptor::from(tls.current()).accept(stream).await?;
            let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            peer.certificate = shown.and_then(auth::subject).map(Into::into);
            Either::Right(Box::new(stream))
        }
    };
    let opening = Opening { seen: 0, overdue: Box::pin(sleep(OPENING)) };
    Ok(Connection { io, peer, opening: Some(opening), _place: place })
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl Opening {
    /// Whether it is over with these bytes: all of the preface is there, or something else is, which is
    /// timed by who reads it.
    fn is_over(&mut self, bytes: &[u8]) -> bool {
        let awaited = &PREFACE[self.seen..];
        self.seen += bytes.len().min(awaited.len());
        bytes.len() >= awaited.len() || !awaited.starts_with(bytes)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(opening) = &mut self.opening
            && opening.overdue.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        if let Some(opening) = &mut self.opening
            && opening.is_over(&buffer.filled()[before..])
        {
            self.opening = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_opening_is_over_when_it_is_known_who_reads_on() {
        let over = |parts: &[&[u8]]| {
            let mut opening = Opening { seen: 0, overdue: Box::pin(sleep(OPENING)) };
            parts.iter().map(|part| opening.is_over(part)).collect::<Vec<_>>()
        };
        assert_eq!(over(&[PREFACE]), [true]);
        assert_eq!(over(&[&PREFACE[..3], &PREFACE[3..23], &PREFACE[23..]]), [false, false, true]);
        assert_eq!(over(&[b"P", b"OST / HTTP/1.1\r\n"]), [false, true]);
        assert_eq!(over(&[b"GET"]), [true]);
        assert_eq!(over(&[&[PREFACE, b"more"].concat()]), [true]);
        // The end of what comes is nothing: the reader sees it.
        assert_eq!(over(&[b""]), [false]);
    }
}
