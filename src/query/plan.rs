use std::borrow::Cow;
use std::collections::BTreeMap;

use geo::Rect;

use super::filter::{Comparison, Number, Predicate, Scalar, Shape, Spatial, Text, Time};
use super::near::expanded;
use super::ranges::Ranges;
use super::window::{self, Window};
use super::{Interval, Query, sieve, times};
use crate::model::{CollectionInfo, Span, Stamp};
use crate::snapshot::{Collection, Row};

/// How the candidates of a query are found.
#[derive(Debug, Clone, PartialEq)]
pub enum Access {
    /// Every row.
    Scan,
    /// The R-tree, by what: `bbox`, `filter` or `near`.
    Tree(&'static str),
    /// The sorted index of the column at this position.
    Index(usize),
    /// Ids.
    Id,
    /// The index of names.
    Names,
    /// One of them for each part of an OR.
    Union(Vec<Access>),
}

impl Access {
    fn describe(&self, info: &CollectionInfo) -> String {
        match self {
            Self::Scan => "every row".to_owned(),
            Self::Tree(by) => format!("R-tree by {by}"),
            Self::Index(column) => format!("index of {}", info.columns[*column].name),
            Self::Id => "ids".to_owned(),
            Self::Names => "names".to_owned(),
            Self::Union(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| part.describe(info)).collect();
                format!("union of ({})", parts.join(", "))
            }
        }
    }
}

/// A query's plan: the narrowest access, then evaluation of the whole query on what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The access chosen.
    pub access: Access,
    /// How many rows it gives.
    pub candidates: usize,
    /// How many rows the collection has.
    pub of: usize,
    /// What else would have done, and how many rows it gives.
    pub others: Vec<(Access, usize)>,
    /// The columns whose indices tell how many rows match, so that a page may not need all candidates;
    /// empty where rows have to be looked at for that.
    pub counted_by: Vec<usize>,
}

impl Plan {
    /// In words, for people: `index of plot_ratio: 1 of 10 rows (R-tree by bbox: 4)`.
    #[must_use]
    pub fn describe(&self, info: &CollectionInfo) -> String {
        let others: Vec<_> = self
            .others
            .iter()
            .map(|(access, rows)| format!("{}: {rows}", access.describe(info)))
            .collect();
        let others = if others.is_empty() {
            String::new()
        } else {
            format!(" (not taken: {})", others.join(", "))
        };
        let counted_by = self.counted_by.iter();
        let counted_by: Vec<_> = counted_by
            .map(|column| info.columns[*column].name.as_str())
            .collect();
        let counted = if counted_by.is_empty() {
            String::new()
        } else {
            format!("; counted by the index of {}", counted_by.join(" and "))
        };
        let access = self.access.describe(info);
        format!(
            "{access}: {} of {} rows{others}{counted}",
            self.candidates, self.of
        )
    }
}

/// Chooses the access that gives the fewest candidates. A sorted index counts in O(log n); the
/// R-tree is asked for its rows, which costs as much as using it.
#[must_use]
pub fn plan(collection: &Collection, query: &Query) -> Plan {
    let (mut plan, _) = narrowest(collection, query);
    let ranges = Ranges::of(collection, query);
    if let Some(ranges) = ranges.filter(|ranges| ranges.count(collection).is_some()) {
        plan.counted_by = ranges.columns().collect();
    }
    plan
}

/// An access and the rows that it gives, in no particular order.
type Found<'a> = (Access, Cow<'a, [Row]>);

/// The column whose range the rows of an access are, where they are one.
type Ranged<'a> = (Found<'a>, Option<usize>);

/// The plan and its candidates.
pub(super) fn narrowest(collection: &Collection, query: &Query) -> (Plan, Vec<Row>) {
    let found = by_indices(collection, query);
    let mut found: Vec<_> = found.into_iter().map(|(found, _)| found).collect();
    if let Some(reach) = query.bbox.as_ref().and_then(|window| window.reach()) {
        let rows = in_boxes(collection, reach);
        found.push((Access::Tree("bbox"), Cow::Owned(rows)));
    }
    found.sort_by_key(|(_, rows)| rows.len());
    let all = collection.count() as usize;
    let mut found = found.into_iter();
    let (access, rows) = match found.next() {
        Some((access, rows)) => (access, rows.into_owned()),
        None => (Access::Scan, (0..collection.count()).collect()),
    };
    let plan = Plan {
        access,
        candidates: rows.len(),
        of: all,
        others: found.map(|(access, rows)| (access, rows.len())).collect(),
        counted_by: Vec::new(),
    };
    (plan, rows)
}

