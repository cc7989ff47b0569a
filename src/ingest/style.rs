//! Hints for drawing: they go into style sheets, pictures and JSON as they are.

use crate::model::{Column, Style};

/// What is wrong with the style of a collection and the colours of its codes.
pub(super) fn style_problems(columns: &[Column], style: &Style) -> Vec<String> {
    let mut problems = Vec::new();
    let mut color = |key: String, text: &str| {
        if !is_color(text) {
            problems.push(format!(
                "{key} {text:?} is not a colour; expected #rrggbb, for instance \"#b3261e\""
            ));
        }
    };
    color("style.color".to_owned(), &style.color);
    for column in columns {
        for value in &column.values {
            if let Some(text) = &value.color {
                let key = format!("columns.{}: code {:?}: color", column.name, value.code);
                color(key, text);
            }
        }
    }
    if let Some(width) = style.width
        && !(width > 0.0 && width <= WIDEST)
    {
        problems.push(format!(
            "style.width {width} is not a width; expected a number of pixels above 0, up to {WIDEST}"
        ));
    }
    problems
}

/// In CSS pixels.
const WIDEST: f64 = 100.0;

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
