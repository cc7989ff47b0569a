//! What a representation follows from: what its `ETag` is made of and the cache finds it by.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use sha2::{Digest, Sha256};

use super::asked;
use super::coding::Coding;
use super::state::Service;
use crate::model::short_hex;

/// What else than the address chooses among the forms of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vary {
    /// Only the coding.
    Coding,
    /// The form and the coding.
    Form,
    /// Form, language and coding of what must be asked for anew each time: the page of the map names files of one build.
    Page,
    /// Form, language and coding.
    Language,
}

impl Vary {
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Coding => "Accept-Encoding",
            Self::Form => "Accept, Accept-Encoding",
            Self::Page | Self::Language => "Accept, Accept-Language, Accept-Encoding",
        })
    }
}

impl Vary {
    /// How long a copy may be used unasked, and whether by others than who asked.
    pub fn cache(self, shared: bool) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Page => "no-cache",
            _ if shared => "public, max-age=60, must-revalidate",
            _ => "private, max-age=60, must-revalidate",
        })
    }
}

/// The program, the data's version, the address, the base of links, and what is negotiated.
pub(super) struct Inputs {
    key: Vec<u8>,
    coding: Coding,
}

impl Inputs {
    /// Reads them from a request.
    pub fn read(service: &Service, request: &Request, vary: Vary) -> Self {
        let coding = Coding::negotiate(request.headers());
        let target = request.uri().path_and_query();
        let target = target.map_or("", |target| target.as_str());
        // The language chosen and not the header: its many spellings give two pages.
        let lang = match vary {
            Vary::Coding | Vary::Form => "",
            Vary::Page | Vary::Language => asked::by_accept(request.headers()).name(),
        };
        let parts = [
            // Another program may write the same data in another way.
            env!("BUJU_BUILD"),
            service.store.version(),
            &service.base,
            target,
            lang,
        ];
        let mut key = Vec::with_capacity(192);
        key.push(coding as u8);
        for part in parts {
            key.extend_from_slice(part.as_bytes());
            // In no text of a request.
            key.push(0);
        }
        let query = request.uri().query().unwrap_or_default();
        // Where the address says it, the header says nothing: browsers and libraries share an answer. The page keeps
        // what it likes in `f` and beside it, and only the header says then whether it is asked for.
        let form_in_address =
            vary != Vary::Page && query.split('&').any(|pair| pair.starts_with("f="));
        if vary != Vary::Coding && !form_in_address {
            for accept in request.headers().get_all(header::ACCEPT) {
                key.extend_from_slice(accept.as_bytes());
                key.push(0);
            }
        }
        Self { key, coding }
    }

    /// All of them, the coding first.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The coding agreed on.
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// The same without a coding.
    pub fn identity(&self) -> Self {
        let coding = Coding::Identity;
        let mut key = self.key.clone();
        key[0] = coding as u8;
        Self { key, coding }
    }

    /// Names the representation. The body is not needed.
    pub fn tag(&self, service: &Service) -> HeaderValue {
        let digest = short_hex(&Sha256::digest(&self.key));
        let tag = format!(
            "\"{}-{digest}-{}\"",
            service.store.version(),
            self.coding.name()
        );
        // Tags are made of hex digits and coding names, so they are always a valid header.
        HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
    }
}
