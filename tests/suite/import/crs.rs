//! Coordinates whose CRS is not told, told wrongly, or on an older datum.

use std::fs;

use serde_json::Value as Json;

use super::made::{everything, folder, ill, into_plots, ogr2ogr, town, well};

#[test]
fn what_is_not_told_is_asked_for_and_described() {
    let folder = folder();
    let folder = folder.path();
    for (crs, expected) in [
        ("EPSG:4528", "(--crs EPSG:4528)"),
        ("EPSG:4549", "without the zone's number"),
        (
            "EPSG:4490",
            "degrees of longitude and latitude (--crs EPSG:4490)",
        ),
    ] {
        ogr2ogr(
            folder,
            &["-overwrite", "town.shp", "town.geojson", "-t_srs", crs],
        );
        fs::remove_file(folder.join("town.prj")).expect("a .prj");
        let said = ill(
            folder,
            &["import", "town.shp", "--into", "plots", "--plan", "plan"],
        );
        assert!(
            said.contains("does not tell its CRS") && said.contains(expected),
            "{crs}: {said}"
        );
    }
    let metres = "a,lon,lat\n1,528734.9,3463916.1\n";
    fs::write(folder.join("metres.csv"), metres).expect("written");
    let told = ["import", "metres.csv", "--into", "plots", "--plan", "plan"];
    let said = ill(folder, &[&told[..], &["--crs", "EPSG:4490"]].concat());
    assert!(said.contains("nowhere on earth"), "{said}");
    assert!(said.contains("without the zone's number"), "{said}");
    // Where the plan lies, the grid is known too.
    well(
        folder,
        &[
            "import",
            "town.geojson",
            "--into",
            "plots",
            "--plan",
            "plan",
        ],
    );
    ogr2ogr(
        folder,
        &[
            "-overwrite",
            "town.shp",
            "town.geojson",
            "-t_srs",
            "EPSG:4549",
        ],
    );
    fs::remove_file(folder.join("town.prj")).expect("a .prj");
    let said = ill(
        folder,
        &["import", "town.shp", "--into", "more", "--plan", "plan"],
    );
    assert!(
        said.contains("look like EPSG:4549") && said.contains("(--crs EPSG:4549)"),
        "{said}"
    );
}

#[test]
fn what_is_told_wrongly_lies_elsewhere() {
    let folder = folder();
    let folder = folder.path();
    well(
        folder,
        &[
            "import",
            "town.geojson",
            "--into",
            "plots",
            "--plan",
            "plan",
        ],
    );
    let before = everything(&folder.join("plan"));
    ogr2ogr(folder, &["town.shp", "town.geojson", "-t_srs", "EPSG:4549"]);
    let wrong = [
        "import",
        "town.shp",
        "--into",
        "more",
        "--plan",
        "plan",
        "--crs",
        "EPSG:4548",
    ];
    let said = ill(folder, &wrong);
    assert!(
        said.contains("outside the plan's extent") && said.contains("(--crs EPSG:4549)"),
        "{said}"
    );
    assert_eq!(everything(&folder.join("plan")), before);
    // What is told goes before what the file says, and is said.
    let right = [
        "import",
        "town.shp",
        "--into",
        "more",
        "--plan",
        "plan",
        "--crs",
        "EPSG:4549",
    ];
    assert!(well(folder, &right).contains("as --crs says"));
    let said = well(
        folder,
        &[&wrong[..6], &["--crs", "EPSG:4509", "--extend"]].concat(),
    );
    assert!(
        said.contains("town.prj says EPSG:4549") && said.contains("set aside"),
        "{said}"
    );
}

