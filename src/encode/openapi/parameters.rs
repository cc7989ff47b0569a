//! Every parameter, by name.

use serde_json::{Map, Value as Json, json};

use super::Context;
use crate::model::{Column, ColumnType};
use crate::tile::TileMatrixSet;

/// A parameter of a path or a query.
#[derive(Debug)]
pub struct Parameter {
    /// As it is written; before a slash the route that it is of, where others have another of that name.
    pub name: &'static str,
    /// True for a part of the path.
    pub in_path: bool,
    /// What it does.
    pub about: &'static str,
    /// Its schema in OpenAPI 3.0.
    pub schema: fn(&Context) -> Json,
}

/// The greatest number that a tile matrix set has.
fn most(of: impl Fn(TileMatrixSet, u8) -> u32) -> Option<u32> {
    let last = |set: TileMatrixSet| of(set, *set.levels().end());
    TileMatrixSet::ALL.into_iter().map(last).max()
}

/// A row or a column.
fn counter(_: &Context) -> Json {
    let count = most(|set, level| set.columns(level).max(set.rows(level)));
    json!({ "type": "integer", "minimum": 0, "maximum": count.map(|count| count - 1) })
}

fn level(_: &Context) -> Json {
    json!({ "type": "integer", "minimum": 0, "maximum": most(|_, level| level.into()) })
}

