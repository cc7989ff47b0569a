//! Units of areas, lengths, money and shares as Chinese tables write them, and exact conversion between them.

use std::fmt;

use super::Value;

/// What a unit measures: units of one kind convert to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Area,
    Length,
    Money,
    Share,
    People,
}

/// A unit: its size in the smallest of its kind here is `numerator / denominator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Its name as `collections.toml` has it.
    pub name: &'static str,
    kind: Kind,
    numerator: i128,
    denominator: i128,
}

/// The names that a unit goes by, its own first; in small letters.
type Named = (&'static [&'static str], Kind, i128, i128);

const UNITS: [Named; 18] = [
    (
        &["m²", "m2", "㎡", "平方米", "平米", "sqm"],
        Kind::Area,
        1,
        1,
    ),
    (
        &["ha", "公顷", "hm²", "hm2", "hectare", "hectares"],
        Kind::Area,
        10_000,
        1,
    ),
    (
        &["万m²", "万平方米", "万㎡", "万m2", "万平米"],
        Kind::Area,
        10_000,
        1,
    ),
    // A mu is a fifteenth of a hectare.
    (&["亩", "mu"], Kind::Area, 10_000, 15),
    (
        &["km²", "km2", "平方公里", "平方千米", "k㎡"],
        Kind::Area,
        1_000_000,
        1,
    ),
    (&["m", "米", "metre", "metres"], Kind::Length, 1, 1),
    (&["km", "公里", "千米"], Kind::Length, 1_000, 1),
    (&["cm", "厘米"], Kind::Length, 1, 100),
    (&["mm", "毫米"], Kind::Length, 1, 1_000),
    (&["CNY", "元", "yuan", "人民币"], Kind::Money, 1, 1),
    (&["万元"], Kind::Money, 10_000, 1),
    (&["百万元"], Kind::Money, 1_000_000, 1),
    (&["亿元"], Kind::Money, 100_000_000, 1),
    (&["1"], Kind::Share, 1, 1),
    (&["%", "％", "百分比"], Kind::Share, 1, 100),
    (&["‰"], Kind::Share, 1, 1_000),
    (&["人", "people"], Kind::People, 1, 1),
    (&["万人"], Kind::People, 10_000, 1),
];

impl Unit {
    /// By any of its names, without regard to case.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        let is = |known: &&str| known.to_lowercase() == name;
        let (names, kind, numerator, denominator) =
            UNITS.iter().find(|(names, ..)| names.iter().any(is))?;
        Some(Self {
            name: names[0],
            kind: *kind,
            numerator: *numerator,
            denominator: *denominator,
        })
    }

    /// The names of all units, for a message.
    #[must_use]
    pub fn all() -> String {
        let names: Vec<_> = UNITS
            .iter()
            .map(|(names, ..)| names[..names.len().min(2)].join("/"))
            .collect();
        names.join(", ")
    }

    /// Of a column: m² of one of its unit, 1 where it names none; none where what it counts is no area.
    #[must_use]
    pub fn square_metres(name: Option<&str>) -> Option<f64> {
        let Some(name) = name else { return Some(1.0) };
        Some(Self::of(name)?.to(Self::of("m²")?)?.ratio())
    }

    /// Returns true where a column of that header holds what this unit measures: 用地面积 areas, 投资 money.
    #[must_use]
    pub fn suits(self, header: &str) -> bool {
        let words: &[&str] = match self.kind {
            Kind::Area => &["面积", "面積", "area"],
            Kind::Length => &[
                "长度", "長度", "宽", "高度", "限高", "length", "width", "height",
            ],
            Kind::Money => &[
                "投资",
                "投資",
                "金额",
                "造价",
                "资金",
                "费用",
                "investment",
                "cost",
            ],
            Kind::People => &["人口", "人数", "population"],
            Kind::Share => &[],
        };
        let header = header.to_lowercase();
        words.iter().any(|word| header.contains(word))
    }

    /// What a number in this unit is multiplied by in another; none between kinds.
    #[must_use]
    pub fn to(self, other: Self) -> Option<Factor> {
        if self.kind != other.kind {
            return None;
        }
        let numerator = self.numerator * other.denominator;
        let denominator = self.denominator * other.numerator;
        let common = greatest_common(numerator, denominator);
        Some(Factor {
            numerator: numerator / common,
            denominator: denominator / common,
        })
    }
}

