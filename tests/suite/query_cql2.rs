//! Every operator of CQL2, in text and in JSON, and every kind of mistake.

use buju::crs::Crs;
use buju::model::ColumnType;
use buju::query::{self, Filter, FilterError, Place, Query, cql2_json, cql2_text};
use buju::snapshot::{Collection, Snapshot};
use geo::Geometry;
use proptest::prelude::*;

use crate::support;

/// Five rows: 00000 to 00004, shortened to 0 to 4 below.
fn snapshot() -> Snapshot {
    use ColumnType::{Boolean, Date, Integer, Json, Number, String, Strings, Timestamp};
    let columns = [
        ("n", Number, true),
        ("m", Integer, false),
        ("name", String, true),
        ("flag", Boolean, false),
        ("start", Date, true),
        ("end", Date, false),
        ("moment", Timestamp, true),
        ("tags", Strings, false),
        ("more", Strings, false),
        ("about", Json, false),
        ("车道 \"x\"", String, false),
    ];
    let at = |x: f64, y: f64| Some(geo::point!(x: x, y: y).into());
    let square = geo::Rect::new(
        geo::coord! { x: 10.0, y: 10.0 },
        geo::coord! { x: 12.0, y: 12.0 },
    );
    let line = geo::LineString::from(vec![(20.0, 0.0), (20.0, 1.0)]);
    let rows: [(Option<Geometry>, [&str; 11]); 5] = [
        (
            at(1.0, 1.0),
            [
                "1.5",
                "1",
                "Straße",
                "true",
                "2020-01-01",
                "2020-12-31",
                "2020-01-01T00:00:00Z",
                r#"["a","b"]"#,
                r#"["b","a","a"]"#,
                "{}",
                "a",
            ],
        ),
        (
            at(5.0, 5.0),
            [
                "-2",
                "3",
                "it's 100%",
                "false",
                "2021-03-01",
                "",
                "2021-03-01T07:59:59.999999+08:00",
                r#"["b"]"#,
                r#"["c"]"#,
                "",
                "",
            ],
        ),
        (
            Some(square.to_polygon().into()),
            [
                "7",
                "-7",
                "ÉCOLE",
                "",
                "2021-06-01",
                "2021-12-31",
                "2021-06-01T12:00:00Z",
                r#"["b","c","二"]"#,
                "[]",
                "",
                "",
            ],
        ),
        (
            Some(line.into()),
            [
                "",
                "2",
                "祁连山路",
                "true",
                "",
                "2019-05-05",
                "",
                "[]",
                r#"["a"]"#,
                "",
                "",
            ],
        ),
        (None, ["0", "", "", "", "", "", "", "", "", "", ""]),
    ];
    let rows = rows.map(|(place, cells)| {
        let cells = columns.iter().zip(cells);
        let cells = cells.map(|((_, kind, _), text)| support::cell(*kind, text));
        (place, cells.collect())
    });
    let columns = columns.map(|(name, kind, indexed)| support::column(name, kind, indexed));
    support::snapshot(columns.to_vec(), rows.to_vec())
}

fn rows(collection: &Collection, filter: Filter) -> String {
    let query = Query {
        filter,
        ..Query::default()
    };
    let matches = query::matched(collection, &query).expect("no limit");
    matches.rows.iter().map(ToString::to_string).collect()
}

/// Rows of a CQL2 text, in CRS84.
fn by_text(filter: &str) -> Result<String, FilterError> {
    let snapshot = snapshot();
    let collection = &snapshot.collections[0];
    let filter = cql2_text(&collection.info, filter, Crs::Crs84)?;
    Ok(rows(collection, filter))
}

fn by_json(filter: &str) -> Result<String, FilterError> {
    let snapshot = snapshot();
    let collection = &snapshot.collections[0];
    let filter = cql2_json(&collection.info, filter, Crs::Crs84)?;
    Ok(rows(collection, filter))
}

fn all(cases: &[(&str, &str)]) {
    for (filter, expected) in cases {
        assert_eq!(by_text(filter).as_deref(), Ok(*expected), "{filter}");
    }
}

#[test]
fn comparisons() {
    all(&[
        ("n = 1.5", "0"),
        ("n <> 1.5", "124"),
        ("n < 0", "1"),
        ("n <= 0", "14"),
        ("n > 1.5", "2"),
        ("n >= 1.5", "02"),
        ("1.5 <= n", "02"),
        ("n >= +15e-1 AND n < 1e1", "02"),
        ("name = 'Straße'", "0"),
        ("name > 'Z'", "123"),
        ("flag = true", "03"),
        ("flag <> TRUE", "1"),
        ("flag", "03"),
        ("NOT flag", "1"),
        ("id = '00003'", "3"),
        ("id IN ('00003', '00001', 'x')", "13"),
        ("n > m", "02"),
        ("n BETWEEN -2 AND 1.5", "014"),
        ("n NOT BETWEEN -2 AND 1.5", "2"),
        ("n IN (1.5, 7)", "02"),
        ("n NOT IN (1.5, 7)", "14"),
        ("n IS NULL", "3"),
        ("n IS NOT NULL", "0124"),
        ("geometry IS NULL", "4"),
        ("geom is not null", "0123"),
        ("\"车道 \"\"x\"\"\" = 'a'", "0"),
        ("true", "01234"),
        ("FALSE", ""),
    ]);
}

