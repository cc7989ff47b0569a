//! What both encodings of CQL2 are read into, before any column is known.

use geo::Geometry;

use super::Place;

/// Bytes of a filter. A geometry of some thousand vertices fits.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// Levels of nesting. Reading, compiling, evaluating and dropping a tree all recurse, so the
/// depth must be bounded where the tree is made; a chain such as `a AND b AND c` is one level.
pub(super) const MAX_DEPTH: usize = 64;

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub place: Place,
    pub kind: Kind,
}

/// OGC 21-065r2, 6 to 8 and Annex B.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Text(String),
    Flag(bool),
    Date(String),
    Timestamp(String),
    /// From, to: texts, properties, dates or timestamps.
    Interval(Box<[Node; 2]>),
    /// As written: axes in the order of the CRS's authority.
    Geometry(Geometry<f64>),
    /// Four or six numbers, as written.
    Box(Vec<f64>),
    Property(String),
    List(Vec<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Compare(Comparison, Box<[Node; 2]>),
    /// A chain of operators that bind equally, from the left.
    Arithmetic(Box<Node>, Vec<(Operator, Node)>),
    Negative(Box<Node>),
    Like(Box<[Node; 2]>),
    Between(Box<[Node; 3]>),
    In(Box<Node>, Vec<Node>),
    IsNull(Box<Node>),
    Call(String, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// The same with the operands exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    pub(super) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query) enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
    /// Whole quotient.
    Div,
    Modulo,
    Power,
}

impl Operator {
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text {
            "+" => Self::Plus,
            "-" => Self::Minus,
            "*" => Self::Times,
            "/" => Self::Divide,
            "div" => Self::Div,
            "%" => Self::Modulo,
            "^" => Self::Power,
            _ => return None,
        })
    }

    /// A result that is not a finite number is none.
    pub(super) fn apply(self, a: f64, b: f64) -> Option<f64> {
        let result = match self {
            Self::Plus => a + b,
            Self::Minus => a - b,
            Self::Times => a * b,
            Self::Divide => a / b,
            Self::Div => (a / b).trunc(),
            Self::Modulo => a % b,
            Self::Power => a.powf(b),
        };
        Some(result).filter(|result| result.is_finite())
    }
}

/// What stands at a node, for messages.
impl Kind {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Number(number) => format!("the number {}", digits(*number)),
            Self::Text(text) => format!("the text {:?}", shortened(text)),
            Self::Flag(flag) => flag.to_string(),
            Self::Date(_) => "a date".to_owned(),
            Self::Timestamp(_) => "a timestamp".to_owned(),
            Self::Interval(_) => "an interval".to_owned(),
            Self::Geometry(_) => "a geometry".to_owned(),
            Self::Box(_) => "a box".to_owned(),
            Self::Property(name) => format!("the property {:?}", shortened(name)),
            Self::List(_) => "a list".to_owned(),
            Self::Arithmetic(..) | Self::Negative(_) => "a calculation".to_owned(),
            Self::Call(name, _) => format!("the function {:?}", shortened(name)),
            _ => "a condition".to_owned(),
        }
    }
}

/// A number as it would be written: without the three hundred digits of a great one.
pub(super) fn digits(number: f64) -> String {
    if number == 0.0 || (1e-6..1e17).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

/// Enough of a text for a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
