//! Cells: codes, names of columns, times, what is empty, and encodings.

use std::fs;

use encoding_rs::{GBK, WINDOWS_1252};
use serde_json::json;

use super::super::made::{folder, ill, items, ogr2ogr, well};
use super::{BY_CODE, CODES, import, properties, sheet, words};

#[tokio::test]
async fn codes_keep_their_digits() {
    let folder = folder();
    let folder = folder.path();
    sheet(&folder.join("a.xlsx"), CODES, &[]);
    let said = ill(folder, &words("a.xlsx", &BY_CODE));
    assert!(
        said.contains("record 1, column 宗地代码: 3.1010700100100101E+17 has more digits"),
        "{said}"
    );
    assert!(said.contains("--skip-column"), "{said}");
    let said = import(
        folder,
        "a.xlsx",
        &[&BY_CODE[..], &["--skip-column", "宗地代码"]].concat(),
    );
    assert!(said.contains("column 宗地代码 is left out"), "{said}");
    // What a sheet shows with zeros in front is a code.
    let zeros: &[&[&str]] = &[
        &["编号", "经度", "纬度"],
        &["!123", "#121.36", "#31.27"],
        &["!12", "#121.37", "#31.28"],
    ];
    sheet(&folder.join("b.xlsx"), zeros, &[]);
    let said = well(
        folder,
        &[
            "import",
            "b.xlsx",
            "--into",
            "codes",
            "--plan",
            "plan",
            "--crs",
            "EPSG:4490",
        ],
    );
    assert!(
        said.contains("column 编号: 2 numbers are codes with zeros in front by their format"),
        "{said}"
    );
    assert!(said.contains("123 as 0000123"), "{said}");
    let all = items(&folder.join("plan"), "codes").await;
    let mut codes: Vec<_> = all
        .iter()
        .map(|item| item["properties"]["code"].clone())
        .collect();
    codes.sort_by_key(ToString::to_string);
    assert_eq!(codes, [json!("0000012"), json!("0000123")]);
    // Twenty digits beside a few are texts, not numbers that were rounded.
    fs::write(
        folder.join("c.csv"),
        "c,lon,lat\n31010700100100100101,121.36,31.27\n5,121.36,31.28\n",
    )
    .expect("written");
    well(
        folder,
        &[
            "import",
            "c.csv",
            "--into",
            "long",
            "--plan",
            "plan",
            "--crs",
            "EPSG:4326",
        ],
    );
    let all = items(&folder.join("plan"), "long").await;
    assert!(
        all.iter()
            .any(|item| item["properties"]["c"] == "31010700100100100101"),
        "{all:?}"
    );
}

#[tokio::test]
async fn whole_numbers_beside_large_floats() {
    let folder = folder();
    let folder = folder.path();
    let feature = |a: &str| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"a\":{a},\"b\":1e20}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[121.36,31.27]}}}}"
        )
    };
    let all = ["2305843009213693951", "0.5"].map(feature).join(",");
    fs::write(
        folder.join("a.geojson"),
        format!("{{\"type\":\"FeatureCollection\",\"features\":[{all}]}}"),
    )
    .expect("written");
    let said = import(folder, "a.geojson", &[]);
    assert!(
        said.contains("column a: a number does not keep all digits of 1 whole number"),
        "{said}"
    );
    let found = properties(folder).await;
    assert!(
        found
            .iter()
            .any(|found| found["a"] == "2305843009213693951"),
        "{found:?}"
    );
    assert!(
        found.iter().all(|found| found["b"].as_f64() == Some(1e20)),
        "{found:?}"
    );
}

#[tokio::test]
async fn columns_of_one_name_get_numbers() {
    let folder = folder();
    let folder = folder.path();
    fs::write(
        folder.join("a.csv"),
        "备注,lon,lat,备注\n甲,121.36,31.27,乙\n",
    )
    .expect("written");
    let said = import(folder, "a.csv", &["--crs", "EPSG:4326"]);
    assert!(
        said.contains("column 4 is called 备注 as column 1 is: it is taken as 备注_2"),
        "{said}"
    );
    let found = properties(folder).await;
    assert_eq!(
        (&found[0]["note_zh"], &found[0]["bei_zhu_2"]),
        (&json!("甲"), &json!("乙"))
    );
    // Ten bytes leave the same of two names in UTF-8.
    let feature = r#"{"type":"Feature","properties":{"AAAAAAAAA":"x","BBBBBBBBB":"y"},"geometry":{"type":"Point","coordinates":[121.36,31.27]}}"#;
    fs::write(
        folder.join("b.geojson"),
        format!("{{\"type\":\"FeatureCollection\",\"features\":[{feature}]}}"),
    )
    .expect("written");
    ogr2ogr(folder, &["b.shp", "b.geojson", "-lco", "ENCODING=UTF-8"]);
    let path = folder.join("b.dbf");
    let mut bytes = fs::read(&path).expect("a table");
    for (at, name) in [(32, "规划用地"), (64, "规划用途")] {
        bytes[at..at + 11].fill(0);
        bytes[at..at + 10].copy_from_slice(&name.as_bytes()[..10]);
    }
    fs::write(&path, bytes).expect("written");
    let said = well(
        folder,
        &["import", "b.shp", "--into", "cut", "--plan", "plan"],
    );
    assert!(said.contains("规划用_2"), "{said}");
}