#[test]
fn nulls_are_unknown() {
    all(&[
        // Unknown AND false is false, and so its negation is true.
        ("NOT (n = 1 AND m = 99)", "01234"),
        ("n = 1 OR m = 2", "3"),
        ("n <> n", ""),
        ("NOT (n <> n)", "0124"),
        ("n = 99 OR NOT (n = 99)", "0124"),
        (
            "NOT (n=1.5 OR n=91 OR n=92 OR n=93 OR n=94 OR n=95 OR n=96 OR n=97)",
            "124",
        ),
        (
            "n=1.5 OR n=91 OR n=92 OR n=93 OR m=2 OR n=94 OR n=95 OR n=96 OR n=97",
            "03",
        ),
        ("n IN (m, 1.5)", "0"),
        ("NOT (m IN (3, n))", "02"),
        ("(n = 1.5) IS NULL", "3"),
        ("n BETWEEN 5 AND m", ""),
        ("n NOT BETWEEN 5 AND m", "0124"),
        ("flag IS NULL", "24"),
    ]);
}

#[test]
fn precedence_and_arithmetic() {
    all(&[
        ("n = 1.5 OR n = 7 AND m = 99", "0"),
        ("(n = 1.5 OR n = 7) AND m = -7", "2"),
        ("NOT n = 1.5 AND m = 3", "1"),
        ("NOT NOT n = 1.5", "0"),
        ("1 + 2 * 3 = 7 AND n = 1.5", "0"),
        ("(1 + 2) * 3 = 9 AND n = 1.5", "0"),
        ("10 - 4 - 3 = 3 AND n = 1.5", "0"),
        ("16 / 4 / 2 = 2 AND n = 1.5", "0"),
        (
            "7 / 2 = 3.5 AND 7 div 2 = 3 AND -7 DIV 2 = -3 AND n = 1.5",
            "0",
        ),
        ("7 % 3 = 1 AND -7 % 3 = -1 AND n = 1.5", "0"),
        (
            "2 ^ 10 = 1024 AND -2 ^ 2 = 4 AND 2 * 3 ^ 2 = 18 AND n = 1.5",
            "0",
        ),
        ("n - -1 = 2.5", "0"),
        ("-n = 2", "1"),
        ("n-1.5=0", "0"),
        ("n * 2 > m + 1", "02"),
        // Nothing can be divided by zero, and nothing is.
        ("1 / n > 0", "02"),
        ("1 / n IS NULL", "34"),
        ("n div 2 = 3", "2"),
    ]);
}

#[test]
fn texts_and_patterns() {
    all(&[
        ("name = 'it''s 100%'", "1"),
        (r"name = 'it\'s 100%'", "1"),
        ("name LIKE 'it''s%'", "1"),
        ("name LIKE 'Stra_e'", "0"),
        ("name LIKE 'stra%'", ""),
        ("name LIKE '%山%'", "3"),
        ("name LIKE '祁__路'", "3"),
        ("name NOT LIKE '%a%'", "123"),
        (r"name LIKE '%\%'", "1"),
        (r"name LIKE '%0\_'", ""),
        ("name LIKE '%'", "0123"),
        ("name LIKE ''", ""),
        ("id LIKE '%3'", "3"),
        ("CASEI(name) = CASEI('STRASSE')", "0"),
        ("casei(name) = 'strasse'", "0"),
        ("CASEI(name) LIKE casei('STRASS_')", "0"),
        ("ACCENTI(name) = 'ECOLE'", "2"),
        ("ACCENTI(CASEI(name)) = accenti(casei('École'))", "2"),
        ("CASEI(ACCENTI(name)) LIKE CASEI(ACCENTI('éC%'))", "2"),
        ("CASEI(name) IN (casei('ÉCOLE'), CASEI('STRASSE'))", "02"),
        ("name = CASEI('ÉCOLE')", ""),
    ]);
}

