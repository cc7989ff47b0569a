//! Joins the register with the geometry by id, and computes what is computed.

use std::collections::HashSet;

use geo::line_measures::LengthMeasurable;
use geo::{Area, Geodesic, GeodesicArea, Geometry};
use serde_json::{Map, Value as Json};

use super::code_problem;
use super::register::{Register, Row};
use crate::crs::{Crs, Reprojector};
use crate::model::{
    CollectionInfo, Column, Compute, FeatureId, Finding, RowsBuilder, Span, Value, ValueError,
};

/// A feature's properties.
#[derive(Debug)]
pub(super) enum Properties {
    /// One per column, all of its type; none where the property is not there.
    Cells(Vec<Option<Value>>),
    /// As the file has them.
    Json(Map<String, Json>),
}

impl Properties {
    fn take(&mut self, at: usize, column: &Column) -> Option<Result<Value, ValueError>> {
        match self {
            Self::Cells(cells) => cells[at].take().map(Ok),
            Self::Json(properties) => properties
                .remove(&column.name)
                .map(|json| Value::from_json(&json, column.kind)),
        }
    }

    /// Those that no column has taken.
    fn rest(&self) -> impl Iterator<Item = &String> {
        let rest = match self {
            Self::Cells(_) => None,
            Self::Json(properties) => Some(properties.keys()),
        };
        rest.into_iter().flatten()
    }
}

/// A feature's cells; none where the register should have its row and has not.
pub(super) fn values(
    file: &str,
    info: &CollectionInfo,
    id: &FeatureId,
    geometry: Option<&Geometry<f64>>,
    properties: &mut Properties,
    register: &Register,
    report: &mut impl FnMut(Finding),
) -> Option<Vec<Value>> {
    let row = if info.register {
        let Some(row) = row(&id.text(), info, register) else {
            let reason = format!(
                "{} has no row with this id in collection {:?}",
                register.file, info.id
            );
            report(Finding::error("entry-without-row", file, reason));
            return None;
        };
        Some(row)
    } else {
        None
    };
    let mut values = read_values(file, info, properties, row, register, report);
    for name in properties.rest() {
        let reason = "the collection has no such column to read";
        report(Finding::error("unknown-column", file, reason).at_column(name));
    }
    compute(file, info, geometry, &mut values, report);
    columns_agree(file, info, &values, report);
    starts_before_it_ends(file, info, &values, report);
    Some(values)
}

fn row<'a>(id: &str, info: &CollectionInfo, register: &'a Register) -> Option<&'a Row> {
    let row = register.rows.get(*register.by_id.get(id)?)?;
    (row.collection == info.id).then_some(row)
}

/// Every row of the register has a feature.
pub(super) fn rows_without_entry(
    file: &str,
    info: &CollectionInfo,
    rows: &RowsBuilder,
    register: &Register,
    findings: &mut Vec<Finding>,
) {
    let drawn: HashSet<_> = (0..rows.len()).map(|at| rows.id(at)).collect();
    for row in register.rows.iter().filter(|row| row.collection == info.id) {
        if !drawn.contains(row.id.as_str()) {
            let reason = format!("{file} has no feature with this id (its geometry may be null)");
            findings.push(
                Finding::error("row-without-entry", &register.file, reason)
                    .at_line(row.line)
                    .at_id(&row.id),
            );
        }
    }
}

/// The cells that are read: from the register where it has the column, else from the properties.
fn read_values(
    file: &str,
    info: &CollectionInfo,
    properties: &mut Properties,
    row: Option<&Row>,
    register: &Register,
    report: &mut impl FnMut(Finding),
) -> Vec<Value> {
    let mut read = |(at, column): (usize, &Column)| {
        if column.compute.is_some() {
            return Value::Null;
        }
        let cell = row.and_then(|row| register.cell(row, &column.name));
        let property = properties.take(at, column);
        match (cell, property) {
            (Some(_), Some(_)) => {
                let reason = format!(
                    "the column is in {} too; it can only be in one place",
                    register.file
                );
                report(Finding::error("column-twice", file, reason).at_column(&column.name));
                Value::Null
            }
            (Some(value), None) => value,
            (None, Some(read)) => {
                let mut wrong = |check, reason: String| {
                    report(Finding::error(check, file, reason).at_column(&column.name));
                };
                let value = read.unwrap_or_else(|error| {
                    wrong("wrong-type", error.to_string());
                    Value::Null
                });
                if let Some(reason) = code_problem(column, &value) {
                    wrong("unknown-code", reason);
                }
                value
            }
            (None, None) => Value::Null,
        }
    };
    info.columns.iter().enumerate().map(&mut read).collect()
}

