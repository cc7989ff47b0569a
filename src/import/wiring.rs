//! Which column of a file fills which column of a collection, and in what unit.

use std::str::FromStr;

use super::error::ImportError;
use super::name::{folded, without_unit};
use crate::model::{CollectionInfo, Column, ColumnType, Factor, Unit};
use crate::source::Layer;

/// What `--map` says: `用地面积=site_area_m2`, or `用地面积=site_area_m2:公顷->m²` where the file has another unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    /// The file's column.
    pub from: String,
    /// The collection's.
    pub to: String,
    /// The unit of the file's numbers.
    pub unit: Option<Unit>,
    /// The unit that they become; that of the collection's column, where it does not say.
    pub into: Option<Unit>,
}

impl FromStr for Map {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected COLUMN=NAME or COLUMN=NAME:UNIT->UNIT, found {text:?}");
        // A header may have an = of its own; a name has none.
        let (from, rest) = text.rsplit_once('=').ok_or_else(expected)?;
        let (to, units) = match rest.split_once(':') {
            Some((to, units)) => (to, Some(units)),
            None => (rest, None),
        };
        if from.is_empty() || to.is_empty() {
            return Err(expected());
        }
        let unit = |name: &str| {
            let unknown = || format!("unknown unit {name:?}: expected one of {}", Unit::all());
            Unit::of(name).ok_or_else(unknown)
        };
        let (unit, into) = match units.map(|units| (units, units.split_once("->"))) {
            None => (None, None),
            Some((one, None)) => (Some(unit(one)?), None),
            Some((_, Some((one, other)))) => (Some(unit(one)?), Some(unit(other)?)),
        };
        Ok(Self {
            from: from.to_owned(),
            to: to.to_owned(),
            unit,
            into,
        })
    }
}

/// A column of the file and the column that it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wire {
    /// Position among the file's.
    pub from: usize,
    /// Position among the collection's.
    pub to: usize,
    /// What its numbers are multiplied by.
    pub factor: Option<Factor>,
}

/// How a file's columns fill those of a collection.
#[derive(Debug, Default)]
pub struct Wiring {
    /// In the order of the collection's columns.
    pub wires: Vec<Wire>,
    /// Sentences for people: what fills what, what is left over on both sides.
    pub notes: Vec<String>,
}

/// Joins the columns of a file to those of a collection: as told; else by equal names; else by titles. `stated`
/// are columns that the register fills.
///
/// # Errors
/// What was told names a column that is not there, or a unit that does not fit.
pub fn wire(
    layer: &Layer,
    info: &CollectionInfo,
    maps: &[Map],
    id: Option<usize>,
    stated: &[String],
) -> Result<Wiring, ImportError> {
    let mut filled: Vec<Option<Wire>> = vec![None; info.columns.len()];
    let mut used = vec![false; layer.columns.len()];
    let mut notes = Vec::new();
    for map in maps {
        let from = source_column(layer, &map.from, "--map")?;
        let to = target(info, &map.to)?;
        let column = &info.columns[to];
        let refused = |reason: String| {
            let reason = format!("--map {}={}: {reason}", map.from, map.to);
            ImportError::Refused(reason)
        };
        if column.compute.is_some() {
            return Err(refused("that column is computed".to_owned()));
        }
        if stated.contains(&column.name) {
            return Err(refused(
                "the register has that column, and is the only place for it: an import fills places and what the register has not".to_owned(),
            ));
        }
        if filled[to].is_some() {
            return Err(refused("that column is filled already".to_owned()));
        }
        let factor = factor(&map.from, column, map.unit, map.into).map_err(refused)?;
        filled[to] = Some(Wire { from, to, factor });
        used[from] = true;
    }
    let open = |to: usize, filled: &[Option<Wire>]| {
        let column = &info.columns[to];
        filled[to].is_none() && column.compute.is_none() && !stated.contains(&column.name)
    };
    for by in [by_name, by_title] {
        for (from, source) in layer.columns.iter().enumerate() {
            if used[from] {
                continue;
            }
            let header = &source.name;
            let matching = (0..info.columns.len())
                .filter(|to| open(*to, &filled) && by(header, &info.columns[*to]));
            // A title that two columns share is no match for either.
            let [to] = matching.collect::<Vec<_>>()[..] else {
                continue;
            };
            let factor = factor(header, &info.columns[to], None, None)
                .map_err(|reason| ImportError::Refused(format!("column {header:?}: {reason}")))?;
            filled[to] = Some(Wire { from, to, factor });
            used[from] = true;
        }
    }
    for wire in filled.iter().flatten() {
        notes.push(described(layer, &info.columns[wire.to], *wire));
    }
    let left = (0..layer.columns.len()).filter(|at| !used[*at] && id != Some(*at));
    let left: Vec<_> = left.map(|at| layer.columns[at].name.as_str()).collect();
    if !left.is_empty() {
        notes.push(format!(
            "columns of the file that go nowhere: {}",
            left.join(", ")
        ));
    }
    let empty = (0..info.columns.len()).filter(|to| open(*to, &filled));
    let empty: Vec<_> = empty.map(|to| info.columns[to].name.as_str()).collect();
    if !empty.is_empty() {
        notes.push(format!("columns that nothing fills: {}", empty.join(", ")));
    }
    Ok(Wiring {
        wires: filled.into_iter().flatten().collect(),
        notes,
    })
}

