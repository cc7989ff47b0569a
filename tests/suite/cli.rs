//! The program as a person runs it: exit codes, messages, output.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::bad_input::{copy, edit};

pub fn buju(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_buju"))
        .args(arguments)
        .env_remove("BUJU_PLAN")
        .env_remove("BUJU_LISTEN")
        .output()
        .expect("the program runs")
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in ["serve", "check", "query", "tile", "draw"] {
        let output = buju(&[command, "--help"]);
        assert!(output.status.success());
        let help = out(&output);
        assert!(help.contains(&format!("Example: buju {command}")), "{help}");
        assert!(help.contains("--plan <DIR>"), "{help}");
    }
    for command in ["new", "infer", "import"] {
        let help = out(&buju(&[command, "--help"]));
        assert!(help.contains(&format!("Example: buju {command}")), "{help}");
    }
}

#[test]
fn the_examples_of_the_help_work() {
    for command in ["query", "tile"] {
        let help = out(&buju(&[command, "--help"]));
        let example = help
            .lines()
            .find_map(|line| line.strip_prefix("Example: buju "))
            .expect("an example");
        let output = buju(&example.split(' ').collect::<Vec<_>>());
        assert!(output.status.success(), "{example}: {}", err(&output));
        assert!(
            out(&output).contains("jinhuan-e4-redevelopment"),
            "{example}"
        );
    }
}

#[test]
fn check_exits_with_0_1_or_2() {
    let fine = buju(&["check"]);
    assert_eq!(fine.status.code(), Some(0));
    assert!(
        out(&fine).contains("0 errors, 6 warnings; 92 register rows"),
        "{}",
        out(&fine)
    );

    let folder = copy();
    let path = folder.path().to_str().expect("a path");
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replace(",11820,", ",large,")
    });
    let broken = buju(&["check", "--plan", path]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        out(&broken).contains("id jinhuan-e4-redevelopment, column site_area_m2"),
        "{}",
        out(&broken)
    );

    let missing = buju(&["check", "--plan", "/no/such/plan"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("/no/such/plan"));
}

#[test]
fn check_for_programs_is_json() {
    let json: serde_json::Value =
        serde_json::from_str(&out(&buju(&["check", "--format", "json"]))).expect("JSON");
    assert_eq!(json["errors"], 0);
    assert_eq!(json["registerRows"], 92);
    assert_eq!(json["findings"][0]["check"], "columns-disagree");
    assert_eq!(
        json["findings"][0]["id"],
        "medicine-logistics-centre-extension"
    );
}

