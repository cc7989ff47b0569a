//! The query grammar on tiles: what a filtered tile shows is what an unfiltered one shows, less the
//! rows that items do not give.

use std::collections::HashSet;

use buju::crs::Crs;
use buju::model::{ColumnType, Value};
use buju::query::{Filter, Query, Window, cql2_text};
use buju::snapshot::Snapshot;
use buju::store::Store;
use buju::tile::{Grid, TileCoord, TileLayer, TileMatrixSet};
use geo::{Geometry, Rect, coord};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::query_random::{cond, row, snapshot};
use crate::support::{self, Server};
use crate::tiles::{in_set, tile, whole};

fn cut<'s>(store: &'s Store, tile: TileCoord, grid: Grid, query: &Query) -> TileLayer<'s> {
    let mut cut = store.tile(tile, grid, |_| Some(query)).expect("no limit");
    cut.layers.remove(0)
}

/// Against items, row by row.
fn same_as_items(store: &Store, tile: TileCoord, grid: Grid, query: &Query) {
    let page = store.items("shapes", query, usize::MAX, None);
    let page = page.expect("no cursor").expect("the collection");
    let matching: HashSet<_> = page.features.into_iter().map(|row| row.id).collect();
    let unfiltered = whole(store, tile, grid).layers.remove(0);
    let filtered = cut(store, tile, grid, query);
    let expected = unfiltered.features().into_iter();
    let expected: Vec<_> = expected.filter(|f| matching.contains(&f.id)).collect();
    assert_eq!(filtered.features(), expected, "{tile}");
    // What is counted beyond what is shown: the rows of a world in which no other row exists.
    let in_box = Query {
        bbox: Some(window(tile.buffered())),
        ..Query::default()
    };
    let page = store.items("shapes", &in_box, usize::MAX, None);
    let page = page.expect("no cursor").expect("the collection");
    let both = page
        .features
        .iter()
        .filter(|row| matching.contains(&row.id));
    assert_eq!(filtered.matched, both.count(), "{tile}");
    assert_eq!(
        filtered.matched,
        filtered.shown() + filtered.merged + filtered.too_small
    );
}

fn window(rect: Rect<f64>) -> Window {
    let [west, east] = [rect.min().x, rect.max().x].map(|x| x.clamp(-180.0, 180.0));
    let [south, north] = [rect.min().y, rect.max().y].map(|y| y.clamp(-90.0, 90.0));
    Window::new(&[west, south, east, north], Crs::Crs84).expect("a box")
}

proptest! {
    #[test]
    fn random_filters(
        rows in vec(row(), 0..40),
        cond in cond(),
        indexed in any::<bool>(),
        tiles in vec(tile(), 1..4),
    ) {
        let store = Store::new(snapshot(&rows, indexed));
        let collection = store.collection("shapes").expect("the collection");
        let filter = cql2_text(collection.info, &cond.text(), Crs::Crs84).expect("a filter");
        let query = Query { filter, ..Query::default() };
        for tile in tiles {
            for grid in [Grid::Degrees, Grid::Units] {
                same_as_items(&store, tile, grid, &query);
            }
        }
    }

    #[test]
    fn random_boxes(
        rows in vec(row(), 0..40),
        (x, y) in (121.0..121.8f64, 31.0..31.8f64),
        (width, height) in (0.0..0.4f64, 0.0..0.4f64),
        tile in tile(),
    ) {
        let store = Store::new(snapshot(&rows, true));
        let rect = Rect::new(coord! { x: x, y: y }, coord! { x: x + width, y: y + height });
        let query = Query { bbox: Some(window(rect)), ..Query::default() };
        same_as_items(&store, tile, Grid::Units, &query);
    }
}

