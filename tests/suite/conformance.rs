//! The classes that are declared, each with the document that defines its name.

use crate::support::{self, Server};

/// The part after `http://www.opengis.net/spec/`. Where a line says nothing else, the name stands in OGC's
/// register of specification elements: the file of the document's number in
/// `specification-elements/mappings/` of the repository `opengeospatial/NamingAuthority`.
const DECLARED: &[&str] = &[
    // 19-072, annex A.
    "ogcapi-common-1/1.0/conf/core",
    "ogcapi-common-1/1.0/conf/landing-page",
    "ogcapi-common-1/1.0/conf/json",
    "ogcapi-common-1/1.0/conf/html",
    "ogcapi-common-1/1.0/conf/oas30",
    // 20-024, a draft: GeoServer's `ConformanceClass`, PDOK's Gokoala and tipg declare it by this name.
    "ogcapi-common-2/1.0/conf/collections",
    // 17-069r4, table 1. The suite `ets-ogcapi-features10` compares with these (`RequirementClass`).
    "ogcapi-features-1/1.0/conf/core",
    "ogcapi-features-1/1.0/conf/geojson",
    "ogcapi-features-1/1.0/conf/html",
    "ogcapi-features-1/1.0/conf/oas30",
    // 18-058r1; `RequirementClass` of the same suite.
    "ogcapi-features-2/1.0/conf/crs",
    // 19-079r2, annex A; QGIS's `qgsoapifprovider.cpp` asks for the last two.
    "ogcapi-features-3/1.0/conf/queryables",
    "ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "ogcapi-features-3/1.0/conf/filter",
    "ogcapi-features-3/1.0/conf/features-filter",
    // 21-065r2, annex A.
    "cql2/1.0/conf/cql2-text",
    "cql2/1.0/conf/cql2-json",
    "cql2/1.0/conf/basic-cql2",
    "cql2/1.0/conf/advanced-comparison-operators",
    "cql2/1.0/conf/case-insensitive-comparison",
    "cql2/1.0/conf/accent-insensitive-comparison",
    "cql2/1.0/conf/basic-spatial-functions",
    // No longer in 21-065r2: `qgsoapifprovider.cpp` calls it deprecated, and before 3.44 knew no other.
    "cql2/1.0/conf/basic-spatial-operators",
    "cql2/1.0/conf/basic-spatial-functions-plus",
    "cql2/1.0/conf/spatial-functions",
    "cql2/1.0/conf/temporal-functions",
    "cql2/1.0/conf/array-functions",
    "cql2/1.0/conf/property-property",
    "cql2/1.0/conf/arithmetic",
    // 23-058r2, table `conf_class_uris`.
    "ogcapi-common-3/1.0/conf/schemas",
    "ogcapi-common-3/1.0/conf/advanced-property-roles",
    "ogcapi-common-3/1.0/conf/returnables-and-receivables",
    "ogcapi-common-3/1.0/conf/queryables",
    "ogcapi-common-3/1.0/conf/sortables",
    // No longer in 23-058r2: `qgsoapifprovider.cpp` asks for this one.
    "ogcapi-features-5/1.0/conf/schemas",
    // 20-057, annex A.
    "ogcapi-tiles-1/1.0/conf/core",
    "ogcapi-tiles-1/1.0/conf/tileset",
    "ogcapi-tiles-1/1.0/conf/tilesets-list",
    "ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "ogcapi-tiles-1/1.0/conf/collections-selection",
    "ogcapi-tiles-1/1.0/conf/geojson",
    "ogcapi-tiles-1/1.0/conf/mvt",
    "ogcapi-tiles-1/1.0/conf/oas30",
    // 17-083r4, annex A.
    "tms/2.0/conf/tilematrixset",
    "tms/2.0/conf/tilematrixsetlimits",
    "tms/2.0/conf/tilesetmetadata",
    "tms/2.0/conf/json-tilematrixset",
    "tms/2.0/conf/json-tilematrixsetlimits",
    "tms/2.0/conf/json-tilesetmetadata",
];

#[tokio::test]
async fn what_is_declared_is_what_the_documents_name() {
    let server = Server::new(support::store());
    let document = server.get("/conformance").await.json();
    let mut declared: Vec<_> = document["conformsTo"]
        .as_array()
        .expect("classes")
        .iter()
        .map(|uri| uri.as_str().expect("a text"))
        .collect();
    let mut expected: Vec<_> = DECLARED
        .iter()
        .map(|class| format!("http://www.opengis.net/spec/{class}"))
        .collect();
    declared.sort_unstable();
    expected.sort_unstable();
    assert_eq!(declared, expected);
}

/// OGC 23-058r2, annex A: a queryables and a sortables document passes the tests of a schema too.
#[tokio::test]
async fn every_schema_document_names_its_id_once() {
    let server = Server::new(support::store());
    for summary in support::store().collections() {
        for document in ["schema", "queryables", "sortables"] {
            let target = format!("/collections/{}/{document}", summary.info.id);
            let schema = server.get(&target).await.json();
            let properties = schema["properties"].as_object().expect("properties");
            let of_role = |role: &str| {
                properties
                    .values()
                    .filter(|property| property["x-ogc-role"] == role)
                    .count()
            };
            assert_eq!(of_role("id"), 1, "{target}");
            assert_eq!(
                of_role("primary-geometry"),
                usize::from(document != "sortables"),
                "{target}"
            );
            for (name, property) in properties {
                let place = property["format"]
                    .as_str()
                    .is_some_and(|format| format.starts_with("geometry-"));
                assert_ne!(property["type"].is_string(), place, "{target}: {name}");
            }
        }
    }
}
