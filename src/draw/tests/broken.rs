//! A broken plan folder is refused, and the message names the place.

use std::fs;

use super::shipped;
use crate::draw::{draw, write};

/// A copy of what the shipped plan is drawn from, with one file changed.
fn changed(file: &str, change: impl Fn(String) -> String) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "seeds/plan.toml",
        "seeds/projects.csv",
        "geodata/recipe.toml",
        "geodata/control_points.csv",
    ] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut text = fs::read_to_string(shipped().join(name)).unwrap();
        if name == file {
            let before = text.clone();
            text = change(text);
            assert_ne!(before, text, "the change did not apply");
        }
        fs::write(path, text).unwrap();
    }
    dir
}

#[test]
fn a_broken_recipe_is_refused_with_the_entry_and_the_place() {
    let cases = [
        (
            "center = \"金环 E4 地块（091-06）\"",
            "center = \"E4\"",
            &["jinhuan-e4-redevelopment", "\"E4\""][..],
        ),
        (
            "along = \"jingtai\", shift_m",
            "along = \"jingtay\", shift_m",
            &["jinhuan-e4-redevelopment", "jingtay"],
        ),
        (
            "{ along = \"liziyuan\", from = \"大头浜/李子园路\"",
            "{ along = \"liziyuan\", from = \"镇界最西点\"",
            &[
                "liziyuan-road-datoubang-to-gulang-widening",
                "镇界最西点",
                "off axis",
            ],
        ),
        (
            "from = \"大头浜/李子园路\", to = \"李子园路/古浪路\"",
            "from = \"大头浜/李子园路\", to = \"大头浜/李子园路\"",
            &["liziyuan-road-datoubang-to-gulang-widening", "nothing of"],
        ),
        (
            "area_of = \"pushi-medical-device-base\"",
            "area_of = \"weilaidao-s06\"",
            &["weilaidao-n14-1", "weilaidao-s06", "no site_area_m2"],
        ),
        (
            "same_as = \"central-green\"",
            "same_as = \"central-gren\"",
            &["central-green-underground-culture", "central-gren"],
        ),
        (
            "count = 2, gap_m = 20 } }",
            "count = 2 } }",
            &["ali-digital-agriculture-supply-chain-centre", "gap_m"],
        ),
        (
            "lvfang = [\"绿芳路/古浪路\", ",
            "lvfang = [",
            &["axis \"lvfang\""],
        ),
        (
            "id = \"weilaidao-s06\"",
            "id = \"weilaidao-so6\"",
            &["weilaidao-s06", "neither"],
        ),
        (
            "id = \"weilaidao-s06\"",
            "id = \"weilaidao-n14-1\"",
            &["weilaidao-n14-1", "twice"],
        ),
        (
            "id = \"weilaidao-s06\"",
            "id = \"weilaidao-s06\"\nacuracy_m = 3.0",
            &["recipe.toml", "acuracy_m"],
        ),
        (
            "id = \"boundary-taopu\"",
            "id = \"taopu-lake\"",
            &["has a recipe entry and a reason"],
        ),
        (
            "collection = \"context\"\nname = { zh = \"桃浦镇\"",
            "name = { zh = \"桃浦镇\"",
            &["boundary-taopu", "no collection"],
        ),
    ];
    for (from, to, expected) in cases {
        let dir = changed("geodata/recipe.toml", |recipe| recipe.replacen(from, to, 1));
        let error = draw(dir.path())
            .expect_err(&format!("{to} was drawn"))
            .to_string();
        for part in expected {
            assert!(error.contains(part), "{error:?} does not name {part:?}");
        }
    }
}

#[test]
fn a_shape_that_crosses_itself_is_refused() {
    // The corner moved to the far side of the town.
    let dir = changed("geodata/recipe.toml", |recipe| {
        recipe.replacen("[121.3925, 31.291], ", "[121.33, 31.26], ", 1)
    });
    let error = draw(dir.path()).unwrap_err().to_string();
    assert!(error.contains("not valid"), "{error}");
}

#[test]
fn a_malformed_control_point_is_refused_with_its_line() {
    let dir = changed("geodata/control_points.csv", |points| {
        points.replacen("121.360078", "east", 1)
    });
    let error = draw(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("control_points.csv") && error.contains("line: 3"),
        "{error}"
    );
}

#[test]
fn a_file_is_replaced_whole() {
    let dir = changed("geodata/recipe.toml", |recipe| recipe + "\n");
    let files = draw(dir.path()).unwrap();
    write(dir.path(), &files).unwrap();
    write(dir.path(), &files).unwrap();
    let mut written: Vec<String> = fs::read_dir(dir.path().join("geodata"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("geojson"))
        .collect();
    written.sort();
    let mut expected: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
    expected.sort();
    assert_eq!(written, expected, "no unfinished file is left");
}