/// With many rows in the tile an index is asked, and knows fewer; the answer is the same.
#[test]
fn many_rows_with_and_without_an_index() {
    let rows = || {
        (0..5000_i32).map(|n| {
            let (x, y) = (f64::from(n % 100) / 200.0, f64::from(n / 100) / 100.0);
            let place = Geometry::Point((121.1 + x, 31.1 + y).into());
            let number = Value::Number(f64::from(n * 7919 % 5000));
            (
                Some(place),
                vec![number, Value::Text(format!("t{}", n % 3))],
            )
        })
    };
    let stores = [true, false].map(|indexed| {
        let columns = vec![
            support::column("number", ColumnType::Number, indexed),
            support::column("word", ColumnType::String, indexed),
        ];
        // Room for all of them at every zoom: what is compared is what the filter takes away.
        let mut loaded = support::loaded(columns, rows().collect());
        loaded.plan.tiles.bytes = 4_000_000;
        Store::new(Snapshot::build(loaded, Vec::new()))
    });
    for filter in [
        "number < 20",
        "number < 4990",
        "word = 't1' AND number BETWEEN 100 AND 300",
        "number < 5 OR id = '00077'",
        "S_INTERSECTS(geometry, BBOX(121.1,31.1,121.2,31.2))",
        "word IS NULL",
    ] {
        for store in &stores {
            let collection = store.collection("shapes").expect("the collection");
            let filter = cql2_text(collection.info, filter, Crs::Crs84).expect("a filter");
            let query = Query {
                filter,
                ..Query::default()
            };
            for zoom in [3, 9, 10, 13] {
                for set in TileMatrixSet::ALL {
                    let tile = in_set(set, zoom, 121.3, 31.3);
                    same_as_items(store, tile, Grid::Units, &query);
                }
            }
        }
    }
}

#[test]
fn a_collection_that_is_not_asked_for_is_not_in_the_tile() {
    let store = support::store();
    let none = Query {
        filter: Filter::any([]),
        ..Query::default()
    };
    let tile = in_set(TileMatrixSet::WebMercatorQuad, 10, 121.35, 31.28);
    let cut = store
        .tile(tile, Grid::Degrees, |id| (id == "parcels").then_some(&none))
        .expect("no limit");
    let layers: Vec<_> = cut
        .layers
        .iter()
        .map(|l| (l.collection.info.id.as_str(), l.matched))
        .collect();
    assert_eq!(layers, [("parcels", 0)]);
}

/// Parameters of items, and collections that understand them.
const ASKED: &[(&str, &[&str])] = &[
    ("plot_ratio=1..", &["parcels"]),
    ("filter=plot_ratio%3E2", &["parcels"]),
    (
        "filter=site_area_m2%3E10000&filter-lang=cql2-text",
        &["parcels"],
    ),
    (
        "filter-lang=cql2-json&filter={%22op%22:%22%3E%22,%22args%22:[{%22property%22:%22plot_ratio%22},2]}",
        &["parcels"],
    ),
    (
        "bbox=121.36,31.26,121.38,31.28",
        &["parcels", "road-works", "zones"],
    ),
    (
        "bbox=31.26,121.36,31.28,121.38&bbox-crs=EPSG:4490",
        &["parcels", "zones"],
    ),
    (
        "filter=S_INTERSECTS(geometry,BBOX(31.26,121.36,31.28,121.38))&filter-crs=EPSG:4326",
        &["parcels", "context"],
    ),
    ("q=qls", &["road-works"]),
    ("q=%E8%B7%AF", &["road-works"]),
    ("kind=drainage", &["road-works"]),
    ("id=jinhuan-e4-redevelopment", &["parcels", "zones"]),
    ("datetime=2021-01-01T00:00:00Z/..", &["parcels"]),
    ("near=road-works&within=300", &["parcels", "zones"]),
];

