//! One search over all collections.

use geo::{Coord, Euclidean, Geometry, InterpolateLine, Length, LineString};

use super::Store;
use crate::model::Feature;
use crate::query::{
    self, Budget, Found, FoundIn, Likeness, Match, Names, Query, Search, Stopped, Window,
};
use crate::snapshot::{Collection, Row};
use crate::tile::Layer;

/// The largest collection in which names are compared letter by letter: 20 000 take some 10 ms.
const COMPARED: u32 = 20_000;
/// A longer text is like no id and no name.
const LONGEST: usize = 200;
/// Less like than this is not like at all.
const ALIKE: f64 = 0.7;

impl Store {
    /// Searches names, codes and addresses of all collections, in a box where one is given. At most `limit`
    /// features come back, and at most `each` of a collection; the counts are of all. A text without a letter
    /// finds nothing. O(distinct names and codes).
    ///
    /// # Errors
    /// The budget stops it.
    pub fn search(
        &self,
        text: &str,
        bbox: Option<&Window>,
        limit: usize,
        each: usize,
        budget: &Budget,
    ) -> Result<Search<'_>, Stopped> {
        let mut out = Search {
            matched: 0,
            collections: Vec::new(),
            found: Vec::new(),
        };
        let mut best: Vec<(Match, usize, Row)> = Vec::new();
        for (at, (collection, names)) in self.searched().enumerate() {
            let mut rows = query::search(collection, names, text, budget)?;
            if let Some(bbox) = bbox {
                let query = Query {
                    bbox: Some(bbox.clone()),
                    budget: budget.clone(),
                    ..Query::default()
                };
                let inside = query::matched(collection, &query)?.rows;
                rows.retain(|(row, _)| inside.binary_search(row).is_ok());
            }
            if rows.is_empty() {
                continue;
            }
            let is_name = |how: &Match| matches!(how, Match::Name(_));
            out.matched += rows.len();
            out.collections.push(FoundIn {
                info: &collection.info,
                matched: rows.len(),
                named: rows.iter().filter(|(_, how)| is_name(how)).count(),
            });
            rows.sort_unstable_by_key(|(row, how)| (*how, *row));
            best.extend(rows.iter().take(each).map(|(row, how)| (*how, at, *row)));
        }
        best.sort_unstable_by_key(|(how, at, row)| (class(*how), *at, *how, *row));
        best.truncate(limit);
        let made = best
            .into_iter()
            .map(|(how, at, row)| self.found(at, row, how));
        out.found = made.collect();
        Ok(out)
    }

    /// The features whose id or name looks most like a text, for whoever followed an old or mistyped link: an
    /// equal id of another collection first. Collections of more than 20 000 features are searched for
    /// the text only; a text that is longer than any id or name is like none.
    ///
    /// # Errors
    /// The budget stops it.
    pub fn similar(
        &self,
        text: &str,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<Found<'_>>, Stopped> {
        if text.chars().count() > LONGEST {
            return Ok(Vec::new());
        }
        let words = text.replace(['-', '_', '/'], " ");
        let mut all: Vec<(f64, usize, Row)> = Vec::new();
        for (at, (collection, names)) in self.searched().enumerate() {
            if !collection.info.register {
                continue;
            }
            all.extend(collection.row(text).map(|row| (2.0, at, row)));
            if collection.count() <= COMPARED {
                let ids = (0..collection.count()).map(|row| {
                    let id = collection.id(row).text().to_lowercase();
                    (strsim::jaro_winkler(&text.to_lowercase(), &id), at, row)
                });
                all.extend(ids);
                let alike = names.similar(&words, limit).into_iter();
                all.extend(alike.map(|(likeness, row)| (likeness, at, row)));
            }
            let holds = names.ranked(&words, budget)?.into_iter().take(limit);
            all.extend(holds.map(|(row, _)| (1.0, at, row)));
        }
        all.retain(|(likeness, ..)| *likeness >= ALIKE);
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut seen = std::collections::HashSet::new();
        all.retain(|(_, at, row)| seen.insert((*at, *row)));
        all.truncate(limit);
        let how = Match::Name(Likeness::Within);
        let made = all.into_iter().map(|(_, at, row)| self.found(at, row, how));
        Ok(made.collect())
    }

    fn searched(&self) -> impl Iterator<Item = (&Collection, &Names)> {
        self.snapshot.collections.iter().zip(&self.names)
    }

    fn found(&self, at: usize, row: Row, how: Match) -> Found<'_> {
        let collection = &self.snapshot.collections[at];
        let feature = query::feature(collection, row);
        Found {
            info: &collection.info,
            label: label(self.layer(at), row, &feature),
            feature,
            how,
        }
    }
}

/// All codes are equally good: which column they stand in says nothing.
fn class(how: Match) -> (bool, Option<Likeness>) {
    match how {
        Match::Name(likeness) => (false, Some(likeness)),
        Match::Code(_) => (true, None),
    }
}

/// The label point of a polygon as tiles have it, the middle of a line, the point itself.
fn label(layer: &Layer, row: Row, feature: &Feature) -> Option<Coord<f64>> {
    layer
        .label(row)
        .or_else(|| middle(feature.geometry.as_ref()?))
}

fn middle(geometry: &Geometry<f64>) -> Option<Coord<f64>> {
    let of_line = |line: &LineString<f64>| {
        Euclidean
            .point_at_ratio_from_start(line, 0.5)
            .map(Coord::from)
    };
    match geometry {
        Geometry::Point(point) => Some(point.0),
        Geometry::MultiPoint(points) => points.0.first().map(|point| point.0),
        Geometry::LineString(line) => of_line(line),
        Geometry::MultiLineString(lines) => {
            let length = |line: &&LineString<f64>| Euclidean.length(*line);
            let longest = lines
                .0
                .iter()
                .max_by(|a, b| length(a).total_cmp(&length(b)));
            longest.and_then(of_line)
        }
        Geometry::GeometryCollection(parts) => parts.0.first().and_then(middle),
        _ => None,
    }
}
