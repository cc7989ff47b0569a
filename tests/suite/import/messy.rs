//! Tables as offices have them: titles, units, merged cells, sums, codes that look like numbers, unknown encodings.

mod cells;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use encoding_rs::WINDOWS_1252;
use serde_json::{Value as Json, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::made::{folder, ill, items, well};
use crate::support::shipped;

/// A sheet of cells: texts, or numbers as they stand in the XML (`#3.1E+17`), `!123` in the format 0000000; blank
/// cells are empty. `merges` are ranges.
fn sheet(path: &Path, rows: &[&[&str]], merges: &[&str]) {
    let cell = |(at, text): (usize, &&str)| {
        let letter = char::from(b'A' + u8::try_from(at).expect("few"));
        match text.chars().next() {
            None => String::new(),
            Some('#') => format!("<c r=\"{letter}ROW\"><v>{}</v></c>", &text[1..]),
            Some('!') => format!("<c r=\"{letter}ROW\" s=\"1\"><v>{}</v></c>", &text[1..]),
            Some(_) => format!("<c r=\"{letter}ROW\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        }
    };
    let rows: Vec<String> = rows
        .iter()
        .zip(1..)
        .map(|(row, number): (_, u32)| {
            let cells: String = row.iter().enumerate().map(cell).collect();
            format!(
                "<row r=\"{number}\">{}</row>",
                cells.replace("ROW", &number.to_string())
            )
        })
        .collect();
    let merges: Vec<String> = merges
        .iter()
        .map(|range| format!("<mergeCell ref=\"{range}\"/>"))
        .collect();
    let (rows, merges) = (rows.concat(), merges.concat());
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"a\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"a\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"a\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"b\" Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{main}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"0000000\"/></numFmts><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData><mergeCells>{merges}</mergeCells></worksheet>"
            ),
        ),
    ];
    let mut zip = ZipWriter::new(fs::File::create(path).expect("a file"));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("finished");
}

const CODES: &[&[&str]] = &[
    &["编号", "经度", "纬度", "宗地代码"],
    &["A", "#121.36", "#31.27", "#3.1010700100100101E+17"],
    &["B", "#121.37", "#31.28", "#3.1010700100100102E+17"],
];
const MERGED: &[&[&str]] = &[
    &["用地性质", "编号", "经度", "纬度", "面积(公顷)"],
    &["工业用地", "A1", "#121.36", "#31.27", "#1.2"],
    &["", "A2", "#121.361", "#31.27", "#1.3"],
    &["", "A3", "#121.362", "#31.27", "#0.5"],
    &["合 计", "", "", "", "#3"],
];
const TWO: &[&[&str]] = &[
    &["编号", "位置", "", "面积", "指标", ""],
    &["", "经度", "纬度", "", "容积率", "限高"],
    &["A1", "#121.36", "#31.27", "#1.2", "#2.5", "#80"],
];
const TITLED: &[&[&str]] = &[
    &["虚构镇规划地块一览表"],
    &["", "", "", "单位：公顷"],
    &["编号", "经度", "纬度", "面积"],
    &["A1", "#121.36", "#31.27", "#1.2"],
];

/// Imports into a new collection `things` of the plan.
fn import(folder: &Path, file: &str, more: &[&str]) -> String {
    well(folder, &words(file, more))
}

fn words<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [
        &["import", file, "--into", "things", "--plan", "plan"],
        more,
    ]
    .concat()
}

const DEGREES: [&str; 2] = ["--crs", "EPSG:4490"];
const BY_CODE: [&str; 4] = ["--crs", "EPSG:4490", "--id", "编号"];

async fn properties(folder: &Path) -> Vec<Json> {
    let all = items(&folder.join("plan"), "things").await;
    all.into_iter()
        .map(|item| item["properties"].clone())
        .collect()
}

