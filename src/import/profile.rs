//! What a file holds, seen in one pass: the columns of a new collection, the CRS and the extent follow from it.
//!
//! Kept are counts, bounds, some distinct values per column and some positions, whatever the number of records.

use std::collections::{BTreeMap, HashSet};

use geo::{BoundingRect, Coord, CoordsIter, Geometry, Rect, coord};

use super::cell::{could_be, is_exact, of_time};
use super::changed::{Example, is_at_zero};
use super::one_kind::Partial;
use crate::model::{ColumnType, GeometryKind, Value};
use crate::source::{Bad, Kind, Layer, Record, members};

/// Distinct texts that are told, and become codes.
pub const CODES: usize = 12;
/// Values up to which it is known whether all differ.
const UNIQUE: usize = 20_000;
/// Positions that are kept.
const SAMPLE: usize = 4096;

/// The types that texts are tried for, the strictest first.
const TRIED: [ColumnType; 5] = [
    ColumnType::Boolean,
    ColumnType::Integer,
    ColumnType::Number,
    ColumnType::Date,
    ColumnType::Timestamp,
];

/// What was seen of a column.
#[derive(Debug)]
pub struct Profile {
    kind: Kind,
    /// Cells that say nothing.
    pub nulls: u64,
    /// Cells that say something.
    pub stated: u64,
    /// Types that cells were of, by the file.
    seen: BTreeMap<&'static str, u64>,
    /// Types of [`TRIED`] that every text so far could be of.
    could_be: [bool; TRIED.len()],
    /// Texts that are moments and do not tell their zone.
    pub zoneless: u64,
    /// Times with digits beyond the microsecond.
    pub cut: Example,
    /// Texts of nothing, or of white space alone.
    pub empty: Example,
    pub blank: Example,
    /// Times that a typed column has in another form than its format demands.
    pub odd_times: Example,
    /// Whole numbers that a double does not hold.
    pub long: Example,
    /// The least and the greatest number.
    pub range: Option<(f64, f64)>,
    /// Cells that are numbers, or texts that read as such.
    numbers: u64,
    /// The first cell that is none, with its record.
    odd: Option<(u64, String)>,
    /// Distinct texts with their counts; none once there are too many.
    pub codes: Option<BTreeMap<String, u64>>,
    /// Names of members of objects, in order of appearance: some of them.
    pub members: Vec<String>,
    /// Cells whose members may still be looked at.
    looks: u8,
    /// Values so far; none once one came twice, or there are too many.
    unique: Option<HashSet<String>>,
}

impl Profile {
    fn new(kind: Kind, texts_are_texts: bool) -> Self {
        let tried =
            |kind| !texts_are_texts || matches!(kind, ColumnType::Date | ColumnType::Timestamp);
        Self {
            kind,
            nulls: 0,
            stated: 0,
            seen: BTreeMap::new(),
            could_be: TRIED.map(tried),
            zoneless: 0,
            cut: Example::default(),
            empty: Example::default(),
            blank: Example::default(),
            odd_times: Example::default(),
            long: Example::default(),
            range: None,
            numbers: 0,
            odd: None,
            codes: Some(BTreeMap::new()),
            members: Vec::new(),
            looks: u8::MAX,
            unique: Some(HashSet::new()),
        }
    }

