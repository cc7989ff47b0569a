//! How many columns each format holds, and names that a format keeps for itself.

use buju::crs::Crs;
use buju::encode::{EncodeError, Format};
use buju::model::{ColumnType, Value};
use geo::point;

use super::readers::{gdal, ogrinfo, xlsx_rows};
use super::{Rows, bytes, file};
use crate::support::{Server, cell, column, loaded};
use buju::snapshot::Snapshot;
use buju::store::Store;

/// One row with so many columns of numbers.
fn wide(columns: usize) -> Rows {
    let names = (0..columns).map(|at| column(&format!("c{at}"), ColumnType::Integer, false));
    let (info, _) = loaded(names.collect(), Vec::new()).collections.remove(0);
    let number = |at: usize| Value::Integer(i64::try_from(at).expect("small"));
    let feature = buju::model::Feature {
        id: "a".into(),
        geometry: Some(point!(x: 121.0, y: 31.0).into()),
        values: (0..columns).map(number).collect(),
    };
    Rows {
        info,
        features: vec![feature],
    }
}

#[test]
fn as_many_columns_as_are_promised_and_no_more() {
    for format in Format::ALL {
        let Some(most) = format.most_columns() else {
            let bytes = bytes(format, &wide(5000), Crs::Crs84).expect("any number");
            assert!(bytes.len() > 5000, "{format}");
            continue;
        };
        let made = file(format, &wide(most), Crs::Crs84);
        if format == Format::Xlsx {
            // GDAL reads no more than 2000 columns of a workbook.
            assert_eq!(xlsx_rows(&made).len(), 1);
        } else {
            let path = match format {
                Format::Shapefile => made.inside("shapes.shp"),
                _ => made.path(),
            };
            let info = ogrinfo(&["-ro", "-al", "-so", &path]);
            let last = format!("\nc{}: Integer", most - 1);
            assert!(info.contains(&last), "{format}: {info}");
        }
        let error = bytes(format, &wide(most + 1), Crs::Crs84).expect_err("one too many");
        assert!(
            matches!(error, EncodeError::Size { .. }),
            "{format}: {error}"
        );
        let text = error.to_string();
        for word in [
            &most.to_string(),
            &(most + 1).to_string(),
            "properties=",
            "\"shapes\"",
        ] {
            assert!(text.contains(word), "{text}");
        }
        assert!(text.starts_with(&format.to_string()), "{text}");
    }
}

#[tokio::test]
async fn too_many_columns_are_a_problem_of_the_request() {
    let names = (0..5000).map(|at| column(&format!("c{at}"), ColumnType::Integer, false));
    let row = vec![cell(ColumnType::Integer, "1"); 5000];
    let place = Some(point!(x: 121.0, y: 31.0).into());
    let plan = loaded(names.collect(), vec![(place, row)]);
    let server = Server::new(Store::new(Snapshot::build(plan, Vec::new())));
    for format in Format::ALL {
        let target = format!("/collections/shapes/items?f={}", format.id());
        let answer = server.get(&target).await;
        let fits = format.most_columns().is_none_or(|most| most >= 5000);
        assert_eq!(answer.status == 200, fits, "{format}");
        if !fits {
            let problem = answer.json();
            assert_eq!(
                (&problem["status"], &problem["parameter"]),
                (&400.into(), &"f".into())
            );
            let detail = problem["detail"].as_str().expect("a text");
            assert!(
                detail.contains("5000") && detail.contains("properties="),
                "{detail}"
            );
        }
        let fewer = server.get(&format!("{target}&properties=c1,c4999")).await;
        assert_eq!(fewer.status, 200, "{format}");
    }
    for other in [
        "/collections/shapes/items?f=html",
        "/tiles/0/0/0.mvt",
        "/tiles/0/0/0.geojson",
        "/api",
    ] {
        assert_eq!(server.get(other).await.status, 200, "{other}");
    }
}

/// `SQLite` and `GeoPackage` have tables of their own.
#[test]
fn a_collection_may_be_called_as_a_table_of_the_format() {
    for id in [
        "sqlite_sequence",
        "GPKG_contents",
        "gpkg_ogr_contents",
        "rtree_x_geom",
        "fid",
    ] {
        let mut rows = wide(2);
        rows.info.id = id.to_owned();
        let read = gdal(&file(Format::GeoPackage, &rows, Crs::Crs84).path());
        assert_eq!(read.len(), 1, "{id}");
    }
}

/// Names and ids longer than a cell of a workbook.
#[test]
fn a_workbook_takes_names_and_ids_of_any_length() {
    let long = "长".repeat(40_000);
    let mut rows = wide(2);
    rows.info.columns[0].name.clone_from(&long);
    rows.info.columns[1].title.en.clone_from(&long);
    rows.info.columns[1].kind = ColumnType::String;
    rows.features[0].values[1] = Value::Text(long.clone());
    rows.features[0].id = long.as_str().into();
    for format in Format::ALL {
        if format == Format::GeoPackage || format == Format::Shapefile {
            continue;
        }
        assert!(bytes(format, &rows, Crs::Crs84).is_ok(), "{format}");
    }
}

#[test]
fn ids_that_are_whole_numbers_stay_so() {
    let mut rows = wide(1);
    rows.info.numeric_ids = true;
    let first = rows.features[0].clone();
    rows.features = [-1, 9, 9_007_199_254_740_993]
        .map(|id| buju::model::Feature {
            id: buju::model::FeatureId::Number(id),
            ..first.clone()
        })
        .to_vec();
    for format in [Format::GeoPackage, Format::FlatGeobuf] {
        let info = ogrinfo(&["-ro", "-al", &file(format, &rows, Crs::Crs84).path()]);
        for line in [
            "\nid: Integer64 (0.0)",
            "  id (Integer64) = -1\n",
            "  id (Integer64) = 9007199254740993\n",
        ] {
            assert!(info.contains(line), "{format}: {info}");
        }
    }
    let parquet = file(Format::GeoParquet, &rows, Crs::Crs84);
    let reader = std::fs::File::open(parquet.path()).expect("a file");
    let reader = parquet::file::reader::SerializedFileReader::new(reader).expect("parquet");
    let ids = reader.into_iter().map(|row| {
        let row = row.expect("a row");
        let id = row
            .get_column_iter()
            .find(|(name, _)| *name == "id")
            .expect("id");
        id.1.clone()
    });
    let expected = [-1, 9, 9_007_199_254_740_993].map(parquet::record::Field::Long);
    assert_eq!(ids.collect::<Vec<_>>(), expected);
    let workbook = xlsx_rows(&file(Format::Xlsx, &rows, Crs::Crs84));
    // Beyond 2^53 a number of a workbook is not exact, and the id stays a text.
    let ids: Vec<_> = workbook.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["-1", "9", "9007199254740993"]);
}