/// All of them.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "collectionId",
        in_path: true,
        about: "The id of a collection",
        schema: |context| json!({ "type": "string", "enum": context.ids() }),
    },
    Parameter {
        name: "featureId",
        in_path: true,
        about: "The id of a feature",
        schema: |_| json!({ "type": "string" }),
    },
    Parameter {
        name: "tileMatrixSetId",
        in_path: true,
        about: "The id of a tile matrix set",
        schema: |_| json!({ "type": "string", "enum": TileMatrixSet::ALL.map(TileMatrixSet::id) }),
    },
    Parameter {
        name: "tileMatrix",
        in_path: true,
        about: "The level of the tile; its tile matrix set tells which there are",
        schema: level,
    },
    Parameter {
        name: "tileRow",
        in_path: true,
        about: "The row of the tile, from the north",
        schema: counter,
    },
    Parameter {
        name: "tileCol",
        in_path: true,
        about: "The column of the tile, from the west",
        schema: counter,
    },
    Parameter {
        name: "z",
        in_path: true,
        about: "The level of the tile",
        schema: level,
    },
    Parameter {
        name: "x",
        in_path: true,
        about: "The column of the tile, from the west",
        schema: counter,
    },
    Parameter {
        name: "y",
        in_path: true,
        about: "The row of the tile, from the north",
        schema: counter,
    },
    Parameter {
        name: "bbox",
        in_path: false,
        about: "Only features whose geometry meets this box: west, south, east, north in degrees (CRS84), or six numbers with heights, which are left aside. A west greater than the east crosses the 180th meridian, and so does a box that reaches beyond it (170 to 190); one of 360 degrees or more is the whole way round. Features without a place are left out.",
        // The limits stand beside `oneOf` because that is where Part 1, requirement 7, and OGC's test suite have them.
        schema: |_| json!({ "type": "array", "items": { "type": "number" }, "minItems": 4, "maxItems": 6, "oneOf": [{ "minItems": 4, "maxItems": 4 }, { "minItems": 6, "maxItems": 6 }] }),
    },
    Parameter {
        name: "bbox-crs",
        in_path: false,
        about: "The CRS of bbox, whose numbers are in its authority's order: a box in that CRS",
        schema: |context| json!({ "type": "string", "enum": context.crs, "default": context.crs.first() }),
    },
    Parameter {
        name: "datetime",
        in_path: false,
        about: "An instant or an interval (RFC 3339; .. or nothing for an open end), both ends included. A day is the whole day in UTC. Features without a time meet every one; a collection's schema says which columns are its time",
        schema: |_| json!({ "type": "string", "minLength": 1 }),
    },
    Parameter {
        name: "id",
        in_path: false,
        about: "Only the feature with this id",
        schema: |_| json!({ "type": "string", "minLength": 1 }),
    },
    Parameter {
        name: "basemapId",
        in_path: true,
        about: "The id of a base map of the plan",
        schema: |_| json!({ "type": "string" }),
    },
    Parameter {
        name: "view",
        in_path: true,
        about: "The id of a view of the plan",
        schema: |context| json!({ "type": "string", "enum": context.plan.views.iter().map(|view| &view.id).collect::<Vec<_>>() }),
    },
    Parameter {
        name: "poster/lang",
        in_path: false,
        about: "The language of the names",
        schema: |_| json!({ "type": "string", "enum": ["zh", "en"], "default": "zh" }),
    },
    Parameter {
        name: "search/q",
        in_path: false,
        about: "A name, a plot's code or an address: Chinese, English, pinyin or pinyin initials (qls finds 祁连山路). A program has to give it; a browser without it gets a form",
        schema: |_| json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
    },
    Parameter {
        name: "search/limit",
        in_path: false,
        about: "The most results. A greater number than the maximum is taken as the maximum",
        schema: |_| json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 20 }),
    },
    Parameter {
        name: "search/each",
        in_path: false,
        about: "The most results of one collection",
        schema: |_| json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 200 }),
    },
    Parameter {
        name: "q",
        in_path: false,
        about: "Only features whose name holds this: Chinese, English, pinyin or pinyin initials (qls finds 祁连山路)",
        schema: |_| json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
    },
    Parameter {
        name: "filter",
        in_path: false,
        about: "A CQL2 expression; queryables tells what it may name. In CQL2 text a backslash begins an escape (\\\', \\\\, \\n, \\t ...) and stands for itself before anything else; a pattern of LIKE escapes %, _ and \\ with a backslash in the text that results",
        schema: |_| json!({ "type": "string", "minLength": 1 }),
    },
    Parameter {
        name: "filter-lang",
        in_path: false,
        about: "The language of the filter",
        schema: |_| json!({ "type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text" }),
    },
    Parameter {
        name: "filter-crs",
        in_path: false,
        about: "The CRS of the geometries in the filter, in its authority's order",
        schema: |context| json!({ "type": "string", "enum": context.crs, "default": context.crs.first() }),
    },
    Parameter {
        name: "near",
        in_path: false,
        about: "Only features near this, the nearest first, with their distance in metres as distance_m: the id of a collection (near any of its features), collection/feature, two numbers, or a geometry as WKT. Needs within. distance_m is measured on the ellipsoid, between the nearest points; 0 where they touch",
        schema: |_| json!({ "type": "string", "minLength": 1 }),
    },
    Parameter {
        name: "within",
        in_path: false,
        about: "The greatest distance of near, in metres; needs near",
        schema: |_| json!({ "type": "number", "minimum": 0, "maximum": 100_000 }),
    },
    Parameter {
        name: "near-crs",
        in_path: false,
        about: "The CRS of the numbers or geometry in near, and of those in near-filter, in its authority's order",
        schema: |context| json!({ "type": "string", "enum": context.crs, "default": context.crs.first() }),
    },
    Parameter {
        name: "near-filter",
        in_path: false,
        about: "Where near names a collection: only its features that fulfil this CQL2 text",
        schema: |_| json!({ "type": "string", "minLength": 1 }),
    },
    Parameter {
        name: "properties",
        in_path: false,
        about: "Only these columns, in this order. Of items: what is shown; of statistics: the number columns that are added up, all of them where it is absent",
        schema: |_| json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 }),
    },
    Parameter {
        name: "bom",
        in_path: false,
        about: "Begin a CSV with a byte order mark, by which Excel knows UTF-8; only with f=csv",
        schema: |_| json!({ "type": "boolean", "default": false }),
    },
    Parameter {
        name: "formulas",
        in_path: false,
        about: "What is done with names, ids and texts of a CSV that a spreadsheet would take for a formula, because they begin with =, +, -, @, a tab or a line break: keep leaves them as they are, escape puts an apostrophe before them. Without it escape with bom=true, else keep, for then programs read the file. Numbers stay as they are. Only with f=csv",
        schema: |_| json!({ "type": "string", "enum": ["keep", "escape"] }),
    },
    Parameter {
        name: "group-by",
        in_path: false,
        about: "The figures for each value of this column as well; rows that do not state it are a group of their own",
        schema: |_| json!({ "type": "string", "minLength": 1 }),
    },
    Parameter {
        name: "quantiles",
        in_path: false,
        about: "Quantiles beside the median, interpolated linearly between the two nearest numbers",
        schema: |_| json!({ "type": "array", "items": { "type": "number", "minimum": 0, "maximum": 1 }, "minItems": 1, "maxItems": 100 }),
    },
    Parameter {
        name: "bins",
        in_path: false,
        about: "A histogram of so many bins of equal width, from the least to the greatest number",
        schema: |_| json!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
    },
    Parameter {
        name: "edges",
        in_path: false,
        about: "A histogram with these edges, which ascend, of the one column in properties: the same bins whatever is matched. A number on an edge is in the bin above it, on the last edge in the last bin; numbers outside are counted as below and above",
        schema: |_| json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 1001 }),
    },
    Parameter {
        name: "sortby",
        in_path: false,
        about: "Columns to sort by, with - before those that descend; nulls come last, equal rows by id",
        schema: |_| json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 }),
    },
    Parameter {
        name: "limit",
        in_path: false,
        about: "The most features that a page has. A greater number than the maximum is taken as the maximum. Without it a file (csv, xlsx, gpkg, fgb, shp, kml, parquet) has every feature",
        schema: |context| json!({ "type": "integer", "minimum": 1, "maximum": context.max_limit, "default": context.default_limit }),
    },
    Parameter {
        name: "crs",
        in_path: false,
        about: "The CRS of the coordinates sent, with the axes in its authority's order; the header Content-Crs names it",
        schema: |context| json!({ "type": "string", "enum": context.crs, "default": context.crs.first() }),
    },
    Parameter {
        name: "cursor",
        in_path: false,
        about: "Where a page begins; as the link to the next page has it",
        schema: |_| json!({ "type": "string" }),
    },
    Parameter {
        name: "offset",
        in_path: false,
        about: "How many features are left out before the page begins. For clients that page by it; the links to the next page have a cursor instead, which goes further, costs less and is not moved by changed data. Not together with cursor",
        schema: |context| json!({ "type": "integer", "minimum": 0, "maximum": context.max_offset, "default": 0 }),
    },
    Parameter {
        name: "collections",
        in_path: false,
        about: "Only these collections, the first beneath the others; an id may also be written as the address of its collection",
        schema: |context| json!({ "type": "array", "items": { "type": "string", "enum": context.ids() }, "minItems": 1 }),
    },
];