#[test]
fn space() {
    all(&[
        ("S_INTERSECTS(geometry, BBOX(0, 0, 2, 2))", "0"),
        ("S_INTERSECTS(geom, BBOX(0, 0, -9, 10.5, 10.5, 9))", "012"),
        ("S_INTERSECTS(BBOX(0, 0, 10.5, 10.5), geometry)", "012"),
        ("S_INTERSECTS(geometry, BBOX(19, 0, 2, 2))", "03"),
        ("S_DISJOINT(geometry, BBOX(0, 0, 2, 2))", "123"),
        ("NOT S_INTERSECTS(geometry, BBOX(0, 0, 2, 2))", "123"),
        (
            "S_EQUALS(geometry, POLYGON((12 10, 12 12, 10 12, 10 10, 12 10)))",
            "2",
        ),
        ("S_EQUALS(geometry, POINT(5 5))", "1"),
        ("S_TOUCHES(geometry, POINT(10 11))", "2"),
        ("S_TOUCHES(geometry, BBOX(12, 10, 13, 11))", "2"),
        ("S_WITHIN(geometry, BBOX(9, 9, 13, 13))", "2"),
        ("S_CONTAINS(geometry, POINT(11 11))", "2"),
        ("S_WITHIN(POINT(11 11), geometry)", "2"),
        ("S_CONTAINS(BBOX(9, 9, 13, 13), geometry)", "2"),
        ("S_OVERLAPS(geometry, BBOX(11, 11, 13, 13))", "2"),
        ("S_CROSSES(geometry, LINESTRING(19 0.5, 21 0.5))", "3"),
        ("S_CROSSES(geometry, BBOX(19, 0.5, 21, 2))", "3"),
        ("S_INTERSECTS(geometry, MULTIPOINT((1 1), (5 5)))", "01"),
        ("S_INTERSECTS(geometry, MULTIPOINT(1 1, 5 5))", "01"),
        ("S_INTERSECTS(geometry, LINESTRING Z (0 0 1, 6 6 1))", "01"),
        (
            "S_INTERSECTS(geometry, MULTILINESTRING((0 0, 2 2), (19 0, 21 0)))",
            "03",
        ),
        (
            "S_INTERSECTS(geometry, MULTIPOLYGON(((0 0, 2 0, 2 2, 0 0)), ((4 4, 6 4, 6 6, 4 4))))",
            "01",
        ),
        (
            "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(5 4, 5 6)))",
            "01",
        ),
        ("S_INTERSECTS(geometry, geometry)", "0123"),
        ("S_INTERSECTS(POINT(1 1), POINT(1 1))", "01234"),
        ("S_INTERSECTS(geometry, POINT(1 1)) OR n = 7", "02"),
    ]);
}

#[test]
fn time() {
    all(&[
        ("T_AFTER(start, DATE('2020-06-01'))", "12"),
        ("T_BEFORE(start, DATE('2021-03-01'))", "0"),
        ("T_EQUALS(start, DATE('2021-03-01'))", "1"),
        ("T_INTERSECTS(start, DATE('2021-06-01'))", "2"),
        ("T_DISJOINT(start, DATE('2021-06-01'))", "01"),
        ("T_INTERSECTS(start, INTERVAL('2021-01-01', '..'))", "12"),
        ("T_INTERSECTS(start, INTERVAL('..', '2021-05-31'))", "01"),
        (
            "T_DURING(INTERVAL(start, end), INTERVAL('2019-01-01', '2023-01-01'))",
            "02",
        ),
        (
            "T_CONTAINS(INTERVAL(start, end), INTERVAL('2020-02-01', '2020-03-01'))",
            "0",
        ),
        (
            "T_STARTS(INTERVAL(start, end), INTERVAL('2020-01-01', '2021-01-01'))",
            "0",
        ),
        (
            "T_STARTEDBY(INTERVAL(start, end), INTERVAL('2020-01-01', '2020-02-01'))",
            "0",
        ),
        (
            "T_FINISHES(INTERVAL(start, end), INTERVAL('2019-01-01', '2020-12-31'))",
            "0",
        ),
        (
            "T_FINISHEDBY(INTERVAL(start, end), INTERVAL('2020-02-01', '2020-12-31'))",
            "0",
        ),
        (
            "T_MEETS(INTERVAL(start, end), INTERVAL('2020-12-31', '2021-02-01'))",
            "0",
        ),
        (
            "T_METBY(INTERVAL(start, end), INTERVAL('2019-12-01', '2020-01-01'))",
            "0",
        ),
        (
            "T_OVERLAPS(INTERVAL(start, end), INTERVAL('2020-06-01', '2021-02-01'))",
            "0",
        ),
        (
            "T_OVERLAPPEDBY(INTERVAL(start, end), INTERVAL('2019-12-01', '2020-02-01'))",
            "0",
        ),
        ("start = DATE('2021-03-01')", "1"),
        ("start > DATE('2021-03-01')", "2"),
        ("start <= TIMESTAMP('2021-06-01T12:00:00Z')", "012"),
        (
            "start BETWEEN DATE('2020-01-01') AND DATE('2021-03-01')",
            "01",
        ),
        ("DATE('2021-03-01') < start", "2"),
        ("start <> DATE('2021-03-01')", "02"),
        ("NOT start = DATE('2021-03-01')", "02"),
        ("start IS NULL", "34"),
        ("end IS NOT NULL AND start IS NOT NULL", "02"),
        ("start < end", "02"),
        ("start = moment", "0"),
        ("moment < start", "1"),
        ("moment = TIMESTAMP('2021-02-28T23:59:59.999999Z')", "1"),
        ("moment > TIMESTAMP('2021-02-28T23:59:59.999999Z')", "2"),
        ("moment >= DATE('2021-06-01')", "2"),
        (
            "moment BETWEEN TIMESTAMP('2020-01-01T00:00:00Z') AND DATE('2021-03-01')",
            "01",
        ),
        (
            "moment IN (TIMESTAMP('2021-06-01T20:00:00+08:00'), DATE('2020-01-01'))",
            "02",
        ),
        ("start IN (DATE('2020-01-01'), DATE('2021-03-01'))", "01"),
        ("start NOT IN (DATE('2020-01-01'))", "12"),
        (
            "T_DURING(moment, INTERVAL('2021-01-01', '2021-12-31'))",
            "12",
        ),
        ("T_BEFORE(moment, start)", "1"),
        ("T_INTERSECTS(start, moment)", "02"),
        (
            "T_INTERSECTS(INTERVAL(start, '..'), DATE('2021-04-01'))",
            "01",
        ),
        (
            "T_INTERSECTS(INTERVAL('..', end), DATE('2019-04-01'))",
            "023",
        ),
        ("T_AFTER(DATE('2020-06-01'), start)", "0"),
        ("T_DISJOINT(INTERVAL(start, end), DATE('2020-06-01'))", "2"),
    ]);
}

