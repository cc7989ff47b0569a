//! A collection that a plan does not have yet, as a file suggests it: its table and its columns' in
//! `collections.toml`, with a word on what was seen.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::error::ImportError;
use super::name::{self, Named};
use super::profile::{CODES, Profile, Seen};
use super::time;
use super::wiring::{Map, Wire, source_column};
use crate::ingest;
use crate::model::{
    CodedValue, CollectionAudit, CollectionInfo, Column, ColumnType, Compute, Factor, GeometryKind,
    Role, Style, Text,
};
use crate::source::Layer;

/// Colours of legends, each at least 3:1 against white.
const COLORS: [&str; CODES] = [
    "#b3261e", "#1565c0", "#2e7d32", "#b45309", "#7b1fa2", "#00796b", "#ad1457", "#5e35b1",
    "#8a5a00", "#37474f", "#c62828", "#558b2f",
];

/// Columns of numbers that tiles carry: a table of a hundred would make a tile of a megabyte.
const FIGURES: usize = 6;

/// What is proposed.
#[derive(Debug)]
pub struct Proposal {
    /// The collection.
    pub info: CollectionInfo,
    /// How the file fills it.
    pub wires: Vec<Wire>,
    /// A word on each of the columns that `collections.toml` does not have yet.
    pub(super) fresh: Vec<(usize, String)>,
}

/// Proposes a collection. `known` are the plan's columns: one of the same name is shared where it holds the same
/// type, and left alone where it does not. Roles are `stated`, for whoever has made the file vouches for its
/// figures; that is for people to check.
///
/// # Errors
/// What was told names a column that is not there, or a name that no column can have.
pub fn propose(
    id: &str,
    file: &str,
    crs: &str,
    layer: &Layer,
    seen: &Seen,
    maps: &[Map],
    known: &BTreeMap<String, Column>,
) -> Result<Proposal, ImportError> {
    let mut columns: Vec<Column> = Vec::new();
    let (mut wires, mut fresh) = (Vec::new(), Vec::new());
    let mut mapped = Vec::new();
    for map in maps {
        let from = source_column(layer, &map.from, "--map")?;
        if mapped.contains(&from) {
            let reason = format!(
                "--map {}: a new collection takes each column of the file once",
                map.from
            );
            return Err(ImportError::Refused(reason));
        }
        if ingest::is_reserved(&map.to) {
            let reason = format!(
                "--map {}={to}: the server uses the name {to:?} itself",
                map.from,
                to = map.to
            );
            return Err(ImportError::Refused(reason));
        }
        mapped.push(from);
    }
    for (from, (source, profile)) in layer.columns.iter().zip(&seen.columns).enumerate() {
        let map = mapped.iter().position(|at| *at == from).map(|at| &maps[at]);
        let named = name::column(&source.name);
        let (column, factor) = proposed(&named, profile, map).map_err(|reason| {
            let to = map.map_or("", |map| map.to.as_str());
            ImportError::Refused(format!("--map {}={to}: {reason}", source.name))
        })?;
        let wanted = map.map_or(named.name.as_str(), |map| map.to.as_str());
        let taken =
            |columns: &[Column], name: &str| columns.iter().any(|column| column.name == name);
        if map.is_some() && taken(&columns, wanted) {
            let reason = format!(
                "--map {}={wanted}: that column is filled already",
                source.name
            );
            return Err(ImportError::Refused(reason));
        }
        let shared = known
            .get(wanted)
            .filter(|known| shares(known, &column, profile));
        let to = columns.len();
        if let Some(shared) = shared.filter(|_| !taken(&columns, wanted)) {
            columns.push(Column {
                name: wanted.to_owned(),
                ..shared.clone()
            });
        } else {
            let name = name::unique(wanted, |name| {
                taken(&columns, name) || known.contains_key(name)
            });
            fresh.push((to, remark(&source.name, profile)));
            let numeric =
                |column: &Column| matches!(column.kind, ColumnType::Integer | ColumnType::Number);
            let few = columns.iter().filter(|column| numeric(column)).count() < FIGURES;
            let tile = column.tile || (few && numeric(&column));
            columns.push(Column {
                name,
                tile,
                ..column
            });
        }
        wires.push(Wire { from, to, factor });
    }
    let named: Vec<_> = wires
        .iter()
        .map(|wire: &Wire| (layer.columns[wire.from].name.as_str(), &columns[wire.to]))
        .collect();
    let time = time::proposed(&named);
    let geometry = seen.geometry();
    measured(geometry, known, &mut columns, &mut fresh);
    Ok(Proposal {
        info: CollectionInfo {
            time,
            ..collection(id, file, crs, layer, geometry, columns, known.len())
        },
        wires,
        fresh,
    })
}

