//! Who is at the other end: of the connection, or, behind the gateway, of the gateway's.

use std::net::IpAddr;
use std::sync::Arc;

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The address of whom the gateway calls for.
const ADDRESS: HeaderName = HeaderName::from_static("steward-client-address");
/// The subject of his certificate, percent-encoded.
const CERTIFICATE: HeaderName = HeaderName::from_static("steward-client-certificate");

/// The other end of a call. The transport puts it beside the request, where nothing that comes over the
/// network can put it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// Its network address.
    pub address: Option<IpAddr>,
    /// The subject of the certificate that it proved to have, as RFC 4514 writes it.
    pub certificate: Option<Arc<str>>,
}

impl Peer {
    /// The one beside a request.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// The one that a gateway tells of. To be asked only where a gateway is known to have written it.
    pub(crate) fn told(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let certificate = text(CERTIFICATE).map(|text| percent_decode_str(text).decode_utf8());
        Self {
            address: text(ADDRESS).and_then(|text| text.parse().ok()),
            certificate: certificate.and_then(Result::ok).map(|text| text.as_ref().into()),
        }
    }

    /// Tells of it in the headers of a call that is made for it, and of no other.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        headers.remove(ADDRESS);
        headers.remove(CERTIFICATE);
        let mut tell = |name, text: Option<String>| {
            if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(name, value);
            }
        };
        tell(ADDRESS, self.address.map(|address| address.to_string()));
        let certificate = self.certificate.as_deref();
        tell(
            CERTIFICATE,
            certificate.map(|name| utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_is_heard_and_nothing_else() {
        let whole = Peer {
            address: Some("2001:db8::1".parse().unwrap()),
            certificate: Some("CN=财务\\, 一处,O=宜昌市\n".into()),
        };
        for peer in [whole.clone(), Peer::default(), Peer { address: None, ..whole.clone() }] {
            let mut headers = HeaderMap::new();
            Peer { address: Some("10.0.0.1".parse().unwrap()), ..whole.clone() }.tell(&mut headers);
            peer.tell(&mut headers);
            assert_eq!(Peer::told(&headers), peer);
        }
    }
}
