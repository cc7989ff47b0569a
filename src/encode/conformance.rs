use serde_json::{Value as Json, json};

/// What is declared: the classes that hold, and no other. The names are those of OGC's register of
/// specification elements; the test `conformance` says which document defines each.
const CLASSES: &[&str] = &[
    // OGC 19-072: landing page, its links, JSON and HTML, the API definition.
    "ogcapi-common-1/1.0/conf/core",
    "ogcapi-common-1/1.0/conf/landing-page",
    "ogcapi-common-1/1.0/conf/json",
    "ogcapi-common-1/1.0/conf/html",
    "ogcapi-common-1/1.0/conf/oas30",
    // OGC 20-024: collections, their extents and links.
    "ogcapi-common-2/1.0/conf/collections",
    // OGC 17-069r4.
    "ogcapi-features-1/1.0/conf/core",
    "ogcapi-features-1/1.0/conf/geojson",
    "ogcapi-features-1/1.0/conf/html",
    "ogcapi-features-1/1.0/conf/oas30",
    // OGC 18-058r1.
    "ogcapi-features-2/1.0/conf/crs",
    // OGC 19-079r2.
    "ogcapi-features-3/1.0/conf/queryables",
    "ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "ogcapi-features-3/1.0/conf/filter",
    "ogcapi-features-3/1.0/conf/features-filter",
    // OGC 21-065r2: QGIS asks for these before it sends a filter.
    "cql2/1.0/conf/cql2-text",
    "cql2/1.0/conf/cql2-json",
    "cql2/1.0/conf/basic-cql2",
    "cql2/1.0/conf/advanced-comparison-operators",
    "cql2/1.0/conf/case-insensitive-comparison",
    "cql2/1.0/conf/accent-insensitive-comparison",
    "cql2/1.0/conf/basic-spatial-functions",
    // Its name in the draft, which QGIS before 3.44 asks for.
    "cql2/1.0/conf/basic-spatial-operators",
    "cql2/1.0/conf/basic-spatial-functions-plus",
    "cql2/1.0/conf/spatial-functions",
    "cql2/1.0/conf/temporal-functions",
    "cql2/1.0/conf/array-functions",
    "cql2/1.0/conf/property-property",
    "cql2/1.0/conf/arithmetic",
    // OGC 23-058r2: schemas, queryables and sortables; roles of columns. It is Part 5 of Features, and
    // was approved as Part 3 of Common.
    "ogcapi-common-3/1.0/conf/schemas",
    "ogcapi-common-3/1.0/conf/advanced-property-roles",
    "ogcapi-common-3/1.0/conf/returnables-and-receivables",
    "ogcapi-common-3/1.0/conf/queryables",
    "ogcapi-common-3/1.0/conf/sortables",
    // Its name in the draft, without which QGIS does not read the schema.
    "ogcapi-features-5/1.0/conf/schemas",
    // OGC 20-057: tilesets of the dataset and of each collection, in GeoJSON and MVT.
    "ogcapi-tiles-1/1.0/conf/core",
    "ogcapi-tiles-1/1.0/conf/tileset",
    "ogcapi-tiles-1/1.0/conf/tilesets-list",
    "ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "ogcapi-tiles-1/1.0/conf/collections-selection",
    "ogcapi-tiles-1/1.0/conf/geojson",
    "ogcapi-tiles-1/1.0/conf/mvt",
    "ogcapi-tiles-1/1.0/conf/oas30",
    // OGC 17-083r4: definitions of tile matrix sets and what tilesets say of them.
    "tms/2.0/conf/tilematrixset",
    "tms/2.0/conf/tilematrixsetlimits",
    "tms/2.0/conf/tilesetmetadata",
    "tms/2.0/conf/json-tilematrixset",
    "tms/2.0/conf/json-tilematrixsetlimits",
    "tms/2.0/conf/json-tilesetmetadata",
];

/// The classes that hold.
#[must_use]
pub fn conformance() -> Json {
    let uri = |class: &&str| format!("http://www.opengis.net/spec/{class}");
    json!({ "conformsTo": CLASSES.iter().map(uri).collect::<Vec<_>>() })
}
