//! Order, pages, statistics, names and time.

use std::cmp::Ordering;

use buju::crs::Crs;
use buju::model::{CollectionInfo, ColumnType, Feature, FeatureId, Rows, TimeColumns, Value};
use buju::query::{
    self, Budget, Names, Near, Query, SortBy, SortError, SortKey, StatisticsError,
    StatisticsRequest, cql2_text, sort_keys,
};
use buju::snapshot::Collection;
use geo::Geometry;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support;

type Cells = (Option<i32>, Option<i64>, Option<String>, Option<bool>);

/// Few values, so that ties and nulls are many.
fn cells() -> impl Strategy<Value = Cells> {
    use proptest::option::of;
    (of(-2..3), of(-1i64..2), of("[ab祁]{1}"), of(any::<bool>()))
}

fn collection(rows: &[Cells]) -> Collection {
    let columns = vec![
        support::column("n", ColumnType::Number, true),
        support::column("m", ColumnType::Integer, false),
        support::column("t", ColumnType::String, true),
        support::column("f", ColumnType::Boolean, false),
    ];
    let row = |(at, (n, m, t, f)): (i32, &Cells)| {
        let place: Geometry<f64> =
            geo::point!(x: 121.0 + f64::from(at % 5) / 1000.0, y: 31.0).into();
        let cells = vec![
            n.map_or(Value::Null, |n| Value::Number(f64::from(n) / 2.0)),
            m.map_or(Value::Null, Value::Integer),
            t.clone().map_or(Value::Null, Value::Text),
            f.map_or(Value::Null, Value::Boolean),
        ];
        (Some(place), cells)
    };
    let rows = (0..).zip(rows).map(row).collect();
    support::snapshot(columns, rows).collections.remove(0)
}

/// Nulls last whichever way.
fn ordered<T: Ord>(a: Option<&T>, b: Option<&T>, descending: bool) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) if descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
    }
}

fn by(keys: &[(usize, bool)], a: &Cells, b: &Cells) -> Ordering {
    let orders = keys.iter().map(|(column, down)| match column {
        0 => ordered(a.0.as_ref(), b.0.as_ref(), *down),
        1 => ordered(a.1.as_ref(), b.1.as_ref(), *down),
        2 => ordered(a.2.as_ref(), b.2.as_ref(), *down),
        _ => ordered(a.3.as_ref(), b.3.as_ref(), *down),
    });
    orders.fold(Ordering::Equal, Ordering::then)
}

fn pages(collection: &Collection, query: &Query, limit: usize) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = query::page(collection, query, limit, cursor.as_deref()).expect("a cursor");
        assert!(page.next.is_none() || page.features.len() == limit);
        assert!(
            page.matched == 0 || !page.features.is_empty(),
            "an empty last page"
        );
        seen.extend(page.features.iter().map(|feature| feature.id.to_string()));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return seen,
        }
    }
}

