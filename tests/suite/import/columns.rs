//! Units of columns, types that follow from cells, and ids.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::made::{folder, ill, items, well};

/// Writes plots as rows of a table: an id, an area, a place.
fn table(folder: &Path, name: &str, rows: &[(&str, &str)]) {
    let mut text = String::from("编号,面积,经度,纬度\n");
    for ((id, area), at) in rows.iter().zip(0_u32..) {
        let lon = 121.35 + 0.001 * f64::from(at);
        writeln!(text, "{id},{area},{lon},31.29").expect("written");
    }
    fs::write(folder.join(name), text).expect("written");
}

fn into<'a>(file: &'a str, collection: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let told = [
        "import",
        file,
        "--crs",
        "EPSG:4490",
        "--into",
        collection,
        "--plan",
        "plan",
    ];
    [&told[..], more].concat()
}

#[tokio::test]
async fn a_unit_is_of_numbers_and_becomes_one_of_its_kind() {
    let folder = folder();
    let folder = folder.path();
    table(folder, "a.csv", &[("1", "100"), ("2", "约200")]);
    for (map, reason) in [
        (
            "面积=site_area_m2:亩->m²",
            "not all of its cells are numbers in 亩: record 2 has \"约200\"",
        ),
        ("编号=no:公顷->元", "ha cannot become CNY"),
        ("编号=no:公顷->", "unknown unit \"\""),
        ("编号=site_area_m2:公顷->亩", "the name says m², not 亩"),
        ("编号=length_m:公顷", "ha cannot become m"),
    ] {
        let said = ill(folder, &into("a.csv", "plots", &["--map", map]));
        assert!(said.contains(reason), "{map}: {said}");
    }
    // A name that says a unit is taken at its word.
    table(folder, "b.csv", &[("1", "0.8"), ("2", "1.5")]);
    for map in ["面积=site_area_m2:公顷", "面积=site_area_m2:公顷->m²"] {
        well(
            folder,
            &into("b.csv", "plots", &["--id", "编号", "--map", map]),
        );
        let areas: Vec<_> = items(&folder.join("plan"), "plots").await;
        let areas: Vec<_> = areas
            .iter()
            .map(|item| &item["properties"]["site_area_m2"])
            .collect();
        assert_eq!(areas, [&json!(8000), &json!(15_000)], "{map}");
    }
    // Into a column of texts nothing is converted either.
    well(folder, &into("a.csv", "texts", &["--id", "编号"]));
    let said = ill(
        folder,
        &into(
            "a.csv",
            "texts",
            &["--id", "编号", "--map", "面积=area:亩->m²"],
        ),
    );
    assert!(said.contains("holds no numbers"), "{said}");
    let tables = fs::read_to_string(folder.join("plan/seeds/collections.toml")).expect("a file");
    assert!(!tables.contains("are numbers"), "one of two is not most");
}

#[test]
fn a_column_that_is_nearly_one_of_numbers_says_what_keeps_it_from_that() {
    let folder = folder();
    let folder = folder.path();
    table(
        folder,
        "a.csv",
        &[("1", "1"), ("2", "2"), ("3", "35%"), ("4", "4"), ("5", "5")],
    );
    well(folder, &into("a.csv", "plots", &["--id", "编号"]));
    let tables = fs::read_to_string(folder.join("plan/seeds/collections.toml")).expect("a file");
    assert!(
        tables.contains("; 4 of 5 are numbers: record 3 has \"35%\""),
        "{tables}"
    );
}

/// A file whose features have their properties in an order of their own.
fn features(order: &[usize]) -> String {
    let all = [
        r#"{"type":"Feature","properties":{"甲":"1","乙":"x"},"geometry":{"type":"Point","coordinates":[121.35,31.28]}}"#,
        r#"{"type":"Feature","properties":{"丙":3},"geometry":{"type":"Point","coordinates":[121.36,31.28]}}"#,
        r#"{"type":"Feature","properties":{"乙":"y","甲":"2"},"geometry":{"type":"Point","coordinates":[121.37,31.28]}}"#,
    ];
    let all: Vec<_> = order.iter().map(|at| all[*at]).collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
        all.join(",")
    )
}

