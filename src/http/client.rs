//! Who asks.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::Request;

/// A client as far as an address tells: an IPv4 address, or the /64 network that one IPv6 subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    /// The client that has an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                Self(Ipv6Addr::from_bits(network).into())
            }
        }
    }

    /// The client that a request's work is done for, so that many clients take turns; none where it is not known.
    ///
    /// What a proxy says of its clients is believed; without its word all of them are one.
    pub(super) fn asking(request: &Request) -> Option<Self> {
        let peer = *request.extensions().get::<Peer>()?;
        let said = || {
            let forwarded = request.headers().get_all("x-forwarded-for");
            let last = forwarded.iter().next_back()?.to_str().ok()?;
            last.rsplit(',').next()?.trim().parse().ok()
        };
        let address = peer.is_proxy.then(said).flatten().unwrap_or(peer.address);
        Some(Self::of(address))
    }
}

/// The other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub address: IpAddr,
    /// Whether many clients stand behind it: on this machine, or named as a proxy.
    pub is_proxy: bool,
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::body::Body;

    use super::*;

    #[test]
    fn a_household_is_one_client() {
        let of = |address: Ipv6Addr| Client::of(address.into());
        let own = Ipv6Addr::new(0x2001, 0xdb8, 1, 2, 3, 4, 5, 6);
        assert_eq!(of(own), of(Ipv6Addr::new(0x2001, 0xdb8, 1, 2, 9, 9, 9, 9)));
        assert_ne!(of(own), of(Ipv6Addr::new(0x2001, 0xdb8, 1, 3, 3, 4, 5, 6)));
        let plain = Ipv4Addr::new(10, 0, 0, 1);
        assert_eq!(of(plain.to_ipv6_mapped()), Client::of(plain.into()));
    }

    #[test]
    fn only_proxies_speak_for_others() {
        let asking = |is_proxy, forwarded: Option<&str>| {
            let mut request = Request::new(Body::empty());
            let address = Ipv4Addr::new(10, 0, 0, 1).into();
            request.extensions_mut().insert(Peer { address, is_proxy });
            if let Some(forwarded) = forwarded {
                let value = forwarded.parse().expect("a header");
                request.headers_mut().insert("x-forwarded-for", value);
            }
            Client::asking(&request)
        };
        let of = |last| Some(Client::of(Ipv4Addr::new(10, 0, 0, last).into()));
        assert_eq!(asking(true, Some("10.0.0.8, 10.0.0.9")), of(9));
        assert_eq!(asking(true, Some("unknown")), of(1));
        assert_eq!(asking(true, None), of(1));
        assert_eq!(asking(false, Some("10.0.0.9")), of(1));
    }
}