#[test]
fn older_datums_are_named() {
    let folder = folder();
    let folder = folder.path();
    for (crs, datum) in [("EPSG:2437", "1954"), ("EPSG:2385", "Xian 1980")] {
        // The numbers do not matter here, the name does.
        ogr2ogr(
            folder,
            &[
                "-overwrite",
                "town.shp",
                "town.geojson",
                "-t_srs",
                "EPSG:4549",
            ],
        );
        ogr2ogr(
            folder,
            &["-overwrite", "old.shp", "town.shp", "-a_srs", crs],
        );
        let told = ["import", "old.shp", "--into", "old", "--plan", "plan"];
        let said = ill(folder, &told);
        assert!(
            said.contains(datum) && said.contains("--operation"),
            "{said}"
        );
        let said = well(
            folder,
            &[&told[..], &["--operation", "ballpark", "--dry-run"]].concat(),
        );
        assert!(said.contains("accuracy unknown"), "{said}");
    }
    ogr2ogr(
        folder,
        &["-overwrite", "old.shp", "town.shp", "-a_srs", "EPSG:2437"],
    );
    let told = [
        "import",
        "old.shp",
        "--into",
        "old",
        "--plan",
        "plan",
        "--operation",
        "EPSG:15919",
    ];
    let said = well(folder, &told);
    assert!(
        said.contains("Beijing 1954 to WGS 84 (2)") && said.contains("accuracy is 15 m"),
        "{said}"
    );
}

/// The same plots as a web map has them.
#[test]
fn a_shift_is_seen() {
    let folder = folder();
    let folder = folder.path();
    let told = into_plots("town.geojson");
    well(folder, &told);
    let asked = [
        "query", "plots", "--crs", "GCJ02", "--format", "geojson", "--plan", "plan",
    ];
    let mut shifted: Json = serde_json::from_str(&well(folder, &asked)).expect("GeoJSON");
    for feature in shifted["features"].as_array_mut().expect("features") {
        feature["properties"]["地块编号"] = feature["id"].clone();
    }
    fs::write(folder.join("town.geojson"), shifted.to_string()).expect("written");
    let said = well(folder, &[&told[..], &["--dry-run", "--extend"]].concat());
    assert!(
        said.contains("warning: compared with the 29 features")
            && said.contains("looks like GCJ02"),
        "{said}"
    );
    let said = well(
        folder,
        &[&told[..], &["--dry-run", "--crs", "GCJ02"]].concat(),
    );
    assert!(!said.contains("looks like"), "{said}");
    fs::write(folder.join("town.geojson"), town().to_string()).expect("written");
    let said = well(
        folder,
        &[&told[..], &["--dry-run", "--crs", "GCJ02", "--extend"]].concat(),
    );
    assert!(said.contains("does not belong here"), "{said}");
}

/// PROJ has operations from Beijing 1954, and takes the best of them where it is let.
#[test]
fn a_ballpark_leaves_the_degrees_as_they_are() {
    let folder = folder();
    let folder = folder.path();
    let prj = ogr2ogr_prj(folder, "EPSG:2437");
    fs::write(folder.join("a.csv"), "编号,x,y\n1,628769.46,3463986.84\n").expect("written");
    fs::write(folder.join("a.prj"), prj).expect("written");
    let told = [
        "import",
        "a.csv",
        "--into",
        "pts",
        "--id",
        "编号",
        "--plan",
        "plan",
        "--operation",
        "ballpark",
    ];
    let said = well(folder, &told);
    assert!(said.contains("taken as they are"), "{said}");
    assert!(said.contains("as a.prj says"), "{said}");
    let asked = ["query", "pts", "--format", "geojson", "--plan", "plan"];
    let found: Json = serde_json::from_str(&well(folder, &asked)).expect("GeoJSON");
    let at = &found["features"][0]["geometry"]["coordinates"];
    let (x, y) = (at[0].as_f64().expect("x"), at[1].as_f64().expect("y"));
    // As `+proj=tmerc +lon_0=120 +x_0=500000 +ellps=krass` has it, with the shift it would be some 80 m off.
    let expected = gdaltransform(
        &[
            "-s_srs",
            "+proj=tmerc +lon_0=120 +x_0=500000 +ellps=krass",
            "-t_srs",
            "+proj=longlat +ellps=krass",
        ],
        "628769.46 3463986.84",
    );
    assert!(
        (x - expected.0).abs() < 1e-8 && (y - expected.1).abs() < 1e-8,
        "{at} {expected:?}"
    );
}

