use std::collections::BTreeMap;

use super::{Query, Stopped, matched};
use crate::model::{ColumnType, Value};
use crate::snapshot::{Collection, Row};

/// The most bins of a histogram, quantiles, and groups of an answer.
const MAX_BINS: usize = 1000;
const MAX_QUANTILES: usize = 100;
const MAX_GROUPS: usize = 10_000;

/// Bins and quantiles of all groups and columns: each is an object of the answer.
const MAX_FIGURES: usize = 1_000_000;

/// Steps of a row for each column: it is sorted.
const PER_ROW: u64 = 20;

/// What is asked of the rows that a query matches. Columns are positions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatisticsRequest {
    /// Number columns.
    pub columns: Vec<usize>,
    /// A column of texts, whole numbers or truth values.
    pub group_by: Option<usize>,
    /// From 0 to 1, beside the median.
    pub quantiles: Vec<f64>,
    /// Bins of a histogram; 0 for none.
    pub bins: usize,
    /// Edges of the bins instead, ascending; empty where the numbers themselves give them. They suit
    /// one column: histograms of different queries then have the same bins.
    pub edges: Vec<f64>,
}

/// What the rows add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Rows, whatever their cells: `numberMatched`.
    pub count: usize,
    /// All rows together, in the order of the request's columns.
    pub columns: Vec<ColumnStatistics>,
    /// By the request's `group_by`: ascending, the null group last. Empty without one.
    pub groups: Vec<Group>,
}

/// Rows with the same value.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The value; `Null` for the rows that state none.
    pub value: Value,
    /// Rows.
    pub count: usize,
    /// In the order of the request's columns. Histograms have the edges of all rows' histogram.
    pub columns: Vec<ColumnStatistics>,
}

/// What one column's numbers add up to. Nulls count as nulls and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnStatistics {
    /// The column's name.
    pub column: String,
    /// Rows that state a number.
    pub stated: usize,
    /// Rows that do not.
    pub nulls: usize,
    /// Their sum; none where no row states a number.
    pub sum: Option<f64>,
    /// The smallest.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// The arithmetic mean.
    pub mean: Option<f64>,
    /// The quantile at 0.5.
    pub median: Option<f64>,
    /// Probability and value, as asked for.
    pub quantiles: Vec<(f64, Option<f64>)>,
    /// Of equal width from the smallest to the greatest number; the last holds its upper edge.
    /// Empty where none was asked for, or no row states a number; one where all are equal. Where
    /// edges were given, the bins between those, whatever the rows state.
    pub histogram: Vec<Bin>,
    /// Rows below the first edge and above the last, where edges were given.
    pub outside: Option<(usize, usize)>,
}

/// A bin of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// Lower edge, included.
    pub low: f64,
    /// Upper edge; included in the last bin only.
    pub high: f64,
    /// Rows.
    pub count: usize,
}

/// A request that cannot be answered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StatisticsError {
    /// Not a number column.
    #[error("{name} holds {kind}, not numbers")]
    NotNumbers {
        /// Column.
        name: String,
        /// Its type.
        kind: ColumnType,
    },
    /// Not a column to group by.
    #[error(
        "{name} holds {kind}; rows are grouped by a column of texts, whole numbers or truth values"
    )]
    NotGroups {
        /// Column.
        name: String,
        /// Its type.
        kind: ColumnType,
    },
    /// Not a probability.
    #[error("the quantile {0} is not from 0 to 1")]
    Quantile(f64),
    /// Not the edges of bins of one column.
    #[error("{0}")]
    Edges(&'static str),
    /// The query's budget stopped it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Groups, columns and bins make more figures than are answered.
    #[error(
        "{groups} groups of {columns} columns with {each} bins and quantiles are more than {limit} figures; ask for fewer bins or columns"
    )]
    TooLarge {
        /// Groups.
        groups: usize,
        /// Columns.
        columns: usize,
        /// Bins and quantiles of each.
        each: usize,
        /// The most figures.
        limit: usize,
    },
    /// More than is answered.
    #[error("found {found} {what}; at most {limit} are answered")]
    TooMany {
        /// `bins`, `edges`, `quantiles` or `groups`.
        what: &'static str,
        /// How many there are; of groups, how many were found until there were too many.
        found: usize,
        /// The most.
        limit: usize,
    },
}