    fn see(&mut self, record: u64, value: &Value, nulls: &[String]) {
        let text = match value {
            Value::Null => None,
            Value::Text(text) => Some(text.trim()),
            _ => Some("_"),
        };
        let Some(text) =
            text.filter(|text| !text.is_empty() && !nulls.iter().any(|null| null == text))
        else {
            self.nulls += 1;
            match value {
                Value::Text(text) if text.is_empty() => self.empty.add(record, ""),
                Value::Text(text) if text.trim().is_empty() => self.blank.add(record, text),
                _ => {}
            }
            return;
        };
        self.stated += 1;
        if self.looks > 0 && self.members.len() < CODES {
            self.looks -= 1;
            for member in members(value) {
                if self.members.len() < CODES && !self.members.contains(&member) {
                    self.members.push(member);
                }
            }
        }
        if let Value::Integer(number) = value
            && !is_exact((*number).into())
        {
            self.long.add(record, &number.to_string());
        }
        *self.seen.entry(word(value)).or_default() += 1;
        let number = match value {
            Value::Text(_) => {
                for (could, kind) in self.could_be.iter_mut().zip(TRIED) {
                    *could = *could && could_be(text, kind);
                }
                let (zoneless, cut) = of_time(text);
                self.zoneless += u64::from(zoneless);
                if cut {
                    self.cut.add(record, text);
                }
                if matches!(self.kind, Kind::Date | Kind::Timestamp) {
                    self.odd_times.add(record, text);
                }
                text.parse().ok().filter(|number: &f64| number.is_finite())
            }
            other => other.as_f64(),
        };
        if let Some(number) = number {
            let (least, most) = self.range.unwrap_or((number, number));
            self.range = Some((least.min(number), most.max(number)));
            self.numbers += 1;
        } else if self.odd.is_none() {
            let found: String = value.to_string().chars().take(40).collect();
            self.odd = Some((record, found));
        }
        self.count(value, text);
    }

    fn count(&mut self, value: &Value, text: &str) {
        if let Some(codes) = &mut self.codes {
            match value {
                Value::Text(_) if text.chars().count() <= 40 => {
                    *codes.entry(text.to_owned()).or_default() += 1;
                    if codes.len() > CODES {
                        self.codes = None;
                    }
                }
                _ => self.codes = None,
            }
        }
        if let Some(unique) = &mut self.unique {
            let written = match value {
                Value::Text(_) => text.to_owned(),
                other => other.to_string(),
            };
            if unique.len() >= UNIQUE || written.len() > 200 || !unique.insert(written) {
                self.unique = None;
            }
        }
    }

    /// True where every record has a value of its own; unknown beyond some thousands, and then false.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.nulls == 0 && self.stated > 1 && self.unique.is_some()
    }

    /// True where the file itself says that the column holds texts.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }

    /// True of texts and whole numbers: what else is different each time names nothing.
    #[must_use]
    pub fn could_be_ids(&self) -> bool {
        matches!(self.column_type(), ColumnType::String | ColumnType::Integer)
    }

    /// True where every cell that says something is a number, or a text that reads as one.
    #[must_use]
    pub fn all_numbers(&self) -> bool {
        self.stated > 0 && self.numbers == self.stated
    }

    /// `: record 7 has "..."`, of the first cell that is no number.
    #[must_use]
    pub fn first_odd(&self) -> String {
        let odd = self.odd.as_ref();
        odd.map_or(String::new(), |(record, found)| {
            format!(": record {record} has {found:?}")
        })
    }

    /// A word where a few cells keep a column of numbers from being one.
    #[must_use]
    pub fn nearly_numbers(&self) -> String {
        if self.column_type() == ColumnType::String
            && self.numbers < self.stated
            && self.numbers * 4 >= self.stated * 3
        {
            let (numbers, stated) = (self.numbers, self.stated);
            format!("; {numbers} of {stated} are numbers{}", self.first_odd())
        } else {
            String::new()
        }
    }

    /// The type of a column that holds all that was seen.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        match self.kind {
            Kind::Integer => ColumnType::Integer,
            Kind::Number => ColumnType::Number,
            Kind::Boolean => ColumnType::Boolean,
            Kind::Date => ColumnType::Date,
            Kind::Timestamp => ColumnType::Timestamp,
            Kind::Text => ColumnType::String,
            Kind::Untyped => self.inferred(),
        }
    }

    fn inferred(&self) -> ColumnType {
        let mut seen: Vec<&str> = self.seen.keys().copied().collect();
        if seen.contains(&"text") {
            let of_texts = TRIED.iter().zip(self.could_be).find(|(_, could)| *could);
            match (of_texts, seen.len()) {
                (Some((kind, _)), 1) => return *kind,
                // Numbers, some of them as texts.
                (Some((ColumnType::Integer | ColumnType::Number, _)), _)
                    if seen
                        .iter()
                        .all(|word| ["text", "integer", "number"].contains(word)) =>
                {
                    seen.retain(|word| *word != "text");
                    return if self.long.count > 0 {
                        ColumnType::String
                    } else {
                        ColumnType::Number
                    };
                }
                _ => return ColumnType::String,
            }
        }
        match seen.as_slice() {
            ["integer"] => ColumnType::Integer,
            // Whole numbers of more digits than a number keeps, beside others.
            ["integer", "number"] if self.long.count > 0 => ColumnType::String,
            ["number"] | ["integer", "number"] => ColumnType::Number,
            ["boolean"] => ColumnType::Boolean,
            ["date"] => ColumnType::Date,
            ["timestamp"] | ["date", "timestamp"] => ColumnType::Timestamp,
            ["strings"] => ColumnType::Strings,
            seen if seen.iter().any(|word| ["strings", "json"].contains(word)) => ColumnType::Json,
            _ => ColumnType::String,
        }
    }
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Text(_) => "text",
        Value::Integer(_) => "integer",
        Value::Number(_) => "number",
        Value::Boolean(_) => "boolean",
        Value::Date(_) => "date",
        Value::Timestamp(_) => "timestamp",
        Value::Strings(_) => "strings",
        Value::Json(_) => "json",
    }
}

