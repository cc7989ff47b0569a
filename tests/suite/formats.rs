//! Every download read back by a program that is not ours: equal ids, values and geometry.

mod columns;
mod formulas;
mod limits;
mod readers;
mod rows;

use buju::crs::{Crs, Reprojector};
use buju::encode::{EncodeError, Format, Table, Wishes, write};

use readers::{File, Row, gdal, ogrinfo, parquet_rows, shapefile_rows, xlsx_rows};
use rows::{Rows, made_up, same, shipped};

/// A download in a file of its own.
fn file(format: Format, rows: &Rows, crs: Crs) -> File {
    File::new(format, &bytes(format, rows, crs).expect("a file"))
}

fn bytes(format: Format, rows: &Rows, crs: Crs) -> Result<Vec<u8>, EncodeError> {
    bytes_with(format, rows, crs, Wishes::default())
}

fn bytes_with(
    format: Format,
    rows: &Rows,
    crs: Crs,
    wishes: Wishes,
) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    let to = Reprojector::new(Crs::Crs84, crs).expect("a conversion");
    let mut features = rows.features.iter().map(|feature| {
        let mut feature = feature.clone();
        let moved = feature.geometry.map(|shape| to.geometry(&shape));
        feature.geometry = moved.transpose()?;
        Ok(feature)
    });
    let table = Table {
        collection: &rows.info,
        columns: &rows.info.columns,
        crs,
        features: &mut features,
    };
    write(format, table, wishes, &mut out)?;
    Ok(out)
}

/// Reads a download with the reader that fits.
fn read(format: Format, file: &File) -> Vec<Row> {
    match format {
        Format::Xlsx => xlsx_rows(file),
        Format::GeoParquet => parquet_rows(file),
        Format::Shapefile => shapefile_rows(file),
        _ => gdal(&file.path()),
    }
}

#[test]
fn every_format_gives_back_the_shipped_plan() {
    for collection in ["parcels", "road-works", "housing", "waters", "context"] {
        let rows = shipped(collection);
        for format in Format::ALL {
            let read = read(format, &file(format, &rows, Crs::Crs84));
            same(&format!("{format}, {collection}"), &rows, &read);
        }
    }
    let places = shipped("waters");
    assert!(
        places
            .features
            .iter()
            .any(|feature| feature.geometry.is_none()),
        "a null geometry is tried"
    );
}

#[test]
fn every_format_gives_back_odd_rows() {
    let rows = made_up();
    for format in Format::ALL {
        let read = read(format, &file(format, &rows, Crs::Crs84));
        same(&format!("{format}, made up"), &rows, &read);
    }
}

#[test]
fn gdal_knows_the_crs_of_each_file() {
    let rows = shipped("parcels");
    for (crs, code) in [(Crs::CGCS2000_GK_120, 4549), (Crs::Crs84, 4326)] {
        for format in [Format::GeoPackage, Format::FlatGeobuf, Format::Shapefile] {
            let file = file(format, &rows, crs);
            let path = match format {
                Format::Shapefile => file.inside("parcels.shp"),
                _ => file.path(),
            };
            let info = ogrinfo(&["-ro", "-al", "-so", &path]);
            assert!(
                info.contains(&format!("ID[\"EPSG\",{code}]]")),
                "{format}: {info}"
            );
        }
    }
    let grid = Crs::CGCS2000_GK_120;
    for crs in [grid, Crs::Gcj02, Crs::Bd09] {
        let moved = rows.in_crs(crs);
        let any_crs = Format::ALL.into_iter();
        for format in any_crs.filter(|format| format.only_crs().is_none()) {
            // Its axes are the authority's, and what is no `geometry` GDAL 3.6 does not read.
            if matches!(format, Format::GeoJson | Format::JsonFg) {
                continue;
            }
            let read = read(format, &file(format, &rows, crs));
            same(&format!("{format}, {crs}"), &moved, &read);
        }
    }
    let parquet = readers::parquet_geo(&file(Format::GeoParquet, &rows, grid));
    assert_eq!(parquet["columns"]["geometry"]["crs"]["id"]["code"], 4549);
    let offset = readers::parquet_geo(&file(Format::GeoParquet, &rows, Crs::Gcj02));
    assert!(offset["columns"]["geometry"]["crs"].is_null());
    assert!(offset["columns"]["geometry"].get("crs").is_some());
}

