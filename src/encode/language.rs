//! Documents hold their texts in both languages; the plain `title` and `description` beside them are in one.

use serde_json::Value as Json;

use super::html::Lang;

/// Members in both languages, and the one beside each that is in the client's.
const PAIRS: [(&str, &str); 3] = [
    ("titles", "title"),
    ("x-titles", "title"),
    ("descriptions", "description"),
];

/// Puts titles and descriptions into a language, at every depth of a document. Returns true where there are some.
pub fn in_language(document: &mut Json, lang: Lang) -> bool {
    match document {
        Json::Object(members) => {
            let mut any = false;
            for (both, one) in PAIRS {
                let chosen = members.get(both).and_then(|texts| texts.get(lang.name()));
                if let Some(text @ Json::String(_)) = chosen {
                    let text = text.clone();
                    members.insert(one.to_owned(), text);
                    any = true;
                }
            }
            for member in members.values_mut() {
                any |= in_language(member, lang);
            }
            any
        }
        Json::Array(elements) => {
            let mut any = false;
            for element in elements {
                any |= in_language(element, lang);
            }
            any
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_plain_title_is_the_one_of_the_language() {
        let both = json!({ "zh": "地块", "en": "Plots" });
        let document = json!({
            "id": "a",
            "title": "Plots",
            "titles": both,
            "list": [{ "title": "Plots", "x-titles": both }, { "title": "alone" }],
            "descriptions": both,
            // Columns may have any name.
            "properties": { "title": { "x-titles": both }, "titles": { "x-titles": both } },
        });
        let mut zh = document.clone();
        assert!(in_language(&mut zh, Lang::Zh));
        assert_eq!(zh["title"], "地块");
        assert_eq!(zh["description"], "地块");
        assert_eq!(zh["list"][0]["title"], "地块");
        assert_eq!(zh["list"][1]["title"], "alone");
        assert_eq!(zh["titles"], both);
        for column in ["title", "titles"] {
            assert_eq!(zh["properties"][column]["title"], "地块");
        }
        let mut en = zh.clone();
        assert!(in_language(&mut en, Lang::En) && en["title"] == "Plots");
        assert!(!in_language(&mut json!({ "a": [1, "b", null] }), Lang::En));
    }
}