/// Rows among which are all that match, each once, and what is known of all of them.
pub(super) struct Candidates<'a> {
    pub rows: Cow<'a, [Row]>,
    /// The box that they meet.
    pub within: Option<&'a Window>,
    /// The column whose range they are in, as the filter has it.
    pub column: Option<usize>,
}

/// The candidates of the narrowest access. The R-tree is left as soon as it gives more than an index.
pub(super) fn candidates<'a>(collection: &'a Collection, query: &'a Query) -> Candidates<'a> {
    let least = by_indices(collection, query)
        .into_iter()
        .min_by_key(|((_, rows), _)| rows.len());
    let most = least
        .as_ref()
        .map_or(usize::MAX, |((_, rows), _)| rows.len());
    if let Some(window) = &query.bbox
        && let Some(found) = in_window(collection, window, most)
    {
        return found;
    }
    let (rows, column) = match least {
        Some(((_, rows), column)) => (rows, column),
        None => ((0..collection.count()).collect(), None),
    };
    Candidates {
        rows,
        within: None,
        column,
    }
}

/// Rows in a box; none where more than so many may be.
fn in_window<'a>(
    collection: &'a Collection,
    window: &'a Window,
    most: usize,
) -> Option<Candidates<'a>> {
    let mut hits: Vec<(Row, bool)> = Vec::new();
    for rect in window.reach()? {
        let room = most.saturating_sub(hits.len()).saturating_add(1);
        hits.extend(collection.rows_near(*rect).take(room));
        if hits.len() > most {
            return None;
        }
    }
    // In degrees the boxes are those that are asked for; in another CRS they are around them.
    let exact = window::is_degrees_of_storage(window.crs());
    let rects = window.rects();
    let scattered = collection.has_scattered();
    if scattered || rects.len() > 1 {
        hits.sort_unstable();
        hits.dedup_by_key(|(row, _)| *row);
    }
    if exact {
        hits.retain(|(row, inside)| {
            let shape = || collection.geometry(*row);
            let meets = || shape().is_some_and(|own| rects.iter().any(|rect| own.meets(*rect)));
            *inside || meets()
        });
    }
    Some(Candidates {
        rows: hits.into_iter().map(|(row, _)| row).collect(),
        within: exact.then_some(window),
        column: None,
    })
}

/// What indices and the R-tree give, but for the query's box.
fn by_indices<'a>(collection: &'a Collection, query: &'a Query) -> Vec<Ranged<'a>> {
    let mut found: Vec<Found> = Vec::new();
    if let Some(near) = &query.near {
        let rows = in_boxes(collection, &near.reach());
        found.push((Access::Tree("near"), Cow::Owned(rows)));
    }
    if let Some(Interval(span)) = query.datetime {
        found.extend(by_datetime(collection, span));
    }
    if let Some(text) = &query.text {
        found.push((Access::Names, Cow::Borrowed(text.rows())));
    }
    let parts = sieve::required(&query.filter.0);
    found.extend(by_parts(collection, &parts));
    let found = found.into_iter().map(|found| (found, None));
    found.chain(by_numbers(collection, &parts)).collect()
}

fn in_boxes(collection: &Collection, reach: &[Rect<f64>]) -> Vec<Row> {
    let rows = reach.iter().flat_map(|rect| collection.rows_in(*rect));
    distinct(rows.collect())
}

fn distinct(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// By the columns of the collection's time. A null is an open end, or no time at all: either way its
/// row may be wanted.
fn by_datetime(collection: &Collection, span: Span) -> Vec<Found<'_>> {
    let Some((start, end)) = collection.info.time_columns() else {
        return Vec::new();
    };
    let (low, high) = span.limits(false);
    let ways = match end {
        None => vec![(start, Some(low), Some(high))],
        Some(end) => vec![(start, None, Some(high)), (end, Some(low), None)],
    };
    let found = |(column, low, high)| {
        let index = collection.index(column)?;
        let mut rows = index.times(collection.cells(column), low, high).to_vec();
        rows.extend_from_slice(index.nulls());
        Some((Access::Index(column), Cow::Owned(rows)))
    };
    ways.into_iter().filter_map(found).collect()
}

