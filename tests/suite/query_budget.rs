//! Queries that are meant to hurt: what they cost is counted in steps, which are the same on every machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use buju::crs::Crs;
use buju::model::{Bbox, ColumnType, Value};
use buju::query::{self, Budget, Names, Near, Query, SelectError, Stopped, Window, cql2_text};
use buju::snapshot::Collection;
use geo::{Geometry, Rect, coord};

use crate::support;

const ROWS: u32 = 10_000;

/// What the server allows a request on a million rows; of these rows a hundredth.
const STEPS: u64 = 1_000_000_000 / 100;

/// A field of squares that touch, each with a name of its own, a number and some texts.
fn field(rows: u32) -> Collection {
    let columns = vec![
        support::column("n", ColumnType::Number, true),
        support::column("code", ColumnType::String, false),
        support::column("tags", ColumnType::Strings, false),
    ];
    let side = rows.isqrt();
    let row = |at: u32| {
        let [x, y] = [at % side, at / side].map(|step| f64::from(step) / 2000.0);
        let low = coord! { x: 121.0 + x, y: 31.0 + y };
        let square = Rect::new(low, low + coord! { x: 0.0005, y: 0.0005 });
        let cells = vec![
            Value::Number(f64::from(at % 100)),
            Value::Text(format!("桃浦{at:05}路")),
            Value::Strings(vec![format!("tag{}", at % 7), "all".to_owned()]),
        ];
        (Some(Geometry::Polygon(square.to_polygon())), cells)
    };
    support::snapshot(columns, (0..rows).map(row).collect())
        .collections
        .remove(0)
}

/// How many rows match, and in how many steps.
fn counted(collection: &Collection, query: Query, steps: u64) -> Result<(usize, u64), Stopped> {
    let budget = Budget::new(steps, || None);
    let query = Query {
        budget: budget.clone(),
        ..query
    };
    let matches = query::matched(collection, &query)?;
    Ok((matches.rows.len(), budget.spent()))
}

fn filtered(collection: &Collection, filter: &str) -> Query {
    let filter = cql2_text(&collection.info, filter, Crs::Crs84);
    Query {
        filter: filter.expect("a filter"),
        ..Query::default()
    }
}

fn star(points: u32) -> String {
    let corner = |at: u32| {
        let turn = f64::from(at % points) / f64::from(points) * std::f64::consts::TAU;
        let reach = if at.is_multiple_of(2) { 0.03 } else { 0.003 };
        format!(
            "{:.6} {:.6}",
            121.025 + reach * turn.cos(),
            31.025 + reach * turn.sin()
        )
    };
    let corners: Vec<_> = (0..=points).map(corner).collect();
    format!("POLYGON(({}))", corners.join(","))
}

fn points(count: u32) -> String {
    let point = |at: u32| {
        let (x, y) = (f64::from(at % 51), f64::from(at / 51));
        format!("({:.4} {:.4})", 121.0 + x / 1020.0, 31.0 + y / 1020.0)
    };
    let all: Vec<_> = (0..count).map(point).collect();
    format!("MULTIPOINT({})", all.join(","))
}

#[test]
fn what_once_took_minutes_takes_few_steps() {
    let field = field(ROWS);
    let rows = ROWS as usize;
    let texts: Vec<_> = (0..7500).map(|at| format!("'x{at}'")).collect();
    let texts = texts.join(",");
    let like = |joint: &str, not: &str| {
        let one = |at: u32| format!("{not}CASEI(code) LIKE '%{at}x%'");
        (0..300).map(one).collect::<Vec<_>>().join(joint)
    };
    let equal: Vec<_> = (0..2500).map(|at| format!("code='x{at}'")).collect();
    let equal = equal.join(" OR ");
    let boxes = vec!["S_INTERSECTS(geometry,BBOX(0,0,180,90))"; 100];
    let (star, points) = (star(300), points(2600));
    for (filter, expected) in [
        (format!("code IN ({texts})"), Some(0)),
        (format!("NOT code IN ({texts})"), Some(rows)),
        (equal.clone(), Some(0)),
        (format!("NOT ({equal})"), Some(rows)),
        (format!("{equal} OR n=5"), Some(rows / 100)),
        (format!("A_OVERLAPS(tags, ({texts},'all'))"), Some(rows)),
        (format!("A_CONTAINEDBY(tags, ({texts},'all'))"), Some(0)),
        (like(" OR ", ""), Some(0)),
        (like(" AND ", "NOT "), Some(rows)),
        (format!("n{}=1", "*1".repeat(25_000)), Some(rows / 100)),
        (format!("1{}=1", "*1.0".repeat(12_000)), Some(rows)),
        (format!("S_INTERSECTS(geometry,{star})"), None),
        (format!("S_DISJOINT(geometry,{star})"), None),
        (format!("S_WITHIN(geometry,{star})"), None),
        (format!("S_CONTAINS(geometry,{star})"), Some(0)),
        (format!("S_EQUALS(geometry,{star})"), Some(0)),
        (format!("S_CROSSES(geometry,{star})"), Some(0)),
        (format!("S_INTERSECTS(geometry,{points})"), None),
        (format!("S_EQUALS(geometry,{points})"), Some(0)),
        (format!("S_INTERSECTS({star},{points})"), Some(rows)),
        ("S_WITHIN(geometry,geometry)".to_owned(), Some(rows)),
        (boxes.join(" AND "), Some(rows)),
        (boxes.join(" OR "), Some(rows)),
    ] {
        let name = &filter[..filter.len().min(40)];
        let found = counted(&field, filtered(&field, &filter), 5 * STEPS);
        let (matched, _) = found.unwrap_or_else(|stopped| panic!("{name}: {stopped}"));
        assert!(
            expected.is_none_or(|expected| matched == expected),
            "{name}: {matched}"
        );
    }
}

