//! Queries equal brute force, with and without indices; pages visit every feature once.

use buju::model::{Bbox, ColumnType, Feature, Finding, Value};
use buju::query::{Condition, Filter, Page, Query};
use buju::store::Store;
use geo::{Geometry, Relate};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support;
use crate::tiles::shape;

type Rows = Vec<(Option<Geometry<f64>>, Vec<Value>)>;

fn rows() -> impl Strategy<Value = Rows> {
    let number = prop_oneof![
        Just(Value::Null),
        (-20i32..20).prop_map(|n| Value::Number(f64::from(n) / 4.0))
    ];
    let word = prop_oneof![Just(Value::Null), "[ab祁]{1,2}".prop_map(Value::Text)];
    let place = prop_oneof![1 => Just(None), 5 => shape().prop_map(Some)];
    vec(
        (
            place,
            (number, word).prop_map(|(number, word)| vec![number, word]),
        ),
        0..60,
    )
}

fn stores(rows: &Rows) -> [Store; 2] {
    [true, false].map(|indexed| {
        let columns = vec![
            support::column("number", ColumnType::Number, indexed),
            support::column("word", ColumnType::String, indexed),
        ];
        support::made_up(columns, rows.clone())
    })
}

fn boxes() -> impl Strategy<Value = Bbox> {
    (121.0..121.9f64, 31.0..31.9f64, 0.0..0.5f64, 0.0..0.5f64).prop_map(
        |(west, south, width, height)| {
            Bbox::new(west, south, west + width, south + height).expect("a box")
        },
    )
}

/// A box and conditions as the test knows them.
#[derive(Debug, Clone)]
struct Asked {
    bbox: Option<Bbox>,
    parts: Vec<(usize, Condition)>,
}

impl Asked {
    fn query(&self) -> Query {
        let parts = self.parts.iter().cloned();
        Query {
            bbox: self.bbox.map(Into::into),
            filter: Filter::all(parts.map(|(column, condition)| Filter::column(column, condition))),
            ..Query::default()
        }
    }
}

/// Written anew from the definitions: DE-9IM for the box, comparison of cells for the filter.
fn brute_force(rows: &Rows, asked: &Asked) -> Vec<String> {
    let rect = asked.bbox.map(|bbox| {
        Geometry::from(
            geo::Rect::new(
                geo::coord! { x: bbox.west, y: bbox.south },
                geo::coord! { x: bbox.east, y: bbox.north },
            )
            .to_polygon(),
        )
    });
    let holds = |(column, condition): &(usize, Condition), values: &[Value]| match condition {
        Condition::Between { low, high } => match values[*column] {
            Value::Number(number) => {
                !(low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high))
            }
            _ => false,
        },
        Condition::Text(text) => values[*column] == Value::Text(text.clone()),
        other => panic!("not asked here: {other:?}"),
    };
    let matches = |(place, values): &(Option<Geometry<f64>>, Vec<Value>)| {
        let inside = rect.as_ref().is_none_or(|rect| {
            place
                .as_ref()
                .is_some_and(|shape| shape.relate(rect).is_intersects())
        });
        inside && asked.parts.iter().all(|part| holds(part, values))
    };
    rows.iter()
        .enumerate()
        .filter(|(_, row)| matches(row))
        .map(|(at, _)| format!("{at:05}"))
        .collect()
}

fn ids(features: &[Feature]) -> Vec<String> {
    features
        .iter()
        .map(|feature| feature.id.to_string())
        .collect()
}

fn queries() -> impl Strategy<Value = Asked> {
    let end = || proptest::option::of((-20i32..20).prop_map(|n| f64::from(n) / 4.0));
    let between = (end(), end()).prop_map(|(low, high)| (0, Condition::Between { low, high }));
    let word = "[ab祁]{1,2}".prop_map(|text| (1, Condition::Text(text)));
    let parts = vec(prop_oneof![2 => between, 1 => word], 0..3);
    (proptest::option::of(boxes()), parts).prop_map(|(bbox, parts)| Asked { bbox, parts })
}

fn items(store: &Store, query: &Query, limit: usize, cursor: Option<&str>) -> Page {
    let page = store.items("shapes", query, limit, cursor);
    page.expect("a cursor").expect("the collection")
}

proptest! {
    #[test]
    fn equals_brute_force_with_and_without_indices(rows in rows(), asked in queries()) {
        let expected = brute_force(&rows, &asked);
        for store in stores(&rows) {
            let page = items(&store, &asked.query(), 1000, None);
            prop_assert_eq!(&ids(&page.features), &expected);
            prop_assert_eq!(page.matched, expected.len());
            prop_assert_eq!(page.next, None);
        }
    }

    #[test]
    fn pages_visit_every_feature_once(rows in rows(), asked in queries(), limit in 1usize..7) {
        let [store, _] = stores(&rows);
        let query = asked.query();
        let whole = items(&store, &query, 1000, None);
        let mut seen = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = items(&store, &query, limit, cursor.as_deref());
            prop_assert_eq!(page.matched, whole.matched);
            seen.extend(ids(&page.features));
            if page.next.is_some() {
                prop_assert_eq!(page.features.len(), limit);
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        prop_assert_eq!(seen, ids(&whole.features));
    }
}

#[test]
fn a_box_across_the_180th_meridian_finds_both_sides() {
    let point = |x: f64| (Some(Geometry::from(geo::point!(x: x, y: 0.0))), Vec::new());
    let store = support::made_up(Vec::new(), vec![point(179.5), point(-179.5), point(0.0)]);
    let query = Query {
        bbox: Some("179,-1,-179,1".parse::<Bbox>().expect("a box").into()),
        ..Query::default()
    };
    let page = items(&store, &query, 10, None);
    assert_eq!(ids(&page.features), ["00000", "00001"]);
}

#[test]
fn the_narrowest_index_is_taken() {
    let store = support::store();
    let explain = |query: &Query| {
        store
            .explain("parcels", query)
            .expect("no limit")
            .expect("the collection")
    };
    let info = store.collection("parcels").expect("parcels").info;
    let column = info.column_index("plot_ratio").expect("a column");
    let at_least = Condition::Between {
        low: Some(2.0),
        high: None,
    };
    let filter = Filter::column(column, at_least);
    let narrow = explain(&Query {
        filter: filter.clone(),
        ..Query::default()
    });
    assert!(
        narrow.starts_with("index of plot_ratio: 1 of 10 rows"),
        "{narrow}"
    );
    let nowhere = explain(&Query {
        bbox: Some("0,0,1,1".parse::<Bbox>().expect("a box").into()),
        filter,
        ..Query::default()
    });
    assert!(
        nowhere.starts_with("R-tree by bbox: 0 of 10 rows"),
        "{nowhere}"
    );
}

/// A plan converted from shapefiles has a warning per polygon: they are counted per collection and
/// looked up by id.
#[test]
fn findings_are_counted_and_found() {
    let count = 50_000;
    let warning = |at| Finding::warning("test", "file", "reason").at_id(&format!("{at:05}"));
    let findings = (0..count).map(warning).collect();
    let store = support::made_up_with(Vec::new(), vec![(None, Vec::new()); count], findings);
    assert_eq!(
        store.collection("shapes").map(|it| it.findings),
        Some(count)
    );
    let item = store.item("shapes", "00007").expect("a row");
    assert_eq!(item.findings.len(), 1);
    assert_eq!(item.findings[0].id.as_deref(), Some("00007"));
}
