//! A made-up town of a few features in metres, written as a plan folder.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use buju::audit::{self, Note, Report};
use buju::ingest::{self, Outcome, PlanFiles};
use buju::query::metres_per_degree;
use buju::snapshot::Snapshot;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A town whose folder is deleted with it.
pub struct Town {
    folder: TempDir,
    audit: String,
    collections: String,
    columns: Vec<String>,
}

/// Metres east and north of the town's corner, in degrees.
pub fn at(x: f64, y: f64) -> [f64; 2] {
    let (east, north) = metres_per_degree(31.0);
    [121.0 + x / east, 31.0 + y / north]
}

/// A polygon of one ring in metres, which is closed here.
pub fn polygon(ring: &[(f64, f64)]) -> Json {
    let mut ring: Vec<_> = ring.iter().map(|(x, y)| at(*x, *y)).collect();
    ring.push(ring[0]);
    json!({ "type": "Polygon", "coordinates": [ring] })
}

/// A rectangle in metres.
pub fn rectangle(x: f64, y: f64, width: f64, height: f64) -> Json {
    let (right, top) = (x + width, y + height);
    polygon(&[(x, y), (right, y), (right, top), (x, top)])
}

/// A line in metres.
pub fn line(positions: &[(f64, f64)]) -> Json {
    let positions: Vec<_> = positions.iter().map(|(x, y)| at(*x, *y)).collect();
    json!({ "type": "LineString", "coordinates": positions })
}

/// A feature.
pub fn feature(id: &str, geometry: Json, properties: Json) -> Json {
    let mut feature = json!({ "type": "Feature", "id": id });
    feature["properties"] = properties;
    feature["geometry"] = geometry;
    feature
}

impl Town {
    /// `audit` is what follows `[audit]` in `plan.toml`.
    pub fn new(audit: &str) -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            audit: audit.to_owned(),
            collections: String::new(),
            columns: Vec::new(),
        }
    }

    /// Adds a collection; `audit` is what stands in its braces. The names of columns tell their types;
    /// one with a unit behind a colon is a number.
    pub fn with(mut self, id: &str, audit: &str, columns: &[&str], features: &[Json]) -> Self {
        let name = |column: &&str| column.split(':').next().unwrap_or_default().to_owned();
        let names: Vec<_> = columns.iter().map(name).collect();
        write!(
            self.collections,
            "[[collections]]\nid = \"{id}\"\ntitle = {{ zh = \"{id}\", en = \"{id}\" }}\n\
             description = {{ zh = \"{id}\", en = \"{id}\" }}\ngeometry = \"any\"\n\
             source = \"{id}.geojson\"\nstyle = {{ color = \"#000000\" }}\n\
             columns = {names:?}\naudit = {{ {audit} }}\n"
        )
        .expect("written");
        for column in columns {
            if !self.columns.iter().any(|known| known == column) {
                self.columns.push((*column).to_owned());
            }
        }
        let json = json!({ "type": "FeatureCollection", "features": features });
        let folder = self.folder.path().join("geodata");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("{id}.geojson")), json.to_string()).expect("written");
        self
    }

    /// Writes what describes it, and gives its folder.
    pub fn path(&self) -> &Path {
        let seeds = self.folder.path().join("seeds");
        fs::create_dir_all(&seeds).expect("a folder");
        let both = |text: &str| format!("{{ zh = \"{text}\", en = \"{text}\" }}");
        let plan = format!(
            "id = \"made-up\"\ntitle = {t}\nsource_title = {t}\nperiod = {{ start = 2021, end = 2025 }}\n\
             issued = \"2021\"\nattribution = [{t}]\nnotice = {t}\nextent = [120.0, 30.0, 122.0, 32.0]\n\
             view = {{ center = [121.0, 31.0], zoom = 12.0 }}\n[audit]\n{audit}\n",
            t = both("虚构 made up"),
            audit = self.audit
        );
        fs::write(seeds.join("plan.toml"), plan).expect("written");
        let mut collections = self.collections.clone();
        for column in &self.columns {
            let (column, unit) = column.split_once(':').unwrap_or((column, ""));
            let kind = match column.rsplit('_').next() {
                _ if !unit.is_empty() => "number",
                Some("m2" | "ratio" | "m" | "cny") => "number",
                Some("on") => "date",
                _ => "string",
            };
            let title = both(column);
            write!(
                collections,
                "[columns.{column}]\ntitle = {title}\ntype = \"{kind}\"\nrole = \"stated\"\n"
            )
            .expect("written");
            if !unit.is_empty() {
                writeln!(collections, "unit = \"{unit}\"").expect("written");
            }
        }
        fs::write(seeds.join("collections.toml"), collections).expect("written");
        self.folder.path()
    }

    pub fn load(&self) -> Outcome {
        ingest::load(&PlanFiles::Folder(self.path().to_owned())).expect("a readable folder")
    }

    pub fn snapshot(&self) -> Snapshot {
        let outcome = self.load();
        let loaded = outcome.loaded;
        Snapshot::build(
            loaded.unwrap_or_else(|| panic!("{:#?}", outcome.findings)),
            Vec::new(),
        )
    }

    pub fn report(&self) -> Report {
        let outcome = self.load();
        let findings = outcome.findings;
        let Some(loaded) = outcome.loaded else {
            panic!("{findings:#?}");
        };
        audit::audit(&Snapshot::build(loaded, Vec::new()), findings, audit::KEPT)
    }

    /// The notes of one check.
    pub fn notes(&self, check: &str) -> Vec<Note> {
        let notes = self.report().notes.into_iter();
        notes.filter(|note| note.finding.check == check).collect()
    }

    /// The ids that one check names, in order.
    pub fn ids(&self, check: &str) -> Vec<String> {
        let notes = self.notes(check).into_iter();
        notes.filter_map(|note| note.finding.id).collect()
    }

    /// The reasons of errors of settings.
    pub fn setting_errors(&self) -> Vec<String> {
        let findings = self.load().findings.into_iter();
        let settings = findings.filter(|finding| finding.check == "setting");
        settings.map(|finding| finding.reason).collect()
    }
}