fn ids(document: &Json) -> HashSet<String> {
    let features = document["features"].as_array().expect("features");
    features
        .iter()
        .filter(|feature| feature["properties"].get("merged").is_none())
        .map(|feature| feature["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn every_tile_route_takes_the_grammar_of_items() {
    let server = Server::new(support::store());
    let mut narrowed = 0;
    for (asked, collections) in ASKED {
        for collection in *collections {
            let items = server
                .get(&format!(
                    "/collections/{collection}/items?limit=10000&{asked}"
                ))
                .await;
            assert_eq!(items.status, 200, "{asked}: {}", items.json());
            let items = ids(&items.json());
            for place in [
                ["10", "418", "857"],
                ["13", "3346", "6857"],
                ["15", "13384", "27431"],
            ] {
                let [z, row, col] = place;
                let own =
                    format!("/collections/{collection}/tiles/WebMercatorQuad/{z}/{row}/{col}");
                let all = format!("/tiles/WebMercatorQuad/{z}/{row}/{col}");
                let short = format!("/tiles/{z}/{col}/{row}.geojson");
                let plain = server.get(&own).await;
                if plain.status != 200 {
                    assert_eq!(plain.status, 404, "{own}");
                    continue;
                }
                let plain = ids(&plain.json());
                let expected: HashSet<_> = plain.intersection(&items).cloned().collect();
                narrowed += usize::from(expected.len() < plain.len() && !expected.is_empty());
                for address in [
                    format!("{own}?{asked}"),
                    format!("{all}?collections={collection}&{asked}"),
                    format!("{short}?{asked}&collections={collection}"),
                ] {
                    let tile = server.get(&address).await;
                    assert_eq!(tile.status, 200, "{address}");
                    let tile = tile.json();
                    assert_eq!(ids(&tile), expected, "{address}");
                    let counted = &tile["collections"][*collection];
                    let left = ["returned", "merged", "tooSmall", "belowMinZoom"]
                        .iter()
                        .map(|name| counted[*name].as_u64().expect("a count"));
                    assert_eq!(counted["matched"].as_u64(), Some(left.sum()), "{address}");
                }
                let mvt = server.get(&format!("{own}?f=mvt&{asked}")).await;
                let returned = mvt.header("buju-number-returned").parse::<usize>();
                assert_eq!(returned, Ok(expected.len()), "{own}?{asked}");
                let merged = mvt.headers.contains_key("buju-number-merged");
                assert_eq!(mvt.status == 204, expected.is_empty() && !merged);
            }
        }
    }
    assert!(narrowed > 10, "{narrowed}");
}

#[tokio::test]
async fn a_filter_that_does_not_fit_names_the_collection_and_those_that_it_fits() {
    let server = Server::new(support::store());
    for tile in [
        "/tiles/15/27431/13384.geojson",
        "/tiles/15/27431/13384.mvt",
        "/tiles/WebMercatorQuad/15/13384/27431",
        "/tiles/WebMercatorQuad",
        "/tiles",
        "/tiles.json",
    ] {
        for (asked, parameter) in [
            ("filter=plot_ratio%3E2", "filter"),
            ("plot_ratio=2..", "plot_ratio"),
        ] {
            let answer = server.get(&format!("{tile}?{asked}")).await;
            assert_eq!(answer.status, 400, "{tile}?{asked}");
            let problem = answer.json();
            assert_eq!(problem["parameter"], parameter);
            let detail = problem["detail"].as_str().expect("a detail");
            let offer = detail.split("collections=").nth(1).expect(detail);
            let offer = offer.trim_end_matches(')');
            assert!(
                detail.contains("collection \"") && offer.contains("parcels"),
                "{detail}"
            );
            let again = server
                .get(&format!("{tile}?{asked}&collections={offer}"))
                .await;
            assert!(
                [200, 204].contains(&again.status.as_u16()),
                "{tile}: {offer}"
            );
        }
        // A mistake in every collection alike blames none.
        let answer = server.get(&format!("{tile}?bbox=1,2,3")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["parameter"]),
            (400, &Json::from("bbox"))
        );
        assert!(
            !answer.json()["detail"]
                .as_str()
                .expect("a detail")
                .contains("collection")
        );
        for wrong in ["sortby=name_zh", "limit=3", "no-such=1", "cursor=x"] {
            let answer = server.get(&format!("{tile}?{wrong}")).await;
            assert_eq!(answer.status, 400, "{tile}?{wrong}");
            let name = wrong.split('=').next().expect("a name");
            assert_eq!(answer.json()["parameter"], name, "{tile}?{wrong}");
        }
    }
    let own = "/collections/parcels/tiles/WebMercatorQuad/15/13384/27431?collections=parcels";
    assert_eq!(server.get(own).await.status, 400);
}

/// Of a tile that leaves something out, a link leads to all of it, under the same filter.
#[tokio::test]
async fn what_a_tile_leaves_out_is_linked() {
    let server = Server::new(support::store());
    let (mut followed, mut filtered) = (0, 0);
    for asked in [
        "",
        "filter=site_area_m2%3E10000",
        "q=%E5%9B%AD",
        "bbox=121.3,31.2,121.4,31.3",
    ] {
        for tile in ["0/0/0", "6/26/53", "9/209/428"] {
            let only = if asked.starts_with("filter") {
                "&collections=parcels"
            } else {
                ""
            };
            let address = format!("/tiles/WebMercatorQuad/{tile}?{asked}{only}");
            let answer = server.get(&address).await;
            assert_eq!(answer.status, 200, "{address}");
            let document = answer.json();
            let omitted: Vec<_> = document["collections"]
                .as_object()
                .expect("collections")
                .iter()
                .filter(|(_, count)| count["returned"] != count["matched"])
                .collect();
            let links = document["links"].as_array().cloned().unwrap_or_default();
            assert_eq!(links.len(), omitted.len(), "{address}");
            for (link, (id, count)) in links.iter().zip(omitted) {
                let href = link["href"].as_str().expect("an address");
                assert!(
                    answer
                        .header("link")
                        .contains(&format!("<{href}>; rel=\"items\""))
                );
                let items = href
                    .strip_prefix("http://plan.example")
                    .expect("an own address");
                assert!(
                    items.starts_with(&format!("/collections/{id}/items?")),
                    "{items}"
                );
                assert!(items.contains(asked), "{items}");
                let page = server.get(items).await;
                assert_eq!(page.status, 200, "{items}");
                // The town is small enough that all of it is in these tiles.
                assert_eq!(page.json()["numberMatched"], count["matched"], "{items}");
                followed += 1;
                filtered += usize::from(!asked.is_empty());
            }
        }
    }
    assert!(followed >= 20 && filtered > 5, "{followed}, {filtered}");
    let whole = server
        .get("/collections/parcels/tiles/WebMercatorQuad/15/13384/27431")
        .await;
    assert!(whole.json().get("links").is_none() && whole.headers.get("link").is_none());
}

/// A client that is given the address of a document about tiles gets the tiles that were meant.
#[tokio::test]
async fn documents_about_tiles_hand_the_filter_on() {
    let server = Server::new(support::store());
    let asked = "filter=plot_ratio%3E2%20AND%20name_zh%20LIKE%20%27%25%27";
    let only = "collections=parcels";
    let fill = |template: &str| {
        let filled = template
            .replace("{z}", "15")
            .replace("{x}", "27431")
            .replace("{y}", "13384")
            .replace("{tileMatrix}", "15")
            .replace("{tileRow}", "13384")
            .replace("{tileCol}", "27431");
        filled
            .strip_prefix("http://plan.example")
            .expect("an own address")
            .to_owned()
    };
    let expected = server
        .get(&format!("/tiles/15/27431/13384.mvt?{asked}&{only}"))
        .await;
    assert_eq!(expected.header("buju-number-returned"), "1");
    let tilejson = server
        .get(&format!("/tiles.json?{asked}&{only}"))
        .await
        .json();
    let template = tilejson["tiles"][0].as_str().expect("a template");
    assert_eq!(server.get(&fill(template)).await.body, expected.body);
    assert_eq!(tilejson["vector_layers"].as_array().map(Vec::len), Some(1));
    for document in [
        format!("/tiles/WebMercatorQuad?{asked}&{only}"),
        format!("/collections/parcels/tiles/WebMercatorQuad?{asked}"),
        format!("/tiles?{only}&{asked}"),
        format!("/collections/parcels/tiles?{asked}"),
    ] {
        let json = server.get(&document).await.json();
        let holder = if json["tilesets"].is_array() {
            &json["tilesets"][0]
        } else {
            &json
        };
        let links = holder["links"].as_array().expect("links");
        let templates: Vec<_> = links
            .iter()
            .filter(|link| link["rel"] == "item" && link["templated"] == true)
            .collect();
        assert_eq!(templates.len(), 2, "{document}");
        for link in templates {
            let tile = server
                .get(&fill(link["href"].as_str().expect("a template")))
                .await;
            assert_eq!(tile.status, 200, "{link}");
            assert_eq!(tile.header("content-type"), link["type"], "{link}");
            assert_eq!(tile.header("buju-number-matched"), "1", "{link}");
        }
        let own = links
            .iter()
            .find(|link| link["rel"] == "self")
            .expect("self");
        let own = own["href"].as_str().expect("an address");
        assert!(own.contains(asked), "{own}");
        let page = server.get(&format!("{document}&f=html&lang=en")).await;
        assert_eq!(page.status, 200, "{document}");
    }
    // Braces of a filter in JSON are no variables of the template.
    let json = "filter-lang=cql2-json&filter={%22op%22:%22isNull%22,%22args%22:[{%22property%22:%22id%22}]}";
    let tilejson = server.get(&format!("/tiles.json?{json}")).await.json();
    let template = tilejson["tiles"][0].as_str().expect("a template");
    assert_eq!(template.matches('{').count(), 3, "{template}");
    assert_eq!(server.get(&fill(template)).await.status, 204);
}
