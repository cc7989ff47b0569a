//! Evaluation of one row, three-valued as SQL does it: `None` is unknown, because a null is in the
//! way. Only `Some(true)` keeps a row (OGC 21-065r2, 6.6).

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::rc::Rc;

use geo::{BoundingRect, CoordsIter, Geometry, Intersects, MultiPoint, Point, Rect, Relate};

use super::expression::{
    Array, List, Number, Predicate, Relation, Scalar, Set, Shape, Spatial, Text, Time,
};
use super::literal::Literal;
use super::test::{Shared, Test};
use crate::crs::{Crs, Reprojector};
use crate::model::{IdRef, Span, Stamp};
use crate::query::prepared::Lies;
use crate::query::{fold, measure, window};
use crate::snapshot::{Cells, Collection, Row, ShapeRef};

/// Steps of work (see `Budget`): of any condition, of finding a text and comparing it, of a byte of a text that is
/// folded, of an edge of a geometry that is held against another, that is measured, and that is converted.
const PER_CONDITION: u64 = 4;
const PER_TEXT: u64 = 12;
const PER_FOLDED: u64 = 12;
const PER_RELATED: u64 = 500;
const PER_PREPARED: u64 = 40;
const PER_MEASURED: u64 = 250;
const PER_CONVERTED: u64 = 100;

/// What the evaluation of many rows shares.
pub(in crate::query) struct Scene<'a, 'f> {
    pub collection: &'a Collection,
    shared: Shared<'f>,
    tests: Vec<Test<'f>>,
    /// From CRS84, where one was needed.
    reprojectors: RefCell<Vec<(Crs, Option<Rc<Reprojector>>)>>,
    steps: Cell<u64>,
}

impl<'a, 'f> Scene<'a, 'f> {
    /// For rows that must fulfil all of these.
    pub(in crate::query) fn new(collection: &'a Collection, parts: &[&'f Predicate]) -> Self {
        let (shared, tests) = Shared::arranged(parts);
        Self {
            collection,
            shared,
            tests,
            reprojectors: RefCell::default(),
            steps: Cell::new(0),
        }
    }

    pub(in crate::query) fn row(&'a self, row: Row) -> Place<'a, 'f> {
        Place {
            scene: self,
            row,
            bounds: OnceCell::new(),
            converted: RefCell::default(),
            folded: self.shared.folded.iter().map(|_| OnceCell::new()).collect(),
            likes: self.shared.groups.iter().map(|_| OnceCell::new()).collect(),
            area: OnceCell::new(),
            length: OnceCell::new(),
        }
    }

    /// The steps that evaluation took since this was asked last.
    pub(in crate::query) fn take_steps(&self) -> u64 {
        self.steps.take()
    }

    /// Where steps are added.
    pub(in crate::query) fn steps(&self) -> &Cell<u64> {
        &self.steps
    }

    fn add(&self, steps: u64) {
        self.steps.set(self.steps.get() + steps);
    }

    fn reprojector(&self, crs: Crs) -> Option<Rc<Reprojector>> {
        let mut known = self.reprojectors.borrow_mut();
        if let Some((_, found)) = known.iter().find(|(key, _)| *key == crs) {
            return found.clone();
        }
        let made = Reprojector::new(Crs::Crs84, crs).ok().map(Rc::new);
        known.push((crs, made.clone()));
        made
    }
}

/// None where PROJ cannot convert it.
type Converted = Option<Rc<Geometry<f64>>>;

/// A row while it is evaluated; its geometry is converted at most once per CRS.
pub(in crate::query) struct Place<'a, 'f> {
    scene: &'a Scene<'a, 'f>,
    row: Row,
    bounds: OnceCell<Option<Rect<f64>>>,
    converted: RefCell<Vec<(Crs, Converted)>>,
    /// By position among the scene's folded texts; none of a null.
    folded: Vec<OnceCell<Option<String>>>,
    /// By group of patterns, which of them match; none of a null.
    likes: Vec<OnceCell<Option<Vec<bool>>>>,
    area: OnceCell<Option<f64>>,
    length: OnceCell<Option<f64>>,
}

