//! The description of the API in OpenAPI 3.0: complete, and made of the tables in this folder.

mod parameters;
mod routes;
mod schemas;

use serde_json::{Map, Value as Json, json};

use super::form::{Form, HTML};
use crate::model::{CollectionInfo, Plan};

pub use parameters::{PARAMETERS, Parameter};
pub use routes::{ITEMS, ROUTES, Route, STATISTICS};

/// What the document says of the data that are served.
pub struct Context<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its collections.
    pub collections: Vec<&'a CollectionInfo>,
    /// Where the server is.
    pub base: &'a str,
    /// Addresses of the CRSs that features are served in, the default first.
    pub crs: Vec<String>,
    /// How many features a page has where nothing is asked.
    pub default_limit: usize,
    /// The most that it may have.
    pub max_limit: usize,
    /// How many features may be left out before it.
    pub max_offset: usize,
}

impl Context<'_> {
    fn ids(&self) -> Vec<&str> {
        self.collections
            .iter()
            .map(|info| info.id.as_str())
            .collect()
    }
}

/// The document. `segment` writes a collection's id as a part of a path.
#[must_use]
pub fn openapi(context: &Context, segment: impl Fn(&str) -> String) -> Json {
    let mut paths = Map::new();
    for route in ROUTES {
        paths.insert(
            route.path.to_owned(),
            json!({ "get": operation(context, route) }),
        );
        if route.id == "describeCollection" {
            for info in &context.collections {
                for route in [&ITEMS, &STATISTICS] {
                    let path = route.path.replace("{collectionId}", &segment(&info.id));
                    paths.insert(path, json!({ "get": of_collection(context, route, info) }));
                }
            }
        }
    }
    let tags = ["Dataset", "Collections", "Features", "Tiles", "Server"];
    let tags = tags.map(|name| json!({ "name": name }));
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": context.plan.title.en,
            "description": format!("{} / {}\n\n{}\n\n{}", context.plan.source_title.en, context.plan.source_title.zh, context.plan.notice.en, context.plan.notice.zh),
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": if context.base.is_empty() { "/" } else { context.base } }],
        "tags": tags,
        "paths": paths,
        "components": { "schemas": schemas::schemas() },
    })
}

/// The features of one collection: the common parameters, and a parameter per column.
fn of_collection(context: &Context, route: &Route, info: &CollectionInfo) -> Json {
    let mut out = operation(context, route);
    out["operationId"] = format!("{}.{}", route.id, info.id).into();
    out["summary"] = format!("{}: {}", info.title.en, route.summary).into();
    if let Some(parameters) = out["parameters"].as_array_mut() {
        parameters.extend(info.columns.iter().filter_map(parameters::column));
    }
    out
}

fn operation(context: &Context, route: &Route) -> Json {
    let mut parameters: Vec<_> = route
        .parameters
        .iter()
        .filter_map(|name| parameters::parameter(name, context))
        .collect();
    if route.filtered {
        let filters = routes::FILTERS.iter();
        parameters.extend(filters.filter_map(|name| parameters::parameter(name, context)));
        parameters.push(parameters::columns(context));
    }
    if route.negotiated {
        let names: Vec<_> = route
            .forms
            .iter()
            .flat_map(|form| form.names)
            .copied()
            .collect();
        parameters.push(parameters::format(&names));
        if route.forms.contains(&HTML) {
            parameters.push(parameters::language());
        }
    }
    json!({
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": parameters,
        "responses": responses(route),
    })
}

fn responses(route: &Route) -> Json {
    let content: Map<_, _> = route
        .forms
        .iter()
        .map(|form| (form.bare_or_full(), json!({ "schema": body(route, form) })))
        .collect();
    let mut ok = json!({ "description": route.summary, "content": content });
    if route.answers.contains(&304) {
        ok["headers"] = json!({ "ETag": { "description": "Names this form of this version", "schema": { "type": "string" } } });
    }
    let mut out = Map::from_iter([("200".to_owned(), ok)]);
    let always = [405, 500, 503];
    for status in route.answers.iter().chain(&always) {
        let about = match status {
            204 => "No feature meets the tile",
            206 => "The bytes of a file that Range asks for",
            304 => "The client has this version already (If-None-Match)",
            400 => "A parameter is unknown or cannot be read; the problem names it",
            404 => "There is no such resource",
            405 => "Only GET, HEAD and OPTIONS are allowed",
            406 => "Accept fits none of the forms",
            416 => "The file ends before the bytes that Range asks for",
            500 => "The server failed",
            502 => "Another server, which this one asked, gave something else than what it should",
            504 => "Another server, which this one asked, did not answer in time",
            _ => "The request took too long",
        };
        let mut answer = json!({ "description": about });
        if *status >= 400 {
            answer["content"] = json!({
                "application/problem+json": { "schema": reference("problem") },
                "text/html": { "schema": { "type": "string" } },
            });
        }
        out.insert(status.to_string(), answer);
    }
    out.into()
}

fn body(route: &Route, form: &Form) -> Json {
    match form.names {
        ["html" | "csv" | "kml" | "svg" | "txt"] => json!({ "type": "string" }),
        ["jsonfg"] => json!({ "type": "object" }),
        ["image" | "mvt" | "xlsx" | "gpkg" | "fgb" | "shp" | "parquet"] => {
            json!({ "type": "string", "format": "binary" })
        }
        _ => reference(route.schema),
    }
}

fn reference(schema: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

impl Form {
    /// As a key of `content`: the version of OpenAPI belongs to the type, a charset does not.
    fn bare_or_full(&self) -> String {
        if self.media.contains(";version=") {
            self.media
        } else {
            self.bare()
        }
        .to_owned()
    }
}
