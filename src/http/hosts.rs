//! Which host a link may name. What a client sends as `Host` is kept by shared caches and shown to others, so a link has
//! only a host that is known; else it is a path, which every client resolves against the address that it asked.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, Version, header};

use super::problem::Problem;
use super::public_url::{PublicUrl, is_authority};

/// A host that an operator allows: with a port this one, without any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: Option<u16>,
}

/// A text is no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a host name or an IP address, with or without a port, such as plan.example:8080")]
pub struct AllowedHostError;

impl FromStr for AllowedHost {
    type Err = AllowedHostError;

    fn from_str(text: &str) -> Result<Self, AllowedHostError> {
        // An IPv6 address needs no brackets where it stands alone.
        let bracketed = format!("[{text}]");
        let text = if text.parse::<std::net::Ipv6Addr>().is_ok() {
            &bracketed
        } else {
            text
        };
        if !is_authority(text) {
            return Err(AllowedHostError);
        }
        let authority: Authority = text.parse().map_err(|_| AllowedHostError)?;
        Ok(Self {
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16(),
        })
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(out, "{}:{port}", self.host),
            None => out.write_str(&self.host),
        }
    }
}

/// What the links of an answer begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    /// `http://host` or `https://host/path`, or only a path (perhaps none) where the host is unknown. Without a slash
    /// at the end.
    pub url: String,
    /// False where the client's own words are in it: then no shared cache may keep the answer.
    pub shared: bool,
}

/// Decides what links begin with.
#[derive(Default)]
pub(super) struct Hosts {
    public: Option<PublicUrl>,
    allowed: Vec<AllowedHost>,
    listening: Option<SocketAddr>,
    told: AtomicBool,
}

impl Hosts {
    pub fn new(
        public: Option<PublicUrl>,
        allowed: Vec<AllowedHost>,
        listening: Option<SocketAddr>,
    ) -> Self {
        Self {
            public,
            allowed,
            listening,
            told: AtomicBool::new(false),
        }
    }

    /// Where clients find the server, if an operator has said it.
    pub fn public(&self) -> Option<&PublicUrl> {
        self.public.as_ref()
    }

    /// The path that all paths of the server begin with, as clients know them: empty, or such as `/plan`.
    pub fn path(&self) -> &str {
        self.public.as_ref().map_or("", PublicUrl::path)
    }

    /// What links begin with, by the public URL, else by what the client asked for (RFC 9112, section 3.2).
    ///
    /// # Errors
    /// 400 where the client says no host, or more than one, or something that is none.
    pub fn base(&self, request: &Request) -> Result<Base, Problem> {
        let asked = asked(request.uri(), request.headers(), request.version())?;
        if let Some(public) = &self.public {
            return Ok(Base {
                url: public.as_str().to_owned(),
                shared: true,
            });
        }
        let asked = asked.map(str::to_ascii_lowercase).unwrap_or_default();
        let authority = asked.parse::<Authority>().ok();
        let Some((host, port)) = authority.map(|one| (one.host().to_owned(), one.port_u16()))
        else {
            return Ok(Self::relative());
        };
        let named = |allowed: &AllowedHost| {
            allowed.host == host && allowed.port.is_none_or(|own| own == port.unwrap_or(80))
        };
        let listed = self.allowed.iter().any(named);
        if listed || self.is_near(&host) {
            return Ok(Base {
                url: format!("http://{asked}"),
                shared: listed,
            });
        }
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                host,
                "links have no host, for this one is unknown: --allowed-host or --public-url names it"
            );
        }
        Ok(Self::relative())
    }

    /// For an answer that has to be made without a host that is known.
    fn relative() -> Base {
        Base {
            url: String::new(),
            shared: true,
        }
    }

    /// True for what nobody far away can make others go to: this machine, addresses of a local network, names without
    /// a dot, and where the server listens.
    fn is_near(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = bare.parse::<IpAddr>() {
            let ip = ip.to_canonical();
            let local = match ip {
                IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
                IpAddr::V6(ip) => {
                    ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
                }
            };
            return local || self.listening.is_some_and(|own| own.ip() == ip);
        }
        // A name of digits would be an address in another notation, wherever that leads.
        let name = bare.starts_with(|first: char| first.is_ascii_alphabetic());
        (name && !bare.contains('.')) || bare.ends_with(".localhost")
    }
}

