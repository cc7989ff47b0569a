//! A cursor: the sort keys' values and the id of a page's last row, in a token for URLs.
//!
//! It says where to go on, so a row that is gone or new in between moves nothing. It holds nothing
//! that the page did not show; the digest in it is against accidents (a cut or mixed-up URL), and
//! the sort that it was made for is in the digest.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::rank::KeyValue;
use super::sort::{SortBy, SortKey};
use crate::model::FeatureId;

/// Not a cursor that this server made for this query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this server gave for this collection and sortby")]
pub struct CursorError;

/// A cursor, read.
#[derive(Debug, PartialEq)]
pub(super) struct Cursor<'a> {
    pub values: Vec<KeyValue<'a>>,
    pub id: FeatureId,
}

const DIGEST: usize = 6;

fn digest(collection: &str, keys: &[SortKey], body: &[u8]) -> [u8; DIGEST] {
    let mut hash = Sha256::new();
    hash.update(collection.as_bytes());
    for key in keys {
        let by = match key.by {
            SortBy::Id => -1,
            SortBy::Distance => -2,
            SortBy::Column(column) => i64::try_from(column).unwrap_or(i64::MAX),
        };
        hash.update([0, u8::from(key.descending)]);
        hash.update(by.to_be_bytes());
    }
    hash.update([1]);
    hash.update(body);
    let mut short = [0; DIGEST];
    short.copy_from_slice(&hash.finalize()[..DIGEST]);
    short
}

impl Cursor<'_> {
    pub(super) fn write(&self, collection: &str, keys: &[SortKey]) -> String {
        let mut body = Vec::new();
        let text = |body: &mut Vec<u8>, text: &str| {
            body.extend((text.len() as u64).to_be_bytes());
            body.extend(text.as_bytes());
        };
        for value in &self.values {
            match value {
                KeyValue::Null => body.push(0),
                KeyValue::Number(number) => {
                    body.push(1);
                    body.extend(number.to_bits().to_be_bytes());
                }
                KeyValue::Integer(number) => {
                    body.push(2);
                    body.extend(number.to_be_bytes());
                }
                KeyValue::Flag(flag) => body.extend([3, u8::from(*flag)]),
                KeyValue::Text(value) => {
                    body.push(4);
                    text(&mut body, value);
                }
            }
        }
        match &self.id {
            FeatureId::Number(number) => {
                body.push(2);
                body.extend(number.to_be_bytes());
            }
            FeatureId::Text(id) => {
                body.push(4);
                text(&mut body, id);
            }
        }
        let mut token = digest(collection, keys, &body).to_vec();
        token.extend(body);
        URL_SAFE_NO_PAD.encode(token)
    }
}

impl Cursor<'static> {
    pub(super) fn read(
        token: &str,
        collection: &str,
        keys: &[SortKey],
    ) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| CursorError)?;
        let (sum, body) = bytes.split_at_checked(DIGEST).ok_or(CursorError)?;
        if sum != digest(collection, keys, body) {
            return Err(CursorError);
        }
        parsed(body, keys.len()).ok_or(CursorError)
    }
}

fn parsed(mut body: &[u8], keys: usize) -> Option<Cursor<'static>> {
    let mut values = Vec::new();
    for _ in 0..keys {
        values.push(match taken::<1>(&mut body)? {
            [0] => KeyValue::Null,
            [1] => KeyValue::Number(f64::from_bits(u64::from_be_bytes(taken(&mut body)?))),
            [2] => KeyValue::Integer(i64::from_be_bytes(taken(&mut body)?)),
            [3] => KeyValue::Flag(taken(&mut body)? != [0]),
            [4] => KeyValue::Text(text(&mut body)?.into()),
            _ => return None,
        });
    }
    let id = match taken::<1>(&mut body)? {
        [2] => FeatureId::Number(i64::from_be_bytes(taken(&mut body)?)),
        [4] => text(&mut body)?.into(),
        _ => return None,
    };
    body.is_empty().then_some(Cursor { values, id })
}

fn taken<const N: usize>(body: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = body.split_first_chunk::<N>()?;
    *body = rest;
    Some(*taken)
}

fn text(body: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(u64::from_be_bytes(taken(body)?)).ok()?;
    let (text, rest) = body.split_at_checked(length)?;
    *body = rest;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEYS: [SortKey; 2] = [
        SortKey {
            by: SortBy::Column(3),
            descending: true,
        },
        SortKey {
            by: SortBy::Id,
            descending: false,
        },
    ];

    fn cursor() -> Cursor<'static> {
        Cursor {
            values: vec![KeyValue::Number(2.5), KeyValue::Text("祁连".into())],
            id: "a/b 祁?".into(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let token = cursor().write("parcels", &KEYS);
        assert_eq!(Cursor::read(&token, "parcels", &KEYS), Ok(cursor()));
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(token.chars().all(safe), "{token}");
    }

    #[test]
    fn another_sort_or_collection_is_refused() {
        let token = cursor().write("parcels", &KEYS);
        assert_eq!(Cursor::read(&token, "zones", &KEYS), Err(CursorError));
        let mut turned = KEYS;
        turned[0].descending = false;
        assert_eq!(Cursor::read(&token, "parcels", &turned), Err(CursorError));
        assert_eq!(
            Cursor::read(&token, "parcels", &KEYS[..1]),
            Err(CursorError)
        );
    }

    proptest! {
        #[test]
        fn any_other_token_is_an_error(token in "\\PC{0,60}") {
            prop_assert_eq!(Cursor::read(&token, "parcels", &KEYS), Err(CursorError));
        }

        #[test]
        fn a_changed_token_is_an_error(at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_-]") {
            let token = cursor().write("parcels", &KEYS);
            let at = at.index(token.len());
            let changed = format!("{}{with}{}", &token[..at], &token[at + 1..]);
            prop_assume!(changed != token);
            prop_assert_eq!(Cursor::read(&changed, "parcels", &KEYS), Err(CursorError));
        }

        #[test]
        fn any_body_is_parsed_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parsed(&body, 2);
        }
    }
}
