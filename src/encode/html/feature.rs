use maud::{Markup, html};

use super::Site;
use super::figures;
use super::map::{Beneath, Shape, map, window};
use super::nearby::{Nearby, nearby};
use crate::model::{BASIS, CollectionInfo, Column, Compute, Feature, Finding, Role, Value};

/// What the page of one feature shows.
pub struct FeaturePage<'a> {
    /// Its collection.
    pub info: &'a CollectionInfo,
    /// The collection's path.
    pub collection: String,
    /// The feature, in degrees.
    pub feature: &'a Feature,
    /// What the checks found about it.
    pub findings: &'a [Finding],
    /// What to draw beneath it.
    pub beneath: &'a [Beneath],
    /// What lies near it, by collection.
    pub nearby: &'a [Nearby<'a>],
    /// The path of this page, for ever.
    pub permalink: String,
    /// The path of the map with the feature selected.
    pub live: String,
    /// Its data: name of the form, media type, path.
    pub data: Vec<(&'static str, &'static str, String)>,
    /// The path of the page of a feature of a collection.
    pub path: &'a dyn Fn(&str, &str) -> String,
}

/// One feature: how sure its place is, what lies near, and its columns apart by who vouches for them.
#[must_use]
pub fn feature(site: &Site, page: &FeaturePage) -> Vec<u8> {
    let title = name(site, page.info, page.feature);
    let collection = site.lang.of(&page.info.title);
    let trail = [
        (collection, page.collection.clone()),
        (
            site.t("条目", "Items"),
            format!("{}/items", page.collection),
        ),
    ];
    let canonical = format!("{}{}", site.base, page.permalink);
    let head = html! {
        link rel="canonical" href=(canonical);
        meta name="description" content=(summary(site, page.info, page.feature));
    };
    let main = html! {
        p.badges { span.badge { (collection) } " " (badges(site, page)) }
        @for finding in page.findings { (figures::warning(site, page.info, page.feature, finding)) }
        (place(site, page, &title))
        p { a.main href=(site.to(&page.live)) { (site.t("在实时地图上查看", "See it on the live map")) } }
        @for (role, heading) in groups(site) {
            @if role == Role::Position { (nearby(site, page.nearby, page.path)) }
            (group(site, page, role, heading))
        }
        section {
            h2 { (site.t("本条数据", "Data of this item")) }
            ul.links {
                @for (name, media, path) in &page.data {
                    li { a type=(media.split(';').next().unwrap_or(media)) href={ (site.root) (path) } { (name) } }
                }
            }
            p { (site.t("永久地址：", "Permanent address: ")) a href=(canonical) { (canonical) } }
        }
    };
    site.page_with(&title, &trail, &head, &main)
}

/// One sentence, all of it the plan's: for whoever finds the page in a search.
#[must_use]
pub fn summary(site: &Site, info: &CollectionInfo, feature: &Feature) -> String {
    let title = name(site, info, feature);
    let collection = site.lang.of(&info.title);
    let source = figures::source(site, info, feature);
    let plan = site.lang.of(&site.plan.source_title);
    let joint = site.t("，", ", ");
    let mut parts = vec![collection, plan];
    parts.extend(source.as_deref());
    format!("{title}{}{}", site.t("：", ": "), parts.join(joint))
}

/// How sure the place is, in words.
fn badges(site: &Site, page: &FeaturePage) -> Markup {
    let (accuracy, schematic) = sureness(page);
    html! {
        @if page.feature.geometry.is_none() {
            span.badge.none { (site.t("未定位", "not located")) }
        } @else {
            @if schematic { span.badge.unsure { (site.t("示意", "schematic")) } " " }
            @if let Some(metres) = accuracy {
                span.badge.unsure { "± " (metres) " " (site.t("米", "m")) }
            }
        }
    }
}

/// Metres that the place may be off, and whether the shape is schematic.
fn sureness(page: &FeaturePage) -> (Option<f64>, bool) {
    let value = |name: &str| page.feature.values.get(page.info.column_index(name)?);
    let basis = match value(BASIS) {
        Some(Value::Text(basis)) => Some(basis.as_str()),
        _ => None,
    };
    let schematic = page.info.is_schematic(basis);
    let accuracy = value("position_accuracy_m").and_then(Value::as_f64);
    (accuracy, schematic)
}

/// The columns of a role; what the plan states has its source on every line.
fn group(site: &Site, page: &FeaturePage, role: Role, heading: &str) -> Markup {
    let columns = of_role(site, page, role);
    let source = (role == Role::Stated)
        .then(|| figures::source(site, page.info, page.feature))
        .flatten();
    let floor_area = (role == Role::Derived)
        .then(|| figures::floor_area(site, page.info, page.feature))
        .flatten();
    html! {
        @if !columns.is_empty() {
            section id=(format!("{role:?}").to_lowercase()) {
                h2 { (heading) }
                dl {
                    @for (column, value) in &columns {
                        div {
                            dt { (site.lang.of(&column.title)) }
                            dd {
                                (shown(site, page, column, value))
                                @if let Some(formula) = figures::formula(site, page.info, page.feature, column) {
                                    p.how { (formula) }
                                }
                                @if let Some(source) = source.as_ref().filter(|_| !value.is_null()) {
                                    " " a.from href="#source" { (source) }
                                }
                            }
                        }
                    }
                    @if let Some((label, product, formula)) = floor_area {
                        div { dt { (label) } dd { (product) p.how { (formula) } } }
                    }
                }
            }
        }
    }
}