#[test]
fn a_plan_with_errors_is_not_served() {
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replace(",11820,", ",large,")
    });
    let output = buju(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--plan",
        folder.path().to_str().expect("a path"),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("site_area_m2") && err(&output).contains("not served"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = buju(&["serve", "--listen", &address]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains(&address) && err(&output).contains("--listen"),
        "{}",
        err(&output)
    );
}

#[test]
fn queries_in_three_formats() {
    let query = |format| {
        out(&buju(&[
            "query",
            "parcels",
            "--where",
            "plot_ratio=2..",
            "--format",
            format,
        ]))
    };
    let json: serde_json::Value = serde_json::from_str(&query("geojson")).expect("GeoJSON");
    assert_eq!(json["numberMatched"], 1);
    assert_eq!(json["features"][0]["id"], "jinhuan-e4-redevelopment");
    assert_eq!(json["features"][0]["properties"]["plot_ratio"], 3);
    let csv = query("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let column = header
        .iter()
        .position(|name| name == "far_countable_floor_area_m2")
        .expect("a column");
    let rows: Vec<_> = reader
        .records()
        .map(|record| record.expect("a row"))
        .collect();
    assert_eq!((rows.len(), &rows[0][column]), (1, "35460"));
    let table = query("table");
    assert!(
        table.starts_with("id ") && table.ends_with("1 of 1\n"),
        "{table}"
    );
}

#[test]
fn the_command_line_takes_what_the_api_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plots.gpkg");
    let path = path.to_str().expect("a path");
    let asked = [
        "query",
        "parcels",
        "--filter",
        "site_area_m2 > 10000",
        "--near",
        "road-works",
        "--within",
        "2000",
        "--sortby",
        "-site_area_m2",
        "--properties",
        "name_zh,site_area_m2",
        "--crs",
        "EPSG:4549",
    ];
    let csv = out(&buju(&[&asked[..], &["--format", "csv"]].concat()));
    let rows: Vec<_> = csv::Reader::from_reader(csv.as_bytes())
        .into_records()
        .map(|row| row.expect("a row"))
        .collect();
    assert!(rows.len() > 2, "{csv}");
    assert!(
        csv.starts_with("id,name_zh,site_area_m2,distance_m,geometry\n"),
        "{csv}"
    );
    let areas: Vec<f64> = rows
        .iter()
        .map(|row| row[2].parse().expect("an area"))
        .collect();
    assert!(areas.is_sorted_by(|a, b| a >= b) && areas.iter().all(|area| *area > 10_000.0));
    let output = buju(&[&asked[..], &["--format", "gpkg", "--output", path]].concat());
    assert!(output.status.success(), "{}", err(&output));
    let read = Command::new("ogrinfo")
        .args(["-so", "-al", path])
        .output()
        .expect("ogrinfo");
    let read = String::from_utf8(read.stdout).expect("UTF-8");
    assert!(
        read.contains(&format!("Feature Count: {}", rows.len())),
        "{read}"
    );
    assert!(
        read.contains("CGCS2000 / 3-degree Gauss-Kruger CM 120E"),
        "{read}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .collect();
    assert_eq!(left.len(), 1, "no draft is left");
}

#[test]
fn tile_knows_the_matrix_sets() {
    for (tile, set) in [
        ("15/27431/5345", "CGCS2000Quad"),
        ("14/27431/5345", "WorldCRS84Quad"),
    ] {
        let output = buju(&["tile", tile, "--matrix-set", set, "--collection", "parcels"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("jinhuan-e4-redevelopment"), "{set}: {text}");
    }
}

#[test]
fn what_is_asked_wrongly_is_named() {
    for (arguments, expected) in [
        (
            vec!["query", "parcel"],
            "there is no collection \"parcel\"; there are parcels,",
        ),
        (
            vec!["query", "parcels", "--where", "far=2"],
            "no column \"far\"",
        ),
        (
            vec!["query", "parcels", "--where", "plot_ratio=x"],
            "a range such as 2..4",
        ),
        (
            vec!["query", "parcels", "--where", "plot_ratio"],
            "expected COLUMN=VALUE",
        ),
        (
            vec!["query", "parcels", "--bbox", "1,2,3"],
            "expected 4 or 6 numbers",
        ),
        (
            vec!["query", "parcels", "--filter", "plot_ratio >"],
            "--filter: at character 13",
        ),
        (
            vec!["query", "parcels", "--near", "road-works"],
            "--within: near needs it",
        ),
        (
            vec!["query", "parcels", "--crs", "EPSG:1"],
            "--crs: EPSG:1 is not served here",
        ),
        (vec!["query", "parcels", "--bom"], "--format csv"),
        (
            vec![
                "query",
                "parcels",
                "--output",
                "no/such/folder/a.csv",
                "--format",
                "csv",
            ],
            "no/such/folder/a.csv: No such file or directory",
        ),
        (vec!["tile", "3/9/0"], "3/9/0"),
        (vec!["tile", "3/1"], "zoom/column/row"),
        (
            vec!["tile", "0/0/0", "--matrix-set", "CGCS2000Quad"],
            "a tile of CGCS2000Quad",
        ),
        (
            vec!["tile", "0/0/0", "--matrix-set", "Quad"],
            "there is no tile matrix set \"Quad\"; there are WebMercatorQuad,",
        ),
        (
            vec!["tile", "3/1/1", "--collection", "x"],
            "there is no collection \"x\"",
        ),
        (vec!["draw"], "--plan DIR"),
    ] {
        let output = buju(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            err(&output).contains(expected),
            "{arguments:?}: {}",
            err(&output)
        );
    }
}

#[test]
fn draw_makes_the_committed_files_again() {
    let folder = copy();
    for entry in std::fs::read_dir(folder.path().join("geodata")).expect("geodata") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "geojson") {
            std::fs::remove_file(path).expect("removed");
        }
    }
    let output = buju(&["draw", "--plan", folder.path().to_str().expect("a path")]);
    assert!(output.status.success(), "{}", err(&output));
    let again = std::fs::read(folder.path().join("geodata/parcels.geojson")).expect("parcels");
    let committed =
        std::fs::read(crate::support::shipped().join("geodata/parcels.geojson")).expect("parcels");
    assert!(again == committed);
}

/// Half a request kept the server running after a signal, and after every further one.
#[test]
fn a_signal_ends_the_server_whatever_clients_do() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_buju"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env_remove("BUJU_PLAN")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let lines = BufReader::new(server.stderr.take().expect("its messages")).lines();
    let address = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.strip_prefix("http://")?.split('/').next()?.to_owned()))
        .expect("an address");
    let mut client = TcpStream::connect(&address).expect("connected");
    client.write_all(b"GET / HTTP/1.1\r\nHo").expect("sent");
    std::thread::sleep(Duration::from_millis(200));
    let id = server.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &id]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    for _ in 0..200 {
        if let Some(status) = server.try_wait().expect("a state") {
            assert_eq!(status.code(), Some(0));
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    server.kill().expect("ended");
    panic!("the server still runs");
}
