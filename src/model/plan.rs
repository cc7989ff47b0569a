use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AuditSettings, Basemap, CollectionAudit, Column, Text};

/// The collection that is drawn beneath every view, in a plan that has one: the ground, and no project.
pub const CONTEXT: &str = "context";

/// The column that says what a shape rests on.
pub const BASIS: &str = "geometry_basis";

/// A plan as its `plan.toml` describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// A short stable name.
    pub id: String,
    /// Title of the map.
    pub title: Text,
    /// The document that the figures are taken from.
    pub source_title: Text,
    /// Years that the plan is for.
    pub period: Period,
    /// When the document was issued, as precisely as known: `2021-01`.
    pub issued: String,
    /// Who issued it; absent where the document does not say.
    #[serde(default)]
    pub publisher: Option<Text>,
    /// Whom to name wherever the data are shown.
    pub attribution: Vec<Text>,
    /// What everybody must know before relying on the map.
    pub notice: Text,
    /// The box that every coordinate must lie in: west, south, east, north in degrees. It catches
    /// exchanged axes and wrong CRSs.
    pub extent: [f64; 4],
    /// CRSs that features are served in, for instance `EPSG:4549`. CRS84 is always one of them.
    #[serde(default = "usual_crs")]
    pub crs: Vec<String>,
    /// The register's file in `seeds/`, where there is one.
    #[serde(default)]
    pub register: Option<String>,
    /// The number under which an authority has approved the map (审图号), as it is to be printed.
    #[serde(default)]
    pub map_approval: Option<Text>,
    /// Raster maps from elsewhere to draw beneath; none by default, and then nothing is asked of anybody.
    #[serde(default)]
    pub basemaps: Vec<Basemap>,
    /// How much a tile may hold.
    #[serde(default)]
    pub tiles: TileBudget,
    /// Which checks are off, and what they tolerate. No part of what the API tells of a plan.
    #[serde(default, skip_serializing)]
    pub audit: AuditSettings,
    /// The map as it opens.
    pub view: Camera,
    /// The plan's figures and other ready-made views.
    #[serde(default)]
    pub views: Vec<View>,
}

impl Plan {
    /// The collection of works that people ask for first: that of the first view which lists works. None in a plan
    /// without such a view.
    #[must_use]
    pub fn works(&self) -> Option<&str> {
        let view = self
            .views
            .iter()
            .find(|view| view.opens.list == Some(List::Works))?;
        let first = view.layers.iter().find(|id| *id != CONTEXT);
        view.opens.collection.as_ref().or(first).map(String::as_str)
    }
}

/// WGS 84 and CGCS2000 with the zone of Shanghai, and the offset coordinates of Chinese web maps.
fn usual_crs() -> Vec<String> {
    [
        "OGC:CRS84",
        "EPSG:4326",
        "EPSG:3857",
        "EPSG:4490",
        "EPSG:4549",
        "GCJ02",
        "BD09",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// How much of a collection a tile may hold. What is beyond is merged, the smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TileBudget {
    /// Features that are shown as they are.
    pub features: usize,
    /// Bytes of a vector tile before compression, as far as they can be told beforehand. A GeoJSON tile
    /// holds the same features, and takes about four times as many.
    pub bytes: usize,
}

impl Default for TileBudget {
    fn default() -> Self {
        Self {
            features: 20_000,
            bytes: 480_000,
        }
    }
}

/// First and last year of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First year.
    pub start: u16,
    /// Last year.
    pub end: u16,
}

/// Where the map looks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// Longitude and latitude in degrees.
    pub center: [f64; 2],
    /// Web Mercator zoom for 256-pixel tiles.
    pub zoom: f64,
}

/// A printed figure of the plan that a view stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// As numbered in the plan, for instance 图2.
    pub number: String,
    /// Its caption in the plan and a translation.
    pub caption: Text,
    /// A remark on the numbering, where one is due.
    #[serde(default)]
    pub remark: Option<Text>,
}

/// A ready-made map: which collections, in which order, with which words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Its name in links.
    pub id: String,
    /// Title for people.
    pub title: Text,
    /// A sentence or two.
    pub introduction: Text,
    /// The figure of the plan that it stands for.
    #[serde(default)]
    pub figure: Option<Figure>,
    /// Collections shown, in legend order.
    pub layers: Vec<String>,
    /// Where it looks, where that differs from the plan's view.
    #[serde(default)]
    pub view: Option<Camera>,
    /// What it opens with.
    #[serde(default)]
    pub opens: Opens,
}