#[tokio::test]
async fn a_header_below_a_title_and_a_line_of_units() {
    let folder = folder();
    let folder = folder.path();
    sheet(&folder.join("a.xlsx"), TITLED, &[]);
    let csv: Vec<_> = TITLED
        .iter()
        .map(|row| row.join(",").replace('#', ""))
        .collect();
    fs::write(folder.join("b.csv"), csv.join("\n")).expect("written");
    for file in ["a.xlsx", "b.csv"] {
        let dry = [&DEGREES[..], &["--dry-run"]].concat();
        let said = import(folder, file, &dry);
        for line in [
            "the header is row 3, the first that is neither blank nor a title",
            "编号, 经度, 纬度, 面积",
            "the line \"单位：公顷\" is the unit of 面积",
            "1 record -> things",
        ] {
            assert!(said.contains(line), "{file}: {line}: {said}");
        }
    }
    // The unit counts, whether the name has it or not.
    let map = ["--map", "面积=site_area_m2:公顷->m²"];
    import(folder, "a.xlsx", &[&BY_CODE[..], &map].concat());
    assert_eq!(properties(folder).await[0]["site_area_m2"], 12_000);
    let tables = fs::read_to_string(folder.join("plan/seeds/collections.toml")).expect("a file");
    assert!(tables.contains("unit = \"m²\""), "{tables}");
}

#[tokio::test]
async fn a_header_of_two_rows() {
    let folder = folder();
    let folder = folder.path();
    sheet(
        &folder.join("a.xlsx"),
        TWO,
        &["B1:C1", "D1:D2", "E1:F1", "A1:A2"],
    );
    sheet(&folder.join("plain.xlsx"), TWO, &[]);
    let csv: Vec<_> = TWO
        .iter()
        .map(|row| row.join(",").replace('#', ""))
        .collect();
    fs::write(folder.join("b.csv"), csv.join("\r\n")).expect("written");
    for (file, more) in [
        ("a.xlsx", &[][..]),
        ("plain.xlsx", &[]),
        ("b.csv", &[]),
        ("b.csv", &["--header-row", "1-2"]),
    ] {
        let said = import(folder, file, &[&BY_CODE[..], more].concat());
        assert!(said.contains("the header is rows 1 to 2"), "{file}: {said}");
        let all = items(&folder.join("plan"), "things").await;
        assert_eq!(
            all[0]["geometry"]["coordinates"],
            json!([121.36, 31.27]),
            "{file}"
        );
        let properties = &all[0]["properties"];
        let figures = ["area", "plot_ratio", "max_height"].map(|name| properties[name].clone());
        assert_eq!(figures, [json!(1.2), json!(2.5), json!(80)], "{file}");
    }
    // A row that is none of the header's, and one that is not there.
    let said = ill(
        folder,
        &words("b.csv", &["--crs", "EPSG:4490", "--header-row", "9"]),
    );
    assert!(
        said.contains("--header-row 9: there are no cells there"),
        "{said}"
    );
    let said = ill(
        folder,
        &words("b.csv", &["--crs", "EPSG:4490", "--header-row", "x"]),
    );
    assert!(
        said.contains("expected a row such as 3, or some such as 3-4"),
        "{said}"
    );
}

/// Lines are counted as an editor counts them, whatever ends them, and blank ones too.
#[test]
fn the_lines_of_a_header_are_those_of_an_editor() {
    let folder = folder();
    let folder = folder.path();
    let lines = ["说明", "", "编号,lon,lat", "", "A,121.36,31.27", "合计,,"];
    for (file, end) in [("a.csv", "\n"), ("b.csv", "\r\n"), ("c.csv", "\r")] {
        fs::write(folder.join(file), lines.join(end)).expect("written");
        for more in [&["--dry-run"][..], &["--dry-run", "--header-row", "3"]] {
            let said = import(folder, file, &[&DEGREES[..], more].concat());
            for line in [
                "the header is row 3",
                "row 6 is a sum (合计)",
                "1 record -> things",
            ] {
                assert!(said.contains(line), "{file}: {line}: {said}");
            }
        }
    }
}

#[test]
fn a_cell_without_a_header_says_which_row_was_taken() {
    let folder = folder();
    let folder = folder.path();
    sheet(
        &folder.join("a.xlsx"),
        &[&["a", "lon", "lat"], &["x", "#1", "#2", "", "note"]],
        &[],
    );
    let said = ill(folder, &words("a.xlsx", &DEGREES));
    assert!(
        said.contains("has no name in the header, row 1 (--header-row"),
        "{said}"
    );
    assert!(said.contains("--skip-column column_5"), "{said}");
    import(
        folder,
        "a.xlsx",
        &[&DEGREES[..], &["--skip-column", "column_5", "--dry-run"]].concat(),
    );
}