proptest! {
    #[test]
    fn pages_follow_the_sort_and_visit_every_row_once(
        rows in vec(cells(), 0..50),
        keys in prop::sample::subsequence(vec![0usize, 1, 2, 3], 0..4).prop_shuffle(),
        down in vec(any::<bool>(), 4),
        limit in 1usize..9,
    ) {
        let keys: Vec<_> = keys.into_iter().zip(down).collect();
        let names = ["n", "m", "t", "f"];
        let text: Vec<_> = keys
            .iter()
            .map(|(column, down)| format!("{}{}", if *down { "-" } else { "" }, names[*column]))
            .collect();
        let collection = collection(&rows);
        let sort = if text.is_empty() {
            Vec::new()
        } else {
            sort_keys(&collection.info, &text.join(",")).expect("keys")
        };
        let mut expected: Vec<usize> = (0..rows.len()).collect();
        // A stable sort, and rows begin in id order.
        expected.sort_by(|a, b| by(&keys, &rows[*a], &rows[*b]));
        let expected: Vec<_> = expected.into_iter().map(|at| format!("{at:05}")).collect();
        let query = Query { sort, ..Query::default() };
        prop_assert_eq!(pages(&collection, &query, limit), expected);
    }

    #[test]
    fn near_rows_are_paged_by_distance(rows in vec(cells(), 1..40), limit in 1usize..6) {
        let collection = collection(&rows);
        let near = Near::geometry(geo::point!(x: 121.0, y: 31.0).into(), 250.0);
        let query = Query { near: Some(near), ..Query::default() };
        let mut expected: Vec<_> = (0..rows.len()).filter(|at| at % 5 < 3).collect();
        expected.sort_by_key(|at| at % 5);
        let expected: Vec<_> = expected.into_iter().map(|at| format!("{at:05}")).collect();
        prop_assert_eq!(pages(&collection, &query, limit), expected);
    }

    #[test]
    fn any_cursor_is_read_or_refused(token in "\\PC{0,40}") {
        let collection = collection(&[(None, None, None, None)]);
        prop_assert!(query::page(&collection, &Query::default(), 1, Some(&token)).is_err());
    }

    #[test]
    fn any_sort_is_read_or_refused(text in "[-+ ,nmtfidx]{0,12}") {
        let _ = sort_keys(&collection(&[]).info, &text);
    }

    #[test]
    fn statistics_equal_naive_ones(
        rows in vec(cells(), 0..60),
        bins in 0usize..6,
        probability in 0.0..=1.0f64,
    ) {
        let collection = collection(&rows);
        let request = StatisticsRequest { columns: vec![0, 1], group_by: Some(2), quantiles: vec![0.0, probability, 1.0], bins, edges: Vec::new() };
        let filter = cql2_text(&collection.info, "f IS NULL OR f = true", Crs::Crs84).expect("a filter");
        let query = Query { filter, ..Query::default() };
        let found = query::statistics(&collection, &query, &request).expect("statistics");
        let kept: Vec<_> = rows.iter().filter(|row| row.3 != Some(false)).collect();
        prop_assert_eq!(found.count, kept.len());
        let check = |of: &[&Cells], columns: &[query::ColumnStatistics]| -> Result<(), TestCaseError> {
            let halves: Vec<_> = of.iter().filter_map(|row| row.0).map(|n| f64::from(n) / 2.0).collect();
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let wholes: Vec<_> = of.iter().filter_map(|row| row.1).map(|m| m as f64).collect();
            for (mut numbers, column) in [halves, wholes].into_iter().zip(columns) {
                numbers.sort_by(f64::total_cmp);
                prop_assert_eq!(column.stated, numbers.len());
                prop_assert_eq!(column.nulls, of.len() - numbers.len());
                let total: f64 = numbers.iter().sum();
                prop_assert_eq!(column.sum, (!numbers.is_empty()).then_some(total));
                prop_assert_eq!(column.min, numbers.first().copied());
                prop_assert_eq!(column.max, numbers.last().copied());
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let count = numbers.len() as f64;
                prop_assert_eq!(column.mean, (!numbers.is_empty()).then(|| total / count));
                // Halves are exact, so the middle is too.
                let middle = numbers.len() / 2;
                let median = match numbers.len() {
                    0 => None,
                    even if even % 2 == 0 => Some(f64::midpoint(numbers[middle - 1], numbers[middle])),
                    _ => Some(numbers[middle]),
                };
                prop_assert_eq!(column.median, median);
                prop_assert_eq!(column.quantiles[0].1, column.min);
                prop_assert_eq!(column.quantiles[2].1, column.max);
                if let (Some(value), false) = (column.quantiles[1].1, numbers.is_empty()) {
                    // Piecewise linear through (k / (n - 1), number k).
                    let at = probability * (count - 1.0);
                    let expected: f64 = numbers.windows(2).zip(0..).map(|(pair, k)| {
                        (pair[1] - pair[0]) * (at - f64::from(k)).clamp(0.0, 1.0)
                    }).sum();
                    prop_assert!((value - numbers[0] - expected).abs() < 1e-9);
                }
                let counted: usize = column.histogram.iter().map(|bin| bin.count).sum();
                if bins > 0 {
                    prop_assert_eq!(counted, numbers.len());
                }
                for (at, bin) in column.histogram.iter().enumerate() {
                    let last = at + 1 == column.histogram.len();
                    let inside = |n: &&f64| **n >= bin.low && (**n < bin.high || (last && **n <= bin.high));
                    prop_assert_eq!(bin.count, numbers.iter().filter(inside).count());
                }
            }
            Ok(())
        };
        check(&kept, &found.columns)?;
        let mut keys: Vec<_> = kept.iter().map(|row| row.2.clone()).collect();
        keys.sort_by(|a, b| ordered(a.as_ref(), b.as_ref(), false));
        keys.dedup();
        let values: Vec<_> = keys.iter().map(|key| key.clone().map_or(Value::Null, Value::Text)).collect();
        let groups: Vec<_> = found.groups.iter().map(|group| group.value.clone()).collect();
        prop_assert_eq!(groups, values);
        for (group, key) in found.groups.iter().zip(&keys) {
            let of: Vec<_> = kept.iter().copied().filter(|row| row.2 == *key).collect();
            prop_assert_eq!(group.count, of.len());
            check(&of, &group.columns)?;
        }
    }
}

