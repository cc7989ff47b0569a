use std::sync::Arc;

use arc_swap::ArcSwap;

use super::assets::Assets;
use super::basemap::Basemaps;
use super::cache::Cache;
use super::conditional::Made;
use super::flight::Flights;
use crate::store::Store;

/// What every request shares.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    store: ArcSwap<Store>,
    assets: &'static Assets,
    public_url: Option<String>,
    basemaps: Basemaps,
    cache: Cache,
    flights: Flights<Made>,
}

/// The store as one request sees it, from start to end.
#[derive(Clone)]
pub struct Service {
    /// One version of the plan.
    pub store: Arc<Store>,
    /// Where the client finds the server, without a slash at the end.
    pub base: String,
}

impl App {
    /// Serves a store. `public_url` is where clients find the server when a proxy stands before
    /// it; without one, the request's `Host` says. `cache` is how many bytes of finished answers are
    /// held at most; with 0 each is made anew.
    #[must_use]
    pub fn new(store: Store, public_url: Option<&str>, cache: u64) -> Self {
        Self(Arc::new(Shared {
            basemaps: Basemaps::open(store.plan()),
            store: ArcSwap::from_pointee(store),
            assets: Assets::shared(),
            public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
            cache: Cache::new(cache),
            flights: Flights::default(),
        }))
    }

    /// Prepares tiles, which whoever asks for one waits for.
    pub fn prepare(&self) {
        self.store().prepare();
    }

    /// The running version.
    pub(super) fn store(&self) -> Arc<Store> {
        self.0.store.load_full()
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.0.cache
    }

    /// Answers being made.
    pub(super) fn flights(&self) -> &Flights<Made> {
        &self.0.flights
    }

    pub(super) fn assets(&self) -> &'static Assets {
        self.0.assets
    }

    pub(super) fn basemaps(&self) -> &Basemaps {
        &self.0.basemaps
    }

    pub(super) fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }
}
