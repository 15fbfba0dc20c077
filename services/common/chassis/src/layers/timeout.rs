//! How long a caller waits: the header `grpc-timeout`.

use std::time::Duration;

use http::HeaderMap;

/// At most so much of the caller's time is kept back, for the answer to reach him.
const MARGIN: Duration = Duration::from_millis(50);

/// How long there is to answer: the caller's timeout less a twentieth, so that he hears from us before
/// the transport cuts him off.
pub(super) fn within(headers: &HeaderMap) -> Option<Duration> {
    of(headers).map(|timeout| timeout.saturating_sub((timeout / 20).min(MARGIN)))
}

/// The timeout of a request, if it names one that can be read.
pub(crate) fn of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_hours(count),
        "M" => Duration::from_mins(count),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Duration, HeaderMap, of as read};

    #[test]
    fn reads_what_the_protocol_allows() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().unwrap());
            read(&headers)
        };
        assert_eq!(of("5S"), Some(Duration::from_secs(5)));
        assert_eq!(of("99999999H"), Some(Duration::from_hours(99_999_999)));
        assert_eq!(of("250m"), Some(Duration::from_millis(250)));
        for bad in ["", "S", "5", "5x", "-5S", "123456789S", "5.5S", " 5S"] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