#[test]
fn gdal_uses_the_indices() {
    let rows = shipped("parcels");
    let located = rows
        .features
        .iter()
        .filter_map(|feature| feature.geometry.as_ref());
    let all = located.count();
    for format in [Format::GeoPackage, Format::FlatGeobuf] {
        let file = file(format, &rows, Crs::Crs84);
        let all_of = [
            "-ro",
            "-al",
            "-so",
            "-spat",
            "121",
            "31",
            "122",
            "32",
            &file.path(),
        ];
        let info = ogrinfo(&all_of);
        assert!(
            info.contains(&format!("Feature Count: {all}")),
            "{format}: {info}"
        );
        let none_of = [
            "-ro",
            "-al",
            "-so",
            "-spat",
            "120",
            "30",
            "120.5",
            "30.5",
            &file.path(),
        ];
        let info = ogrinfo(&none_of);
        assert!(info.contains("Feature Count: 0"), "{format}: {info}");
    }
    let file = file(Format::GeoPackage, &rows, Crs::Crs84);
    let info = ogrinfo(&[
        "-ro",
        "-sql",
        "SELECT HasSpatialIndex('parcels', 'geom')",
        &file.path(),
    ]);
    assert!(info.contains("= 1"), "{info}");
    let check = "SELECT count(*) AS n FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    let info = ogrinfo(&["-ro", "-sql", check, &file.path()]);
    assert!(info.contains("n (Integer) = 1"), "{info}");
}

#[test]
fn geojson_has_the_authority_s_axes_and_json_fg_its_place() {
    let rows = shipped("parcels");
    let crs = Crs::Epsg(4326);
    let wishes = Wishes {
        matched: Some(77),
        ..Wishes::default()
    };
    let json = |format| -> serde_json::Value {
        let bytes = bytes_with(format, &rows, crs, wishes).expect("a file");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let plain = json(Format::GeoJson);
    assert_eq!(
        (&plain["numberMatched"], plain["numberReturned"].as_u64()),
        (&77.into(), Some(rows.features.len() as u64))
    );
    let at = |geometry: &serde_json::Value| {
        let mut at = &geometry["coordinates"];
        while at[0].is_array() {
            at = &at[0];
        }
        (at[0].as_f64().expect("x"), at[1].as_f64().expect("y"))
    };
    let located = |feature: &&serde_json::Value| {
        !feature["geometry"].is_null() || !feature["place"].is_null()
    };
    let feature = plain["features"]
        .as_array()
        .expect("features")
        .iter()
        .find(located);
    let (lat, lon) = at(&feature.expect("one")["geometry"]);
    assert!(
        (31.0..32.0).contains(&lat) && (121.0..122.0).contains(&lon),
        "{lat} {lon}"
    );
    let fg = json(Format::JsonFg);
    assert_eq!(
        (&fg["coordRefSys"], &fg["featureType"]),
        (&crs.uri().into(), &"parcels".into())
    );
    let feature = fg["features"]
        .as_array()
        .expect("features")
        .iter()
        .find(located)
        .expect("one");
    assert_eq!(at(&feature["place"]), (lat, lon));
    assert!(feature["geometry"].is_null() && feature["time"].is_null());
}

#[test]
fn a_byte_order_mark_comes_on_request() {
    let rows = shipped("housing");
    let with = Wishes {
        bom: true,
        ..Wishes::default()
    };
    let marked = bytes_with(Format::Csv, &rows, Crs::Crs84, with).expect("a file");
    let plain = bytes(Format::Csv, &rows, Crs::Crs84).expect("a file");
    assert_eq!(marked, [b"\xef\xbb\xbf".as_slice(), &plain].concat());
    assert!(plain.starts_with(b"id,"));
}
