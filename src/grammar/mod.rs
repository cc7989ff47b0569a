//! What is asked, in words: the one grammar of parameters, the same in an address and on the command
//! line, and for items, statistics, tiles and files.

mod choice;
mod nearby;
mod params;
mod statistics;

pub use choice::{Choice, unknown};
pub use nearby::near;
pub use params::{Params, QueryError, Refused};
pub use statistics::statistics;

use crate::crs::Crs;
use crate::model::CollectionInfo;
use crate::query::{
    Budget, Filter, Interval, Query, Window, condition, cql2_json, cql2_text, sort_keys,
};
use crate::store::Store;

/// Takes the parameters out that narrow and order the rows of a collection, and compiles them for
/// it. Every parameter that is left then names a column; the first that does not is refused.
///
/// # Errors
/// A parameter that is unknown or cannot be read, or more work for `near` than the budget allows.
pub fn query(
    params: &mut Params,
    store: &Store,
    info: &CollectionInfo,
    budget: &Budget,
) -> Result<Query, QueryError> {
    let box_crs = crs(params, "bbox-crs", store)?;
    let bbox = params.read("bbox", |text| Window::parse(text, box_crs))?;
    let datetime = params.read("datetime", str::parse::<Interval>)?;
    let text = match params.read("q", |text| {
        some_text(text)
            .map_err(str::to_owned)
            .and_then(|text| wanted(&text))
    })? {
        Some(text) => store.names(&info.id, &text, budget)?,
        None => None,
    };
    let near = nearby::near(params, store, budget)?;
    let sort = params.read("sortby", |text| sort_keys(info, text))?;
    let filter = cql2(params, store, info, "filter")?;
    let id = params.read("id", some_text)?.map(|id| Filter::id(&id));
    let columns = columns(info, params)?;
    Ok(Query {
        bbox,
        datetime,
        text,
        near,
        filter: Filter::all(filter.into_iter().chain(id).chain(columns)),
        sort: sort.unwrap_or_default(),
        budget: budget.clone(),
    })
}

/// Reads a parameter that names one of the CRSs that the plan is served in; CRS84 where it is not
/// given.
///
/// # Errors
/// No CRS, or not one of these.
pub fn crs(params: &mut Params, name: &str, store: &Store) -> Result<Crs, Refused> {
    let served = store.crs();
    let read = |text: &str| {
        let crs = text.parse::<Crs>().map_err(|error| error.to_string())?;
        if served.contains(&crs) {
            return Ok(crs);
        }
        let known: Vec<_> = served.iter().map(ToString::to_string).collect();
        Err(format!(
            "{crs} is not served here; served are {}",
            known.join(", ")
        ))
    };
    Ok(params.read(name, read)?.unwrap_or(Crs::Crs84))
}

fn cql2(
    params: &mut Params,
    store: &Store,
    info: &CollectionInfo,
    name: &str,
) -> Result<Option<Filter>, Refused> {
    let literals = crs(params, "filter-crs", store)?;
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
    params.read(name, |text| compile(info, text, literals))
}

/// Every name holds an empty text and no feature has it as its id: to ask for one is a slip.
fn some_text(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("expected a text, found an empty one"),
        _ => Ok(text.to_owned()),
    }
}

/// Longer than any name, and more words than one has: each is looked for in every name.
const LONGEST: usize = 200;
const MOST_WORDS: usize = 16;

/// A text to search names for, as `q` has it.
///
/// # Errors
/// It is longer than 200 characters, or has more than 16 words.
pub fn wanted(text: &str) -> Result<String, String> {
    let (length, words) = (text.chars().count(), text.split_whitespace().count());
    if length > LONGEST || words > MOST_WORDS {
        return Err(format!(
            "expected at most {LONGEST} characters and {MOST_WORDS} words, found {length} and {words}"
        ));
    }
    Ok(text.trim().to_owned())
}

fn columns(info: &CollectionInfo, params: &mut Params) -> Result<Vec<Filter>, Refused> {
    let mut parts = Vec::new();
    for (name, text) in params.rest() {
        let column = info.column_index(&name).ok_or_else(|| {
            let reason = format!("is not known here; {}", unknown(info, &name));
            Refused::new(&name, reason)
        })?;
        let condition =
            condition(&info.columns[column], &text).map_err(|error| Refused::new(&name, error))?;
        parts.push(Filter::column(column, condition));
    }
    Ok(parts)
}
