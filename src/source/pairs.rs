//! Columns of eastings and northings by what files call them.

/// East and north, by name; the first that is there counts. In Chinese surveying X is the northing, and 纵坐标 the
/// name of it: 横坐标 is east, whatever letter goes with it.
const NAMES: [(&str, &str); 24] = [
    ("lon", "lat"),
    ("lng", "lat"),
    ("long", "lat"),
    ("longitude", "latitude"),
    ("经度", "纬度"),
    ("經度", "緯度"),
    ("东经", "北纬"),
    ("東經", "北緯"),
    ("横坐标", "纵坐标"),
    ("橫坐標", "縱坐標"),
    ("东坐标", "北坐标"),
    ("x", "y"),
    ("easting", "northing"),
    ("eastings", "northings"),
    ("east", "north"),
    ("point_x", "point_y"),
    ("coord_x", "coord_y"),
    ("x_coord", "y_coord"),
    ("xcoord", "ycoord"),
    ("x_coordinate", "y_coordinate"),
    ("x坐标", "y坐标"),
    ("x坐標", "y坐標"),
    ("坐标x", "坐标y"),
    ("x轴", "y轴"),
];

/// Words that are part of longer names: `stop_lon`, `中心经度`, `lon_wgs84`.
const PARTS: usize = 11;

/// What is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pairs {
    None,
    /// East and north.
    One(usize, usize),
    Several(Vec<(usize, usize)>),
}

/// Finds the two columns of coordinates among those that are not skipped.
pub(super) fn pairs(names: &[String], skipped: &[bool]) -> Pairs {
    let plain: Vec<String> = names
        .iter()
        .zip(skipped)
        .map(|(name, skipped)| if *skipped { String::new() } else { plain(name) })
        .collect();
    let at = |name: &str| plain.iter().position(|found| found == name);
    let whole = NAMES
        .into_iter()
        .find_map(|(east, north)| Some((at(east)?, at(north)?)));
    if let Some((east, north)) = whole {
        return Pairs::One(east, north);
    }
    let mut all = Vec::new();
    for (east, name) in plain.iter().enumerate() {
        for (word, other) in &NAMES[..PARTS] {
            let Some((before, after)) = around(name, word) else {
                continue;
            };
            let other = format!("{before}{other}{after}");
            if let Some(north) = at(&other)
                && !all.contains(&(east, north))
            {
                all.push((east, north));
            }
        }
    }
    match all.as_slice() {
        [] => Pairs::None,
        [(east, north)] => Pairs::One(*east, *north),
        _ => Pairs::Several(all),
    }
}

/// A name without what differs from file to file: case, blanks, line breaks, dots, a unit or remark in brackets.
fn plain(name: &str) -> String {
    let name: String = name.to_lowercase();
    let surveyed = ["横坐标", "纵坐标", "橫坐標", "縱坐標"];
    // X（纵坐标）: the word says which it is, and the letter misleads.
    if let Some(word) = surveyed.into_iter().find(|word| name.contains(word)) {
        let start = name.find(word).unwrap_or_default();
        let before = &name[..start];
        let is_letter = before.trim_end_matches(['(', '（', ' ']).len() <= 1;
        return if is_letter {
            word.to_owned()
        } else {
            format!("{before}{word}")
        };
    }
    let end = name
        .find(['(', '（', '[', '【', '/'])
        .filter(|at| *at > 0)
        .unwrap_or(name.len());
    let bare = name[..end]
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '.');
    bare.map(|c| if c == '-' { '_' } else { c }).collect()
}

/// What stands around a word in a name, where it is one of its words.
fn around<'a>(name: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let start = name.rfind(word)?;
    let (before, after) = (&name[..start], &name[start + word.len()..]);
    let latin = word.is_ascii();
    let apart = |edge: Option<char>| edge.is_none_or(|c| !latin || !c.is_ascii_alphanumeric());
    (apart(before.chars().next_back()) && apart(after.chars().next())).then_some((before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Pairs {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        pairs(&names, &vec![false; names.len()])
    }

    #[test]
    fn coordinates_go_by_many_names() {
        for names in [
            ["id", "lon", "lat"],
            ["id", "Longitude", "LATITUDE"],
            ["id", "经度", "纬度"],
            ["id", "经度 (度)", "纬度 (度)"],
            ["id", "经度\n(度)", "纬度\n(度)"],
            ["id", "经 度", "纬 度"],
            ["id", "中心点经度", "中心点纬度"],
            ["id", "东经", "北纬"],
            ["id", "横坐标", "纵坐标"],
            ["id", "横坐标Y", "纵坐标X"],
            ["id", "Y（横坐标）", "X（纵坐标）"],
            ["id", "X坐标(米)", "Y坐标(米)"],
            ["id", "stop_lon", "stop_lat"],
            ["id", "shape-pt-lon", "shape-pt-lat"],
            ["id", "lon_wgs84", "lat_wgs84"],
            ["id", "Easting (m)", "Northing (m)"],
            ["id", "Lon.", "Lat."],
            ["id", "X", "Y"],
            ["id", "x_coord", "y_coord"],
        ] {
            assert_eq!(found(&names), Pairs::One(1, 2), "{names:?}");
        }
        for names in [
            &["id", "salon", "plat"][..],
            &["lon", "纬度"],
            &["name"],
            &["along", "flat"],
            &["起点经度", "终点纬度"],
        ] {
            assert_eq!(found(names), Pairs::None, "{names:?}");
        }
        let several = ["start_lon", "start_lat", "end_lon", "end_lat"];
        assert_eq!(found(&several), Pairs::Several(vec![(0, 1), (2, 3)]));
        // A whole name goes before parts of names.
        assert_eq!(
            found(&["start_lon", "start_lat", "lon", "lat"]),
            Pairs::One(2, 3)
        );
    }
}