impl Parameter {
    fn written(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    /// Written in full, because clients read `limit` only where it stands in its operation.
    pub(super) fn to_json(&self, context: &Context) -> Json {
        if self.in_path {
            return json!({
                "name": self.name,
                "in": "path",
                "required": true,
                "description": self.about,
                "schema": (self.schema)(context),
            });
        }
        query(self.written(), self.about, (self.schema)(context))
    }
}

/// A query parameter. The style is written though it is the default, because the standards' abstract
/// tests ask for it; a list is one value with commas.
fn query(name: &str, about: &str, schema: Json) -> Json {
    let mut out = json!({
        "name": name,
        "in": "query",
        "required": false,
        "description": about,
        "style": "form",
        "explode": false,
    });
    out["schema"] = schema;
    out
}

/// Every column as a query parameter of a route that takes those of several collections, or of one
/// that its path names: OpenAPI has no better way to say it than one parameter with many names.
pub(super) fn columns(context: &Context) -> Json {
    let columns = context.collections.iter().flat_map(|info| &info.columns);
    let properties: Map<_, _> = columns
        .map(|column| {
            (
                column.name.clone(),
                json!({ "type": "string", "minLength": 1 }),
            )
        })
        .collect();
    json!({
        "name": "columns",
        "in": "query",
        "required": false,
        "description": "Each column by its own name, as in the items of its collection; every collection in the tile has to have it",
        "style": "form",
        "explode": true,
        "schema": { "type": "object", "properties": properties, "additionalProperties": false },
    })
}

/// A parameter by name.
pub(super) fn parameter(name: &str, context: &Context) -> Option<Json> {
    PARAMETERS
        .iter()
        .find(|parameter| parameter.name == name)
        .map(|parameter| parameter.to_json(context))
}

/// `f` of a route.
pub(super) fn format(names: &[&str]) -> Json {
    let about = "The form of the answer; it wins over the header Accept";
    query("f", about, json!({ "type": "string", "enum": names }))
}

/// `lang` of a route that has a page.
pub(super) fn language() -> Json {
    let about = "The language of the page; only with the form html. It wins over the header Accept-Language";
    query(
        "lang",
        about,
        json!({ "type": "string", "enum": ["zh", "en"] }),
    )
}

const DAY: &str = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
const TIME_OF_DAY: &str = r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";

/// One value, or a range of which one end may be open.
fn ranges(value: &str) -> String {
    r"^\s*(N|N\.\.|\.\.N|N\.\.N)\s*$".replace('N', value)
}

/// A column as a query parameter; none for one that cannot be queried.
pub(super) fn column(column: &Column) -> Option<Json> {
    let unit = column
        .unit
        .as_ref()
        .map(|unit| format!(" ({unit})"))
        .unwrap_or_default();
    let (schema, how) = match column.kind {
        ColumnType::Number | ColumnType::Integer => (
            json!({ "type": "string", "pattern": ranges(r"[+-]?[0-9]+(\.[0-9]+)?") }),
            ": a number or a closed or half-open range: 3, 2..4, 2.., ..4",
        ),
        ColumnType::Boolean => (json!({ "type": "string", "enum": ["true", "false"] }), ""),
        ColumnType::Date => (
            json!({ "type": "string", "pattern": ranges(DAY) }),
            ": a date or a closed or half-open range: 2021-01-31, 2021-01-01..2021-12-31, 2021-01-01.., ..2021-12-31",
        ),
        ColumnType::Timestamp => (
            json!({ "type": "string", "pattern": ranges(&format!("{DAY}({TIME_OF_DAY})?")) }),
            ": a time, a date (the whole day in UTC) or a closed or half-open range: 2021-01-31T08:00:00Z, 2021-01-01..2021-12-31",
        ),
        ColumnType::Json => return None,
        ColumnType::String | ColumnType::Strings if column.values.is_empty() => (
            json!({ "type": "string", "minLength": 1 }),
            if column.kind == ColumnType::Strings {
                ": an array that has this text"
            } else {
                ": exactly this text"
            },
        ),
        ColumnType::String | ColumnType::Strings => {
            let codes: Vec<_> = column.values.iter().map(|value| &value.code).collect();
            (json!({ "type": "string", "enum": codes }), "")
        }
    };
    let about = format!("{} / {}{unit}{how}", column.title.en, column.title.zh);
    Some(query(&column.name, &about, schema))
}