/// Every access that gives all rows for which a predicate is true.
fn accesses<'a>(collection: &'a Collection, predicate: &Predicate) -> Vec<Found<'a>> {
    let parts = sieve::required(predicate);
    let numbers = by_numbers(collection, &parts).into_iter();
    let numbers = numbers.map(|(found, _)| found);
    numbers.chain(by_parts(collection, &parts)).collect()
}

/// Every access but those of ranges of numbers.
fn by_parts<'a>(collection: &'a Collection, parts: &[&Predicate]) -> Vec<Found<'a>> {
    let mut found = by_times(collection, parts);
    found.extend(parts.iter().filter_map(|part| by(collection, part)));
    found
}

/// Limits of one number column from several conditions make one range.
fn by_numbers<'a>(collection: &'a Collection, parts: &[&Predicate]) -> Vec<Ranged<'a>> {
    let ranges = sieve::ranges(parts.iter().copied());
    let rows = |(column, range): (usize, sieve::Range)| {
        let index = collection.index(column)?;
        let rows = index.range(collection.cells(column), range.low(), range.high());
        Some(((Access::Index(column), Cow::Borrowed(rows)), Some(column)))
    };
    ranges.into_iter().filter_map(rows).collect()
}

/// The same for times.
fn by_times<'a>(collection: &'a Collection, parts: &[&Predicate]) -> Vec<Found<'a>> {
    let mut ranges: BTreeMap<usize, (Option<i128>, Option<i128>)> = BTreeMap::new();
    for (column, low, high) in parts.iter().flat_map(|part| times::ranges(part)) {
        let range = ranges.entry(column).or_default();
        range.0 = range.0.max(low);
        range.1 = [range.1, high].into_iter().flatten().min();
    }
    let rows = |(column, (low, high))| {
        let rows = collection
            .index(column)?
            .times(collection.cells(column), low, high);
        Some((Access::Index(column), Cow::Borrowed(rows)))
    };
    ranges.into_iter().filter_map(rows).collect()
}

/// One condition by one index.
fn by<'a>(collection: &'a Collection, predicate: &Predicate) -> Option<Found<'a>> {
    match predicate {
        Predicate::Any(parts) => {
            let (mut ways, mut rows) = (Vec::new(), Vec::new());
            for part in parts {
                let narrowest = accesses(collection, part)
                    .into_iter()
                    .min_by_key(|(_, rows)| rows.len())?;
                ways.push(narrowest.0);
                rows.extend_from_slice(&narrowest.1);
            }
            Some((Access::Union(ways), Cow::Owned(distinct(rows))))
        }
        Predicate::Compare(
            comparison,
            Scalar::Text(Text::Column(column)),
            Scalar::Text(Text::Literal(text)),
        ) => by_text(collection, *column, *comparison, text),
        Predicate::Compare(
            Comparison::Equal,
            Scalar::Text(Text::Id),
            Scalar::Text(Text::Literal(id)),
        ) => Some((
            Access::Id,
            Cow::Owned(collection.row(id).into_iter().collect()),
        )),
        Predicate::Compare(
            Comparison::Equal,
            Scalar::Number(Number::Id),
            Scalar::Number(Number::Literal(number)),
        ) => Some((Access::Id, Cow::Owned(by_number(collection, *number)?))),
        Predicate::Like(Text::Column(column), pattern) => {
            let prefix = pattern.prefix();
            (!prefix.is_empty()).then(|| {
                let rows = texts(
                    collection,
                    *column,
                    |text| text < prefix.as_str(),
                    |text| text < prefix.as_str() || text.starts_with(&prefix),
                )?;
                Some((Access::Index(*column), Cow::Borrowed(rows)))
            })?
        }
        Predicate::In(value, list) => in_list(collection, value, list),
        Predicate::Spatial(relation, a, b) if *relation != Spatial::Disjoint => {
            let ((Shape::Own, Shape::Literal(literal)) | (Shape::Literal(literal), Shape::Own)) =
                (a, b)
            else {
                return None;
            };
            let rows = in_boxes(collection, literal.reach.as_deref()?);
            Some((Access::Tree("filter"), Cow::Owned(rows)))
        }
        Predicate::Compare(
            Comparison::Less | Comparison::LessOrEqual,
            Scalar::Number(Number::Distance(literal)),
            Scalar::Number(Number::Literal(metres)),
        ) => {
            let bounds = geo::BoundingRect::bounding_rect(literal.degrees.as_ref()?)?;
            let reach = expanded(bounds, metres.max(0.0));
            let rows = in_boxes(collection, &reach);
            Some((Access::Tree("filter"), Cow::Owned(rows)))
        }
        _ => None,
    }
}

