use maud::{Markup, html};

use super::feature::{cell, name};
use super::{Lang, Site};
use crate::query::{Found, Match, Search};

/// What a search found, for people; `asked` is empty where nothing was asked yet.
pub struct SearchPage<'a> {
    /// The text.
    pub asked: &'a str,
    /// None before anything is asked.
    pub found: Option<&'a Search<'a>>,
    /// The path of a feature's page.
    pub path: &'a dyn Fn(&str, &str) -> String,
}

/// The form, and under it what was found.
#[must_use]
pub fn search(site: &Site, page: &SearchPage) -> Vec<u8> {
    let main = html! {
        (form(site, page.asked))
        @if let Some(found) = page.found { (results(site, page, found)) }
    };
    let title = match page.asked {
        "" => site.t("搜索", "Search").to_owned(),
        asked => format!("{}{asked}", site.t("搜索：", "Search: ")),
    };
    site.page(&title, &[], &main)
}

/// A form that works without script.
pub(super) fn form(site: &Site, asked: &str) -> Markup {
    html! {
        form.search role="search" method="get" action={ (site.root) "/search" } {
            label for="q" { (site.t("名称、地块号、地址、拼音或首字母", "Name, plot code, address, pinyin or initials")) }
            input id="q" name="q" type="search" value=(asked) maxlength="200";
            @if site.lang_in_address { input type="hidden" name="lang" value=(site.lang.name()); }
            button type="submit" { (site.t("搜索", "Search")) }
        }
    }
}

fn results(site: &Site, page: &SearchPage, search: &Search) -> Markup {
    html! {
        @if search.matched == 0 {
            p { (site.t("没有找到。可用中文、英文、拼音（qilianshan）或首字母（qls）。", "Nothing was found. Chinese, English, pinyin (qilianshan) and initials (qls) will do.")) }
        } @else {
            p { (counted(site, search)) }
            (list(site, &search.found, page.path))
        }
    }
}

fn counted(site: &Site, search: &Search) -> String {
    let (all, shown) = (search.matched, search.found.len());
    let per: Vec<_> = search
        .collections
        .iter()
        .map(|of| format!("{} {}", site.lang.of(&of.info.title), of.matched))
        .collect();
    let per = per.join(site.t("，", ", "));
    match (site.lang, all == shown) {
        (Lang::Zh, true) => format!("找到 {all} 项（{per}）。"),
        (Lang::Zh, false) => format!("找到 {all} 项（{per}），列出最相近的 {shown} 项。"),
        (Lang::En, true) => format!("{all} found ({per})."),
        (Lang::En, false) => format!("{all} found ({per}); the best {shown} are listed."),
    }
}

/// Features as links to their pages, each with its collection and kind.
pub(super) fn list(site: &Site, found: &[Found], path: &dyn Fn(&str, &str) -> String) -> Markup {
    html! {
        ol.found { @for one in found {
            li {
                a href=(site.to(&path(&one.info.id, &one.feature.id.text()))) { (name(site, one.info, &one.feature)) }
                p.hint {
                    (site.lang.of(&one.info.title))
                    @if let Some(at) = one.info.column_index("kind").filter(|at| !one.feature.values[*at].is_null()) {
                        " · " (cell(site, &one.info.columns[at], &one.feature.values[at]))
                    }
                    @if let Match::Code(at) = one.how {
                        " · " (site.lang.of(&one.info.columns[at].title)) " " (cell(site, &one.info.columns[at], &one.feature.values[at]))
                    }
                    @if one.label.is_none() { " · " (site.t("未定位", "not located")) }
                }
            }
        } }
    }
}
