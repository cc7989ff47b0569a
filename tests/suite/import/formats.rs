//! What the formats of today's offices hold: encodings by any name, no CRS, lists, objects, times, and files in degrees
//! and grids of anywhere.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::made::{ill, items, ogr2ogr, served, well};

/// A folder with an empty plan `plan`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    well(
        folder.path(),
        &[
            "new",
            "plan",
            "--title",
            "虚构镇",
            "--title-en",
            "A made-up town",
        ],
    );
    folder
}

fn import(folder: &TempDir, file: &str, more: &[&str]) -> String {
    let words = ["import", file, "--into", "it", "--plan", "plan"];
    well(folder.path(), &[&words[..], more].concat())
}

fn refused(folder: &TempDir, file: &str, more: &[&str]) -> String {
    let words = ["import", file, "--into", "it", "--plan", "plan"];
    ill(folder.path(), &[&words[..], more].concat())
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).expect("written");
}

fn points(properties: &[Json]) -> String {
    let features: Vec<_> = (0..)
        .zip(properties)
        .map(|(at, properties)| {
            let place = [121.36 + f64::from(at) * 0.001, 31.27];
            json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties})
        })
        .collect();
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

/// Puts bytes in the place of a text that is as long, in the file's table.
fn with_bytes(folder: &Path, name: &str, text: &str, bytes: &[u8]) {
    let path = folder.join(format!("{name}.dbf"));
    let mut table = fs::read(&path).expect("a table");
    let at = table
        .windows(text.len())
        .position(|window| window == text.as_bytes());
    let at = at.expect("the text");
    table[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(path, table).expect("written");
}

#[test]
fn encodings_by_any_name() {
    let folder = folder();
    write(&folder, "a.geojson", &points(&[json!({"name": "xxxxxx"})]));
    ogr2ogr(folder.path(), &["a.shp", "a.geojson"]);
    for (label, bytes, expected) in [
        ("ISO 88591", &b"R\xe9gion"[..], "Région"),
        ("ISO_8859-1", b"R\xe9gion", "Région"),
        ("88591", b"R\xe9gion", "Région"),
        ("437", b"R\x82gion", "Région"),
        ("CP850", b"R\x82gion", "Région"),
        ("852", b"\x9d\xa2d\x98  ", "Łódś"),
        ("OEM 866", b"\x8c\xae\xe1\xaa\xa2\xa0", "Москва"),
        ("ANSI 936", b"\xcc\xd2\xc6\xd6\xd5\xf2", "桃浦镇"),
        ("System", b"\xcc\xd2\xc6\xd6\xd5\xf2", "桃浦镇"),
        ("OEM", b"\xcc\xd2\xc6\xd6\xd5\xf2", "桃浦镇"),
    ] {
        ogr2ogr(folder.path(), &["-overwrite", "a.shp", "a.geojson"]);
        with_bytes(folder.path(), "a", "xxxxxx", bytes);
        write(&folder, "a.cpg", label);
        let said = import(&folder, "a.shp", &[]);
        let data = fs::read_to_string(folder.path().join("plan/geodata/it.geojson"));
        let data = data.expect("data");
        assert!(
            data.contains(&format!("\"name\":\"{expected}\"")),
            "{label}: {data}"
        );
        let whatever = ["System", "OEM"].contains(&label);
        assert_eq!(said.contains("which names no encoding"), whatever, "{said}");
        // --encoding takes the same names.
        fs::remove_file(folder.path().join("a.cpg")).expect("removed");
        if !whatever {
            import(&folder, "a.shp", &["--encoding", label]);
            let again = fs::read_to_string(folder.path().join("plan/geodata/it.geojson"));
            assert_eq!(again.expect("data"), data, "{label}");
        }
    }
    write(&folder, "a.cpg", "klingon");
    let told = refused(&folder, "a.shp", &[]);
    assert!(
        told.contains("\"klingon\"") && told.contains("--encoding"),
        "{told}"
    );
}

/// Triggers of an index call functions that only GDAL has.
fn without_triggers(database: &rusqlite::Connection) {
    let mut asked = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .expect("a list");
    let names = asked
        .query_map([], |row| row.get::<_, String>(0))
        .expect("names");
    let names: Vec<_> = names.map(|name| name.expect("a name")).collect();
    for name in names {
        let drop = format!("DROP TRIGGER \"{name}\"");
        database.execute_batch(&drop).expect("dropped");
    }
}

#[test]
fn a_file_without_a_crs_says_what_helps() {
    let folder = folder();
    write(&folder, "a.geojson", &points(&[json!({"n": 1})]));
    ogr2ogr(folder.path(), &["a.gpkg", "a.geojson", "-nln", "a"]);
    let database = rusqlite::Connection::open(folder.path().join("a.gpkg")).expect("a file");
    let undefined = r#"LOCAL_CS["Undefined SRS",LOCAL_DATUM["unknown",32767],UNIT["unknown",0],AXIS["Easting",EAST],AXIS["Northing",NORTH]]"#;
    for (srs, name, definition) in [
        (99_999, "Undefined SRS", undefined),
        (-1, "Undefined cartesian SRS", "undefined"),
        (0, "Undefined geographic SRS", "undefined"),
        // Of a number of its own, and of a site.
        (100_000, "Unknown", undefined),
        (
            100_001,
            "The yard",
            r#"LOCAL_CS["The yard",UNIT["metre",1]]"#,
        ),
    ] {
        let change = |sql: &str| {
            database
                .execute_batch(sql)
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
        };
        change(&format!(
            "DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = {srs}"
        ));
        database
            .execute(
                "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition) VALUES (?, ?, 'NONE', ?, ?)",
                rusqlite::params![name, srs, srs, definition],
            )
            .expect("a row");
        change(&format!(
            "UPDATE gpkg_geometry_columns SET srs_id = {srs}; UPDATE gpkg_contents SET srs_id = {srs}"
        ));
        let blob: Vec<u8> = database
            .query_row("SELECT geom FROM a", [], |row| row.get(0))
            .expect("a shape");
        let mut blob = blob;
        blob[4..8].copy_from_slice(&i32::to_le_bytes(srs));
        without_triggers(&database);
        database
            .execute("UPDATE a SET geom = ?", [&blob])
            .expect("a shape");
        let told = refused(&folder, "a.gpkg", &[]);
        assert!(
            told.contains("the file does not tell its CRS, so --crs has to. The coordinates, such as 121.36 31.27, look like degrees of longitude and latitude (--crs EPSG:4490)"),
            "{srs}: {told}"
        );
        import(&folder, "a.gpkg", &["--crs", "EPSG:4490"]);
    }
    // A CRS that cannot be read names the option as well.
    write(&folder, "b.csv", "x,y\n121.36,31.27\n");
    write(&folder, "b.prj", "no CRS at all");
    let told = refused(&folder, "b.csv", &[]);
    assert!(
        told.contains("b.prj says what its CRS is") && told.contains("--crs"),
        "{told}"
    );
}

#[test]
fn places_anywhere_have_a_hint() {
    for (rows, expected) in [
        (
            "2.35,48.85",
            "look like degrees of longitude and latitude (--crs EPSG:4326",
        ),
        (
            "-118.25,34.05",
            "look like degrees of longitude and latitude (--crs EPSG:4326)",
        ),
        ("452000,5411000", "EPSG:32601 to EPSG:32660"),
        ("261600.5,6250500.25", "Web Mercator (--crs EPSG:3857)"),
        (
            "2600000,1200000",
            "a national grid (--crs and its EPSG code",
        ),
    ] {
        let folder = folder();
        write(&folder, "a.csv", &format!("id,x,y\nA,{rows}\n"));
        let told = refused(&folder, "a.csv", &[]);
        assert!(told.contains(expected), "{rows}: {told}");
    }
}

#[test]
fn coordinates_as_people_write_them() {
    let folder = folder();
    let rows = "名称;经度;纬度\na;121°21'36\"E;31°16'12\"N\nb;东经121度21分36秒;北纬31度16分12秒\nc;121 21 36;31 16 12\nd;121,36;31,27\ne;121.36;31.27\n";
    write(&folder, "a.csv", rows);
    let said = import(&folder, "a.csv", &["--crs", "EPSG:4490"]);
    assert!(
        said.contains("8 coordinates are in degrees, minutes and seconds, or have a comma: \"121°21'36\\\"E\" is read as 121.36"),
        "{said}"
    );
    let data = fs::read_to_string(folder.path().join("plan/geodata/it.geojson")).expect("data");
    assert_eq!(data.matches("[121.36,31.27]").count(), 5, "{data}");
    write(&folder, "b.csv", "名称;经度;纬度\na;628,735;31,27\n");
    let told = refused(&folder, "b.csv", &["--crs", "EPSG:4490"]);
    assert!(
        told.contains("record 1, column 经度") && told.contains("\"628,735\""),
        "{told}"
    );
}

#[tokio::test]
async fn objects_lists_and_times_of_a_feed() {
    let folder = folder();
    let work = |direction: &str, start: &str, end: &str| {
        json!({
            "core_details": {"direction": direction, "road_names": ["First Rd", "二路"], "lanes": {"open": 2}},
            "types": ["a", "b"],
            "mixed": ["a", 1],
            "start_date": start,
            "end_date": end,
        })
    };
    let feed = points(&[
        work(
            "northbound",
            "2026-01-31T16:00:00+08:00",
            "2026-03-01T00:00:00Z",
        ),
        work(
            "southbound",
            "2026-02-10T16:00:00+08:00",
            "2026-02-20T00:00:00Z",
        ),
    ]);
    write(&folder, "feed.geojson", &feed);
    let said = import(&folder, "feed.geojson", &[]);
    assert!(
        said.contains("column core_details holds objects, of which direction, road_names, lanes can be columns of their own: --map \"core_details.direction=direction\""),
        "{said}"
    );
    assert!(
        said.contains("its time is start_date to end_date"),
        "{said}"
    );
    let maps = [
        "--map",
        "core_details.direction=direction",
        "--map",
        "core_details.road_names=roads",
        "--map",
        "core_details.lanes.open=lanes",
    ];
    let infer = [&["infer", "feed.geojson", "--into", "mapped"][..], &maps].concat();
    let tables = well(folder.path(), &infer);
    let tables: toml::Value = toml::from_str(&tables).expect("TOML");
    let kind = |name: &str| tables["columns"][name]["type"].as_str().expect("a type");
    assert_eq!(kind("direction"), "string");
    assert_eq!(kind("roads"), "strings");
    assert_eq!(kind("lanes"), "integer");
    assert_eq!(kind("types"), "strings");
    assert_eq!(kind("mixed"), "json");
    let time = &tables["collections"][0]["time"];
    assert_eq!(
        (time["start"].as_str(), time["end"].as_str()),
        (Some("start_date"), Some("end_date"))
    );
    let import = [
        &[
            "import",
            "feed.geojson",
            "--into",
            "mapped",
            "--plan",
            "plan",
        ][..],
        &maps,
    ]
    .concat();
    well(folder.path(), &import);
    let server = served(&folder.path().join("plan"));
    for (query, matched) in [
        ("direction=southbound", 1),
        ("lanes=2", 2),
        ("datetime=2026-02-25", 1),
        ("datetime=2030-01-01", 0),
    ] {
        let page = server
            .get(&format!("/collections/mapped/items?{query}"))
            .await
            .json();
        assert_eq!(page["numberMatched"], matched, "{query}: {page}");
    }
    let all = items(&folder.path().join("plan"), "mapped").await;
    assert_eq!(all[0]["properties"]["roads"], json!(["First Rd", "二路"]));
    // What is no part says what there is.
    let told = refused(
        &folder,
        "feed.geojson",
        &["--map", "gone.direction=direction"],
    );
    assert!(told.contains("has no column \"gone.direction\""), "{told}");
}

#[test]
fn a_geopackage_tells_lists_and_single_numbers() {
    let folder = folder();
    write(
        &folder,
        "a.geojson",
        &points(&[
            json!({"tags": "[\"a\",\"b\"]", "part": 0.5, "n": 1}),
            json!({"tags": "[]", "part": 0.25, "n": 2}),
        ]),
    );
    ogr2ogr(folder.path(), &["a.gpkg", "a.geojson", "-nln", "a"]);
    let database = rusqlite::Connection::open(folder.path().join("a.gpkg")).expect("a file");
    database
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT, column_name TEXT, name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT);
             INSERT INTO gpkg_data_columns (table_name, column_name, mime_type) VALUES ('a', 'tags', 'application/json');
             ALTER TABLE a ADD COLUMN single FLOAT; ALTER TABLE a ADD COLUMN double DOUBLE;",
        )
        .expect("changed");
    without_triggers(&database);
    database
        .execute(
            "UPDATE a SET single = ?, double = ?",
            [f64::from(0.1_f32), f64::from(0.1_f32)],
        )
        .expect("numbers");
    drop(database);
    import(&folder, "a.gpkg", &[]);
    let data = fs::read_to_string(folder.path().join("plan/geodata/it.geojson")).expect("data");
    assert!(
        data.contains("\"tags\":[\"a\",\"b\"]") && data.contains("\"tags\":[]"),
        "{data}"
    );
    assert!(
        data.contains("\"single\":0.1,\"double\":0.10000000149011612"),
        "{data}"
    );
    let tables = fs::read_to_string(folder.path().join("plan/seeds/collections.toml"));
    let tables: toml::Value = toml::from_str(&tables.expect("tables")).expect("TOML");
    assert_eq!(tables["columns"]["tags"]["type"].as_str(), Some("strings"));
}

