//! Another town, made up, built with `buju new`, `infer` and `import` alone: served and checked.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::made::{ogr2ogr, served, well};

/// A made-up town at the edge of Chengdu, in another zone than the shipped plan: plots and roads.
fn files(folder: &Path) {
    let plot = |at: u32| {
        let (x, y) = (
            103.98 + f64::from(at % 5) * 0.002,
            30.72 + f64::from(at / 5) * 0.002,
        );
        let ring = [
            [x, y],
            [x + 0.0015, y],
            [x + 0.0015, y + 0.0015],
            [x, y + 0.0015],
            [x, y],
        ];
        json!({
            "type": "Feature",
            "properties": { "地块编号": format!("虚-{at:02}"), "名称": format!("虚构地块{at}"), "面积（亩）": f64::from(at) + 0.5,
                "用地性质": if at.is_multiple_of(2) { "工业用地" } else { "居住用地" } },
            "geometry": { "type": "Polygon", "coordinates": [ring] },
        })
    };
    let road = |at: u32| {
        let y = 30.7195 + f64::from(at) * 0.002;
        json!({
            "type": "Feature",
            "properties": { "路名": format!("虚构{at}路"), "长度（公里）": 0.9 },
            "geometry": { "type": "LineString", "coordinates": [[103.979, y], [103.9885, y]] },
        })
    };
    for (name, features) in [
        ("plots.geojson", (0..20).map(plot).collect::<Vec<_>>()),
        ("roads.geojson", (0..4).map(road).collect()),
    ] {
        let text = json!({ "type": "FeatureCollection", "features": features }).to_string();
        fs::write(folder.join(name), text).expect("written");
    }
    ogr2ogr(
        folder,
        &[
            "town.gpkg",
            "plots.geojson",
            "-nln",
            "规划地块",
            "-t_srs",
            "EPSG:4544",
        ],
    );
    ogr2ogr(
        folder,
        &[
            "-update",
            "town.gpkg",
            "roads.geojson",
            "-nln",
            "规划道路",
            "-t_srs",
            "EPSG:4544",
        ],
    );
}

#[tokio::test]
async fn a_second_town_is_served_and_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    files(folder);
    let title = [
        "--title",
        "虚构镇（编造的数据）",
        "--title-en",
        "A made-up town",
        "--period",
        "2026-2030",
    ];
    well(folder, &[&["new", "town"][..], &title].concat());
    assert!(well(folder, &["check", "--plan", "town"]).contains("0 errors, 0 warnings"));
    let page = served(&folder.join("town"))
        .send("GET", "/", &[("accept", "text/html")])
        .await;
    assert_eq!(page.status, 200);
    assert!(String::from_utf8_lossy(&page.body).contains("虚构镇"));

    let inferred = well(folder, &["infer", "town.gpkg", "--layer", "规划地块"]);
    for part in [
        "id = \"gui-hua-di-kuai\"",
        "EPSG:4544",
        "[columns.land_use]",
        "code = \"居住用地\"",
        "20 polygons",
    ] {
        assert!(inferred.contains(part), "{part}: {inferred}");
    }
    // What is proposed can be read.
    let tables: toml::Value = toml::from_str(&inferred).expect("TOML");
    assert_eq!(
        tables["collections"][0]["geometry"].as_str(),
        Some("polygon")
    );
    let plots = [
        "import",
        "town.gpkg",
        "--layer",
        "规划地块",
        "--into",
        "plots",
        "--id",
        "地块编号",
    ];
    let map = ["--map", "面积（亩）=site_area_m2:亩->m²", "--plan", "town"];
    well(folder, &[&plots[..], &map].concat());
    let roads = [
        "import",
        "town.gpkg",
        "--layer",
        "规划道路",
        "--into",
        "roads",
        "--id",
        "路名",
        "--plan",
        "town",
    ];
    well(folder, &[&roads[..], &["--extend"]].concat());

    let said = well(folder, &["check", "--plan", "town"]);
    assert!(said.contains("0 errors"), "{said}");
    let server = served(&folder.join("town"));
    let found = server
        .get("/collections/plots/items?site_area_m2=1000..2000&crs=EPSG:4544")
        .await
        .json();
    // 1.5 and 2.5 mu are 1000 and 1666.7 m².
    assert_eq!(found["numberMatched"], 2, "{found}");
    assert_eq!(found["features"][0]["properties"]["site_area_m2"], 1000);
    let near = server
        .get("/collections/plots/items?near=roads&within=100")
        .await
        .json();
    assert!(near["numberMatched"].as_u64() > Some(5), "{near}");
    let drawn = server.get("/tiles/14/12924/6703.geojson").await;
    assert_eq!(drawn.status, 200);
    let search = server.get("/search?q=xgdk").await.json();
    assert!(search.to_string().contains("虚构地块"), "{search}");
    let plan = server.get("/plan").await.json();
    assert_eq!(plan["views"][0]["layers"], json!(["plots", "roads"]));
}
