//! The same city from FlatGeobuf.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cadastre::City;

/// A plan folder with the city's parcels as the program itself writes them, and their bytes; made where
/// it is not there yet.
pub fn written(program: &Path, city: &City) -> io::Result<(PathBuf, u64)> {
    let folder = city.folder.with_extension("fgb");
    let source = folder.join("geodata/parcels.fgb");
    if !folder.join("whole").exists() {
        fs::create_dir_all(folder.join("seeds"))?;
        fs::create_dir_all(folder.join("geodata"))?;
        fs::copy(
            city.folder.join("seeds/plan.toml"),
            folder.join("seeds/plan.toml"),
        )?;
        let collections = fs::read_to_string(city.folder.join("seeds/collections.toml"))?;
        let collections = collections.replace("\"parcels.geojson\"", "\"parcels.fgb\"");
        fs::write(folder.join("seeds/collections.toml"), collections)?;
        let status = Command::new(program)
            .args(["query", "parcels", "--format", "fgb"])
            .arg("--output")
            .arg(&source)
            .arg("--plan")
            .arg(&city.folder)
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("buju query: {status}")));
        }
        fs::write(folder.join("whole"), "")?;
    }
    let bytes = fs::metadata(&source)?.len();
    Ok((folder, bytes))
}