proptest! {
    #[test]
    fn bins_between_given_edges_equal_counting(
        rows in vec(cells(), 0..60),
        mut edges in vec(-20..20_i32, 2..9),
    ) {
        edges.sort_unstable();
        edges.dedup();
        prop_assume!(edges.len() > 1);
        let edges: Vec<f64> = edges.into_iter().map(|edge| f64::from(edge) / 2.0).collect();
        let collection = collection(&rows);
        let request = StatisticsRequest { columns: vec![0], group_by: Some(2), edges: edges.clone(), ..StatisticsRequest::default() };
        let found = query::statistics(&collection, &Query::default(), &request).expect("statistics");
        let check = |of: &[&Cells], column: &query::ColumnStatistics| -> Result<(), TestCaseError> {
            let numbers: Vec<_> = of.iter().filter_map(|row| row.0).map(|n| f64::from(n) / 2.0).collect();
            let count = |inside: &dyn Fn(f64) -> bool| numbers.iter().filter(|n| inside(**n)).count();
            prop_assert_eq!(column.histogram.len(), edges.len() - 1);
            let end = edges[edges.len() - 1];
            for (pair, bin) in edges.windows(2).zip(&column.histogram) {
                let [low, high] = [pair[0], pair[1]];
                prop_assert_eq!(bin.low.to_bits(), low.to_bits());
                prop_assert_eq!(bin.high.to_bits(), high.to_bits());
                let last = high >= end;
                prop_assert_eq!(bin.count, count(&|n| n >= low && (n < high || (last && n <= high))));
            }
            let outside = (count(&|n| n < edges[0]), count(&|n| n > end));
            prop_assert_eq!(column.outside, Some(outside));
            let inside: usize = column.histogram.iter().map(|bin| bin.count).sum();
            prop_assert_eq!(inside + outside.0 + outside.1 + column.nulls, of.len());
            Ok(())
        };
        check(&rows.iter().collect::<Vec<_>>(), &found.columns[0])?;
        let keyed = |value: &Value| rows.iter().filter(|row| row.2.clone().map_or(Value::Null, Value::Text) == *value).collect::<Vec<_>>();
        for group in &found.groups {
            check(&keyed(&group.value), &group.columns[0])?;
        }
    }
}

#[test]
fn a_cursor_of_another_sort_or_a_cut_one_is_refused() {
    let rows = collection(&[(Some(1), None, None, None), (Some(2), None, None, None)]);
    let query = |text: &str| Query {
        sort: sort_keys(&rows.info, text).expect("keys"),
        ..Query::default()
    };
    let next = query::page(&rows, &query("n"), 1, None)
        .expect("a page")
        .next
        .expect("more");
    assert!(query::page(&rows, &query("n"), 1, Some(&next)).is_ok());
    assert!(query::page(&rows, &query("-n"), 1, Some(&next)).is_err());
    assert!(query::page(&rows, &query("n,t"), 1, Some(&next)).is_err());
    assert!(query::page(&rows, &Query::default(), 1, Some(&next)).is_err());
    assert!(query::page(&rows, &query("n"), 1, Some(&next[1..])).is_err());
    let counted = query::page(&rows, &Query::default(), 0, None).expect("a page");
    assert_eq!(
        (counted.matched, counted.features.len(), counted.next),
        (2, 0, None)
    );
}

