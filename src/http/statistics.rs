//! `/collections/{c}/statistics`

use axum::extract::{Request, State};

use super::answer::{Answer, GEOJSON};
use super::asked::{Asked, without};
use super::features::no_collection;
use super::links::{alternates, escaped};
use super::negotiate;
use super::params::{Params, Path};
use super::problem::Problem;
use super::state::App;
use super::work::work;
use crate::encode::form::{self, Form};
use crate::encode::openapi::STATISTICS;
use crate::encode::{self, Link, html};
use crate::grammar;
use crate::query::StatisticsError;

const FORMS: &[Form] = STATISTICS.forms;

/// The parameters that the items behind the figures do not take.
const OWN: [&str; 7] = [
    "f",
    "lang",
    "properties",
    "group-by",
    "quantiles",
    "bins",
    "edges",
];

/// `GET /collections/{c}/statistics`
pub(super) async fn statistics(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let mut params = Params::parse(request.uri().query())?;
    let form = negotiate::form(&mut params, request.headers(), FORMS)?;
    let asked = Asked::new(&app, &request, FORMS, form, &mut params)?;
    let written = request.uri().query().map(str::to_owned);
    let context = asked.service.work.clone();
    work(&context, move || {
        let store = &asked.service.store;
        let missing = || no_collection(&id);
        let info = store.collection(&id).ok_or_else(missing)?.info;
        let wanted = grammar::statistics(&mut params, info)?;
        let query = grammar::query(&mut params, store, info, &asked.service.work.budget)?;
        params.finish()?;
        let found = store.statistics(&id, &query, &wanted).map_err(refused)?;
        let found = found.ok_or_else(missing)?;
        let path = format!("/collections/{}", escaped(&id));
        let base = &asked.service.base;
        let to = |path: String, query: &str| match query {
            "" => path,
            query => format!("{path}?{query}"),
        };
        let kept = without(written.as_deref(), &OWN);
        let items = to(format!("{base}{path}/items"), &kept);
        let here = format!("{base}{path}/statistics");
        let own = to(here.clone(), written.as_deref().unwrap_or_default());
        let mut links: Vec<Link> = vec![("self", own, form::JSON.media, "this document")];
        links.extend(alternates(&here, written.as_deref(), FORMS));
        links.push((
            "items",
            items.clone(),
            GEOJSON,
            "the features behind the figures",
        ));
        links.push((
            "collection",
            format!("{base}{path}"),
            "application/json",
            "the collection",
        ));
        let json = encode::statistics(info, &found, wanted.group_by, &links);
        Ok(asked.document(&json, |site, json| {
            html::statistics(site, info, &path, &items, json)
        }))
    })
    .await
}

/// Each error is of one parameter.
fn refused(error: StatisticsError) -> Problem {
    let parameter = match &error {
        StatisticsError::NotNumbers { .. } => "properties",
        StatisticsError::NotGroups { .. } | StatisticsError::TooMany { what: "groups", .. } => {
            "group-by"
        }
        StatisticsError::Quantile(_) => "quantiles",
        StatisticsError::Edges(_) => "edges",
        StatisticsError::TooMany { what, .. } => what,
        StatisticsError::TooLarge { .. } => "bins",
        StatisticsError::Stopped(stopped) => return (*stopped).into(),
    };
    Problem::parameter(parameter, error)
}