fn ogr2ogr_prj(folder: &std::path::Path, crs: &str) -> String {
    ogr2ogr(
        folder,
        &["-overwrite", "prj.shp", "town.geojson", "-a_srs", crs],
    );
    fs::read_to_string(folder.join("prj.prj")).expect("a .prj")
}

fn gdaltransform(arguments: &[&str], at: &str) -> (f64, f64) {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("gdaltransform")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("GDAL is needed: ./dev test installs it");
    let input = child.stdin.take();
    writeln!(input.expect("an input"), "{at}").expect("written");
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut numbers = text
        .split_whitespace()
        .map(|number| number.parse().expect("a number"));
    (numbers.next().expect("x"), numbers.next().expect("y"))
}

/// A local grid has no code: its definition is told, or a file with it.
#[test]
fn a_local_grid_is_told_by_its_definition() {
    let folder = folder();
    let folder = folder.path();
    // Around a meridian of the town's own, on CGCS2000.
    let proj = "+proj=tmerc +lon_0=121.35 +x_0=0 +y_0=-3400000 +ellps=GRS80 +units=m";
    let (x, y) = gdaltransform(
        &["-s_srs", "+proj=longlat +ellps=GRS80", "-t_srs", proj],
        "121.352 31.29",
    );
    fs::write(folder.join("a.csv"), format!("编号,x,y\n1,{x},{y}\n")).expect("written");
    let wkt = "PROJCS[\"镇坐标\",GEOGCS[\"CGCS2000\",DATUM[\"China_2000\",SPHEROID[\"CGCS2000\",6378137,298.257222101]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],PARAMETER[\"central_meridian\",121.35],PARAMETER[\"scale_factor\",1],PARAMETER[\"false_easting\",0],PARAMETER[\"false_northing\",-3400000],UNIT[\"metre\",1]]";
    fs::write(folder.join("local.prj"), wkt).expect("written");
    let ballpark = ["--operation", "ballpark"];
    for crs in [wkt, "@local.prj", "local.prj", proj] {
        let told = [
            "import", "a.csv", "--into", "pts", "--id", "编号", "--plan", "plan", "--crs", crs,
        ];
        // PROJ's notation names no datum.
        let more = if crs == proj { &ballpark[..] } else { &[] };
        let said = well(folder, &[&told[..], more].concat());
        let asked = ["query", "pts", "--format", "geojson", "--plan", "plan"];
        let found: Json = serde_json::from_str(&well(folder, &asked)).expect("GeoJSON");
        let at = &found["features"][0]["geometry"]["coordinates"];
        let near = |at: &Json, to: f64| (at.as_f64().expect("a number") - to).abs() < 1e-8;
        assert!(
            near(&at[0], 121.352) && near(&at[1], 31.29),
            "{crs}: {at} {said}"
        );
    }
    for (crs, reason) in [
        ("EPSG:99999", "the EPSG dataset has no CRS of this code"),
        ("EPSG:4479", "expected a geographic or projected CRS"),
        ("@gone.prj", "gone.prj"),
        ("PROJCS[", "its CRS cannot be read"),
        ("nothing", "unknown CRS"),
    ] {
        let said = ill(
            folder,
            &[
                "import", "a.csv", "--into", "pts", "--plan", "plan", "--crs", crs,
            ],
        );
        assert!(said.contains(reason), "{crs}: {said}");
        assert!(!said.contains("proj_create"), "PROJ talks: {said}");
    }
    // A file beside that is broken is named.
    fs::write(folder.join("a.prj"), "PROJCS[\"broken").expect("written");
    let said = ill(
        folder,
        &["import", "a.csv", "--into", "pts", "--plan", "plan"],
    );
    assert!(said.contains("a.csv: a.prj says what its CRS is"), "{said}");
    assert!(!said.contains("proj_create"), "PROJ talks: {said}");
    let rotated = [
        "--crs",
        "EPSG:2437",
        "--operation",
        "+proj=helmert +x=1 +rx=2",
    ];
    let said = ill(
        folder,
        &[
            &["import", "a.csv", "--into", "pts", "--plan", "plan"],
            &rotated[..],
        ]
        .concat(),
    );
    assert!(said.contains("+convention=position_vector"), "{said}");
}
