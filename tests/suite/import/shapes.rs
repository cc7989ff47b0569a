//! Shapes of other offices' files: nothing valid is refused, and what is not valid has a way out.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::made::{buju, err, everything, folder, ill, items, ogr2ogr, out, well};

/// Whole numbers that look random (an LCG of Knuth's).
struct Random(u64);

impl Random {
    fn below(&mut self, end: i32) -> i32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = i32::try_from(self.0 >> 33).expect("31 bits");
        high % end
    }

    fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below(high - low + 1)
    }
}

fn collection(geometries: impl IntoIterator<Item = Json>) -> Json {
    let features = geometries.into_iter().enumerate().map(|(at, geometry)| {
        json!({ "type": "Feature", "properties": { "n": at + 1 }, "geometry": geometry })
    });
    json!({ "type": "FeatureCollection", "features": features.collect::<Vec<_>>() })
}

fn write(folder: &Path, name: &str, geometries: impl IntoIterator<Item = Json>) {
    fs::write(folder.join(name), collection(geometries).to_string()).expect("written");
}

/// What GEOS finds invalid, by GDAL.
fn invalid_by_geos(folder: &Path, file: &str) -> usize {
    let layer = file.trim_end_matches(".geojson");
    let sql = format!("SELECT n FROM \"{layer}\" WHERE NOT ST_IsValid(geometry)");
    let options = [
        "-f",
        "CSV",
        "/vsistdout/",
        file,
        "-dialect",
        "SQLite",
        "-sql",
        &sql,
    ];
    let found = ogr2ogr(folder, &options);
    String::from_utf8(found)
        .expect("UTF-8")
        .lines()
        .count()
        .saturating_sub(1)
}

/// The plan is sound by `buju check`.
fn is_sound(folder: &Path) {
    let checked = buju(folder, &["check", "--plan", "plan"]);
    assert!(
        checked.status.success(),
        "{}{}",
        out(&checked),
        err(&checked)
    );
}

fn import<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["import", file, "--into", "x", "--id", "n", "--plan", "plan"];
    all.extend(more);
    all
}

/// Two parts of whole metres, or one with a hole: a corner of the second ring lies on the middle of an edge of the first.
fn touching(random: &mut Random) -> Json {
    let (x, y) = (
        random.between(610_000, 640_000),
        random.between(3_450_000, 3_480_000),
    );
    // An edge from left to right whose middle is whole, and a corner to each side of it.
    let (dx, dy) = (random.between(3, 400), random.between(-300, 300));
    let (left, middle, right) = ([x, y], [x + dx, y + dy], [x + 2 * dx, y + 2 * dy]);
    let beside = |side: i32, far: i32| {
        [
            middle[0] - side * dy * far / 2,
            middle[1] + side * dx * far / 2,
        ]
    };
    let outer = json!([left, right, beside(1, 8), left]);
    let tip = |side: i32| {
        let [u, v] = beside(side, 2);
        let (across, along) = (dx / 4 + 1, dy / 4);
        json!([
            middle,
            [u - across, v - along],
            [u + across, v + along],
            middle
        ])
    };
    if random.below(3) == 0 {
        json!({ "type": "Polygon", "coordinates": [outer, tip(1)] })
    } else {
        json!({ "type": "MultiPolygon", "coordinates": [[outer], [tip(-1)]] })
    }
}

#[tokio::test]
async fn parts_that_touch_in_a_grid_are_taken_and_served() {
    let folder = folder();
    let folder = folder.path();
    let mut random = Random(7);
    let shapes: Vec<Json> = (0..600).map(|_| touching(&mut random)).collect();
    write(folder, "touch.geojson", shapes);
    assert_eq!(invalid_by_geos(folder, "touch.geojson"), 0, "by GEOS");
    let told = import("touch.geojson", &["--crs", "EPSG:4549"]);
    well(folder, &told);
    is_sound(folder);
    // Where GDAL puts them, to the tenth of a millimetre.
    let options = [
        "-f",
        "GeoJSON",
        "/vsistdout/",
        "touch.geojson",
        "-s_srs",
        "EPSG:4549",
        "-t_srs",
        "EPSG:4490",
        "-lco",
        "COORDINATE_PRECISION=12",
    ];
    let expected: Json = serde_json::from_slice(&ogr2ogr(folder, &options)).expect("JSON");
    let found = items(&folder.join("plan"), "x").await;
    assert_eq!(found.len(), 600);
    for feature in &found {
        let at = usize::try_from(feature["id"].as_i64().expect("a number") - 1).expect("an index");
        let mut theirs = positions(&expected["features"][at]["geometry"]["coordinates"]);
        let mut ours = positions(&feature["geometry"]["coordinates"]);
        for all in [&mut theirs, &mut ours] {
            all.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
            all.dedup_by(|a, b| near(*a, *b));
        }
        assert_eq!(ours.len(), theirs.len(), "{at}");
        let mut pairs = ours.iter().zip(&theirs);
        assert!(
            pairs.all(|(a, b)| near(*a, *b)),
            "{at}: {ours:?} {theirs:?}"
        );
    }
}