impl<'a> Place<'a, '_> {
    fn own(&self) -> Option<ShapeRef<'a>> {
        self.scene.collection.geometry(self.row)
    }

    /// The geometry in CRS84.
    pub(in crate::query) fn degrees(&self) -> Converted {
        self.geometry(Crs::Crs84)
    }

    fn cells(&self, column: usize) -> &'a Cells {
        self.scene.collection.cells(column)
    }

    /// The geometry in another CRS; none where there is none, or where PROJ cannot convert it.
    fn geometry(&self, crs: Crs) -> Converted {
        let own = self.own()?;
        let crs = if window::is_degrees_of_storage(crs) {
            Crs::Crs84
        } else {
            crs
        };
        let mut known = self.converted.borrow_mut();
        if let Some((_, found)) = known.iter().find(|(key, _)| *key == crs) {
            return found.clone();
        }
        let positions = own.positions().len() as u64;
        let own = own.to_geometry()?;
        self.scene
            .add(positions * if crs == Crs::Crs84 { 2 } else { PER_CONVERTED });
        let made = if crs == Crs::Crs84 {
            Some(own)
        } else {
            let reprojector = self.scene.reprojector(crs);
            reprojector.and_then(|to| to.geometry(&own).ok())
        };
        let made = made.map(Rc::new);
        known.push((crs, made.clone()));
        made
    }

    /// True where it meets one of the boxes; none where it cannot be converted.
    fn meets_any(&self, crs: Crs, rects: &[Rect<f64>]) -> Option<bool> {
        if window::is_degrees_of_storage(crs) {
            let own = self.own()?;
            self.scene.add(own.positions().len() as u64);
            return Some(rects.iter().any(|rect| own.meets(*rect)));
        }
        let geometry = self.geometry(crs)?;
        Some(rects.iter().any(|rect| geometry.intersects(rect)))
    }

    /// True where the boxes are known and the geometry's own box meets none of them.
    fn beyond(&self, reach: Option<&[Rect<f64>]>) -> bool {
        let bounds = *self
            .bounds
            .get_or_init(|| self.own().and_then(|own| own.bounds()));
        match (bounds, reach) {
            (Some(bounds), Some(reach)) => !reach.iter().any(|rect| rect.intersects(&bounds)),
            _ => false,
        }
    }

    /// Exactly, not by boxes: OGC API Features Part 1, 7.15.3 asks for geometries that intersect.
    pub(in crate::query) fn meets(
        &self,
        crs: Crs,
        rects: &[Rect<f64>],
        reach: Option<&[Rect<f64>]>,
    ) -> Option<bool> {
        self.own()?;
        if self.beyond(reach) {
            return Some(false);
        }
        self.meets_any(crs, rects)
    }

    /// True where the row fulfils all conditions of the scene.
    pub(in crate::query) fn fulfils(&self) -> bool {
        let mut tests = self.scene.tests.iter();
        tests.all(|test| self.passes(test) == Some(true))
    }

    fn passes(&self, test: &Test) -> Option<bool> {
        let each =
            |parts: &[Test], wanted| every(parts.iter().map(|part| self.passes(part)), wanted);
        match test {
            Test::All(parts) => each(parts, true),
            Test::Any(parts) => each(parts, false),
            Test::Not(inner) => self.passes(inner).map(|held| !held),
            Test::Like(group, at) => {
                self.scene.add(PER_CONDITION);
                let matches = || {
                    let group = &self.scene.shared.groups[*group];
                    let held = self.text(group.text)?;
                    let mut steps = 0;
                    let matches = group.matches(&held, &mut steps);
                    self.scene.add(steps);
                    Some(matches)
                };
                let matches = self.likes[*group].get_or_init(matches);
                matches.as_ref().map(|matches| matches[*at])
            }
            Test::Other(predicate) => self.holds(predicate),
        }
    }

    fn holds(&self, predicate: &Predicate) -> Option<bool> {
        self.scene.add(PER_CONDITION);
        let each =
            |parts: &[Predicate], wanted| every(parts.iter().map(|part| self.holds(part)), wanted);
        match predicate {
            Predicate::All(parts) => each(parts, true),
            Predicate::Any(parts) => each(parts, false),
            Predicate::Not(inner) => self.holds(inner).map(|held| !held),
            Predicate::Constant(flag) => Some(*flag),
            Predicate::Flag(column) => match self.cells(*column) {
                Cells::Boolean(cells) => cells.get(self.row),
                _ => None,
            },
            Predicate::Compare(comparison, a, b) => Some(comparison.holds(self.order(a, b)?)),
            Predicate::In(value, list) => self.is_in(value, list),
            Predicate::Like(text, pattern) => Some(pattern.matches(&self.text(text)?)),
            Predicate::IsNull(scalar) => Some(self.is_null(scalar)),
            Predicate::NoPlace => Some(self.own().is_none()),
            Predicate::Spatial(relation, a, b) => self.relates(*relation, a, b),
            Predicate::Temporal(relation, a, b) => {
                Some(relation.holds(self.time(a)?, self.time(b)?))
            }
            Predicate::Arrays(relation, a, b) => self.arrays(*relation, a, b),
            Predicate::NoArray(array) => Some(self.array(array).is_none()),
        }
    }

    fn is_in(&self, value: &Scalar, list: &List) -> Option<bool> {
        match (value, list) {
            (Scalar::Number(value), List::Literals(Set::Numbers(set))) => {
                Some(set.contains(self.number(value)?))
            }
            (Scalar::Text(value), List::Literals(Set::Texts(set))) => {
                let text = self.text(value)?;
                self.scene.add(text.len() as u64);
                Some(set.contains(&*text))
            }
            (Scalar::Time(value), List::Literals(Set::Times(set))) => {
                let start = self.time(value)?.start.map(Stamp::start)?;
                Some(set.contains(&Some(start)))
            }
            (value, List::Mixed(items)) => {
                let equal = |item| {
                    self.scene.add(PER_CONDITION);
                    self.order(value, item).map(Ordering::is_eq)
                };
                every(items.iter().map(equal), false)
            }
            // Types are checked when a filter is compiled.
            (_, List::Literals(_)) => None,
        }
    }

    fn arrays(&self, relation: Relation, a: &Array, b: &Array) -> Option<bool> {
        match (a, b) {
            (Array::Literals(a), Array::Literals(b)) => {
                self.scene.add(PER_FOLDED * (a.len() + b.len()) as u64);
                Some(relation.holds(&distinct(a), &distinct(b)))
            }
            (few, Array::Literals(set)) => Some(relation.holds_with(&self.array(few)?, set)),
            (Array::Literals(set), few) => {
                Some(relation.turned().holds_with(&self.array(few)?, set))
            }
            (a, b) => {
                let (a, b) = (self.array(a)?, self.array(b)?);
                Some(relation.holds(&distinct(&a), &distinct(&b)))
            }
        }
    }

    fn is_null(&self, scalar: &Scalar) -> bool {
        match scalar {
            Scalar::Number(number) => self.number(number).is_none(),
            Scalar::Text(text) => self.text(text).is_none(),
            Scalar::Flag(flag) => self.holds(flag).is_none(),
            Scalar::Time(time) => self.time(time).is_none(),
        }
    }

    fn order(&self, a: &Scalar, b: &Scalar) -> Option<Ordering> {
        match (a, b) {
            (Scalar::Number(a), Scalar::Number(b)) => self.number(a)?.partial_cmp(&self.number(b)?),
            (Scalar::Text(a), Scalar::Text(b)) => {
                let (a, b) = (self.text(a)?, self.text(b)?);
                self.scene.add(PER_TEXT + a.len().min(b.len()) as u64 / 8);
                Some(a.cmp(&b))
            }
            (Scalar::Flag(a), Scalar::Flag(b)) => Some(self.holds(a)?.cmp(&self.holds(b)?)),
            (Scalar::Time(a), Scalar::Time(b)) => {
                // Of a day, its first moment, as SQL casts a date to a timestamp.
                let start = |time| self.time(time)?.start.map(Stamp::start);
                Some(start(a)?.cmp(&start(b)?))
            }
            _ => None,
        }
    }

    fn number(&self, number: &Number) -> Option<f64> {
        match number {
            Number::Literal(number) => Some(*number),
            Number::Column(column) => self.cells(*column).number(self.row),
            Number::Id => match self.scene.collection.id(self.row) {
                #[expect(clippy::cast_precision_loss, reason = "literals have no more bits")]
                IdRef::Number(number) => Some(number as f64),
                IdRef::Text(_) => None,
            },
            Number::Chain(first, rest) => {
                self.scene.add(PER_CONDITION * rest.len() as u64);
                rest.iter()
                    .try_fold(self.number(first)?, |sum, (operator, operand)| {
                        operator.apply(sum, self.number(operand)?)
                    })
            }
            Number::Area => self.measured(&self.area, measure::area_m2),
            Number::Length => self.measured(&self.length, measure::length_m),
            Number::Distance(literal) => {
                let target = literal.target.as_ref()?;
                target.distance_m(&*self.degrees()?, self.scene.steps())
            }
        }
    }

    /// Measured once a row.
    fn measured(
        &self,
        known: &OnceCell<Option<f64>>,
        measure: fn(&Geometry<f64>) -> f64,
    ) -> Option<f64> {
        *known.get_or_init(|| {
            let own = self.degrees()?;
            self.scene.add(PER_MEASURED * own.coords_count() as u64);
            Some(measure(&own))
        })
    }

    /// Without case or accents; folded once a row where the scene lists it.
    fn folded<'t>(
        &'t self,
        text: &Text,
        inner: &'t Text,
        fold: fn(&str) -> String,
    ) -> Option<Cow<'t, str>> {
        let made = || {
            let inner = self.text(inner)?;
            self.scene.add(PER_FOLDED * inner.len() as u64);
            Some(fold(&inner))
        };
        let mut listed = self.scene.shared.folded.iter();
        match listed.position(|own| *own == text) {
            Some(at) => self.folded[at]
                .get_or_init(made)
                .as_deref()
                .map(Cow::Borrowed),
            None => made().map(Cow::Owned),
        }
    }

    fn text<'t>(&'t self, text: &'t Text) -> Option<Cow<'t, str>> {
        Some(match text {
            Text::Literal(text) => Cow::Borrowed(text),
            Text::Column(column) => Cow::Borrowed(self.cells(*column).text(self.row)?),
            Text::Id => self.scene.collection.id(self.row).text(),
            Text::Caseless(inner) => return self.folded(text, inner, fold::caseless),
            Text::Accentless(inner) => return self.folded(text, inner, fold::accentless),
        })
    }

    fn time(&self, time: &Time) -> Option<Span> {
        match time {
            Time::Literal(span) => Some(*span),
            Time::Column(column) => self.cells(*column).stamp(self.row).map(Span::at),
            Time::Interval(start, end) => {
                let span = Span {
                    start: self.time(start)?.start,
                    end: self.time(end)?.end,
                };
                Some(span).filter(|span| !span.reversed())
            }
        }
    }

    fn array<'t>(&'t self, array: &'t Array) -> Option<Vec<Cow<'t, str>>> {
        match array {
            Array::List(texts) => texts.iter().map(|text| self.text(text)).collect(),
            Array::Literals(texts) => {
                let texts = texts.iter().map(|text| Cow::Borrowed(text.as_str()));
                Some(texts.collect())
            }
            Array::Column(column) => {
                let texts = self.cells(*column).texts(self.row)?;
                Some(texts.map(Cow::Borrowed).collect())
            }
        }
    }

    fn relates(&self, relation: Spatial, a: &Shape, b: &Shape) -> Option<bool> {
        match (a, b) {
            (Shape::Own, Shape::Own) => {
                self.own()?;
                Some(of_itself(relation))
            }
            (Shape::Literal(a), Shape::Literal(b)) => {
                Some(related(relation, &a.geometry, &b.geometry))
            }
            (Shape::Own, Shape::Literal(literal)) => self.with_literal(relation, literal, false),
            (Shape::Literal(literal), Shape::Own) => self.with_literal(relation, literal, true),
        }
    }

    fn with_literal(&self, relation: Spatial, literal: &Literal, turned: bool) -> Option<bool> {
        self.own()?;
        if self.beyond(literal.reach.as_deref()) {
            return Some(relation == Spatial::Disjoint);
        }
        if let (Spatial::Intersects | Spatial::Disjoint, Some(rects)) = (relation, &literal.rects) {
            let meets = self.meets_any(literal.crs, rects)?;
            return Some(meets == (relation == Spatial::Intersects));
        }
        let geometry = self.geometry(literal.crs)?;
        let bounds = geometry.bounding_rect()?;
        let corners = geometry.coords_count() as u64;
        self.scene.add(PER_PREPARED + corners);
        // As if the feature's own came first.
        let relation = if turned { relation.turned() } else { relation };
        let known = match literal.prepared.lies(bounds) {
            Lies::Outside => Some(relation == Spatial::Disjoint),
            Lies::Inside => Some(matches!(relation, Spatial::Intersects | Spatial::Within)),
            Lies::Near => {
                self.scene.add(PER_PREPARED * corners);
                by_border(relation, &geometry, bounds, literal)
            }
        };
        Some(known.unwrap_or_else(|| {
            let few;
            let other = match &literal.geometry {
                Geometry::MultiPoint(points) => {
                    few = those_of_interest(points, bounds);
                    self.scene.add(points.len() as u64);
                    &few
                }
                other => other,
            };
            self.scene
                .add(PER_RELATED * (corners + other.coords_count() as u64));
            related(relation, &geometry, other)
        }))
    }
}