/// Adds up the rows that a query matches.
///
/// Quantiles interpolate linearly between the two nearest numbers (Hyndman and Fan 1996, type 7: as
/// R, `NumPy` and spreadsheets by default). Sums are compensated (Neumaier 1974), so that their
/// order does not show.
///
/// # Errors
/// A column of another type, or too many of something.
pub fn statistics(
    collection: &Collection,
    query: &Query,
    request: &StatisticsRequest,
) -> Result<Statistics, StatisticsError> {
    checked(collection, request)?;
    let rows = matched(collection, query)?.rows;
    let columns = |rows: &[Row], whole: Option<&[ColumnStatistics]>| {
        let one = |(at, column): (usize, &usize)| {
            let edges = whole.map(|whole| whole[at].histogram.as_slice());
            column_statistics(collection, *column, rows, request, edges)
        };
        request.columns.iter().enumerate().map(one).collect()
    };
    let meter = query.budget.meter();
    let summed = PER_ROW * rows.len() as u64 * request.columns.len() as u64;
    meter.spend(summed)?;
    let whole: Vec<_> = columns(&rows, None);
    let mut groups = Vec::new();
    if let Some(group_by) = request.group_by {
        let cells = collection.cells(group_by);
        let mut by_value: BTreeMap<GroupKey, Vec<Row>> = BTreeMap::new();
        for row in &rows {
            meter.spend(PER_ROW)?;
            let key = GroupKey::new(&cells.value(*row));
            by_value.entry(key).or_default().push(*row);
            if by_value.len() > MAX_GROUPS {
                return Err(StatisticsError::TooMany {
                    what: "groups",
                    found: by_value.len(),
                    limit: MAX_GROUPS,
                });
            }
        }
        size_checked(by_value.len(), request)?;
        // The same rows once more.
        meter.spend(summed)?;
        groups.extend(by_value.into_values().map(|rows| Group {
            value: rows.first().map_or(Value::Null, |row| cells.value(*row)),
            count: rows.len(),
            columns: columns(&rows, Some(&whole)),
        }));
    }
    Ok(Statistics {
        count: rows.len(),
        columns: whole,
        groups,
    })
}

/// Whole numbers by their size, texts by their characters, null last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum GroupKey {
    Whole(i64),
    Text(String),
    Null,
}

impl GroupKey {
    fn new(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(whole) => Self::Whole(*whole),
            other => Self::Text(other.to_string()),
        }
    }
}

fn checked(collection: &Collection, request: &StatisticsRequest) -> Result<(), StatisticsError> {
    let info = |column: usize| &collection.info.columns[column];
    for column in &request.columns {
        let column = info(*column);
        if !matches!(column.kind, ColumnType::Number | ColumnType::Integer) {
            return Err(StatisticsError::NotNumbers {
                name: column.name.clone(),
                kind: column.kind,
            });
        }
    }
    if let Some(column) = request.group_by.map(info)
        && column.kind == ColumnType::Number
    {
        return Err(StatisticsError::NotGroups {
            name: column.name.clone(),
            kind: column.kind,
        });
    }
    let outside = |quantile: &&f64| !(0.0..=1.0).contains(*quantile);
    if let Some(quantile) = request.quantiles.iter().find(outside) {
        return Err(StatisticsError::Quantile(*quantile));
    }
    for (what, found, limit) in [
        ("bins", request.bins, MAX_BINS),
        ("edges", request.edges.len(), MAX_BINS + 1),
        ("quantiles", request.quantiles.len(), MAX_QUANTILES),
    ] {
        if found > limit {
            return Err(StatisticsError::TooMany { what, found, limit });
        }
    }
    edges_checked(request).map_err(StatisticsError::Edges)
}

/// Refuses an answer that would be larger than anybody can use.
fn size_checked(groups: usize, request: &StatisticsRequest) -> Result<(), StatisticsError> {
    let bins = request.bins.max(request.edges.len());
    let each = bins + request.quantiles.len();
    let columns = request.columns.len();
    if groups.saturating_mul(columns).saturating_mul(each) > MAX_FIGURES {
        return Err(StatisticsError::TooLarge {
            groups,
            columns,
            each,
            limit: MAX_FIGURES,
        });
    }
    Ok(())
}

