//! The readers: GDAL, calamine, and the parquet crate's reader with geozero's WKB.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::process::Command;

use buju::encode::Format;
use buju::model::Stamp;
use calamine::{Data, Reader, Xlsx, open_workbook};
use geo::Geometry;
use geozero::ToGeo;
use geozero::wkb::{GpkgWkb, Wkb};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use wkt::TryFromWkt;

/// A row as it was read.
#[derive(Debug, Default)]
pub struct Row {
    pub id: String,
    pub geometry: Option<Geometry>,
    pub cells: HashMap<String, Json>,
}

/// A download on disk, gone with this value.
pub struct File {
    folder: TempDir,
    name: String,
}

impl File {
    pub fn new(format: Format, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let name = format!("rows.{}", format.extension());
        fs::write(folder.path().join(&name), bytes).expect("written");
        Self { folder, name }
    }

    pub fn path(&self) -> String {
        let path = self.folder.path().join(&self.name);
        path.to_str().expect("a text").to_owned()
    }

    /// A file of a zip, as GDAL names it.
    pub fn inside(&self, name: &str) -> String {
        format!("/vsizip/{}/{name}", self.path())
    }

    /// The names in a zip.
    fn members(&self) -> Vec<String> {
        let names = self.zip();
        let names = names.file_names().map(|name| name.expect("UTF-8"));
        names.map(Into::into).collect()
    }

    /// A CSV file of a zip, without its header.
    pub fn table(&self, name: &str) -> Vec<csv::StringRecord> {
        let mut zip = self.zip();
        let member = zip.by_name(name).unwrap_or_else(|_| panic!("no {name}"));
        let mut lines = csv::Reader::from_reader(member);
        lines
            .records()
            .map(|line| line.expect("a record"))
            .collect()
    }

    /// The bytes of the files of a zip whose names end so.
    pub fn members_ending(&self, ending: &str) -> Vec<Vec<u8>> {
        let mut zip = self.zip();
        let names = self.members();
        let names = names.iter().filter(|name| name.ends_with(ending));
        names
            .map(|name| {
                let mut bytes = Vec::new();
                let mut member = zip.by_name(name).expect("a member");
                member.read_to_end(&mut bytes).expect("its bytes");
                bytes
            })
            .collect()
    }

    fn zip(&self) -> zip::ZipArchive<fs::File> {
        let zip = fs::File::open(self.path()).expect("a file");
        zip::ZipArchive::new(zip).expect("a zip")
    }
}

pub fn ogrinfo(arguments: &[&str]) -> String {
    run("ogrinfo", arguments)
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.expect("GDAL is needed: ./dev test installs it");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {messages}");
    assert!(!messages.contains("Warning"), "{arguments:?}: {messages}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// What GDAL finds in a file: it writes a `GeoPackage` of its own, because its texts cut digits.
pub fn gdal(path: &str) -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.gpkg");
    let copy = copy.to_str().expect("a text");
    let mut arguments = vec!["-f", "GPKG", copy, path];
    arguments.extend(["-nln", "copy", "-nlt", "GEOMETRY", "-lco", "FID=own_fid"]);
    arguments.extend(["-lco", "GEOMETRY_NAME=own_geom"]);
    if ["geojson", "json"].contains(&extension(path)) {
        // GDAL's GeoPackage has no lists.
        arguments.extend(["-oo", "ARRAY_AS_STRING=YES"]);
    }
    if extension(path) == "csv" {
        arguments.extend(["-oo", "GEOM_POSSIBLE_NAMES=geometry"]);
        arguments.extend(["-oo", "KEEP_GEOM_COLUMNS=NO"]);
        arguments.extend(["-oo", "EMPTY_STRING_AS_NULL=YES"]);
    }
    run("ogr2ogr", &arguments);
    let copy = Connection::open(copy).expect("a GeoPackage");
    let Ok(mut all) = copy.prepare("SELECT * FROM copy") else {
        // A format without a schema has no layer where it has no feature.
        assert!(
            ["geojson", "json", "kml"].contains(&extension(path)),
            "{path}"
        );
        return Vec::new();
    };
    let names = all.column_names().into_iter().map(str::to_owned);
    let names: Vec<_> = names.collect();
    let rows = all.query_map([], |row| {
        let mut read = Row::default();
        for (at, name) in names.iter().enumerate() {
            let cell = match row.get(at)? {
                Cell::Null => continue,
                Cell::Integer(_) if name == "own_fid" => continue,
                Cell::Text(text) if name == "id" => {
                    read.id = text;
                    continue;
                }
                Cell::Blob(bytes) => {
                    read.geometry = Some(GpkgWkb(bytes).to_geo().expect("WKB"));
                    continue;
                }
                Cell::Text(text) => json!(text),
                Cell::Integer(number) => json!(number),
                Cell::Real(number) => json!(number),
            };
            read.cells.insert(name.clone(), cell);
        }
        Ok(read)
    });
    let rows = rows.expect("rows").map(|row| row.expect("a row"));
    rows.collect()
}

/// All sets of a shapefile's zip, with the names and the texts that its two tables have in full.
pub fn shapefile_rows(file: &File) -> Vec<Row> {
    let members = file.members();
    let own = |name: &&String| extension(name) == "shp" || name.ends_with("_without_place.dbf");
    let mut rows: Vec<Row> = members
        .iter()
        .filter(own)
        .flat_map(|name| gdal(&file.inside(name)))
        .collect();
    let columns = file.table("columns.csv");
    let names: HashMap<String, String> = columns
        .iter()
        .map(|line| (line[0].to_owned(), line[1].to_owned()))
        .collect();
    // GDAL takes truth values for texts before 3.9, and then the sign of none for a text as well.
    let truths: Vec<_> = columns
        .iter()
        .filter(|line| &line[4] == "true or false")
        .map(|line| line[0].to_owned())
        .collect();
    for row in &mut rows {
        let cells = std::mem::take(&mut row.cells).into_iter();
        row.cells = cells
            .filter(|(name, cell)| !(truths.contains(name) && cell == "?"))
            .map(|(name, cell)| (names[&name].clone(), cell))
            .collect();
    }
    if members.iter().any(|name| name == "texts.csv") {
        for line in file.table("texts.csv") {
            let row = rows.iter_mut().find(|row| row.id == line[0]);
            let row = row.unwrap_or_else(|| panic!("no row {:?}", &line[0]));
            let cut = row.cells.insert(line[1].to_owned(), line[2].into());
            let cut = cut.expect("its beginning");
            let cut = cut.as_str().expect("a text").trim_end_matches('…');
            assert!(line[2].starts_with(cut), "{cut}");
        }
    }
    rows
}

pub fn xlsx_rows(file: &File) -> Vec<Row> {
    let mut book: Xlsx<_> = open_workbook(file.path()).expect("a workbook");
    let mut long: HashMap<(String, String), String> = HashMap::new();
    if let Ok(sheet) = book.worksheet_range("long_texts") {
        for row in sheet.rows().skip(1) {
            let key = (row[0].to_string(), row[1].to_string());
            long.entry(key).or_default().push_str(&row[3].to_string());
        }
    }
    let explained = book.worksheet_range("columns").expect("a sheet");
    let sheet = book.worksheet_range("data").expect("a sheet");
    let mut rows = sheet.rows();
    let header: Vec<_> = rows
        .next()
        .expect("a header")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        explained.height() + 1,
        header.len(),
        "every column is explained"
    );
    let read = rows.map(|cells| {
        let id = cells[0].to_string();
        let cells = header.iter().zip(cells).skip(1).filter_map(|(name, cell)| {
            let whole = long.get(&(id.clone(), name.clone()));
            let cell = match (whole, cell) {
                (Some(text), _) | (None, Data::String(text)) => json!(text),
                (None, Data::Empty) => return None,
                (None, Data::Float(number)) => json!(number),
                (None, Data::Int(number)) => json!(number),
                (None, Data::Bool(flag)) => json!(flag),
                (None, Data::DateTime(time)) => json!(moment(time.as_f64())),
                (None, other) => panic!("{name}: {other:?}"),
            };
            Some((name.clone(), cell))
        });
        let mut cells: HashMap<_, _> = cells.collect();
        let geometry = cells.remove("geometry");
        let geometry = geometry.map(|text| {
            let text = text.as_str().expect("a text").to_owned();
            Geometry::try_from_wkt_str(&text).expect("WKT")
        });
        Row {
            id,
            geometry,
            cells,
        }
    });
    read.collect()
}

