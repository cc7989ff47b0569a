//! What is wrong in the files is told with its place.

use super::{edit, folder, told};

#[test]
fn a_cell_of_the_wrong_type_is_told_with_its_place() {
    let folder = folder();
    let csv = "seeds/works.csv";
    edit(folder.path(), csv, "2021-01-31,", "2021-02-30,");
    edit(folder.path(), csv, ",2019-06-30,[]", ",2019-06-30,road");
    edit(folder.path(), csv, r#""[1,2]""#, "[1");
    edit(folder.path(), csv, r#"[""drain""]"#, r#"[""dam""]"#);
    let file = "geodata/works.geojson";
    edit(
        folder.path(),
        file,
        "2021-02-01T08:00:00.25+08:00",
        "2021-02-01T08:00:00",
    );
    edit(folder.path(), file, r#"["a b","二"]"#, r#"["a b",2]"#);
    edit(
        folder.path(),
        file,
        "2021-02-01T00:00:00Z",
        "9999-12-31T23:59:59-00:01",
    );
    assert_eq!(
        told(folder.path()),
        [
            "seeds/works.csv line 2, id 祁连山路/一期, column opened: expected a date such as 2021-01-31, found \"2021-02-30\"",
            "seeds/works.csv line 3, id ongoing, column kinds: expected one of road, drain, found \"dam\"",
            "seeds/works.csv line 4, id ended, column kinds: expected an array of texts, found \"road\"",
            "seeds/works.csv line 4, id ended, column about: expected JSON, found \"[1\"",
            "geodata/works.geojson feature 0, id 祁连山路/一期, column surveyed: expected a time such as 2021-01-31T08:00:00Z, found \"2021-02-01T08:00:00\"",
            "geodata/works.geojson feature 0, id 祁连山路/一期, column tags: expected an array of texts, found [\"a b\",2]",
            "geodata/works.geojson feature 1, id ongoing, column surveyed: expected a time such as 2021-01-31T08:00:00Z, found \"9999-12-31T23:59:59-00:01\"",
        ]
    );
}

#[test]
fn settings_of_types_and_times_are_checked() {
    for (from, to, reason) in [
        (
            r#"time = { start = "opened", end = "closed" }"#,
            r#"time = { start = "name_zh", end = "nowhere" }"#,
            "collection \"works\": time.start: \"name_zh\" is not a date or timestamp column of this collection",
        ),
        (
            r#"end = "closed" }"#,
            r#"end = "surveyed" }"#,
            "collection \"works\": time: start and end must both be dates or both timestamps",
        ),
        (
            r#"end = "closed" }"#,
            r#"end = "opened" }"#,
            "collection \"works\": time: \"opened\" is both start and end; name it as start only",
        ),
        (
            "type = \"json\"\nrole = \"note\"",
            "type = \"json\"\nrole = \"note\"\nindexed = true",
            "collection \"works\": column \"about\": JSON has no order, so it cannot be indexed",
        ),
        (
            "type = \"date\"\nrole = \"stated\"\nindexed",
            "type = \"date\"\nrole = \"stated\"\nvalues = [{ code = \"a\", zh = \"a\", en = \"a\" }]\nindexed",
            "collection \"works\": column \"opened\": only texts have codes",
        ),
        (
            r##"style = { color = "#336699" }"##,
            r##"style = { color = "#336699", class_column = "kinds" }"##,
            "collection \"works\": style.class_column \"kinds\" is not an enumerated column of this collection",
        ),
    ] {
        let folder = folder();
        edit(folder.path(), "seeds/collections.toml", from, to);
        let told = told(folder.path());
        let expected = format!("seeds/collections.toml: {reason}");
        assert!(told.contains(&expected), "{told:#?}");
    }
    let folder = folder();
    edit(folder.path(), "seeds/works.csv", "2021-12-31", "2020-12-31");
    assert_eq!(
        told(folder.path()),
        [
            "geodata/works.geojson feature 0, id 祁连山路/一期, column closed: expected closed not to be before opened, found opened 2021-01-31 and closed 2020-12-31"
        ]
    );
}

#[test]
fn ids_are_texts_or_whole_numbers_and_differ_as_texts() {
    let folder = folder();
    edit(
        folder.path(),
        "geodata/spots.geojson",
        r#""id":10"#,
        r#""id":1.5"#,
    );
    edit(
        folder.path(),
        "geodata/shapes.geojson",
        r#""id":"a b""#,
        r#""id":"9""#,
    );
    assert_eq!(
        told(folder.path()),
        [
            "geodata/spots.geojson feature 0: expected id to be a text or a whole number of 64 bits, found 1.5",
            "geodata/shapes.geojson feature 0, id 9: the id is already used by geodata/spots.geojson feature 1",
        ]
    );
}