#[test]
fn what_is_too_much_is_refused_and_says_so() {
    let field = field(ROWS);
    for filter in [
        format!("n{}>9", "*1.01".repeat(12_000)),
        format!("distance_m({})>50000", points(2600)),
        vec!["code<>'x'"; 2500].join(" AND "),
        format!("S_OVERLAPS(geometry,{})", points(2600)),
    ] {
        let stopped = counted(&field, filtered(&field, &filter), STEPS / 10);
        let limit = STEPS / 10;
        assert_eq!(
            stopped,
            Err(Stopped::TooMuch { limit }),
            "{}",
            &filter[..20]
        );
    }
    let query = Query {
        budget: Budget::new(10, || None),
        ..filtered(&field, "area_m2()>0")
    };
    let stopped = query::select(&field, &query, 10, None).map(|page| page.matched);
    let error = stopped.expect_err("more than ten steps");
    assert_eq!(error, SelectError::Stopped(Stopped::TooMuch { limit: 10 }));
    assert!(
        error.to_string().contains("limit for one request"),
        "{error}"
    );
}

#[test]
fn near_a_whole_collection_holds_each_row_once() {
    let field = field(ROWS);
    let every = Query::default();
    for within in [100_000.0, 300.0] {
        let near = Near::features(&field, &every, within).expect("no limit");
        let query = Query {
            near: Some(near),
            ..Query::default()
        };
        let (matched, _) = counted(&field, query, 10 * STEPS).expect("few steps");
        assert_eq!(matched, ROWS as usize);
    }
    // Near half of it, from the other half.
    let half = filtered(&field, "n<50");
    let near = Near::features(&field, &half, 300.0).expect("no limit");
    let query = Query {
        near: Some(near),
        ..filtered(&field, "n>=50")
    };
    let (matched, _) = counted(&field, query, 10 * STEPS).expect("few steps");
    // 0.0005 degrees are 47.7 m there: of the first half's neighbours seven columns of squares are within 300 m.
    assert_eq!(matched, 7 * ROWS.isqrt() as usize);
}

#[test]
fn words_are_looked_for_in_every_name_and_counted() {
    let columns = vec![support::column("name", ColumnType::String, false)];
    let row = |at: u32| (None, vec![Value::Text(format!("桃浦镇第{at:05}号地块"))]);
    let field = support::snapshot(columns, (0..ROWS).map(row).collect());
    let names = Names::build(&field.collections[0]);
    let budget = Budget::new(STEPS, || None);
    let found = names.search("tpz dk", &budget).expect("few steps");
    assert!(budget.spent() > u64::from(ROWS));
    let query = Query {
        text: Some(found),
        ..Query::default()
    };
    let matched = query::matched(&field.collections[0], &query);
    assert_eq!(matched.expect("no limit").rows.len(), ROWS as usize);
    let many = vec!["a"; 1000].join(" ");
    let stopped = names.search(&many, &Budget::new(STEPS, || None));
    assert_eq!(stopped.err(), Some(Stopped::TooMuch { limit: STEPS }));
    let gone = names.search("tpz dk", &Budget::new(STEPS, || Some(Stopped::Interrupted)));
    assert_eq!(gone.err(), Some(Stopped::Interrupted));
}

#[test]
fn more_places_than_fit_are_refused() {
    let field = field(100_489);
    let error = Near::features(&field, &Query::default(), 10.0).expect_err("too many");
    assert!(
        matches!(error, Stopped::TooManyTargets { found: 100_489, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("narrow them with near-filter"),
        "{error}"
    );
    let some = filtered(&field, "n<50");
    assert!(Near::features(&field, &some, 10.0).is_ok());
}

#[test]
fn work_stops_soon_after_nobody_waits() {
    let field = field(ROWS);
    let asked = Arc::new(AtomicUsize::new(0));
    let seen = asked.clone();
    let budget = Budget::new(u64::MAX, move || {
        let gone = seen.fetch_add(1, Ordering::Relaxed) == 3;
        gone.then_some(Stopped::Interrupted)
    });
    let query = Query {
        budget: budget.clone(),
        ..filtered(&field, "area_m2()>0 AND distance_m(POINT(121 31))>1")
    };
    assert_eq!(query::matched(&field, &query), Err(Stopped::Interrupted));
    assert_eq!(asked.load(Ordering::Relaxed), 4);
    // It is asked every few thousand steps.
    assert!(budget.spent() < 4 * 40_000, "{budget:?}");
}

#[test]
fn a_query_without_conditions_is_not_limited() {
    let field = field(ROWS);
    let window: Window = Bbox::new(121.0, 31.0, 122.0, 32.0).expect("a box").into();
    for query in [
        Query::default(),
        Query {
            bbox: Some(window),
            ..Query::default()
        },
    ] {
        let (matched, _) = counted(&field, query, STEPS).expect("few steps");
        assert_eq!(matched, ROWS as usize);
    }
}
