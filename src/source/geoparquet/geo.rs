use std::collections::BTreeSet;

use ::parquet::basic::{ConvertedType, LogicalType as Logical, Type as Physical};
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::schema::types::ColumnDescriptor;
use serde_json::Value as Json;

use super::SourceError;
use crate::crs::Crs;
use crate::source::SourceCrs;

/// What is known of a file's geometries.
#[derive(Debug)]
pub(super) struct Geo {
    /// The column of the geometries.
    pub primary: String,
    pub encoding: Encoding,
    pub crs: SourceCrs,
    /// Other columns of geometries.
    pub others: BTreeSet<String>,
    /// Columns of boxes of the geometries, which say nothing more.
    pub boxes: BTreeSet<String>,
}

/// How geometries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Wkb,
    /// As nested lists of positions (`GeoArrow`), of this type.
    Arrow(Arrow),
}

/// The types of `GeoArrow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrow {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
}

impl Arrow {
    /// By the name of the encoding.
    fn named(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("geoarrow.").unwrap_or(name) {
            "point" => Self::Point,
            "linestring" => Self::LineString,
            "polygon" => Self::Polygon,
            "multipoint" => Self::MultiPoint,
            "multilinestring" => Self::MultiLineString,
            "multipolygon" => Self::MultiPolygon,
            _ => return None,
        })
    }

    /// How deep its positions are nested.
    pub fn depth(self) -> i16 {
        match self {
            Self::Point => 0,
            Self::LineString | Self::MultiPoint => 1,
            Self::Polygon | Self::MultiLineString => 2,
            Self::MultiPolygon => 3,
        }
    }
}

/// Answers whether the first cells of a leaf of the schema are WKB.
pub(super) type IsWkb<'a> = &'a dyn Fn(usize) -> Result<bool, SourceError>;

/// The file, and what is asked of it.
pub(super) struct Wanted<'a> {
    pub file: &'a str,
    /// The column that somebody has named.
    pub geometry: Option<&'a str>,
}

impl Geo {
    /// Finds the geometries: by the metadata named `geo`, else by Parquet's own types, else by what columns of bytes
    /// hold.
    pub fn of(
        wanted: &Wanted,
        metadata: &ParquetMetaData,
        is_wkb: IsWkb,
        notes: &mut Vec<String>,
    ) -> Result<Self, SourceError> {
        if let Some(name) = wanted.geometry {
            let columns = metadata.file_metadata().schema_descr().root_schema();
            let names: Vec<_> = columns
                .get_fields()
                .iter()
                .map(|field| field.name())
                .collect();
            if !names.contains(&name) {
                return Err(wanted.unsupported(format!(
                    "--geometry {name}: it has no such column; it has {}",
                    super::layers::told(&names)
                )));
            }
        }
        match value(metadata, "geo") {
            Some(geo) => Self::told(wanted, metadata, geo, notes),
            None => match Self::native(wanted, metadata, notes) {
                Some(geo) => Ok(geo),
                None => Self::bytes(wanted, metadata, is_wkb, notes),
            },
        }
    }