#[test]
fn sorts_are_read_or_refused() {
    let info = collection(&[]).info;
    let key = |by, descending| SortKey { by, descending };
    assert_eq!(
        sort_keys(&info, "-n,+t, m,id,distance_m"),
        Ok(vec![
            key(SortBy::Column(0), true),
            key(SortBy::Column(2), false),
            key(SortBy::Column(1), false),
            key(SortBy::Id, false),
            key(SortBy::Distance, false),
        ])
    );
    assert_eq!(sort_keys(&info, ""), Err(SortError::Empty));
    assert_eq!(sort_keys(&info, "n,"), Err(SortError::Empty));
    assert_eq!(
        sort_keys(&info, "n,-n"),
        Err(SortError::Twice("n".to_owned()))
    );
    assert!(matches!(
        sort_keys(&info, "geometry"),
        Err(SortError::Property { .. })
    ));
}

#[test]
fn statistics_of_the_wrong_columns_are_refused() {
    let rows = collection(&[]);
    let ask = |request: &StatisticsRequest| query::statistics(&rows, &Query::default(), request);
    let base = StatisticsRequest::default;
    let texts = ask(&StatisticsRequest {
        columns: vec![2],
        ..base()
    });
    assert!(matches!(texts, Err(StatisticsError::NotNumbers { .. })));
    let numbers = ask(&StatisticsRequest {
        group_by: Some(0),
        ..base()
    });
    assert!(matches!(numbers, Err(StatisticsError::NotGroups { .. })));
    for quantile in [-0.1, 1.1, f64::NAN] {
        let wrong = ask(&StatisticsRequest {
            quantiles: vec![quantile],
            ..base()
        });
        assert!(matches!(wrong, Err(StatisticsError::Quantile(_))));
    }
    let bins = ask(&StatisticsRequest {
        bins: 1001,
        ..base()
    });
    assert!(matches!(
        bins,
        Err(StatisticsError::TooMany { what: "bins", .. })
    ));
    let edges = |columns: &[usize], bins, edges: &[f64]| {
        ask(&StatisticsRequest {
            columns: columns.to_vec(),
            bins,
            edges: edges.to_vec(),
            ..base()
        })
    };
    assert!(edges(&[0], 0, &[0.0, 1.0]).is_ok());
    for wrong in [
        edges(&[0], 0, &[1.0]),
        edges(&[0], 0, &[0.0, 0.0]),
        edges(&[0], 0, &[1.0, 0.0]),
        edges(&[0], 0, &[0.0, f64::NAN]),
        edges(&[0], 3, &[0.0, 1.0]),
        edges(&[0, 1], 0, &[0.0, 1.0]),
        edges(&[], 0, &[0.0, 1.0]),
    ] {
        assert!(matches!(wrong, Err(StatisticsError::Edges(_))));
    }
    let many: Vec<f64> = (0..1002).map(f64::from).collect();
    assert!(matches!(
        edges(&[0], 0, &many),
        Err(StatisticsError::TooMany { what: "edges", .. })
    ));
}

/// "Total site area by land use of plots with a plot ratio over 1" of the shipped plan, by hand.
#[test]
fn site_area_by_land_use() {
    let snapshot = support::shipped_snapshot();
    let parcels = snapshot.collection("parcels").expect("parcels");
    let column = |name| parcels.info.column_index(name).expect("a column");
    let request = StatisticsRequest {
        columns: vec![column("site_area_m2")],
        group_by: Some(column("land_use_zh")),
        ..StatisticsRequest::default()
    };
    let filter = cql2_text(&parcels.info, "plot_ratio > 1", Crs::Crs84).expect("a filter");
    let query = Query {
        filter,
        ..Query::default()
    };
    let found = query::statistics(parcels, &query, &request).expect("statistics");
    let (mut count, mut total) = (0, 0.0);
    for row in 0..parcels.count() {
        if parcels
            .cells(column("plot_ratio"))
            .number(row)
            .is_some_and(|ratio| ratio > 1.0)
        {
            count += 1;
            total += parcels
                .cells(column("site_area_m2"))
                .number(row)
                .unwrap_or_default();
        }
    }
    assert!(count > 0);
    assert_eq!(found.count, count);
    let sums: f64 = found
        .groups
        .iter()
        .filter_map(|group| group.columns[0].sum)
        .sum();
    assert!((sums - total).abs() < 1e-6, "{sums} {total}");
}

