//! Files that GDAL makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Geometries of every type, around Shanghai.
pub const FAMILIES: [(&str, &[&str]); 4] = [
    (
        "point",
        &["POINT (121.5 31.25)", "POINT (121.125 31.0625)", ""],
    ),
    (
        "multiline",
        &[
            "MULTILINESTRING ((121.1 31.1,121.2 31.2,121.3 31.1),(121.4 31.3,121.5 31.4))",
            "MULTILINESTRING ((121.1 31.1,121.25 31.2))",
        ],
    ),
    (
        "multipolygon",
        &[
            "MULTIPOLYGON (((121 31,122 31,122 32,121 32,121 31),(121.2 31.2,121.2 31.4,121.4 31.4,121.2 31.2)),((120 30,120.5 30,120.5 30.5,120 30)))",
            "MULTIPOLYGON (((120 30,120.5 30,120.5 30.5,120 30)))",
        ],
    ),
    (
        "any",
        &[
            "POINT (121.5 31.25)",
            "MULTIPOINT ((121.5 31.25),(121.25 31.5))",
            "LINESTRING (121.1 31.1,121.2 31.2)",
            "MULTILINESTRING ((121.1 31.1,121.2 31.2,121.3 31.1))",
            "POLYGON ((121 31,122 31,122 32,121 32,121 31))",
            "MULTIPOLYGON (((120 30,120.5 30,120.5 30.5,120 30)))",
            "GEOMETRYCOLLECTION (POINT (121 31),LINESTRING (121 31,122 32))",
            "POINT Z (121.5 31.25 7)",
            "LINESTRING Z (121.1 31.1 5,121.2 31.2 6)",
            "POLYGON Z ((121 31 1,122 31 2,122 32 3,121 31 1))",
            "MULTIPOLYGON Z (((120 30 1,120.5 30 1,120.5 30.5 1,120 30 1)))",
        ],
    ),
];

/// Geometries with measures, which few formats can keep.
pub const MEASURED: &[&str] = &[
    "POINT M (121.5 31.25 7)",
    "LINESTRING ZM (121.1 31.1 5 1,121.2 31.2 6 2)",
    "POLYGON M ((121 31 1,122 31 2,122 32 3,121 31 1))",
];

/// A table with a column of every type that GDAL reads in CSV, one row per geometry.
pub fn table(folder: &Path, name: &str, geometries: &[&str]) -> PathBuf {
    let mut text = "wkt,name,编号,area,open,day,moment\n".to_owned();
    for (at, wkt) in geometries.iter().enumerate() {
        let line = match at % 3 {
            0 => format!("\"{wkt}\",路 {at},{at},{at}.1,1,2021-01-31,2021/01/31 08:00:00+00"),
            1 => format!(
                "\"{wkt}\",\"a, \"\"b\"\"\",-9007199254740993,1e-7,0,1999-12-31,2021/01/31 16:00:00.5+08"
            ),
            _ => format!("\"{wkt}\",,,,,,"),
        };
        text += &line;
        text.push('\n');
    }
    let path = folder.join(format!("{name}.csv"));
    fs::write(&path, text).expect("written");
    let types = "WKT,String,Integer64,Real,Integer(Boolean),Date,DateTime";
    fs::write(folder.join(format!("{name}.csvt")), types).expect("written");
    path
}

/// Runs ogr2ogr, whose last arguments are the new file and the old one.
pub fn ogr2ogr(arguments: &[&str], new: &Path, old: &Path) {
    let output = Command::new("ogr2ogr")
        .args(arguments)
        .args([new, old])
        .output()
        .expect("GDAL is needed: ./dev test installs it");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {messages}");
}

/// A file of one of GDAL's formats, of the table above.
pub fn made(
    folder: &TempDir,
    ending: &str,
    name: &str,
    geometries: &[&str],
    more: &[&str],
) -> PathBuf {
    let csv = table(folder.path(), name, geometries);
    let path = folder.path().join(format!("{name}.{ending}"));
    let mut arguments = vec![
        "-oo",
        "GEOM_POSSIBLE_NAMES=wkt",
        "-oo",
        "KEEP_GEOM_COLUMNS=NO",
    ];
    arguments.extend(["-oo", "EMPTY_STRING_AS_NULL=YES", "-s_srs", "EPSG:4326"]);
    if !more.contains(&"-t_srs") {
        arguments.extend(["-t_srs", "EPSG:4326"]);
    }
    arguments.extend(more);
    ogr2ogr(&arguments, &path, &csv);
    path
}
