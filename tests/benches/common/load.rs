//! Load on a server: one HTTP/2 connection, so many unary calls of gRPC, or GETs, under way at once.
//!
//! It writes and reads frames itself and decodes no header, because a full client costs about as
//! much as the server that it measures, and both share the machine: the ratios would lie near 1.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What is called.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) address: SocketAddr,
    /// `/package.Service/Method`, or a path that is read by GET.
    pub(crate) path: &'static str,
    /// The bearer token.
    pub(crate) token: String,
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

const FRAME_HEAD: usize = 9;
/// So many bytes are read before the server is allowed as many more; it begins with 65,535.
const REFILL: u32 = 16_384;

impl Call {
    fn is_get(&self) -> bool {
        !self.path.starts_with("/steward.")
    }

    /// Calls with the messages of `next`, so many at once, for some time; successful calls a second.
    ///
    /// # Panics
    /// If a call fails.
    pub(crate) fn rate(
        &self,
        streams: u64,
        time: Duration,
        next: &mut dyn FnMut(&mut Vec<u8>),
    ) -> u64 {
        let mut connection = Connection::open(self);
        let started = Instant::now();
        while connection.ended < connection.sent || started.elapsed() < time {
            while connection.sent - connection.ended < streams && started.elapsed() < time {
                connection.send(self, next);
            }
            connection.exchange();
        }
        let micros = u64::try_from(started.elapsed().as_micros()).expect("a short time");
        // A refusal has no message: its status stands in the only headers.
        let failed = connection.ended - connection.answers;
        assert_eq!(failed, 0, "of {} calls of {} so many failed", connection.ended, self.path);
        connection.ended * 1_000_000 / micros
    }
}

struct Connection {
    tcp: TcpStream,
    out: Vec<u8>,
    read: Vec<u8>,
    message: Vec<u8>,
    sent: u64,
    /// Messages that came.
    answers: u64,
    ended: u64,
    unacknowledged: u32,
}

impl Connection {
    fn open(call: &Call) -> Self {
        let tcp = TcpStream::connect(call.address).expect("the server listens");
        tcp.set_nodelay(true).expect("a socket");
        let mut connection = Self {
            tcp,
            out: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            read: Vec::new(),
            message: Vec::new(),
            sent: 0,
            answers: 0,
            ended: 0,
            unacknowledged: 0,
        };
        connection.frame(SETTINGS, 0, 0, &[]);
        connection
    }

    fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("a small frame").to_be_bytes();
        self.out.extend_from_slice(&length[1..]);
        self.out.extend_from_slice(&[kind, flags]);
        self.out.extend_from_slice(&stream.to_be_bytes());
        self.out.extend_from_slice(payload);
    }

    fn send(&mut self, call: &Call, next: &mut dyn FnMut(&mut Vec<u8>)) {
        let stream = u32::try_from(self.sent * 2 + 1).expect("fewer than 2^31 calls");
        let headers = headers(call, self.sent == 0);
        if call.is_get() {
            self.frame(HEADERS, END_HEADERS | END_STREAM, stream, &headers);
            self.sent += 1;
            return;
        }
        self.frame(HEADERS, END_HEADERS, stream, &headers);
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        message.resize(5, 0);
        next(&mut message);
        let length = u32::try_from(message.len() - 5).expect("a small message");
        message[1..5].copy_from_slice(&length.to_be_bytes());
        self.frame(DATA, END_STREAM, stream, &message);
        self.message = message;
        self.sent += 1;
    }

    /// Writes what is to be written, waits for something to read, and takes what came whole.
    fn exchange(&mut self) {
        self.tcp.write_all(&self.out).expect("the server reads");
        self.out.clear();
        let mut part = [0; 8_192];
        let length = self.tcp.read(&mut part).expect("the server writes");
        assert_ne!(length, 0, "the server closed the connection");
        let mut read = std::mem::take(&mut self.read);
        read.extend_from_slice(&part[..length]);
        let mut rest = &read[..];
        while let Some((frame, after)) = split(rest) {
            self.take(frame);
            rest = after;
        }
        let taken = read.len() - rest.len();
        read.drain(..taken);
        self.read = read;
        if self.unacknowledged >= REFILL {
            let more = std::mem::take(&mut self.unacknowledged).to_be_bytes();
            self.frame(WINDOW_UPDATE, 0, 0, &more);
        }
    }

    fn take(&mut self, frame: &[u8]) {
        let (head, payload) = frame.split_at(FRAME_HEAD);
        let (kind, flags) = (head[3], head[4]);
        match kind {
            DATA => {
                self.answers += u64::from(!payload.is_empty());
                self.unacknowledged += u32::try_from(payload.len()).expect("a frame");
                self.ended += u64::from(flags & END_STREAM != 0);
            }
            HEADERS => self.ended += u64::from(flags & END_STREAM != 0),
            SETTINGS if flags & ACK == 0 => self.frame(SETTINGS, ACK, 0, &[]),
            PING if flags & ACK == 0 => self.frame(PING, ACK, 0, payload),
            RESET | GOAWAY => panic!("the server gave up: frame {kind}, {payload:?}"),
            _ => {}
        }
    }
}

/// The first frame, if it is whole, and what follows.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [a, b, c, ..] = *bytes else { return None };
    let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?;
    bytes.split_at_checked(FRAME_HEAD + length)
}

/// The header block of a call. As common clients do, headers that stay are sent once and then by
/// their place in the table; path and token are sent every time.
fn headers(call: &Call, first: bool) -> Vec<u8> {
    const GET_HTTP: [u8; 2] = [0x82, 0x86];
    const POST_HTTP: [u8; 2] = [0x83, 0x86];
    let mut block = if call.is_get() { GET_HTTP } else { POST_HTTP }.to_vec();
    block.push(0x04);
    text(&mut block, call.path);
    if first {
        block.push(0x41);
        text(&mut block, "steward");
    }
    if call.is_get() {
        block.extend((!first).then_some(0xbe));
    } else if first {
        for (name, value) in [("content-type", "application/grpc"), ("te", "trailers")] {
            block.push(0x40);
            text(&mut block, name);
            text(&mut block, value);
        }
    } else {
        block.extend([0xc0, 0xbf, 0xbe]);
    }
    block.extend([0x0f, 0x08]);
    text(&mut block, &format!("Bearer {}", call.token));
    block
}

/// A string literal of HPACK.
fn text(block: &mut Vec<u8>, value: &str) {
    let mut rest = value.len();
    if rest >= 127 {
        block.push(127);
        rest -= 127;
        while rest >= 128 {
            block.push(u8::try_from(rest % 128 + 128).expect("8 bits"));
            rest /= 128;
        }
    }
    block.push(u8::try_from(rest).expect("7 bits"));
    block.extend_from_slice(value.as_bytes());
}