fn edges_checked(request: &StatisticsRequest) -> Result<(), &'static str> {
    let edges = &request.edges;
    if edges.is_empty() {
        return Ok(());
    }
    if edges.len() < 2 || !edges.is_sorted_by(|low, high| low < high) {
        return Err("expected at least two numbers that ascend");
    }
    if request.bins > 0 {
        return Err("edges say how many bins there are: leave bins out");
    }
    match request.columns.len() {
        1 => Ok(()),
        _ => Err("edges are of one column: name it, and no other, in properties"),
    }
}

fn column_statistics(
    collection: &Collection,
    column: usize,
    rows: &[Row],
    request: &StatisticsRequest,
    edges: Option<&[Bin]>,
) -> ColumnStatistics {
    let cells = collection.cells(column);
    let mut numbers: Vec<f64> = rows.iter().filter_map(|row| cells.number(*row)).collect();
    numbers.sort_by(f64::total_cmp);
    let stated = numbers.len();
    let total = (stated > 0).then(|| sum(&numbers));
    let (min, max) = (numbers.first().copied(), numbers.last().copied());
    let histogram = match (edges, min, max) {
        _ if !request.edges.is_empty() => counted(&numbers, between(&request.edges)),
        _ if request.bins == 0 => Vec::new(),
        (Some(edges), _, _) => counted(&numbers, edges.to_vec()),
        (None, Some(min), Some(max)) => counted(&numbers, bins(min, max, request.bins)),
        _ => Vec::new(),
    };
    ColumnStatistics {
        column: collection.info.columns[column].name.clone(),
        stated,
        nulls: rows.len() - stated,
        sum: total,
        min,
        max,
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^32 rows")]
        mean: total.map(|sum| sum / stated as f64),
        median: quantile(&numbers, 0.5),
        quantiles: request
            .quantiles
            .iter()
            .map(|at| (*at, quantile(&numbers, *at)))
            .collect(),
        histogram,
        outside: outside(&numbers, &request.edges),
    }
}

fn between(edges: &[f64]) -> Vec<Bin> {
    let bin = |pair: &[f64]| Bin {
        low: pair[0],
        high: pair[1],
        count: 0,
    };
    edges.windows(2).map(bin).collect()
}

fn outside(sorted: &[f64], edges: &[f64]) -> Option<(usize, usize)> {
    let (first, last) = (edges.first()?, edges.last()?);
    let below = sorted.partition_point(|number| number < first);
    let within = sorted.partition_point(|number| number <= last);
    Some((below, sorted.len() - within))
}

fn sum(numbers: &[f64]) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for number in numbers {
        let next = sum + number;
        lost += if sum.abs() >= number.abs() {
            (sum - next) + number
        } else {
            (number - next) + sum
        };
        sum = next;
    }
    sum + lost
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position in fewer than 2^32 numbers"
)]
fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = probability * last as f64;
    let below = (at.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let share = at - below as f64;
    Some(sorted[below] * (1.0 - share) + sorted[above] * share)
}

#[expect(clippy::cast_precision_loss, reason = "at most a thousand bins")]
fn bins(min: f64, max: f64, count: usize) -> Vec<Bin> {
    let count = if min < max { count } else { 1 };
    let edge = |at: usize| {
        if at == count {
            max
        } else {
            let share = at as f64 / count as f64;
            min * (1.0 - share) + max * share
        }
    };
    let bin = |at| Bin {
        low: edge(at),
        high: edge(at + 1),
        count: 0,
    };
    (0..count).map(bin).collect()
}

/// A number is in the last bin whose lower edge it reaches; outside of all bins it is in none.
fn counted(numbers: &[f64], mut bins: Vec<Bin>) -> Vec<Bin> {
    for bin in &mut bins {
        bin.count = 0;
    }
    let end = bins.last().map_or(f64::NEG_INFINITY, |bin| bin.high);
    for number in numbers.iter().filter(|number| **number <= end) {
        let at = bins.partition_point(|bin| bin.low <= *number);
        if let Some(bin) = at.checked_sub(1).and_then(|at| bins.get_mut(at)) {
            bin.count += 1;
        }
    }
    bins
}
