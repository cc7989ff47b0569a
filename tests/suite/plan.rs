//! The shipped plan answers without code: what it states, what it does not.

use std::collections::HashMap;

use buju::ingest::{self, PlanFiles};
use buju::model::{Severity, Value};
use buju::store::Store;
use geo::line_measures::Densifiable;
use geo::{Area, Geodesic, GeodesicArea, Geometry, Validation};

use crate::support;

fn cells(store: &Store, collection: &str, id: &str) -> HashMap<String, Value> {
    let columns = &store
        .collection(collection)
        .expect("a collection")
        .info
        .columns;
    let item = store
        .item(collection, id)
        .unwrap_or_else(|| panic!("{collection}/{id}"));
    columns
        .iter()
        .map(|column| column.name.clone())
        .zip(item.feature.values)
        .collect()
}

fn number(cells: &HashMap<String, Value>, column: &str) -> Option<f64> {
    cells
        .get(column)
        .unwrap_or_else(|| panic!("no column {column}"))
        .as_f64()
}

#[test]
fn check_finds_no_error_and_the_contradiction() {
    let outcome = ingest::load(&PlanFiles::Shipped).expect("the shipped plan");
    let errors: Vec<_> = outcome
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(outcome.register_rows, 92);
    assert_eq!(outcome.located + outcome.unlocated, 92);
    let medicine = outcome.findings.iter().find(|finding| {
        finding.id.as_deref() == Some("medicine-logistics-centre-extension")
            && finding.column.as_deref() == Some("plot_ratio")
    });
    let reason = &medicine.expect("a warning").reason;
    assert!(
        reason.contains("1.79") && reason.contains("1.7485"),
        "{reason}"
    );
}

#[test]
fn the_folder_and_the_binary_hold_the_same_plan() {
    let version = |files| {
        ingest::load(&files)
            .expect("a plan")
            .loaded
            .expect("no error")
            .version
    };
    assert_eq!(
        version(PlanFiles::Shipped),
        version(PlanFiles::Folder(support::shipped()))
    );
}

#[test]
fn e4_is_as_stated() {
    let store = support::store();
    let e4 = cells(&store, "parcels", "jinhuan-e4-redevelopment");
    assert_eq!(number(&e4, "site_area_m2"), Some(11_820.0));
    assert_eq!(number(&e4, "plot_ratio"), Some(3.0));
    assert_eq!(number(&e4, "far_countable_floor_area_m2"), Some(35_460.0));
    assert_eq!(number(&e4, "max_height_m"), Some(80.0));
    assert_eq!(number(&e4, "plot_ratio_derived"), Some(3.0));
    assert_eq!(
        e4["plot_ratio_derived_from"],
        Value::Text("far_countable_floor_area_m2".to_owned())
    );
    assert_eq!(
        number(&e4, "gross_floor_area_m2"),
        None,
        "the counted floor area is not the gross one"
    );
    assert_eq!(number(&e4, "plan_chapter"), Some(5.0));
}

#[test]
fn stated_and_derived_are_kept_apart() {
    let store = support::store();
    let medicine = cells(&store, "parcels", "medicine-logistics-centre-extension");
    assert_eq!(number(&medicine, "plot_ratio"), Some(1.79));
    assert_eq!(number(&medicine, "plot_ratio_derived"), Some(1.7485));
    assert_eq!(number(&medicine, "floor_area_m2"), Some(89_784.76));
    let ali = cells(
        &store,
        "parcels",
        "ali-digital-agriculture-supply-chain-centre",
    );
    assert_eq!(number(&ali, "site_area_m2"), Some(109_000.0));
    assert_eq!(number(&ali, "plot_ratio"), None, "1.25 is nowhere stated");
    for phase in [
        "wentianxia-industrial-park-phase-1",
        "wentianxia-industrial-park-phase-2",
    ] {
        let phase = cells(&store, "parcels", phase);
        assert!(number(&phase, "gross_floor_area_m2").is_some_and(|area| area > 68_000.0));
        assert_eq!(
            number(&phase, "plot_ratio_derived"),
            None,
            "the gross floor area has a basement in it"
        );
    }
    for half in [
        "weilaidao-n14-1",
        "weilaidao-n14-2",
        "ali-supply-chain-centre-east-plot",
    ] {
        assert_eq!(
            number(&cells(&store, "parcels", half), "site_area_m2"),
            None,
            "{half}: no split is stated"
        );
    }
}