/// As sets, with a null unknown (OGC 21-065r2, requirement class "array-functions").
#[test]
fn arrays() {
    all(&[
        ("A_CONTAINS(tags, ('b'))", "012"),
        ("A_CONTAINS(tags, ('b', 'a'))", "0"),
        ("a_contains(tags, ())", "0123"),
        ("A_CONTAINS(('a', 'b'), tags)", "013"),
        ("A_CONTAINEDBY(tags, ('a', 'b'))", "013"),
        ("a_containedBy(('二'), tags)", "2"),
        ("A_EQUALS(tags, ('b', 'a', 'b'))", "0"),
        ("A_EQUALS(tags, ())", "3"),
        ("A_EQUALS(tags, more)", "0"),
        ("A_OVERLAPS(tags, ('c', 'a'))", "02"),
        ("A_OVERLAPS(tags, ())", ""),
        ("A_OVERLAPS(tags, more)", "0"),
        ("NOT A_CONTAINS(tags, ('b'))", "3"),
        ("NOT A_OVERLAPS(tags, ('b')) OR n = 0", "34"),
        ("tags IS NULL", "4"),
        ("tags IS NOT NULL", "0123"),
        ("A_CONTAINS(tags, (CASEI('B')))", "012"),
        ("A_CONTAINS(tags, ('a', \"车道 \"\"x\"\"\"))", "0"),
    ]);
}

#[test]
fn measures() {
    all(&[
        ("area_m2() > 4.7e10 AND area_m2() < 4.9e10", "2"),
        ("area_m2() = 0", "013"),
        ("length_m() BETWEEN 110500 AND 110600", "3"),
        ("area_m2() IS NULL", "4"),
        ("distance_m(POINT(1 1)) = 0", "0"),
        ("distance_m(POINT(1 1.001)) < 111", "0"),
        ("distance_m(POINT(1 1.001)) < 110", ""),
        ("distance_m(geometry, POINT(20.001 0.5)) <= 111.4", "3"),
        (
            "distance_m(BBOX(10, 13, 11, 14)) BETWEEN 110000 AND 111000",
            "2",
        ),
    ]);
}