impl Proposal {
    /// For the file as it is, in the plan's folder: what it calls its columns is told, and nothing is converted. `id` is
    /// its column of ids.
    ///
    /// # Errors
    /// It is no file that is served so, or something would have to be converted.
    pub fn into_direct(
        mut self,
        layer: &Layer,
        file: &str,
        id: Option<usize>,
        maps: &[Map],
    ) -> Result<Self, ImportError> {
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        let is_database = ending.eq_ignore_ascii_case("gpkg");
        if !is_database && !ending.eq_ignore_ascii_case("fgb") {
            let reason = format!("--direct: expected a .gpkg or .fgb, found {file:?}");
            return Err(ImportError::Refused(reason));
        }
        if let Some(wire) = self.wires.iter().find(|wire| wire.factor.is_some()) {
            let reason = format!(
                "--direct: column {:?} would have to be converted, and the file stays as it is",
                layer.columns[wire.from].name
            );
            return Err(ImportError::Refused(reason));
        }
        self.keep_case(layer, maps);
        let mut fields = BTreeMap::new();
        for wire in &self.wires {
            let (from, to) = (
                &layer.columns[wire.from].name,
                &self.info.columns[wire.to].name,
            );
            if id == Some(wire.from) {
                fields.insert(from.clone(), "id".to_owned());
            } else if from != to {
                fields.insert(from.clone(), to.clone());
            }
        }
        let gone = self
            .wires
            .iter()
            .find(|wire| id == Some(wire.from))
            .map(|wire| wire.to);
        if let Some(gone) = gone {
            self.info.columns.remove(gone);
            self.fresh.retain(|(at, _)| *at != gone);
            for (at, _) in self.fresh.iter_mut().filter(|(at, _)| *at > gone) {
                *at -= 1;
            }
        }
        file.clone_into(&mut self.info.source);
        self.info.layer = is_database.then(|| layer.name.clone());
        self.info.fields = fields;
        Ok(self)
    }
}

impl Proposal {
    /// Calls a column as the file does, where only the case of its name was changed: the file stays as it is, and so do
    /// programs that know its names.
    fn keep_case(&mut self, layer: &Layer, maps: &[Map]) {
        for wire in &self.wires {
            let from = &layer.columns[wire.from].name;
            let name = &self.info.columns[wire.to].name;
            let told = maps.iter().any(|map| map.from == *from);
            if told || *name == *from || !name.eq_ignore_ascii_case(from) {
                continue;
            }
            let old = std::mem::replace(&mut self.info.columns[wire.to].name, from.clone());
            let class = self.info.style.class_column.as_mut();
            let time = self.info.time.as_mut();
            let (start, end) = time.map_or((None, None), |time| {
                (Some(&mut time.start), time.end.as_mut())
            });
            for named in [class, start, end].into_iter().flatten() {
                if *named == old {
                    named.clone_from(from);
                }
            }
        }
    }
}

fn proposed(
    named: &Named,
    profile: &Profile,
    map: Option<&Map>,
) -> Result<(Column, Option<Factor>), String> {
    let told = map.and_then(|map| map.unit);
    let mut kind = profile.column_type();
    // Numbers that a sheet holds as texts are numbers where somebody says that they have a unit.
    if told.is_some() && profile.all_numbers() {
        kind = ColumnType::Number;
    }
    let numeric = matches!(kind, ColumnType::Integer | ColumnType::Number);
    if let Some(unit) = told.filter(|_| !numeric) {
        let odd = profile.first_odd();
        return Err(format!(
            "not all of its cells are numbers in {}{odd}",
            unit.name
        ));
    }
    let unit = told.or(named.unit).filter(|_| numeric);
    // A name that says a unit holds numbers in it.
    let named_so = map
        .and_then(|map| name::unit_of(&map.to))
        .filter(|_| numeric);
    let into = map.and_then(|map| map.into).or(named_so);
    if let (Some(into), Some(named_so)) = (into, named_so)
        && into != named_so
    {
        return Err(format!(
            "the name says {}, not {}",
            named_so.name, into.name
        ));
    }
    let factor = match unit.zip(into) {
        None => None,
        Some((unit, into)) => {
            let kinds = || format!("{} cannot become {}", unit.name, into.name);
            Some(unit.to(into).ok_or_else(kinds)?).filter(|factor| !factor.is_one())
        }
    };
    // A tenth of a hectare is a whole number of square metres, and of mu it is none.
    if factor.is_some() && kind == ColumnType::Integer {
        kind = ColumnType::Number;
    }
    let values = codes(kind, profile);
    let mut title = named.title.clone();
    if numeric && unit.is_some() {
        // The unit has a place of its own, and may be another one now.
        title.zh = name::without_unit(&title.zh).0;
        title.en = name::without_unit(&title.en).0;
    }
    let column = Column {
        title,
        kind,
        role: Role::Stated,
        unit: into
            .or(unit)
            .filter(|_| numeric)
            .map(|unit| unit.name.to_owned()),
        indexed: numeric
            || !values.is_empty()
            || matches!(kind, ColumnType::Date | ColumnType::Timestamp),
        tile: !values.is_empty() || named.name.starts_with("name"),
        values,
        name: String::new(),
        ..Column::distance()
    };
    Ok((column, factor))
}

