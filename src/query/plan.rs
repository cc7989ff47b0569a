use std::borrow::Cow;
use std::collections::BTreeMap;

use geo::{BoundingRect, Rect};

use super::filter::{Comparison, Number, Predicate, Scalar, Shape, Spatial, Text, Time};
use super::filter::{List, Set};
use super::near::expanded;
use super::ranges::Ranges;
use super::row_set::RowSet;
use super::window::{self, Window};
use super::{Budget, Interval, Query, Stopped, sieve, times};
use crate::model::{CollectionInfo, Span};
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
///
/// # Errors
/// The query's budget stops it.
pub fn plan(collection: &Collection, query: &Query) -> Result<Plan, Stopped> {
    let (mut plan, _) = narrowest(collection, query)?;
    let ranges = Ranges::of(collection, query);
    if let Some(ranges) = ranges.filter(|ranges| ranges.count(collection).is_some()) {
        plan.counted_by = ranges.columns().collect();
    }
    Ok(plan)
}

/// An access and the rows that it gives, in no particular order.
type Found<'a> = (Access, Cow<'a, [Row]>);

/// The column whose range the rows of an access are, where they are one.
type Ranged<'a> = (Found<'a>, Option<usize>);

/// The narrowest access so far, and how many rows the others gave: two lists of rows are held at most.
#[derive(Default)]
struct Narrowest<'a> {
    best: Option<(usize, Ranged<'a>)>,
    others: Vec<(usize, Access, usize)>,
    offered: usize,
}

impl<'a> Narrowest<'a> {
    fn offer(&mut self, (found, column): Ranged<'a>) {
        let at = self.offered;
        self.offered += 1;
        let is_narrower = |(_, ((_, best), _)): &(usize, Ranged)| found.1.len() < best.len();
        if self.best.as_ref().is_none_or(is_narrower) {
            let before = self.best.replace((at, (found, column)));
            self.others
                .extend(before.map(|(at, ((access, rows), _))| (at, access, rows.len())));
        } else {
            self.others.push((at, found.0, found.1.len()));
        }
    }
}

/// The plan and its candidates.
pub(super) fn narrowest(
    collection: &Collection,
    query: &Query,
) -> Result<(Plan, Vec<Row>), Stopped> {
    let mut found = by_indices(collection, query)?;
    if let Some(reach) = query.bbox.as_ref().and_then(|window| window.reach()) {
        let rows = in_boxes(collection, reach, &query.budget)?;
        found.offer(((Access::Tree("bbox"), Cow::Owned(rows)), None));
    }
    let all = collection.count() as usize;
    let mut others = found.others;
    others.sort_by_key(|(at, _, rows)| (*rows, *at));
    let (access, rows) = match found.best {
        Some((_, ((access, rows), _))) => (access, rows.into_owned()),
        None => (Access::Scan, (0..collection.count()).collect()),
    };
    let plan = Plan {
        access,
        candidates: rows.len(),
        of: all,
        others: others
            .into_iter()
            .map(|(_, access, rows)| (access, rows))
            .collect(),
        counted_by: Vec::new(),
    };
    Ok((plan, rows))
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
pub(super) fn candidates<'a>(
    collection: &'a Collection,
    query: &'a Query,
) -> Result<Candidates<'a>, Stopped> {
    let least = by_indices(collection, query)?.best;
    let most = least
        .as_ref()
        .map_or(usize::MAX, |(_, ((_, rows), _))| rows.len());
    if let Some(window) = &query.bbox
        && let Some(found) = in_window(collection, window, most)
    {
        return Ok(found);
    }
    let (rows, column) = match least {
        Some((_, ((_, rows), column))) => (rows, column),
        None => ((0..collection.count()).collect(), None),
    };
    Ok(Candidates {
        rows,
        within: None,
        column,
    })
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
fn by_indices<'a>(collection: &'a Collection, query: &'a Query) -> Result<Narrowest<'a>, Stopped> {
    let budget = &query.budget;
    let mut found = Narrowest::default();
    if let Some(near) = &query.near {
        let rows = in_boxes(collection, &near.reach(), budget)?;
        found.offer(((Access::Tree("near"), Cow::Owned(rows)), None));
    }
    if let Some(Interval(span)) = query.datetime {
        for way in by_datetime(collection, span) {
            found.offer((way, None));
        }
    }
    if let Some(text) = &query.text {
        found.offer(((Access::Names, Cow::Borrowed(text.rows())), None));
    }
    let parts = sieve::required(&query.filter.0);
    for way in by_times(collection, &parts) {
        found.offer((way, None));
    }
    for part in looked_up(&parts) {
        if let Some(way) = by(collection, part, budget)? {
            found.offer((way, None));
        }
    }
    for way in by_numbers(collection, &parts) {
        found.offer(way);
    }
    Ok(found)
}

/// The conditions that an access is looked for: of those on places, and of alternatives, only the first.
fn looked_up<'p>(parts: &[&'p Predicate]) -> impl Iterator<Item = &'p Predicate> {
    let mut left = LOOKED_UP;
    parts.iter().copied().filter(move |part| {
        if !matches!(part, Predicate::Spatial(..) | Predicate::Any(_)) {
            return true;
        }
        let is_looked_up = left > 0;
        left = left.saturating_sub(1);
        is_looked_up
    })
}

/// Steps of a row that the R-tree or an index gives.
const PER_FOUND: u64 = 15;

/// Conditions of an AND whose places are looked up: more than one is seldom narrower than the others, and each costs
/// as much as it finds.
const LOOKED_UP: usize = 16;