/// The position of a column of the file.
///
/// # Errors
/// It has none of that name, or two.
pub fn source_column(layer: &Layer, name: &str, option: &str) -> Result<usize, ImportError> {
    let all = layer.columns.iter().enumerate();
    let same: Vec<usize> = all
        .filter(|(_, c)| c.name == name)
        .map(|(at, _)| at)
        .collect();
    // A unit behind the name, which may come from a line above the header, need not be told.
    let without: Vec<usize> = layer
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| same.is_empty() && without_unit(&column.name).0 == name)
        .map(|(at, _)| at)
        .collect();
    match same.as_slice() {
        [at] => Ok(*at),
        [] if without.len() == 1 => Ok(without[0]),
        [] => {
            let names = layer.columns.iter().map(|column| column.name.as_str());
            Err(ImportError::Refused(format!(
                "{option} {name}: {} has no column {name:?}{}",
                layer.name,
                near(name, names)
            )))
        }
        _ => Err(ImportError::Refused(format!(
            "{option} {name}: {} has {} columns of that name",
            layer.name,
            same.len()
        ))),
    }
}

fn target(info: &CollectionInfo, name: &str) -> Result<usize, ImportError> {
    info.column_index(name).ok_or_else(|| {
        let names = info.columns.iter().map(|column| column.name.as_str());
        ImportError::Refused(format!(
            "--map: the collection {:?} has no column {name:?}{}",
            info.id,
            near(name, names)
        ))
    })
}

/// The names that may have been meant, or all where there are few.
fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<_> = names
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let few = all.len() <= 12;
    let names: Vec<_> = all
        .iter()
        .take(if few { 12 } else { 5 })
        .filter(|(likeness, _)| few || *likeness > 0.5)
        .map(|(_, known)| *known)
        .collect();
    match names.as_slice() {
        [] => String::new(),
        names if few => format!("; it has {}", names.join(", ")),
        names => format!("; did you mean {}?", names.join(", ")),
    }
}

fn by_name(header: &str, column: &Column) -> bool {
    let plain = without_unit(header).0;
    [header.trim(), plain.as_str()]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&column.name))
}

fn by_title(header: &str, column: &Column) -> bool {
    let (plain, _) = without_unit(header);
    let titles = [&column.title.zh, &column.title.en];
    titles
        .iter()
        .any(|title| title.as_str() == header.trim() || folded(title) == folded(&plain))
}

/// The factor from the file's unit, as told or as its header says in brackets, to the column's.
fn factor(
    header: &str,
    column: &Column,
    told: Option<Unit>,
    into: Option<Unit>,
) -> Result<Option<Factor>, String> {
    if !matches!(column.kind, ColumnType::Integer | ColumnType::Number) {
        return match told {
            Some(unit) => Err(format!(
                "the column {} holds no numbers ({}): nothing is in {}",
                column.name, column.kind, unit.name
            )),
            None => Ok(None),
        };
    }
    let own = column.unit.as_deref().and_then(Unit::of);
    if let (Some(into), Some(own)) = (into, own)
        && into != own
    {
        return Err(format!("the column is in {}, not {}", own.name, into.name));
    }
    let Some(unit) = told.or_else(|| without_unit(header).1) else {
        return Ok(None);
    };
    let Some(into) = into.or(own) else {
        return match told {
            Some(_) => Err(format!(
                "the column {} has no unit to convert to: write {}->UNIT",
                column.name, unit.name
            )),
            None => Ok(None),
        };
    };
    let kinds = || format!("{} cannot become {}", unit.name, into.name);
    let factor = unit.to(into).ok_or_else(kinds)?;
    Ok((!factor.is_one()).then_some(factor))
}