    /// As the metadata named `geo` say (`GeoParquet`).
    fn told(
        wanted: &Wanted,
        metadata: &ParquetMetaData,
        geo: &str,
        notes: &mut Vec<String>,
    ) -> Result<Self, SourceError> {
        let broken = |reason: String| wanted.broken(reason);
        let geo: Json = serde_json::from_str(geo)
            .map_err(|error| broken(format!("its metadata named geo are no JSON: {error}")))?;
        let version = geo["version"].as_str().unwrap_or("?");
        if !["0.", "1.", "2."]
            .iter()
            .any(|known| version.starts_with(known))
        {
            return Err(wanted.unsupported(format!(
                "expected GeoParquet 1 or 2, found version {version}: write it again as GeoParquet 1"
            )));
        }
        let own = geo["primary_column"].as_str();
        let primary = wanted.geometry.or(own).unwrap_or_default().to_owned();
        let Some(column) = geo["columns"].get(&primary) else {
            return Err(broken(format!(
                "its metadata do not describe the column {primary:?} of geometries"
            )));
        };
        let encoding = match column["encoding"].as_str() {
            Some("WKB") => Encoding::Wkb,
            other => {
                let found = other.unwrap_or("none");
                let arrow = Arrow::named(found).map(Encoding::Arrow);
                arrow.ok_or_else(|| wanted.unsupported(format!(
                    "expected geometries as WKB or GeoArrow, found the encoding {found}: write it again with geometry_encoding=\"WKB\" (GeoPandas), or -lco GEOMETRY_ENCODING=WKB (ogr2ogr)"
                )))?
            }
        };
        if column["edges"]
            .as_str()
            .is_some_and(|edges| edges != "planar")
        {
            notes.push(GEODESICS.to_owned());
        }
        let names = geo["columns"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys());
        let others = names.filter(|name| **name != primary).cloned().collect();
        let sides = column.pointer("/covering/bbox").and_then(Json::as_object);
        let sides = sides.into_iter().flat_map(|sides| sides.values());
        let boxes = sides
            .filter_map(|path| path[0].as_str().map(str::to_owned))
            .collect();
        let own = leaves(metadata);
        let own = own.iter().find(|leaf| leaf.name == primary);
        let crs = match (column.get("crs"), own.and_then(Leaf::native)) {
            (Some(crs), _) => json_crs(crs, metadata),
            (None, Some(native)) => native_crs(native.crs, metadata),
            (None, None) => SourceCrs::Known(Crs::Crs84),
        };
        Ok(Self {
            primary,
            encoding,
            crs,
            others,
            boxes,
        })
    }

    /// By the types GEOMETRY and GEOGRAPHY of Parquet itself; none where no column has one.
    fn native(
        wanted: &Wanted,
        metadata: &ParquetMetaData,
        notes: &mut Vec<String>,
    ) -> Option<Self> {
        let leaves = leaves(metadata);
        let all: Vec<_> = leaves
            .iter()
            .filter_map(|leaf| Some((leaf, leaf.native()?)))
            .collect();
        let by_name = |name: &str| all.iter().find(|(leaf, _)| leaf.name == name);
        let (leaf, native) = match wanted.geometry {
            Some(name) => by_name(name)?,
            None => by_name("geometry")
                .or_else(|| by_name("geom"))
                .or(all.first())?,
        };
        if native.geodesic {
            notes.push(GEODESICS.to_owned());
        }
        let others = all.iter().map(|(leaf, _)| leaf.name.to_owned());
        Some(Self {
            primary: leaf.name.to_owned(),
            encoding: Encoding::Wkb,
            crs: native_crs(native.crs, metadata),
            others: others.filter(|name| name != leaf.name).collect(),
            boxes: BTreeSet::new(),
        })
    }

    /// By the column of bytes that is named, or whose first cells are WKB.
    fn bytes(
        wanted: &Wanted,
        metadata: &ParquetMetaData,
        is_wkb: IsWkb,
        notes: &mut Vec<String>,
    ) -> Result<Self, SourceError> {
        let mut found = Vec::new();
        for leaf in leaves(metadata) {
            let asked = wanted.geometry.is_none_or(|name| leaf.name == name);
            if asked && leaf.is_bytes() && is_wkb(leaf.at)? {
                found.push(leaf.name.to_owned());
            }
        }
        let Some(primary) = found.first().cloned() else {
            return Err(wanted.unsupported(match wanted.geometry {
                Some(name) => format!("--geometry {name}: expected a column of WKB, found none in its cells"),
                None => "is Parquet without geometries: it has no metadata named geo, no column of type GEOMETRY or GEOGRAPHY, and none of WKB. \
                         Write it as GeoParquet, or as CSV with a column wkt or with lon and lat"
                    .to_owned(),
            }));
        };
        let rest = found[1..].join(", ");
        let rest = match found.len() {
            1 => String::new(),
            _ => format!("; {rest} would be one too (--geometry names it)"),
        };
        notes.push(format!(
            "it has no metadata on geometries: they are read from column {primary}, which is WKB{rest}"
        ));
        Ok(Self {
            encoding: Encoding::Wkb,
            crs: SourceCrs::Untold,
            others: found.into_iter().skip(1).collect(),
            boxes: BTreeSet::new(),
            primary,
        })
    }
}