#[test]
fn names_are_found_in_four_ways() {
    let columns = vec![
        support::column("name_zh", ColumnType::String, false),
        support::column("name_en", ColumnType::String, false),
        support::column("note", ColumnType::String, false),
    ];
    let text = |text: &str| Value::Text(text.to_owned());
    let row = |zh: &str, en: &str| (None, vec![text(zh), text(en), text("qilian note")]);
    let rows = support::snapshot(
        columns,
        vec![
            row("祁连山路", "Qilianshan Road"),
            row("桃浦中央绿地", "Taopu Central Green"),
            row("绿杨路二期", "Lüyang Road, phase 2"),
            row("重庆行", "Chongqing Bank"),
            row("西安门", "Xi'an Gate"),
            (None, vec![Value::Null, Value::Null, Value::Null]),
        ],
    );
    let names = Names::build(&rows.collections[0]);
    for (asked, expected) in [
        ("祁连", "0"),
        ("山路", "0"),
        ("qls", "0"),
        ("qlsl", "0"),
        ("qilianshan", "0"),
        ("QiLianShanLu", "0"),
        ("qilians", "0"),
        ("qlshan", "0"),
        ("lianshan", "0"),
        ("sl", "0"),
        ("road", "02"),
        ("ROAD qilianshan", "0"),
        ("oad", ""),
        ("central", "1"),
        ("taopu green", "1"),
        ("tpzy", "1"),
        ("lvyang", "2"),
        ("luyang", "2"),
        ("lüyang", "2"),
        ("chongqing", "3"),
        ("zhongqing", "3"),
        ("cqh", "3"),
        ("zqx", "3"),
        ("xi'an", "4"),
        ("xian", "4"),
        ("2", "2"),
        ("note", ""),
        ("", ""),
        ("  ", ""),
        ("zzz", ""),
        ("'", "4"),
    ] {
        let query = Query {
            text: Some(names.search(asked, &Budget::default()).expect("no limit")),
            ..Query::default()
        };
        let matches = query::matched(&rows.collections[0], &query).expect("no limit");
        let found: String = matches.rows.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{asked}");
        let plan = query::plan(&rows.collections[0], &query).expect("no limit");
        assert_eq!(
            (plan.access, plan.candidates),
            (query::Access::Names, expected.len())
        );
    }
}

proptest! {
    #[test]
    fn any_name_and_text_can_be_searched(name in "\\PC{1,12}", asked in "\\PC{0,8}") {
        let columns = vec![support::column("name", ColumnType::String, false)];
        let rows = support::snapshot(columns, vec![(None, vec![Value::Text(name.clone())])]);
        let names = Names::build(&rows.collections[0]);
        names.search(&asked, &Budget::default()).expect("no limit");
    }
}

#[test]
fn the_shipped_plan_has_its_road_by_initials() {
    let snapshot = support::shipped_snapshot();
    let works = snapshot.collection("road-works").expect("road works");
    let names = Names::build(works);
    let ids = |text: &str| {
        let query = Query {
            text: Some(names.search(text, &Budget::default()).expect("no limit")),
            ..Query::default()
        };
        pages(works, &query, 3)
    };
    let expected = ids("祁连山路");
    assert!(!expected.is_empty());
    assert_eq!(ids("qilianshanlu"), expected);
    assert!(expected.iter().all(|id| ids("qls").contains(id)));
}

