//! The seam between what is asked and how it is kept. Answers are owned: no row number, index or
//! driver error crosses it.

mod difference;
mod open;
mod search;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::crs::Crs;
use crate::model::{Feature, Finding, Plan};
use crate::query::{
    self, Begin, Budget, Names, Near, Page, Query, SelectError, Selection, Statistics,
    StatisticsError, StatisticsRequest, Stopped, TextSearch,
};
use crate::snapshot::{Snapshot, Summary};
use crate::tile::{self, Frame, Grid, Layer, Tile, TileCoord};

pub use difference::Difference;
pub use open::OpenError;

/// One version of a plan, ready to answer.
#[derive(Debug)]
pub struct Store {
    snapshot: Snapshot,
    /// One per collection, made for its first tile, or by [`Store::prepare`] before.
    layers: Vec<OnceLock<Layer>>,
    /// One per collection.
    names: Vec<Names>,
    /// By feature id, positions in the snapshot's findings: a plan may have a warning per feature.
    findings: HashMap<String, Vec<usize>>,
    /// One per collection: how many findings are about its rows.
    findings_of: Vec<usize>,
}

/// A feature and what the checks found about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The feature.
    pub feature: Feature,
    /// Warnings about it.
    pub findings: Vec<Finding>,
}

impl Store {
    /// Ready to answer; the first tile of a collection takes as long as it takes to prepare it for tiles.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let layers = snapshot.collections.iter().map(|_| OnceLock::new());
        let layers = layers.collect();
        let names = snapshot.collections.iter().map(Names::build).collect();
        let mut findings: HashMap<String, Vec<usize>> = HashMap::new();
        let mut findings_of = vec![0; snapshot.collections.len()];
        for (at, finding) in snapshot.findings.iter().enumerate() {
            let Some(id) = &finding.id else { continue };
            findings.entry(id.clone()).or_default().push(at);
            for (count, collection) in findings_of.iter_mut().zip(&snapshot.collections) {
                *count += usize::from(collection.row(id).is_some());
            }
        }
        Self {
            snapshot,
            layers,
            names,
            findings,
            findings_of,
        }
    }

    /// Prepares every collection for tiles: of a million features about two seconds of processor time. Who
    /// asks for a tile meanwhile waits for it.
    pub fn prepare(&self) {
        for at in 0..self.layers.len() {
            self.layer(at);
        }
    }

    fn layer(&self, at: usize) -> &Layer {
        self.layers[at].get_or_init(|| Layer::build(&self.snapshot.collections[at]))
    }

    /// The plan's description.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.snapshot.plan
    }

    /// The CRSs that features are served in, CRS84 first.
    #[must_use]
    pub fn crs(&self) -> Vec<Crs> {
        let configured = self.plan().crs.iter().filter_map(|name| name.parse().ok());
        let others = configured.filter(|crs| *crs != Crs::Crs84);
        std::iter::once(Crs::Crs84).chain(others).collect()
    }

    /// Digest of the inputs, in hex.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.snapshot.version
    }

    /// Every collection, in the plan's order.
    pub fn collections(&self) -> impl Iterator<Item = Summary<'_>> {
        let counted = self.snapshot.collections.iter().zip(&self.findings_of);
        counted.map(|(collection, findings)| collection.summary(*findings))
    }

    /// One collection; `None` where there is none of that name.
    #[must_use]
    pub fn collection(&self, id: &str) -> Option<Summary<'_>> {
        self.collections().find(|summary| summary.info.id == id)
    }

    /// A page of a collection's rows, after the one that the cursor names; `None` for an unknown
    /// collection.
    ///
    /// # Errors
    /// The cursor is not one of this collection and sort, or the query's budget stops it.
    pub fn items(
        &self,
        collection: &str,
        query: &Query,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Option<Page>, SelectError> {
        self.snapshot
            .collection(collection)
            .map(|collection| query::page(collection, query, limit, cursor))
            .transpose()
    }

    /// The same rows, each made when it is asked for; `None` for an unknown collection.
    ///
    /// # Errors
    /// The cursor is not one of this collection and sort, or the query's budget stops it.
    pub fn select(
        &self,
        collection: &str,
        query: &Query,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Option<Selection<'_>>, SelectError> {
        self.snapshot
            .collection(collection)
            .map(|collection| query::select(collection, query, limit, cursor))
            .transpose()
    }

    /// The same from anywhere on.
    ///
    /// # Errors
    /// The cursor is not one of this collection and sort, or the query's budget stops it.
    pub fn select_from(
        &self,
        collection: &str,
        query: &Query,
        limit: usize,
        begin: Begin,
    ) -> Result<Option<Selection<'_>>, SelectError> {
        self.snapshot
            .collection(collection)
            .map(|collection| query::select_from(collection, query, limit, begin))
            .transpose()
    }

    /// What a collection's rows add up to; `None` for an unknown collection.
    ///
    /// # Errors
    /// A request that cannot be answered.
    pub fn statistics(
        &self,
        collection: &str,
        query: &Query,
        request: &StatisticsRequest,
    ) -> Result<Option<Statistics>, StatisticsError> {
        self.snapshot
            .collection(collection)
            .map(|collection| query::statistics(collection, query, request))
            .transpose()
    }

    /// The places of a collection's rows that a query matches, for a search around them; `None`
    /// for an unknown collection.
    ///
    /// # Errors
    /// There are too many, or the query's budget stops it.
    pub fn near(
        &self,
        collection: &str,
        query: &Query,
        within: f64,
    ) -> Result<Option<Near>, Stopped> {
        self.snapshot
            .collection(collection)
            .map(|collection| Near::features(collection, query, within))
            .transpose()
    }

    /// How a query would be answered, in words; `None` for an unknown collection.
    ///
    /// # Errors
    /// The query's budget stops it.
    pub fn explain(&self, collection: &str, query: &Query) -> Result<Option<String>, Stopped> {
        let explained = |collection| {
            let plan = query::plan(collection, query)?.describe(&collection.info);
            let matched = query::matched(collection, query)?.rows.len();
            Ok(format!("{plan}; after the filter: {matched}"))
        };
        let collection = self.snapshot.collection(collection);
        collection.map(explained).transpose()
    }

    /// A search in a collection's names; `None` for an unknown collection.
    ///
    /// # Errors
    /// The budget stops it.
    pub fn names(
        &self,
        collection: &str,
        text: &str,
        budget: &Budget,
    ) -> Result<Option<TextSearch>, Stopped> {
        let mut pairs = self.snapshot.collections.iter().zip(&self.names);
        let found = pairs.find(|(candidate, _)| candidate.info.id == collection);
        found
            .map(|(_, names)| names.search(text, budget))
            .transpose()
    }

    /// One feature; `None` for an unknown collection or id.
    #[must_use]
    pub fn item(&self, collection: &str, id: &str) -> Option<Item> {
        let collection = self.snapshot.collection(collection)?;
        let feature = query::feature(collection, collection.row(id)?);
        let about = self.findings.get(id).into_iter().flatten();
        let findings = about.map(|at| self.snapshot.findings[*at].clone());
        Some(Item {
            feature,
            findings: findings.collect(),
        })
    }

    /// A tile of the collections that `wanted` has a query for, and of the rows that it matches; in
    /// the plan's order.
    ///
    /// # Errors
    /// The budget of one of the queries stops it.
    pub fn tile<'q>(
        &self,
        coord: TileCoord,
        grid: Grid,
        wanted: impl Fn(&str) -> Option<&'q Query>,
    ) -> Result<Tile<'_>, Stopped> {
        let frame = Frame::new(coord, grid);
        let collections = self.snapshot.collections.iter().enumerate();
        let layers = collections
            .filter_map(|(at, collection)| {
                let query = wanted(&collection.info.id)?;
                let (layer, budget) = (self.layer(at), self.plan().tiles);
                Some(tile::cut(collection, layer, query, coord, &frame, budget))
            })
            .collect::<Result<_, Stopped>>()?;
        Ok(Tile {
            coord,
            frame,
            layers,
        })
    }
}
