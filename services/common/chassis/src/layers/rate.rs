//! How often one may call: so many calls a second of a caller, and from a network address.

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use crate::config::RateConfig;
use crate::error::{Class, Error, Reason, Result};

/// One calls more often than one may.
pub const RATE_LIMITED: Reason =
    Reason::new("RATE_LIMITED", Class::ResourceExhausted, "请求过于频繁,请稍后重试");

/// How often who has not called for a while is forgotten.
const TIDY: Duration = Duration::from_mins(1);
/// The part of an IPv6 address that one subscriber has.
const SUBSCRIBER: u128 = u128::MAX << 64;

/// Counts calls.
#[derive(Debug)]
pub struct Rates {
    identity: Option<Limit<String>>,
    address: Option<Limit<u128>>,
}

impl Rates {
    /// As configured.
    pub fn new(config: &RateConfig) -> Self {
        let [identity, address] = [config.identity, config.address].map(NonZeroU32::new);
        Self { identity: identity.map(Limit::new), address: address.map(Limit::new) }
    }

    /// Lets a call from an address in, or says when to come again.
    pub(super) fn of_address(&self, address: Option<IpAddr>) -> Result<()> {
        match (&self.address, address) {
            (Some(limit), Some(address)) => limit.take(&subscriber(address)),
            _ => Ok(()),
        }
    }

    /// Lets a call of a caller in, or says when to come again.
    pub(super) fn of_identity(&self, subject: &str) -> Result<()> {
        self.identity.as_ref().map_or(Ok(()), |limit| limit.take(&subject.to_owned()))
    }
}

/// Who has an address: of IPv6 a whole network.
fn subscriber(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & SUBSCRIBER,
    }
}

/// So many a second for each key, as many of them at once (GCRA).
struct Limit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    tidied: Mutex<Instant>,
}

impl<K: Hash + Eq + Clone> fmt::Debug for Limit<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(a_second: NonZeroU32) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_second(a_second));
        Self { limiter, tidied: Mutex::new(Instant::now()) }
    }

    fn take(&self, key: &K) -> Result<()> {
        self.tidy();
        self.limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Error::new(&RATE_LIMITED, "too many calls a second").after(wait)
        })
    }

    fn tidy(&self) {
        // Whoever comes while another one tidies goes on.
        if let Ok(mut tidied) = self.tidied.try_lock()
            && tidied.elapsed() >= TIDY
        {
            *tidied = Instant::now();
            self.limiter.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(identity: u32, address: u32) -> Rates {
        Rates::new(&RateConfig { identity, address })
    }

    #[test]
    fn one_who_calls_too_often_is_told_when_to_come_again_and_holds_up_nobody_else() {
        let rates = rates(2, 0);
        assert!(rates.of_identity("li").is_ok());
        assert!(rates.of_identity("li").is_ok());
        let refused = rates.of_identity("li").unwrap_err();
        assert_eq!(refused.reason(), &RATE_LIMITED);
        assert!(rates.of_identity("zhang").is_ok());
        for _ in 0..100 {
            assert!(rates.of_address(Some("10.0.0.1".parse().unwrap())).is_ok(), "no limit");
        }
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_caller_whatever_address_he_takes() {
        let rates = rates(0, 1);
        let from = |address: &str| rates.of_address(Some(address.parse().unwrap())).is_ok();
        assert!(from("2001:db8::1"));
        assert!(!from("2001:db8::ffff:2"));
        assert!(from("2001:db8:0:1::1"));
        assert!(from("10.0.0.1"));
        assert!(from("10.0.0.2"));
        assert!(!from("10.0.0.2"));
        assert!(rates.of_address(None).is_ok(), "in one process there is no address");
    }
}
