//! Every route that a client may use. The OpenAPI document, the formats that `f` takes and the
//! conformance classes follow from this table.

use crate::encode::form::{
    CSV, FGB, Form, GEOJSON, GPKG, HTML, JSON, JSONFG, KML, METRICS, MVT, OPENAPI, PARQUET,
    PICTURE, SCHEMA, SHP, SVG, TEXT, XLSX,
};

/// A resource that is read with GET.
#[derive(Debug)]
pub struct Route {
    /// Its path as OpenAPI writes it.
    pub path: &'static str,
    /// The operation's name; those of tiles end as OGC 20-057, table 26 asks.
    pub id: &'static str,
    /// The group that it is listed in.
    pub tag: &'static str,
    /// What it gives.
    pub summary: &'static str,
    /// Forms, the one sent where nothing is asked first.
    pub forms: &'static [Form],
    /// True where `f` and `Accept` choose among the forms.
    pub negotiated: bool,
    /// The schema of its JSON, among `schemas`.
    pub schema: &'static str,
    /// Names of its parameters, among `PARAMETERS`; `f` and `lang` follow from the forms.
    pub parameters: &'static [&'static str],
    /// True where `FILTERS` and the columns are parameters as well.
    pub filtered: bool,
    /// What it answers beyond 200, 405 and 503.
    pub answers: &'static [u16],
}

const DOCUMENT: &[Form] = &[JSON, HTML];
const USUAL: &[u16] = &[304, 400, 406];
const BELOW: &[u16] = &[304, 400, 404, 406];

const PLAIN: Route = Route {
    path: "/",
    id: "",
    tag: "Dataset",
    summary: "",
    forms: DOCUMENT,
    negotiated: true,
    schema: "object",
    parameters: &[],
    filtered: false,
    answers: USUAL,
};

/// The parameters that say which features tiles show: those of items without order and page.
pub(super) const FILTERS: &[&str] = &[
    "bbox",
    "bbox-crs",
    "datetime",
    "id",
    "q",
    "filter",
    "filter-lang",
    "filter-crs",
    "near",
    "within",
    "near-crs",
    "near-filter",
];

/// The features of a collection. Its path is documented once per collection, because the columns
/// that it takes as parameters differ.
pub const ITEMS: Route = Route {
    path: "/collections/{collectionId}/items",
    id: "getFeatures",
    tag: "Features",
    summary: "A page of features, with exact counts",
    forms: &[
        GEOJSON, HTML, CSV, XLSX, GPKG, FGB, SHP, KML, PARQUET, JSONFG,
    ],
    schema: "featureCollection",
    parameters: &[
        "bbox",
        "bbox-crs",
        "datetime",
        "id",
        "q",
        "filter",
        "filter-lang",
        "filter-crs",
        "near",
        "within",
        "near-crs",
        "near-filter",
        "sortby",
        "properties",
        "crs",
        "limit",
        "cursor",
        "offset",
        "bom",
        "formulas",
    ],
    answers: &[206, 304, 400, 404, 406, 416],
    ..PLAIN
};

/// What the features of a collection add up to; documented once per collection as they are.
pub const STATISTICS: Route = Route {
    path: "/collections/{collectionId}/statistics",
    id: "getStatistics",
    tag: "Features",
    summary: "Count, sum, least, greatest, mean, median and quantiles of number columns, histograms, groups",
    schema: "statistics",
    parameters: &[
        "properties",
        "group-by",
        "quantiles",
        "bins",
        "edges",
        "bbox",
        "bbox-crs",
        "datetime",
        "id",
        "q",
        "filter",
        "filter-lang",
        "filter-crs",
        "near",
        "within",
        "near-crs",
        "near-filter",
        "sortby",
    ],
    answers: BELOW,
    ..PLAIN
};

