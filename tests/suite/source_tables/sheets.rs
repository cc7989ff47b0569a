//! XLSX by GDAL and by another writer, against GDAL and calamine.

use std::fs::{self, File};
use std::path::Path;

use buju::model::Value;
use buju::source::{Options, Source, SourceCrs};
use calamine::{Data, Reader, Xlsx, open_workbook};
use geo::Point;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::made::{Made, all, by_gdal, by_us, gdal, geojson, same, with_part};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn refused(path: &str, options: &Options) -> String {
    let source = Source::open(Path::new(path), options);
    source
        .err()
        .unwrap_or_else(|| panic!("{path} was read"))
        .to_string()
}

#[test]
fn sheets_by_gdal_are_read_as_gdal_and_calamine_read_them() {
    let made = Made::new();
    let input = made.input("points", &geojson("points", 60));
    let path = made.path("a.xlsx");
    gdal(&[
        "-sql",
        "SELECT * FROM points",
        "-dialect",
        "OGRSQL",
        &path,
        &input,
    ]);
    let (layer, records) = all(&path, &Options::default());
    same("xlsx", &layer, &records, &by_gdal(&path, None));
    let source = by_gdal(&input, None);
    same(
        "source",
        &layer,
        &without_places(&records),
        &without(source),
    );

    let mut book: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    for (record, row) in records.iter().zip(range.rows().skip(1)) {
        for (ours, theirs) in record.values.iter().zip(row) {
            let equal = match (ours, theirs) {
                (Value::Null, Data::Empty) => true,
                (Value::Text(ours), Data::String(theirs)) => ours == theirs,
                (ours, Data::Float(theirs)) => ours.as_f64() == Some(*theirs),
                (Value::Date(days), Data::DateTime(theirs)) => {
                    (f64::from(*days) + 25_569.0 - theirs.as_f64()).abs() < 1e-9
                }
                _ => false,
            };
            assert!(equal, "{ours:?} {theirs:?}");
        }
    }
}

fn without_places(records: &[buju::source::Record]) -> Vec<buju::source::Record> {
    let plain = |record: &buju::source::Record| buju::source::Record {
        geometry: None,
        ..record.clone()
    };
    records.iter().map(plain).collect()
}

fn without(rows: Vec<super::made::Row>) -> Vec<super::made::Row> {
    let plain = |row: super::made::Row| super::made::Row {
        geometry: None,
        ..row
    };
    rows.into_iter().map(plain).collect()
}

/// Cells of every kind; a row and a column are blank before the header.
fn of_every_kind(path: &str) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = |code: &str| Format::new().set_num_format(code);
    for (at, name) in [
        "名称", "lng", "lat", "日期", "时刻", "钟点", "时长", "flag", "2021", "", "formula",
    ]
    .iter()
    .enumerate()
    {
        let column = u16::try_from(at + 1).expect("a column");
        match name.parse::<f64>() {
            Ok(number) => sheet.write_number(1, column, number).expect("written"),
            Err(_) => sheet.write_string(1, column, *name).expect("written"),
        };
    }
    let day = ExcelDateTime::parse_from_str("2021-01-31").expect("a day");
    let moment = ExcelDateTime::parse_from_str("2021-01-31 08:30:15").expect("a moment");
    sheet
        .write_string(2, 1, "桃浦 <&> _x000D_\n")
        .expect("written");
    sheet.write_number(2, 2, 121.35).expect("written");
    sheet.write_number(2, 3, 31.28).expect("written");
    sheet
        .write_datetime_with_format(2, 4, &day, &format("yyyy\"年\"m\"月\"d\"日\""))
        .expect("written");
    sheet
        .write_datetime_with_format(2, 5, &moment, &format("yyyy-mm-dd hh:mm"))
        .expect("written");
    sheet
        .write_number_with_format(2, 6, 0.5, &format("h:mm"))
        .expect("written");
    sheet
        .write_number_with_format(2, 7, 1.5, &format("[h]:mm"))
        .expect("written");
    sheet.write_boolean(2, 8, true).expect("written");
    sheet.write_number(2, 9, 0.1).expect("written");
    sheet.write_number(2, 10, 12.0).expect("written");
    sheet
        .write_formula(2, 11, Formula::new("=1+1").set_result("2"))
        .expect("written");
    // A row is blank, and one is an error.
    sheet.write_string(4, 1, "坏").expect("written");
    sheet
        .write_formula(4, 11, Formula::new("=1/0").set_result("#DIV/0!"))
        .expect("written");
    sheet.write_string(5, 1, "宽").expect("written");
    sheet.write_string(5, 14, "beyond").expect("written");
    sheet
        .merge_range(6, 1, 6, 3, "merged", &Format::new())
        .expect("merged");
    book.save(path).expect("saved");
}

