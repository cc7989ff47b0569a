//! All checks: what each is called, how bad it is, and what it means. `buju check --list` prints the table.

use super::Severity;

/// When a check is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On loading; without it nothing could be served, so it cannot be off.
    Load,
    /// On loading, and with every answer about the feature.
    Warn,
    /// By `buju check` only: it may take seconds, and a server starts without it.
    Audit,
}

/// A named check.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// Its stable name.
    pub name: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// When it is made.
    pub scope: Scope,
    /// Chinese title.
    pub zh: &'static str,
    /// English title.
    pub en: &'static str,
    /// What it means, in a sentence or two.
    pub about: &'static str,
    /// The keys of `[audit]` that it heeds.
    pub settings: &'static [&'static str],
}

impl Check {
    /// True where `[audit]` may turn it off.
    #[must_use]
    pub fn can_be_off(&self) -> bool {
        self.scope != Scope::Load
    }
}

/// The check of a name.
#[must_use]
pub fn check(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}

const fn row(
    scope: Scope,
    name: &'static str,
    [zh, en]: [&'static str; 2],
    about: &'static str,
    settings: &'static [&'static str],
) -> Check {
    let severity = match scope {
        Scope::Load => Severity::Error,
        Scope::Warn | Scope::Audit => Severity::Warning,
    };
    Check {
        name,
        severity,
        scope,
        zh,
        en,
        about,
        settings,
    }
}

use Scope::{Audit, Load, Warn};