/// Few texts that come again and again are an enumeration.
fn codes(kind: ColumnType, profile: &Profile) -> Vec<CodedValue> {
    let Some(codes) = profile.codes.as_ref().filter(|codes| {
        kind == ColumnType::String && codes.len() > 1 && profile.stated >= 3 * codes.len() as u64
    }) else {
        return Vec::new();
    };
    let value = |(code, color): (&String, &&str)| CodedValue {
        code: code.clone(),
        zh: code.clone(),
        en: code.clone(),
        color: Some((*color).to_owned()),
    };
    codes.keys().zip(&COLORS).map(value).collect()
}

/// Whether a column of the plan can hold what was seen.
fn shares(known: &Column, proposed: &Column, profile: &Profile) -> bool {
    let fits = known.kind == proposed.kind
        || (known.kind == ColumnType::Number && proposed.kind == ColumnType::Integer);
    let coded = known.values.is_empty()
        || profile.codes.as_ref().is_some_and(|seen| {
            let all = || known.values.iter();
            seen.keys()
                .all(|text| all().any(|value| value.code == *text))
        });
    fits && coded
        && known.compute.is_none()
        && known.agrees_with.is_none()
        && known.unit == proposed.unit
}

/// Areas and lengths as the server measures them, to be seen beside what the file says.
fn measured(
    geometry: GeometryKind,
    known: &BTreeMap<String, Column>,
    columns: &mut Vec<Column>,
    fresh: &mut Vec<(usize, String)>,
) {
    let (name, zh, en, unit, compute) = match geometry {
        GeometryKind::Polygon => (
            "measured_area_m2",
            "图上量得面积",
            "Area as drawn",
            "m²",
            Compute::GeodesicArea,
        ),
        GeometryKind::Line => (
            "measured_length_m",
            "图上量得长度",
            "Length as drawn",
            "m",
            Compute::GeodesicLength,
        ),
        _ => return,
    };
    if columns.iter().any(|column| column.name == name) {
        return;
    }
    let column = Column {
        name: name.to_owned(),
        title: Text {
            zh: zh.to_owned(),
            en: en.to_owned(),
        },
        unit: Some(unit.to_owned()),
        compute: Some(compute.clone()),
        indexed: true,
        ..Column::distance()
    };
    match known.get(name) {
        Some(shared)
            if shared.compute.as_ref() == Some(&compute) && shared.agrees_with.is_none() =>
        {
            columns.push(Column {
                name: name.to_owned(),
                ..shared.clone()
            });
        }
        Some(_) => {}
        None => {
            fresh.push((
                columns.len(),
                "measured on the ellipsoid, from the shape as drawn".to_owned(),
            ));
            columns.push(column);
        }
    }
}

fn collection(
    id: &str,
    file: &str,
    crs: &str,
    layer: &Layer,
    geometry: GeometryKind,
    columns: Vec<Column>,
    number: usize,
) -> CollectionInfo {
    let class = columns
        .iter()
        .find(|column| !column.values.is_empty() && column.kind == ColumnType::String);
    CollectionInfo {
        id: id.to_owned(),
        title: Text {
            zh: layer.name.clone(),
            en: layer.name.clone(),
        },
        description: Text {
            zh: format!("由 {file} 导入，坐标系 {crs}。"),
            en: format!("Imported from {file}, in {crs}."),
        },
        geometry,
        source: format!("{id}.geojson"),
        layer: None,
        fields: BTreeMap::new(),
        register: false,
        min_zoom: 0,
        style: Style {
            color: COLORS[number % COLORS.len()].to_owned(),
            width: Some(if geometry == GeometryKind::Line {
                4.0
            } else {
                2.0
            }),
            class_column: class.map(|column| column.name.clone()),
        },
        time: None,
        numeric_ids: false,
        audit: CollectionAudit::default(),
        columns,
    }
}

fn remark(header: &str, profile: &Profile) -> String {
    let mut remark = format!(
        "{header}: {} of {} stated",
        profile.stated,
        profile.stated + profile.nulls
    );
    // A text of any length and with any line break in it is no comment.
    if let Some((least, most)) = profile.range {
        let _ = write!(remark, ", {least} to {most}");
    } else if let Some(codes) = &profile.codes
        && !codes.is_empty()
    {
        let codes: Vec<_> = codes
            .iter()
            .map(|(code, count)| format!("{code:?} {count}"))
            .collect();
        let _ = write!(remark, ", {}", codes.join(", "));
    }
    if profile.is_unique() {
        remark.push_str(", no two alike");
    }
    remark.push_str(&profile.nearly_numbers());
    remark
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
