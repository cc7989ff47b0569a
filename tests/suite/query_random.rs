//! Random filters: as text and as JSON, with and without indices, against an evaluation that is
//! written anew here and shares no code with the server's.

use std::collections::HashSet;

use buju::crs::Crs;
use buju::model::{ColumnType, Value};
use buju::query::{self, Filter, Query, Window, cql2_json, cql2_text};
use buju::snapshot::{Collection, Snapshot};
use geo::{Geometry, Rect, Relate, coord};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support;
use crate::tiles::shape;

/// Year, month, day.
type Day = (i32, u8, u8);

/// A day, or with hours and half seconds a moment.
type Point = (Day, Option<(u8, bool)>);

/// n, m, t, f, d, e, s, a: number, whole number, text, truth value, two dates, timestamp, array.
#[derive(Debug, Clone)]
pub struct Row {
    place: Option<Geometry<f64>>,
    n: Option<f64>,
    m: Option<i64>,
    t: Option<String>,
    f: Option<bool>,
    d: Option<Day>,
    e: Option<Day>,
    s: Option<(Day, (u8, bool))>,
    a: Option<Vec<&'static str>>,
}

pub fn row() -> impl Strategy<Value = Row> {
    use proptest::option::weighted;
    (
        weighted(0.8, shape()),
        weighted(0.8, (-8i32..8).prop_map(|n| f64::from(n) / 2.0)),
        weighted(0.8, -3i64..4),
        weighted(0.8, "[aAb祁É%_]{1,3}"),
        weighted(0.7, any::<bool>()),
        weighted(0.8, day()),
        weighted(0.8, day()),
        weighted(0.8, (day(), time_of_day())),
        weighted(0.8, texts()),
    )
        .prop_map(|(place, n, m, t, f, d, e, s, a)| Row {
            place,
            n,
            m,
            t,
            f,
            d,
            e,
            s,
            a,
        })
}

fn texts() -> impl Strategy<Value = Vec<&'static str>> {
    vec(prop::sample::select(vec!["a", "b", "二"]), 0..4)
}

fn time_of_day() -> impl Strategy<Value = (u8, bool)> {
    (0..24u8, any::<bool>())
}

pub fn snapshot(rows: &[Row], indexed: bool) -> Snapshot {
    let columns = [
        ("n", ColumnType::Number),
        ("m", ColumnType::Integer),
        ("t", ColumnType::String),
        ("f", ColumnType::Boolean),
        ("d", ColumnType::Date),
        ("e", ColumnType::Date),
        ("s", ColumnType::Timestamp),
        ("a", ColumnType::Strings),
    ];
    let columns = columns
        .map(|(name, kind)| support::column(name, kind, indexed && kind != ColumnType::Strings));
    let cells = |row: &Row| {
        let date =
            |day: Option<Day>| support::cell(ColumnType::Date, &day.map(iso).unwrap_or_default());
        let moment = row.s.map(|(day, time)| written((day, Some(time))));
        vec![
            row.n.map_or(Value::Null, Value::Number),
            row.m.map_or(Value::Null, Value::Integer),
            row.t.clone().map_or(Value::Null, Value::Text),
            row.f.map_or(Value::Null, Value::Boolean),
            date(row.d),
            date(row.e),
            support::cell(ColumnType::Timestamp, &moment.unwrap_or_default()),
            row.a.as_ref().map_or(Value::Null, |texts| {
                Value::Strings(texts.iter().map(ToString::to_string).collect())
            }),
        ]
    };
    let rows = rows.iter().map(|row| (row.place.clone(), cells(row)));
    support::snapshot(columns.to_vec(), rows.collect())
}

fn collection(rows: &[Row], indexed: bool) -> Collection {
    snapshot(rows, indexed).collections.remove(0)
}