#[test]
fn json_says_the_same() {
    for (json, text) in [
        (
            r#"{"op":"and","args":[{"op":">=","args":[{"property":"n"},1.5]},{"op":"<","args":[{"property":"m"},5]}]}"#,
            "n >= 1.5 AND m < 5",
        ),
        (
            r#"{"op":"or","args":[{"op":"=","args":[{"property":"flag"},true]},{"op":"=","args":[{"property":"n"},7]}]}"#,
            "flag = true OR n = 7",
        ),
        (
            r#"{"op":"not","args":[{"op":"isNull","args":[{"property":"n"}]}]}"#,
            "n IS NOT NULL",
        ),
        (
            r#"{"op":"like","args":[{"op":"casei","args":[{"property":"name"}]},{"op":"casei","args":["STR%"]}]}"#,
            "CASEI(name) LIKE CASEI('STR%')",
        ),
        (
            r#"{"op":"between","args":[{"property":"n"},-2,1.5]}"#,
            "n BETWEEN -2 AND 1.5",
        ),
        (
            r#"{"op":"in","args":[{"property":"n"},[1.5,7]]}"#,
            "n IN (1.5, 7)",
        ),
        (
            r#"{"op":"=","args":[{"op":"div","args":[{"property":"n"},2]},{"op":"+","args":[1,2]}]}"#,
            "n div 2 = 1 + 2",
        ),
        (
            r#"{"op":"<>","args":[{"op":"accenti","args":[{"property":"name"}]},"ECOLE"]}"#,
            "ACCENTI(name) <> 'ECOLE'",
        ),
        (
            r#"{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[0,0,2,2]}]}"#,
            "S_INTERSECTS(geometry, BBOX(0,0,2,2))",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[9,9],[13,9],[13,13],[9,13],[9,9]]]}]}"#,
            "S_WITHIN(geometry, BBOX(9,9,13,13))",
        ),
        (
            r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,1,5]},{"type":"LineString","coordinates":[[5,4],[5,6]]}]}]}"#,
            "n IN (1.5, -2)",
        ),
        (
            r#"{"op":"t_after","args":[{"property":"start"},{"date":"2020-06-01"}]}"#,
            "T_AFTER(start, DATE('2020-06-01'))",
        ),
        (
            r#"{"op":"t_intersects","args":[{"interval":[{"property":"start"},".."]},{"interval":["2021-06-01T00:00:00Z",{"timestamp":"2021-07-01T00:00:00Z"}]}]}"#,
            "T_INTERSECTS(INTERVAL(start,'..'), INTERVAL('2021-06-01T00:00:00Z','2021-07-01T00:00:00Z'))",
        ),
        (
            r#"{"op":"between","args":[{"property":"moment"},{"timestamp":"2020-01-01T00:00:00Z"},{"date":"2021-03-01"}]}"#,
            "moment BETWEEN TIMESTAMP('2020-01-01T00:00:00Z') AND DATE('2021-03-01')",
        ),
        (
            r#"{"op":"a_containedBy","args":[{"property":"tags"},["a","b"]]}"#,
            "A_CONTAINEDBY(tags, ('a', 'b'))",
        ),
        (
            r#"{"op":"a_contains","args":[{"property":"tags"},["b"]]}"#,
            "A_CONTAINS(tags, ('b'))",
        ),
        (
            r#"{"op":"a_equals","args":[[],{"property":"tags"}]}"#,
            "A_EQUALS(tags, ())",
        ),
        (
            r#"{"op":">","args":[{"op":"distance_m","args":[{"type":"Point","coordinates":[1,1]}]},1]}"#,
            "distance_m(POINT(1 1)) > 1",
        ),
    ] {
        let expected = by_text(text).expect(text);
        assert_eq!(by_json(json), Ok(expected.clone()), "{json}");
        assert!(!expected.is_empty(), "{text} shows nothing");
    }
}