/// What is open, filtered and sorted when a view is opened by its link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Opens {
    /// The tab of the rail; of a phone, of the sheet.
    pub rail: Option<Rail>,
    /// How much of the table is open, where the screen has room for one.
    pub drawer: Option<Drawer>,
    /// How projects are listed; by layer where it does not say.
    pub list: Option<List>,
    /// The collection that is filtered and tabulated; the first of its layers where it does not say.
    pub collection: Option<String>,
    /// Clauses, as `f` in the address of the page has them: `plot_ratio:2~3;kind:new-build`.
    pub filter: Option<String>,
    /// Columns, as `sort` in the address of the page has them: `-site_area_m2,name_zh`.
    pub sort: Option<String>,
}

/// A tab of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rail {
    /// The legend.
    Layers,
    /// The list.
    Projects,
    /// The filter.
    Filter,
}

/// How much of the table is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Drawer {
    /// Nothing.
    Shut,
    /// Beside the map.
    Half,
    /// All.
    Full,
}

/// A way to list projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// By layer.
    Layers,
    /// Works by kind, with from where to where, for people who live there.
    Works,
}

/// What shapes a collection holds. Each kind includes its multi-part form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeometryKind {
    /// Points.
    Point,
    /// Lines.
    Line,
    /// Polygons.
    Polygon,
    /// Any of them.
    Any,
}

impl GeometryKind {
    /// True where there can be polygons.
    #[must_use]
    pub fn holds_polygons(self) -> bool {
        matches!(self, Self::Polygon | Self::Any)
    }
}

/// Hints for drawing; a client may follow them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Main colour, `#rrggbb`.
    pub color: String,
    /// Line width in CSS pixels.
    #[serde(default)]
    pub width: Option<f64>,
    /// The enumerated column that splits the legend into classes.
    #[serde(default)]
    pub class_column: Option<String>,
}

/// The columns that say when a feature is (OGC API Features Part 1, section 7.15.4). Both hold
/// dates, or both timestamps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeColumns {
    /// The column of the start, or of the only time.
    pub start: String,
    /// The column of the end, which is part of the time. In a collection that has one, a null start
    /// or end is open; without one, a feature is at its start only.
    #[serde(default)]
    pub end: Option<String>,
}

/// A collection as `collections.toml` describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionInfo {
    /// Its name in paths.
    pub id: String,
    /// Title for people.
    pub title: Text,
    /// A sentence.
    pub description: Text,
    /// Shapes that it may hold.
    pub geometry: GeometryKind,
    /// Its file in `geodata/`.
    pub source: String,
    /// The layer of a file that has several.
    pub layer: Option<String>,
    /// What its file calls columns otherwise, with their names here: `id` for the ids, and nothing for those that are
    /// left out. Only of a file that another program writes.
    pub fields: BTreeMap<String, String>,
    /// True where its rows are rows of the register.
    pub register: bool,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The lowest zoom at which tiles carry it.
    pub min_zoom: u8,
    /// Hints for drawing.
    pub style: Style,
    /// When its features are, where they have a time.
    pub time: Option<TimeColumns>,
    /// What the audit asks of its features.
    pub audit: CollectionAudit,
    /// True where every id is a whole number; known once the rows are.
    pub numeric_ids: bool,
}

impl CollectionInfo {
    /// What a column of the file is called here; none where it is left out.
    #[must_use]
    pub fn field<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let here = self.fields.get(name).map_or(name, String::as_str);
        (!here.is_empty()).then_some(here)
    }

    /// The positions of the columns of start and end.
    #[must_use]
    pub fn time_columns(&self) -> Option<(usize, Option<usize>)> {
        let time = self.time.as_ref()?;
        let end = time.end.as_deref().and_then(|end| self.column_index(end));
        Some((self.column_index(&time.start)?, end))
    }

    /// The position of a column.
    #[must_use]
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// True of collections that say what each shape rests on; of the others nothing is known.
    #[must_use]
    pub fn says_basis(&self) -> bool {
        self.column_index(BASIS).is_some()
    }

    /// Whether a feature with this basis has a schematic shape: in a collection that says it, all but the surveyed.
    #[must_use]
    pub fn is_schematic(&self, basis: Option<&str>) -> bool {
        self.says_basis() && basis != Some("surveyed")
    }
}
