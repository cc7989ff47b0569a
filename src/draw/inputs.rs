use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::DrawError;
use super::recipe::Recipe;
use crate::model::Plan;
use crate::source::leads_out;

/// The files that a drawing follows from.
pub struct Inputs {
    pub recipe: Recipe,
    pub points: Vec<ControlPoint>,
    pub rows: Vec<Row>,
}

/// A row of `geodata/control_points.csv`: what drawing needs of it.
#[derive(Debug, Deserialize)]
pub struct ControlPoint {
    pub name_zh: String,
    pub lon: f64,
    pub lat: f64,
}

/// A row of the register: what drawing needs of it.
#[derive(Debug, Deserialize)]
pub struct Row {
    pub id: String,
    pub collection: String,
    pub site_area_m2: Option<f64>,
    pub no_geometry_reason_zh: Option<String>,
}

impl Row {
    /// Why nobody could locate it; `None` for a row that must be drawn.
    pub fn no_geometry_reason(&self) -> Option<&str> {
        self.no_geometry_reason_zh.as_deref()
    }
}

impl Inputs {
    pub fn read(dir: &Path) -> Result<Self, DrawError> {
        let plan: Plan = toml_file(&inside(dir, "seeds/plan.toml")?)?;
        Ok(Self {
            recipe: toml_file(&inside(dir, "geodata/recipe.toml")?)?,
            points: csv_file(&inside(dir, "geodata/control_points.csv")?)?,
            rows: match plan.register {
                Some(register) => csv_file(&inside(dir, &format!("seeds/{register}"))?)?,
                None => Vec::new(),
            },
        })
    }
}

/// Where a file of the plan is, unless that is elsewhere.
pub(super) fn inside(dir: &Path, file: &str) -> Result<PathBuf, DrawError> {
    let path = dir.join(file);
    if leads_out(dir, &path) {
        return Err(DrawError::Outside { path });
    }
    Ok(path)
}

fn toml_file<T: DeserializeOwned>(path: &Path) -> Result<T, DrawError> {
    toml::from_str(&read(path)?).map_err(|source| DrawError::Toml {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

fn csv_file<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, DrawError> {
    csv::Reader::from_reader(read(path)?.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| DrawError::Csv {
            path: path.to_owned(),
            source,
        })
}

fn read(path: &Path) -> Result<String, DrawError> {
    fs::read_to_string(path).map_err(|source| DrawError::Read {
        path: path.to_owned(),
        source,
    })
}