const MISTAKES: &[(&str, &str)] = &[
    ("", "at character 1: expected a value, found the end"),
    ("n >", "at character 4: expected a value, found the end"),
    (
        "n = 1 m = 2",
        "at character 7: expected an operator or the end, found \"m\"",
    ),
    ("(n = 1", "at character 7: expected \")\", found the end"),
    (
        "n = 1 andm = 2",
        "at character 7: expected an operator or the end, found \"andm\"",
    ),
    (
        "名 = 'x",
        "at character 7: expected a quote ' that closes the text, found the end",
    ),
    (
        "n = 1e",
        "at character 7: expected the digits of an exponent, found the end",
    ),
    ("n = 1e999", "at character 5: the number 1e999 is too great"),
    (
        "n = 1x",
        "at character 6: expected the end of the number, found 'x'",
    ),
    (
        "n & 1",
        "at character 3: expected a name, a number, a text in 'quotes' or an operator, found '&'",
    ),
    (
        "n NOT 1",
        "at character 7: expected LIKE, BETWEEN or IN, found the number 1",
    ),
    (
        "2 ^ 3 ^ 2 = 1",
        "at character 7: expected parentheses around one of the powers, found \"^\"",
    ),
    (
        "nam = 'x'",
        "at character 1: there is no property \"nam\"; did you mean \"name\"?",
    ),
    ("zzz = 1", "at character 1: there is no property \"zzz\""),
    (
        "s_intersect(geometry, POINT(1 1))",
        "at character 1: there is no function \"s_intersect\"; did you mean \"s_intersects\"?",
    ),
    (
        "n = 'x'",
        "at character 5: expected a number, found the text \"x\"",
    ),
    (
        "name = 5",
        "at character 8: expected a text, found the number 5",
    ),
    (
        "flag > true",
        "at character 1: expected a number, a text or a time to compare by order, found the property \"flag\"",
    ),
    (
        "n",
        "at character 1: expected a condition, found the property \"n\"",
    ),
    (
        "n + name = 1",
        "at character 5: expected a number, found the property \"name\"",
    ),
    (
        "n LIKE 'x'",
        "at character 1: expected a text, found the property \"n\"",
    ),
    (
        "name LIKE name",
        "at character 11: expected a pattern in 'quotes', found the property \"name\"",
    ),
    (
        r"name LIKE 'x\'",
        r"at character 15: expected a quote ' that closes the text, found the end",
    ),
    (
        r"name LIKE 'x\\'",
        r"at character 11: the pattern ends in a lone backslash; for a backslash, double it (written \\\\ in CQL2 text)",
    ),
    (
        r"name LIKE 'C:\\Plan%'",
        r"at character 11: a backslash before 'P' escapes nothing in a pattern, only \%, \_ and \\ do; for a backslash, double it (written \\\\ in CQL2 text)",
    ),
    (
        "geometry = 1",
        "at character 1: expected a number, a text, a time or a truth value, found the property \"geometry\"",
    ),
    (
        "S_WITHIN(geometry)",
        "at character 1: S_WITHIN takes 2 arguments, found 1",
    ),
    (
        "S_WITHIN(geometry, n)",
        "at character 20: expected a geometry, found the property \"n\"",
    ),
    (
        "A_CONTAINS(n, (1, 2))",
        "at character 12: expected an array of texts, found the property \"n\"",
    ),
    (
        "A_CONTAINS(tags, (1, 2))",
        "at character 19: expected a text, found the number 1",
    ),
    (
        "A_CONTAINS(tags, 1)",
        "at character 18: expected an array of texts, found the number 1",
    ),
    (
        "A_CONTAINS(tags, casey('a'))",
        "at character 18: there is no function \"casey\"; did you mean \"casei\"?",
    ),
    (
        "A_CONTAINS(tags)",
        "at character 1: A_CONTAINS takes 2 arguments, found 1",
    ),
    (
        "tags = 'a'",
        "at character 1: expected a number, a text, a time or a truth value (arrays: A_CONTAINS, A_OVERLAPS, A_EQUALS, A_CONTAINEDBY), found the property \"tags\"",
    ),
    (
        "tags LIKE 'a%'",
        "at character 1: expected a text, found the property \"tags\"",
    ),
    (
        "n = 1 AND about = 'a'",
        "at character 11: the property \"about\" is not supported: it holds JSON, which cannot be queried",
    ),
    (
        "() = 1",
        "at character 1: expected a number, a text, a time or a truth value, found a list",
    ),
    (
        "start = '2020-01-01'",
        "at character 9: expected a date or a timestamp, as DATE('2021-01-31'), found the text \"2020-01-01\"",
    ),
    (
        "start > 5",
        "at character 9: expected a date or a timestamp, as DATE('2021-01-31'), found the number 5",
    ),
    (
        "name > DATE('2021-01-31')",
        "at character 8: expected a text, found a date",
    ),
    (
        "start > INTERVAL('2020-01-01', '..')",
        "at character 9: expected a date or a timestamp (use T_ functions), found an interval",
    ),
    (
        "area_m2(n) > 1",
        "at character 9: expected a geometry, found the property \"n\"",
    ),
    (
        "distance_m() > 1",
        "at character 1: distance_m takes one geometry literal, found 0",
    ),
    (
        "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0)))",
        "at character 32: not a valid geometry: a ring needs four positions or more, the last equal to the first",
    ),
    (
        "S_WITHIN(geometry, MULTIPOLYGON(((0 0, 0 1, 0 2, 0 0)), ((4 0, 5 0, 5 1, 4 0))))",
        "at character 20: not a valid geometry: a polygon encloses no area: its positions lie on one line",
    ),
    (
        "S_INTERSECTS(geometry, POINT EMPTY)",
        "at character 30: not a valid geometry: it is empty",
    ),
    (
        "S_INTERSECTS(geometry, POINT(31 121))",
        "at character 24: not a valid geometry: longitude 31, latitude 121 is not on the globe (the order in OGC:CRS84 is longitude, latitude)",
    ),
    (
        "S_INTERSECTS(geometry, BBOX(0, 9, 2, 2))",
        "at character 24: not a valid geometry: the lower latitude 9 is greater than the upper 2",
    ),
    (
        "S_INTERSECTS(geometry, BBOX(0, 1, 2))",
        "at character 24: not a valid geometry: expected 4 or 6 numbers separated by commas, found 3",
    ),
    (
        "start = DATE('2021-02-30')",
        "at character 9: \"2021-02-30\" is not in the calendar",
    ),
    (
        "start = DATE('2021-02-03T00:00:00Z')",
        "at character 9: \"2021-02-03T00:00:00Z\" is not a date",
    ),
    (
        "start = TIMESTAMP('2021-02-03')",
        "at character 9: \"2021-02-03\" is a date, not a timestamp",
    ),
    (
        "T_AFTER(start, INTERVAL('2021-02-03','2020-02-03'))",
        "at character 16: the interval ends before it starts",
    ),
    (
        "T_AFTER(n, DATE('2021-02-03'))",
        "at character 9: expected a column of dates or timestamps, found the property \"n\"",
    ),
    (
        "T_AFTER(start, '2021-02-03')",
        "at character 16: expected a date, a timestamp or an interval, found the text \"2021-02-03\"",
    ),
];

