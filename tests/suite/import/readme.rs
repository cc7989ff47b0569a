//! The README's way from a Shapefile to a live map, line by line as it stands there.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use super::made::{ogr2ogr, town};
use crate::support::shipped;

const HEADING: &str = "## From your Shapefile to a live map in five minutes";

/// The lines of the section's code.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(shipped().join("README.md")).expect("the README");
    let section = readme.split(HEADING).nth(1).expect("the section");
    let code = section.split("```").nth(1).expect("its code");
    let lines = code
        .lines()
        .skip(1)
        .map(|line| line.split("  #").next().unwrap_or_default().trim());
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A line in a shell, with the program in its path.
fn shell(folder: &Path, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_buju"));
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let own = program.parent().expect("a folder").to_owned();
    let paths = [own].into_iter().chain(std::env::split_paths(&folders));
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("exec {line}")])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .env("BUJU_LISTEN", "127.0.0.1:0")
        .env_remove("BUJU_PLAN");
    command
}

fn get(base: &str, target: &str) -> Json {
    let mut stream = TcpStream::connect(base).expect("a connection");
    let request = format!("GET {target} HTTP/1.1\r\nHost: {base}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let json = body.find('{').map_or("", |start| &body[start..]);
    let mut all = serde_json::Deserializer::from_str(json).into_iter::<Json>();
    all.next()
        .expect("JSON")
        .unwrap_or_else(|error| panic!("{error}: {answer}"))
}

#[test]
fn every_line_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("town.geojson"), town().to_string()).expect("written");
    // As offices have it: the statutory grid, attributes in GBK, and nothing that says so.
    let written = [
        "plots.shp",
        "town.geojson",
        "-t_srs",
        "EPSG:4549",
        "-lco",
        "ENCODING=GBK",
    ];
    ogr2ogr(folder, &written);
    fs::remove_file(folder.join("plots.cpg")).expect("a .cpg");
    let commands = commands();
    for command in ["new", "infer", "import", "check", "serve"] {
        let is = |line: &&String| line.starts_with(&format!("buju {command} "));
        assert!(
            commands.iter().any(|line| is(&line)),
            "the README has no buju {command}"
        );
    }
    let (serve, before) = commands.split_last().expect("lines");
    for line in before {
        let output = shell(folder, line).output().expect("a shell");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{line}: {text}{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let mut server = shell(folder, serve)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server");
    let lines = BufReader::new(server.stderr.take().expect("its messages")).lines();
    let mut lines = lines.map_while(Result::ok);
    let address = lines
        .find(|line| line.starts_with("http://"))
        .expect("an address");
    let base = address
        .trim_start_matches("http://")
        .split('/')
        .next()
        .expect("an address");
    let items = get(base, "/collections/parcels/items/A-02");
    let count = get(base, "/collections/parcels/items?limit=1");
    server.kill().expect("stopped");
    server.wait().expect("stopped");
    assert_eq!(count["numberMatched"], 30);
    let properties = &items["properties"];
    assert_eq!(properties["name_zh"], "虚构地块2");
    assert_eq!(properties["site_area_m2"], 3000);
    assert_eq!(properties["plot_ratio"], 1.25);
    let at = &items["geometry"]["coordinates"][0];
    let near = at.as_array().expect("a ring").iter().any(|at| {
        let number = |axis: usize| at[axis].as_f64().unwrap_or_default();
        (number(0) - 121.342_4).abs() < 1e-8 && (number(1) - 31.28).abs() < 1e-8
    });
    assert!(near, "{at}");
}