fn described(layer: &Layer, column: &Column, wire: Wire) -> String {
    let from = &layer.columns[wire.from].name;
    let times = match wire.factor {
        Some(factor) => format!(" (times {factor})"),
        None => String::new(),
    };
    format!("{from} -> {}{times}", column.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GeometryKind, Style, Text};
    use crate::source::{Kind, SourceColumn, SourceCrs};

    fn info() -> CollectionInfo {
        let column = |name: &str, zh: &str, unit: Option<&str>| Column {
            name: name.to_owned(),
            title: Text {
                zh: zh.to_owned(),
                en: name.to_owned(),
            },
            unit: unit.map(str::to_owned),
            kind: ColumnType::Number,
            ..Column::distance()
        };
        let text = || Text {
            zh: String::new(),
            en: String::new(),
        };
        CollectionInfo {
            id: "plots".to_owned(),
            title: text(),
            description: text(),
            geometry: GeometryKind::Polygon,
            source: "plots.geojson".to_owned(),
            layer: None,
            fields: std::collections::BTreeMap::new(),
            register: false,
            columns: vec![
                column("site_area_m2", "用地面积（规划文本）", Some("m²")),
                column("plot_ratio", "容积率", None),
                column("far_low", "指标（下限）", None),
                column("far_high", "指标（上限）", None),
            ],
            min_zoom: 0,
            style: Style {
                color: "#000000".to_owned(),
                width: None,
                class_column: None,
            },
            time: None,
            numeric_ids: false,
            audit: crate::model::CollectionAudit::default(),
        }
    }

    fn layer(names: &[&str]) -> Layer {
        let columns = names.iter().map(|name| SourceColumn {
            name: (*name).to_owned(),
            kind: Kind::Untyped,
        });
        Layer {
            name: "a.shp".to_owned(),
            columns: columns.collect(),
            crs: SourceCrs::Untold,
            records: None,
            notes: Vec::new(),
        }
    }

    fn wired(names: &[&str], maps: &[&str]) -> Result<Wiring, String> {
        let maps: Vec<Map> = maps.iter().map(|map| map.parse().expect("a map")).collect();
        wire(&layer(names), &info(), &maps, None, &[]).map_err(|error| error.to_string())
    }

    fn pairs(wiring: &Wiring) -> Vec<(usize, usize)> {
        wiring
            .wires
            .iter()
            .map(|wire| (wire.from, wire.to))
            .collect()
    }

    #[test]
    fn columns_find_each_other() {
        let found = wired(
            &["容积率", "PLOT_RATIO", "用地面积（公顷）", "指标", "x"],
            &[],
        )
        .expect("wired");
        // Names before titles; a title that two share is none.
        assert_eq!(pairs(&found), [(2, 0), (1, 1)]);
        let notes = found.notes.join("\n");
        assert!(
            notes.contains("用地面积（公顷） -> site_area_m2 (times 10000)"),
            "{notes}"
        );
        assert!(notes.contains("go nowhere: 容积率, 指标, x"), "{notes}");
        assert!(
            notes.contains("nothing fills: far_low, far_high"),
            "{notes}"
        );
    }

    #[test]
    fn what_is_told_goes_first() {
        let maps = ["面积=site_area_m2:亩", "指标=far_low"];
        let found = wired(&["面积", "指标", "容积率"], &maps).expect("wired");
        assert_eq!(pairs(&found), [(0, 0), (2, 1), (1, 2)]);
        assert!(found.notes[0].contains("times 2000/3"), "{:?}", found.notes);
    }

    #[test]
    fn what_is_told_wrongly_is_named() {
        for (map, expected) in [
            ("容积=plot_ratio", "has no column \"容积\"; it has 容积率"),
            (
                "容积率=plot_rati",
                "no column \"plot_rati\"; it has plot_ratio",
            ),
            ("容积率=site_area_m2:元", "CNY cannot become m²"),
            ("容积率=site_area_m2:公顷->km²", "in m², not km²"),
            ("容积率=plot_ratio:公顷", "no unit to convert to"),
        ] {
            let found = wired(&["容积率"], &[map]).expect_err("refused");
            assert!(found.contains(expected), "{map}: {found}");
        }
        for map in ["", "a", "=b", "a=", "a=b:furlong", "a=b:公顷->furlong"] {
            assert!(map.parse::<Map>().is_err(), "{map}");
        }
        let map: Map = "a=b=c:公顷->m²".parse().expect("a map");
        assert_eq!((map.from.as_str(), map.to.as_str()), ("a=b", "c"));
    }
}
