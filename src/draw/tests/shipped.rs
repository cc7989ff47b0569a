//! The shipped plan is drawn as its seeds say.

use std::collections::BTreeMap;
use std::fs;

use geo::{Contains, GeodesicArea, Geometry, MapCoords, Relate, Validation, Winding};
use geojson::{Feature, FeatureCollection, feature::Id};

use super::shipped;
use crate::draw::inputs::Inputs;
use crate::draw::{draw, text};
use crate::model::Plan;

fn id(feature: &Feature) -> &str {
    match &feature.id {
        Some(Id::String(id)) => id,
        other => panic!("{other:?} is not an id"),
    }
}

fn geometry(feature: &Feature) -> Option<Geometry<f64>> {
    let geometry = feature.geometry.clone()?;
    Some(geometry.try_into().expect("a simple feature"))
}

/// Every feature of the shipped plan by id, with its file's name.
fn features(files: &[(String, FeatureCollection)]) -> BTreeMap<&str, (&str, &Feature)> {
    let mut found = BTreeMap::new();
    for (name, collection) in files {
        for feature in &collection.features {
            let before = found.insert(id(feature), (name.as_str(), feature));
            assert!(before.is_none(), "{} is drawn twice", id(feature));
        }
    }
    found
}

#[test]
fn the_committed_geodata_is_what_the_recipe_draws() {
    let files = draw(shipped()).unwrap();
    for (name, collection) in &files {
        let committed = fs::read_to_string(shipped().join("geodata").join(name)).unwrap();
        assert!(
            committed == text(collection),
            "{name} is not what the recipe draws: draw it again, look at it, commit it"
        );
    }
    let committed = fs::read_dir(shipped().join("geodata"))
        .unwrap()
        .filter(|entry| {
            let path = entry.as_ref().unwrap().path();
            path.extension().is_some_and(|kind| kind == "geojson")
        })
        .count();
    assert_eq!(committed, files.len(), "a file that nothing draws");
}

#[test]
fn every_row_of_the_register_has_one_feature_in_its_collection() {
    let inputs = Inputs::read(shipped()).unwrap();
    let files = draw(shipped()).unwrap();
    let features = features(&files);
    assert_eq!(inputs.rows.len(), 92);
    for row in &inputs.rows {
        let (file, feature) = features[row.id.as_str()];
        assert_eq!(file, format!("{}.geojson", row.collection), "{}", row.id);
        assert_eq!(
            feature.geometry.is_none(),
            row.no_geometry_reason().is_some(),
            "{}: either a geometry or a reason",
            row.id
        );
    }
    let registered = features
        .values()
        .filter(|(file, _)| *file != "context.geojson")
        .count();
    assert_eq!(registered, 92);
}

#[test]
fn stated_site_areas_are_measured() {
    let inputs = Inputs::read(shipped()).unwrap();
    let files = draw(shipped()).unwrap();
    let features = features(&files);
    let stated: Vec<_> = inputs
        .rows
        .iter()
        .filter_map(|row| Some((row.id.as_str(), row.site_area_m2?)))
        .collect();
    assert_eq!(stated.len(), 7, "rows that state a site area");
    for (id, area) in stated {
        let shape = geometry(features[id].1).unwrap();
        let measured = shape.geodesic_area_signed();
        // What the rounding of coordinates costs; the contract with the reader is ten times that.
        assert!(
            (measured / area - 1.0).abs() < 0.0005,
            "{id}: {measured} m², stated {area}"
        );
    }
}

#[test]
fn shapes_are_valid_closed_right_handed_and_inside_the_extent() {
    let plan: Plan =
        toml::from_str(&fs::read_to_string(shipped().join("seeds/plan.toml")).unwrap()).unwrap();
    let [west, south, east, north] = plan.extent;
    let files = draw(shipped()).unwrap();
    for (id, (_, feature)) in features(&files) {
        let Some(shape) = geometry(feature) else {
            continue;
        };
        assert!(shape.is_valid(), "{id}: {:?}", shape.check_validation());
        let polygons = match shape.clone() {
            Geometry::Polygon(polygon) => vec![polygon],
            Geometry::MultiPolygon(polygons) => polygons.0,
            _ => Vec::new(),
        };
        for polygon in polygons {
            assert!(polygon.exterior().is_closed(), "{id}");
            assert!(polygon.exterior().is_ccw(), "{id}");
        }
        shape.map_coords(|at| {
            assert!(
                (west..=east).contains(&at.x) && (south..=north).contains(&at.y),
                "{id}: {at:?} lies outside the plan's extent"
            );
            for value in [at.x, at.y] {
                let digits = value.to_string();
                let decimals = digits.split_once('.').map_or(0, |(_, part)| part.len());
                assert!(decimals <= 7, "{id}: {value} has {decimals} decimals");
            }
            at
        });
    }
}

#[test]
fn parts_lie_in_what_they_are_part_of() {
    let files = draw(shipped()).unwrap();
    let features = features(&files);
    let shape = |id: &str| geometry(features[id].1).unwrap();
    for (part, whole) in [
        ("e4-public-transport-hub", "jinhuan-e4-redevelopment"),
        ("weilaidao-n14-1", "pushi-medical-device-base"),
        ("weilaidao-n14-2", "pushi-medical-device-base"),
        ("pushi-medical-device-base", "weilaidao-high-tech-park"),
        ("weilaidao-s06", "weilaidao-high-tech-park"),
        (
            "wentianxia-industrial-park-phase-1",
            "weilaidao-high-tech-park",
        ),
        (
            "wentianxia-industrial-park-phase-2",
            "weilaidao-high-tech-park",
        ),
        (
            "medicine-logistics-centre-extension",
            "weilaidao-high-tech-park",
        ),
        (
            "ali-digital-agriculture-supply-chain-centre",
            "northwest-logistics-park",
        ),
    ] {
        let covered = shape(whole).relate(&shape(part)).is_covers();
        assert!(covered, "{part} is not inside {whole}");
    }
    // An upgrade of a road lies on the road, not beside it.
    let works = shape("wuwei-east-road-lane822-to-nanhe-undergrounding");
    let Geometry::LineString(works) = works else {
        panic!("one piece of road")
    };
    let Geometry::LineString(road) = shape("road-wuwei-east") else {
        panic!("one road")
    };
    for end in [works.0[0], works.0[works.0.len() - 1]] {
        assert!(road.0.contains(&end), "{end:?} is no vertex of the road");
    }
    assert!(!shape("central-green").contains(&shape("jinhuan-e4-redevelopment")));
}
