//! What cannot be taken over is told record by record, and nothing is written.

use std::fs;

use super::made::{everything, folder, ill, into_plots, town, well};

fn csv(rows: &[&str]) -> String {
    let mut text = String::from("编号,容积率,批准日期,lon,lat\n");
    for row in rows {
        text.push_str(row);
        text.push('\n');
    }
    text
}

#[test]
fn every_bad_cell_is_told() {
    let folder = folder();
    let folder = folder.path();
    let plan = folder.join("plan");
    let good = csv(&[
        "a,1.5,2021-01-31,121.35,31.28",
        "b,2,2021/2/1,121.351,31.281",
        "c,,,121.352,31.28",
    ]);
    fs::write(folder.join("plots.csv"), good).expect("written");
    let told = [
        "import",
        "plots.csv",
        "--into",
        "plots",
        "--id",
        "编号",
        "--crs",
        "EPSG:4490",
        "--plan",
        "plan",
    ];
    well(folder, &told);
    let before = everything(&plan);
    let mut rows: Vec<String> = (0..40)
        .map(|at| format!("r{at},x{at},2021-01-31,121.35,31.28"))
        .collect();
    rows.extend(
        [
            "a,1,2021-02-30,121.35,31.28",
            "a,1,,121.35,31.28",
            ",1,,121.35,31.28",
        ]
        .map(str::to_owned),
    );
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    fs::write(folder.join("plots.csv"), csv(&rows)).expect("written");
    let said = ill(folder, &told);
    assert!(
        said.contains("record 1, column 容积率 (plot_ratio): expected a number, found \"x0\""),
        "{said}"
    );
    assert!(
        said.contains("... and 23 more") && said.contains("43 problems"),
        "{said}"
    );
    assert!(!said.contains("x20"), "{said}");
    assert_eq!(everything(&plan), before, "something was written");
    fs::write(folder.join("plots.csv"), csv(&rows[40..])).expect("written");
    let said = ill(folder, &told);
    for part in [
        "record 1, column 批准日期 (pi_zhun_ri_qi): expected a date such as 2021-01-31, found \"2021-02-30\"",
        "record 2, column 编号: the id \"a\" is that of record 1 too",
        "record 3, column 编号: expected an id, found none",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_plan_s_own_checks_refuse() {
    let folder = folder();
    let folder = folder.path();
    let told = into_plots("town.geojson");
    well(folder, &told);
    let before = everything(&folder.join("plan"));
    let mut bow = town();
    bow["features"][2]["geometry"] = serde_json::json!({ "type": "Polygon", "coordinates":
        [[[121.342, 31.281], [121.343, 31.282], [121.343, 31.281], [121.342, 31.282], [121.342, 31.281]]] });
    bow["features"][4]["geometry"] =
        serde_json::json!({ "type": "Point", "coordinates": [121.342, 31.281] });
    fs::write(folder.join("town.geojson"), bow.to_string()).expect("written");
    let said = ill(folder, &told);
    assert!(
        said.contains("record 5: the collection holds polygons, found a point"),
        "{said}"
    );
    bow["features"][4]["geometry"] = serde_json::Value::Null;
    fs::write(folder.join("town.geojson"), bow.to_string()).expect("written");
    let said = ill(folder, &told);
    assert!(
        said.contains("[invalid-geometry]") && said.contains("id A-02"),
        "{said}"
    );
    assert!(said.contains("nothing was written"), "{said}");
    assert_eq!(
        everything(&folder.join("plan")),
        before,
        "something was written"
    );
}

#[test]
fn what_is_asked_wrongly_is_named() {
    let folder = folder();
    let folder = folder.path();
    let plan = ["--plan", "plan"];
    let import = |more: &[&str]| {
        ill(
            folder,
            &[&["import", "town.geojson"][..], more, &plan].concat(),
        )
    };
    for (arguments, expected) in [
        (vec!["--into", "a b"], "only ASCII letters, digits, - and _"),
        (
            vec!["--into", "a", "--id", "地块"],
            "has no column \"地块\"; it has",
        ),
        (
            vec!["--into", "a", "--map", "容积=b"],
            "has no column \"容积\"",
        ),
        (
            vec!["--into", "a", "--map", "容积率=limit"],
            "the server uses the name \"limit\" itself",
        ),
        (vec!["--into", "a", "--map", "x"], "expected COLUMN=NAME"),
        (
            vec!["--into", "a", "--map", "容积率=b:furlong"],
            "unknown unit \"furlong\"",
        ),
        (vec!["--into", "a", "--crs", "here"], "unknown CRS \"here\""),
        (
            vec!["--into", "a", "--operation", "x"],
            "expected EPSG:code",
        ),
    ] {
        let said = import(&arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    let none = ill(
        folder,
        &["import", "no.geojson", "--into", "a", "--plan", "plan"],
    );
    assert!(none.contains("no.geojson"), "{none}");
    let shipped = ill(folder, &["import", "town.geojson", "--into", "a"]);
    assert!(shipped.contains("--plan DIR"), "{shipped}");
    let nowhere = ill(
        folder,
        &["import", "town.geojson", "--into", "a", "--plan", "no"],
    );
    assert!(
        nowhere.contains("no: the plan folder cannot be read"),
        "{nowhere}"
    );
    let full = ill(folder, &["new", "plan", "--title", "x"]);
    assert!(full.contains("expected an empty folder"), "{full}");
}
