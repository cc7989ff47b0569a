//! The one query grammar: which parameters narrow and order the rows of a collection.

use super::crs;
use super::params::Params;
use super::problem::Problem;
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
    let datetime = params.read("datetime", str::parse::<Interval>)?;
    let text = params
        .take("q")
        .and_then(|text| store.names(&info.id, &text));
    let sort = params.read("sortby", |text| sort_keys(info, text))?;
    let filter = cql2(params, store, info)?;
    let id = params.take("id").map(|id| Filter::id(&id));
    let columns = columns(info, params)?;
    Ok(Query {
        bbox,
        datetime,
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
