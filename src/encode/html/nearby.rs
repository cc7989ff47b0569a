use maud::{Markup, html};

use super::feature::name;
use super::{Lang, Site};
use crate::model::{CollectionInfo, Feature};

/// How far neighbours are looked for, in metres.
pub const WITHIN_M: f64 = 300.0;

/// The features of a collection that lie near another feature.
pub struct Nearby<'a> {
    /// The collection.
    pub info: &'a CollectionInfo,
    /// How many there are.
    pub matched: usize,
    /// The nearest of them, with metres.
    pub nearest: Vec<(Feature, f64)>,
}

/// Neighbours by collection, nearest first.
pub(super) fn nearby(site: &Site, all: &[Nearby], path: &dyn Fn(&str, &str) -> String) -> Markup {
    html! {
        @if !all.is_empty() {
            section id="nearby" {
                h2 { (site.t("附近 300 米以内", "Within 300 m")) }
                p.hint { (site.t("距离按所画图形量得；图形为示意，实际可能相差两者误差之和。", "Distances are between the shapes as drawn, which are schematic: they may be off by what both shapes may be.")) }
                @for near in all {
                    h3 { (site.lang.of(&near.info.title)) }
                    @if near.nearest.is_empty() { p.none { (site.t("附近没有。", "None is near.")) } }
                    @else {
                        ul { @for (feature, metres) in &near.nearest {
                            li {
                                a href=(site.to(&path(&near.info.id, &feature.id.text()))) { (name(site, near.info, feature)) }
                                " " span.hint { (distance(site, *metres)) }
                            }
                        } }
                        @if near.matched > near.nearest.len() {
                            p.hint { (more(site, near.matched, near.nearest.len())) }
                        }
                    }
                }
            }
        }
    }
}

fn distance(site: &Site, metres: f64) -> String {
    if metres < 0.5 {
        site.t("相接或重叠", "touching or overlapping").to_owned()
    } else {
        format!("{metres:.0} {}", site.t("米", "m"))
    }
}

fn more(site: &Site, matched: usize, shown: usize) -> String {
    match site.lang {
        Lang::Zh => format!("共 {matched} 项，列出最近的 {shown} 项。"),
        Lang::En => format!("{matched} in all; the nearest {shown} are listed."),
    }
}
