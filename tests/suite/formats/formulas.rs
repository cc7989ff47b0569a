//! Texts that a spreadsheet would run: made harmless in the file for Excel, and kept elsewhere.

use std::io::Read;

use buju::crs::Crs;
use buju::encode::{Format, Formulas, Wishes};
use buju::model::{Feature, Value};

use super::{Rows, bytes_with};
use crate::support::{Server, cell, column, loaded};
use buju::model::ColumnType;
use buju::snapshot::Snapshot;
use buju::store::Store;

const EVIL: [&str; 8] = [
    "=HYPERLINK(\"http://x.example\")",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "a;=1",
    "＝1",
];

/// Rows of a made-up plan whose names, ids and column names begin as a formula does.
fn rows() -> Rows {
    let columns = vec![
        column("=cmd", ColumnType::String, false),
        column("number", ColumnType::Number, false),
        column("whole", ColumnType::Integer, false),
        column("day", ColumnType::Date, false),
        column("tags", ColumnType::Strings, false),
        column("json", ColumnType::Json, false),
    ];
    let info = loaded(columns, Vec::new()).collections.remove(0).0;
    let row = |(at, text): (usize, &&str)| Feature {
        id: format!("@{at}").into(),
        geometry: None,
        values: vec![
            Value::Text((*text).to_owned()),
            cell(ColumnType::Number, "-1.5"),
            cell(ColumnType::Integer, "-7"),
            cell(ColumnType::Date, "2021-01-31"),
            Value::Strings(vec!["=1".to_owned()]),
            Value::Json("-7".to_owned()),
        ],
    };
    Rows {
        info,
        features: EVIL.iter().enumerate().map(row).collect(),
    }
}

fn records(wishes: Wishes) -> Vec<Vec<String>> {
    let bytes = bytes_with(Format::Csv, &rows(), Crs::Crs84, wishes).expect("a file");
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(bytes);
    let records = reader.records().map(|record| record.expect("a record"));
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn csv_for_a_spreadsheet_runs_nothing() {
    let escaped = records(Wishes {
        bom: true,
        formulas: Formulas::Escape,
        ..Wishes::default()
    });
    let kept = records(Wishes::default());
    assert_eq!(escaped[0][..2], ["id", "'=cmd"], "the header counts too");
    assert_eq!(kept[0][..2], ["id", "=cmd"]);
    for (at, text) in EVIL.iter().enumerate() {
        let (escaped, kept) = (&escaped[at + 1], &kept[at + 1]);
        assert_eq!(kept[1], *text);
        assert_eq!(kept[0], format!("@{at}"));
        assert_eq!(escaped[0], format!("'@{at}"));
        // Numbers and dates stay what their columns say.
        let typed = ["-1.5", "-7", "2021-01-31", "[\"=1\"]", "-7"];
        assert_eq!(
            (&escaped[2..7], &kept[2..7]),
            (&typed.map(String::from)[..], &typed.map(String::from)[..])
        );
        for part in escaped[1].split([';', '\t', '\r', '\n']) {
            let part = part.trim_start();
            assert!(!part.starts_with(['=', '+', '-', '@', '＝']), "{escaped:?}");
        }
        assert_eq!(
            escaped[1].replace('\'', ""),
            *text,
            "nothing else is changed"
        );
    }
    assert_eq!(escaped[1][1], "'=HYPERLINK(\"http://x.example\")");
    assert_eq!(escaped[7][1], "a;'=1");
}

/// A cell of a workbook has its type, so a text stays one.
#[test]
fn a_workbook_has_texts_and_no_formulas_or_links() {
    let bytes = bytes_with(Format::Xlsx, &rows(), Crs::Crs84, Wishes::default());
    let bytes = bytes.expect("a file");
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut cells = 0;
    for at in 0..book.len() {
        let mut text = String::new();
        let mut part = book.by_index(at).expect("a part");
        part.read_to_string(&mut text).expect("XML");
        let name = part.name().expect("a name").into_owned();
        assert!(
            !text.contains("<f>") && !text.contains("<hyperlink"),
            "{name}: {text}"
        );
        assert!(!text.contains("relationships/hyperlink"), "{name}");
        cells += text.matches("HYPERLINK").count();
        if name == "xl/styles.xml" {
            assert!(text.contains("quotePrefix=\"1\""), "{text}");
        }
    }
    assert_eq!(cells, 1);
}

#[tokio::test]
async fn who_asks_decides() {
    let rows = vec![(None, vec![cell(ColumnType::String, "=1+1")])];
    let columns = vec![column("name", ColumnType::String, false)];
    let server = Server::new(Store::new(Snapshot::build(
        loaded(columns, rows),
        Vec::new(),
    )));
    let base = "/collections/shapes/items";
    for (query, expected) in [
        ("f=csv", "=1+1"),
        ("f=csv&bom=true", "'=1+1"),
        ("f=csv&bom=false", "=1+1"),
        ("f=csv&bom=true&formulas=keep", "=1+1"),
        ("f=csv&formulas=escape", "'=1+1"),
    ] {
        let csv = server.get(&format!("{base}?{query}")).await;
        let text = String::from_utf8(csv.body).expect("UTF-8");
        let line = text.lines().nth(1).expect("a row");
        assert_eq!(line.split(',').nth(1), Some(expected), "{query}");
    }
    for (query, word) in [
        ("f=csv&formulas=run", "keep or escape"),
        ("f=csv&formulas=", "keep or escape"),
        ("f=xlsx&formulas=keep", "requires f=csv"),
        ("formulas=keep", "requires f=csv"),
    ] {
        let answer = server.get(&format!("{base}?{query}")).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &problem["parameter"]),
            (400, &"formulas".into())
        );
        let detail = problem["detail"].as_str().expect("a text");
        assert!(detail.contains(word), "{detail}");
    }
}
