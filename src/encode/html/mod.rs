//! Resources as pages for people: no script, two languages, everything escaped by `maud`.

mod api;
mod collections;
mod documents;
mod feature;
mod figures;
mod items;
mod lang;
mod map;
mod missing;
mod nearby;
mod problem;
mod search;
mod start;
mod statistics;
mod tilesets;

use maud::{DOCTYPE, Markup, html};

use crate::model::Plan;

pub use api::api;
pub use collections::{collection, collections};
pub use documents::{conformance, schema};
pub use feature::{FeaturePage, feature, name, summary};
pub use items::{ItemsPage, items};
pub use lang::Lang;
pub use map::Beneath;
pub use missing::missing;
pub use nearby::{Nearby, WITHIN_M};
pub use problem::problem;
pub use search::{SearchPage, search};
pub use start::{StartLayer, StartPage, start};
pub use statistics::statistics;
pub use tilesets::{tile_matrix_set, tile_matrix_sets, tileset, tilesets};

/// What every page needs to know.
pub struct Site<'a> {
    /// The plan that is served.
    pub plan: &'a Plan,
    /// The path that the server's paths begin with, without a slash at the end. Links have no host: a page is on the
    /// one that it was asked of, and its policy knows no other.
    pub root: &'a str,
    /// Where the server is as others are told it, with its host if that is known, without a slash at the end.
    pub base: &'a str,
    /// The style sheet's address.
    pub style: &'a str,
    /// The icon's address, if there is one.
    pub icon: Option<&'a str>,
    /// The page's language.
    pub lang: Lang,
    /// True where the address names the language: then links keep it.
    pub lang_in_address: bool,
    /// The page's own address, without `f` and `lang`.
    pub here: &'a str,
    /// The resource's other forms: what `f` calls them, and their media types.
    pub forms: &'a [(&'a str, &'a str)],
}

impl Site<'_> {
    /// A text in the page's language.
    fn t<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.lang.pick(zh, en)
    }

    /// The address of a page on this server.
    fn to(&self, path: &str) -> String {
        self.keep_lang(&format!("{}{path}", self.root))
    }

    /// An address with the language, where the reader chose one.
    fn keep_lang(&self, href: &str) -> String {
        if self.lang_in_address {
            with(href, "lang", self.lang.name())
        } else {
            href.to_owned()
        }
    }

    /// A whole page. `trail` leads from the start to here: titles and paths.
    fn page(&self, title: &str, trail: &[(&str, String)], main: &Markup) -> Vec<u8> {
        self.page_with(title, trail, &html! {}, main)
    }

    /// The same with more in its head.
    fn page_with(
        &self,
        title: &str,
        trail: &[(&str, String)],
        head: &Markup,
        main: &Markup,
    ) -> Vec<u8> {
        let plan = self.lang.of(&self.plan.title);
        let page = html! {
            (DOCTYPE)
            html lang=(self.lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light";
                    title { (title) " · " (plan) }
                    link rel="stylesheet" href=(self.style);
                    @if let Some(icon) = self.icon { link rel="icon" type="image/svg+xml" href=(icon); }
                    (head)
                    @for (name, media) in self.forms {
                        link rel="alternate" type=(media) href=(with(self.here, "f", name));
                    }
                }
                body {
                    a.skip href="#main" { (self.t("跳到正文", "Skip to the content")) }
                    header {
                        p.plan { a href=(self.to("/")) { (plan) } }
                        (self.languages())
                        nav aria-label=(self.t("所在位置", "You are here")) {
                            ol {
                                li { a href=(self.to("/collections")) { (self.t("数据", "Data")) } }
                                @for (name, path) in trail { li { a href=(self.to(path)) { (name) } } }
                            }
                        }
                    }
                    main id="main" { h1 { (title) } (main) }
                    (self.footer())
                }
            }
        };
        page.into_string().into_bytes()
    }

    /// The number of the authority that approved the map, or the room for it.
    fn approval(&self) -> Markup {
        let number = self.plan.map_approval.as_ref();
        let empty = self.t("（空缺）", "(left empty)");
        html! {
            (self.t("审图号：", "Map approval number: "))
            (number.map_or(empty, |number| self.lang.of(number)))
        }
    }

    fn languages(&self) -> Markup {
        html! {
            p.languages {
                @for lang in Lang::ALL {
                    @let name = lang.pick("中文", "English");
                    // A page that has no other form needs not be told.
                    @let here = if self.forms.is_empty() { self.here.to_owned() } else { with(self.here, "f", "html") };
                    @if lang == self.lang {
                        strong lang=(lang.tag()) { (name) } " "
                    } @else {
                        a lang=(lang.tag()) hreflang=(lang.tag())
                            href=(with(&here, "lang", lang.name())) { (name) } " "
                    }
                }
            }
        }
    }

    fn footer(&self) -> Markup {
        html! {
            footer {
                @if !self.forms.is_empty() {
                    p.forms {
                        (self.t("本页的其他格式：", "This page in other forms: "))
                        @for (name, media) in self.forms {
                            a type=(media) href=(with(self.here, "f", name)) { (name) } " "
                        }
                    }
                }
                p { (self.lang.of(&self.plan.notice)) }
                @for credit in &self.plan.attribution { p { (self.lang.of(credit)) } }
                p { (self.approval()) }
                ul.links {
                    li { a href=(self.to("/")) { (self.t("地图", "Map")) } }
                    li { a href=(self.to("/search")) { (self.t("搜索", "Search")) } }
                    li { a href=(self.to("/collections")) { (self.t("数据集", "Collections")) } }
                    li { a href=(self.to("/tiles")) { (self.t("瓦片", "Tiles")) } }
                    li { a href=(self.to("/api")) { (self.t("接口说明", "API")) } }
                    li { a href=(self.to("/conformance")) { (self.t("所合标准", "Conformance")) } }
                }
            }
        }
    }
}

/// An address with one more query parameter, whose value needs no escape.
fn with(href: &str, name: &str, value: &str) -> String {
    let joint = if href.contains('?') { '&' } else { '?' };
    format!("{href}{joint}{name}={value}")
}
