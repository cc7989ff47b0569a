//! Arithmetic and sources of a feature's figures, in words. What the plan states, what follows and what was
//! measured stay apart; a product is shown with its factors, so that nobody takes it for a figure of the plan.

use maud::{Markup, html};

use super::feature::cell;
use super::{Lang, Site};
use crate::model::{CollectionInfo, Column, Compute, Feature, Finding, Role, Severity, Value};

/// A column by name with its number.
fn number<'a>(
    info: &'a CollectionInfo,
    feature: &Feature,
    name: &str,
) -> Option<(&'a Column, f64)> {
    let at = info.column_index(name)?;
    let value = feature.values.get(at)?.as_f64()?;
    Some((&info.columns[at], value))
}

/// `1,820 m²`: as a cell shows it.
fn quantity(site: &Site, column: &Column, number: f64) -> String {
    let number = Value::Number(number);
    // Nothing in a number and its unit is ever escaped.
    cell(site, column, &number).into_string()
}

/// A title without the remark in brackets at its end, which its group says already.
fn bare<'a>(site: &Site, column: &'a Column) -> &'a str {
    let title = site.lang.of(&column.title);
    let cut = title.rfind(['（', '(']).filter(|at| *at > 0);
    cut.map_or(title, |at| title[..at].trim_end())
}

/// Where in the plan, as far as it is given: the table and its row, else chapter and section.
pub(super) fn source(site: &Site, info: &CollectionInfo, feature: &Feature) -> Option<String> {
    let of = |name: &str| {
        let at = info.column_index(name)?;
        let value = feature.values.get(at)?;
        (!value.is_null()).then(|| value.to_string())
    };
    let part = |name: &str, zh: [&str; 2], en: &str| {
        of(name).map(|n| match site.lang {
            Lang::Zh => format!("{}{n}{}", zh[0], zh[1]),
            Lang::En => format!("{en} {n}"),
        })
    };
    let parts = [
        part("plan_chapter", ["第", "章"], "Chapter"),
        part("plan_section", ["第", "节"], "Section"),
        part("plan_table", ["表", ""], "Table"),
        part("plan_row", ["第", "行"], "Row"),
    ];
    let told: Vec<_> = parts.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(site.t("", ", ")))
}

/// `= floor area 35,460 m² ÷ site area 11,820 m²` for a ratio that was computed.
pub(super) fn formula(
    site: &Site,
    info: &CollectionInfo,
    feature: &Feature,
    column: &Column,
) -> Option<String> {
    let Some(Compute::Ratio {
        numerators,
        denominator,
    }) = &column.compute
    else {
        return None;
    };
    let first = numerators
        .iter()
        .find_map(|name| number(info, feature, name));
    let (over, a) = first?;
    let (under, b) = number(info, feature, denominator)?;
    let (a, b) = (quantity(site, over, a), quantity(site, under, b));
    Some(format!(
        "= {} {a} ÷ {} {b}",
        bare(site, over),
        bare(site, under)
    ))
}

/// The floor area as the plan's own plot ratio and site area have it: what it is called, the product, and how it
/// comes about, compared with the floor area that the plan states where it does.
pub(super) fn floor_area(
    site: &Site,
    info: &CollectionInfo,
    feature: &Feature,
) -> Option<(&'static str, String, String)> {
    info.columns.iter().find_map(|ratio| {
        let twin = ratio.agrees_with.as_ref()?;
        let derived = &info.columns[info.column_index(&twin.column)?];
        let Some(Compute::Ratio {
            numerators,
            denominator,
        }) = &derived.compute
        else {
            return None;
        };
        let (ratio, factor) = number(info, feature, &ratio.name)?;
        let (area, base) = number(info, feature, denominator)?;
        if ratio.role != Role::Stated || area.role != Role::Stated {
            return None;
        }
        let product = tenth(factor * base);
        let mut how = format!(
            "= {} {} × {} {}",
            bare(site, ratio),
            quantity(site, ratio, factor),
            bare(site, area),
            quantity(site, area, base)
        );
        // That which the derived ratio takes as well.
        let counted = numerators
            .iter()
            .find_map(|name| number(info, feature, name));
        if let Some((counted, stated)) = counted {
            let (zh, en) = if (stated - product).abs() < 1.0 {
                ("与规划所述相同", "the same as the plan states")
            } else {
                ("与规划所述不同", "not what the plan states")
            };
            let (name, stated) = (bare(site, counted), quantity(site, counted, stated));
            let compared = match site.lang {
                Lang::Zh => format!("；{zh}：{name} {stated}"),
                Lang::En => format!("; {en}: {name} {stated}"),
            };
            how.push_str(&compared);
        }
        let label = match site.lang {
            Lang::Zh => "按容积率计建筑面积",
            Lang::En => "Floor area by plot ratio",
        };
        Some((label, quantity(site, area, product), how))
    })
}

/// To a tenth: products of decimal fractions have digits that nobody stated.
fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// What a check found, in the page's language where the page has words for it, else in the check's own.
pub(super) fn warning(
    site: &Site,
    info: &CollectionInfo,
    feature: &Feature,
    finding: &Finding,
) -> Markup {
    let kind = match finding.severity {
        Severity::Warning => site.t("检查发现：", "A check found: "),
        Severity::Error => site.t("错误：", "Error: "),
    };
    html! {
        p.warning {
            strong { (kind) }
            @match disagreement(site, info, feature, finding) {
                Some(sentence) => (sentence),
                None => span lang="en" { (finding.reason) },
            }
        }
    }
}

fn disagreement(
    site: &Site,
    info: &CollectionInfo,
    feature: &Feature,
    finding: &Finding,
) -> Option<String> {
    let named = finding.column.as_deref()?;
    if finding.check != "columns-disagree" {
        return None;
    }
    let paired = info.columns.iter().find_map(|column| {
        let other = &column.agrees_with.as_ref()?.column;
        (column.name == named || other == named).then_some((column, other))
    });
    let (stated, other) = paired?;
    let (stated, a) = number(info, feature, &stated.name)?;
    let (other, b) = number(info, feature, other)?;
    let most = a.abs().max(b.abs());
    if most <= 0.0 {
        return None;
    }
    let percent = (a - b).abs() / most * 100.0;
    let (own, others) = (
        quantity(site, stated, a),
        quantity(site, other, (b * 1e4).round() / 1e4),
    );
    let (zh, en) = match other.role {
        Role::Derived => ("按规划自己的面积推算", "its own areas give"),
        Role::Measured => ("按示意图形量算", "the shape as drawn measures"),
        _ => ("另一处称", "elsewhere it states"),
    };
    let title = bare(site, stated);
    Some(match site.lang {
        Lang::Zh => format!("{title}：规划称 {own}，{zh} {others}，相差 {percent:.2} %。"),
        Lang::En => format!(
            "{title}: the plan states {own}, {en} {others}, a difference of {percent:.2} %."
        ),
    })
}
