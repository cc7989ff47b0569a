//! Ranges of indexed columns on collections that are large enough to be counted by pairs of indices
//! and walked in order, against looking at every row.

use std::cmp::Ordering;

use buju::crs::Crs;
use buju::model::{ColumnType, Value};
use buju::query::{self, Query, cql2_text, sort_keys};
use buju::snapshot::Collection;
use proptest::prelude::*;

use crate::support;

#[derive(Debug, Clone)]
struct Row {
    n: Option<i32>,
    m: Option<i64>,
    t: Option<&'static str>,
}

/// Seeded rows, so that a case is a few numbers and shrinks well. Ties, nulls and negative numbers; with
/// `clustered`, numbers rise with the id, so that what matches lies together.
fn rows(seed: u64, count: u64, clustered: bool) -> Vec<Row> {
    let draw = |at: u64, what: u64, below: u64| {
        let mut z = seed ^ (at * 8 + what).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    };
    let small = |number: u64| i32::try_from(number).expect("small");
    let row = |at| Row {
        n: (draw(at, 0, 8) > 0).then(|| {
            let base = if clustered {
                small(at * 100 / count)
            } else {
                0
            };
            base + small(draw(at, 1, 60)) - 30
        }),
        m: (draw(at, 2, 8) > 0).then(|| i64::from(small(draw(at, 3, 2000))) - 1000),
        t: (draw(at, 4, 8) > 0).then(|| {
            ["a", "b", "祁"][usize::from(draw(at, 5, 9) > 6) + usize::from(draw(at, 6, 2) > 0)]
        }),
    };
    (0..count).map(row).collect()
}

fn collection(rows: &[Row]) -> Collection {
    let columns = vec![
        support::column("n", ColumnType::Number, true),
        support::column("m", ColumnType::Integer, true),
        support::column("t", ColumnType::String, true),
        support::column("u", ColumnType::Integer, false),
    ];
    let rows = rows.iter().map(|row| {
        let cells = vec![
            row.n
                .map_or(Value::Null, |n| Value::Number(f64::from(n) / 2.0)),
            row.m.map_or(Value::Null, Value::Integer),
            row.t.map_or(Value::Null, |t| Value::Text(t.to_owned())),
            row.m.map_or(Value::Null, |m| Value::Integer(m % 7)),
        ];
        (None, cells)
    });
    support::snapshot(columns, rows.collect())
        .collections
        .remove(0)
}

/// Nulls last whichever way, equal rows by id.
fn before(rows: &[Row], key: usize, down: bool, a: usize, b: usize) -> Ordering {
    let order = |one: Option<i64>, other: Option<i64>| match (one, other) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (Some(one), Some(other)) if down => other.cmp(&one),
        (Some(one), Some(other)) => one.cmp(&other),
    };
    let place = |t: &str| ["a", "b", "祁"].iter().position(|known| *known == t);
    let value = |row: &Row| match key {
        1 => row.n.map(i64::from),
        2 => row.m,
        3 => row
            .t
            .map(|t| i64::try_from(place(t).expect("known")).expect("small")),
        4 => row.m.map(|m| m % 7),
        _ => Some(0),
    };
    order(value(&rows[a]), value(&rows[b])).then(a.cmp(&b))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn ranges_are_counted_and_paged_as_if_every_row_were_looked_at(
        seed in any::<u64>(),
        count in 1u64..4000,
        clustered in any::<bool>(),
        n in prop::option::weighted(0.8, (-40i32..130, 0..90)),
        m in prop::option::weighted(0.7, (-1100i64..1100, 0i64..1500)),
        t in prop::option::weighted(0.3, prop::sample::select(vec!["a", "b", "祁", "未"])),
        (key, down) in (0usize..5, any::<bool>()),
        limit in 1usize..400,
    ) {
        let rows = rows(seed, count, clustered);
        let collection = collection(&rows);
        let mut parts = Vec::new();
        if let Some((low, size)) = n {
            parts.push(format!("n >= {} AND n < {}", f64::from(low) / 2.0, f64::from(low + size) / 2.0));
        }
        if let Some((low, size)) = m {
            parts.push(format!("m > {low} AND m <= {}", low + size));
        }
        if let Some(t) = t {
            parts.push(format!("t = '{t}'"));
        }
        let wanted = |row: &Row| {
            n.is_none_or(|(low, size)| row.n.is_some_and(|n| n >= low && n < low + size))
                && m.is_none_or(|(low, size)| row.m.is_some_and(|m| m > low && m <= low + size))
                && t.is_none_or(|t| row.t == Some(t))
        };
        let mut expected: Vec<usize> = (0..rows.len()).filter(|at| wanted(&rows[*at])).collect();
        expected.sort_by(|a, b| before(&rows, key, down, *a, *b));
        let expected: Vec<String> = expected.into_iter().map(|at| format!("{at:05}")).collect();
        let mut query = Query::default();
        if !parts.is_empty() {
            query.filter = cql2_text(&collection.info, &parts.join(" AND "), Crs::Crs84).expect("a filter");
        }
        if let Some(name) = ["n", "m", "t", "u"].get(key.wrapping_sub(1)) {
            let sign = if down { "-" } else { "" };
            query.sort = sort_keys(&collection.info, &format!("{sign}{name}")).expect("keys");
        }
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = query::page(&collection, &query, limit, cursor.as_deref()).expect("a cursor");
            prop_assert_eq!(page.matched, expected.len());
            seen.extend(page.features.iter().map(|feature| feature.id.to_string()));
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        prop_assert_eq!(seen, expected);
    }
}

#[test]
fn a_plan_says_what_is_counted_without_looking_at_rows() {
    let collection = collection(&rows(1, 2000, false));
    let described = |filter: &str| {
        let filter = cql2_text(&collection.info, filter, Crs::Crs84).expect("a filter");
        let query = Query {
            filter,
            ..Query::default()
        };
        query::plan(&collection, &query)
            .expect("no limit")
            .describe(&collection.info)
    };
    let counted = |filter| {
        let text = described(filter);
        let (_, by) = text.split_once("; counted by the index of ")?;
        Some(by.to_owned())
    };
    assert_eq!(counted("n > 1").as_deref(), Some("n"));
    assert_eq!(counted("n > 1 AND t = 'a'").as_deref(), Some("n and t"));
    for looked_at in [
        "n > 1 AND m > 1 AND t = 'a'",
        "n > 1 OR m > 1",
        "u = 1",
        "n <> 1",
    ] {
        assert_eq!(counted(looked_at), None, "{looked_at}");
    }
}
