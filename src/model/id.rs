use std::borrow::Cow;
use std::fmt;

/// What names a feature: a whole number or a text, as its file has it (RFC 7946, section 3.2).
///
/// In order, numbers come before texts; numbers go by their value, texts by their code points.
/// Two ids of a plan never have the same text: in a path there is no telling 7 from "7".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeatureId {
    /// A whole number.
    Number(i64),
    /// Any other name, never empty.
    Text(Box<str>),
}

impl FeatureId {
    /// As it stands in a path.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }

    /// A number stays a number.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.as_ref().into(),
        }
    }
}

impl fmt::Display for FeatureId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text())
    }
}

impl From<i64> for FeatureId {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for FeatureId {
    /// Always a text, of digits too.
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for FeatureId {
    /// Always a text, of digits too.
    fn from(text: String) -> Self {
        Self::Text(text.into_boxed_str())
    }
}

impl PartialEq<str> for FeatureId {
    /// By its text.
    fn eq(&self, other: &str) -> bool {
        self.text() == other
    }
}

impl PartialEq<&str> for FeatureId {
    /// By its text.
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}
