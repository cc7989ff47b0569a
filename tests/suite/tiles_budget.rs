//! Full tiles: what is too small or too many is merged, and the picture stays right.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use buju::crs::Crs;
use buju::encode;
use buju::ingest::Loaded;
use buju::model::{ColumnType, TileBudget, Value};
use buju::query::{Query, Window};
use buju::snapshot::Snapshot;
use buju::store::Store;
use buju::tile::{EXTENT, Grid, TileCoord, TileLayer, TileMatrixSet};
use geo::{
    Area, Coord, GeodesicArea, Geometry, LineString, MultiPolygon, Polygon, Rect, Validation, coord,
};

use crate::support::{self, Server};
use crate::tiles::{in_set, whole};

const CLASSES: [&str; 4] = ["A", "B", "C", "D"];

/// A square of plots, each 0.0003 degrees wide, of classes in blocks.
fn town(side: u32) -> Loaded {
    let columns = vec![
        support::column("use", ColumnType::String, false),
        support::column("number", ColumnType::Number, false),
    ];
    let rows = (0..side * side).map(|n| {
        let (i, j) = (n % side, n / side);
        let low = coord! { x: 121.2 + f64::from(i) * 4e-4, y: 31.2 + f64::from(j) * 4e-4 };
        let plot = Rect::new(low, low + coord! { x: 3e-4, y: 3e-4 }).to_polygon();
        let class = CLASSES[(i / 7 + j / 5 * 3) as usize % 4 * usize::from(n % 11 > 0)];
        let values = vec![Value::Text(class.to_owned()), Value::Number(f64::from(n))];
        (Some(Geometry::Polygon(plot)), values)
    });
    let mut loaded = support::loaded(columns, rows.collect());
    loaded.collections[0].0.style.class_column = Some("use".to_owned());
    loaded
}

fn store(loaded: Loaded) -> Store {
    Store::new(Snapshot::build(loaded, Vec::new()))
}

fn accounted(layer: &TileLayer) {
    assert_eq!(
        layer.matched,
        layer.shown() + layer.merged + layer.too_small + layer.thinned + layer.below_min_zoom
    );
    let counts = layer.merged_features.iter().map(|feature| feature.count);
    assert_eq!(layer.merged, counts.sum::<usize>());
}

fn polygons(geometry: &Geometry<i32>) -> MultiPolygon<f64> {
    let floats = |at: Coord<i32>| coord! { x: f64::from(at.x), y: f64::from(at.y) };
    match geo::MapCoords::map_coords(geometry, floats) {
        Geometry::Polygon(polygon) => polygon.into(),
        Geometry::MultiPolygon(polygons) => polygons,
        other => panic!("{other:?}"),
    }
}