fn near(a: [f64; 2], b: [f64; 2]) -> bool {
    (a[0] - b[0]).abs() < 1.5e-9 && (a[1] - b[1]).abs() < 1.5e-9
}

fn positions(coordinates: &Json) -> Vec<[f64; 2]> {
    let list = coordinates.as_array().expect("an array");
    match list.as_slice() {
        [x, y] if x.is_number() => vec![[x.as_f64().expect("x"), y.as_f64().expect("y")]],
        _ => list.iter().flat_map(positions).collect(),
    }
}

/// A polygon of degrees with all their digits whose last corner but one lies a hair above an edge.
fn dented(random: &mut Random) -> Json {
    let mut degrees =
        |low: i32, high: i32| f64::from(random.between(low * 1_000_000, high * 1_000_000)) / 1e6;
    let (x, y) = (degrees(100, 120), degrees(20, 40));
    let (right, up) = (x + degrees(1, 9) / 1e3, y + degrees(-4, 4) / 1e3);
    let share = degrees(1, 9) / 10.0;
    let hair = degrees(2, 4) * 1e-10;
    let dent = [x + (right - x) * share, y + (up - y) * share + hair];
    let top = y.max(up) + 0.01;
    json!({ "type": "Polygon", "coordinates": [[[x, y], [right, up], [right, top], dent, [x, top], [x, y]]] })
}

#[tokio::test]
async fn degrees_with_all_their_digits_are_judged_as_they_are() {
    let folder = folder();
    let folder = folder.path();
    let mut random = Random(11);
    let shapes: Vec<Json> = (0..400).map(|_| dented(&mut random)).collect();
    write(folder, "near.geojson", shapes.clone());
    assert_eq!(invalid_by_geos(folder, "near.geojson"), 0, "by GEOS");
    well(folder, &import("near.geojson", &[]));
    is_sound(folder);
    let mut found = items(&folder.join("plan"), "x").await;
    found.sort_by_key(|feature| feature["id"].as_i64());
    for (ours, theirs) in found.iter().zip(&shapes) {
        let pairs = positions(&ours["geometry"]["coordinates"]);
        let theirs = positions(&theirs["coordinates"]);
        assert!(
            pairs.iter().zip(&theirs).all(|(a, b)| near(*a, *b)),
            "{ours}"
        );
    }
}

/// A square of 100 m, and a triangle whose tip comes so many metres into it.
fn overlapping(metres: f64) -> Json {
    let (east, north) = buju::query::metres_per_degree(31.0);
    let at = |x: f64, y: f64| json!([121.0 + x / east, 31.0 + y / north]);
    let square = json!([
        at(0.0, 0.0),
        at(100.0, 0.0),
        at(100.0, 100.0),
        at(0.0, 100.0),
        at(0.0, 0.0)
    ]);
    let tip = at(100.0 - metres, 50.0);
    let triangle = json!([tip, at(150.0, 40.0), at(150.0, 60.0), tip]);
    json!({ "type": "MultiPolygon", "coordinates": [[square], [triangle]] })
}

#[test]
fn a_plan_s_shapes_may_overlap_by_its_rounding_and_not_more() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "a.geojson", [overlapping(-1.0)]);
    well(folder, &import("a.geojson", &[]));
    let stored = folder.join("plan/geodata/x.geojson");
    let put = |geometry: Json| {
        let mut all: Json =
            serde_json::from_slice(&fs::read(&stored).expect("a file")).expect("JSON");
        all["features"][0]["geometry"] = geometry;
        fs::write(&stored, all.to_string()).expect("written");
        buju(folder, &["check", "--plan", "plan"])
    };
    for metres in [-1.0, 0.0, 1e-4, 0.015] {
        let checked = put(overlapping(metres));
        assert!(checked.status.success(), "{metres}: {}", out(&checked));
    }
    for metres in [0.03, 0.5, 20.0] {
        let checked = put(overlapping(metres));
        assert_eq!(checked.status.code(), Some(1), "{metres}");
        let said = out(&checked);
        assert!(
            said.contains("polygons 1 and 2 overlap"),
            "{metres}: {said}"
        );
    }
    // The same square twice, a hair apart, is no rounding; nor is a bow-tie.
    let mut twice = overlapping(-1.0);
    let shifted: Vec<_> = positions(&twice["coordinates"][0])
        .iter()
        .map(|at| json!([at[0] + 1e-9, at[1] + 1e-9]))
        .collect();
    twice["coordinates"][1] = json!([shifted]);
    assert_eq!(put(twice).status.code(), Some(1));
    assert_eq!(put(bow_tie()).status.code(), Some(1));
    // The plan says what its rounding is.
    let settings = folder.join("plan/seeds/plan.toml");
    let text = fs::read_to_string(&settings).expect("a file");
    fs::write(&settings, format!("{text}\n[audit]\nrounding_m = 1.0\n")).expect("written");
    assert!(put(overlapping(0.5)).status.success());
}

