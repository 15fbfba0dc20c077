//! Connections that only take up room.

use std::time::Duration;

use bytes::Bytes;
use steward_chassis::accept::plaintext;
use steward_chassis::run::server;
use steward_tests::service::{later, remote};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::gateway::hall::{Hall, LIST, call};

/// Serves HTTP/1.1 and HTTP/2 on so many connections.
async fn serving(most: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut both = server().accept_http1(true);
    let router = both.add_routes(Hall::open().routes());
    tokio::spawn(router.serve_with_incoming(plaintext(listener, most)));
    address
}

/// How many seconds a connection lasts that says this and then nothing; at most 100.
async fn lasts(address: &str, said: &[u8]) -> u64 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(said).await.unwrap();
    let ended = tokio::spawn(async move { stream.read(&mut [0; 64]).await });
    for second in 0..100 {
        // What was sent is seen before the time goes on.
        for _ in 0..50 {
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
        if ended.is_finished() {
            return second;
        }
        later(Duration::from_secs(1)).await;
    }
    100
}

#[tokio::test]
async fn who_says_nothing_or_half_of_it_is_not_waited_for() {
    let address = serving(64).await;
    for said in [
        &b""[..],
        b"P",
        b"PRI * HTTP/2.0\r\n\r\nSM",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ",
    ] {
        let lasted = lasts(&address, said).await;
        assert!(lasted < 60, "{lasted} s of {:?}", String::from_utf8_lossy(said));
    }
}

#[tokio::test]
async fn so_many_connections_are_open_and_the_next_one_is_closed() {
    let address = serving(2).await;
    let mut open =
        [TcpStream::connect(&address).await.unwrap(), TcpStream::connect(&address).await.unwrap()];
    let mut third = TcpStream::connect(&address).await.unwrap();
    let _ = third.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
    assert!(matches!(third.read(&mut [0; 64]).await, Ok(0) | Err(_)), "closed");
    for stream in &mut open {
        stream.write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(stream.read(&mut [0; 64]).await.unwrap() > 0, "answered");
    }
    drop(open);
    let backend = remote(&format!("http://{address}"));
    while call(&backend, LIST, Bytes::new()).await.is_err() {
        tokio::task::yield_now().await;
    }
}
