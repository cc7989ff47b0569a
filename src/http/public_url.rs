//! The address that an operator gives a server behind a proxy.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::Scheme;

/// Where clients find the server: `http` or `https`, a host, and perhaps a path. It goes into links and headers, so
/// nothing else is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// Without a slash at the end.
    url: String,
    /// Where the path begins.
    path: usize,
}

/// Why a text is no address of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// Another scheme, or none.
    #[error("expected a URL that begins with http:// or https://")]
    Scheme,
    /// A name, perhaps with a password.
    #[error("expected a URL without a user name or password")]
    User,
    /// `?...`
    #[error("expected a URL without a query (\"?\")")]
    Query,
    /// `#...`
    #[error("expected a URL without a fragment (\"#\")")]
    Fragment,
    /// Nothing behind the scheme, or a port that is none.
    #[error("expected a host name or an IP address, with or without a port, after the scheme")]
    Host,
    /// A dot segment, an empty one, or a character that has to be escaped.
    #[error(
        "expected a path of letters, digits, \"-\", \".\", \"_\", \"~\", \"%XX\" and single slashes"
    )]
    Path,
}

impl PublicUrl {
    /// The whole address, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The path that all paths of the server begin with: empty, or such as `/plan`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.url[self.path..]
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.url)
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        // The parser below leaves a fragment out without a word.
        if text.contains('#') {
            return Err(PublicUrlError::Fragment);
        }
        let lower = text.to_ascii_lowercase();
        if !lower.starts_with("http://") && !lower.starts_with("https://") {
            return Err(PublicUrlError::Scheme);
        }
        if text.contains('?') {
            return Err(PublicUrlError::Query);
        }
        let uri: Uri = text.parse().map_err(|_| {
            let (_, rest) = text.split_once("//").unwrap_or_default();
            let host = rest.split('/').next().unwrap_or_default();
            let odd = host.is_empty() || !host.bytes().all(|byte| byte.is_ascii_graphic());
            if odd || !rest.contains('/') {
                PublicUrlError::Host
            } else {
                PublicUrlError::Path
            }
        })?;
        let scheme = uri.scheme().unwrap_or(&Scheme::HTTP);
        let authority = uri.authority().ok_or(PublicUrlError::Host)?;
        if authority.as_str().contains('@') {
            return Err(PublicUrlError::User);
        }
        if !is_authority(authority.as_str()) {
            return Err(PublicUrlError::Host);
        }
        let path = uri.path().trim_end_matches('/');
        if !path.split('/').skip(1).all(is_segment) {
            return Err(PublicUrlError::Path);
        }
        let root = format!("{scheme}://{}", authority.as_str().to_ascii_lowercase());
        Ok(Self {
            url: format!("{root}{path}"),
            path: root.len(),
        })
    }
}

/// A segment that is no folder of dots, and needs no escape in a path, a header or an attribute.
fn is_segment(text: &str) -> bool {
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let good = match byte {
            b'%' => (0..2).all(|_| rest.next().is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || b"-._~".contains(&byte),
        };
        if !good {
            return false;
        }
    }
    !text.is_empty() && text != "." && text != ".."
}

/// True for a host as links may have it, with or without a port: a name of letters, digits, hyphens, dots and
/// underscores, or an IP address (RFC 3986, section 3.2.2, less the characters that no host in use has).
pub(super) fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => {
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            (None, rest)
        }
        None => match text.split_once(':') {
            Some((host, _)) => (Some(host), &text[host.len()..]),
            None => (Some(text), ""),
        },
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let named = host.is_none_or(|host| {
        !host.is_empty() && host.len() <= 253 && !host.starts_with('.') && host.bytes().all(letters)
    });
    let numbered = match port.strip_prefix(':') {
        Some(port) => port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    named && numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_server_is_read() {
        for (text, url, path) in [
            ("https://plan.example", "https://plan.example", ""),
            ("https://plan.example/", "https://plan.example", ""),
            (
                "http://Plan.Example:8080/Town",
                "http://plan.example:8080/Town",
                "/Town",
            ),
            ("HTTP://a.example/plan//", "http://a.example/plan", "/plan"),
            (
                "http://[::1]:80/a/b-1_%E8~/",
                "http://[::1]:80/a/b-1_%E8~",
                "/a/b-1_%E8~",
            ),
        ] {
            let read: PublicUrl = text
                .parse()
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((read.as_str(), read.path()), (url, path), "{text}");
        }
    }

    #[test]
    fn nothing_else_is() {
        use PublicUrlError::{Fragment, Host, Path, Query, Scheme, User};
        for (text, error) in [
            ("", Scheme),
            ("plan.example", Scheme),
            ("/plan", Scheme),
            ("javascript:alert(1)", Scheme),
            ("javascript://plan.example/%0aalert(1)", Scheme),
            ("ftp://plan.example", Scheme),
            ("https:plan.example", Scheme),
            ("https://", Host),
            ("https:///plan", Host),
            ("https://:8080", Host),
            ("https://plan.example:", Host),
            ("https://plan.example:http", Host),
            ("https://plan.example:65536", Host),
            ("https://[1.2.3.4]", Host),
            ("https://规划.example", Host),
            ("https://plan example/", Host),
            ("https://plan.example\"onload=", Host),
            ("https://user@plan.example", User),
            ("https://user:secret@plan.example/plan", User),
            ("https://plan.example?a=1", Query),
            ("https://plan.example/plan?", Query),
            ("https://plan.example/#", Fragment),
            ("https://plan.example/a//b", Path),
            ("https://plan.example/a/../b", Path),
            ("https://plan.example/.", Path),
            ("https://plan.example/a b", Path),
            ("https://plan.example/规划", Path),
            ("https://plan.example/<b>", Path),
            ("https://plan.example/a\"b", Path),
            ("https://plan.example/%2", Path),
            ("https://plan.example/%zz", Path),
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(error), "{text}");
        }
    }
}
