//! Tile matrix sets: their definitions, and tilesets on each.

use std::f64::consts::PI;

use serde_json::Value as Json;

use crate::gdal::{Running, ogrinfo};
use crate::support::{self, Server};

/// As the standards write them: id, CRS, axes, origin, levels, the first and last scale denominator
/// and cell size, tiles of the first level.
struct Standard {
    id: &'static str,
    crs: &'static str,
    axes: [&'static str; 2],
    origin: [f64; 2],
    levels: (u8, u8),
    denominators: (f64, f64),
    cells: (f64, f64),
    first: (u64, u64),
    /// Metres of a unit of the CRS.
    unit: f64,
}

const STANDARDS: [Standard; 3] = [
    // OGC 17-083r4, annex D, and the register of the OGC.
    Standard {
        id: "WebMercatorQuad",
        crs: "http://www.opengis.net/def/crs/EPSG/0/3857",
        axes: ["E", "N"],
        origin: [-20_037_508.342_789_2, 20_037_508.342_789_2],
        levels: (0, 24),
        denominators: (559_082_264.028_717, 33.323_899_747_652_8),
        cells: (156_543.033_928_041, 0.009_330_691_929_342_8),
        first: (1, 1),
        unit: 1.0,
    },
    Standard {
        id: "WorldCRS84Quad",
        crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        axes: ["Lon", "Lat"],
        origin: [-180.0, 90.0],
        levels: (0, 23),
        denominators: (279_541_132.014_358, 33.323_899_747_652_8),
        cells: (0.703_125, 0.000_000_083_819_031_715_39),
        first: (2, 1),
        unit: 6_378_137.0 * PI / 180.0,
    },
    // Level 1 of Tianditu's matrix set `c` has 2 x 1 tiles from 90, -180 and a scale denominator of
    // 295829355.4545656, level 18 one of 2256.998866688275: with 96 pixels per inch, 25.4 / 96 mm,
    // where the OGC's pixel is 0.28 mm wide.
    Standard {
        id: "CGCS2000Quad",
        crs: "http://www.opengis.net/def/crs/EPSG/0/4490",
        axes: ["Lat", "Lon"],
        origin: [90.0, -180.0],
        levels: (1, 20),
        denominators: (
            295_829_355.454_565_6 * 25.4 / 96.0 / 0.28,
            2_256.998_866_688_275 / 4.0 * 25.4 / 96.0 / 0.28,
        ),
        cells: (0.703_125, 0.703_125 / 524_288.0),
        first: (2, 1),
        unit: 6_378_137.0 * PI / 180.0,
    },
];

fn close(found: &Json, expected: f64, within: f64) {
    let found = found.as_f64().expect("a number");
    assert!(
        (found / expected - 1.0).abs() < within,
        "{found}, {expected}"
    );
}

#[tokio::test]
async fn definitions_are_the_standards() {
    let server = Server::new(support::store());
    let all = server.get("/tileMatrixSets").await.json();
    let listed: Vec<_> = all["tileMatrixSets"]
        .as_array()
        .expect("sets")
        .iter()
        .map(|set| set["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(listed, STANDARDS.map(|standard| standard.id));
    for standard in STANDARDS {
        let definition = server
            .get(&format!("/tileMatrixSets/{}", standard.id))
            .await
            .json();
        assert_eq!(definition["id"], standard.id);
        assert_eq!(definition["crs"], standard.crs);
        assert_eq!(definition["orderedAxes"], serde_json::json!(standard.axes));
        let registered = standard.id != "CGCS2000Quad";
        assert_eq!(definition["uri"].is_string(), registered);
        assert_eq!(definition["wellKnownScaleSet"].is_string(), registered);
        let matrices = definition["tileMatrices"].as_array().expect("matrices");
        let (first, last) = standard.levels;
        assert_eq!(matrices.len(), usize::from(last - first) + 1);
        for (matrix, level) in matrices.iter().zip(first..) {
            assert_eq!(matrix["id"], level.to_string());
            let doubled = 1_u64 << (level - first);
            assert_eq!(matrix["matrixWidth"], standard.first.0 * doubled);
            assert_eq!(matrix["matrixHeight"], standard.first.1 * doubled);
            assert_eq!(
                (&matrix["tileWidth"], &matrix["tileHeight"]),
                (&256.into(), &256.into())
            );
            assert_eq!(matrix["cornerOfOrigin"], "topLeft");
            for axis in 0..2 {
                close(&matrix["pointOfOrigin"][axis], standard.origin[axis], 1e-14);
            }
            // OGC 17-083r4: the scale for a pixel of 0.28 mm.
            let cell = matrix["cellSize"].as_f64().expect("a number");
            close(
                &matrix["scaleDenominator"],
                cell * standard.unit / 0.000_28,
                1e-14,
            );
            // The tiles of a level are as wide as the world.
            let world = 2.0 * standard.origin[0].abs().max(standard.origin[1].abs());
            #[expect(clippy::cast_precision_loss, reason = "powers of two")]
            let tiles = (standard.first.0 * doubled) as f64;
            assert!((cell * 256.0 * tiles / world - 1.0).abs() < 1e-14);
        }
        // The national figures have been reckoned with 96 dpi and fewer digits.
        let within = if registered { 1e-12 } else { 1e-6 };
        let ends = [
            (&matrices[0], standard.denominators.0, standard.cells.0),
            (
                &matrices[matrices.len() - 1],
                standard.denominators.1,
                standard.cells.1,
            ),
        ];
        for (matrix, denominator, cell) in ends {
            close(&matrix["scaleDenominator"], denominator, within);
            close(&matrix["cellSize"], cell, 1e-7);
        }
    }
}

/// OGC 20-057, /req/tilesets-list and /req/tileset.
#[tokio::test]
async fn tilesets_have_what_the_standard_asks() {
    let server = Server::new(support::store());
    for parent in ["", "/collections/parcels", "/collections/waters"] {
        let all = server.get(&format!("{parent}/tiles")).await.json();
        let sets = all["tilesets"].as_array().expect("tilesets");
        assert_eq!(sets.len(), STANDARDS.len());
        for (listed, standard) in sets.iter().zip(STANDARDS) {
            let address = format!("{parent}/tiles/{}", standard.id);
            let whole = server.get(&address).await.json();
            for set in [listed, &whole] {
                assert_eq!(
                    (&set["dataType"], &set["crs"]),
                    (&"vector".into(), &standard.crs.into())
                );
                let definition = server
                    .get(&format!("/tileMatrixSets/{}", standard.id))
                    .await
                    .json();
                assert_eq!(
                    set["tileMatrixSetURI"], definition["uri"],
                    "where it is registered"
                );
                let link = |rel: &str| {
                    let mut links = set["links"].as_array().expect("links").iter();
                    let link = links.find(|link| link["rel"] == rel);
                    link.and_then(|link| link["href"].as_str())
                        .expect("an address")
                        .to_owned()
                };
                assert_eq!(link("self"), format!("http://plan.example{address}"));
                let scheme = link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme");
                assert_eq!(
                    scheme,
                    format!("http://plan.example/tileMatrixSets/{}", standard.id)
                );
                let templates = set["links"].as_array().expect("links").iter();
                let templates: Vec<_> = templates.filter(|link| link["rel"] == "item").collect();
                let types = ["application/geo+json", "application/vnd.mapbox-vector-tile"];
                assert_eq!(
                    templates
                        .iter()
                        .map(|link| &link["type"])
                        .collect::<Vec<_>>(),
                    types
                );
                for link in templates {
                    let href = link["href"].as_str().expect("an address");
                    assert_eq!(link["templated"], true);
                    let start = format!(
                        "http://plan.example{address}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f="
                    );
                    assert!(href.starts_with(&start), "{href}");
                }
            }
            let (first, last) = standard.levels;
            let layer = &whole["layers"][0];
            let level = |name: &str| layer[name].as_str().expect("a level").parse::<u8>();
            let range = level("minTileMatrix").expect("a number")
                ..=level("maxTileMatrix").expect("a number");
            assert!(*range.start() >= first && *range.end() == last, "{range:?}");
            assert_eq!(whole["centerPoint"]["crs"], whole["boundingBox"]["crs"]);
        }
    }
    for (page, rel, target) in [
        (
            "/?f=json",
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
            "/tileMatrixSets",
        ),
        (
            "/?f=json",
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            "/tiles",
        ),
        (
            "/collections/parcels",
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            "/collections/parcels/tiles",
        ),
    ] {
        let document = server.get(page).await.json();
        let mut links = document["links"].as_array().expect("links").iter();
        let link = links.find(|link| link["rel"] == rel).expect(rel);
        assert_eq!(link["href"], format!("http://plan.example{target}"));
    }
}

/// Inside the limits of a level are all tiles that have something; beyond them, none exists.
#[tokio::test]
async fn limits_hold_everything_and_little_else() {
    let server = Server::new(support::store());
    for (set, level) in [
        ("WebMercatorQuad", "14"),
        ("WorldCRS84Quad", "13"),
        ("CGCS2000Quad", "14"),
    ] {
        for parent in ["", "/collections/parcels"] {
            let tileset = server.get(&format!("{parent}/tiles/{set}")).await.json();
            let limits = tileset["tileMatrixSetLimits"].as_array().expect("limits");
            let limits = limits.iter().find(|limit| limit["tileMatrix"] == level);
            let limits = limits.expect("the level");
            let number = |name: &str| limits[name].as_i64().expect("a number");
            let (rows, cols) = (
                number("minTileRow")..=number("maxTileRow"),
                number("minTileCol")..=number("maxTileCol"),
            );
            let mut borders = [false; 4];
            let mut located = 0;
            for row in rows.start() - 1..=rows.end() + 1 {
                for col in cols.start() - 1..=cols.end() + 1 {
                    let address = format!("{parent}/tiles/{set}/{level}/{row}/{col}");
                    let tile = server.get(&address).await;
                    let inside = rows.contains(&row) && cols.contains(&col);
                    assert_eq!(tile.status == 200, inside, "{address}");
                    let problem = tile.json();
                    if !inside {
                        let name = if cols.contains(&col) {
                            "tileRow"
                        } else {
                            "tileCol"
                        };
                        assert_eq!(
                            (tile.status.as_u16(), &problem["parameter"]),
                            (404, &name.into())
                        );
                        let vector = server.get(&format!("{address}?f=mvt")).await;
                        assert_eq!(vector.status, 404);
                    } else if problem["numberMatched"] != 0 {
                        located += 1;
                        borders[0] |= row == *rows.start();
                        borders[1] |= row == *rows.end();
                        borders[2] |= col == *cols.start();
                        borders[3] |= col == *cols.end();
                    }
                }
            }
            assert!(located > 0 && borders == [true; 4], "{set}: {borders:?}");
        }
    }
    // Web maps ask for every tile in sight and take an error for one.
    assert_eq!(server.get("/tiles/15/0/0.geojson").await.status, 200);
}

/// The same features on every grid, in CRS84 whatever the grid's CRS.
#[tokio::test]
async fn geojson_tiles_are_in_crs84_on_every_grid() {
    let server = Server::new(support::store());
    // Around the E4 plot, 121.37 E 31.28 N: columns and rows by hand.
    for tile in [
        "WebMercatorQuad/15/13384/27431",
        "WorldCRS84Quad/14/5345/27431",
        "CGCS2000Quad/15/5345/27431",
    ] {
        let answer = server
            .get(&format!("/collections/parcels/tiles/{tile}"))
            .await;
        assert_eq!(answer.status, 200, "{tile}");
        let json = answer.json();
        let features = json["features"].as_array().expect("features");
        let e4 = features
            .iter()
            .find(|feature| feature["id"] == "jinhuan-e4-redevelopment");
        let at = &e4.unwrap_or_else(|| panic!("{tile}: {json}"))["geometry"]["coordinates"][0][0];
        let (lon, lat) = (at[0].as_f64().expect("lon"), at[1].as_f64().expect("lat"));
        assert!(
            (121.3..121.5).contains(&lon) && (31.2..31.4).contains(&lat),
            "{tile}: {at}"
        );
    }
}

#[tokio::test]
async fn what_is_no_tile_is_named() {
    let server = Server::new(support::store());
    for (target, parameter) in [
        ("/tiles/GoogleMaps", "tileMatrixSetId"),
        ("/tiles/worldcrs84quad", "tileMatrixSetId"),
        ("/tiles/Quad/3/1/1", "tileMatrixSetId"),
        ("/collections/parcels/tiles/Quad", "tileMatrixSetId"),
        ("/collections/parcels/tiles/Quad/3/1/1", "tileMatrixSetId"),
        ("/tileMatrixSets/Quad", "tileMatrixSetId"),
        (
            "/collections/nowhere/tiles/CGCS2000Quad/3/1/1",
            "collectionId",
        ),
        ("/tiles/CGCS2000Quad/0/0/0", "tileMatrix"),
        ("/tiles/CGCS2000Quad/21/0/0", "tileMatrix"),
        ("/tiles/WorldCRS84Quad/24/0/0", "tileMatrix"),
        ("/tiles/WebMercatorQuad/25/0/0", "tileMatrix"),
        ("/tiles/WebMercatorQuad/03/1/1", "tileMatrix"),
        ("/tiles/WebMercatorQuad/+3/1/1", "tileMatrix"),
        ("/tiles/WorldCRS84Quad/0/1/0", "tileRow"),
        ("/tiles/WorldCRS84Quad/0/0/2", "tileCol"),
        ("/tiles/CGCS2000Quad/1/1/0", "tileRow"),
        ("/tiles/CGCS2000Quad/1/0/2", "tileCol"),
        ("/tiles/WebMercatorQuad/3/8/0", "tileRow"),
        ("/tiles/WebMercatorQuad/3/0/4294967296", "tileCol"),
        ("/tiles/3/8/0.mvt", "x"),
        ("/tiles/3/0/8.mvt", "y"),
        ("/tiles/25/0/0.mvt", "z"),
    ] {
        let answer = server.get(target).await;
        let problem = answer.json();
        assert_eq!(answer.status, 404, "{target}: {problem}");
        assert_eq!(problem["parameter"], parameter, "{target}: {problem}");
    }
    // The first tile of each level that there is.
    for target in [
        "CGCS2000Quad/1/0/1",
        "WorldCRS84Quad/0/0/1",
        "WebMercatorQuad/0/0/0",
    ] {
        assert_eq!(
            server.get(&format!("/tiles/{target}")).await.status,
            200,
            "{target}"
        );
    }
}

/// GDAL, told a grid, finds its vector tiles where the plan says. Its grids are squares of one tile at
/// level 0: half of one of degrees lies beyond the poles.
#[tokio::test]
async fn gdal_places_vector_tiles_of_every_grid() {
    const ID: &str = "jinhuan-e4-redevelopment";
    let plan = Server::new(support::store());
    let e4 = plan
        .get(&format!("/collections/parcels/items/{ID}"))
        .await
        .json();
    let ring = e4["geometry"]["coordinates"][0].as_array().expect("a ring");
    let degrees = ring
        .iter()
        .map(|at| [0, 1].map(|axis| at[axis].as_f64().expect("a number")));
    let degrees: Vec<_> = degrees.collect();
    let mercator = |[lon, lat]: [f64; 2]| {
        let metres = 6_378_137.0;
        [
            metres * lon.to_radians(),
            metres * lat.to_radians().tan().asinh(),
        ]
    };
    let server = Running::start();
    for (tile, crs, [west, north, world]) in [
        (
            "WebMercatorQuad/15/13384/27431",
            3857,
            [-20_037_508.342_789, 20_037_508.342_789, 40_075_016.685_578],
        ),
        ("WorldCRS84Quad/14/5345/27431", 4326, [-180.0, 90.0, 360.0]),
        ("CGCS2000Quad/15/5345/27431", 4490, [-180.0, 90.0, 360.0]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let metadata = folder.path().join("metadata.json");
        let scheme = serde_json::json!({
            "crs": format!("EPSG:{crs}"),
            "tile_origin_upper_left_x": west,
            "tile_origin_upper_left_y": north,
            "tile_dimension_zoom_0": world,
            "json": "{\"vector_layers\":[{\"id\":\"parcels\",\"fields\":{\"id\":\"String\"}}]}",
        });
        std::fs::write(&metadata, scheme.to_string()).expect("a file");
        let row = tile.rsplit('/').nth(1).expect("a row");
        let answer = ogrinfo(&[
            "-ro",
            "-al",
            "-where",
            &format!("id = '{ID}'"),
            "-oo",
            "X=27431",
            "-oo",
            &format!("Y={row}"),
            "-oo",
            "Z=15",
            "-oo",
            &format!("METADATA_FILE={}", metadata.display()),
            &format!("MVT:/vsicurl/{}/tiles/{tile}?f=mvt", server.base),
        ]);
        assert!(answer.contains(&format!("ID[\"EPSG\",{crs}]]")), "{answer}");
        let shape = answer.split("POLYGON (").nth(1).expect(&answer);
        let shape = shape.split("))").next().unwrap_or_default();
        let shape = shape.trim_start_matches('(');
        let found: Vec<[f64; 2]> = shape
            .split(',')
            .map(|at| {
                let mut numbers = at.split_whitespace().map(|n| n.parse().expect("a number"));
                [0, 1].map(|_| numbers.next().expect("two numbers"))
            })
            .collect();
        let expected = degrees.iter().copied();
        let expected: Vec<_> = match crs {
            3857 => expected.map(mercator).collect(),
            _ => expected.collect(),
        };
        let unit = world / 32_768.0 / 4096.0;
        for axis in 0..2 {
            for pick in [f64::min as fn(f64, f64) -> f64, f64::max] {
                let end =
                    |of: &[[f64; 2]]| of.iter().map(|at| at[axis]).reduce(pick).expect("corners");
                let off = (end(&found) - end(&expected)).abs() / unit;
                assert!(off <= 3.0, "{tile}: {off} units off");
            }
        }
    }
}