#[test]
fn every_row_of_the_tables_is_there() {
    let store = support::store();
    let query = buju::query::Query::default();
    let page = store
        .items("road-works", &query, 1000, None)
        .expect("no cursor")
        .expect("road works");
    let info = store.collection("road-works").expect("road works").info;
    let column = |name| info.column_index(name).expect("a column");
    let (table, row) = (column("plan_table"), column("plan_row"));
    for (number, rows) in [(1, 8), (2, 11)] {
        let mut found: Vec<_> = page
            .features
            .iter()
            .filter(|feature| feature.values[table] == Value::Integer(number))
            .filter_map(|feature| feature.values[row].as_f64())
            .collect();
        found.sort_by(f64::total_cmp);
        let expected: Vec<_> = (1..=rows).map(f64::from).collect();
        assert_eq!(found, expected, "table {number}");
    }
}

/// The stated site area, measured twice: on the ellipsoid by the geodesics of another construction
/// (a polygon densified until its planar area in UTM scale cannot matter), and as the server says.
#[test]
fn area_projects_measure_what_is_stated() {
    let store = support::store();
    let mut measured = 0;
    for summary in store.collections() {
        let Some(stated) = summary.info.column_index("site_area_m2") else {
            continue;
        };
        let page = store
            .items(&summary.info.id, &buju::query::Query::default(), 1000, None)
            .expect("no cursor")
            .expect("rows");
        for feature in page.features {
            let (Some(area), Some(shape)) = (feature.values[stated].as_f64(), feature.geometry)
            else {
                continue;
            };
            let drawn = spherical_free_area(&shape);
            let apart = (drawn - area).abs() / area;
            assert!(
                apart < 0.005,
                "{}: stated {area}, drawn {drawn}",
                feature.id
            );
            measured += 1;
        }
    }
    assert!(measured >= 7, "only {measured} stated areas were measured");
}

/// Area by an equal-area projection written here (Lambert cylindrical on the WGS 84 ellipsoid,
/// Snyder 1987, p. 76-85), independent of the geodesic algorithm that the server uses.
fn spherical_free_area(shape: &Geometry<f64>) -> f64 {
    let (a, e2) = (6_378_137.0_f64, 0.006_694_379_990_14_f64);
    let e = e2.sqrt();
    let q = |latitude: f64| {
        let s = latitude.to_radians().sin();
        (1.0 - e2) * (s / (1.0 - e2 * s * s) - ((1.0 - e * s) / (1.0 + e * s)).ln() / (2.0 * e))
    };
    let parts = match shape {
        Geometry::Polygon(polygon) => vec![polygon.clone()],
        Geometry::MultiPolygon(polygons) => polygons.0.clone(),
        _ => panic!("an area project that is no polygon"),
    };
    let equal_area =
        |at: geo::Coord<f64>| geo::coord! { x: a * at.x.to_radians(), y: a * q(at.y) / 2.0 };
    parts
        .iter()
        .map(|polygon| {
            geo::MapCoords::map_coords(&polygon.densify(&Geodesic, 5.0), equal_area).unsigned_area()
        })
        .sum()
}

#[test]
fn shapes_are_valid_right_handed_and_honest() {
    let store = support::store();
    for summary in store.collections() {
        let info = summary.info;
        let position = info
            .column_index("position_accuracy_m")
            .expect("an accuracy");
        let basis = info.column_index("geometry_basis").expect("a basis");
        let reason = info.column_index("no_geometry_reason_zh");
        let page = store
            .items(&info.id, &buju::query::Query::default(), 10_000, None)
            .expect("no cursor")
            .expect("rows");
        for feature in page.features {
            let id = &feature.id;
            if let Some(shape) = &feature.geometry {
                assert!(shape.is_valid(), "{id}");
                assert!(
                    shape.geodesic_area_signed() >= 0.0,
                    "{id} is wound the wrong way round"
                );
                assert!(
                    feature.values[position].as_f64().is_some_and(|m| m > 0.0),
                    "{id} has no accuracy"
                );
                assert_eq!(
                    feature.values[basis],
                    Value::Text("schematic".to_owned()),
                    "{id}"
                );
            }
            if let Some(reason) = reason {
                let given = !feature.values[reason].is_null();
                assert_eq!(
                    given,
                    feature.geometry.is_none(),
                    "{id}: a reason where, and only where, there is no place"
                );
            }
        }
    }
}
