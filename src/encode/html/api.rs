use maud::{Markup, html};
use serde_json::Value as Json;

use super::Site;

/// The API, from its OpenAPI document.
#[must_use]
pub fn api(site: &Site, json: &Json) -> Vec<u8> {
    let paths = json["paths"].as_object().into_iter().flatten();
    let paths: Vec<_> = paths
        .map(|(path, item)| (path.as_str(), &item["get"]))
        .collect();
    let main = html! {
        p { (site.t("每一条路径、参数和回答；未知或无法解析的参数一律返回 400，并指明是哪一个。", "Every path, parameter and answer. A parameter that is unknown or cannot be read is a 400 that names it; nothing is ignored silently.")) }
        p { a type="application/vnd.oai.openapi+json;version=3.0" href=(super::with(site.here, "f", "json")) { "OpenAPI " (json["openapi"].as_str().unwrap_or_default()) } }
        @for tag in json["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str()) {
            section {
                h2 { (heading(site, tag)) }
                @for (path, operation) in paths.iter().filter(|(_, operation)| operation["tags"][0] == tag) {
                    (resource(site, path, operation))
                }
            }
        }
    };
    site.page(site.t("接口说明", "API"), &[], &main)
}

fn heading<'a>(site: &Site, tag: &'a str) -> &'a str {
    let zh = match tag {
        "Dataset" => "规划数据",
        "Collections" => "数据集",
        "Features" => "条目",
        "Tiles" => "瓦片",
        "Server" => "服务",
        other => other,
    };
    site.lang.pick(zh, tag)
}

fn resource(site: &Site, path: &str, operation: &Json) -> Markup {
    let text = |of: &Json| of.as_str().unwrap_or_default().to_owned();
    let parameters = operation["parameters"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let templated = path.contains('{');
    let has_page = parameters
        .iter()
        .any(|parameter| parameter["name"] == "lang");
    let here = if has_page {
        site.to(path)
    } else {
        format!("{}{path}", site.root)
    };
    html! {
        details {
            summary { code { "GET " (path) } " " span lang="en" { (text(&operation["summary"])) } }
            @if !templated { p { a href=(here) { (site.t("打开", "Open")) } } }
            @if !parameters.is_empty() {
                table {
                    caption { (site.t("参数", "Parameters")) }
                    thead { tr {
                        th scope="col" { (site.t("名称", "Name")) } th scope="col" { (site.t("位置", "In")) }
                        th scope="col" { (site.t("取值", "Values")) } th scope="col" { (site.t("说明", "What it does")) }
                    } }
                    tbody lang="en" { @for parameter in parameters { tr {
                        th scope="row" { code { (text(&parameter["name"])) } }
                        td { (text(&parameter["in"])) }
                        td { (values(&parameter["schema"])) }
                        td { (text(&parameter["description"])) }
                    } } }
                }
            }
            dl lang="en" { @for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                div {
                    dt { (status) }
                    dd { (text(&answer["description"]))
                        @for (media, _) in answer["content"].as_object().into_iter().flatten() { " " code { (media) } } }
                }
            } }
        }
    }
}

fn values(schema: &Json) -> String {
    let kind = schema["type"].as_str().unwrap_or_default();
    let codes = schema["enum"]
        .as_array()
        .or(schema["items"]["enum"].as_array());
    if let Some(codes) = codes {
        let codes: Vec<_> = codes.iter().filter_map(Json::as_str).collect();
        return codes.join(", ");
    }
    let mut out = kind.to_owned();
    for (key, sign) in [("minimum", "≥"), ("maximum", "≤"), ("default", "=")] {
        if !schema[key].is_null() {
            out.extend([" ", sign, " ", &schema[key].to_string()]);
        }
    }
    out
}