#[derive(Debug, Clone)]
pub enum Num {
    Lit(f64),
    N,
    M,
    Calc(&'static str, Box<Num>, Box<Num>),
}

#[derive(Debug, Clone)]
pub enum Cond {
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Not(Box<Cond>),
    Numbers(&'static str, Num, Num),
    Between(Num, Num, Num),
    InNumbers(Num, Vec<f64>),
    NullNumber(Num),
    Texts(&'static str, String),
    InTexts(Vec<String>),
    Like(bool, String),
    Ids(Vec<usize>),
    Flag(bool),
    Times(&'static str, When, When),
    InTimes(When, Vec<Point>),
    TimeBetween(When, Point, Point),
    NullTime(When),
    Related(&'static str, When, When),
    Array(&'static str, Vec<&'static str>, bool),
    Space(&'static str, Rect<f64>, bool),
}

/// What T_ functions take; the first two are all that compares by order.
#[derive(Debug, Clone)]
pub enum When {
    Column(&'static str),
    Point(Point),
    Interval(Option<Box<When>>, Option<Box<When>>),
}

const RELATIONS: [&str; 15] = [
    "t_after",
    "t_before",
    "t_contains",
    "t_disjoint",
    "t_during",
    "t_equals",
    "t_finishedby",
    "t_finishes",
    "t_intersects",
    "t_meets",
    "t_metby",
    "t_overlappedby",
    "t_overlaps",
    "t_startedby",
    "t_starts",
];

fn point() -> impl Strategy<Value = Point> {
    (day(), proptest::option::of(time_of_day()))
}

fn instant() -> impl Strategy<Value = When> {
    prop_oneof![
        3 => prop::sample::select(vec!["d", "e", "s"]).prop_map(When::Column),
        1 => point().prop_map(When::Point),
    ]
}

fn when() -> impl Strategy<Value = When> {
    let end = || proptest::option::weighted(0.8, instant().prop_map(Box::new));
    // Literal ends must not be exchanged: that is refused.
    let stretch = (point(), point()).prop_map(|(a, b)| {
        let (a, b) = if ends(a).0 <= ends(b).0 {
            (a, b)
        } else {
            (b, a)
        };
        let end = |point| Some(Box::new(When::Point(point)));
        When::Interval(end(a), end(b))
    });
    let mixed = (end(), end()).prop_filter("columns", |(a, b)| {
        let is_column = |end: &Option<Box<When>>| matches!(end.as_deref(), Some(When::Column(_)));
        is_column(a) || is_column(b)
    });
    prop_oneof![
        3 => instant(),
        2 => stretch,
        2 => mixed.prop_map(|(a, b)| When::Interval(a, b)),
        1 => Just(When::Interval(
            Some(Box::new(When::Column("d"))),
            Some(Box::new(When::Column("e"))),
        )),
    ]
}

fn number() -> impl Strategy<Value = Num> {
    let literal = || (-8i32..8).prop_map(|n| Num::Lit(f64::from(n) / 2.0));
    let leaf = prop_oneof![2 => Just(Num::N), 2 => Just(Num::M), 1 => literal()];
    leaf.prop_recursive(2, 6, 2, |inner| {
        let sign = prop::sample::select(vec!["+", "-", "*", "/", "%", "div", "^"]);
        (sign, inner.clone(), inner)
            .prop_map(|(sign, a, b)| Num::Calc(sign, Box::new(a), Box::new(b)))
    })
}

/// Few, so that many meet.
fn day() -> impl Strategy<Value = Day> {
    prop_oneof![
        (2019..2022i32, 1..13u8, 1..29u8),
        (Just(2020), Just(2u8), 27..30u8),
    ]
}

pub fn cond() -> impl Strategy<Value = Cond> {
    let compare = || prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let literal = || (-8i32..8).prop_map(|n| f64::from(n) / 2.0);
    let word = || "[aAb祁É%_']{1,2}";
    let space = prop::sample::select(vec![
        "s_intersects",
        "s_disjoint",
        "s_within",
        "s_contains",
        "s_touches",
        "s_crosses",
        "s_overlaps",
        "s_equals",
    ]);
    let rect = (121.0..121.8f64, 31.0..31.8f64, 0.001..0.4f64, 0.001..0.4f64)
        .prop_map(|(x, y, w, h)| Rect::new(coord! { x: x, y: y }, coord! { x: x + w, y: y + h }));
    let leaf = prop_oneof![
        4 => (compare(), prop_oneof![Just(Num::N), Just(Num::M)], literal().prop_map(Num::Lit)).prop_map(|(c, a, b)| Cond::Numbers(c, a, b)),
        2 => (compare(), number(), number()).prop_map(|(c, a, b)| Cond::Numbers(c, a, b)),
        1 => (number(), number(), number()).prop_map(|(a, b, c)| Cond::Between(a, b, c)),
        1 => (Just(Num::N), vec(literal(), 1..4)).prop_map(|(a, list)| Cond::InNumbers(a, list)),
        1 => number().prop_map(Cond::NullNumber),
        2 => (compare(), word()).prop_map(|(c, text)| Cond::Texts(c, text)),
        1 => vec(word(), 1..4).prop_map(Cond::InTexts),
        2 => (any::<bool>(), "[aAb祁É%_']{0,4}").prop_map(|(fold, text)| Cond::Like(fold, text)),
        1 => vec(0usize..40, 1..4).prop_map(Cond::Ids),
        1 => any::<bool>().prop_map(Cond::Flag),
        2 => (compare(), instant(), instant()).prop_map(|(c, a, b)| Cond::Times(c, a, b)),
        1 => (instant(), vec(point(), 1..4)).prop_map(|(a, list)| Cond::InTimes(a, list)),
        1 => (instant(), point(), point()).prop_map(|(a, b, c)| Cond::TimeBetween(a, b, c)),
        1 => instant().prop_map(Cond::NullTime),
        4 => (prop::sample::select(RELATIONS.to_vec()), when(), when()).prop_map(|(c, a, b)| Cond::Related(c, a, b)),
        2 => (prop::sample::select(vec!["a_equals", "a_contains", "a_containedBy", "a_overlaps"]), texts(), any::<bool>()).prop_map(|(c, list, turned)| Cond::Array(c, list, turned)),
        2 => (space, rect, any::<bool>()).prop_map(|(name, rect, turned)| Cond::Space(name, rect, turned)),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 2..4).prop_map(Cond::And),
            2 => vec(inner.clone(), 2..4).prop_map(Cond::Or),
            1 => inner.prop_map(|inner| Cond::Not(Box::new(inner))),
        ]
    })
}

// As text.

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Num {
    fn text(&self) -> String {
        match self {
            Self::Lit(number) => format!("{number}"),
            Self::N => "n".to_owned(),
            Self::M => "\"m\"".to_owned(),
            Self::Calc(sign, a, b) => format!("({} {sign} {})", a.text(), b.text()),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Lit(number) => json!(number),
            Self::N => json!({ "property": "n" }),
            Self::M => json!({ "property": "m" }),
            Self::Calc(sign, a, b) => json!({ "op": sign, "args": [a.json(), b.json()] }),
        }
    }

    fn value(&self, row: &Row) -> Option<f64> {
        let result = match self {
            Self::Lit(number) => *number,
            Self::N => row.n?,
            #[expect(clippy::cast_precision_loss, reason = "small")]
            Self::M => row.m? as f64,
            Self::Calc(sign, a, b) => {
                let (a, b) = (a.value(row)?, b.value(row)?);
                match *sign {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" => a / b,
                    // Exact in IEEE 754, which no formula with a quotient is.
                    "%" => a % b,
                    "div" => (a / b).trunc(),
                    _ => a.powf(b),
                }
            }
        };
        result.is_finite().then_some(result)
    }
}

fn iso((year, month, day): Day) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

fn written((day, time): Point) -> String {
    match time {
        None => iso(day),
        Some((hour, false)) => format!("{}T{hour:02}:00:00Z", iso(day)),
        Some((hour, true)) => format!("{}T{hour:02}:00:00.500Z", iso(day)),
    }
}

/// First and last quarter of a second, from 2019 on. A day's last is not a moment of another day.
fn ends((day, time): Point) -> (i64, i64) {
    let (year, month, of_month) = day;
    let mut days = i64::from(of_month);
    for year in 2019..year {
        days += if year == 2020 { 366 } else { 365 };
    }
    let february = if year == 2020 { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += months[..usize::from(month) - 1].iter().sum::<i64>();
    let start = days * 86_400 * 4;
    match time {
        None => (start, start + 86_400 * 4 - 1),
        Some((hour, half)) => {
            let at = start + i64::from(hour) * 3600 * 4 + if half { 2 } else { 0 };
            (at, at)
        }
    }
}

impl When {
    fn text(&self) -> String {
        let end = |end: &Option<Box<When>>| match end.as_deref() {
            None => "'..'".to_owned(),
            Some(Self::Point(point)) => format!("'{}'", written(*point)),
            Some(other) => other.text(),
        };
        match self {
            Self::Column(name) => (*name).to_owned(),
            Self::Point(point @ (_, None)) => format!("DATE('{}')", written(*point)),
            Self::Point(point) => format!("TIMESTAMP('{}')", written(*point)),
            Self::Interval(from, to) => format!("INTERVAL({}, {})", end(from), end(to)),
        }
    }

    fn json(&self) -> Json {
        let end = |end: &Option<Box<When>>| match end.as_deref() {
            None => json!(".."),
            Some(Self::Point(point)) => json!(written(*point)),
            Some(other) => other.json(),
        };
        match self {
            Self::Column(name) => json!({ "property": name }),
            Self::Point(point @ (_, None)) => json!({ "date": written(*point) }),
            Self::Point(point) => json!({ "timestamp": written(*point) }),
            Self::Interval(from, to) => json!({ "interval": [end(from), end(to)] }),
        }
    }

    /// Its ends, open ones as none; nothing where a null is in the way or the ends are exchanged.
    fn points(&self, row: &Row) -> Option<[Option<Point>; 2]> {
        match self {
            Self::Column("d") => Some([Some((row.d?, None)); 2]),
            Self::Column("e") => Some([Some((row.e?, None)); 2]),
            Self::Column(_) => row.s.map(|(day, time)| [Some((day, Some(time))); 2]),
            Self::Point(point) => Some([Some(*point); 2]),
            Self::Interval(from, to) => {
                let end = |end: &Option<Box<When>>| match end {
                    None => Some(None),
                    Some(end) => Some(end.points(row)?[0]),
                };
                let (from, to) = (end(from)?, end(to)?);
                let exchanged = from.zip(to).is_some_and(|(a, b)| ends(a).0 > ends(b).1);
                (!exchanged).then_some([from, to])
            }
        }
    }

    fn instant(&self, row: &Row) -> Option<i64> {
        self.points(row)?[0].map(|point| ends(point).0)
    }
}

/// By the table of OGC 21-065r2, 8.6; days are compared with days as days.
fn related(name: &str, a: [Option<Point>; 2], b: [Option<Point>; 2]) -> bool {
    let is_day = |point: &Option<Point>| point.is_none_or(|(_, time)| time.is_none());
    let days = a.iter().chain(&b).all(is_day);
    let limits = |[from, to]: [Option<Point>; 2]| {
        let last = |point| if days { ends(point).0 } else { ends(point).1 };
        let from = from.map_or(i64::MIN, |point| ends(point).0);
        (from, to.map_or(i64::MAX, last))
    };
    let ((a0, a1), (b0, b1)) = (limits(a), limits(b));
    let (starts, finishes) = (a0.cmp(&b0), a1.cmp(&b1));
    let apart = a1 < b0 || b1 < a0;
    match name {
        "t_after" => b1 < a0,
        "t_before" => a1 < b0,
        "t_contains" => starts.is_lt() && finishes.is_gt(),
        "t_disjoint" => apart,
        "t_during" => starts.is_gt() && finishes.is_lt(),
        "t_equals" => starts.is_eq() && finishes.is_eq(),
        "t_finishedby" => starts.is_lt() && finishes.is_eq(),
        "t_finishes" => starts.is_gt() && finishes.is_eq(),
        "t_intersects" => !apart,
        "t_meets" => a1 == b0,
        "t_metby" => b1 == a0,
        "t_overlappedby" => starts.is_gt() && a0 < b1 && finishes.is_gt(),
        "t_overlaps" => starts.is_lt() && b0 < a1 && finishes.is_lt(),
        "t_startedby" => starts.is_eq() && finishes.is_gt(),
        _ => starts.is_eq() && finishes.is_lt(),
    }
}

impl Cond {
    pub fn text(&self) -> String {
        let joined = |parts: &[Cond], word: &str| {
            let parts: Vec<_> = parts.iter().map(Cond::text).collect();
            format!("({})", parts.join(word))
        };
        match self {
            Self::And(parts) => joined(parts, " AND "),
            Self::Or(parts) => joined(parts, " or "),
            Self::Not(inner) => format!("NOT {}", inner.text()),
            Self::Numbers(sign, a, b) => format!("{} {sign} {}", a.text(), b.text()),
            Self::Between(a, b, c) => format!("{} BETWEEN {} AND {}", a.text(), b.text(), c.text()),
            Self::InNumbers(a, list) => {
                let list: Vec<_> = list.iter().map(ToString::to_string).collect();
                format!("{} IN ({})", a.text(), list.join(", "))
            }
            Self::NullNumber(a) => format!("{} IS NULL", a.text()),
            Self::Texts(sign, text) => format!("t {sign} {}", quoted(text)),
            Self::InTexts(list) => {
                let list: Vec<_> = list.iter().map(|text| quoted(text)).collect();
                format!("t IN ({})", list.join(","))
            }
            Self::Like(false, pattern) => format!("t LIKE {}", quoted(pattern)),
            Self::Like(true, pattern) => format!("CASEI(t) LIKE CASEI({})", quoted(pattern)),
            Self::Ids(list) => {
                let list: Vec<_> = list.iter().map(|at| format!("'{at:05}'")).collect();
                format!("id IN ({})", list.join(","))
            }
            Self::Flag(flag) => format!("f = {flag}"),
            Self::Times(sign, a, b) => format!("{} {sign} {}", a.text(), b.text()),
            Self::InTimes(a, list) => {
                let list: Vec<_> = list
                    .iter()
                    .map(|point| When::Point(*point).text())
                    .collect();
                format!("{} IN ({})", a.text(), list.join(", "))
            }
            Self::TimeBetween(a, b, c) => {
                let (b, c) = (When::Point(*b).text(), When::Point(*c).text());
                format!("{} BETWEEN {b} AND {c}", a.text())
            }
            Self::NullTime(a) => format!("{} IS NULL", a.text()),
            Self::Related(name, a, b) => format!("{name}({}, {})", a.text(), b.text()),
            Self::Array(name, list, turned) => {
                let list: Vec<_> = list.iter().map(|text| quoted(text)).collect();
                let list = format!("({})", list.join(","));
                if *turned {
                    format!("{name}({list}, a)")
                } else {
                    format!("{name}(a, {list})")
                }
            }
            Self::Space(name, rect, turned) => {
                let (low, high) = (rect.min(), rect.max());
                let rect = format!("BBOX({},{},{},{})", low.x, low.y, high.x, high.y);
                if *turned {
                    format!("{name}({rect}, geometry)")
                } else {
                    format!("{name}(geometry, {rect})")
                }
            }
        }
    }

    fn json(&self) -> Json {
        let op = |op: &str, args: Vec<Json>| json!({ "op": op, "args": args });
        let property = |name: &str| json!({ "property": name });
        let all = |parts: &[Cond]| parts.iter().map(Cond::json).collect();
        match self {
            Self::And(parts) => op("and", all(parts)),
            Self::Or(parts) => op("or", all(parts)),
            Self::Not(inner) => op("not", vec![inner.json()]),
            Self::Numbers(sign, a, b) => op(sign, vec![a.json(), b.json()]),
            Self::Between(a, b, c) => op("between", vec![a.json(), b.json(), c.json()]),
            Self::InNumbers(a, list) => op("in", vec![a.json(), json!(list)]),
            Self::NullNumber(a) => op("isNull", vec![a.json()]),
            Self::Texts(sign, text) => op(sign, vec![property("t"), json!(text)]),
            Self::InTexts(list) => op("in", vec![property("t"), json!(list)]),
            Self::Like(false, pattern) => op("like", vec![property("t"), json!(pattern)]),
            Self::Like(true, pattern) => {
                let folded = |json| op("casei", vec![json]);
                op("like", vec![folded(property("t")), folded(json!(pattern))])
            }
            Self::Ids(list) => {
                let list: Vec<_> = list.iter().map(|at| format!("{at:05}")).collect();
                op("in", vec![property("id"), json!(list)])
            }
            Self::Flag(flag) => op("=", vec![property("f"), json!(flag)]),
            Self::Times(sign, a, b) => op(sign, vec![a.json(), b.json()]),
            Self::InTimes(a, list) => {
                let list: Vec<_> = list
                    .iter()
                    .map(|point| When::Point(*point).json())
                    .collect();
                op("in", vec![a.json(), json!(list)])
            }
            Self::TimeBetween(a, b, c) => {
                let (b, c) = (When::Point(*b).json(), When::Point(*c).json());
                op("between", vec![a.json(), b, c])
            }
            Self::NullTime(a) => op("isNull", vec![a.json()]),
            Self::Related(name, a, b) => op(name, vec![a.json(), b.json()]),
            Self::Array(name, list, turned) => {
                let mut args = vec![property("a"), json!(list)];
                if *turned {
                    args.reverse();
                }
                op(name, args)
            }
            Self::Space(name, rect, turned) => {
                let (low, high) = (rect.min(), rect.max());
                let ring = [
                    [low.x, low.y],
                    [high.x, low.y],
                    [high.x, high.y],
                    [low.x, high.y],
                    [low.x, low.y],
                ];
                let polygon = json!({ "type": "Polygon", "coordinates": [ring] });
                let mut args = vec![property("geometry"), polygon];
                if *turned {
                    args.reverse();
                }
                op(name, args)
            }
        }
    }

    /// By truth tables.
    fn truth(&self, row: &Row, at: usize) -> Option<bool> {
        let all =
            |parts: &[Cond]| -> Vec<_> { parts.iter().map(|part| part.truth(row, at)).collect() };
        match self {
            Self::And(parts) => {
                let parts = all(parts);
                if parts.contains(&Some(false)) {
                    Some(false)
                } else if parts.contains(&None) {
                    None
                } else {
                    Some(true)
                }
            }
            Self::Or(parts) => {
                let parts = all(parts);
                if parts.contains(&Some(true)) {
                    Some(true)
                } else if parts.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            Self::Not(inner) => inner.truth(row, at).map(|truth| !truth),
            Self::Numbers(sign, a, b) => Some(compared(sign, &a.value(row)?, &b.value(row)?)),
            Self::Between(a, b, c) => {
                let ends = [
                    a.value(row).zip(b.value(row)).map(|(a, b)| a >= b),
                    a.value(row).zip(c.value(row)).map(|(a, c)| a <= c),
                ];
                match ends {
                    [Some(false), _] | [_, Some(false)] => Some(false),
                    [Some(true), Some(true)] => Some(true),
                    _ => None,
                }
            }
            Self::InNumbers(a, list) => a
                .value(row)
                .map(|a| list.iter().any(|b| (a - b).abs() < 1e-9)),
            Self::NullNumber(a) => Some(a.value(row).is_none()),
            Self::Texts(sign, text) => Some(compared(sign, row.t.as_ref()?, text)),
            Self::InTexts(list) => Some(list.contains(row.t.as_ref()?)),
            Self::Like(fold, pattern) => {
                let lower = |text: &str| {
                    if *fold {
                        text.to_lowercase()
                    } else {
                        text.to_owned()
                    }
                };
                let text: Vec<char> = lower(row.t.as_ref()?).chars().collect();
                let pattern: Vec<char> = lower(pattern).chars().collect();
                Some(like(&text, &pattern))
            }
            Self::Ids(list) => Some(list.contains(&at)),
            Self::Flag(flag) => Some(row.f? == *flag),
            Self::Times(sign, a, b) => Some(compared(sign, &a.instant(row)?, &b.instant(row)?)),
            Self::InTimes(a, list) => {
                let own = a.instant(row)?;
                Some(list.iter().any(|point| ends(*point).0 == own))
            }
            Self::TimeBetween(a, b, c) => {
                let own = a.instant(row)?;
                Some(ends(*b).0 <= own && own <= ends(*c).0)
            }
            Self::NullTime(a) => Some(a.instant(row).is_none()),
            Self::Related(name, a, b) => Some(related(name, a.points(row)?, b.points(row)?)),
            Self::Array(name, list, turned) => {
                let (own, list): (HashSet<_>, HashSet<_>) =
                    (row.a.as_ref()?.iter().collect(), list.iter().collect());
                let (a, b) = if *turned { (list, own) } else { (own, list) };
                Some(match *name {
                    "a_equals" => a == b,
                    "a_contains" => a.is_superset(&b),
                    "a_containedBy" => a.is_subset(&b),
                    _ => !a.is_disjoint(&b),
                })
            }
            Self::Space(name, rect, turned) => {
                let (own, other) = (row.place.as_ref()?, Geometry::from(rect.to_polygon()));
                let matrix = if *turned {
                    other.relate(own)
                } else {
                    own.relate(&other)
                };
                Some(match *name {
                    "s_intersects" => matrix.is_intersects(),
                    "s_disjoint" => matrix.is_disjoint(),
                    "s_within" => matrix.is_within(),
                    "s_contains" => matrix.is_contains(),
                    "s_touches" => matrix.is_touches(),
                    "s_crosses" => matrix.is_crosses(),
                    "s_overlaps" => matrix.is_overlaps(),
                    _ => matrix.is_equal_topo(),
                })
            }
        }
    }
}

fn compared<T: PartialOrd + ?Sized>(sign: &str, a: &T, b: &T) -> bool {
    match sign {
        "=" => a == b,
        "<>" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    }
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match (text, pattern) {
        (_, ['%', rest @ ..]) => (0..=text.len()).any(|skip| like(&text[skip..], rest)),
        ([_, text @ ..], ['_', rest @ ..]) => like(text, rest),
        ([a, text @ ..], [b, rest @ ..]) => a == b && like(text, rest),
        (rest, []) => rest.is_empty(),
        ([], _) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn random_filters_equal_brute_force(
        rows in vec(row(), 0..40),
        cond in cond(),
        window in proptest::option::weighted(0.3, (121.0..121.8f64, 31.0..31.8f64, 0.0..0.5f64)),
    ) {
        let inside = |row: &Row| window.is_none_or(|(x, y, size)| {
            let rect = Rect::new(coord! { x: x, y: y }, coord! { x: x + size, y: y + size });
            let rect = Geometry::from(rect.to_polygon());
            row.place.as_ref().is_some_and(|place| place.relate(&rect).is_intersects())
        });
        let expected: Vec<u32> = (0..)
            .zip(rows.iter().enumerate())
            .filter(|(_, (at, row))| inside(row) && cond.truth(row, *at) == Some(true))
            .map(|(at, _)| at)
            .collect();
        let bbox = window.map(|(x, y, size)| {
            Window::parse(&format!("{x},{y},{},{}", x + size, y + size), Crs::Crs84).expect("a box")
        });
        for indexed in [true, false] {
            let collection = collection(&rows, indexed);
            let text = cql2_text(&collection.info, &cond.text(), Crs::Crs84).expect("text");
            let json = cql2_json(&collection.info, &cond.json().to_string(), Crs::Crs84).expect("JSON");
            for filter in [text.clone(), json, Filter::all([text])] {
                let query = Query { filter, bbox: bbox.clone(), ..Query::default() };
                let matches = query::matched(&collection, &query).expect("no limit");
                prop_assert_eq!(&matches.rows, &expected, "indexed: {}, {}", indexed, cond.text());
                let plan = query::plan(&collection, &query).expect("no limit");
                prop_assert!(plan.candidates >= expected.len() && plan.candidates <= rows.len());
            }
        }
    }
}

/// The plan takes each index that a condition allows, and says so.
#[test]
fn plans_name_the_narrowest_index() {
    let rows: Vec<Row> = (0..40)
        .map(|at| Row {
            place: Some(geo::point!(x: 121.0 + f64::from(at) / 100.0, y: 31.0).into()),
            n: Some(f64::from(at) / 2.0),
            m: Some(i64::from(at % 4)),
            t: Some(format!("w{:02}", at % 20)),
            f: None,
            d: Some((2020, 2, u8::try_from(at % 20).expect("small") + 1)),
            e: Some((2020, 3, 1)),
            s: Some((
                (2021, 1, u8::try_from(at % 10).expect("small") + 1),
                (12, true),
            )),
            a: None,
        })
        .collect();
    let collection = collection(&rows, true);
    for (filter, expected) in [
        ("n = 3", "index of n: 1 of 40 rows"),
        ("n > 18 AND n < 19", "index of n: 1 of 40 rows"),
        ("n BETWEEN 3 AND 5", "index of n: 5 of 40 rows"),
        ("3 < n AND n < m", "index of n: 33 of 40 rows"),
        ("n IN (1, 2, 99)", "index of n: 2 of 40 rows"),
        (
            "t = 'w03' AND n < 15",
            "index of t: 2 of 40 rows (not taken: index of n: 30)",
        ),
        ("t LIKE 'w1%'", "index of t: 20 of 40 rows"),
        ("t LIKE '%1'", "every row: 40 of 40 rows"),
        ("t >= 'w18'", "index of t: 4 of 40 rows"),
        ("t IN ('w01', 'w02')", "index of t: 4 of 40 rows"),
        (
            "n = 3 OR t = 'w03'",
            "union of (index of n, index of t): 3 of 40 rows",
        ),
        ("n = 3 OR f = true", "every row: 40 of 40 rows"),
        ("NOT n = 3", "every row: 40 of 40 rows"),
        ("id = '00003'", "ids: 1 of 40 rows"),
        ("id IN ('00003', '00004', 'x')", "ids: 2 of 40 rows"),
        (
            "S_WITHIN(geometry, BBOX(121, 30, 121.055, 32)) AND n < 15",
            "R-tree by filter: 6 of 40 rows (not taken: index of n: 30)",
        ),
        (
            "S_DISJOINT(geometry, BBOX(121, 30, 121.055, 32))",
            "every row: 40 of 40 rows",
        ),
        ("d = DATE('2020-02-03')", "index of d: 2 of 40 rows"),
        (
            "d > DATE('2020-02-05') AND d <= DATE('2020-02-07')",
            "index of d: 6 of 40 rows",
        ),
        (
            "d IN (DATE('2020-02-03'), DATE('2022-02-03'))",
            "index of d: 2 of 40 rows",
        ),
        (
            "s BETWEEN TIMESTAMP('2021-01-02T00:00:00Z') AND DATE('2021-01-04')",
            "index of s: 8 of 40 rows",
        ),
        (
            "T_DURING(s, INTERVAL('2021-01-03', '2021-01-04'))",
            "index of s: 8 of 40 rows",
        ),
        ("T_AFTER(DATE('2020-02-03'), d)", "index of d: 6 of 40 rows"),
        (
            "T_INTERSECTS(INTERVAL(d, e), DATE('2020-02-02'))",
            "index of d: 4 of 40 rows (not taken: index of e: 40)",
        ),
        (
            "T_DISJOINT(d, DATE('2020-02-02'))",
            "every row: 40 of 40 rows",
        ),
        ("d < e", "every row: 40 of 40 rows"),
        (
            "distance_m(POINT(121 31)) < 2000",
            "R-tree by filter: 3 of 40 rows",
        ),
    ] {
        let compiled = cql2_text(&collection.info, filter, Crs::Crs84).expect(filter);
        let query = Query {
            filter: compiled,
            ..Query::default()
        };
        let plan = query::plan(&collection, &query)
            .expect("no limit")
            .describe(&collection.info);
        // Whether rows are counted without looking at them is tested in `query_walk`.
        let access = plan.split("; counted by").next();
        assert_eq!(access, Some(expected), "{filter}");
    }
}