/// From the world to the town: every tile is small, says what it did, and its colours have the shares
/// that they have in the data.
#[test]
fn low_zooms_keep_the_picture() {
    const SIDE: u32 = 300;
    let store = store(town(SIDE));
    let plots = (SIDE * SIDE) as usize;
    let middle = 121.2 + 2e-4 * f64::from(SIDE);
    for zoom in 0..=12 {
        let tile = in_set(
            TileMatrixSet::WebMercatorQuad,
            zoom,
            middle,
            31.2 + 2e-4 * f64::from(SIDE),
        );
        let cut = bounded("a tile", || whole(&store, tile, Grid::Units));
        let bytes = encode::mvt(&cut);
        assert!(bytes.len() < 500_000, "zoom {zoom}: {}", bytes.len());
        let layer = &cut.layers[0];
        accounted(layer);
        assert!(layer.merged > 0, "zoom {zoom} is empty");
        let degrees = whole(&store, tile, Grid::Degrees);
        accounted(&degrees.layers[0]);
        assert_eq!(degrees.layers[0].merged, layer.merged);
        assert_eq!(degrees.layers[0].merged_features, layer.merged_features);
        let text = encode::tile_geojson(&degrees, &[]);
        assert!(
            zoom > 11 || text.len() < 500_000,
            "zoom {zoom}: {}",
            text.len()
        );
        // Drawn areas against the data's, by class.
        let (mut drawn, mut stated): (HashMap<String, f64>, f64) = (HashMap::new(), 0.0);
        for (at, feature) in layer.merged_features.iter().enumerate() {
            let shape = polygons(&layer.merged_shapes.get(at).to_geometry());
            if feature.count < 3000 {
                assert!(shape.is_valid(), "{:?}", shape.check_validation());
            }
            let Value::Text(class) = &feature.class else {
                panic!("no class");
            };
            *drawn.entry(class.clone()).or_default() += shape.unsigned_area();
            stated += feature.area_m2;
        }
        if layer.merged == plots && zoom >= 7 {
            let plot = Rect::new(
                coord! { x: 121.2, y: 31.2 },
                coord! { x: 121.2003, y: 31.2003 },
            );
            let expected = plot.to_polygon().geodesic_area_unsigned() * f64::from(SIDE * SIDE);
            assert!(
                (stated / expected - 1.0).abs() < 2e-3,
                "{stated} of {expected} m²"
            );
            let unit = 40_075_016.7 / f64::from(EXTENT) / f64::from(1_u32 << zoom);
            let scale = 31.26_f64.to_radians().cos() * unit;
            let seen: f64 = drawn.values().sum::<f64>() * scale * scale;
            let unit_share = 16.0 / drawn.values().sum::<f64>();
            assert!(
                (seen / expected - 1.0).abs() < 0.02 + unit_share,
                "zoom {zoom}: {seen} of {expected}"
            );
            let total: f64 = drawn.values().sum();
            let mut counts: HashMap<&str, f64> = HashMap::new();
            for n in 0..SIDE * SIDE {
                let (i, j) = (n % SIDE, n / SIDE);
                let class = CLASSES[(i / 7 + j / 5 * 3) as usize % 4 * usize::from(n % 11 > 0)];
                *counts.entry(class).or_default() += 1.0 / f64::from(SIDE * SIDE);
            }
            for (class, share) in counts {
                assert!(
                    (drawn[class] / total - share).abs() < 0.01 + unit_share,
                    "zoom {zoom}: {class}"
                );
            }
        }
    }
}

/// A city and what else there may be: plots of many sizes, points, lines, what has no area, and a
/// feature that is strewn over all of it.
fn city() -> Loaded {
    const SIDE: u32 = 540;
    let columns = vec![support::column("use", ColumnType::String, false)];
    let place = |n: u32| {
        let (i, j) = (f64::from(n % SIDE), f64::from(n / SIDE));
        coord! { x: 121.1 + i * 7e-4, y: 31.05 + j * 5e-4 }
    };
    let square =
        |low: Coord<f64>, side: f64| Rect::new(low, low + coord! { x: side, y: side }).to_polygon();
    let mut rows: Vec<_> = (0..SIDE * SIDE)
        .map(|n| {
            let low = place(n);
            let shape = match n % 1009 {
                1 => Geometry::Point(low.into()),
                2 => LineString::from(vec![low, low + coord! { x: 2e-3, y: 1e-3 }]).into(),
                3 => square(low, 0.0).into(),
                4 => square(low, 0.02).into(),
                5 => square(low, 2e-3).into(),
                more => square(low, 1e-4 * f64::from(more % 5 + 1)).into(),
            };
            let class = CLASSES[(n / 7 % 4) as usize];
            (Some(shape), vec![Value::Text(class.to_owned())])
        })
        .collect();
    let strewn = (0..40).map(|n| square(place(n * 7_001), 3e-4)).collect();
    let strewn = Geometry::MultiPolygon(MultiPolygon::new(strewn));
    rows.push((Some(strewn), vec![Value::Null]));
    rows.push((None, vec![Value::Null]));
    let mut loaded = support::loaded(columns, rows);
    loaded.collections[0].0.style.class_column = Some("use".to_owned());
    loaded
}

