//! Rows as a table for a terminal.

use unicode_width::UnicodeWidthStr;

use crate::model::{Column, ColumnType, Feature, Value};

/// The widest that a cell is shown, in terminal columns.
const WIDEST: usize = 40;

/// A table of the id and those columns that have a value in some row. Numbers stand right, Chinese
/// characters count as two columns, long texts are cut with an ellipsis.
#[must_use]
pub fn table(columns: &[Column], features: &[Feature]) -> String {
    let used: Vec<_> = (0..columns.len())
        .filter(|at| {
            features
                .iter()
                .any(|feature| !feature.values[*at].is_null())
        })
        .collect();
    let header =
        std::iter::once("id".to_owned()).chain(used.iter().map(|at| columns[*at].name.clone()));
    let mut lines = vec![header.collect::<Vec<_>>()];
    lines.extend(features.iter().map(|feature| {
        let cells = used.iter().map(|at| shown(&feature.values[*at]));
        std::iter::once(fitted(&feature.id.text()))
            .chain(cells)
            .collect()
    }));
    let right: Vec<_> = std::iter::once(false)
        .chain(
            used.iter()
                .map(|at| matches!(columns[*at].kind, ColumnType::Number | ColumnType::Integer)),
        )
        .collect();
    let widths: Vec<_> = (0..right.len())
        .map(|at| {
            lines
                .iter()
                .map(|line| line[at].width())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        for ((cell, width), right) in line.iter().zip(&widths).zip(&right) {
            let pad = " ".repeat(width - cell.width());
            let (before, after) = if *right {
                (pad.as_str(), "")
            } else {
                ("", pad.as_str())
            };
            text.extend([before, cell, after, "  "]);
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn shown(value: &Value) -> String {
    match value {
        Value::Strings(texts) => fitted(&texts.join(", ")),
        other => fitted(&other.to_string()),
    }
}

/// Control characters would move the cursor: they become blanks.
fn fitted(text: &str) -> String {
    let clean = text.replace(char::is_control, " ");
    if clean.width() <= WIDEST {
        return clean;
    }
    let mut kept = String::new();
    for character in clean.chars() {
        if kept.width() + 2 >= WIDEST {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}