fn in_boxes(
    collection: &Collection,
    reach: &[Rect<f64>],
    budget: &Budget,
) -> Result<Vec<Row>, Stopped> {
    let meter = budget.meter();
    let mut found = RowSet::new(collection.count());
    for rect in reach {
        for row in collection.rows_in(*rect) {
            meter.spend(PER_FOUND)?;
            found.insert(row);
        }
    }
    Ok(found.into_rows())
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

/// The narrowest access that gives all rows for which a predicate is true.
fn narrowest_of<'a>(
    collection: &'a Collection,
    predicate: &Predicate,
    budget: &Budget,
) -> Result<Option<Found<'a>>, Stopped> {
    let parts = sieve::required(predicate);
    let mut found = Narrowest::default();
    for way in by_numbers(collection, &parts) {
        found.offer(way);
    }
    for way in by_times(collection, &parts) {
        found.offer((way, None));
    }
    for part in looked_up(&parts) {
        if let Some(way) = by(collection, part, budget)? {
            found.offer((way, None));
        }
    }
    Ok(found.best.map(|(_, (found, _))| found))
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
fn by<'a>(
    collection: &'a Collection,
    predicate: &Predicate,
    budget: &Budget,
) -> Result<Option<Found<'a>>, Stopped> {
    Ok(match predicate {
        Predicate::Any(parts) => return union(collection, parts, budget),
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
        ) => by_number(collection, *number).map(|rows| (Access::Id, Cow::Owned(rows))),
        Predicate::Like(Text::Column(column), pattern) => {
            let prefix = pattern.prefix();
            let rows = (!prefix.is_empty()).then(|| {
                texts(
                    collection,
                    *column,
                    |text| text < prefix.as_str(),
                    |text| text < prefix.as_str() || text.starts_with(&prefix),
                )
            });
            let rows = rows.flatten();
            rows.map(|rows| (Access::Index(*column), Cow::Borrowed(rows)))
        }
        Predicate::In(value, List::Literals(set)) => return in_set(collection, value, set, budget),
        Predicate::Spatial(relation, a, b) if *relation != Spatial::Disjoint => {
            let ((Shape::Own, Shape::Literal(literal)) | (Shape::Literal(literal), Shape::Own)) =
                (a, b)
            else {
                return Ok(None);
            };
            let Some(reach) = literal.reach.as_deref() else {
                return Ok(None);
            };
            let rows = in_boxes(collection, reach, budget)?;
            Some((Access::Tree("filter"), Cow::Owned(rows)))
        }
        Predicate::Compare(
            Comparison::Less | Comparison::LessOrEqual,
            Scalar::Number(Number::Distance(literal)),
            Scalar::Number(Number::Literal(metres)),
        ) => {
            let target = literal.target.as_ref();
            let Some(bounds) = target.and_then(|target| target.geometry().bounding_rect()) else {
                return Ok(None);
            };
            let reach = expanded(bounds, metres.max(0.0));
            let rows = in_boxes(collection, &reach, budget)?;
            Some((Access::Tree("filter"), Cow::Owned(rows)))
        }
        _ => None,
    })
}

/// The rows of all parts of an OR; none where one of them has no index.
fn union<'a>(
    collection: &'a Collection,
    parts: &[Predicate],
    budget: &Budget,
) -> Result<Option<Found<'a>>, Stopped> {
    let meter = budget.meter();
    let (mut ways, mut rows) = (Vec::new(), RowSet::new(collection.count()));
    for part in parts {
        let Some((access, found)) = narrowest_of(collection, part, budget)? else {
            return Ok(None);
        };
        ways.push(access);
        meter.spend(PER_FOUND * (1 + found.len() as u64))?;
        for row in found.iter() {
            rows.insert(*row);
        }
    }
    Ok(Some((Access::Union(ways), Cow::Owned(rows.into_rows()))))
}

fn in_set<'a>(
    collection: &'a Collection,
    value: &Scalar,
    set: &Set,
    budget: &Budget,
) -> Result<Option<Found<'a>>, Stopped> {
    let meter = budget.meter();
    let mut rows = RowSet::new(collection.count());
    let mut add = |found: &[Row]| {
        for row in found {
            rows.insert(*row);
        }
        meter.spend(PER_ITEM + PER_FOUND * found.len() as u64)
    };
    let access = match (value, set) {
        (Scalar::Number(Number::Column(column)), Set::Numbers(numbers)) => {
            let Some(index) = collection.index(*column) else {
                return Ok(None);
            };
            let cells = collection.cells(*column);
            for number in numbers.iter() {
                add(index.range(cells, Some(number), Some(number)))?;
            }
            Access::Index(*column)
        }
        (Scalar::Number(Number::Id), Set::Numbers(numbers)) => {
            for number in numbers.iter() {
                let Some(found) = by_number(collection, number) else {
                    return Ok(None);
                };
                add(&found)?;
            }
            Access::Id
        }
        (Scalar::Time(Time::Column(column)), Set::Times(times)) => {
            let Some(index) = collection.index(*column) else {
                return Ok(None);
            };
            for at in times {
                add(index.times(collection.cells(*column), *at, *at))?;
            }
            Access::Index(*column)
        }
        (Scalar::Text(Text::Column(column)), Set::Texts(wanted)) => {
            for text in wanted {
                let Some((_, found)) = by_text(collection, *column, Comparison::Equal, text) else {
                    return Ok(None);
                };
                add(&found)?;
            }
            Access::Index(*column)
        }
        (Scalar::Text(Text::Id), Set::Texts(wanted)) => {
            for text in wanted {
                add(collection.row(text).as_slice())?;
            }
            Access::Id
        }
        _ => return Ok(None),
    };
    Ok(Some((access, Cow::Owned(rows.into_rows()))))
}

/// Steps of looking one item of a list up in an index.
const PER_ITEM: u64 = 200;

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
