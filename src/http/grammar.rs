//! The one query grammar: which parameters narrow and order the rows of a collection.

use super::crs;
use super::params::Params;
use super::problem::Problem;
use crate::crs::Crs;
use crate::model::CollectionInfo;
use crate::query::{Filter, Interval, Query, Window, condition, cql2_json, cql2_text, sort_keys};
use crate::store::Store;

/// Takes the parameters of the grammar out and compiles them for a collection. Every parameter that
/// is left then names a column; the first that does not is refused.
pub(super) fn query(
    params: &mut Params,
    store: &Store,
    info: &CollectionInfo,
) -> Result<Query, Problem> {
    let box_crs = crs::read(params, "bbox-crs", store)?;
    let bbox = params.read("bbox", |text| Window::parse(text, box_crs))?;
    // No collection has a time column yet, and a feature without a time meets every interval
    // (OGC API Features Part 1, section 7.15.4); what is no interval is still refused.
    params.read("datetime", str::parse::<Interval>)?;
    let text = params
        .read("q", some_text)?
        .and_then(|text| store.names(&info.id, &text));
    let sort = params.read("sortby", |text| sort_keys(info, text))?;
    let filter = cql2(params, store, info)?;
    let id = match params.read("id", some_text)? {
        Some(id) => Some(
            cql2_text(info, &same_id(&id), Crs::Crs84)
                .map_err(|error| Problem::parameter("id", error))?,
        ),
        None => None,
    };
    let columns = columns(info, params)?;
    Ok(Query {
        bbox,
        text,
        filter: Filter::all(filter.into_iter().chain(id).chain(columns)),
        sort: sort.unwrap_or_default(),
        ..Query::default()
    })
}

fn cql2(
    params: &mut Params,
    store: &Store,
    info: &CollectionInfo,
) -> Result<Option<Filter>, Problem> {
    let literals = crs::read(params, "filter-crs", store)?;
    let json = params.read("filter-lang", |text| match text {
        "cql2-text" => Ok(false),
        "cql2-json" => Ok(true),
        _ => Err(format!("expected cql2-text or cql2-json, found {text:?}")),
    })?;
    let compile = if json.unwrap_or(false) {
        cql2_json
    } else {
        cql2_text
    };
    params.read("filter", |text| compile(info, text, literals))
}

/// Every name holds an empty text and no feature has it as its id: to ask for one is a slip.
fn some_text(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("expected a text, found an empty one"),
        _ => Ok(text.to_owned()),
    }
}

/// The id is a queryable beside the columns.
fn same_id(id: &str) -> String {
    format!("id = '{}'", id.replace('\'', "''"))
}

fn columns(info: &CollectionInfo, params: &mut Params) -> Result<Vec<Filter>, Problem> {
    let mut parts = Vec::new();
    for (name, text) in params.rest() {
        let column = info.column_index(&name).ok_or_else(|| {
            let reason = "is not known here; collection";
            Problem::parameter(&name, format!("{reason} {:?} has no such column", info.id))
        })?;
        let condition = condition(&info.columns[column], &text)
            .map_err(|error| Problem::parameter(&name, error))?;
        parts.push(Filter::column(column, condition));
    }
    Ok(parts)
}