/// Low zooms of a city are made of sums; a query that asks for every row in words is answered row by
/// row. Both match, show and merge the same, wherever the tile's border runs.
#[test]
fn sums_are_those_of_rows() {
    let store = store(city());
    let world = Window::parse("-180,-90,180,90", Crs::Crs84).expect("a box");
    let in_words = Query {
        bbox: Some(world),
        ..Query::default()
    };
    let counted = |layer: &TileLayer| {
        let mut classes: BTreeMap<String, (usize, f64)> = BTreeMap::new();
        for feature in &layer.merged_features {
            let key = format!("{:?} {}", feature.class, feature.area_m2 > 0.0);
            let (count, area) = classes.entry(key).or_default();
            *count += feature.count;
            *area += feature.area_m2;
        }
        classes
    };
    let mut merged = 0;
    for set in TileMatrixSet::ALL {
        for zoom in 1..=12 {
            for place in [
                (121.3, 31.2),
                (121.1, 31.05),
                (121.47, 31.31),
                (121.29, 31.0),
            ] {
                let tile = in_set(set, zoom, place.0, place.1);
                let fast = bounded(&format!("{tile}"), || whole(&store, tile, Grid::Units));
                let slow = store
                    .tile(tile, Grid::Units, |_| Some(&in_words))
                    .expect("no limit");
                let (a, b) = (&fast.layers[0], &slow.layers[0]);
                accounted(a);
                accounted(b);
                assert_eq!(a.matched, b.matched, "{tile}");
                assert_eq!(a.merged, b.merged, "{tile}");
                assert_eq!(a.too_small, b.too_small, "{tile}");
                let rows =
                    |layer: &TileLayer| layer.rows().map(|(row, ..)| row).collect::<Vec<_>>();
                assert_eq!(rows(a), rows(b), "{tile}");
                let (a, b) = (counted(a), counted(b));
                assert!(a.keys().eq(b.keys()), "{tile}");
                for ((count, area), (other, other_area)) in a.values().zip(b.values()) {
                    assert_eq!(count, other, "{tile}");
                    assert!((area / other_area.max(1.0) - 1.0).abs() < 1e-3 || *area == 0.0);
                    merged += count;
                }
                let text = encode::tile_geojson(&whole(&store, tile, Grid::Degrees), &[]);
                assert!(zoom > 11 || text.len() < 500_000, "{tile}: {}", text.len());
            }
        }
    }
    assert!(merged > 5_000_000);
}

/// A class with little area is shown as a unit; each class in a place of its own.
#[test]
fn the_world_shows_a_city() {
    let store = store(town(120));
    let world = whole(
        &store,
        in_set(TileMatrixSet::WebMercatorQuad, 0, 121.2, 31.2),
        Grid::Units,
    );
    let layer = &world.layers[0];
    assert_eq!(
        (layer.matched, layer.merged, layer.too_small),
        (14_400, 14_400, 0)
    );
    let classes: BTreeSet<_> = layer
        .merged_features
        .iter()
        .map(|f| f.class.to_string())
        .collect();
    assert_eq!(classes.len(), CLASSES.len());
    let shapes: BTreeSet<_> = (0..layer.merged_features.len())
        .map(|at| format!("{:?}", layer.merged_shapes.get(at).to_geometry()))
        .collect();
    assert_eq!(shapes.len(), CLASSES.len());
}

/// A collection of points thins out in the same way.
#[test]
fn points_are_merged_where_they_are_many() {
    let rows = (0..60_000_u32).map(|n| {
        let at =
            coord! { x: 121.2 + f64::from(n % 300) * 1e-4, y: 31.2 + f64::from(n / 300) * 1e-4 };
        (Some(Geometry::Point(at.into())), Vec::new())
    });
    let store = support::made_up(Vec::new(), rows.collect());
    for zoom in [3, 10, 12] {
        let tile = in_set(TileMatrixSet::WebMercatorQuad, zoom, 121.215, 31.21);
        for grid in [Grid::Units, Grid::Degrees] {
            let cut = whole(&store, tile, grid);
            let layer = &cut.layers[0];
            accounted(layer);
            assert!(layer.merged > 20_000 && layer.shown() == 0);
            assert_eq!(layer.merged_features.len(), 1);
            assert!(encode::mvt(&cut).len() < 500_000);
        }
    }
}

