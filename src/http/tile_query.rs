//! Which features of which collections tiles show: the query grammar, for several collections at
//! once.

use geo::Rect;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::answer::GEOJSON;
use super::asked::without;
use super::links::escaped;
use super::params::Params;
use super::problem::Problem;
use super::state::Service;
use crate::encode::Link;
use crate::grammar::{self, QueryError, Refused};
use crate::model::CollectionInfo;
use crate::query::Query;
use crate::snapshot::{Summary, joined};
use crate::store::Store;
use crate::tile::Tile;

/// A query per collection, and how it was asked.
pub(super) struct TileQuery {
    /// By collection; none left out that is shown.
    queries: Vec<(String, Query)>,
    /// What was asked, for links to tiles; empty, or beginning with `&`.
    asked: String,
    /// What was asked of each collection, for links to its items.
    of_items: String,
    own_box: bool,
}

impl TileQuery {
    /// Takes all that is left of a request's parameters; `raw` is its query string. `of` is the
    /// collection that the path names, which is known to exist; without one, `collections` may name
    /// some.
    pub fn read(
        mut params: Params,
        raw: Option<&str>,
        service: &Service,
        of: Option<&str>,
    ) -> Result<Self, Problem> {
        let store = &service.store;
        let named = match of {
            Some(id) => Some(vec![id.to_owned()]),
            None => params.read("collections", names)?,
        };
        let unknown = |id: &&String| store.collection(id).is_none();
        if let Some(id) = named.iter().flatten().find(unknown) {
            let reason = format!("there is no collection {id:?}");
            return Err(Problem::parameter("collections", reason));
        }
        if params.take("sortby").is_some() {
            let reason = "is not known here; the features of a tile have no order";
            return Err(Problem::parameter("sortby", reason));
        }
        let own_box = params.has("bbox");
        let wanted = |id: &str| {
            named
                .as_ref()
                .is_none_or(|named| named.iter().any(|n| n == id))
        };
        let infos = store.collections().map(|summary| summary.info);
        let infos: Vec<_> = infos.filter(|info| wanted(&info.id)).collect();
        let mut foreign = vec!["f", "lang", "collections"];
        if !own_box {
            foreign.push("bbox-crs");
        }
        Ok(Self {
            queries: compiled(params, service, &infos)?,
            asked: appended(&without(raw, &["f", "lang"])),
            of_items: appended(&without(raw, &foreign)),
            own_box,
        })
    }

    /// The query of a collection that is shown.
    pub fn query(&self, collection: &str) -> Option<&Query> {
        let mut pairs = self.queries.iter();
        let (_, query) = pairs.find(|(id, _)| id == collection)?;
        Some(query)
    }

    /// The collections that are shown.
    pub fn summaries<'s>(&self, store: &'s Store) -> Vec<Summary<'s>> {
        let shown = |summary: &Summary| self.query(&summary.info.id).is_some();
        store.collections().filter(shown).collect()
    }

    /// The box in degrees around everything that may be shown.
    pub fn bounds(&self, store: &Store) -> Option<Rect<f64>> {
        let summaries = self.summaries(store).into_iter();
        summaries
            .filter_map(|summary| summary.bounds)
            .reduce(joined)
    }

    /// What was asked, as the end of an address of tiles that has a query already: empty, or
    /// beginning with `&`. Braces are escaped, because such an address is a template.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The same as the whole query of an address: empty, or beginning with `?`.
    pub fn asked_alone(&self) -> String {
        self.asked.replacen('&', "?", 1)
    }

    /// For each collection of a tile of which something is left out, the address of all of it: the
    /// features that match in the tile's box. Where a box was asked for, the items are those of that
    /// box, because an address has only one.
    pub fn items(&self, base: &str, tile: &Tile) -> Vec<Link<'static>> {
        let shown = tile.coord.buffered();
        let (low, high) = (shown.min(), shown.max());
        let [west, east] = [low.x, high.x].map(|x| x.clamp(-180.0, 180.0));
        let [south, north] = [low.y, high.y].map(|y| y.clamp(-90.0, 90.0));
        let query = if self.own_box {
            self.of_items.replacen('&', "?", 1)
        } else {
            format!("?bbox={west},{south},{east},{north}{}", self.of_items)
        };
        let omitted = tile
            .layers
            .iter()
            .filter(|layer| layer.shown() < layer.matched);
        omitted
            .map(|layer| {
                let id = escaped(&layer.collection.info.id);
                let href = format!("{base}/collections/{id}/items{query}");
                ("items", href, GEOJSON, "the features, with those left out")
            })
            .collect()
    }
}

/// A query for each collection.
fn compiled(
    mut params: Params,
    service: &Service,
    infos: &[&CollectionInfo],
) -> Result<Vec<(String, Query)>, QueryError> {
    if params.is_empty() {
        let ids = infos.iter().map(|info| info.id.clone());
        return Ok(ids.map(|id| (id, Query::default())).collect());
    }
    let (store, budget) = (&service.store, &service.work.budget);
    // The same places for all of them.
    let near = grammar::near(&mut params, store, budget)?;
    let (mut queries, mut failures) = (Vec::new(), Vec::new());
    for info in infos {
        match grammar::query(&mut params.clone(), store, info, budget) {
            Ok(query) => {
                let near = near.clone();
                queries.push((info.id.clone(), Query { near, ..query }));
            }
            Err(QueryError::Refused(refused)) => failures.push((info.id.as_str(), refused)),
            Err(stopped) => return Err(stopped),
        }
    }
    let Some((id, refused)) = failures.first() else {
        return Ok(queries);
    };
    // A mistake that has nothing to do with the collection is told as anywhere else.
    let everywhere = queries.is_empty() && failures.iter().all(|(_, other)| other == refused);
    if everywhere {
        return Err(refused.clone().into());
    }
    let offer = if queries.is_empty() {
        "it fits no collection here".to_owned()
    } else {
        let fits: Vec<_> = queries.iter().map(|(id, _)| id.as_str()).collect();
        format!("it fits those of collections={}", fits.join(","))
    };
    let reason = format!("{} (collection {id:?}; {offer})", refused.reason);
    Err(Refused {
        reason,
        ..(*refused).clone()
    }
    .into())
}

fn names(text: &str) -> Result<Vec<String>, &'static str> {
    let names: Vec<_> = text.split(',').map(str::to_owned).collect();
    if names.iter().any(String::is_empty) {
        return Err("expected ids of collections separated by commas");
    }
    Ok(names)
}

/// Characters that may not stand in an address, or not in a template or a header; beyond ASCII all.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'{')
    .add(b'}');

fn appended(query: &str) -> String {
    let joint = if query.is_empty() { "" } else { "&" };
    format!("{joint}{}", utf8_percent_encode(query, UNSAFE))
}