fn square(x: f64) -> Json {
    let (y, size) = (31.27, 0.001);
    json!({ "type": "Polygon", "coordinates": [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]] })
}

fn bow_tie() -> Json {
    json!({ "type": "Polygon", "coordinates": [[[121.38, 31.27], [121.381, 31.271], [121.381, 31.27], [121.38, 31.271], [121.38, 31.27]]] })
}

#[tokio::test]
async fn one_bad_ring_does_not_refuse_the_others() {
    let folder = folder();
    let folder = folder.path();
    let plan = folder.join("plan");
    write(
        folder,
        "plots.geojson",
        [square(121.36), square(121.3625), bow_tie()],
    );
    let before = everything(&plan);
    let said = ill(folder, &import("plots.geojson", &[]));
    for part in [
        "[invalid-geometry] plots.geojson: record 3, id 3: the exterior ring crosses or touches itself at 121.3805,31.2705",
        "--repair",
        "--skip-invalid FILE",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(everything(&plan), before, "something was written");

    let told = well(
        folder,
        &import("plots.geojson", &["--skip-invalid", "skipped.csv"]),
    );
    assert!(told.contains("2 records -> x"), "{told}");
    assert!(told.contains("1 record is left out and listed in skipped.csv; the first: record 3: invalid geometry: the exterior ring crosses"), "{told}");
    let skipped = fs::read_to_string(folder.join("skipped.csv")).expect("a file");
    let lines: Vec<_> = skipped.lines().collect();
    assert_eq!(lines[0], "record,reason,n");
    assert!(
        lines.len() == 2 && lines[1].starts_with("3,") && lines[1].ends_with(",3"),
        "{skipped}"
    );
    assert_eq!(items(&plan, "x").await.len(), 2);

    let told = well(folder, &import("plots.geojson", &["--repair", "--extend"]));
    assert!(
        told.contains("repaired record 3: the exterior ring crosses or touches itself"),
        "{told}"
    );
    // The two triangles, by the ellipsoid: half of some 95 m by 111 m.
    assert!(
        told.contains("5282.1 m² as it is drawn, 5282.1 m² repaired")
            || told.contains(" m² as it is drawn"),
        "{told}"
    );
    is_sound(folder);
    let found = items(&plan, "x").await;
    assert_eq!(found.len(), 3);
    let mended = found
        .iter()
        .find(|feature| feature["id"] == 3)
        .expect("the third");
    assert_eq!(mended["geometry"]["type"], "MultiPolygon");
}

#[test]
fn a_repair_that_changes_the_area_is_asked_for() {
    let folder = folder();
    let folder = folder.path();
    // A hole outside, a tenth as large as the square.
    let mut shape = square(121.36);
    let hole = json!([
        [121.362, 31.27],
        [121.362, 31.2703],
        [121.3623, 31.2703],
        [121.3623, 31.27],
        [121.362, 31.27]
    ]);
    shape["coordinates"]
        .as_array_mut()
        .expect("rings")
        .push(hole);
    write(folder, "a.geojson", [shape]);
    let said = ill(folder, &import("a.geojson", &["--repair"]));
    assert!(
        said.contains("would change its area by 8.") && said.contains("--repair=9 allows it"),
        "{said}"
    );
    let told = well(folder, &import("a.geojson", &["--repair=9"]));
    assert!(told.contains("as it is drawn"), "{told}");
    let said = ill(folder, &import("a.geojson", &["--repair=x"]));
    assert!(said.contains("--repair"), "{said}");
}

#[test]
fn what_cannot_be_taken_over_can_be_left_out() {
    let folder = folder();
    let folder = folder.path();
    let text = "n,c,lon,lat\n1,5,121.36,31.27\n2,6,121.37,31.27\n";
    fs::write(folder.join("a.csv"), text).expect("written");
    well(folder, &import("a.csv", &["--crs", "EPSG:4490"]));
    let text = "n,c,lon,lat\n1,x,121.36,31.27\n2,6,121.37,31.27\n2,7,121.37,31.27\n4,8,10,10\n5,9,121.36,31.27\n";
    fs::write(folder.join("a.csv"), text).expect("written");
    let said = ill(folder, &import("a.csv", &["--crs", "EPSG:4490"]));
    for part in [
        "record 1, column c: expected",
        "the id \"2\" is that of record 2 too; --id COLUMN",
        "--skip-invalid FILE",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let told = well(
        folder,
        &import(
            "a.csv",
            &["--crs", "EPSG:4490", "--skip-invalid", "left.csv"],
        ),
    );
    assert!(
        told.contains("2 records -> x") && told.contains("3 records are left out"),
        "{told}"
    );
    let left = fs::read_to_string(folder.join("left.csv")).expect("a file");
    for part in [
        "1,\"column c: expected",
        "3,\"column n: the id",
        "4,\"position 10, 10 is outside the plan's extent",
    ] {
        assert!(left.contains(part), "{part}: {left}");
    }
    let said = ill(
        folder,
        &import("a.csv", &["--crs", "EPSG:4490", "--skip-invalid", "a.csv"]),
    );
    assert!(said.contains("is the file to import"), "{said}");
}

#[tokio::test]
async fn collections_of_shapes_become_one_shape() {
    let folder = folder();
    let folder = folder.path();
    let mixed = json!({ "type": "GeometryCollection", "geometries": [
        { "type": "Point", "coordinates": [121.3605, 31.2705] }, square(121.36)
    ] });
    let nested = json!({ "type": "GeometryCollection", "geometries": [
        square(121.37), { "type": "GeometryCollection", "geometries": [square(121.38)] }
    ] });
    write(folder, "a.geojson", [mixed, nested]);
    let wkt = "n,wkt\n1,\"GEOMETRYCOLLECTION(POINT(121.3605 31.2705),POLYGON((121.36 31.27,121.37 31.27,121.37 31.28,121.36 31.27)))\"\n";
    fs::write(folder.join("b.csv"), wkt).expect("written");
    ogr2ogr(folder, &["c.gpkg", "a.geojson", "-nlt", "GEOMETRY"]);
    for (file, more) in [
        ("a.geojson", &[][..]),
        ("b.csv", &["--crs", "EPSG:4490", "--extend"]),
        ("c.gpkg", &[]),
    ] {
        let told = well(folder, &import(file, more));
        assert!(told.contains("1 record is a geometry collection of several kinds, and parts are left out (record 1: 1 point beside its polygons)"), "{file}: {told}");
        let mut found = items(&folder.join("plan"), "x").await;
        found.sort_by_key(|feature| feature["id"].as_i64());
        assert_eq!(found[0]["geometry"]["type"], "Polygon", "{file}");
        if let Some(second) = found.get(1) {
            assert_eq!(second["geometry"]["type"], "MultiPolygon", "{file}");
        }
    }
}

#[tokio::test]
async fn placemarks_as_google_earth_and_gdal_know_them() {
    let folder = folder();
    let folder = folder.path();
    let kml = r#"<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Schema parent="Placemark" name="S_plot"><SimpleField type="wstring" name="CODE"/></Schema>
<S_plot><name>a</name><CODE>A1</CODE><Point><coordinates>121.36, 31.27, 0</coordinates></Point></S_plot>
<Placemark><name>b</name><MultiGeometry><Point><coordinates>121.365,31.273</coordinates></Point>
<Polygon><outerBoundaryIs><LinearRing><coordinates>121.36, 31.27 121.37, 31.27 121.37, 31.28 121.36, 31.27</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>c</name><MultiGeometry><Point><coordinates>121.36,31.27</coordinates></Point>
<MultiGeometry><Point><coordinates>121.37,31.27</coordinates></Point></MultiGeometry></MultiGeometry></Placemark>
</Document></kml>"#;
    fs::write(folder.join("a.kml"), kml).expect("written");
    let told = well(
        folder,
        &["import", "a.kml", "--into", "x", "--plan", "plan"],
    );
    assert!(
        told.contains("3 records -> x") && !told.contains("left out: "),
        "{told}"
    );
    assert!(told.contains("1 point beside its polygons"), "{told}");
    let found = items(&folder.join("plan"), "x").await;
    let of = |name: &str| {
        found
            .iter()
            .find(|feature| feature["properties"]["name"] == name)
            .unwrap_or_else(|| panic!("{name}: {found:?}"))
    };
    assert_eq!(of("a")["geometry"]["type"], "Point");
    assert_eq!(of("a")["properties"]["code"], "A1");
    assert_eq!(of("b")["geometry"]["type"], "Polygon");
    assert_eq!(of("c")["geometry"]["type"], "MultiPoint");
}
