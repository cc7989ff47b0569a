//! Names of columns and collections, made of what a file calls them.
//!
//! A name stands in addresses, filters and files of other formats, so it is of small letters, digits and `_`. The
//! words of planning have names of their own, which the rest of the program knows (`name_zh` is found by search);
//! other Chinese words are spelt. What the file says itself becomes the title.

use pinyin::ToPinyin;

use crate::ingest;
use crate::model::{Text, Unit};

/// Words of planning: as a file writes them, the column's name, its English title, and the unit that the name says.
const WORDS: [(&str, &str, &str, Option<&str>); 44] = [
    ("名称", "name_zh", "Name (Chinese)", None),
    ("项目名称", "name_zh", "Project name (Chinese)", None),
    ("地块名称", "name_zh", "Plot name (Chinese)", None),
    ("道路名称", "name_zh", "Road name (Chinese)", None),
    ("路名", "name_zh", "Road name (Chinese)", None),
    ("英文名称", "name_en", "Name (English)", None),
    ("英文名", "name_en", "Name (English)", None),
    ("地址", "address", "Address", None),
    ("地块编号", "plot_code", "Plot code", None),
    ("地块编码", "plot_code", "Plot code", None),
    ("地块号", "plot_code", "Plot code", None),
    ("编号", "code", "Code", None),
    ("项目编号", "project_code", "Project code", None),
    ("序号", "row_number", "Row number", None),
    ("用地面积", "site_area", "Site area", Some("m²")),
    ("面积", "area", "Area", Some("m²")),
    ("建筑面积", "floor_area", "Floor area", Some("m²")),
    (
        "总建筑面积",
        "gross_floor_area",
        "Gross floor area",
        Some("m²"),
    ),
    (
        "地上建筑面积",
        "above_ground_floor_area",
        "Above-ground floor area",
        Some("m²"),
    ),
    (
        "计容建筑面积",
        "far_countable_floor_area",
        "Floor area counted for the plot ratio",
        Some("m²"),
    ),
    ("占地面积", "footprint_area", "Footprint", Some("m²")),
    ("容积率", "plot_ratio", "Plot ratio", None),
    ("建筑密度", "building_density", "Building density", None),
    ("绿地率", "green_ratio", "Share of green space", None),
    ("绿化率", "green_ratio", "Share of green space", None),
    ("限高", "max_height", "Greatest height", Some("m")),
    ("建筑高度", "max_height", "Greatest height", Some("m")),
    ("建筑限高", "max_height", "Greatest height", Some("m")),
    ("层数", "storeys", "Storeys", None),
    ("用地性质", "land_use", "Land use", None),
    ("用地类型", "land_use", "Land use", None),
    ("用地代码", "land_use_code", "Land use code", None),
    ("投资", "investment", "Investment", Some("CNY")),
    ("总投资", "investment", "Investment", Some("CNY")),
    ("建设单位", "developer", "Developer", None),
    ("单位", "organisation", "Organisation", None),
    ("性质", "kind", "Kind", None),
    ("类型", "kind", "Kind", None),
    ("类别", "kind", "Kind", None),
    ("起点", "from_zh", "From (Chinese)", None),
    ("终点", "to_zh", "To (Chinese)", None),
    ("长度", "length", "Length", Some("m")),
    ("宽度", "width", "Width", Some("m")),
    ("备注", "note_zh", "Note (Chinese)", None),
];

/// What a column is to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// In files, queries and answers.
    pub name: String,
    /// For people: the file's own words, and English where the word is known.
    pub title: Text,
    /// The unit that the header names in brackets.
    pub unit: Option<Unit>,
}

/// Names a column by its header.
#[must_use]
pub fn column(header: &str) -> Named {
    let (word, unit) = without_unit(header);
    let known = WORDS.iter().find(|(zh, ..)| *zh == word);
    let text = |en: &str| Text {
        zh: header.to_owned(),
        en: en.to_owned(),
    };
    let Some((_, name, english, base)) = known else {
        return Named {
            name: free(plain(&word)),
            title: text(header),
            unit,
        };
    };
    // The name says the unit only where the numbers are in it: `site_area_m2`, `max_height_m`.
    let suffix = match (base.and_then(Unit::of), unit) {
        (Some(base), Some(unit)) if base == unit => match unit.name {
            "m²" => "_m2",
            "m" => "_m",
            _ => "_cny",
        },
        _ => "",
    };
    Named {
        name: format!("{name}{suffix}"),
        title: text(english),
        unit,
    }
}

