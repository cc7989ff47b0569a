use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use geo::{Contains, GeodesicArea, Geometry, MapCoords, Relate, Validation, Winding};
use geojson::{Feature, FeatureCollection, feature::Id};

use super::inputs::Inputs;
use super::{draw, text, write};
use crate::model::Plan;

fn shipped() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

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

/// A copy of what the shipped plan is drawn from, with one file changed.
fn changed(file: &str, change: impl Fn(String) -> String) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "seeds/plan.toml",
        "seeds/projects.csv",
        "geodata/recipe.toml",
        "geodata/control_points.csv",
    ] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut text = fs::read_to_string(shipped().join(name)).unwrap();
        if name == file {
            let before = text.clone();
            text = change(text);
            assert_ne!(before, text, "the change did not apply");
        }
        fs::write(path, text).unwrap();
    }
    dir
}

#[test]
fn a_broken_recipe_is_refused_with_the_entry_and_the_place() {
    let cases = [
        (
            "center = \"金环 E4 地块（091-06）\"",
            "center = \"E4\"",
            &["jinhuan-e4-redevelopment", "\"E4\""][..],
        ),
        (
            "along = \"jingtai\", shift_m",
            "along = \"jingtay\", shift_m",
            &["jinhuan-e4-redevelopment", "jingtay"],
        ),
        (
            "{ along = \"liziyuan\", from = \"大头浜/李子园路\"",
            "{ along = \"liziyuan\", from = \"镇界最西点\"",
            &[
                "liziyuan-road-datoubang-to-gulang-widening",
                "镇界最西点",
                "off axis",
            ],
        ),
        (
            "from = \"大头浜/李子园路\", to = \"李子园路/古浪路\"",
            "from = \"大头浜/李子园路\", to = \"大头浜/李子园路\"",
            &["liziyuan-road-datoubang-to-gulang-widening", "nothing of"],
        ),
        (
            "area_of = \"pushi-medical-device-base\"",
            "area_of = \"weilaidao-s06\"",
            &["weilaidao-n14-1", "weilaidao-s06", "no site_area_m2"],
        ),
        (
            "same_as = \"central-green\"",
            "same_as = \"central-gren\"",
            &["central-green-underground-culture", "central-gren"],
        ),
        (
            "count = 2, gap_m = 20.0 } }",
            "count = 2 } }",
            &["ali-digital-agriculture-supply-chain-centre", "gap_m"],
        ),
        (
            "lvfang = [\"绿芳路/古浪路\", ",
            "lvfang = [",
            &["axis \"lvfang\""],
        ),
        (
            "id = \"weilaidao-s06\"",
            "id = \"weilaidao-so6\"",
            &["weilaidao-s06", "neither"],
        ),
        (
            "id = \"weilaidao-s06\"",
            "id = \"weilaidao-n14-1\"",
            &["weilaidao-n14-1", "twice"],
        ),
        (
            "id = \"weilaidao-s06\"",
            "id = \"weilaidao-s06\"\nacuracy_m = 3.0",
            &["recipe.toml", "acuracy_m"],
        ),
        (
            "id = \"boundary-taopu\"",
            "id = \"taopu-lake\"",
            &["has a recipe entry and a reason"],
        ),
        (
            "collection = \"context\"\nname = { zh = \"桃浦镇\"",
            "name = { zh = \"桃浦镇\"",
            &["boundary-taopu", "no collection"],
        ),
    ];
    for (from, to, expected) in cases {
        let dir = changed("geodata/recipe.toml", |recipe| recipe.replacen(from, to, 1));
        let error = draw(dir.path())
            .expect_err(&format!("{to} was drawn"))
            .to_string();
        for part in expected {
            assert!(error.contains(part), "{error:?} does not name {part:?}");
        }
    }
}

#[test]
fn a_shape_that_crosses_itself_is_refused() {
    // The corner moved to the far side of the town.
    let dir = changed("geodata/recipe.toml", |recipe| {
        recipe.replacen("[121.3925, 31.291], ", "[121.33, 31.26], ", 1)
    });
    let error = draw(dir.path()).unwrap_err().to_string();
    assert!(error.contains("not valid"), "{error}");
}

#[test]
fn a_malformed_control_point_is_refused_with_its_line() {
    let dir = changed("geodata/control_points.csv", |points| {
        points.replacen("121.360078", "east", 1)
    });
    let error = draw(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("control_points.csv") && error.contains("line: 3"),
        "{error}"
    );
}

#[test]
fn a_file_is_replaced_whole() {
    let dir = changed("geodata/recipe.toml", |recipe| recipe + "\n");
    let files = draw(dir.path()).unwrap();
    write(dir.path(), &files).unwrap();
    write(dir.path(), &files).unwrap();
    let mut written: Vec<String> = fs::read_dir(dir.path().join("geodata"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("geojson"))
        .collect();
    written.sort();
    let mut expected: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
    expected.sort();
    assert_eq!(written, expected, "no unfinished file is left");
}
