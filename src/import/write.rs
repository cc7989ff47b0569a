//! The second pass: records become features in a draft of the collection's file.

use std::io::BufWriter;

use geo::{BoundingRect, Coord, Rect};

use super::before::{Before, center};
use super::changed::is_at_zero;
use super::draft::Draft;
use super::error::{ImportError, Troubles};
use super::feature::{Turning, Writer};
use super::ids::{Names, Rule};
use super::run::each;
use super::target::Target;
use super::{Request, Watch};
use crate::model::{Column, Value};
use crate::source::Source;

/// Pairs of places that are compared with the plan's.
const PAIRS: usize = 5_000;

/// What came of the second pass.
pub(super) struct Written {
    /// The collection's file.
    pub draft: Draft,
    /// Records that are the same as one before.
    pub doubled: u64,
    /// A word on points at 0, 0, which nobody has located.
    pub at_zero: Option<String>,
    /// Around all places, in degrees.
    pub bounds: Option<Rect<f64>>,
    /// Places of the plan and of the file that should be the same.
    pub pairs: Vec<(Coord<f64>, Coord<f64>)>,
}

/// The second pass.
pub(super) fn write(
    source: &Source,
    request: &Request,
    target: &Target,
    turning: &Turning,
    rule: Rule,
    before: &Before,
    watch: &mut Watch,
) -> Result<Written, ImportError> {
    let path = target.file(&request.plan);
    let failed = |error: std::io::Error| ImportError::Write {
        path: path.clone(),
        reason: error.to_string(),
    };
    let mut draft = Draft::new(&path, request.dry_run)?;
    let mut writer =
        Writer::new(BufWriter::new(draft.file()), target.is_lines()).map_err(failed)?;
    let mut names = Names::new(rule, turning.layer, &target.info.id);
    let mut troubles = Troubles::default();
    let (mut bounds, mut pairs) = (None::<Rect<f64>>, Vec::new());
    let (mut zeros, mut first_zero, mut of_cells) = (0_u64, 0, false);
    each(source, request, watch, &mut |record| {
        let record = match record {
            Ok(record) => record,
            Err(bad) => {
                of_cells |= bad.column.is_some();
                troubles.add(|| bad.to_string());
                return Ok(());
            }
        };
        let before_cells = troubles.count;
        let cells = turning.cells(&record, &mut troubles);
        of_cells |= troubles.count > before_cells;
        if turning.zero_is_nowhere && record.geometry.as_ref().is_some_and(is_at_zero) {
            zeros += 1;
            if zeros == 1 {
                first_zero = record.number;
            }
        }
        let geometry = turning.geometry(&record, &mut troubles);
        let id = match names.name(&record, turning.layer) {
            Ok(id) => id,
            Err(bad) => {
                troubles.add(|| bad.to_string());
                return Ok(());
            }
        };
        if troubles.count > 0 {
            return Ok(());
        }
        if let Some(rect) = geometry.as_ref().and_then(BoundingRect::bounding_rect) {
            bounds = Some(bounds.map_or(rect, |all| around(all, rect)));
        }
        if pairs.len() < PAIRS {
            let called = cells.iter().find(|(column, _)| column.name == "name_zh");
            let name = called.and_then(|(_, value)| match value {
                Value::Text(name) => Some(name.as_str()),
                _ => None,
            });
            let there = before.place(&id.text(), name);
            pairs.extend(there.zip(geometry.as_ref().and_then(center)));
        }
        writer
            .feature(&id, cells, geometry.as_ref())
            .map_err(failed)
    })?;
    if troubles.count > 0 {
        if of_cells {
            troubles.hint = Some(
                "--skip-column NAME leaves a column out, whatever it holds; --null TEXT names a text that says nothing"
                    .to_owned(),
            );
        }
        return Err(ImportError::Records {
            file: request.file.display().to_string(),
            troubles,
        });
    }
    for (info, rows) in before.rows.iter().filter(|(info, _)| info.register) {
        // What the register has and the file has not.
        for feature in rows.iter().filter(|feature| !names.has(&feature.id.text())) {
            let own =
                |column: &Column| column.compute.is_none() && !target.stated.contains(&column.name);
            let cells = info.columns.iter().zip(feature.values.iter().cloned());
            let cells = cells.filter(|(column, value)| own(column) && !value.is_null());
            let written = writer.feature(&feature.id, cells, feature.geometry.as_ref());
            written.map_err(failed)?;
        }
    }
    writer.finish().map_err(failed)?;
    Ok(Written {
        draft,
        doubled: names.doubled,
        at_zero: at_zero(zeros, first_zero),
        bounds,
        pairs,
    })
}

fn at_zero(count: u64, first: u64) -> Option<String> {
    let lie = match count {
        0 => return None,
        1 => format!("1 record (record {first}) lies at 0,0 and is taken"),
        count => format!("{count} records (the first is record {first}) lie at 0,0 and are taken"),
    };
    Some(format!(
        "{lie} without a place: it is where a program puts what nobody has located, and does not count for the extent. \
         Where it is meant, let the extent in plan.toml hold 0,0"
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