fn compute(
    file: &str,
    info: &CollectionInfo,
    geometry: Option<&Geometry<f64>>,
    values: &mut [Value],
    report: &mut impl FnMut(Finding),
) {
    for (index, column) in info.columns.iter().enumerate() {
        let Some(rule) = &column.compute else {
            continue;
        };
        values[index] = match rule {
            Compute::Ratio {
                numerators,
                denominator,
            } => {
                ratio(info, values, numerators, denominator).map_or(Value::Null, |(_, ratio)| ratio)
            }
            Compute::RatioNumeratorOf(other) => numerator_of(info, values, other),
            Compute::GeodesicArea => geometry.map_or(Value::Null, geodesic_area),
            Compute::GeodesicLength => geometry.map_or(Value::Null, geodesic_length),
            Compute::PlanarArea(crs) => match geometry.map(|geometry| planar_area(geometry, crs)) {
                None => Value::Null,
                Some(Ok(value)) => value,
                Some(Err(error)) => {
                    report(
                        Finding::error("measure", file, error.to_string()).at_column(&column.name),
                    );
                    Value::Null
                }
            },
        };
    }
}

/// The first stated numerator and its ratio to the denominator, to four decimals: more would
/// pretend a precision that no stated area has.
fn ratio<'a>(
    info: &CollectionInfo,
    values: &[Value],
    numerators: &'a [String],
    denominator: &str,
) -> Option<(&'a str, Value)> {
    let number = |name: &str| values.get(info.column_index(name)?)?.as_f64();
    let divisor = number(denominator).filter(|divisor| *divisor > 0.0)?;
    numerators
        .iter()
        .find_map(|name| Some((name.as_str(), number(name)?)))
        .map(|(name, dividend)| (name, Value::Number(rounded(dividend / divisor, 4))))
}

fn numerator_of(info: &CollectionInfo, values: &[Value], name: &str) -> Value {
    let rule = info
        .columns
        .iter()
        .find(|column| column.name == name)
        .and_then(|c| c.compute.as_ref());
    let Some(Compute::Ratio {
        numerators,
        denominator,
    }) = rule
    else {
        return Value::Null;
    };
    ratio(info, values, numerators, denominator)
        .map_or(Value::Null, |(name, _)| Value::Text(name.to_owned()))
}

/// Square metres to one decimal: coordinates with seven decimals know no more.
fn geodesic_area(geometry: &Geometry<f64>) -> Value {
    match geometry {
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => {
            Value::Number(rounded(geometry.geodesic_area_unsigned(), 1))
        }
        _ => Value::Null,
    }
}

fn planar_area(geometry: &Geometry<f64>, crs: &str) -> Result<Value, crate::crs::CrsError> {
    if !matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_)) {
        return Ok(Value::Null);
    }
    let planar = Reprojector::new(Crs::Crs84, crs.parse()?)?.geometry(geometry)?;
    Ok(Value::Number(rounded(planar.unsigned_area(), 1)))
}

fn geodesic_length(geometry: &Geometry<f64>) -> Value {
    match geometry {
        Geometry::LineString(line) => Value::Number(rounded(line.length(&Geodesic), 1)),
        Geometry::MultiLineString(lines) => Value::Number(rounded(lines.length(&Geodesic), 1)),
        _ => Value::Null,
    }
}

/// Compares columns that should say the same. Neither is mended: both are kept and shown.
fn columns_agree(
    file: &str,
    info: &CollectionInfo,
    values: &[Value],
    report: &mut impl FnMut(Finding),
) {
    for column in &info.columns {
        let Some(rule) = &column.agrees_with else {
            continue;
        };
        let number = |name: &str| values.get(info.column_index(name)?)?.as_f64();
        let (Some(this), Some(other)) = (number(&column.name), number(&rule.column)) else {
            continue;
        };
        let difference = (this - other).abs() / this.abs().max(other.abs()).max(f64::MIN_POSITIVE);
        if difference > rule.tolerance {
            let reason = format!(
                "{} is {this} and {} is {other}: {:.2} % apart, more than {:.2} %",
                column.name,
                rule.column,
                difference * 100.0,
                rule.tolerance * 100.0
            );
            report(Finding::warning("columns-disagree", file, reason).at_column(&column.name));
        }
    }
}

/// A time that ends before it starts is no time that could be asked for or shown.
fn starts_before_it_ends(
    file: &str,
    info: &CollectionInfo,
    values: &[Value],
    report: &mut impl FnMut(Finding),
) {
    let Some((start, Some(end))) = info.time_columns() else {
        return;
    };
    let span = Span {
        start: values[start].as_stamp(),
        end: values[end].as_stamp(),
    };
    if span.reversed() {
        let (from, to) = (&info.columns[start].name, &info.columns[end].name);
        let reason = format!(
            "expected {to} not to be before {from}, found {from} {} and {to} {}",
            values[start], values[end]
        );
        report(Finding::error("time-reversed", file, reason).at_column(to));
    }
}

fn rounded(number: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (number * scale).round() / scale
}
