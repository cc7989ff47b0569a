//! What comes out by the API is what GDAL reads in the file: counts, values, places within a millimetre.

use std::path::Path;

use serde_json::Value as Json;

use super::made::{folder, into_plots, items, ogr2ogr, well};

/// Degrees; a millimetre is 0.9e-8 of latitude.
pub const MILLIMETRE: f64 = 0.9e-8;

/// What GDAL reads in a file, in longitude and latitude.
fn gdal(folder: &Path, file: &str, more: &[&str]) -> Vec<Json> {
    let fixed = [
        "-f",
        "GeoJSON",
        "-t_srs",
        "OGC:CRS84",
        "-lco",
        "COORDINATE_PRECISION=12",
        "/vsistdout/",
        file,
    ];
    let text = ogr2ogr(folder, &[&fixed[..], more].concat());
    let json: Json = serde_json::from_slice(&text).expect("GeoJSON");
    json["features"].as_array().expect("features").clone()
}

/// All rings or lines of a geometry.
fn lines(coordinates: &Json, into: &mut Vec<Vec<(f64, f64)>>) {
    let all = coordinates.as_array().expect("an array");
    let position = |at: &Json| Some((at.get(0)?.as_f64()?, at.get(1)?.as_f64()?));
    match all.iter().map(position).collect::<Option<Vec<_>>>() {
        Some(line) => into.push(line),
        None if all.first().is_some_and(Json::is_number) => {
            into.push(position(coordinates).into_iter().collect());
        }
        None => all.iter().for_each(|part| lines(part, into)),
    }
}

fn shapes(feature: &Json) -> Vec<Vec<(f64, f64)>> {
    let mut found = Vec::new();
    if !feature["geometry"].is_null() {
        lines(&feature["geometry"]["coordinates"], &mut found);
    }
    found
}

/// The greatest difference of two shapes, in degrees; rings may run either way.
pub fn apart(one: &Json, other: &Json) -> f64 {
    let (one, other) = (shapes(one), shapes(other));
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(&other);
    let far = pairs.map(|(one, other)| {
        assert_eq!(one.len(), other.len());
        let along = |other: &mut dyn Iterator<Item = &(f64, f64)>| {
            let pairs = one.iter().zip(other);
            pairs
                .map(|(a, b)| (a.0 - b.0).abs().max((a.1 - b.1).abs()))
                .fold(0.0, f64::max)
        };
        along(&mut other.iter()).min(along(&mut other.iter().rev()))
    });
    far.fold(0.0, f64::max)
}

/// Compares each feature by its plot's code. GDAL's column names are those of the file.
fn compare(ours: &[Json], theirs: &[Json], columns: &[(&str, &str)]) {
    assert_eq!(ours.len(), theirs.len());
    for their in theirs {
        let code = &their["properties"]["地块编号"];
        let our = ours.iter().find(|our| our["id"] == *code);
        let our = our.unwrap_or_else(|| panic!("no {code}"));
        assert_eq!(
            our["geometry"].is_null(),
            their["geometry"].is_null(),
            "{code}"
        );
        let far = apart(our, their);
        assert!(far < MILLIMETRE, "{code} is {far} degrees off");
        for (name, header) in columns {
            let (value, expected) = (&our["properties"][name], &their["properties"][header]);
            let same = if let (Some(value), Some(expected)) = (value.as_f64(), expected.as_f64()) {
                value.to_bits() == expected.to_bits()
            } else {
                // GDAL gives dates with slashes, and in FlatGeobuf as midnights.
                let text = expected.as_str();
                let text = text
                    .map(|text| Json::from(text.replace('/', "-").trim_end_matches("T00:00:00")));
                *value == text.unwrap_or_else(|| expected.clone())
            };
            assert!(same, "{code} {name}: {value}, expected {expected}");
        }
    }
}

const COLUMNS: [(&str, &str); 7] = [
    ("plot_code", "地块编号"),
    ("name_zh", "名称"),
    ("site_area", "用地面积"),
    ("plot_ratio", "容积率"),
    ("land_use", "用地性质"),
    ("storeys", "层数"),
    ("pi_zhun_ri_qi", "批准日期"),
];

async fn imported(file: &str, written: &[&str], more: &[&str], read: &[&str]) {
    let folder = folder();
    let folder = folder.path();
    ogr2ogr(
        folder,
        &[&[file, "town.geojson", "-a_srs", "OGC:CRS84"][..], written].concat(),
    );
    let arguments = into_plots(file);
    let theirs = gdal(folder, file, read);
    // Into a FlatGeobuf, GDAL does not write what has no place.
    let count = theirs.len();
    assert_eq!(count, if file.ends_with("fgb") { 29 } else { 30 });
    let said = well(folder, &[&arguments[..], more].concat());
    assert!(
        said.contains(&format!("{count} records -> plots")),
        "{said}"
    );
    assert!(said.contains(&format!("added {count}: ")), "{said}");
    let ours = items(&folder.join("plan"), "plots").await;
    compare(&ours, &theirs, &COLUMNS);
    // What was made once is found unchanged.
    let again = well(folder, &[&arguments[..], more].concat());
    assert!(again.contains(&format!("unchanged {count}")), "{again}");
    assert!(again.contains("added 0"), "{again}");
}

