//! The security log (安全日志): calls that were refused because of who calls. All are counted; so that
//! nobody can drown the log, at most so many a second are written, and then how many were left out.
//! Never a token.

use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use axum::response::Response;
use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};
use tokio::time::{Instant, sleep_until};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tracing::instrument::WithSubscriber;

/// At most so many lines a second.
const LINES_A_SECOND: u32 = 20;
/// Who was to tell how many were left out, and did not for so long after, has been stopped.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// At most so many bytes of a path that a stranger made up.
const MAX_PATH: usize = 200;

static REFUSALS: LazyLock<Counter<u64>> =
    LazyLock::new(|| global::meter("steward").u64_counter("steward.security.refusals").build());

static LINES: Mutex<Lines> = Mutex::new(Lines::NEW);

/// A refused call.
#[derive(Debug)]
pub(super) struct Refused<'a> {
    pub(super) path: &'a str,
    /// Whether the API has the path.
    pub(super) known: bool,
    pub(super) reason: &'a str,
    /// Who called, where the token told it.
    pub(super) subject: Option<&'a str>,
    pub(super) address: Option<IpAddr>,
}

impl Refused<'_> {
    /// Counts it, and writes it while there is room in this second.
    pub(super) fn log(&self) {
        // What strangers make up is not a name for a metric.
        let method = if self.known { self.path } else { "other" };
        REFUSALS.add(
            1,
            &[
                KeyValue::new("rpc.method", method.to_owned()),
                KeyValue::new("reason", self.reason.to_owned()),
            ],
        );
        match lines(|lines| lines.take(Instant::now())) {
            Room::Write => self.write(),
            Room::FirstLeftOut(until) => {
                tokio::spawn(tell_left_out(until).with_current_subscriber());
            }
            Room::LeftOut => {}
        }
    }

    fn write(&self) {
        let path = &self.path[..self.path.floor_char_boundary(MAX_PATH)];
        let address = self.address.map(tracing::field::display);
        let (reason, subject) = (self.reason, self.subject);
        tracing::info!(target: "security", path, reason, subject, address, "refused");
    }
}

async fn tell_left_out(until: Instant) {
    sleep_until(until).await;
    let left_out = lines(Lines::end);
    tracing::warn!(target: "security", left_out, "more calls were refused");
}

fn lines<T>(with: impl FnOnce(&mut Lines) -> T) -> T {
    with(&mut LINES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The reason of an answer that refuses the caller, if it is one.
pub(super) fn refusal(response: &Response) -> Option<String> {
    let status = Status::from_header_map(response.headers())?;
    if status.code() != Code::PermissionDenied {
        return None;
    }
    Some(status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

/// The lines of the running second.
#[derive(Debug, PartialEq, Eq)]
struct Lines {
    until: Option<Instant>,
    written: u32,
    left_out: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Room {
    Write,
    /// Whoever is told this tells at that moment how many were left out.
    FirstLeftOut(Instant),
    LeftOut,
}

impl Lines {
    const NEW: Self = Self { until: None, written: 0, left_out: 0 };

    fn take(&mut self, now: Instant) -> Room {
        let is_lost = |until| self.left_out > 0 && now >= until + LOST_AFTER;
        if self.until.is_some_and(is_lost) {
            let until = now + Duration::from_secs(1);
            (self.until, self.left_out) = (Some(until), self.left_out + 1);
            return Room::FirstLeftOut(until);
        }
        // While some are left out their second goes on until that is told.
        let runs = self.left_out > 0 || self.until.is_some_and(|until| now < until);
        let until = match self.until {
            Some(until) if runs => until,
            _ => {
                *self = Self { until: Some(now + Duration::from_secs(1)), ..Self::NEW };
                now + Duration::from_secs(1)
            }
        };
        if self.written < LINES_A_SECOND {
            self.written += 1;
            return Room::Write;
        }
        self.left_out += 1;
        if self.left_out == 1 { Room::FirstLeftOut(until) } else { Room::LeftOut }
    }

    /// Ends the second; how many were left out.
    fn end(&mut self) -> u64 {
        std::mem::replace(self, Self::NEW).left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_second_are_written_and_the_rest_is_counted() {
        let (mut lines, start) = (Lines::NEW, Instant::now());
        let until = start + Duration::from_secs(1);
        for _ in 0..LINES_A_SECOND {
            assert_eq!(lines.take(start), Room::Write);
        }
        assert_eq!(lines.take(start), Room::FirstLeftOut(until));
        for _ in 0..1000 {
            assert_eq!(lines.take(until), Room::LeftOut);
        }
        assert_eq!(lines.end(), 1001);
        assert_eq!(lines.take(until), Room::Write);
    }

    #[test]
    fn who_was_to_tell_of_them_and_is_gone_is_replaced() {
        let (mut lines, start) = (Lines::NEW, Instant::now());
        for _ in 0..=LINES_A_SECOND {
            lines.take(start);
        }
        let second = Duration::from_secs(1);
        assert_eq!(lines.take(start + LOST_AFTER), Room::LeftOut);
        let late = start + second + LOST_AFTER;
        assert_eq!(lines.take(late), Room::FirstLeftOut(late + second));
        assert_eq!(lines.take(late), Room::LeftOut);
        assert_eq!(lines.end(), 4);
        assert_eq!(lines.take(late + second), Room::Write);
    }

    #[test]
    fn a_new_second_has_room_again() {
        let (mut lines, start) = (Lines::NEW, Instant::now());
        for second in 0..3 {
            for _ in 0..LINES_A_SECOND {
                assert_eq!(lines.take(start + Duration::from_secs(second)), Room::Write);
            }
        }
    }
}