/// With and without indices, with and without a column for the end.
#[test]
fn time_is_filtered_by_its_columns() {
    let rows = [
        ("2020-01-01", "2020-12-31"),
        ("2021-01-01", ""),
        ("", "2019-06-30"),
        ("", ""),
    ];
    let found = |kind, indexed, end: Option<&str>, text: &str| -> String {
        let cell = |text: &str| support::cell(kind, text);
        let columns = ["start", "end"].map(|name| support::column(name, kind, indexed));
        let features = (0_i64..).zip(&rows).map(|(at, (start, end))| Feature {
            id: at.into(),
            geometry: None,
            values: vec![cell(start), cell(end)],
        });
        let info = CollectionInfo {
            time: Some(TimeColumns {
                start: "start".to_owned(),
                end: end.map(str::to_owned),
            }),
            ..support::snapshot(columns.to_vec(), Vec::new())
                .collections
                .remove(0)
                .info
        };
        let rows = Rows::collect(&info.columns, features);
        let collection = Collection::build(info, rows);
        let query = Query {
            datetime: Some(text.parse().expect(text)),
            ..Query::default()
        };
        let plan = query::plan(&collection, &query).expect("no limit");
        assert_eq!(plan.access == query::Access::Scan, !indexed, "{plan:?}");
        let matches = query::matched(&collection, &query).expect("no limit");
        matches.rows.iter().map(ToString::to_string).collect()
    };
    // Row 3 has no time, and is found at every time.
    for indexed in [true, false] {
        let days = |end, text| found(ColumnType::Date, indexed, end, text);
        assert_eq!(days(Some("end"), "2020-06-01"), "03");
        assert_eq!(days(Some("end"), "2020-12-31T23:59:59Z/.."), "013");
        assert_eq!(days(Some("end"), "../2019-06-30"), "23");
        assert_eq!(days(Some("end"), "/2020-01-01"), "023");
        assert_eq!(days(Some("end"), "2021-01-01T08:00:00+08:00"), "13");
        assert_eq!(days(Some("end"), "2030-01-01/"), "13");
        assert_eq!(days(None, "2020-06-01"), "23");
        assert_eq!(days(None, "2020-01-01"), "023");
        assert_eq!(
            days(None, "2020-01-01T23:59:59.9Z/2020-06-01T00:00:00Z"),
            "023"
        );
        assert_eq!(days(None, "2020-01-02/2020-12-31"), "23");
    }
}

#[test]
fn times_are_sorted_nulls_last() {
    let days = ["2021-01-01", "", "1969-12-31", "2021-01-01"];
    let moments = [
        "2021-01-01T00:00:00.000001Z",
        "2021-01-01T00:00:00Z",
        "",
        "2021-01-01T08:00:00+08:00",
    ];
    let rows = days.iter().zip(moments).map(|(day, moment)| {
        let day = support::cell(ColumnType::Date, day);
        (
            None,
            vec![day, support::cell(ColumnType::Timestamp, moment)],
        )
    });
    let columns = vec![
        support::column("day", ColumnType::Date, true),
        support::column("moment", ColumnType::Timestamp, false),
        support::column("tags", ColumnType::Strings, false),
    ];
    let rows = rows.map(|(place, mut cells)| {
        cells.push(Value::Null);
        (place, cells)
    });
    let snapshot = support::snapshot(columns, rows.collect());
    let collection = &snapshot.collections[0];
    let sorted = |text: &str| -> String {
        let query = Query {
            sort: sort_keys(&collection.info, text).expect(text),
            ..Query::default()
        };
        pages(collection, &query, 1)
            .iter()
            .map(|id| &id[4..])
            .collect()
    };
    assert_eq!(sorted("day"), "2031");
    assert_eq!(sorted("-day,-moment"), "0321");
    assert_eq!(sorted("moment"), "1302");
    let refused = sort_keys(&collection.info, "tags").expect_err("no order");
    assert_eq!(
        refused.to_string(),
        "\"tags\" holds an array of texts, which has no order"
    );
}

#[test]
fn ids_come_in_order_and_pages_go_on_from_any() {
    let ids: Vec<FeatureId> = vec![
        (-3).into(),
        2.into(),
        10.into(),
        i64::MAX.into(),
        "#1".into(),
        ".".into(),
        "..".into(),
        "007".into(),
        "a b".into(),
        "a/b?c=%20".into(),
        "二".into(),
    ];
    let info = support::snapshot(Vec::new(), Vec::new())
        .collections
        .remove(0)
        .info;
    let features = ids.iter().rev().map(|id| Feature {
        id: id.clone(),
        geometry: None,
        values: Vec::new(),
    });
    let rows = Rows::collect(&info.columns, features);
    let collection = Collection::build(info, rows);
    let texts: Vec<_> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(pages(&collection, &Query::default(), 2), texts);
    let backwards = Query {
        sort: sort_keys(&collection.info, "-id").expect("a sort"),
        ..Query::default()
    };
    let reversed: Vec<_> = texts.iter().rev().cloned().collect();
    assert_eq!(pages(&collection, &backwards, 3), reversed);
    for (row, id) in (0..).zip(&texts) {
        assert_eq!(collection.row(id), Some(row), "{id}");
    }
    for other in ["+2", "02", "7", "", "a%20b"] {
        assert_eq!(collection.row(other), None, "{other}");
    }
}
