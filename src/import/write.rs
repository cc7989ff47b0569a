//! The second pass: records become features in a draft of the collection's file.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use geo::{BoundingRect, Coord, Rect};

use super::before::{Before, center};
use super::changed::is_at_zero;
use super::draft::Draft;
use super::error::{ImportError, Troubles};
use super::feature::{Reason, Turning, Writer};
use super::ids::{Names, Rule};
use super::run::{each, unify};
use super::skipped::Skipped;
use super::target::Target;
use super::{Request, Watch};
use crate::model::{Bbox, Column, FeatureId, Finding, Value};
use crate::source::{Record, Source};

/// Pairs of places that are compared with the plan's.
const PAIRS: usize = 5_000;

/// What came of the second pass.
pub(super) struct Written {
    /// The collection's file.
    pub draft: Draft,
    /// The file of the records that were left out.
    pub skipped: Option<Draft>,
    /// Records that were taken over.
    pub taken: u64,
    /// What was repaired and left out, and what nobody has located.
    pub warnings: Vec<String>,
    /// Records that are the same as one before.
    pub doubled: u64,
    /// Around all places, in degrees.
    pub bounds: Option<Rect<f64>>,
    /// Places of the plan and of the file that should be the same.
    pub pairs: Vec<(Coord<f64>, Coord<f64>)>,
}

/// What is told of the second pass.
#[derive(Default)]
struct Told {
    troubles: Troubles,
    /// True where a shape is not valid.
    invalid: bool,
    /// True where a cell does not fit its column.
    of_cells: bool,
    repaired: Vec<String>,
    repairs: usize,
    /// Points at 0, 0, and the record of the first.
    at_zero: Option<(u64, u64)>,
}

impl Told {
    /// What is wrong with a record.
    fn add(&mut self, file: &str, record: &Record, id: Option<&str>, reason: &Reason) {
        let Reason::Invalid(reason) = reason else {
            self.of_cells |= matches!(
                reason,
                Reason::Plain {
                    column: Some(_),
                    ..
                }
            );
            self.troubles
                .add(|| format!("record {}{}", record.number, reason.after_number()));
            return;
        };
        self.invalid = true;
        self.troubles.add(|| {
            let place = format!("{file}: record {}", record.number);
            let finding = Finding::error("invalid-geometry", &place, reason.clone());
            let finding = match id {
                Some(id) => finding.at_id(id),
                None => finding,
            };
            format!("[invalid-geometry] {finding}")
        });
    }

    /// What was repaired of a record.
    fn repaired(&mut self, number: u64, how: &str, most: usize) {
        self.repairs += 1;
        if self.repaired.len() < most {
            self.repaired
                .push(format!("repaired record {number}: {how}"));
        }
    }

    /// A point at 0, 0.
    fn located_nowhere(&mut self, number: u64) {
        let (count, _) = self.at_zero.get_or_insert((0, number));
        *count += 1;
    }

    fn warnings(mut self, skipped: Option<&Skipped>, request: &Request) -> Vec<String> {
        let more = self.repairs - self.repaired.len();
        if more > 0 {
            self.repaired
                .push(format!("repaired {more} records more (--all tells them)"));
        }
        if let Some((skipped, first)) = skipped.and_then(|all| Some((all, all.first.as_ref()?))) {
            let count = match skipped.count {
                1 => "1 record is".to_owned(),
                count => format!("{count} records are"),
            };
            let file = request.skip_invalid.as_deref().unwrap_or(Path::new(""));
            self.repaired.push(format!(
                "{count} left out and listed in {}; the first: {first}",
                file.display()
            ));
        }
        self.repaired.extend(self.at_zero.map(at_zero));
        self.repaired
    }

