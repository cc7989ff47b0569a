use serde::{Deserialize, Serialize};

/// A text in the two languages of the page. Both are required: a missing translation is an error
/// in the plan folder, not a gap on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese, simplified.
    pub zh: String,
    /// English.
    pub en: String,
}
