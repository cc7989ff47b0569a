//! Cells of types that a plan has no like of.

use serde_json::Value as Json;

use crate::model::Value;

/// Returns a JSON document as a value: a list of texts as texts, null as nothing, anything else as JSON.
pub(super) fn of_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Array(parts) if parts.iter().all(Json::is_string) => {
            let texts = parts.into_iter().map(|part| match part {
                Json::String(text) => text,
                other => other.to_string(),
            });
            Value::Strings(texts.collect())
        }
        json => Value::Json(json.to_string()),
    }
}

/// Returns a number of 32 bits with the digits that it was written with: 0.1 and not 0.10000000149011612.
pub(super) fn of_single(number: f32) -> f64 {
    // The shortest text that reads back as the same 32 bits.
    number.to_string().parse().unwrap_or_else(|_| number.into())
}

/// Returns a number of 64 bits with the digits of the 32 that it has, where it is one of 32.
pub(super) fn of_widened(number: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "it is compared")]
    let single = number as f32;
    #[expect(clippy::float_cmp, reason = "the same bits are asked for")]
    let same = f64::from(single) == number;
    if same { of_single(single) } else { number }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_texts_is_one() {
        let texts =
            |texts: &[&str]| Value::Strings(texts.iter().map(|t| (*t).to_owned()).collect());
        assert_eq!(of_json(json!(["a", ""])), texts(&["a", ""]));
        assert_eq!(of_json(json!([])), texts(&[]));
        assert_eq!(
            of_json(json!(["a", 1])),
            Value::Json("[\"a\",1]".to_owned())
        );
        assert_eq!(
            of_json(json!({"a": []})),
            Value::Json("{\"a\":[]}".to_owned())
        );
        assert_eq!(of_json(json!(null)), Value::Null);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the same digits are asked for")]
    fn single_numbers_keep_their_digits() {
        for text in ["0.1", "2.35", "16777216", "-1e-10", "3.4028235e38", "0"] {
            let single: f32 = text.parse().expect("a number");
            let expected: f64 = text.parse().expect("a number");
            assert_eq!(of_single(single), expected, "{text}");
            assert_eq!(of_widened(single.into()), expected, "{text}");
        }
        assert_eq!(of_widened(0.1), 0.1);
        assert_eq!(of_widened(1.0 / 3.0), 1.0 / 3.0);
        assert!(of_single(f32::NAN).is_nan() && of_single(f32::INFINITY).is_infinite());
    }
}