fn greatest_common(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { greatest_common(b, a % b) }
}

/// A ratio of two units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    numerator: i128,
    denominator: i128,
}

impl fmt::Display for Factor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(out, "{}", self.numerator),
            denominator => write!(out, "{}/{denominator}", self.numerator),
        }
    }
}

impl Factor {
    /// True where nothing changes.
    #[must_use]
    pub fn is_one(self) -> bool {
        self.numerator == self.denominator
    }

    /// As the nearest number.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // units are small
    pub fn ratio(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// A cell in the other unit, rounded once: the decimal number that is written is converted, not the
    /// binary one beside it, so 0.1 ha is 1000 m². None where the cell is no number, or too great a one.
    #[must_use]
    pub fn of(self, value: &Value) -> Option<Value> {
        let text = match value {
            Value::Null => return Some(Value::Null),
            _ if self.is_one() => return Some(value.clone()),
            Value::Integer(number) => format!("{number}e0"),
            Value::Number(number) => format!("{number:e}"),
            _ => return None,
        };
        let (digits, exponent) = text.split_once('e')?;
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let mut exponent = exponent.parse::<i64>().ok()? - i64::try_from(part.len()).ok()?;
        let mut mantissa = format!("{whole}{part}").parse::<i128>().ok()?;
        mantissa = mantissa.checked_mul(self.numerator)?;
        if self.denominator != 1 {
            // As many digits as there is room for.
            while exponent > -400 && mantissa != 0 && mantissa.abs() < 10_i128.pow(35) {
                mantissa *= 10;
                exponent -= 1;
            }
            mantissa /= self.denominator;
        }
        let number = format!("{mantissa}e{exponent}").parse::<f64>().ok()?;
        number.is_finite().then_some(Value::Number(number))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn converted(value: &Value, from: &str, to: &str) -> Value {
        let unit = |name| Unit::of(name).unwrap_or_else(|| panic!("{name}"));
        let factor = unit(from).to(unit(to)).expect("one kind");
        factor.of(value).expect("a number")
    }

    #[test]
    fn decimals_stay_decimals() {
        for (number, from, to, expected) in [
            (0.1, "公顷", "m²", 1000.0),
            (0.7, "公顷", "㎡", 7000.0),
            (1.1, "万平方米", "m2", 11_000.0),
            (1.005, "ha", "m²", 10_050.0),
            (0.29, "km", "m", 290.0),
            (35.2, "%", "1", 0.352),
            (15.0, "亩", "公顷", 1.0),
            (1.5, "亩", "m²", 1000.0),
            (1.2, "亿元", "元", 120_000_000.0),
            (1.2, "亿元", "万元", 12_000.0),
        ] {
            assert_eq!(
                converted(&Value::Number(number), from, to),
                Value::Number(expected),
                "{number} {from}"
            );
        }
        assert_eq!(
            converted(&Value::Integer(2), "亩", "m²"),
            Value::Number(4000.0 / 3.0)
        );
        assert_eq!(converted(&Value::Null, "亩", "m²"), Value::Null);
        assert_eq!(
            converted(&Value::Integer(7), "m²", "平方米"),
            Value::Integer(7)
        );
    }

    #[test]
    fn kinds_do_not_mix() {
        let unit = |name: &str| Unit::of(name).expect("a unit");
        assert_eq!(unit("公顷").to(unit("米")), None);
        assert_eq!(Unit::of("furlong"), None);
        let factor = unit("ha").to(unit("m²")).expect("areas");
        assert_eq!(factor.of(&Value::Text("1".to_owned())), None);
        assert_eq!(factor.of(&Value::Number(1e308)), None);
    }

    proptest! {
        /// As any decimal number times the factor is read by Rust's own parser.
        #[test]
        fn multiplication_is_exact(whole in 0..99_999_u32, part in 0..9_999_u32) {
            let number: f64 = format!("{whole}.{part:04}").parse().expect("a number");
            let expected: f64 = format!("{whole}{part:04}").parse().expect("a number");
            prop_assert_eq!(converted(&Value::Number(number), "公顷", "m²"), Value::Number(expected));
        }
    }
}