/// What was seen of a file.
#[derive(Debug)]
pub struct Seen {
    /// In the file's order.
    pub columns: Vec<Profile>,
    /// Records that could be read.
    pub records: u64,
    /// Records that could not.
    pub bad: u64,
    /// The first of them.
    pub first_bad: Option<Bad>,
    /// Those without a place.
    pub nowhere: u64,
    /// Geometry collections that are taken in part.
    pub partial: Partial,
    /// Those whose heights or measures were left out.
    pub flattened: u64,
    /// Those that have an id of the format's own.
    pub with_id: u64,
    /// Points at 0, 0, which nobody has located.
    pub at_zero: u64,
    /// Shapes by their kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Around all positions, in the file's CRS.
    pub bounds: Option<Rect<f64>>,
    /// Positions from all over the file.
    pub sample: Vec<Coord<f64>>,
    stride: u64,
}

impl Seen {
    /// Before the first record. In a format whose cells have types each on its own, `"7"` is a text, and only a
    /// date has no other way to be written.
    #[must_use]
    pub fn new(layer: &Layer, texts_are_texts: bool) -> Self {
        Self {
            columns: layer
                .columns
                .iter()
                .map(|column| Profile::new(column.kind, texts_are_texts))
                .collect(),
            records: 0,
            bad: 0,
            first_bad: None,
            nowhere: 0,
            partial: Partial::default(),
            flattened: 0,
            with_id: 0,
            at_zero: 0,
            kinds: BTreeMap::new(),
            bounds: None,
            sample: Vec::new(),
            stride: 1,
        }
    }

    /// Takes a record into account.
    pub fn see(&mut self, record: &Record, nulls: &[String]) {
        for (column, value) in self.columns.iter_mut().zip(&record.values) {
            column.see(record.number, value, nulls);
        }
        self.flattened += u64::from(record.flattened);
        self.with_id += u64::from(record.id.is_some());
        let first = record
            .geometry
            .as_ref()
            .and_then(|shape| shape.coords_iter().next());
        match (&record.geometry, first) {
            (Some(shape), Some(first)) => {
                *self.kinds.entry(kind(shape)).or_default() += 1;
                if is_at_zero(shape) {
                    self.at_zero += 1;
                    self.records += 1;
                    return;
                }
                if let Some(rect) = shape.bounding_rect() {
                    self.bounds = Some(self.bounds.map_or(rect, |all| around(all, rect)));
                }
                if self.records.is_multiple_of(self.stride) {
                    self.keep(first);
                }
            }
            _ => self.nowhere += 1,
        }
        self.records += 1;
    }

    /// Keeps a position; every other one of those before goes when there are too many.
    fn keep(&mut self, at: Coord<f64>) {
        if self.sample.len() == SAMPLE {
            let mut odd = false;
            self.sample.retain(|_| {
                odd = !odd;
                odd
            });
            self.stride *= 2;
        }
        self.sample.push(at);
    }

