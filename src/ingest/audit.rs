//! What `plan.toml` and `collections.toml` say about the audit: names must be there.

use super::settings::{COLLECTIONS, PLAN};
use crate::model::{
    ALL, AuditColumns, CHECKS, CollectionAudit, CollectionInfo, Column, ColumnType, Finding, Plan,
    Unit, check,
};

/// A check that is off under a wrong name would go on, and one that looks for a collection that is
/// not there would find nothing: both are errors.
pub(super) fn names_are_there(plan: &Plan, infos: &[CollectionInfo], findings: &mut Vec<Finding>) {
    let mut wrong = |file, reason: String| findings.push(Finding::error("setting", file, reason));
    for name in &plan.audit.off {
        if let Err(reason) = can_be_off(name) {
            wrong(PLAN, format!("audit.off: {reason}"));
        }
    }
    for (name, number) in plan.audit.numbers() {
        if !(number.is_finite() && number >= 0.0) {
            wrong(
                PLAN,
                format!("audit.{name}: {number} is not a number from 0"),
            );
        }
    }
    for problem in columns(plan, infos) {
        wrong(PLAN, format!("audit.columns.{problem}"));
    }
    for info in infos {
        for problem in problems(info, infos) {
            let reason = format!("collection {:?}: audit.{problem}", info.id);
            wrong(COLLECTIONS, reason);
        }
    }
}

fn can_be_off(name: &str) -> Result<(), String> {
    match check(name) {
        _ if name == ALL => Ok(()),
        Some(check) if check.can_be_off() => Ok(()),
        Some(_) => Err(format!(
            "{name:?} cannot be off: what it finds cannot be served"
        )),
        None => {
            // One letter in three may be wrong: farther away is another word.
            let reach = name.chars().count() / 3;
            let near = CHECKS
                .iter()
                .map(|check| (strsim::levenshtein(check.name, name), check.name));
            let near = near.filter(|(away, _)| *away <= reach).min();
            let meant = near.map(|(_, name)| format!("; do you mean {name:?}?"));
            Err(format!(
                "there is no check {name:?}{} `buju check --list` lists them",
                meant.as_deref().unwrap_or(":")
            ))
        }
    }
}

/// What is wrong with a column, if anything is.
type Rule<'a> = &'a dyn Fn(&Column) -> Option<&'static str>;

/// A column that `plan.toml` names must be there, and be what a check can read. Those that are looked for unless it
/// names others need not.
fn columns(plan: &Plan, infos: &[CollectionInfo]) -> Vec<String> {
    let (said, usual) = (&plan.audit.columns, AuditColumns::default());
    let one = std::slice::from_ref;
    let numbers = |column: &Column| {
        let numeric = matches!(column.kind, ColumnType::Integer | ColumnType::Number);
        (!numeric).then_some("is no column of numbers")
    };
    let areas = |column: &Column| {
        let is_none = Unit::square_metres(column.unit.as_deref()).is_none();
        numbers(column).or(is_none.then_some("is in a unit that is none of areas"))
    };
    let texts = |column: &Column| {
        (column.kind != ColumnType::String).then_some("is no column of texts, as ids are")
    };
    let keys: [(_, &[String], &[String], Rule<'_>); 6] = [
        ("whole", one(&said.whole), one(&usual.whole), &texts),
        (
            "accuracy",
            one(&said.accuracy),
            one(&usual.accuracy),
            &numbers,
        ),
        ("site_areas", &said.site_areas, &usual.site_areas, &areas),
        (
            "plot_ratio",
            one(&said.plot_ratio),
            one(&usual.plot_ratio),
            &numbers,
        ),
        ("floor_areas", &said.floor_areas, &usual.floor_areas, &areas),
        ("sums", &said.sums, &usual.sums, &numbers),
    ];
    let mut problems = Vec::new();
    for (key, names, usual, rule) in keys {
        for name in names.iter().filter(|name| !usual.contains(name)) {
            let all = infos.iter().flat_map(|info| &info.columns);
            let mut named = all.filter(|column| &column.name == name).peekable();
            if named.peek().is_none() {
                problems.push(format!("{key}: no collection has a column {name:?}"));
            }
            if let Some(reason) = named.find_map(rule) {
                problems.push(format!("{key}: {name:?} {reason}"));
            }
        }
    }
    problems
}

fn problems(info: &CollectionInfo, infos: &[CollectionInfo]) -> Vec<String> {
    let CollectionAudit {
        off,
        no_overlap,
        no_gaps,
        tiles,
        inside,
        along,
        in_order,
    } = &info.audit;
    let mut problems: Vec<_> = off
        .iter()
        .filter_map(|name| Some(format!("off: {}", can_be_off(name).err()?)))
        .collect();
    let covers = [
        ("no_overlap", *no_overlap),
        ("no_gaps", *no_gaps),
        ("tiles", tiles.is_some()),
    ];
    for (key, _) in covers
        .iter()
        .filter(|(_, set)| *set && !info.geometry.holds_polygons())
    {
        problems.push(format!("{key}: the collection holds no polygons"));
    }
    let others = [
        ("tiles", tiles.as_ref(), true),
        ("inside", inside.as_ref(), true),
        (
            "along",
            along.as_ref().map(|along| &along.collection),
            false,
        ),
    ];
    for (key, other, polygons) in others {
        let Some(other) = other else { continue };
        match infos.iter().find(|known| &known.id == other) {
            None => problems.push(format!("{key}: {other:?} is not a collection")),
            Some(known) if polygons && !known.geometry.holds_polygons() => {
                problems.push(format!("{key}: the collection {other:?} holds no polygons"));
            }
            Some(known) if known.id == info.id => {
                problems.push(format!("{key}: {other:?} is the collection itself"));
            }
            Some(_) => {}
        }
    }
    let kind = |name: &String| {
        let column = info.columns.iter().find(|column| &column.name == name);
        column.map(|column| column.kind)
    };
    if in_order.len() == 1 {
        problems.push("in_order: one column has no order; name two or more".to_owned());
    }
    for name in in_order {
        if !matches!(kind(name), Some(ColumnType::Date | ColumnType::Timestamp)) {
            problems.push(format!(
                "in_order: {name:?} is not a date or timestamp column of this collection"
            ));
        }
    }
    problems
}
