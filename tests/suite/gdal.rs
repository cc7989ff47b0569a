//! GDAL against the running program: another reader finds the same.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The program on a free port; stopped when dropped.
pub struct Running {
    child: Child,
    pub base: String,
}

impl Running {
    pub fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_buju"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_remove("BUJU_PLAN")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let lines = BufReader::new(child.stderr.take().expect("its messages")).lines();
        let address = lines
            .map_while(Result::ok)
            .find(|line| line.starts_with("http://"))
            .expect("an address");
        let base = address.split("/  ").next().expect("an address").to_owned();
        Self { child, base }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn ogrinfo(arguments: &[&str]) -> String {
    let output = Command::new("ogrinfo").args(arguments).output();
    let output = output.expect("GDAL's ogrinfo is needed: ./dev test installs it");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn gdal_reads_items_and_measures_the_same() {
    let server = Running::start();
    let source = format!("{}/collections/parcels/items?limit=1000", server.base);
    let all = ogrinfo(&["-ro", "-al", "-so", &source]);
    assert!(all.contains("Feature Count: 10"), "{all}");
    assert!(
        all.contains("plot_ratio: Real") && all.contains("WGS 84"),
        "{all}"
    );
    let e4 = ogrinfo(&["-ro", "-al", "-where", "plot_ratio >= 2", &source]);
    assert!(
        e4.contains("Feature Count: 1") || e4.matches("OGRFeature").count() == 1,
        "{e4}"
    );
    assert!(
        e4.contains("site_area_m2 (Integer) = 11820") || e4.contains("site_area_m2 (Real) = 11820"),
        "{e4}"
    );
}

#[test]
fn gdal_reads_vector_tiles() {
    let server = Running::start();
    let tile = format!("MVT:/vsicurl/{}/tiles/15/27431/13384.mvt", server.base);
    let info = ogrinfo(&["-ro", "-al", "-oo", "CLIP=NO", &tile]);
    assert!(info.contains("Layer name: parcels"), "{info}");
    assert!(
        info.contains("id (String) = jinhuan-e4-redevelopment"),
        "{info}"
    );
}