/// The name in the page's language, else the other one, else the id.
#[must_use]
pub fn name(site: &Site, info: &CollectionInfo, feature: &Feature) -> String {
    let of = |column: &str| {
        let value = feature.values.get(info.column_index(column)?)?;
        (!value.is_null()).then(|| value.to_string())
    };
    let order = [site.t("name_zh", "name_en"), site.t("name_en", "name_zh")];
    order
        .into_iter()
        .find_map(of)
        .unwrap_or_else(|| feature.id.to_string())
}

/// A cell for people: code titles, units, and a word where the plan says nothing.
pub(super) fn cell(site: &Site, column: &Column, value: &Value) -> Markup {
    let text = match value {
        Value::Null => return html! { span.none { (site.t("未提供", "not stated")) } },
        Value::Boolean(true) => site.t("是", "yes").to_owned(),
        Value::Boolean(false) => site.t("否", "no").to_owned(),
        Value::Text(code) => coded(site, column, code),
        Value::Strings(codes) => {
            let texts: Vec<_> = codes.iter().map(|code| coded(site, column, code)).collect();
            texts.join(site.t("、", ", "))
        }
        Value::Date(_) | Value::Timestamp(_) => {
            let text = value.to_string();
            let shown = text.replace('T', " ").replace('Z', " UTC");
            return html! { time datetime=(text) { (shown) } };
        }
        Value::Json(text) => return html! { code { (text) } },
        number => grouped(&number.to_string()),
    };
    html! { (text) @if let Some(unit) = &column.unit { " " (unit) } }
}

fn coded(site: &Site, column: &Column, code: &str) -> String {
    let known = column.values.iter().find(|value| value.code == code);
    known.map_or_else(
        || code.to_owned(),
        |known| site.t(&known.zh, &known.en).to_owned(),
    )
}

/// Thousands apart from 10,000 on: 1,500,000,000.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.trim_start_matches('-').len() < 5
        || !whole
            .trim_start_matches('-')
            .bytes()
            .all(|b| b.is_ascii_digit())
    {
        return number.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn groups<'a>(site: &Site<'a>) -> [(Role, &'a str); 6] {
    [
        (
            Role::Stated,
            site.lang.pick("规划文本所述", "Stated by the plan"),
        ),
        (
            Role::Derived,
            site.lang
                .pick("由所述数值推算", "Derived from stated figures"),
        ),
        (
            Role::Measured,
            site.lang.pick(
                "在图形上量得（非规划所述）",
                "Measured on the shape as drawn (not stated by the plan)",
            ),
        ),
        (
            Role::Position,
            site.lang.pick("位置依据", "Position: how it is known"),
        ),
        (
            Role::Source,
            site.lang.pick("规划出处", "Source in the plan"),
        ),
        (Role::Note, site.lang.pick("编者说明", "Editor's notes")),
    ]
}

/// Columns of a role; names are given in both languages.
fn of_role<'a>(site: &Site, page: &'a FeaturePage, role: Role) -> Vec<(&'a Column, &'a Value)> {
    let cells = page.info.columns.iter().zip(&page.feature.values);
    cells
        .filter(|(column, _)| column.role == role)
        .filter(|(column, _)| column.name.starts_with("name_") || readable(site, page.info, column))
        .collect()
}

/// False for that of a pair such as `note_zh` and `note_en` that is not in the page's language.
pub(super) fn readable(site: &Site, info: &CollectionInfo, column: &Column) -> bool {
    let (own, other) = (site.t("_zh", "_en"), site.t("_en", "_zh"));
    let twin = column
        .name
        .strip_suffix(other)
        .and_then(|stem| info.column_index(&format!("{stem}{own}")));
    twin.is_none()
}

/// Some cells name a column: then its title is shown.
fn shown(site: &Site, page: &FeaturePage, column: &Column, value: &Value) -> Markup {
    if let (Some(Compute::RatioNumeratorOf(_)), Value::Text(name)) = (&column.compute, value)
        && let Some(at) = page.info.column_index(name)
    {
        return html! { (site.lang.of(&page.info.columns[at].title)) };
    }
    cell(site, column, value)
}

fn place(site: &Site, page: &FeaturePage, title: &str) -> Markup {
    let value = |name: &str| {
        let at = page.info.column_index(name)?;
        page.feature.values.get(at)
    };
    let (accuracy, schematic) = sureness(page);
    let Some(geometry) = &page.feature.geometry else {
        let reason = value(site.t("no_geometry_reason_zh", "no_geometry_reason_en"));
        return html! {
            p.notice {
                strong { (site.t("无法定位。", "Nobody could locate it. ")) }
                @if let Some(Value::Text(reason)) = reason { (reason) }
            }
        };
    };
    let shapes = [Shape {
        geometry,
        schematic,
        accuracy_m: accuracy,
    }];
    let Some(window) = window([(geometry, accuracy.unwrap_or(0.0))].into_iter()) else {
        return html! {};
    };
    let caption = match (schematic, accuracy) {
        (true, Some(metres)) => site
            .t(
                "示意位置，误差约 ± {} 米（浅色范围）",
                "Schematic position, about ± {} m (the pale area)",
            )
            .replace("{}", &metres.to_string()),
        (true, None) => site.t("示意位置", "Schematic position").to_owned(),
        (false, Some(metres)) => site
            .t(
                "位置误差约 ± {} 米（浅色范围）",
                "Position to about ± {} m (the pale area)",
            )
            .replace("{}", &metres.to_string()),
        (false, None) => String::new(),
    };
    let label = format!("{}{title}. {caption}", site.t("地图：", "Map: "));
    html! {
        figure {
            (map(site, window, page.beneath, &shapes, &page.info.style.color, &label))
            figcaption { (caption) }
        }
    }
}