/// The plan says how much a tile holds, and the tileset tells it.
#[tokio::test]
async fn the_budget_is_the_plans() {
    let mut loaded = town(40);
    loaded.plan.tiles = TileBudget {
        features: 100,
        bytes: 20_000,
    };
    let tile = in_set(TileMatrixSet::WebMercatorQuad, 14, 121.205, 31.205);
    let roomy = store(town(40));
    assert_eq!(whole(&roomy, tile, Grid::Units).merged(), 0);
    let small = store(loaded);
    let cut = whole(&small, tile, Grid::Units);
    accounted(&cut.layers[0]);
    assert!(cut.merged() > 100 && cut.returned() == 0);
    assert!(encode::mvt(&cut).len() < 20_000);
    let merged = cut.merged();
    let server = Server::new(small);
    for document in ["/tiles.json", "/tiles/WebMercatorQuad"] {
        let budget = server.get(document).await.json()["tileBudget"].clone();
        assert_eq!(
            budget,
            serde_json::json!({ "features": 100, "bytes": 20_000 })
        );
    }
    let address = format!("/tiles/14/{}/{}", tile.x(), tile.y());
    let json = server.get(&format!("{address}.geojson")).await;
    assert_eq!(json.header("buju-number-merged"), merged.to_string());
    assert!(
        json.header("link")
            .contains("/collections/shapes/items?bbox=")
    );
    let features = json.json()["features"]
        .as_array()
        .expect("features")
        .clone();
    let counts = features.iter().map(|feature| {
        let properties = &feature["properties"];
        assert!(
            properties["merged"] == true && feature.get("id").is_none(),
            "{feature}"
        );
        assert!(CLASSES.contains(&properties["use"].as_str().expect("a class")));
        properties["count"].as_u64().expect("a count")
    });
    assert_eq!(counts.sum::<u64>(), merged as u64);
    let vector = server.get(&format!("{address}.mvt")).await;
    assert_eq!(vector.header("buju-number-merged"), merged.to_string());
}

/// Within the time that a request may take, on the slowest machine: no more is told of speed here.
fn bounded<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let out = work();
    let took = start.elapsed();
    assert!(took < Duration::from_secs(30), "{what} took {took:?}");
    out
}

fn all_zooms(what: &str, store: &Store, at: (f64, f64)) -> usize {
    let mut shown = 0;
    for set in TileMatrixSet::ALL {
        for zoom in 1..=20 {
            let tile = in_set(set, zoom, at.0, at.1);
            for grid in [Grid::Units, Grid::Degrees] {
                bounded(&format!("{what} {tile}"), || {
                    let cut = whole(store, tile, grid);
                    accounted(&cut.layers[0]);
                    shown += cut.returned() + cut.merged();
                    let bytes = match grid {
                        Grid::Units => encode::mvt(&cut),
                        Grid::Degrees => encode::tile_geojson(&cut, &[]),
                    };
                    assert!(bytes.len() < 8_000_000, "{what} {tile}: {}", bytes.len());
                });
            }
        }
    }
    shown
}

#[test]
fn a_parcel_of_200_000_vertices() {
    let ring: LineString<f64> = (0..=200_000_u32)
        .map(|step| {
            let angle = std::f64::consts::TAU * f64::from(step % 200_000) / 200_000.0;
            let radius = 0.03 * (1.0 + 0.2 * (angle * 900.0).sin());
            (121.3 + radius * angle.cos(), 31.2 + radius * angle.sin())
        })
        .collect();
    let rows = vec![(
        Some(Geometry::Polygon(Polygon::new(ring, Vec::new()))),
        Vec::new(),
    )];
    let store = bounded("loading", || support::made_up(Vec::new(), rows));
    // Its middle, and its border.
    assert!(all_zooms("inside", &store, (121.3, 31.2)) > 100);
    assert!(all_zooms("border", &store, (121.33, 31.2)) > 100);
}

#[test]
fn a_multipolygon_over_the_town() {
    let part = |n: u32| {
        let low =
            coord! { x: 121.2 + f64::from(n % 200) * 1e-3, y: 31.1 + f64::from(n / 200) * 1e-3 };
        Rect::new(low, low + coord! { x: 5e-4, y: 5e-4 }).to_polygon()
    };
    let parts = MultiPolygon::new((0..40_000).map(part).collect());
    let store = bounded("loading", || {
        support::made_up(
            Vec::new(),
            vec![(Some(Geometry::MultiPolygon(parts)), Vec::new())],
        )
    });
    assert!(all_zooms("scattered", &store, (121.3, 31.2)) > 100);
    // Between its parts, and within its box, there is nothing.
    let gap = in_set(TileMatrixSet::WebMercatorQuad, 22, 121.30075, 31.20075);
    assert_eq!(whole(&store, gap, Grid::Units).matched(), 0);
}