impl Wanted<'_> {
    fn unsupported(&self, reason: String) -> SourceError {
        SourceError::Unsupported {
            file: self.file.to_owned(),
            reason,
        }
    }

    fn broken(&self, reason: String) -> SourceError {
        SourceError::Broken {
            file: self.file.to_owned(),
            reason,
        }
    }
}

const GEODESICS: &str = "its edges are geodesics; they are read as straight lines";

/// A column that is not nested.
struct Leaf<'a> {
    name: &'a str,
    at: usize,
    described: &'a ColumnDescriptor,
}

/// What Parquet's own type says of a column of geometries.
struct Native<'a> {
    crs: Option<&'a str>,
    geodesic: bool,
}

impl Leaf<'_> {
    fn native(&self) -> Option<Native<'_>> {
        match self.described.logical_type_ref()? {
            Logical::Geometry(own) => Some(Native {
                crs: own.crs.as_deref(),
                geodesic: false,
            }),
            Logical::Geography(own) => Some(Native {
                crs: own.crs.as_deref(),
                geodesic: true,
            }),
            _ => None,
        }
    }

    /// True of bytes that are nothing else by the file.
    fn is_bytes(&self) -> bool {
        let described = self.described;
        described.physical_type() == Physical::BYTE_ARRAY
            && described.converted_type() == ConvertedType::NONE
            && matches!(described.logical_type_ref(), None | Some(Logical::Unknown))
    }
}

fn leaves(metadata: &ParquetMetaData) -> Vec<Leaf<'_>> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let flat = columns.iter().enumerate().filter_map(|(at, described)| {
        let [name] = described.path().parts() else {
            return None;
        };
        let name = name.as_str();
        (described.max_rep_level() == 0).then_some(Leaf {
            name,
            at,
            described,
        })
    });
    flat.collect()
}

/// A value of the file's metadata.
fn value<'a>(metadata: &'a ParquetMetaData, key: &str) -> Option<&'a str> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let mut pairs = pairs.into_iter().flatten();
    pairs.find_map(|pair| pair.value.as_deref().filter(|_| pair.key == key))
}

/// Of Parquet's own type; where it says nothing it is CRS84.
fn native_crs(crs: Option<&str>, metadata: &ParquetMetaData) -> SourceCrs {
    crs.map_or(SourceCrs::Known(Crs::Crs84), |text| {
        text_crs(text, metadata)
    })
}

/// Null is unknown; else it is PROJJSON, or a text, which the format does not foresee.
fn json_crs(crs: &Json, metadata: &ParquetMetaData) -> SourceCrs {
    let code = match &crs["id"]["code"] {
        Json::String(code) => code.clone(),
        code => code.to_string(),
    };
    let authority = crs["id"]["authority"].as_str().unwrap_or_default();
    match crs {
        Json::Null => SourceCrs::Untold,
        Json::String(text) => text_crs(text, metadata),
        crs => match format!("{authority}:{code}").parse() {
            Ok(known) => SourceCrs::Known(known),
            // PROJ reads it as it reads WKT.
            Err(_) => SourceCrs::Wkt(crs.to_string()),
        },
    }
}

/// A code, PROJJSON or WKT; or a reference to a value of the metadata, as Parquet's own types have it.
fn text_crs(text: &str, metadata: &ParquetMetaData) -> SourceCrs {
    let text = text.trim();
    if let Some(srid) = text.strip_prefix("srid:") {
        return match srid.trim().parse() {
            Ok(0) => SourceCrs::Untold,
            Ok(code) => SourceCrs::Known(Crs::Epsg(code)),
            Err(_) => SourceCrs::Wkt(text.to_owned()),
        };
    }
    if let Some(key) = text.strip_prefix("projjson:") {
        let kept = value(metadata, key).filter(|kept| !kept.starts_with("projjson:"));
        return kept.map_or(SourceCrs::Untold, |kept| text_crs(kept, metadata));
    }
    if text.starts_with('{')
        && let Ok(json @ Json::Object(_)) = serde_json::from_str(text)
    {
        return json_crs(&json, metadata);
    }
    let upper = text.to_uppercase();
    match upper.parse().or_else(|_| text.parse()) {
        Ok(known) => SourceCrs::Known(known),
        Err(_) if text.is_empty() => SourceCrs::Untold,
        Err(_) => SourceCrs::Wkt(text.to_owned()),
    }
}
