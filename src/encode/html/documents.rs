use maud::{Markup, html};
use serde_json::Value as Json;

use super::Site;

/// The conformance classes, from their JSON.
#[must_use]
pub fn conformance(site: &Site, json: &Json) -> Vec<u8> {
    let classes = json["conformsTo"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str);
    let main = html! {
        p { (site.t("本服务声明符合下列标准的一致性类：", "This server conforms to these classes of standards:")) }
        ul.classes { @for class in classes { li { code { (class) } } } }
    };
    site.page(site.t("所合标准", "Conformance"), &[], &main)
}

/// A JSON Schema of a collection: its schema, queryables or sortables.
#[must_use]
pub fn schema(site: &Site, collection: (&str, String), json: &Json) -> Vec<u8> {
    let lang = site.t("zh", "en");
    let title = json["x-titles"][lang].as_str().unwrap_or_default();
    let properties = json["properties"].as_object();
    let main = html! {
        div.wide tabindex="0" role="region" aria-label=(title) { table {
            caption { (site.t("字段", "Properties")) }
            thead { tr {
                th scope="col" { (site.t("名称", "Name")) }
                th scope="col" { (site.t("标题", "Title")) }
                th scope="col" { (site.t("类型", "Type")) }
                th scope="col" { (site.t("单位", "Unit")) }
                th scope="col" { (site.t("取值", "Values")) }
            } }
            tbody { @for (name, property) in properties.into_iter().flatten() { tr {
                th scope="row" { code { (name) } }
                td { (property["x-titles"][lang].as_str().unwrap_or_default()) }
                td { (kind(property)) }
                td { (property["x-ogc-unit"].as_str().or(property["x-unit"].as_str()).unwrap_or_default()) }
                td { (values(property, lang)) }
            } } }
        } }
    };
    site.page(title, &[collection], &main)
}

fn kind(property: &Json) -> &str {
    let format = property["format"].as_str();
    format.or(property["type"].as_str()).unwrap_or_default()
}

fn values(property: &Json, lang: &str) -> Markup {
    let values = property["oneOf"].as_array().into_iter().flatten();
    html! {
        @for (at, value) in values.enumerate() {
            @if at > 0 { ", " }
            code { (value["const"].as_str().unwrap_or_default()) }
            " " (value["x-titles"][lang].as_str().unwrap_or_default())
        }
    }
}