fn distinct<'t, T: AsRef<str> + 't>(texts: impl IntoIterator<Item = &'t T>) -> HashSet<&'t str> {
    texts.into_iter().map(AsRef::as_ref).collect()
}

/// AND where `wanted` is true, OR where it is false: one part of the other kind decides, else one that is unknown.
fn every(parts: impl Iterator<Item = Option<bool>>, wanted: bool) -> Option<bool> {
    let mut result = Some(wanted);
    for part in parts {
        match part {
            Some(held) if held != wanted => return Some(held),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

/// The points in a box and one of the others, which relate as all of them to what is in the box.
fn those_of_interest(points: &MultiPoint<f64>, bounds: Rect<f64>) -> Geometry<f64> {
    let near = |at: &&Point<f64>| bounds.intersects(*at);
    let beyond = points.iter().find(|at| !near(at));
    let few = points.iter().filter(near).chain(beyond).copied();
    Geometry::MultiPoint(few.collect())
}

/// How a geometry relates to itself, whatever it is.
fn of_itself(relation: Spatial) -> bool {
    matches!(
        relation,
        Spatial::Intersects | Spatial::Equals | Spatial::Within | Spatial::Contains
    )
}

/// What a few corners and the boxes of both tell of a relation; none where it takes the whole matrix.
fn by_border(
    relation: Spatial,
    own: &Geometry<f64>,
    bounds: Rect<f64>,
    literal: &Literal,
) -> Option<bool> {
    let prepared = &literal.prepared;
    let areal = |geometry: &Geometry<f64>| {
        matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_))
    };
    let both_areal = areal(own) && areal(&literal.geometry);
    let theirs = prepared.bounds()?;
    let beyond = !contains(bounds, theirs);
    let by_edges = !matches!(relation, Spatial::Intersects | Spatial::Disjoint);
    let is_line = matches!(own, Geometry::LineString(_) | Geometry::MultiLineString(_));
    if by_edges
        && (both_areal || is_line && areal(&literal.geometry))
        && prepared.is_crossed(own, bounds)
    {
        // Each has inner points on both sides of a border of the other.
        return Some(match relation {
            Spatial::Overlaps => both_areal,
            Spatial::Crosses => is_line,
            _ => false,
        });
    }
    match relation {
        Spatial::Intersects => prepared.meets(own, bounds),
        Spatial::Disjoint => prepared.meets(own, bounds).map(|meets| !meets),
        Spatial::Equals => (bounds != theirs).then_some(false),
        Spatial::Contains => beyond.then_some(false),
        Spatial::Within => {
            let (_, outside) = prepared.corners(own);
            (outside || !contains(theirs, bounds)).then_some(false)
        }
        Spatial::Touches => {
            let (inside, _) = prepared.corners(own);
            inside.then_some(false)
        }
        Spatial::Overlaps if both_areal => {
            let (inside, outside) = prepared.corners(own);
            (inside && outside && beyond).then_some(true)
        }
        Spatial::Crosses if both_areal => Some(false),
        Spatial::Overlaps | Spatial::Crosses => None,
    }
}

fn contains(outer: Rect<f64>, inner: Rect<f64>) -> bool {
    outer.min().x <= inner.min().x
        && outer.min().y <= inner.min().y
        && outer.max().x >= inner.max().x
        && outer.max().y >= inner.max().y
}

/// By the DE-9IM matrix.
pub(super) fn related(relation: Spatial, a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
    let matrix = a.relate(b);
    match relation {
        Spatial::Intersects => matrix.is_intersects(),
        Spatial::Equals => matrix.is_equal_topo(),
        Spatial::Disjoint => matrix.is_disjoint(),
        Spatial::Touches => matrix.is_touches(),
        Spatial::Within => matrix.is_within(),
        Spatial::Overlaps => matrix.is_overlaps(),
        Spatial::Crosses => matrix.is_crosses(),
        Spatial::Contains => matrix.is_contains(),
    }
}
