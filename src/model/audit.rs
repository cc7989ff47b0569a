//! What a plan says about its own audit: which checks are off, what is tolerated, which columns
//! mean what. The numbers are for a town at the scale of a plan; every one can be set.

use serde::{Deserialize, Serialize};

/// `[audit]` of `plan.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSettings {
    /// Names of checks that are not run, and whose warnings are not shown; `all` is all of them.
    pub off: Vec<String>,
    /// m² that two features of a tiling collection may share.
    pub overlap_m2: f64,
    /// m² that may be missing between them.
    pub gap_m2: f64,
    /// m: where an overlap or a gap is narrower, it is rounding; corners as near are the same. Seven decimals
    /// of a degree know a centimetre.
    pub rounding_m: f64,
    /// m: an enclosed hole is a gap where it is narrower on average, and a yard or a street where not.
    pub gap_width_m: f64,
    /// m: a polygon that is narrower on average is a sliver, if it is also thin.
    pub sliver_width_m: f64,
    /// The thinness (4π area / perimeter²; 1 is a circle, 0.79 a square) below which a polygon is thin.
    pub sliver_thinness: f64,
    /// m between the sides of two boxes that count as one place, where the names are one too.
    pub near_m: f64,
    /// Relative difference of stated and drawn area that is not reported.
    pub area: f64,
    /// Relative difference of floor area and plot ratio × site area that is not reported.
    pub floor_area: f64,
    /// By how much the parts may exceed their whole, relatively: parts are often rounded.
    pub sums: f64,
    /// m that a part may lie outside its whole, or a feature outside its zone, where no accuracy says more.
    pub outside_m: f64,
    /// m that a line may lie off what it follows, where no accuracy says more.
    pub along_m: f64,
    /// Which columns mean what.
    pub columns: AuditColumns,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            off: Vec::new(),
            overlap_m2: 1.0,
            gap_m2: 1.0,
            rounding_m: 0.02,
            gap_width_m: 2.0,
            sliver_width_m: 1.0,
            sliver_thinness: 0.1,
            near_m: 1.0,
            area: 0.05,
            floor_area: 0.01,
            sums: 0.005,
            outside_m: 1.0,
            along_m: 20.0,
            columns: AuditColumns::default(),
        }
    }
}

impl AuditSettings {
    /// Every number with its name.
    #[must_use]
    pub fn numbers(&self) -> [(&'static str, f64); 12] {
        [
            ("overlap_m2", self.overlap_m2),
            ("gap_m2", self.gap_m2),
            ("rounding_m", self.rounding_m),
            ("gap_width_m", self.gap_width_m),
            ("sliver_width_m", self.sliver_width_m),
            ("sliver_thinness", self.sliver_thinness),
            ("near_m", self.near_m),
            ("area", self.area),
            ("floor_area", self.floor_area),
            ("sums", self.sums),
            ("outside_m", self.outside_m),
            ("along_m", self.along_m),
        ]
    }

    /// True where a check is not to be run.
    #[must_use]
    pub fn is_off(&self, check: &str) -> bool {
        turned_off(&self.off, check)
    }
}

/// The word for all checks that can be off.
pub const ALL: &str = "all";

/// True where a list of names turns a check off.
#[must_use]
pub fn turned_off(off: &[String], check: &str) -> bool {
    off.iter().any(|off| off == check || off == ALL)
}

/// Columns that checks read. A collection without the column is not checked by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditColumns {
    /// The id of the feature that a row is part of.
    pub whole: String,
    /// How sure a position is, in m.
    pub accuracy: String,
    /// The stated site area: the first that a collection has. In the unit of the column; m² where it has none.
    pub site_areas: Vec<String>,
    /// The stated plot ratio.
    pub plot_ratio: String,
    /// Floor areas that a plot ratio can be of, best first; in the units of their columns. One with basements is none.
    pub floor_areas: Vec<String>,
    /// Columns whose parts must not exceed their whole.
    pub sums: Vec<String>,
    /// How the columns begin that say why there is no place.
    pub reason: String,
}

impl Default for AuditColumns {
    fn default() -> Self {
        // With the unit in the name, as the shipped plan has them, and without it, as an import names them.
        let areas = |names: &[&str]| {
            let both = |name: &&str| [format!("{name}_m2"), (*name).to_owned()];
            names.iter().flat_map(both).collect::<Vec<_>>()
        };
        let floor_areas = areas(&[
            "far_countable_floor_area",
            "above_ground_floor_area",
            "floor_area",
        ]);
        let mut sums = areas(&["site_area", "gross_floor_area"]);
        sums.extend(["investment_cny", "investment"].map(str::to_owned));
        sums.extend_from_slice(&floor_areas);
        Self {
            whole: "part_of".to_owned(),
            accuracy: "position_accuracy_m".to_owned(),
            site_areas: areas(&["site_area"]),
            plot_ratio: "plot_ratio".to_owned(),
            floor_areas,
            sums,
            reason: "no_geometry_reason".to_owned(),
        }
    }
}

/// `audit` of a collection in `collections.toml`: what its features must be to each other and to those
/// of other collections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CollectionAudit {
    /// Names of checks that do not look at it, beside those that are off for the whole plan.
    pub off: Vec<String>,
    /// No two polygons share an area.
    pub no_overlap: bool,
    /// Polygons leave no narrow holes between them.
    pub no_gaps: bool,
    /// The collection whose polygons they fill without gaps.
    pub tiles: Option<String>,
    /// The collection one of whose polygons each feature lies in.
    pub inside: Option<String>,
    /// What each feature follows, as a road work follows a road.
    pub along: Option<Along>,
    /// Columns of dates or timestamps that follow one another.
    pub in_order: Vec<String>,
}

impl CollectionAudit {
    /// True where polygons must lie apart.
    #[must_use]
    pub fn lies_apart(&self) -> bool {
        self.no_overlap || self.no_gaps || self.tiles.is_some()
    }
}

/// What the features of a collection follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Along {
    /// The collection of what is followed.
    pub collection: String,
    /// Which of its features, in CQL2; all where it does not say.
    #[serde(default)]
    pub filter: Option<String>,
    /// Which features follow nothing, in CQL2: a new road is on no road.
    #[serde(default)]
    pub unless: Option<String>,
}
