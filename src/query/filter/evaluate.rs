//! Evaluation of one row, three-valued as SQL does it: `None` is unknown, because a null is in the
//! way. Only `Some(true)` keeps a row (OGC 21-065r2, 6.6).

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::rc::Rc;

use geo::{Geometry, Intersects, Rect, Relate};

use super::expression::{Array, Number, Predicate, Scalar, Shape, Spatial, Text, Time};
use super::literal::Literal;
use crate::crs::{Crs, Reprojector};
use crate::model::{IdRef, Span, Stamp};
use crate::query::{fold, measure, window};
use crate::snapshot::{Cells, Collection, Row, ShapeRef};

/// What the evaluation of many rows shares.
pub(in crate::query) struct Scene<'a> {
    pub collection: &'a Collection,
    /// From CRS84, where one was needed.
    reprojectors: RefCell<Vec<(Crs, Option<Rc<Reprojector>>)>>,
}

impl<'a> Scene<'a> {
    pub(in crate::query) fn new(collection: &'a Collection) -> Self {
        Self {
            collection,
            reprojectors: RefCell::default(),
        }
    }

    pub(in crate::query) fn row(&'a self, row: Row) -> Place<'a> {
        Place {
            scene: self,
            row,
            bounds: OnceCell::new(),
            converted: RefCell::default(),
        }
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
pub(in crate::query) struct Place<'a> {
    scene: &'a Scene<'a>,
    row: Row,
    bounds: OnceCell<Option<Rect<f64>>>,
    converted: RefCell<Vec<(Crs, Converted)>>,
}

impl<'a> Place<'a> {
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
        let own = own.to_geometry()?;
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

    pub(in crate::query) fn holds(&self, predicate: &Predicate) -> Option<bool> {
        match predicate {
            Predicate::All(parts) => self.every(parts, true),
            Predicate::Any(parts) => self.every(parts, false),
            Predicate::Not(inner) => self.holds(inner).map(|held| !held),
            Predicate::Constant(flag) => Some(*flag),
            Predicate::Flag(column) => match self.cells(*column) {
                Cells::Boolean(cells) => cells.get(self.row),
                _ => None,
            },
            Predicate::Compare(comparison, a, b) => Some(comparison.holds(self.order(a, b)?)),
            Predicate::In(value, list) => {
                let mut unknown = false;
                for item in list {
                    match self.order(value, item) {
                        Some(Ordering::Equal) => return Some(true),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(false)
            }
            Predicate::Like(text, pattern) => Some(pattern.matches(&self.text(text)?)),
            Predicate::IsNull(scalar) => Some(self.is_null(scalar)),
            Predicate::NoPlace => Some(self.own().is_none()),
            Predicate::Spatial(relation, a, b) => self.relates(*relation, a, b),
            Predicate::Temporal(relation, a, b) => {
                Some(relation.holds(self.time(a)?, self.time(b)?))
            }
            Predicate::Arrays(relation, a, b) => {
                Some(relation.holds(&self.array(a)?, &self.array(b)?))
            }
            Predicate::NoArray(array) => Some(self.array(array).is_none()),
        }
    }

    /// AND where `wanted` is true, OR where it is false: one part of the other kind decides, else
    /// one that is unknown.
    fn every(&self, parts: &[Predicate], wanted: bool) -> Option<bool> {
        let mut result = Some(wanted);
        for part in parts {
            match self.holds(part) {
                Some(held) if held != wanted => return Some(held),
                Some(_) => {}
                None => result = None,
            }
        }
        result
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
            (Scalar::Text(a), Scalar::Text(b)) => Some(self.text(a)?.cmp(&self.text(b)?)),
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
            Number::Chain(first, rest) => rest
                .iter()
                .try_fold(self.number(first)?, |sum, (operator, operand)| {
                    operator.apply(sum, self.number(operand)?)
                }),
            Number::Area => self.degrees().map(|own| measure::area_m2(&own)),
            Number::Length => self.degrees().map(|own| measure::length_m(&own)),
            Number::Distance(literal) => {
                measure::distance_m(&*self.degrees()?, literal.degrees.as_ref()?)
            }
        }
    }

    fn text<'t>(&'t self, text: &'t Text) -> Option<Cow<'t, str>> {
        Some(match text {
            Text::Literal(text) => Cow::Borrowed(text),
            Text::Column(column) => Cow::Borrowed(self.cells(*column).text(self.row)?),
            Text::Id => self.scene.collection.id(self.row).text(),
            Text::Caseless(inner) => Cow::Owned(fold::caseless(&self.text(inner)?)),
            Text::Accentless(inner) => Cow::Owned(fold::accentless(&self.text(inner)?)),
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
            Array::Column(column) => {
                let texts = self.cells(*column).texts(self.row)?;
                Some(texts.map(Cow::Borrowed).collect())
            }
        }
    }

    fn relates(&self, relation: Spatial, a: &Shape, b: &Shape) -> Option<bool> {
        match (a, b) {
            (Shape::Own, Shape::Own) => {
                let own = self.degrees()?;
                Some(related(relation, &own, &own))
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
        Some(if turned {
            related(relation, &literal.geometry, &geometry)
        } else {
            related(relation, &geometry, &literal.geometry)
        })
    }
}

/// By the DE-9IM matrix.
fn related(relation: Spatial, a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
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