#[tokio::test]
async fn dates_of_surveys_and_columns_that_cannot_be_read() {
    let folder = folder();
    let folder = folder.path();
    let feature = |v: &str, d: &str| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"v\":\"{v}\",\"d\":\"{d}\"}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[121.36,31.27]}}}}"
        )
    };
    let all = [
        feature("2021-01-31T08:00:00Z", "2021-01-31"),
        feature("2021-01-31T08:00:00Z", "2021-01-31"),
    ]
    .join(",");
    fs::write(
        folder.join("a.geojson"),
        format!("{{\"type\":\"FeatureCollection\",\"features\":[{all}]}}"),
    )
    .expect("written");
    ogr2ogr(folder, &["a.gpkg", "a.geojson"]);
    let set = |sql: &str| {
        let database = rusqlite::Connection::open(folder.join("a.gpkg")).expect("a database");
        database.execute_batch(&format!("DROP TRIGGER IF EXISTS rtree_a_geom_update1; DROP TRIGGER IF EXISTS rtree_a_geom_update2; DROP TRIGGER IF EXISTS rtree_a_geom_update3; DROP TRIGGER IF EXISTS rtree_a_geom_update4; DROP TRIGGER IF EXISTS rtree_a_geom_update5; DROP TRIGGER IF EXISTS rtree_a_geom_update6; DROP TRIGGER IF EXISTS rtree_a_geom_update7; {sql}")).expect("changed");
    };
    set("UPDATE a SET v = '2018/02/13 23:59:59+01', d = '2022/9/8'");
    let said = import(folder, "a.gpkg", &[]);
    assert!(
        said.contains("column v: 2 dates or times are written in another form"),
        "{said}"
    );
    assert!(
        said.contains("\"2018/02/13 23:59:59+01\" is read as 2018-02-13T22:59:59Z"),
        "{said}"
    );
    let found = properties(folder).await;
    assert_eq!(found[0]["v"], "2018-02-13T22:59:59Z");
    assert_eq!(found[0]["d"], "2022-09-08");
    set("UPDATE a SET v = 'soon' WHERE fid = 2");
    let said = ill(folder, &words("a.gpkg", &[]));
    assert!(
        said.contains(
            "record 2, column v: expected a time such as 2021-01-31T08:00:00Z, found \"soon\""
        ),
        "{said}"
    );
    assert!(
        said.contains("--skip-column NAME leaves a column out"),
        "{said}"
    );
    for way in [["--skip-column", "v"], ["--null", "soon"]] {
        import(folder, "a.gpkg", &[&way[..], &["--dry-run"]].concat());
    }
    let said = ill(folder, &words("a.gpkg", &["--skip-column", "w"]));
    assert!(
        said.contains("--skip-column w: the layer has no column \"w\"; it has v, d"),
        "{said}"
    );
}

#[tokio::test]
async fn what_cells_lose_is_told() {
    let folder = folder();
    let folder = folder.path();
    let feature = |a: &str, b: &str, t: &str| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"a\":\"{a}\",\"b\":\"{b}\",\"t\":\"{t}\"}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[121.36,31.27]}}}}"
        )
    };
    let all = [
        feature("x", "x", "2021-01-31T08:00:00.123456789Z"),
        feature("", "  ", "2021-01-31T08:00:00Z"),
    ];
    fs::write(
        folder.join("a.geojson"),
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
            all.join(",")
        ),
    )
    .expect("written");
    let said = import(folder, "a.geojson", &[]);
    for line in [
        "column a: 1 text is empty",
        "column b: 1 text is of white space alone",
        "column t: digits beyond the microsecond are left away in 1 time",
        "t -> t, a time",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let found = properties(folder).await;
    assert!(
        found
            .iter()
            .any(|found| found["t"] == "2021-01-31T08:00:00.123456Z"),
        "{found:?}"
    );
}

#[tokio::test]
async fn western_texts_are_no_chinese() {
    let folder = folder();
    let folder = folder.path();
    let feature = r#"{"type":"Feature","properties":{"NAME":"ZZZZZZZZZZZZ"},"geometry":{"type":"Point","coordinates":[121.36,31.27]}}"#;
    fs::write(
        folder.join("a.geojson"),
        format!("{{\"type\":\"FeatureCollection\",\"features\":[{feature},{feature}]}}"),
    )
    .expect("written");
    let write = |texts: [&[u8]; 2]| {
        ogr2ogr(
            folder,
            &[
                "-overwrite",
                "-sql",
                "SELECT CAST(NAME AS CHARACTER(12)) AS NAME FROM a",
                "a.shp",
                "a.geojson",
            ],
        );
        let _ = fs::remove_file(folder.join("a.cpg"));
        let path = folder.join("a.dbf");
        let mut bytes = fs::read(&path).expect("a table");
        // "As the computer is set", as GDAL and ArcGIS wrote for years.
        bytes[29] = 0x57;
        for text in texts {
            let at = bytes
                .windows(12)
                .position(|found| found == [b'Z'; 12])
                .expect("a cell");
            bytes[at..at + 12].fill(b' ');
            bytes[at..at + text.len()].copy_from_slice(text);
        }
        fs::write(&path, bytes).expect("written");
    };
    let (street, ..) = WINDOWS_1252.encode("Fußweg");
    let (region, ..) = WINDOWS_1252.encode("Région");
    let (town, ..) = GBK.encode("桃浦镇");
    write([&street, &region]);
    let said = import(folder, "a.shp", &[]);
    assert!(
        said.contains("read as windows-1252 (Latin-1)") && said.contains("--encoding"),
        "{said}"
    );
    let mut names: Vec<_> = properties(folder)
        .await
        .iter()
        .map(|found| found["name"].clone())
        .collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, [json!("Fußweg"), json!("Région")]);
    // As many words for one as for the other.
    write([&street, &town]);
    let said = ill(folder, &words("a.shp", &[]));
    assert!(
        said.contains("tell it with --encoding (gb18030, windows-1252"),
        "{said}"
    );
    import(folder, "a.shp", &["--encoding", "gb18030"]);
    write([&town, b"plain"]);
    assert!(import(folder, "a.shp", &[]).contains("read as GB18030"));
}
