use maud::html;
use serde_json::Value as Json;

use super::Site;

/// A problem document (RFC 9457) for a person: what is wrong, in the server's own words, and where to go on.
#[must_use]
pub fn problem(site: &Site, json: &Json) -> Vec<u8> {
    let text = |name: &str| json[name].as_str().unwrap_or_default();
    let status = json["status"].as_u64().unwrap_or_default();
    let (zh, en) = match status {
        400 => ("这个地址读不懂", "This address cannot be read"),
        404 => ("这里什么也没有", "There is nothing here"),
        405 => ("这里只能读取", "Here one can only read"),
        406 => ("没有所要的格式", "There is no such form"),
        503 => ("服务器现在忙", "The server is busy"),
        _ => ("服务器出错了", "The server failed"),
    };
    let main = html! {
        p lang="en" { (text("detail")) }
        @if !text("parameter").is_empty() {
            p { (site.t("有问题的参数：", "The parameter at fault: ")) code { (text("parameter")) } }
        }
        p {
            (site.t("可用的参数和取值见", "What can be asked, and how: "))
            a href=(site.to("/api?f=html")) { (site.t("接口说明", "the API")) }
            (site.t("；也可以回到", "; or go back to "))
            a href=(site.to("/")) { (site.t("地图", "the map")) }
            (site.t("。", "."))
        }
        p { code { (status) " " (text("title")) } }
    };
    site.page(site.t(zh, en), &[], &main)
}
