//! Finished answers, held until newer ones need their room.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use quick_cache::sync::{Cache as Quick, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::problem::Problem;

/// Each part of the cache has a lock and a share of the budget of its own: enough of them that
/// requests seldom wait for each other, and so few that a large body still fits.
const PART: u64 = 16 << 20;

/// No body may take more than this share of a part, or it would drive out all others.
const SHARE: u64 = 4;

/// The greater part is for what was asked for more than once, the rest for what has just come: a map
/// that is moved about asks for new tiles all the time, and soon again for those it has left.
const ASKED_AGAIN: f64 = 0.75;

/// Of a typical tile, for a guess at how many there will be.
const TYPICAL: u64 = 32 << 10;

/// Memory beside key and body: places in tables, and headers.
const AROUND: u64 = 1 << 11;

/// An answer as a whole.
#[derive(Debug)]
pub(super) struct Kept {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Kept {
    /// Reads an answer whole; bodies are made in memory before, within the limits of each route.
    pub async fn read(response: Response) -> Result<Self, Problem> {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX)
            .await
            .map_err(|error| Problem::failed(&error))?;
        let mut headers = parts.headers;
        // Told anew for each answer.
        headers.remove(header::CONTENT_LENGTH);
        Ok(Self {
            status: parts.status,
            headers,
            body,
        })
    }

    /// The answer once more, with its body as it is to be sent: shared and not copied.
    pub fn response(&self, body: Bytes) -> Response {
        let mut response = Body::from(body).into_response();
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// Answers by what they follow from.
pub(super) struct Cache {
    /// None where nothing is to be kept.
    answers: Option<Quick<Box<[u8]>, Arc<Kept>, Bytewise>>,
    largest: u64,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How well the cache serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Use {
    /// Requests that were answered from it, and that were not.
    pub hits: u64,
    pub misses: u64,
    /// What it holds, and may hold.
    pub bytes: u64,
    pub capacity: u64,
    pub answers: usize,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Box<[u8]>, Arc<Kept>> for Bytewise {
    fn weight(&self, key: &Box<[u8]>, kept: &Arc<Kept>) -> u64 {
        weight(key, kept)
    }
}

fn weight(key: &[u8], kept: &Kept) -> u64 {
    let bytes = key.len() + kept.body.len();
    AROUND + u64::try_from(bytes).unwrap_or(u64::MAX / 2)
}

impl Cache {
    /// Room for so many bytes; 0 keeps nothing.
    pub fn new(bytes: u64) -> Self {
        let parts = (bytes / PART).max(1);
        // A power of two, as the cache would else round it up.
        let parts = 1 << parts.ilog2();
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity(usize::try_from(bytes / TYPICAL).unwrap_or(usize::MAX))
            .shards(usize::try_from(parts).unwrap_or(1))
            .hot_allocation(ASKED_AGAIN)
            .build()
            .ok()
            .filter(|_| bytes > 0);
        let answers = options.map(|options| {
            let hasher = DefaultHashBuilder::default();
            Quick::with_options(options, Bytewise, hasher, DefaultLifecycle::default())
        });
        Self {
            largest: answers.as_ref().map_or(0, Quick::shard_capacity) / SHARE,
            answers,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The answer to a request, which is counted.
    pub fn answer(&self, key: &[u8]) -> Option<Arc<Kept>> {
        let kept = self.get(key);
        let count = if kept.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        count.fetch_add(1, Ordering::Relaxed);
        kept
    }

    pub fn get(&self, key: &[u8]) -> Option<Arc<Kept>> {
        self.answers.as_ref()?.get(key)
    }

    /// Keeps an answer if it is not too large.
    pub fn keep(&self, key: &[u8], kept: &Arc<Kept>) {
        if let Some(answers) = &self.answers
            && weight(key, kept) <= self.largest
        {
            answers.insert(key.into(), kept.clone());
        }
    }

    /// Drops answers that nobody will ask for again: those for whose key `gone` is true. O(n).
    pub fn forget(&self, gone: impl Fn(&[u8]) -> bool) {
        if let Some(answers) = &self.answers {
            answers.retain(|key, _| !gone(key));
        }
    }

    /// How well it serves.
    pub fn usage(&self) -> Use {
        let answers = self.answers.as_ref();
        Use {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bytes: answers.map_or(0, Quick::weight),
            capacity: answers.map_or(0, Quick::capacity),
            answers: answers.map_or(0, Quick::len),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(length: usize) -> Arc<Kept> {
        Arc::new(Kept {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: vec![7; length].into(),
        })
    }

    #[test]
    fn the_budget_is_kept() {
        for megabytes in [1, 5, 40] {
            let budget = megabytes << 20;
            let cache = Cache::new(budget);
            for n in 0_u32..3_000 {
                cache.keep(&n.to_be_bytes(), &kept(50_000));
                // One is asked for all the time.
                assert!(n == 0 || cache.get(&0_u32.to_be_bytes()).is_some(), "{n}");
            }
            let answers = cache.answers.as_ref().expect("a cache");
            assert!(answers.capacity() <= budget && answers.weight() <= budget);
            assert!(answers.weight() * 10 > budget * 8, "{}", answers.weight());
            assert!(cache.get(&2_999_u32.to_be_bytes()).is_some());
        }
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let cache = Cache::new(1 << 20);
        cache.keep(b"small", &kept(200_000));
        cache.keep(b"large", &kept(300_000));
        assert!(cache.get(b"small").is_some() && cache.get(b"large").is_none());
        let none = Cache::new(0);
        none.keep(b"small", &kept(1));
        assert!(none.get(b"small").is_none());
    }

    #[test]
    fn what_is_forgotten_gives_its_room_back() {
        let cache = Cache::new(8 << 20);
        for n in 0_u8..100 {
            cache.keep(&[n], &kept(20_000));
        }
        assert!(cache.answer(&[99]).is_some() && cache.answer(&[100]).is_none());
        let before = cache.usage();
        assert_eq!((before.answers, before.hits, before.misses), (100, 1, 1));
        cache.forget(|key| key[0] != 7);
        let after = cache.usage();
        assert_eq!(after.answers, 1);
        assert_eq!(after.bytes, weight(&[7], &kept(20_000)));
        assert!(before.bytes == 100 * after.bytes && after.capacity == before.capacity);
        assert!(cache.get(&[7]).is_some() && cache.get(&[8]).is_none());
    }
}