#[test]
fn mistakes_are_named_with_their_place() {
    for (filter, message) in MISTAKES {
        let error = by_text(filter).expect_err(filter).to_string();
        assert_eq!(error, *message, "{filter}");
    }
    let crossing = by_text("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))");
    assert!(
        matches!(crossing, Err(FilterError::Geometry { .. })),
        "{crossing:?}"
    );
}

#[test]
fn mistakes_in_json_are_named_with_their_place() {
    for (filter, message) in [
        (
            "{",
            "at character 1: expected JSON, found EOF while parsing an object at line 1 column 1",
        ),
        ("null", "at the top: expected a value, found null"),
        (
            r#"{"op":"=","args":[{"property":"nam"},1]}"#,
            "at /args/0: there is no property \"nam\"; did you mean \"name\"?",
        ),
        (
            r#"{"op":"and","args":[true]}"#,
            "at the top: and takes 2 operands or more, found 1",
        ),
        (
            r#"{"op":"=","args":[1]}"#,
            "at the top: = takes 2 operands, found 1",
        ),
        (
            r#"{"op":"=","args":[{"property":"n"},1],"x":0}"#,
            "at /x: expected no member but op, args, found 0",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[1]}]}"#,
            "at /args/1/coordinates: expected a position of two numbers or three, found [1]",
        ),
        (
            r#"{"op":"in","args":[{"property":"n"},[]]}"#,
            "at /args/1: expected a list with one value or more, found a list",
        ),
        (
            r#"{"op":"=","args":[{"property":"n"},1e999]}"#,
            "at character 40: expected JSON, found number out of range at line 1 column 40",
        ),
        (
            r#"{"op":"=","args":[{"property":"name"},1e308]}"#,
            "at /args/1: expected a text, found the number 1e308",
        ),
        (
            r#"{"op":"=","args":[{"property":"n"},1],"args":[{"property":"n"},2]}"#,
            "at character 44: expected JSON, found the member \"args\" twice at line 1 column 44",
        ),
    ] {
        let error = by_json(filter).expect_err(filter).to_string();
        assert_eq!(error, message, "{filter}");
    }
}

