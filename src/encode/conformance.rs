use serde_json::{Value as Json, json};

use super::openapi::items_take;

/// A conformance class, and the parameters of items without which it does not hold.
struct Class(&'static str, &'static [&'static str]);

/// What is declared. A class stands here once it holds as far as its resources go; where it asks for
/// parameters as well, it is declared from the day on which the API's table has them all.
const CLASSES: &[Class] = &[
    // OGC 19-072: landing page, its links, JSON and HTML, the API definition.
    Class("ogcapi-common-1/1.0/conf/core", &[]),
    Class("ogcapi-common-1/1.0/conf/landing-page", &[]),
    Class("ogcapi-common-1/1.0/conf/json", &[]),
    Class("ogcapi-common-1/1.0/conf/html", &[]),
    Class("ogcapi-common-1/1.0/conf/oas30", &[]),
    // OGC 20-024: collections, their extents and links.
    Class("ogcapi-common-2/1.0/conf/collections", &[]),
    // OGC 17-069r4.
    Class(
        "ogcapi-features-1/1.0/conf/core",
        &["bbox", "limit", "datetime"],
    ),
    Class(
        "ogcapi-features-1/1.0/conf/geojson",
        &["bbox", "limit", "datetime"],
    ),
    Class(
        "ogcapi-features-1/1.0/conf/html",
        &["bbox", "limit", "datetime"],
    ),
    Class(
        "ogcapi-features-1/1.0/conf/oas30",
        &["bbox", "limit", "datetime"],
    ),
    // OGC 18-058r1: `Content-Crs` and the lists of CRSs come with the parameters.
    Class("ogcapi-features-2/1.0/conf/crs", &["crs", "bbox-crs"]),
    // OGC 19-079r2: every column is a parameter; the rest comes with `filter`.
    Class("ogcapi-features-3/1.0/conf/queryables", &[]),
    Class(
        "ogcapi-features-3/1.0/conf/queryables-query-parameters",
        &[],
    ),
    Class(
        "ogcapi-features-3/1.0/conf/filter",
        &["filter", "filter-lang", "filter-crs"],
    ),
    Class(
        "ogcapi-features-3/1.0/conf/features-filter",
        &["filter", "filter-lang", "filter-crs"],
    ),
    // OGC 21-065r2: QGIS asks for these before it sends a filter.
    Class("cql2/1.0/conf/cql2-text", &["filter"]),
    Class("cql2/1.0/conf/cql2-json", &["filter"]),
    Class("cql2/1.0/conf/basic-cql2", &["filter"]),
    Class("cql2/1.0/conf/advanced-comparison-operators", &["filter"]),
    Class("cql2/1.0/conf/case-insensitive-comparison", &["filter"]),
    Class("cql2/1.0/conf/accent-insensitive-comparison", &["filter"]),
    Class("cql2/1.0/conf/basic-spatial-functions", &["filter"]),
    // Its name in the draft, which QGIS before 3.44 asks for.
    Class("cql2/1.0/conf/basic-spatial-operators", &["filter"]),
    Class("cql2/1.0/conf/basic-spatial-functions-plus", &["filter"]),
    Class("cql2/1.0/conf/spatial-functions", &["filter"]),
    Class("cql2/1.0/conf/temporal-functions", &["filter"]),
    Class("cql2/1.0/conf/array-functions", &["filter"]),
    Class("cql2/1.0/conf/property-property", &["filter"]),
    Class("cql2/1.0/conf/arithmetic", &["filter"]),
    // OGC 23-058r1: schemas, queryables and sortables; roles of columns.
    Class("ogcapi-features-5/1.0/conf/schemas", &[]),
    Class("ogcapi-features-5/1.0/conf/core-roles-features", &[]),
    Class(
        "ogcapi-features-5/1.0/conf/returnables-and-receivables",
        &[],
    ),
    Class("ogcapi-features-5/1.0/conf/queryables", &[]),
    Class("ogcapi-features-5/1.0/conf/sortables", &["sortby"]),
    // OGC 20-057: tilesets of the dataset and of each collection, in GeoJSON and MVT.
    Class("ogcapi-tiles-1/1.0/conf/core", &[]),
    Class("ogcapi-tiles-1/1.0/conf/tileset", &[]),
    Class("ogcapi-tiles-1/1.0/conf/tilesets-list", &[]),
    Class("ogcapi-tiles-1/1.0/conf/dataset-tilesets", &[]),
    Class("ogcapi-tiles-1/1.0/conf/geodata-tilesets", &[]),
    Class("ogcapi-tiles-1/1.0/conf/collections-selection", &[]),
    Class("ogcapi-tiles-1/1.0/conf/geojson", &[]),
    Class("ogcapi-tiles-1/1.0/conf/mvt", &[]),
    Class("ogcapi-tiles-1/1.0/conf/oas30", &[]),
    // OGC 17-083r4: definitions of tile matrix sets and what tilesets say of them.
    Class("tms/2.0/conf/tilematrixset", &[]),
    Class("tms/2.0/conf/tilematrixsetlimits", &[]),
    Class("tms/2.0/conf/json-tilematrixset", &[]),
    Class("tms/2.0/conf/json-tilematrixsetlimits", &[]),
    Class("tms/2.0/conf/json-tilesetmetadata", &[]),
];

/// The classes that hold.
#[must_use]
pub fn conformance() -> Json {
    let holds = |class: &&Class| class.1.iter().all(|parameter| items_take(parameter));
    let classes: Vec<_> = CLASSES
        .iter()
        .filter(holds)
        .map(|class| format!("http://www.opengis.net/spec/{}", class.0))
        .collect();
    json!({ "conformsTo": classes })
}