#[tokio::test]
async fn places_in_columns_of_other_names() {
    let folder = folder();
    let folder = folder.path();
    for (file, header, row) in [
        ("a.csv", "stop_id,stop_lat,stop_lon", "1,31.27,121.36"),
        (
            "b.csv",
            "编号,纬度\u{3000}(度),\"经度\n(度)\"",
            "1,31.27,121.36",
        ),
        (
            "c.csv",
            "id,Latitude (deg),Longitude (deg)",
            "1,31.27,121.36",
        ),
    ] {
        fs::write(folder.join(file), format!("{header}\n{row}\n")).expect("written");
        import(folder, file, &["--crs", "EPSG:4326", "--extend"]);
        let all = items(&folder.join("plan"), "things").await;
        assert_eq!(
            all[0]["geometry"]["coordinates"],
            json!([121.36, 31.27]),
            "{file}"
        );
        fs::remove_dir_all(folder.join("plan")).expect("removed");
        well(
            folder,
            &["new", "plan", "--title", "镇", "--title-en", "Town"],
        );
    }
    // 纵坐标 is the northing.
    fs::write(
        folder.join("d.csv"),
        "编号,纵坐标,横坐标\nA,3461234.5,40438123.4\n",
    )
    .expect("written");
    let said = import(folder, "d.csv", &["--crs", "EPSG:4528"]);
    assert!(
        said.contains("columns 横坐标 (easting or longitude) and 纵坐标"),
        "{said}"
    );
}

#[test]
fn a_crs_without_a_place_is_refused() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("a.csv"), "id,a,b\n1,31.27,121.36\n").expect("written");
    let said = ill(folder, &words("a.csv", &["--crs", "EPSG:4326"]));
    for part in [
        "none of its 1 records has a place",
        "--x",
        "--y",
        "it has id, a, b",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let placed = ["--crs", "EPSG:4326", "--x", "b", "--y", "a"];
    let said = import(folder, "a.csv", &placed);
    assert!(
        said.contains("the places are columns b (easting or longitude) and a"),
        "{said}"
    );
    let said = ill(
        folder,
        &words("a.csv", &["--crs", "EPSG:4326", "--x", "c", "--y", "a"]),
    );
    assert!(
        said.contains("--x c: there is no column \"c\"; it has id, a, b"),
        "{said}"
    );
    let two = "start_lon,start_lat,end_lon,end_lat\n121.36,31.27,121.37,31.27\n";
    fs::write(folder.join("b.csv"), two).expect("written");
    let said = well(folder, &["infer", "b.csv", "--crs", "EPSG:4326"]);
    assert!(
        said.contains("several pairs of columns could be the places"),
        "{said}"
    );
    fs::write(folder.join("c.kml"), "<kml/>").expect("written");
    let said = ill(folder, &words("c.kml", &["--x", "a", "--y", "b"]));
    assert!(said.contains("--x: only CSV and XLSX"), "{said}");
}