/// A stack of 512 KiB would not hold thousands of levels.
#[test]
fn depth_and_length_are_bounded() {
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let run = || {
        let deep = |open: &str, inner: &str, close: &str, times: usize| {
            format!("{}{inner}{}", open.repeat(times), close.repeat(times))
        };
        for (open, inner, close) in [
            ("(", "n = 1", ")"),
            ("NOT ", "n = 1", ""),
            ("(1, ", "1", ")"),
            ("casei(", "name", ")"),
            ("s_within(", "geometry", ")"),
            ("- ", "n", ""),
            ("not(", "n = 1", ")"),
        ] {
            let filter = deep(open, inner, close, 5000);
            let found = by_text(&filter);
            assert!(
                matches!(found, Err(FilterError::TooDeep { limit: 64, .. })),
                "{open}: {found:?}"
            );
            // Unclosed too, and without taking long.
            let found = by_text(&filter[..filter.len() / 2 - 20]);
            assert!(found.is_err(), "{open}: {found:?}");
        }
        assert_eq!(by_text(&deep("(", "n = 1.5", ")", 60)).as_deref(), Ok("0"));
        // A chain is not deep.
        let chain = vec!["n = 1.5"; 4000].join(" OR ");
        assert_eq!(by_text(&chain).as_deref(), Ok("0"));
        let sum = format!("n + {} = 1.5", vec!["0"; 8000].join("+"));
        assert_eq!(by_text(&sum).as_deref(), Ok("0"));
        let json = deep(r#"{"op":"not","args":["#, "true", "]}", 3000);
        assert!(by_json(&json).is_err());
        let json = deep(r#"{"op":"not","args":["#, "true", "]}", 50);
        assert_eq!(by_json(&json).as_deref(), Ok("01234"));
        let long = format!("name = '{}'", "x".repeat(64 * 1024));
        assert!(matches!(by_text(&long), Err(FilterError::TooLong { .. })));
        assert!(matches!(by_json(&long), Err(FilterError::TooLong { .. })));
    };
    small
        .spawn(run)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn geometries_are_in_the_filter_s_crs_and_axis_order() {
    let snapshot = snapshot();
    let collection = &snapshot.collections[0];
    let by = |filter: &str, crs: Crs| {
        cql2_text(&collection.info, filter, crs).map(|filter| rows(collection, filter))
    };
    for crs in [Crs::Epsg(4326), Crs::Epsg(4490)] {
        assert_eq!(
            by("S_INTERSECTS(geometry, POINT(0.5 20))", crs).as_deref(),
            Ok("3"),
            "{crs}"
        );
        assert_eq!(
            by("S_INTERSECTS(geometry, BBOX(0, 19, 2, 21))", crs).as_deref(),
            Ok("3"),
            "{crs}"
        );
        let exchanged = by("S_INTERSECTS(geometry, POINT(20 100))", crs);
        assert_eq!(exchanged.as_deref(), Ok(""), "{crs}");
        let nowhere = by("S_INTERSECTS(geometry, POINT(100 20))", crs);
        assert!(
            matches!(nowhere, Err(FilterError::Geometry { .. })),
            "{nowhere:?}"
        );
    }
    let web = by(
        "S_INTERSECTS(geometry, BBOX(2200000, 0, 2300000, 100000))",
        Crs::WEB_MERCATOR,
    );
    assert_eq!(web.as_deref(), Ok("3"));
    // Greater than what the CRS can convert, and still a box.
    let huge = by(
        "S_INTERSECTS(geometry, BBOX(-1e12, -1e12, 1e12, 1e12))",
        Crs::WEB_MERCATOR,
    );
    assert_eq!(huge.as_deref(), Ok("0123"));
    let unknown = by("S_INTERSECTS(geometry, POINT(1 1))", Crs::Epsg(1));
    assert!(
        matches!(unknown, Err(FilterError::Crs { .. })),
        "{unknown:?}"
    );
}

#[test]
fn places_are_characters_and_pointers() {
    let place = |error: FilterError| match error {
        FilterError::Property { place, .. } => place,
        other => panic!("{other}"),
    };
    assert_eq!(
        place(by_text("name = '祁连' AND x = 1").expect_err("x")),
        Place::Character(17)
    );
    let json = r#"{"op":"not","args":[{"op":"isNull","args":[{"property":"x"}]}]}"#;
    assert_eq!(
        place(by_json(json).expect_err("x")),
        Place::Pointer("/args/0/args/0".to_owned())
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_panics(text in "\\PC{0,80}") {
        let _ = by_text(&text);
        let _ = by_json(&text);
    }

    #[test]
    fn nothing_of_the_right_words_panics(words in prop::collection::vec(
        prop::sample::select(vec![
            "n", "m", "name", "flag", "start", "geometry", "id", "=", "<>", "<", ">=", "(", ")", ",", "+", "-", "*",
            "/", "^", "%", "div", "AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "NULL", "true", "1", "0.5", "1e300",
            "'x%'", "'\\'", "CASEI(", "S_INTERSECTS(", "S_CONTAINS(", "T_MEETS(", "POINT(", "POLYGON((", "BBOX(",
            "INTERVAL(", "DATE('2021-01-01')", "'..'", "distance_m(", "area_m2()", "1 1", "0 0, 1 0, 1 1, 0 0))",
        ]), 0..14)
    ) {
        let _ = by_text(&words.join(" "));
    }

    #[test]
    fn no_json_panics(json in json()) {
        let _ = by_json(&json.to_string());
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value as Json, json};
    let word = prop::sample::select(vec![
        "n",
        "name",
        "start",
        "geometry",
        "and",
        "=",
        "s_within",
        "Point",
        "2021-01-01",
        "like",
        "in",
        "+",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-200..200).prop_map(Json::from),
        word.clone().prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let many = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            many.clone().prop_map(Json::from),
            (word.clone(), many.clone()).prop_map(|(op, args)| json!({ "op": op, "args": args })),
            inner.clone().prop_map(|name| json!({ "property": name })),
            inner.clone().prop_map(|text| json!({ "date": text })),
            many.clone().prop_map(|ends| json!({ "interval": ends })),
            many.clone().prop_map(|numbers| json!({ "bbox": numbers })),
            (word.clone(), many).prop_map(|(kind, at)| json!({ "type": kind, "coordinates": at })),
        ]
    })
}
