//! The page of the map before its script runs, and instead of it where none runs: the same frame, in which
//! everything is a link, a form or a picture.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Site;
use super::feature::name;
use crate::model::{CollectionInfo, Drawer, Feature, View};

/// A collection of the view with its first features.
pub struct StartLayer<'a> {
    /// The collection.
    pub info: &'a CollectionInfo,
    /// How many features it has.
    pub count: usize,
    /// Those that are listed.
    pub features: Vec<Feature>,
}

/// What the page shows.
pub struct StartPage<'a> {
    /// The bundle's own elements of the head.
    pub head: &'a str,
    /// Title of what is selected, if something is.
    pub selected: Option<String>,
    /// What search engines and previews show.
    pub description: String,
    /// The address to keep.
    pub canonical: String,
    /// The view; a plan may have none.
    pub view: Option<&'a View>,
    /// On a phone the sheet under the map is up, because something in it was asked for.
    pub sheet_up: bool,
    /// What the view lists.
    pub layers: &'a [StartLayer<'a>],
    /// The query of the page in another language, without `lang`.
    pub query: &'a str,
    /// The path of a view as it opens.
    pub link: &'a dyn Fn(&View) -> String,
    /// The path of a feature's page.
    pub path: &'a dyn Fn(&str, &str) -> String,
}

/// The whole document.
#[must_use]
pub fn start(site: &Site, page: &StartPage) -> Vec<u8> {
    let plan = site.lang.of(&site.plan.title);
    let view = page.view.map(|view| site.lang.of(&view.title));
    let title = page.selected.as_deref().or(view);
    let html = html! {
        (DOCTYPE)
        html lang=(site.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                title { @if let Some(title) = title { (title) " · " } (plan) }
                meta name="description" content=(page.description);
                link rel="canonical" href=(page.canonical);
                (PreEscaped(page.head))
            }
            body { div id="app" { (header(site, page)) (body(site, page)) (footer(site, page)) } }
        }
    };
    html.into_string().into_bytes()
}

fn header(site: &Site, page: &StartPage) -> Markup {
    let other = if site.lang == super::Lang::Zh {
        super::Lang::En
    } else {
        super::Lang::Zh
    };
    let joint = if page.query.is_empty() { "" } else { "&" };
    html! {
        header.top {
            h1 { (site.lang.of(&site.plan.title)) }
            @if site.plan.views.len() > 1 {
                nav.views aria-label=(site.t("地图视图", "Map views")) {
                    @for view in &site.plan.views {
                        a href=(site.to(&(page.link)(view))) aria-current=[(page.view == Some(view)).then_some("page")] { (site.lang.of(&view.title)) }
                    }
                }
            }
            form.search role="search" method="get" action={ (site.root) "/search" } {
                input name="q" type="search" maxlength="200" aria-label=(site.t("搜索", "Search")) placeholder=(site.t("名称、地块号或拼音", "Name, plot or pinyin"));
                input type="hidden" name="lang" value=(site.lang.name());
            }
            a.lang lang=(other.tag()) hreflang=(other.tag()) href={ (site.root) "/?" (page.query) (joint) "lang=" (other.name()) } { (other.pick("中文", "English")) }
        }
    }
}

fn body(site: &Site, page: &StartPage) -> Markup {
    html! {
        // A table that will open takes its room at once, so that the map opens at the size that it keeps.
        @let table = page.view.is_some_and(|view| view.opens.drawer == Some(Drawer::Half));
        main.body.start.sheet-peek[!page.sheet_up] {
            section.rail id="rail" aria-label=(site.t("项目清单", "List of projects")) {
                div.rail-content {
                    @if let Some(view) = page.view {
                        section.introduction {
                            h2 { (site.lang.of(&view.title)) }
                            p { (site.lang.of(&view.introduction)) }
                        }
                    }
                    noscript { p.hint { (site.t("可缩放的地图需要 JavaScript；以下清单、搜索和各项目页面不需要。", "The map that can be moved needs JavaScript; the list, the search and the pages of the projects do not.")) } }
                    @for layer in page.layers { (list(site, page, layer)) }
                }
            }
            div.stage {
                @if let Some(view) = page.view {
                    @let picture = site.to(&format!("/poster/{}.svg", view.id));
                    picture {
                        // The same picture; a phone's map is covered elsewhere.
                        source media="(max-width:699px)" srcset={ (picture) "#phone" };
                        img.poster src=(picture) alt=(alt(site, view, are_drawn(page))) fetchpriority="high";
                    }
                }
            }
            @if table { div.waiting {} }
        }
    }
}

/// True where the plan says of shapes what they rest on.
fn are_drawn(page: &StartPage) -> bool {
    page.layers.iter().any(|layer| layer.info.says_basis())
}

fn alt(site: &Site, view: &View, drawn: bool) -> String {
    let (title, plan) = (site.lang.of(&view.title), site.lang.of(&site.plan.title));
    match site.lang {
        super::Lang::Zh => {
            let drawn = if drawn { "位置均为示意；" } else { "" };
            format!("{plan}“{title}”的静态地图，{drawn}左侧清单列出同样的项目。")
        }
        super::Lang::En => {
            let drawn = if drawn {
                "; all positions are schematic"
            } else {
                ""
            };
            format!(
                "A still picture of the map \u{201c}{title}\u{201d} of {plan}{drawn}. The list beside it has the same projects."
            )
        }
    }
}

fn list(site: &Site, page: &StartPage, layer: &StartLayer) -> Markup {
    let id = &layer.info.id;
    html! {
        details open[layer.features.len() <= 40] {
            summary { h2 { (site.lang.of(&layer.info.title)) } " " span.count { (layer.count) } }
            ul { @for feature in &layer.features {
                li { a href=(site.to(&(page.path)(id, &feature.id.text()))) { span.project-name { (name(site, layer.info, feature)) } } }
            } }
            @if layer.count > layer.features.len() {
                p { a href=(site.to(&format!("/collections/{id}/items?f=html"))) { (site.t("全部", "All of them")) } }
            }
        }
    }
}

fn footer(site: &Site, page: &StartPage) -> Markup {
    let words = if are_drawn(page) {
        site.t("示意，非法定依据", "Schematic, no legal force")
    } else {
        site.t("非法定依据", "No legal force")
    };
    html! {
        footer.foot {
            p {
                strong { (words) }
                @for credit in &site.plan.attribution { span { (site.lang.of(credit)) } }
                span.approval { (site.approval()) }
            }
            a.data href=(site.to("/collections?f=html")) { (site.t("数据", "Data")) }
        }
    }
}