#[tokio::test]
async fn merged_cells_and_sums() {
    let folder = folder();
    let folder = folder.path();
    sheet(&folder.join("a.xlsx"), MERGED, &["A2:A4"]);
    let said = import(folder, "a.xlsx", &[&BY_CODE[..], &["--dry-run"]].concat());
    for line in [
        "row 5 is a sum (合 计) and is left out; --keep-totals takes it as a record",
        "1 ranges of cells are merged downwards",
        "\"用地性质\", rows 2 to 4 (--fill-merged gives it to all)",
        "3 records -> things",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    import(
        folder,
        "a.xlsx",
        &[&BY_CODE[..], &["--fill-merged"]].concat(),
    );
    let found = properties(folder).await;
    assert_eq!(found.len(), 3);
    assert!(
        found.iter().all(|found| found["land_use"] == "工业用地"),
        "{found:?}"
    );
    let kept = [&DEGREES[..], &["--keep-totals", "--dry-run"]].concat();
    assert!(import(folder, "a.xlsx", &kept).contains("4 records -> things"));
    // The same in CSV; a record with a place is none.
    let csv = "名称,面积,lon,lat\n甲,1,121.36,31.27\n合计,1,121.36,31.27\n小计：,1,,\nTotal,2,,\n";
    fs::write(folder.join("b.csv"), csv).expect("written");
    let said = import(folder, "b.csv", &[&DEGREES[..], &["--dry-run"]].concat());
    assert!(
        said.contains("2 rows are sums, the first of them row 4 (小计：), and are left out"),
        "{said}"
    );
    assert!(said.contains("2 records -> things"), "{said}");
}

#[tokio::test]
async fn a_point_at_zero_is_nowhere() {
    let folder = folder();
    let folder = folder.path();
    fs::write(
        folder.join("a.csv"),
        "id,lon,lat\nA,121.36,31.27\nB,0,0\nC,121.37,31.28\n",
    )
    .expect("written");
    let said = import(folder, "a.csv", &["--crs", "EPSG:4326", "--id", "id"]);
    assert!(
        said.contains("warning: 1 record (record 2) lies at 0,0"),
        "{said}"
    );
    assert!(
        said.contains("extent = 121.358,31.268,121.372,31.282"),
        "{said}"
    );
    let all = items(&folder.join("plan"), "things").await;
    let b = all.iter().find(|item| item["id"] == "B").expect("B");
    assert_eq!(b["geometry"], Json::Null);
    // A plan that has one all the same is told so.
    well(
        folder,
        &[
            "new",
            "other",
            "--title",
            "镇",
            "--title-en",
            "Town",
            "--extent=-1,-1,122,32",
        ],
    );
    let told = [
        "import",
        "a.csv",
        "--into",
        "things",
        "--plan",
        "other",
        "--crs",
        "EPSG:4326",
        "--id",
        "id",
    ];
    let said = well(folder, &told);
    assert!(!said.contains("lies at 0,0"), "{said}");
    let said = well(folder, &["check", "--plan", "other"]);
    assert!(
        said.contains("[at-zero]") && said.contains("lies at 0,0"),
        "{said}"
    );
}

/// Every example of the README's table of options whose option is one of these.
#[test]
fn the_readmes_examples_work() {
    let readme = fs::read_to_string(shipped().join("README.md")).expect("the README");
    let table = readme
        .split("Options for messy files")
        .nth(1)
        .expect("the table");
    let rows: Vec<_> = table
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .collect();
    let folder = folder();
    let folder = folder.path();
    sheet(&folder.join("titled.xlsx"), TITLED, &[]);
    sheet(&folder.join("merged.xlsx"), MERGED, &["A2:A4"]);
    sheet(&folder.join("codes.xlsx"), CODES, &[]);
    fs::write(folder.join("points.csv"), "名称,东,北\n甲,121.36,31.27\n").expect("written");
    let (bytes, ..) = WINDOWS_1252.encode("name,lon,lat\n35°,121.36,31.27\n");
    fs::write(folder.join("degrees.csv"), bytes).expect("written");
    fs::write(
        folder.join("none.csv"),
        "面积,lon,lat\n1.5,121.36,31.27\n无,121.37,31.27\n",
    )
    .expect("written");
    fs::rename(folder.join("plan"), folder.join("my-town")).expect("renamed");
    for option in [
        "--header-row",
        "--x",
        "--fill-merged",
        "--keep-totals",
        "--skip-column",
        "--encoding",
        "--null",
    ] {
        let row = rows
            .iter()
            .find(|row| row.starts_with(&format!("| `{option}")));
        let row = row.unwrap_or_else(|| panic!("the README has no row for {option}"));
        let example = row
            .split('`')
            .rfind(|part| part.starts_with("buju "))
            .expect("an example");
        assert!(example.contains(option), "{example}");
        let arguments: Vec<_> = example.split(' ').skip(1).collect();
        well(
            folder,
            &[
                &arguments[..],
                &["--into", "plots", "--plan", "my-town", "--dry-run"],
            ]
            .concat(),
        );
    }
}