/// All others.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/",
        id: "getLandingPage",
        summary: "Where to find everything",
        schema: "landingPage",
        ..PLAIN
    },
    Route {
        path: "/conformance",
        id: "getConformance",
        summary: "Standards that this server conforms to",
        schema: "conformance",
        ..PLAIN
    },
    Route {
        path: "/api",
        id: "getApi",
        summary: "This document",
        forms: &[OPENAPI, HTML],
        ..PLAIN
    },
    Route {
        path: "/plan",
        id: "getPlan",
        summary: "The plan: figures as views, columns, collections",
        forms: &[JSON],
        negotiated: false,
        answers: &[304, 400],
        ..PLAIN
    },
    Route {
        path: "/collections",
        id: "getCollections",
        tag: "Collections",
        summary: "All collections",
        schema: "collections",
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}",
        id: "describeCollection",
        tag: "Collections",
        summary: "One collection",
        schema: "collection",
        parameters: &["collectionId"],
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}/schema",
        id: "getSchema",
        tag: "Collections",
        summary: "The schema of a collection's features",
        forms: &[SCHEMA, HTML],
        schema: "jsonSchema",
        parameters: &["collectionId"],
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}/queryables",
        id: "getQueryables",
        tag: "Collections",
        summary: "What features can be queried by",
        forms: &[SCHEMA, HTML],
        schema: "jsonSchema",
        parameters: &["collectionId"],
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}/sortables",
        id: "getSortables",
        tag: "Collections",
        summary: "What features can be sorted by",
        forms: &[SCHEMA, HTML],
        schema: "jsonSchema",
        parameters: &["collectionId"],
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}/items/{featureId}",
        id: "getFeature",
        tag: "Features",
        summary: "One feature, with what the checks found about it",
        forms: &[GEOJSON, HTML],
        schema: "feature",
        parameters: &["collectionId", "featureId", "crs"],
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/f/{collectionId}/{featureId}",
        id: "getFeaturePage",
        tag: "Features",
        summary: "One feature as a page for people, which works without script: figures with their sources, place, neighbours, data",
        forms: &[HTML],
        parameters: &["collectionId", "featureId"],
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/poster/{view}.svg",
        id: "getPoster",
        summary: "A view of the plan as a picture that fits its frame: what the map opens with, generalised",
        forms: &[SVG],
        negotiated: false,
        parameters: &["view", "poster/lang"],
        answers: &[304, 400, 404],
        ..PLAIN
    },
    Route {
        path: "/search",
        id: "search",
        tag: "Features",
        summary: "Names, plot codes and addresses of all collections. Order: exact name, name that begins so, name that has every word, name that sounds so, code or address; of equals the plan's order",
        schema: "search",
        parameters: &[
            "search/q",
            "search/limit",
            "search/each",
            "bbox",
            "bbox-crs",
        ],
        ..PLAIN
    },
    Route {
        path: "/tiles",
        id: "dataset.vector.getTileSetsList",
        tag: "Tiles",
        summary: "Tilesets of all collections together",
        schema: "tileSets",
        parameters: &["collections"],
        filtered: true,
        ..PLAIN
    },
    Route {
        path: "/tiles/{tileMatrixSetId}",
        id: "dataset.vector.getTileSet",
        tag: "Tiles",
        summary: "A tileset of all collections together",
        schema: "tileSet",
        parameters: &["tileMatrixSetId", "collections"],
        filtered: true,
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
        id: "dataset.vector.getTile",
        tag: "Tiles",
        summary: "A tile of all collections, or of those named",
        forms: &[GEOJSON, MVT],
        schema: "tile",
        parameters: &[
            "tileMatrixSetId",
            "tileMatrix",
            "tileRow",
            "tileCol",
            "collections",
        ],
        filtered: true,
        answers: &[204, 304, 400, 404, 406],
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}/tiles",
        id: "collection.vector.getTileSetsList",
        tag: "Tiles",
        summary: "Tilesets of a collection",
        schema: "tileSets",
        parameters: &["collectionId"],
        filtered: true,
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}/tiles/{tileMatrixSetId}",
        id: "collection.vector.getTileSet",
        tag: "Tiles",
        summary: "A tileset of a collection",
        schema: "tileSet",
        parameters: &["collectionId", "tileMatrixSetId"],
        filtered: true,
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
        id: "collection.vector.getTile",
        tag: "Tiles",
        summary: "A tile of a collection",
        forms: &[GEOJSON, MVT],
        schema: "tile",
        parameters: &[
            "collectionId",
            "tileMatrixSetId",
            "tileMatrix",
            "tileRow",
            "tileCol",
        ],
        filtered: true,
        answers: &[204, 304, 400, 404, 406],
        ..PLAIN
    },
    Route {
        path: "/tileMatrixSets",
        id: "getTileMatrixSetsList",
        tag: "Tiles",
        summary: "The tile matrix sets",
        schema: "tileMatrixSets",
        ..PLAIN
    },
    Route {
        path: "/tileMatrixSets/{tileMatrixSetId}",
        id: "getTileMatrixSet",
        tag: "Tiles",
        summary: "The definition of a tile matrix set",
        schema: "tileMatrixSet",
        parameters: &["tileMatrixSetId"],
        answers: BELOW,
        ..PLAIN
    },
    Route {
        path: "/tiles/{z}/{x}/{y}.geojson",
        id: "getXyzGeojson",
        tag: "Tiles",
        summary: "A GeoJSON tile by its short address, column before row",
        forms: &[GEOJSON],
        negotiated: false,
        schema: "tile",
        parameters: &["z", "x", "y", "collections"],
        filtered: true,
        answers: &[304, 400, 404],
    },
    Route {
        path: "/tiles/{z}/{x}/{y}.mvt",
        id: "getXyzMvt",
        tag: "Tiles",
        summary: "A vector tile by its short address, column before row",
        forms: &[MVT],
        negotiated: false,
        parameters: &["z", "x", "y", "collections"],
        filtered: true,
        answers: &[204, 304, 400, 404],
        ..PLAIN
    },
    Route {
        path: "/tiles.json",
        id: "getTileJson",
        tag: "Tiles",
        summary: "TileJSON 3.0 of the vector tiles",
        forms: &[JSON],
        negotiated: false,
        parameters: &["collections"],
        filtered: true,
        answers: &[304, 400],
        ..PLAIN
    },
    Route {
        path: "/basemap/{basemapId}/{z}/{x}/{y}",
        id: "getBasemapTile",
        tag: "Tiles",
        summary: "A picture of a base map that the plan names, fetched by the server, which keeps the key",
        forms: &[PICTURE],
        negotiated: false,
        parameters: &["basemapId", "z", "x", "y"],
        answers: &[400, 404, 502, 504],
        ..PLAIN
    },
    Route {
        path: "/healthz",
        id: "getHealth",
        tag: "Server",
        summary: "The process answers",
        forms: &[TEXT],
        negotiated: false,
        answers: &[],
        ..PLAIN
    },
    Route {
        path: "/readyz",
        id: "getReadiness",
        tag: "Server",
        summary: "Data are served, and which; how the last reload went",
        forms: &[JSON],
        negotiated: false,
        answers: &[],
        ..PLAIN
    },
    Route {
        path: "/metrics",
        id: "getMetrics",
        tag: "Server",
        summary: "Versions, reloads, answers and memory in Prometheus' text format",
        forms: &[METRICS],
        negotiated: false,
        answers: &[400],
        ..PLAIN
    },
];