    /// What helps against it.
    fn hint(&self, request: &Request) -> Option<String> {
        if request.skip_invalid.is_some() {
            return None;
        }
        let of_cells = "--skip-column NAME leaves a column out, whatever it holds; --null TEXT names a text that says nothing";
        let ways = [
            (self.invalid && request.repair.is_none())
                .then_some("--repair mends shapes that are not valid"),
            self.of_cells.then_some(of_cells),
            Some("--skip-invalid FILE leaves such records out, and lists them in FILE"),
        ];
        Some(ways.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }
}

/// The second pass.
pub(super) fn write(
    (source, rule): (&Source, Rule),
    request: &Request,
    (target, extent): (&Target, Option<Bbox>),
    turning: &Turning,
    before: &Before,
    watch: &mut Watch,
) -> Result<Written, ImportError> {
    let path = target.file(&request.plan);
    let failed = |error: std::io::Error| ImportError::Write {
        path: path.clone(),
        reason: error.to_string(),
    };
    let layer = turning.layer;
    let file = request.file.display().to_string();
    let mut draft = Draft::new(&path, request.dry_run)?;
    let mut writer =
        Writer::new(BufWriter::new(draft.file()), target.is_lines()).map_err(failed)?;
    let skipped = request.skip_invalid.as_deref();
    let skipped = skipped.map(|to| Skipped::new(to, &request.file, layer, request.dry_run));
    let mut skipped = skipped.transpose()?;
    let mut names = Names::new(rule, layer, &target.info.id);
    let mut told = Told::default();
    let mut taken = 0;
    let (mut bounds, mut pairs) = (None::<Rect<f64>>, Vec::new());
    each(source, request, watch, &mut |record| {
        let mut record = match (record, &mut skipped) {
            (Ok(record), _) => record,
            (Err(bad), Some(skipped)) => return skipped.add_bad(&bad, layer),
            (Err(bad), None) => {
                told.of_cells |= bad.column.is_some();
                told.troubles.add(|| bad.to_string());
                return Ok(());
            }
        };
        unify(&mut record);
        let at_zero = turning.zero_is_nowhere && record.geometry.as_ref().is_some_and(is_at_zero);
        let mut reasons = Vec::new();
        let cells = turning.cells(&record, &mut reasons);
        let sound = turning.geometry(&record, &mut reasons);
        let rect = sound.as_ref().and_then(|sound| sound.shape.bounding_rect());
        if let Some(reason) = extent
            .zip(rect)
            .and_then(|(extent, rect)| beyond(extent, rect))
            && skipped.is_some()
        {
            reasons.push(Reason::new(reason));
        }
        // The name of what is left out stays free.
        let id = if skipped.is_some() && !reasons.is_empty() {
            None
        } else {
            let name = names.name(&record, layer);
            name.map_err(|bad| reasons.push(bad.into())).ok()
        };
        if let Some(skipped) = skipped.as_mut().filter(|_| !reasons.is_empty()) {
            let all: Vec<_> = reasons.iter().map(ToString::to_string).collect();
            return skipped.add(&record, layer, &all.join("; "));
        }
        let text = id.as_ref().map(FeatureId::text);
        for reason in &reasons {
            told.add(&file, &record, text.as_deref(), reason);
        }
        let Some(id) = id.filter(|_| told.troubles.count == 0) else {
            return Ok(());
        };
        if let Some(how) = sound.as_ref().and_then(|sound| sound.repaired.as_ref()) {
            told.repaired(record.number, how, request.told);
        }
        if let Some(rect) = rect {
            bounds = Some(bounds.map_or(rect, |all| around(all, rect)));
        }
        let geometry = sound.map(|sound| sound.shape);
        if pairs.len() < PAIRS {
            let name = name_of(&cells);
            let there = before.place(&id.text(), name);
            pairs.extend(there.zip(geometry.as_ref().and_then(center)));
        }
        if at_zero {
            told.located_nowhere(record.number);
        }
        taken += 1;
        writer
            .feature(&id, cells, geometry.as_ref())
            .map_err(failed)
    })?;
    if told.troubles.count > 0 {
        told.troubles.hint = told.hint(request);
        return Err(ImportError::Records {
            file,
            troubles: told.troubles,
        });
    }
    keep(before, target, &names, &mut writer).map_err(failed)?;
    writer.finish().map_err(failed)?;
    let warnings = told.warnings(skipped.as_ref(), request);
    Ok(Written {
        draft,
        skipped: skipped.map(Skipped::finish).transpose()?,
        taken,
        warnings,
        doubled: names.doubled,
        bounds,
        pairs,
    })
}

/// Writes what the register has and the file has not.
fn keep(
    before: &Before,
    target: &Target,
    names: &Names,
    writer: &mut Writer<impl Write>,
) -> io::Result<()> {
    for (info, rows) in before.rows.iter().filter(|(info, _)| info.register) {
        for feature in rows.iter().filter(|feature| !names.has(&feature.id.text())) {
            let own =
                |column: &Column| column.compute.is_none() && !target.stated.contains(&column.name);
            let cells = info.columns.iter().zip(feature.values.iter().cloned());
            let cells = cells.filter(|(column, value)| own(column) && !value.is_null());
            writer.feature(&feature.id, cells, feature.geometry.as_ref())?;
        }
    }
    Ok(())
}

/// What a record calls its place.
fn name_of<'a>(cells: &'a [(&Column, Value)]) -> Option<&'a str> {
    let called = cells.iter().find(|(column, _)| column.name == "name_zh");
    called.and_then(|(_, value)| match value {
        Value::Text(name) => Some(name.as_str()),
        _ => None,
    })
}

/// A word on points at 0, 0: how many there are, and the first.
fn at_zero((count, first): (u64, u64)) -> String {
    let lie = match count {
        1 => format!("1 record (record {first}) lies at 0,0 and is taken"),
        count => format!("{count} records (the first is record {first}) lie at 0,0 and are taken"),
    };
    format!(
        "{lie} without a place: it is where a program puts what nobody has located, and does not count for the extent. \
         Where it is meant, let the extent in plan.toml hold 0,0"
    )
}

/// Why a shape does not fit the plan's extent, in words.
fn beyond(extent: Bbox, rect: Rect<f64>) -> Option<String> {
    let (low, high) = (rect.min(), rect.max());
    let at = [low, high].into_iter().find(|at| !extent.contains(*at))?;
    Some(format!(
        "position {}, {} is outside the plan's extent {},{},{},{}",
        at.x, at.y, extent.west, extent.south, extent.east, extent.north
    ))
}

fn around(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    let (low, high) = (a.min(), a.max());
    let (other_low, other_high) = (b.min(), b.max());
    Rect::new(
        Coord {
            x: low.x.min(other_low.x),
            y: low.y.min(other_low.y),
        },
        Coord {
            x: high.x.max(other_high.x),
            y: high.y.max(other_high.y),
        },
    )
}