#[test]
fn a_hundred_thousand_identical_boxes() {
    let plot = Rect::new(
        coord! { x: 121.3, y: 31.2 },
        coord! { x: 121.301, y: 31.201 },
    )
    .to_polygon();
    let rows = (0..100_000).map(|_| (Some(Geometry::Polygon(plot.clone())), Vec::new()));
    let store = bounded("loading", || support::made_up(Vec::new(), rows.collect()));
    assert!(all_zooms("identical", &store, (121.3005, 31.2005)) > 100);
}

#[test]
fn the_ends_of_the_world_and_what_has_no_area() {
    let square = |x: f64, y: f64, size: f64| {
        Geometry::Polygon(
            Rect::new(coord! { x: x, y: y }, coord! { x: x + size, y: y + size }).to_polygon(),
        )
    };
    let line = |from: (f64, f64), to: (f64, f64)| {
        Geometry::Polygon(Polygon::new(
            LineString::from(vec![from, to, from, from]),
            Vec::new(),
        ))
    };
    let rows = [
        square(179.0, 10.0, 1.0),
        square(-180.0, 10.0, 1.0),
        square(10.0, 89.0, 1.0),
        square(-10.0, -90.0, 1.0),
        Geometry::Polygon(
            Rect::new(coord! { x: -180.0, y: -90.0 }, coord! { x: 180.0, y: 90.0 }).to_polygon(),
        ),
        Geometry::Point((180.0, 90.0).into()),
        Geometry::Point((-180.0, -90.0).into()),
        line((121.3, 31.2), (121.4, 31.2)),
        line((121.3, 31.2), (121.3, 31.2)),
    ];
    let rows = rows.into_iter().map(|shape| (Some(shape), Vec::new()));
    let store = support::made_up(Vec::new(), rows.collect());
    for at in [
        (179.99, 10.5),
        (-179.99, 10.5),
        (121.3, 31.2),
        (10.5, 84.9),
        (-9.5, -84.9),
    ] {
        assert!(all_zooms("the ends", &store, at) > 100);
    }
    for set in [TileMatrixSet::WorldCrs84Quad, TileMatrixSet::Cgcs2000Quad] {
        for z in [1, 8, 18] {
            let corner = TileCoord::new(set, z, set.columns(z) - 1, 0).expect("a tile");
            assert!(
                whole(&store, corner, Grid::Degrees).returned() >= 2,
                "{corner}"
            );
        }
    }
}

#[tokio::test]
async fn a_property_of_a_megabyte() {
    let long: String = "规划 \"E4\"\n".chars().cycle().take(700_000).collect();
    let columns = vec![support::column("story", ColumnType::String, true)];
    let rows = (0..3).map(|at| {
        let low = coord! { x: 121.3 + 0.001 * f64::from(at), y: 31.2 };
        let plot = Rect::new(low, low + coord! { x: 0.001, y: 0.001 }).to_polygon();
        let text = format!("{at} {long}");
        (Some(Geometry::Polygon(plot)), vec![Value::Text(text)])
    });
    let store = bounded("loading", || support::made_up(columns, rows.collect()));
    assert!(all_zooms("megabytes", &store, (121.3005, 31.2005)) > 100);
    let server = Server::new(store);
    let item = server.get("/collections/shapes/items/00001").await;
    assert_eq!(item.json()["properties"]["story"], format!("1 {long}"));
    let close = in_set(TileMatrixSet::WebMercatorQuad, 19, 121.3005, 31.2005);
    let (x, y) = (close.x(), close.y());
    let tile = server.get(&format!("/tiles/19/{x}/{y}.geojson")).await;
    let shown = &tile.json()["features"][0];
    assert_eq!(shown["id"], "00000");
    assert_eq!(shown["properties"]["story"], format!("0 {long}"));
}
