use maud::html;

use super::Site;
use super::search::{form, list};
use crate::query::Found;

/// The page for a feature that is not there: what is called almost so, and a search.
#[must_use]
pub fn missing(
    site: &Site,
    collection: &str,
    id: &str,
    similar: &[Found],
    path: &dyn Fn(&str, &str) -> String,
) -> Vec<u8> {
    let main = html! {
        p {
            (site.t("没有编号为 ", "There is no ")) code { (collection) "/" (id) }
            (site.t(" 的项目。它可能改了编号，也可能链接有误。", ". It may have another id now, or the link may be wrong."))
        }
        (form(site, &id.replace(['-', '_', '/'], " ")))
        @if !similar.is_empty() {
            h2 { (site.t("名称相近的项目", "Projects of a similar name")) }
            (list(site, similar, path))
        }
        p { a href=(site.to("/")) { (site.t("回到地图", "Back to the map")) } }
    };
    site.page(
        site.t("没有这个项目", "There is no such project"),
        &[],
        &main,
    )
}