/// Days since 1899-12-30, to the millisecond, in the words of RFC 3339.
fn moment(serial: f64) -> String {
    let millis = ((serial - 25_569.0) * 86_400_000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "some thousand years")]
    Stamp::from_micros(millis as i64 * 1_000).to_string()
}

/// The `geo` metadata of a `GeoParquet` file.
pub fn parquet_geo(file: &File) -> Json {
    let reader = SerializedFileReader::new(fs::File::open(file.path()).expect("a file"));
    let reader = reader.expect("a parquet file");
    let metadata = reader.metadata().file_metadata().key_value_metadata();
    let geo = metadata
        .expect("metadata")
        .iter()
        .find(|entry| entry.key == "geo");
    let geo = geo.and_then(|entry| entry.value.clone()).expect("geo");
    serde_json::from_str(&geo).expect("JSON")
}

pub fn parquet_rows(file: &File) -> Vec<Row> {
    let geo = parquet_geo(file);
    assert_eq!(
        (&geo["version"], &geo["columns"]["geometry"]["encoding"]),
        (&"1.1.0".into(), &"WKB".into())
    );
    let reader = SerializedFileReader::new(fs::File::open(file.path()).expect("a file"));
    let reader = reader.expect("a parquet file");
    let rows = reader.get_row_iter(None).expect("rows").map(|row| {
        let row = row.expect("a row");
        let mut cells = HashMap::new();
        let mut geometry = None;
        let mut id = None;
        for (name, field) in row.get_column_iter() {
            let cell = match field {
                Field::Null => continue,
                Field::Str(text) if name == "id" => {
                    id = Some(text.clone());
                    continue;
                }
                Field::Bytes(bytes) if name == "geometry" => {
                    geometry = Some(Wkb(bytes.data().to_vec()).to_geo().expect("WKB"));
                    continue;
                }
                Field::Group(_) if name == "bbox" => continue,
                Field::Str(text) => json!(text),
                Field::Long(number) => json!(number),
                Field::Double(number) => json!(number),
                Field::Bool(flag) => json!(flag),
                Field::Date(days) => json!(Stamp::from_days(*days).to_string()),
                Field::TimestampMicros(micros) => json!(Stamp::from_micros(*micros).to_string()),
                Field::ListInternal(list) => {
                    let texts = list.elements().iter().map(|text| match text {
                        Field::Str(text) => text.clone(),
                        other => panic!("{name}: {other:?}"),
                    });
                    json!(texts.collect::<Vec<_>>())
                }
                other => panic!("{name}: {other:?}"),
            };
            cells.insert(name.clone(), cell);
        }
        Row {
            id: id.expect("an id"),
            geometry,
            cells,
        }
    });
    rows.collect()
}