/// All of them: those of loading, then those of the audit.
pub const CHECKS: &[Check] = &[
    row(
        Load,
        "missing-file",
        ["缺文件", "Missing file"],
        "A file that the plan names is not in its folder, or cannot be read.",
        &[],
    ),
    row(
        Load,
        "syntax",
        ["语法", "Syntax"],
        "A file is not what its name says, or is cut short.",
        &[],
    ),
    row(
        Load,
        "setting",
        ["设置", "Setting"],
        "A value in plan.toml or collections.toml cannot be: it names what is not there, or is out of range.",
        &[],
    ),
    row(
        Load,
        "crs",
        ["坐标系", "CRS"],
        "A file says that its coordinates are in a CRS that its format does not have.",
        &[],
    ),
    row(
        Load,
        "missing-id",
        ["缺编号", "Missing id"],
        "A row or feature has no id, or one that is neither a text nor a whole number.",
        &[],
    ),
    row(
        Load,
        "duplicate-id",
        ["编号重复", "Duplicate id"],
        "Two rows or features of the plan have the same id.",
        &[],
    ),
    row(
        Load,
        "missing-column",
        ["缺列", "Missing column"],
        "The register has no column of a name that it needs.",
        &[],
    ),
    row(
        Load,
        "duplicate-column",
        ["列重复", "Duplicate column"],
        "The register has a column twice.",
        &[],
    ),
    row(
        Load,
        "unknown-column",
        ["未知列", "Unknown column"],
        "A file has a column or property that no collection declares.",
        &[],
    ),
    row(
        Load,
        "computed-column",
        ["推算列", "Computed column"],
        "A file states what the server computes.",
        &[],
    ),
    row(
        Load,
        "column-twice",
        ["两处同列", "Column in two places"],
        "A cell is stated in the register and in the file of the geometry.",
        &[],
    ),
    row(
        Load,
        "unknown-collection",
        ["未知图层", "Unknown collection"],
        "A row of the register is in a collection that does not take rows from it, or does not exist.",
        &[],
    ),
    row(
        Load,
        "wrong-type",
        ["类型不符", "Wrong type"],
        "A cell is not of its column's type.",
        &[],
    ),
    row(
        Load,
        "unknown-code",
        ["未知代码", "Unknown code"],
        "A cell is none of the codes that its column may hold.",
        &[],
    ),
    row(
        Load,
        "entry-without-row",
        ["登记表无此项", "Feature without a row"],
        "A feature has no row in the register.",
        &[],
    ),
    row(
        Load,
        "row-without-entry",
        ["无对应要素", "Row without a feature"],
        "A row of the register has no feature, not even one without a place.",
        &[],
    ),
    row(
        Load,
        "measure",
        ["无法量算", "Cannot be measured"],
        "A shape cannot be measured in the CRS of a column.",
        &[],
    ),
    row(
        Load,
        "time-reversed",
        ["起止颠倒", "Time reversed"],
        "The time columns of a feature end before they start.",
        &[],
    ),
    row(
        Load,
        "geometry-kind",
        ["几何类型不符", "Kind of geometry"],
        "A shape is not of the kind that its collection holds.",
        &[],
    ),
    row(
        Load,
        "empty-geometry",
        ["空几何", "Empty geometry"],
        "A shape has no coordinates; one that is nowhere is written as null.",
        &[],
    ),
    row(
        Load,
        "ring-too-short",
        ["环过短", "Ring too short"],
        "A ring has fewer than four positions.",
        &[],
    ),
    row(
        Load,
        "ring-not-closed",
        ["环未闭合", "Ring not closed"],
        "A ring does not end where it begins.",
        &[],
    ),
    row(
        Load,
        "invalid-geometry",
        ["几何无效", "Invalid geometry"],
        "A shape is not valid by OGC Simple Features: it crosses itself, its holes or parts overlap, its rings touch so that the interior falls apart, or it encloses nothing. Each reason is a finding.",
        &[],
    ),
    row(
        Load,
        "out-of-range",
        ["超出经纬度", "Out of range"],
        "A position is no longitude and latitude in degrees.",
        &[],
    ),
    row(
        Load,
        "outside-extent",
        ["超出规划范围", "Outside the plan"],
        "A position is outside the extent that plan.toml states: axes may be exchanged, or the CRS is another one.",
        &[],
    ),
    row(
        Warn,
        "height-dropped",
        ["高程未保留", "Height dropped"],
        "Positions have a height, which is not kept.",
        &[],
    ),
    row(
        Warn,
        "ring-orientation",
        ["环方向", "Ring orientation"],
        "A ring ran the wrong way round and was turned.",
        &[],
    ),
    row(
        Warn,
        "columns-disagree",
        ["数值不一致", "Figures disagree"],
        "Two columns that should say the same (`agrees_with` of a column) do not.",
        &[],
    ),
    row(
        Audit,
        "sliver",
        ["狭长碎面", "Sliver"],
        "A polygon, or a part of one, is so narrow and thin that it is probably left over from drawing.",
        &["sliver_width_m", "sliver_thinness"],
    ),
    row(
        Audit,
        "duplicate-feature",
        ["重复要素", "Duplicate feature"],
        "Two features of a collection have the same shape, each corner within `rounding_m`, and state the same, under two ids.",
        &["rounding_m"],
    ),
    row(
        Audit,
        "duplicate-shape",
        ["图形重复", "Duplicate shape"],
        "Two lines or polygons of a collection have the same shape, each corner within `rounding_m`, whatever position they start from and which way they run, and state different things. A whole and its part may.",
        &["rounding_m"],
    ),
    row(
        Audit,
        "near-duplicate",
        ["疑似重复", "Near duplicate"],
        "Two features of a collection have the same name and lie in boxes that are the same within `near_m`.",
        &["near_m"],
    ),
    row(
        Audit,
        "overlap",
        ["地块重叠", "Overlap"],
        "Two polygons of a collection with `no_overlap`, `no_gaps` or `tiles` share more than `overlap_m2`. What is narrower than `rounding_m` is not counted, nor beside a long edge what is narrower than its bow in a grid (5 cm over 2 km at 31° north, growing with the square of the length). A whole and its parts may. In a pile at most 50 overlaps of each feature with later ones are measured, which is told.",
        &["overlap_m2", "rounding_m", "columns.whole"],
    ),
    row(
        Audit,
        "gap",
        ["地块间空隙", "Gap"],
        "Between the polygons of a collection with `no_gaps` lies an enclosed hole of more than `gap_m2`, on average narrower than `gap_width_m`; or those with `tiles` leave more than `gap_m2` of a polygon that they should fill. What is narrower than `rounding_m`, or than the bow of a long edge (as for overlaps), is cut away first; area and width are those of what is left. In a pile, beside features that overlap 50 others, gaps are not looked for, which is told.",
        &["gap_m2", "rounding_m", "gap_width_m"],
    ),
    row(
        Audit,
        "outside-zone",
        ["不在所属区域内", "Outside its zone"],
        "A feature of a collection with `inside` reaches farther out of every polygon of that collection than the accuracy of both, at a corner, along an edge or within; the distance is that of its farthest place, to 1 cm or 2 %.",
        &["outside_m", "columns.accuracy", "columns.whole"],
    ),
    row(
        Audit,
        "outside-whole",
        ["超出所属整体", "Outside its whole"],
        "A feature reaches farther out of the polygon that it is part of than the accuracy of both, at a corner, along an edge or within; the distance is that of its farthest place, to 1 cm or 2 %.",
        &["outside_m", "columns.accuracy", "columns.whole"],
    ),
    row(
        Audit,
        "unknown-whole",
        ["所属整体不存在", "Unknown whole"],
        "A feature says that it is part of an id that no feature has.",
        &["columns.whole"],
    ),
    row(
        Audit,
        "circular-whole",
        ["循环所属", "Circular whole"],
        "A feature is, over others or not, part of itself.",
        &["columns.whole"],
    ),
    row(
        Audit,
        "off-course",
        ["偏离道路", "Off its course"],
        "A feature of a collection with `along` lies off everything that it could follow, as a road work that is on no road, by more than its accuracy. The distance is that of its farthest place, on an edge too, to 1 cm or 2 %.",
        &["along_m", "columns.accuracy"],
    ),
    row(
        Audit,
        "area-disagrees",
        ["面积与图形不符", "Stated and drawn area"],
        "The stated site area differs from that of the drawn polygon. It is in the unit of its column, and in m² where that has none.",
        &["area", "columns.site_areas"],
    ),
    row(
        Audit,
        "floor-area-disagrees",
        ["容积率与面积不符", "Floor area and plot ratio"],
        "The first stated floor area that counts is not plot ratio × site area; not where the column of the plot ratio has `agrees_with`, which is compared on loading.",
        &[
            "floor_area",
            "columns.plot_ratio",
            "columns.site_areas",
            "columns.floor_areas",
        ],
    ),
    row(
        Audit,
        "parts-exceed-whole",
        ["分项之和超过整体", "Parts exceed the whole"],
        "What the parts of a feature state adds up to more than the feature states.",
        &["sums", "columns.sums", "columns.whole"],
    ),
    row(
        Audit,
        "dates-out-of-order",
        ["日期次序", "Dates out of order"],
        "A date of a collection with `in_order` is before the one that it should follow.",
        &[],
    ),
    row(
        Audit,
        "look-alike-names",
        ["名称易混", "Look-alike names"],
        "Two names of the plan are easily taken for each other: they differ by spaces, dashes, width or case of letters alone, by the direction of a road (祁连山路, 祁连山南路), sound the same, or are long and differ by one character. No likeness are numbers and letters of a series, what stands in brackets, and other directions: those that say where something is (金昌路北侧, 金昌路南侧) and those that are part of a name (中山路, 西藏路). Once per pair.",
        &[],
    ),
    row(
        Audit,
        "no-reason",
        ["无位置且未说明", "No place and no reason"],
        "A feature has no place, and no column says why.",
        &["columns.reason"],
    ),
    row(
        Audit,
        "needless-reason",
        ["有位置却称无法定位", "Reason for a place that is there"],
        "A feature has a place, and a column says why it has none.",
        &["columns.reason"],
    ),
    row(
        Audit,
        "at-zero",
        ["位于零点", "At 0,0"],
        "A point lies at longitude 0, latitude 0, where programs put what nobody has located.",
        &[],
    ),
    row(
        Audit,
        "outside-crs",
        ["坐标系无法表示", "Outside a CRS"],
        "A feature cannot be converted to a CRS that `crs` in plan.toml serves: whoever asks for it in that CRS gets an error.",
        &[],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_are_found() {
        for one in CHECKS {
            let same = CHECKS.iter().filter(|other| other.name == one.name);
            assert_eq!(same.count(), 1, "{}", one.name);
            assert_eq!(check(one.name), Some(one));
            assert!(one.about.ends_with('.'), "{}", one.name);
        }
        assert_eq!(check("no-such-check"), None);
    }
}
