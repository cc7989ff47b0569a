//! `properties`, `group-by`, `quantiles`, `bins` and `edges`: what statistics are asked for.

use super::choice::{positions, unknown};
use super::{Params, Refused};
use crate::model::{CollectionInfo, ColumnType};
use crate::query::StatisticsRequest;

/// Takes the parameters of statistics out. Without `properties` every number column is added up.
///
/// # Errors
/// A parameter that cannot be read.
pub fn statistics(
    params: &mut Params,
    info: &CollectionInfo,
) -> Result<StatisticsRequest, Refused> {
    let columns = params.read("properties", |text| numbers(info, text))?;
    let every = || {
        let all = info.columns.iter().enumerate();
        all.filter(|(_, column)| is_number(column.kind))
            .map(|(at, _)| at)
            .collect()
    };
    let group_by = params.read("group-by", |name| {
        let none = || {
            if name.contains(',') {
                format!("expected one column, found {name:?}")
            } else {
                unknown(info, name)
            }
        };
        info.column_index(name).ok_or_else(none)
    })?;
    Ok(StatisticsRequest {
        columns: columns.unwrap_or_else(every),
        group_by,
        quantiles: params.read("quantiles", quantiles)?.unwrap_or_default(),
        bins: params.read("bins", bins)?.unwrap_or_default(),
        edges: params.read("edges", edges)?.unwrap_or_default(),
    })
}

fn is_number(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Number | ColumnType::Integer)
}

fn numbers(info: &CollectionInfo, text: &str) -> Result<Vec<usize>, String> {
    let columns = positions(info, text)?;
    for at in &columns {
        let column = &info.columns[*at];
        if !is_number(column.kind) {
            return Err(format!(
                "{} holds {}, not numbers",
                column.name, column.kind
            ));
        }
    }
    Ok(columns)
}

fn quantiles(text: &str) -> Result<Vec<f64>, String> {
    let numbers = text
        .split(',')
        .map(|part| match part.trim().parse::<f64>() {
            Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
            _ => Err(format!(
                "expected numbers from 0 to 1 separated by commas, found {part:?}"
            )),
        });
    numbers.collect()
}

fn edges(text: &str) -> Result<Vec<f64>, String> {
    let numbers = text
        .split(',')
        .map(|part| match part.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!(
                "expected numbers that ascend, separated by commas, found {part:?}"
            )),
        });
    numbers.collect()
}

fn bins(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(bins) if bins > 0 => Ok(bins),
        _ => Err(format!("expected a whole number from 1, found {text:?}")),
    }
}