#[test]
fn cells_of_every_kind() {
    let made = Made::new();
    let path = made.path("a.xlsx");
    of_every_kind(&path);
    let (layer, records) = by_us(&path, &Options::default());
    let names: Vec<_> = layer
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "名称",
            "日期",
            "时刻",
            "钟点",
            "时长",
            "flag",
            "2021",
            "column_10",
            "formula"
        ]
    );
    let first = records[0].as_ref().expect("a record");
    assert_eq!(first.number, 1);
    assert_eq!(first.geometry, Some(Point::new(121.35, 31.28).into()));
    let shown: Vec<_> = first.values.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "桃浦 <&> _x000D_\n",
            "2021-01-31",
            "2021-01-31T08:30:15Z",
            "12:00:00",
            "36:00:00",
            "true",
            "0.1",
            "12",
            "2"
        ]
    );
    assert!(
        matches!(first.values[1], Value::Date(_)) && matches!(first.values[7], Value::Integer(12))
    );
    let told: Vec<_> = records[1..]
        .iter()
        .map(|record| record.as_ref().map(|_| ()).map_err(ToString::to_string))
        .collect();
    let error = |at: usize| told[at].as_ref().expect_err("bad").as_str();
    assert!(
        error(0).starts_with("record 3, column formula: the cell is #DIV/0!"),
        "{}",
        error(0)
    );
    assert!(
        error(1).starts_with("record 4: row 6 has a cell in column 15 of the sheet"),
        "{}",
        error(1)
    );
    for note in [
        "column 10 has no name: it is called column_10",
        "the header is row 2, the first that is neither blank nor a title across columns",
        "1 blank rows are left out",
        "1 ranges of cells are merged",
        "1 times have no zone",
        "the places are columns lng",
    ] {
        assert!(
            layer.notes.iter().any(|found| found.starts_with(note)),
            "{note}: {:?}",
            layer.notes
        );
    }
    assert_eq!(layer.crs, SourceCrs::Untold);
}

#[test]
fn one_of_several_sheets_is_chosen() {
    let made = Made::new();
    let path = made.path("a.xlsx");
    let mut book = Workbook::new();
    for (name, cell) in [("说明", None), ("地块", Some("a")), ("空", None)] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).expect("a name");
        if let Some(cell) = cell {
            sheet.write_string(0, 0, cell).expect("written");
            sheet.write_string(1, 0, "b").expect("written");
        }
    }
    book.save(&path).expect("saved");
    let (layer, records) = all(&path, &Options::default());
    assert_eq!(
        (layer.name.as_str(), records[0].values.clone()),
        ("地块", vec![text("b")])
    );

    let mut book = Workbook::new();
    for name in ["地块", "道路"] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).expect("a name");
        sheet.write_string(0, 0, name).expect("written");
    }
    // One without cells is none of them.
    let sheet = book.add_worksheet();
    sheet.set_name("空表").expect("a name");
    book.save(&path).expect("saved");
    let error = refused(&path, &Options::default());
    assert!(
        error.ends_with(
            "it has several sheets with cells; choose one with --layer; it has 地块, 道路"
        ),
        "{error}"
    );
    let asked = |name: &str| Options {
        layer: Some(name.to_owned()),
        ..Options::default()
    };
    assert_eq!(all(&path, &asked("道路")).0.name, "道路");
    assert!(
        refused(&path, &asked("绿地"))
            .contains("it has no sheet \"绿地\"; it has 地块, 道路, 空表")
    );
}

/// A workbook of two columns and a row.
fn small(made: &Made) -> String {
    let path = made.path("small.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [["a", "b"], ["x", "y"]].iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (
                u32::try_from(row).expect("small"),
                u16::try_from(column).expect("small"),
            );
            sheet.write_string(row, column, *cell).expect("written");
        }
    }
    book.save(&path).expect("saved");
    path
}

