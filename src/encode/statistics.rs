//! What rows add up to, as JSON and as CSV.

use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use crate::model::{CollectionInfo, Value};
use crate::query::{ColumnStatistics, Statistics};

/// The document. Sums and means are in the unit of their column; `nulls` are rows that the plan
/// says nothing of, and count for nothing else.
#[must_use]
pub fn statistics(
    info: &CollectionInfo,
    statistics: &Statistics,
    group_by: Option<usize>,
    links: &[Link],
) -> Json {
    let mut out = json!({
        "collection": info.id,
        "numberMatched": statistics.count,
        "columns": columns(info, &statistics.columns),
        "links": links_json(links),
    });
    if let Some(column) = group_by.map(|at| &info.columns[at]) {
        let groups = statistics.groups.iter().map(|group| {
            json!({
                "value": group.value.to_json(),
                "numberMatched": group.count,
                "columns": columns(info, &group.columns),
            })
        });
        out["groupBy"] = json!({ "column": column.name, "title": column.title });
        out["groups"] = groups.collect();
    }
    out
}

fn columns(info: &CollectionInfo, all: &[ColumnStatistics]) -> Json {
    all.iter().map(|column| one(info, column)).collect()
}

fn one(info: &CollectionInfo, of: &ColumnStatistics) -> Json {
    let number = |number: Option<f64>| number.map_or(Json::Null, |n| Value::Number(n).to_json());
    let column = info.column_index(&of.column).map(|at| &info.columns[at]);
    let mut out = json!({
        "column": of.column,
        "title": column.map(|column| &column.title),
        "unit": column.and_then(|column| column.unit.as_ref()),
        "stated": of.stated,
        "nulls": of.nulls,
        "sum": number(of.sum),
        "min": number(of.min),
        "max": number(of.max),
        "mean": number(of.mean),
        "median": number(of.median),
    });
    if !of.quantiles.is_empty() {
        let pairs = of
            .quantiles
            .iter()
            .map(|(at, value)| json!({ "probability": at, "value": number(*value) }));
        out["quantiles"] = pairs.collect();
    }
    if !of.histogram.is_empty() {
        let bins = of.histogram.iter().map(|bin| {
            json!({ "low": number(Some(bin.low)), "high": number(Some(bin.high)), "count": bin.count })
        });
        out["histogram"] = bins.collect();
    }
    if let Some((below, above)) = of.outside {
        out["below"] = below.into();
        out["above"] = above.into();
    }
    out
}
