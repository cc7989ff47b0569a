use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use arc_swap::ArcSwap;

use super::admin::{AdminToken, WrongTokens};
use super::assets::Assets;
use super::basemap::{self, Basemaps};
use super::cache::Cache;
use super::conditional::Made;
use super::flight::Flights;
use super::hosts::{AllowedHost, Hosts};
use super::public_url::PublicUrl;
use super::reload::Reloads;
use super::requests::Requests;
use super::spool::Spools;
use super::unsent::Unsent;
use super::work::WorkContext;
use crate::store::Store;

/// What every request shares.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// An app that ends when nobody else holds it.
pub(super) struct WeakApp(Weak<Shared>);

struct Shared {
    running: ArcSwap<Running>,
    /// Every version that somebody may still hold.
    versions: Mutex<Vec<Weak<Store>>>,
    assets: &'static Assets,
    hosts: Hosts,
    admin: Option<AdminToken>,
    wrong_tokens: WrongTokens,
    cache: Cache,
    flights: Flights<Made>,
    reloads: Reloads,
    requests: Requests,
    spools: Spools,
    unsent: Unsent,
    started: SystemTime,
    /// True where those who administer the server have a port of their own.
    admin_apart: bool,
    /// True once the server was told to end.
    leaving: AtomicBool,
}

/// The version of the plan that is served, with what follows from it.
pub(super) struct Running {
    pub store: Arc<Store>,
    pub basemaps: Basemaps,
    /// Since when it is served.
    pub since: SystemTime,
}

/// The version that a request is to see, where a layer around the handlers shows it as well.
#[derive(Clone)]
pub(super) struct Pinned(pub Arc<Store>);

/// The store as one request sees it, from start to end.
#[derive(Clone)]
pub struct Service {
    /// One version of the plan.
    pub store: Arc<Store>,
    /// What links begin with: where the client finds the server, or a path where its host is unknown. Without a slash
    /// at the end.
    pub base: String,
    /// False where `base` has the client's own words in it: no shared cache may keep the answer.
    pub shared: bool,
    /// For whom the request's work is done, and what it may cost.
    pub work: WorkContext,
}

/// What an operator decides.
#[derive(Debug, Default)]
pub struct Settings {
    /// Where clients find the server when a proxy stands before it; without one, the request's `Host` says, where
    /// that is known.
    pub public_url: Option<PublicUrl>,
    /// Hosts that links may name beside those of this machine and its network.
    pub allowed_hosts: Vec<AllowedHost>,
    /// Where the server listens.
    pub listen: Option<SocketAddr>,
    /// How many bytes of finished answers are held at most; with 0 each is made anew.
    pub cache: u64,
    /// What those who administer the server have to show; without one nobody can over HTTP.
    pub admin: Option<AdminToken>,
    /// How many bytes of large files may lie in the system's temporary folder; 4 GiB without it.
    pub temp: Option<u64>,
    /// Whether `/metrics` and `/admin` have a port of their own ([`super::admin_router`]), and are not on the public one.
    pub admin_apart: bool,
}

/// Bytes of large files, where nothing else is told.
const TEMP: u64 = 4 << 30;

impl App {
    /// Serves a store.
    #[must_use]
    pub fn new(store: Store, settings: Settings) -> Self {
        let now = SystemTime::now();
        let store = Arc::new(store);
        let versions = vec![Arc::downgrade(&store)];
        let running = Running {
            basemaps: Basemaps::open(store.plan()),
            store,
            since: now,
        };
        Self(Arc::new(Shared {
            running: ArcSwap::from_pointee(running),
            versions: Mutex::new(versions),
            assets: Assets::shared(),
            hosts: Hosts::new(settings.public_url, settings.allowed_hosts, settings.listen),
            admin: settings.admin,
            wrong_tokens: WrongTokens::default(),
            cache: Cache::new(settings.cache),
            flights: Flights::default(),
            reloads: Reloads::default(),
            requests: Requests::default(),
            spools: Spools::new(settings.temp.unwrap_or(TEMP)),
            unsent: Unsent::default(),
            started: now,
            admin_apart: settings.admin_apart,
            leaving: AtomicBool::new(false),
        }))
    }

    /// Prepares tiles, which whoever asks for one waits for.
    pub fn prepare(&self) {
        self.store().prepare();
    }

    /// The server is about to end: `/readyz` says so from now on.
    pub fn leave(&self) {
        self.0.leaving.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.0.leaving.load(Ordering::Relaxed)
    }

    pub(super) fn is_admin_apart(&self) -> bool {
        self.0.admin_apart
    }

    /// The running version.
    pub(super) fn store(&self) -> Arc<Store> {
        self.0.running.load().store.clone()
    }

    /// The same, with what follows from it.
    pub(super) fn running(&self) -> Arc<Running> {
        self.0.running.load_full()
    }

    /// Serves another version from now on. Finished answers of the old one are dropped; itself is by the last
    /// request that began with it.
    pub(super) fn swap(&self, new: Running) {
        let mut versions = self
            .0
            .versions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let store = new.store.clone();
        let old = self.0.running.swap(Arc::new(new));
        if !Arc::ptr_eq(&old.store, &store) {
            versions.retain(|version| version.strong_count() > 0);
            versions.push(Arc::downgrade(&store));
            self.0.cache.forget(|key| !basemap::is_key(key));
            self.0.spools.forget_unread();
        }
    }

    /// How many versions are in memory: more than one while requests that began with an older one are under way.
    pub(super) fn versions(&self) -> usize {
        let versions = self
            .0
            .versions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let held = versions.iter().filter(|version| version.strong_count() > 0);
        held.count()
    }

    pub(super) fn weak(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.0))
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

    /// What links begin with.
    pub(super) fn hosts(&self) -> &Hosts {
        &self.0.hosts
    }

    pub(super) fn admin(&self) -> Option<&AdminToken> {
        self.0.admin.as_ref()
    }

    pub(super) fn wrong_tokens(&self) -> &WrongTokens {
        &self.0.wrong_tokens
    }

    pub(super) fn reloads(&self) -> &Reloads {
        &self.0.reloads
    }

    pub(super) fn requests(&self) -> &Requests {
        &self.0.requests
    }

    /// Finished answers that clients are taking.
    pub(super) fn unsent(&self) -> &Unsent {
        &self.0.unsent
    }

    /// Large files.
    pub(super) fn spools(&self) -> &Spools {
        &self.0.spools
    }

    pub(super) fn started(&self) -> SystemTime {
        self.0.started
    }
}

impl WeakApp {
    pub fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}

impl Running {
    /// A version with its base maps.
    ///
    /// # Errors
    /// The key of one is missing.
    pub fn open(store: Arc<Store>) -> Result<Self, String> {
        basemap::check_basemaps(store.plan())?;
        Ok(Self {
            basemaps: Basemaps::open(store.plan()),
            store,
            since: SystemTime::now(),
        })
    }
}