#[test]
fn claims_of_a_workbook_are_not_believed() {
    let made = Made::new();
    let path = small(&made);
    with_part(&path, "xl/sharedStrings.xml", |text| {
        text.replace("uniqueCount=\"4\"", "uniqueCount=\"99999999999999\"")
    });
    with_part(&path, "xl/worksheets/sheet1.xml", |text| {
        text.replace("ref=\"A1:B2\"", "ref=\"A1:XFD1048576\"")
    });
    let (_, records) = all(&path, &Options::default());
    assert_eq!(records[0].values, [text("x"), text("y")]);

    let sheet = "xl/worksheets/sheet1.xml";
    for (from, to, expected) in [
        (
            "r=\"B2\"",
            "r=\"AAAAAAAAAAAAAAAAAAAAAAAA2\"",
            "row 2: \"AAAAAAAAAAAAAAAAAAAAAAAA2\" is no cell",
        ),
        (
            "<row r=\"2\"",
            "<row r=\"99999999999\"",
            "expected a row after row 1, up to 1048576",
        ),
        ("<row r=\"2\"", "<row r=\"1\"", "expected a row after row 1"),
        ("r=\"B2\"", "r=\"A2\"", "row 2: its cells are in no order"),
        (
            "</sheetData>",
            "&undeclared;</sheetData",
            "xl/worksheets/sheet1.xml",
        ),
        ("</c></row></sheetData>", "", "sheet1.xml"),
    ] {
        let path = small(&made);
        with_part(&path, sheet, |text| text.replacen(from, to, 1));
        let error = refused(&path, &Options::default());
        assert!(error.contains(expected), "{from}: {error}");
    }
    let path = small(&made);
    with_part(&path, sheet, |text| text.replace("<v>3</v>", "<v>9</v>"));
    let (_, records) = by_us(&path, &Options::default());
    let error = records[0].as_ref().expect_err("bad").to_string();
    assert_eq!(
        error,
        "record 1, column b: its text is number 9 of 4 shared ones, which is not there"
    );
    // Programs that do not reckon leave the value away, or empty.
    for formula in ["<f>1+1</f>", "<f>1+1</f><v/>", "<f>1+1</f><v></v>"] {
        let path = small(&made);
        with_part(&path, sheet, |text| text.replace("<v>3</v>", formula));
        let (_, records) = by_us(&path, &Options::default());
        let error = records[0].as_ref().expect_err("bad").to_string();
        assert!(
            error.contains("column b: a formula without its value"),
            "{formula}: {error}"
        );
    }
    // Of a formula whose value is an empty text.
    let path = small(&made);
    with_part(&path, sheet, |text| {
        text.replace(" t=\"s\"><v>3</v>", " t=\"str\"><f>\"\"</f><v></v>")
    });
    let (_, records) = all(&path, &Options::default());
    assert_eq!(records[0].values, [text("x"), Value::Null]);
    let path = small(&made);
    with_part(&path, sheet, |text| {
        text.replace(" t=\"s\"><v>3</v>", "><v>310107199001011234</v>")
    });
    let (_, records) = by_us(&path, &Options::default());
    let error = records[0].as_ref().expect_err("bad").to_string();
    assert!(
        error.contains("310107199001011234 has more digits"),
        "{error}"
    );
}

#[test]
fn a_bomb_is_not_unpacked() {
    let made = Made::new();
    let path = small(&made);
    let blanks = " ".repeat(300 << 20);
    with_part(&path, "xl/worksheets/sheet1.xml", |text| {
        text.replace("<sheetData>", &format!("<sheetData>{blanks}"))
    });
    assert!(fs::metadata(&path).expect("a file").len() < 1 << 20);
    let error = refused(&path, &Options::default());
    assert!(
        error.contains("longer than 64 MiB") || error.contains("more than 256 MiB"),
        "{error}"
    );
    let path = small(&made);
    let rows = "<row></row>".repeat(28 << 20);
    with_part(&path, "xl/worksheets/sheet1.xml", |text| {
        text.replace("</sheetData>", &format!("{rows}</sheetData>"))
    });
    let error = refused(&path, &Options::default());
    assert!(
        error.contains("more than 256 MiB") || error.contains("up to 1048576"),
        "{error}"
    );
    // Empty texts take some bytes each in memory, and nearly none here.
    let path = small(&made);
    let texts = "<si/>".repeat(9 << 20);
    with_part(&path, "xl/sharedStrings.xml", |text| {
        text.replace("</sst>", &format!("{texts}</sst>"))
    });
    let error = refused(&path, &Options::default());
    assert!(error.contains("more than 8388608 of them"), "{error}");
}

#[test]
fn what_is_no_workbook_says_so() {
    let made = Made::new();
    let path = made.write("a.xlsx", b"this is a text");
    assert!(refused(&path, &Options::default()).contains("is no whole zip archive"));
    let path = made.write("a.xlsx", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    assert!(
        refused(&path, &Options::default()).contains("it is encrypted, or of the old format .xls")
    );
    let mut zip = ZipWriter::new(File::create(&path).expect("a file"));
    zip.start_file("a.shp", SimpleFileOptions::default())
        .expect("begun");
    zip.finish().expect("an archive");
    assert!(
        refused(&path, &Options::default()).contains("is no workbook: expected a part _rels/.rels")
    );
    let mut book = Workbook::new();
    book.add_worksheet();
    book.save(&path).expect("saved");
    assert!(
        refused(&path, &Options::default()).contains("expected a sheet with cells, found none")
    );
}