/// The host that a client asked for: the one in an absolute address, else that of `Host`. None in HTTP/1.0 without it.
fn asked<'a>(
    uri: &'a Uri,
    headers: &'a HeaderMap,
    version: Version,
) -> Result<Option<&'a str>, Problem> {
    let mut all = headers.get_all(header::HOST).iter();
    let host = all.next();
    if all.next().is_some() {
        return Err(Problem::bad_request("header Host: given more than once"));
    }
    let host = match host {
        None if version > Version::HTTP_10 => {
            return Err(Problem::bad_request(
                "header Host: missing, and HTTP/1.1 requires it",
            ));
        }
        None => None,
        Some(host) => {
            let text = host.to_str().ok();
            // Empty where what is asked for has no host.
            let good = text.filter(|text| text.is_empty() || is_authority(text));
            Some(good.ok_or_else(|| {
                let detail = format!("header Host: {host:?} is not a host with an optional port");
                Problem::bad_request(detail)
            })?)
        }
    };
    match uri.authority() {
        Some(own) if is_authority(own.as_str()) => Ok(Some(own.as_str())),
        Some(own) => Err(Problem::bad_request(format!(
            "request target: {:?} is not a host with an optional port",
            own.as_str()
        ))),
        None => Ok(host.filter(|host| !host.is_empty())),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(target: &str, hosts: &[&str]) -> Request {
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        request.body(Body::empty()).expect("a request")
    }

    fn url(hosts: &Hosts, host: &str) -> (String, bool) {
        let base = hosts.base(&request("/plan", &[host]));
        let base = base.unwrap_or_else(|problem| panic!("{host}: {problem:?}"));
        (base.url, base.shared)
    }

    #[test]
    fn links_have_only_a_host_that_is_known() {
        let list = ["plan.example", "other.example:8443", "2001:db8::7"];
        let list = list.map(|text| text.parse().expect(text)).to_vec();
        let listening = Some("203.0.113.9:8080".parse().expect("an address"));
        let hosts = Hosts::new(None, list, listening);
        let none = String::new();
        for (host, base) in [
            // In the list.
            ("plan.example", ("http://plan.example".to_owned(), true)),
            (
                "Plan.Example:81",
                ("http://plan.example:81".to_owned(), true),
            ),
            (
                "other.example:8443",
                ("http://other.example:8443".to_owned(), true),
            ),
            (
                "[2001:db8::7]:80",
                ("http://[2001:db8::7]:80".to_owned(), true),
            ),
            // Near: but who asks has said it.
            (
                "localhost:8080",
                ("http://localhost:8080".to_owned(), false),
            ),
            ("127.0.0.1", ("http://127.0.0.1".to_owned(), false)),
            ("[::1]:8080", ("http://[::1]:8080".to_owned(), false)),
            (
                "192.168.7.8:8080",
                ("http://192.168.7.8:8080".to_owned(), false),
            ),
            (
                "server-name:8080",
                ("http://server-name:8080".to_owned(), false),
            ),
            (
                "203.0.113.9:8080",
                ("http://203.0.113.9:8080".to_owned(), false),
            ),
            // Anywhere.
            ("other.example", (none.clone(), true)),
            ("evil.example", (none.clone(), true)),
            ("plan.example.evil.example", (none.clone(), true)),
            ("203.0.113.10", (none.clone(), true)),
            ("[2001:db8::8]", (none.clone(), true)),
            ("3405803785", (none.clone(), true)),
            ("0x7f000001", (none.clone(), true)),
            ("", (none, true)),
        ] {
            assert_eq!(url(&hosts, host), base, "{host}");
        }
        let public = "https://town.example/plan".parse().ok();
        let hosts = Hosts::new(public, Vec::new(), None);
        let town = ("https://town.example/plan".to_owned(), true);
        assert_eq!(url(&hosts, "evil.example"), town);
        assert_eq!(hosts.path(), "/plan");
    }

    #[test]
    fn a_host_is_one_and_an_absolute_address_wins() {
        let list = vec!["a.example".parse().expect("a host")];
        let hosts = Hosts::new(None, list, None);
        for (target, given) in [
            ("/", vec![]),
            ("/", vec!["a.example", "a.example"]),
            ("/", vec!["a.example, b.example"]),
            ("/", vec!["a.example/plan"]),
            ("/", vec!["user@a.example"]),
            ("/", vec!["a.example:port"]),
            ("/", vec!["a.example\"><b"]),
            ("http://a.example/", vec![]),
            ("http://user@a.example/", vec!["a.example"]),
        ] {
            let refused = hosts.base(&request(target, &given));
            assert!(refused.is_err(), "{target} {given:?}: {refused:?}");
        }
        let base = hosts.base(&request("http://a.example/plan", &["evil.example"]));
        assert_eq!(base.expect("a base").url, "http://a.example");
        let base = hosts.base(&request("http://evil.example/plan", &["a.example"]));
        assert_eq!(base.expect("a base").url, "");
        let mut old = request("/", &[]);
        *old.version_mut() = Version::HTTP_10;
        assert_eq!(hosts.base(&old).expect("a base").url, "");
    }
}
