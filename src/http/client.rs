//! Who asks.

use std::net::IpAddr;

use axum::extract::Request;

/// The address of the other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub IpAddr);

/// The client that a request's work is done for, so that many clients take turns; none where it is not known.
///
/// A proxy on this machine stands for all its clients: what it says of them is believed, which can give somebody on
/// this machine a larger share and nothing else.
pub(super) fn client(request: &Request) -> Option<IpAddr> {
    let Peer(peer) = *request.extensions().get::<Peer>()?;
    if !peer.is_loopback() {
        return Some(peer);
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let last = forwarded.iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    Some(
        last.and_then(|text| text.trim().parse().ok())
            .unwrap_or(peer),
    )
}