#[tokio::test]
async fn shapefiles_in_the_grids_of_cgcs2000() {
    for code in ["EPSG:4549", "EPSG:4528", "EPSG:4490", "EPSG:4510"] {
        let written = [
            "-f",
            "ESRI Shapefile",
            "-t_srs",
            code,
            "-lco",
            "ENCODING=GBK",
        ];
        imported("town.shp", &written, &[], &[]).await;
    }
}

#[tokio::test]
async fn geopackages_and_flatgeobufs() {
    imported(
        "town.gpkg",
        &["-f", "GPKG", "-t_srs", "EPSG:4549"],
        &[],
        &[],
    )
    .await;
    imported(
        "town.gpkg",
        &["-f", "GPKG", "-t_srs", "EPSG:3857"],
        &[],
        &[],
    )
    .await;
    let written = ["-f", "FlatGeobuf", "-t_srs", "EPSG:4528"];
    imported("town.fgb", &written, &[], &[]).await;
}

#[tokio::test]
async fn features_as_text() {
    let precise = ["-lco", "COORDINATE_PRECISION=12"];
    imported(
        "town.geojsonl",
        &[&["-f", "GeoJSONSeq"][..], &precise].concat(),
        &[],
        &[],
    )
    .await;
    let wkt = [
        "-f",
        "CSV",
        "-lco",
        "GEOMETRY=AS_WKT",
        "-t_srs",
        "EPSG:4549",
    ];
    let read = ["-oo", "AUTODETECT_TYPE=YES", "-s_srs", "EPSG:4549"];
    imported("town.csv", &wkt, &["--crs", "EPSG:4549"], &read).await;
}

#[tokio::test]
async fn zips_of_shapefiles() {
    let written = [
        "-f",
        "ESRI Shapefile",
        "-t_srs",
        "EPSG:4549",
        "-lco",
        "ENCODING=GBK",
    ];
    imported("town.shp.zip", &written, &[], &[]).await;
}

/// A sheet tells no CRS; GDAL writes places into one as text only, so what it reads in the origin is compared.
#[tokio::test]
async fn sheets_with_places_as_text() {
    let folder = folder();
    let folder = folder.path();
    let query = "SELECT *, ST_AsText(geometry) AS wkt FROM town";
    let sql = ["-dialect", "SQLite", "-sql", query, "-nln", "town"];
    ogr2ogr(
        folder,
        &[&["town.xlsx", "town.geojson", "-f", "XLSX"][..], &sql].concat(),
    );
    let told = [
        "import",
        "town.xlsx",
        "--into",
        "plots",
        "--id",
        "地块编号",
        "--plan",
        "plan",
        "--crs",
        "EPSG:4490",
    ];
    well(folder, &told);
    let ours = items(&folder.join("plan"), "plots").await;
    compare(&ours, &gdal(folder, "town.geojson", &[]), &COLUMNS);
}

/// Surveys in China call the northing x: a table so named, and told so.
#[tokio::test]
async fn northing_first_is_told() {
    let folder = folder();
    let folder = folder.path();
    let query =
        "SELECT ST_PointOnSurface(geometry), 地块编号, 容积率 FROM town WHERE geometry IS NOT NULL";
    let sql = [
        "-dialect",
        "SQLite",
        "-sql",
        query,
        "-t_srs",
        "EPSG:4549",
        "-nln",
        "points",
    ];
    ogr2ogr(
        folder,
        &[&["points.gpkg", "town.geojson", "-f", "GPKG"][..], &sql].concat(),
    );
    let written = [
        "points.csv",
        "points.gpkg",
        "-f",
        "CSV",
        "-lco",
        "GEOMETRY=AS_XY",
    ];
    ogr2ogr(folder, &written);
    let path = folder.join("points.csv");
    let text = std::fs::read_to_string(&path).expect("a table");
    assert!(text.starts_with("X,Y,"), "{text}");
    std::fs::write(&path, text.replacen("X,Y,", "Y,X,", 1)).expect("written");
    let told = [
        "import",
        "points.csv",
        "--into",
        "points",
        "--id",
        "地块编号",
        "--plan",
        "plan",
        "--crs",
        "EPSG:4549",
    ];
    let refused = super::made::ill(folder, &told);
    assert!(
        refused.contains("--swap-axes") && refused.contains("northing first"),
        "{refused}"
    );
    well(folder, &[&told[..], &["--swap-axes"]].concat());
    let ours = items(&folder.join("plan"), "points").await;
    compare(
        &ours,
        &gdal(folder, "points.gpkg", &[]),
        &[("plot_ratio", "容积率")],
    );
}

/// A pair that several public tables and libraries give: the same place in two systems.
#[tokio::test]
async fn offset_coordinates_come_in() {
    let folder = folder();
    let folder = folder.path();
    let text = "id,lon,lat\na,116.41024449916938,39.91640428150164\n";
    std::fs::write(folder.join("places.csv"), text).expect("written");
    let told = [
        "import",
        "places.csv",
        "--into",
        "places",
        "--id",
        "id",
        "--plan",
        "plan",
        "--crs",
        "GCJ02",
    ];
    let said = well(folder, &told);
    assert!(said.contains("GCJ02 is no official system"), "{said}");
    let ours = items(&folder.join("plan"), "places").await;
    let at = &ours[0]["geometry"]["coordinates"];
    let (x, y) = (at[0].as_f64().expect("x"), at[1].as_f64().expect("y"));
    assert!(
        (x - 116.404).abs() < 1e-7 && (y - 39.915).abs() < 1e-7,
        "{at}"
    );
}