    /// The kind of a collection that holds all shapes.
    #[must_use]
    pub fn geometry(&self) -> GeometryKind {
        let kinds: Vec<&str> = self.kinds.keys().copied().collect();
        match kinds.as_slice() {
            ["point"] => GeometryKind::Point,
            ["line"] => GeometryKind::Line,
            ["polygon"] => GeometryKind::Polygon,
            _ => GeometryKind::Any,
        }
    }
}

/// What a shape is called in `collections.toml`.
#[must_use]
pub fn kind(shape: &Geometry<f64>) -> &'static str {
    match shape {
        Geometry::Point(_) | Geometry::MultiPoint(_) => "point",
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => "line",
        Geometry::Polygon(_)
        | Geometry::MultiPolygon(_)
        | Geometry::Rect(_)
        | Geometry::Triangle(_) => "polygon",
        Geometry::GeometryCollection(_) => "collection",
    }
}

fn around(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    Rect::new(
        coord! { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
        coord! { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
    )
}

#[cfg(test)]
mod tests {
    use geo::point;

    use super::*;

    fn profile(kind: Kind, values: &[Value]) -> Profile {
        let mut profile = Profile::new(kind, false);
        for value in values {
            profile.see(1, value, &["无".to_owned()]);
        }
        profile
    }

    fn texts(texts: &[&str]) -> Vec<Value> {
        texts
            .iter()
            .map(|text| Value::Text((*text).to_owned()))
            .collect()
    }

    #[test]
    fn types_follow_from_all_cells() {
        use ColumnType as T;
        for (values, expected) in [
            (texts(&["1", "20", "", "无"]), T::Integer),
            (texts(&["1", "2.5"]), T::Number),
            (texts(&["091", "092"]), T::String),
            (texts(&["是", "否"]), T::Boolean),
            (texts(&["2021/1/31"]), T::Date),
            (texts(&["1", "x"]), T::String),
            (vec![Value::Integer(1), Value::Number(0.5)], T::Number),
            (
                vec![Value::Integer(1), Value::Text("2".to_owned())],
                T::Number,
            ),
            (
                vec![Value::Integer(1), Value::Text("x".to_owned())],
                T::String,
            ),
            (
                vec![Value::Json("{}".to_owned()), Value::Integer(1)],
                T::Json,
            ),
            (Vec::new(), T::String),
        ] {
            assert_eq!(
                profile(Kind::Untyped, &values).column_type(),
                expected,
                "{values:?}"
            );
        }
        let mut typed = Profile::new(Kind::Untyped, true);
        for value in texts(&["7", "8"]) {
            typed.see(1, &value, &[]);
        }
        assert_eq!(typed.column_type(), T::String);
        // A file that types its texts has said that they are texts.
        assert_eq!(profile(Kind::Text, &texts(&["1"])).column_type(), T::String);
    }

    #[test]
    fn figures_are_told() {
        let seen = profile(Kind::Untyped, &texts(&["3", "-1", "", "3"]));
        assert_eq!(
            (seen.range, seen.nulls, seen.stated),
            (Some((-1.0, 3.0)), 1, 3)
        );
        assert!(!seen.is_unique());
        assert_eq!(seen.codes.expect("few").len(), 2);
        assert!(profile(Kind::Text, &texts(&["a", "b"])).is_unique());
    }

    #[test]
    fn a_sample_is_from_all_over_the_file() {
        let layer = Layer {
            name: "a".to_owned(),
            columns: Vec::new(),
            crs: crate::source::SourceCrs::Untold,
            records: None,
            notes: Vec::new(),
        };
        let mut seen = Seen::new(&layer, false);
        for number in 0..20_000_u32 {
            let record = Record {
                number: u64::from(number) + 1,
                id: None,
                values: Vec::new(),
                geometry: Some(point!(x: f64::from(number), y: 0.0).into()),
                flattened: false,
            };
            seen.see(&record, &[]);
        }
        assert!(seen.sample.len() > 1000 && seen.sample.len() <= SAMPLE);
        let past = seen.sample.iter().filter(|at| at.x > 10_000.0).count();
        assert!(
            past * 3 > seen.sample.len(),
            "{past} of {}",
            seen.sample.len()
        );
        assert!(seen.bounds.expect("bounds").max().x > 19_998.5);
        assert_eq!(seen.geometry(), GeometryKind::Point);
    }
}