fn in_list<'a>(collection: &'a Collection, value: &Scalar, list: &[Scalar]) -> Option<Found<'a>> {
    let mut rows = Vec::new();
    let access = match value {
        Scalar::Number(Number::Column(column)) => {
            let index = collection.index(*column)?;
            for item in list {
                let Scalar::Number(Number::Literal(number)) = item else {
                    return None;
                };
                let cells = collection.cells(*column);
                rows.extend_from_slice(index.range(cells, Some(*number), Some(*number)));
            }
            Access::Index(*column)
        }
        Scalar::Number(Number::Id) => {
            for item in list {
                let Scalar::Number(Number::Literal(number)) = item else {
                    return None;
                };
                rows.extend(by_number(collection, *number)?);
            }
            Access::Id
        }
        Scalar::Time(Time::Column(column)) => {
            let index = collection.index(*column)?;
            for item in list {
                let Scalar::Time(Time::Literal(span)) = item else {
                    return None;
                };
                let at = span.start.map(Stamp::start);
                rows.extend_from_slice(index.times(collection.cells(*column), at, at));
            }
            Access::Index(*column)
        }
        Scalar::Text(text @ (Text::Column(_) | Text::Id)) => {
            for item in list {
                let Scalar::Text(Text::Literal(wanted)) = item else {
                    return None;
                };
                match text {
                    Text::Column(column) => {
                        let found = by_text(collection, *column, Comparison::Equal, wanted)?;
                        rows.extend_from_slice(&found.1);
                    }
                    _ => rows.extend(collection.row(wanted)),
                }
            }
            match text {
                Text::Column(column) => Access::Index(*column),
                _ => Access::Id,
            }
        }
        _ => return None,
    };
    Some((access, Cow::Owned(distinct(rows))))
}

/// Rows by an id that is a number; none where it has so many digits that several ids would be equal
/// to it.
fn by_number(collection: &Collection, number: f64) -> Option<Vec<Row>> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = number.abs() < EXACT;
    exact.then(|| collection.row(&number.to_string()).into_iter().collect())
}

fn by_text<'a>(
    collection: &'a Collection,
    column: usize,
    comparison: Comparison,
    wanted: &str,
) -> Option<Found<'a>> {
    let below = |text: &str| text < wanted;
    let up_to = |text: &str| text <= wanted;
    let rows = match comparison {
        Comparison::Equal => texts(collection, column, below, up_to),
        Comparison::Less => texts(collection, column, |_| false, below),
        Comparison::LessOrEqual => texts(collection, column, |_| false, up_to),
        Comparison::Greater => texts(collection, column, up_to, |_| true),
        Comparison::GreaterOrEqual => texts(collection, column, below, |_| true),
        Comparison::NotEqual => None,
    };
    Some((Access::Index(column), Cow::Borrowed(rows?)))
}

/// The rows of a text index behind the texts that are `before`, up to those that are not `until`.
fn texts(
    collection: &Collection,
    column: usize,
    before: impl Fn(&str) -> bool,
    until: impl Fn(&str) -> bool,
) -> Option<&[Row]> {
    let cells = collection.cells(column);
    let text = |row| cells.text(row).unwrap_or_default();
    let index = collection.index(column)?;
    Some(index.between(|row| before(text(row)), |row| until(text(row))))
}