/// The unit that a column's name ends with: `site_area_m2`.
#[must_use]
pub fn unit_of(name: &str) -> Option<Unit> {
    let (_, suffix) = name.rsplit_once('_')?;
    ["m2", "ha", "km2", "m", "km", "cny"]
        .contains(&suffix)
        .then(|| Unit::of(suffix))
        .flatten()
}

/// A header without the unit in brackets at its end, and that unit.
#[must_use]
pub fn without_unit(header: &str) -> (String, Option<Unit>) {
    let header = header.trim();
    let open = header.rfind(['(', '（', '[', '【']);
    let close = |rest: &str| rest.strip_suffix([')', '）', ']', '】']).and_then(Unit::of);
    if let Some(at) = open {
        let (word, rest) = header.split_at(at);
        let inside = rest.strip_prefix(['(', '（', '[', '【']).unwrap_or(rest);
        if let Some(unit) = close(inside) {
            return (word.trim().to_owned(), Some(unit));
        }
    }
    (header.to_owned(), None)
}

/// A header as titles are compared: small letters, brackets and what is in them left out.
#[must_use]
pub fn folded(title: &str) -> String {
    let end = title.find(['(', '（']).unwrap_or(title.len());
    let start = title[..end].trim().to_lowercase();
    if start.is_empty() {
        title.trim().to_lowercase()
    } else {
        start
    }
}

/// The id of a collection, made of a layer's name.
#[must_use]
pub fn collection(layer: &str) -> String {
    let name = plain(layer).replace('_', "-");
    if name.is_empty() {
        "layer".to_owned()
    } else {
        name
    }
}

/// Small letters, digits and `_`; Chinese is spelt, and what is neither parts words.
fn plain(text: &str) -> String {
    let mut name = String::new();
    let part = |name: &mut String| {
        if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    };
    for char in text.chars() {
        if char.is_ascii_alphanumeric() {
            name.push(char.to_ascii_lowercase());
        } else if let Some(reading) = char.to_pinyin() {
            part(&mut name);
            let plain = reading.plain().chars();
            let plain = plain.map(|c| if c == 'ü' { 'v' } else { c });
            name.extend(plain.filter(char::is_ascii_alphabetic));
            name.push('_');
        } else {
            part(&mut name);
        }
    }
    // Names are columns of a table, not sentences.
    name.truncate(48);
    name.trim_matches('_').to_owned()
}

/// A name that begins with a letter and that the server does not use itself.
fn free(name: String) -> String {
    if name.is_empty() {
        "column".to_owned()
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        format!("column_{name}")
    } else if ingest::is_reserved(&name) {
        format!("source_{name}")
    } else {
        name
    }
}

/// A name that is not among those taken: `area`, `area_2`.
pub fn unique(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    let numbered = (2..).map(|number: u64| format!("{name}_{number}"));
    let mut untaken = numbered.filter(|name| !taken(name));
    untaken.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_names() {
        for (header, name, english, unit) in [
            ("容积率", "plot_ratio", "Plot ratio", None),
            ("用地面积", "site_area", "Site area", None),
            ("用地面积（㎡）", "site_area_m2", "Site area", Some("m²")),
            ("用地面积(公顷)", "site_area", "Site area", Some("ha")),
            (
                "建筑限高（米）",
                "max_height_m",
                "Greatest height",
                Some("m"),
            ),
            ("所属街道", "suo_shu_jie_dao", "所属街道", None),
            ("Plot Ratio", "plot_ratio", "Plot Ratio", None),
            ("FAR2021", "far2021", "FAR2021", None),
            (
                "2021年产值",
                "column_2021_nian_chan_zhi",
                "2021年产值",
                None,
            ),
            ("id", "source_id", "id", None),
            ("geom", "source_geom", "geom", None),
            ("绿化", "lv_hua", "绿化", None),
            ("欸嗯呣", "ai_n_m", "欸嗯呣", None),
            ("—", "column", "—", None),
        ] {
            let found = column(header);
            assert_eq!(found.name, name, "{header}");
            assert_eq!(found.title.en, english, "{header}");
            assert_eq!(found.title.zh, header);
            assert_eq!(found.unit.map(|unit| unit.name), unit, "{header}");
        }
    }

    #[test]
    fn layers_become_ids() {
        assert_eq!(collection("规划地块"), "gui-hua-di-kuai");
        assert_eq!(collection("Road_Works 2021"), "road-works-2021");
        assert_eq!(collection("…"), "layer");
    }

    #[test]
    fn names_are_numbered_where_they_are_taken() {
        let taken = ["area", "area_2"];
        assert_eq!(unique("area", |name| taken.contains(&name)), "area_3");
        assert_eq!(unique("name", |name| taken.contains(&name)), "name");
    }
}