#[test]
fn tables_for_the_file_itself_keep_its_names() {
    let folder = folder();
    write(
        &folder,
        "a.geojson",
        &points(&[
            json!({"OBJ_CODE": "a", "plotRatio": 1.5, "ID": "x", "容积率": 2.0, "Start": "2021-01-31", "End": "2021-02-01"}),
        ]),
    );
    ogr2ogr(folder.path(), &["a.gpkg", "a.geojson", "-nln", "a"]);
    let tables = well(
        folder.path(),
        &["infer", "a.gpkg", "--direct", "--map", "plotRatio=ratio"],
    );
    let tables: toml::Value = toml::from_str(&tables).expect("TOML");
    let collection = &tables["collections"][0];
    let columns: Vec<_> = collection["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .filter_map(|name| name.as_str())
        .collect();
    assert_eq!(
        columns,
        [
            "OBJ_CODE",
            "ratio",
            "source_id",
            "plot_ratio",
            "Start",
            "End"
        ]
    );
    assert_eq!(
        collection["fields"],
        toml::from_str::<toml::Value>(
            "plotRatio = \"ratio\"\nID = \"source_id\"\n\"容积率\" = \"plot_ratio\""
        )
        .expect("TOML")
    );
    assert_eq!(collection["time"]["start"].as_str(), Some("Start"));
    // A collection that is imported has names as all others.
    let tables = well(folder.path(), &["infer", "a.gpkg"]);
    assert!(tables.contains("\"obj_code\""), "{tables}");
}

/// The README's examples of options for messy files, as they stand there.
#[test]
fn examples_of_the_readme() {
    let folder = folder();
    fs::rename(folder.path().join("plan"), folder.path().join("my-town")).expect("renamed");
    write(
        &folder,
        "feed.geojson",
        &points(&[json!({"core_details": {"direction": "northbound"}})]),
    );
    write(&folder, "a.geojson", &points(&[json!({"name": "xxxxxx"})]));
    ogr2ogr(folder.path(), &["roads.shp", "a.geojson"]);
    with_bytes(folder.path(), "roads", "xxxxxx", b"\x9d\xa2d\x98  ");
    // GDAL writes one only where a text is not ASCII.
    let _ = fs::remove_file(folder.path().join("roads.cpg"));
    ogr2ogr(
        folder.path(),
        &[
            "nocrs.gpkg",
            "a.geojson",
            "-a_srs",
            "LOCAL_CS[\"Undefined SRS\"]",
        ],
    );
    fs::write(folder.path().join("rows.parquet"), two_shapes()).expect("written");
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.expect("the README");
    for (option, expected) in [
        ("--encoding", "\"name\":\"Łódś\""),
        ("--crs", "\"coordinates\":[121.36,31.27]"),
        ("--geometry", "\"coordinates\":[121.36,31.27]"),
        ("--map COLUMN.PART=NAME", "\"direction\":\"northbound\""),
    ] {
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{option}` |")));
        let row = row.unwrap_or_else(|| panic!("no row {option}"));
        let example = row.rsplit('`').nth(1).expect("an example");
        let words: Vec<_> = example.split(' ').skip(1).collect();
        well(folder.path(), &words);
        let into = words
            .iter()
            .position(|word| *word == "--into")
            .expect("a collection");
        let data = folder
            .path()
            .join(format!("my-town/geodata/{}.geojson", words[into + 1]));
        let data = fs::read_to_string(data).expect("data");
        assert!(data.contains(expected), "{option}: {data}");
    }
}

/// Parquet without metadata, with a point in a column `other` and another in `wkb`.
fn two_shapes() -> Vec<u8> {
    use geozero::{CoordDimensions, ToWkb};
    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message rows { required binary other; required binary wkb; }";
    let schema = parquet::schema::parser::parse_message_type(schema).expect("a schema");
    let mut out = Vec::new();
    let properties = std::sync::Arc::new(WriterProperties::builder().build());
    let mut writer =
        SerializedFileWriter::new(&mut out, schema.into(), properties).expect("a file");
    let mut group = writer.next_row_group().expect("a group");
    for x in [121.361, 121.36] {
        let shape: geo::Geometry<f64> = geo::Point::new(x, 31.27).into();
        let wkb = shape.to_wkb(CoordDimensions::xy()).expect("WKB");
        let mut column = group.next_column().expect("a column").expect("one more");
        let put = column
            .typed::<ByteArrayType>()
            .write_batch(&[ByteArray::from(wkb)], None, None);
        put.expect("a cell");
        column.close().expect("a column");
    }
    group.close().expect("a group");
    writer.close().expect("a file");
    out
}
