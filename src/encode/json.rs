//! JSON written straight to bytes.

use serde_json::Value as Json;

/// A text with its quotes; most need no escapes.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    if text.as_bytes().iter().all(plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        other(out, &text.into());
    }
}

/// Anything, as it is written everywhere else.
pub(super) fn other(out: &mut Vec<u8>, json: &Json) {
    out.extend_from_slice(json.to_string().as_bytes());
}