#[test]
fn ids_made_of_content_stay_in_any_order_of_records_and_columns() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("a.geojson"), features(&[0, 1, 2])).expect("written");
    let told = ["import", "a.geojson", "--into", "marks", "--plan", "plan"];
    well(folder, &told);
    let dry = [&told[..], &["--dry-run"]].concat();
    let reversed = features(&[0, 1, 2]).replace(r#""甲":"1","乙":"x""#, r#""乙":"x","甲":"1""#);
    // One more column, of which one record knows something: it alone is another one.
    let more = features(&[0, 1, 2]).replace(r#"{"丙":3}"#, r#"{"丙":3,"丁":null}"#);
    for text in [features(&[2, 1, 0]), reversed, more] {
        fs::write(folder.join("a.geojson"), &text).expect("written");
        assert!(
            well(folder, &dry).contains("added 0\nchanged 0\nremoved 0\nunchanged 3"),
            "{text}"
        );
    }
    // In another collection the same records are called otherwise.
    well(
        folder,
        &["import", "a.geojson", "--into", "others", "--plan", "plan"],
    );
}

#[tokio::test]
async fn numbers_that_two_layers_share_are_told_apart() {
    let folder = folder();
    let folder = folder.path();
    table(folder, "a.csv", &[("1", "1"), ("2", "2")]);
    well(folder, &into("a.csv", "plots", &["--id", "编号"]));
    let said = well(folder, &into("a.csv", "roads", &["--id", "编号"]));
    assert!(
        said.contains(
            "ids: the column 编号 after \"roads-\", for another collection has some of them"
        ),
        "{said}"
    );
    let ids =
        |items: Vec<Json>| -> Vec<_> { items.into_iter().map(|item| item["id"].clone()).collect() };
    let plan = folder.join("plan");
    assert_eq!(ids(items(&plan, "plots").await), [json!("1"), json!("2")]);
    assert_eq!(
        ids(items(&plan, "roads").await),
        [json!("roads-1"), json!("roads-2")]
    );
    for collection in ["plots", "roads"] {
        let again = well(
            folder,
            &into("a.csv", collection, &["--id", "编号", "--dry-run"]),
        );
        assert!(again.contains("unchanged 2"), "{again}");
    }
}

#[test]
fn an_id_that_comes_twice_names_both_records() {
    let folder = folder();
    let folder = folder.path();
    table(folder, "a.csv", &[("1", "1"), ("2", "2"), ("1", "3")]);
    let said = ill(folder, &into("a.csv", "plots", &["--id", "编号"]));
    assert!(
        said.contains("record 3, column 编号: the id \"1\" is that of record 1 too"),
        "{said}"
    );
}

#[test]
fn findings_name_the_record_of_the_file_and_what_moved_all_of_them() {
    let folder = folder();
    let folder = folder.path();
    let plots: Vec<_> = (1..=12).map(|at| (at.to_string(), "1")).collect();
    let plots: Vec<_> = plots
        .iter()
        .map(|(id, area)| (id.as_str(), *area))
        .collect();
    table(folder, "a.csv", &plots);
    well(folder, &into("a.csv", "plots", &["--id", "编号"]));
    // As GCJ-02 shifts them: half a kilometre to the south-east, out of the extent of a small town.
    let text = fs::read_to_string(folder.join("a.csv")).expect("a file");
    let moved: Vec<_> = text
        .lines()
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let (Ok(lon), Ok(lat)) = (cells[2].parse::<f64>(), cells[3].parse::<f64>()) else {
                return line.to_owned();
            };
            let there = buju::crs::Reprojector::new(buju::crs::Crs::Crs84, buju::crs::Crs::Gcj02)
                .expect("formulas")
                .position(geo::coord! { x: lon, y: lat })
                .expect("a place");
            format!("{},{},{},{}", cells[0], cells[1], there.x, there.y)
        })
        .collect();
    fs::write(folder.join("a.csv"), moved.join("\n")).expect("written");
    let said = ill(folder, &into("a.csv", "plots", &["--id", "编号"]));
    assert!(said.contains("[outside-extent] a.csv: record "), "{said}");
    assert!(
        said.contains("this looks like GCJ02 (if so, --crs GCJ02)"),
        "{said}"
    );
    assert!(!said.contains("geodata/plots.geojson"), "{said}");
}
