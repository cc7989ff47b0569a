//! Tiles against brute force, and against each other.

use buju::encode;
use buju::query::Query;
use buju::store::Store;
use buju::tile::{EXTENT, Grid, Tile, TileCoord, TileFeature, TileMatrixSet};
use geo::{
    Area, BooleanOps, BoundingRect, Contains, Coord, Distance, Euclidean, Geometry, Length,
    LineString, MultiPolygon, Polygon, Rect, Relate, Validation, coord,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support;

/// A star-shaped ring around a centre: never crosses itself.
fn star(center: Coord<f64>, radii: &[f64], scale: f64) -> LineString<f64> {
    let count = radii.len();
    let mut points: Vec<_> = radii
        .iter()
        .enumerate()
        .map(|(at, radius)| {
            #[expect(clippy::cast_precision_loss, reason = "a few corners")]
            let angle = std::f64::consts::TAU * at as f64 / count as f64;
            center + coord! { x: angle.cos(), y: angle.sin() } * (radius * scale)
        })
        .collect();
    points.extend(points.first().copied());
    LineString::new(points)
}

fn polygon() -> impl Strategy<Value = Polygon<f64>> {
    let center = (121.2..121.6f64, 31.1..31.5f64);
    // From ten metres to some tens of kilometres.
    (
        center,
        vec(0.3..1.0f64, 3..40),
        -4.0..-0.7f64,
        any::<bool>(),
    )
        .prop_map(|((x, y), radii, size, holed)| {
            let center = coord! { x: x, y: y };
            let scale = 10f64.powf(size);
            let hole = star(center, &radii, scale * 0.3)
                .0
                .into_iter()
                .rev()
                .collect();
            Polygon::new(
                star(center, &radii, scale),
                if holed { vec![hole] } else { Vec::new() },
            )
        })
}

/// Points, lines, polygons, some with parts.
pub fn shape() -> impl Strategy<Value = Geometry<f64>> {
    let place = || (121.0..121.8f64, 31.0..31.8f64);
    let line = || vec(place(), 2..12).prop_map(LineString::from);
    prop_oneof![
        2 => place().prop_map(|at| Geometry::Point(at.into())),
        1 => vec(place(), 2..5).prop_map(|at| Geometry::MultiPoint(at.into())),
        3 => line().prop_map(Geometry::LineString),
        1 => vec(line(), 2..4).prop_map(|lines| Geometry::MultiLineString(geo::MultiLineString::new(lines))),
        6 => polygon().prop_map(Geometry::Polygon),
        1 => polygon().prop_map(|part| {
            // A second part far enough to the east never touches the first.
            let width = part.bounding_rect().map_or(0.0, geo::Rect::width);
            let other = geo::Translate::translate(&part, width * 1.5, 0.0);
            Geometry::MultiPolygon(MultiPolygon::new(vec![part, other]))
        }),
    ]
}

/// A tile near the shapes, at any zoom of any tile matrix set.
pub fn tile() -> impl Strategy<Value = TileCoord> {
    let set = prop::sample::select(TileMatrixSet::ALL.to_vec());
    (set, 1u8..=18, 121.1..121.7f64, 31.05..31.6f64)
        .prop_map(|(set, zoom, lon, lat)| in_set(set, zoom, lon, lat))
}

fn at(zoom: u8, lon: f64, lat: f64) -> TileCoord {
    in_set(TileMatrixSet::WebMercatorQuad, zoom, lon, lat)
}

/// The tile of a set at a place, where the world is 2^zoom tiles wide.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "inside the matrix"
)]
pub fn in_set(set: TileMatrixSet, zoom: u8, lon: f64, lat: f64) -> TileCoord {
    let side = f64::from(1u32 << zoom);
    let x = (lon / 360.0 + 0.5) * side;
    let mercator = 0.5 - lat.to_radians().tan().asinh() / std::f64::consts::TAU;
    let (level, y) = match set {
        TileMatrixSet::WebMercatorQuad => (zoom, mercator),
        TileMatrixSet::WorldCrs84Quad => (zoom - 1, (90.0 - lat) / 360.0),
        TileMatrixSet::Cgcs2000Quad => (zoom, (90.0 - lat) / 360.0),
    };
    TileCoord::new(set, level, x as u32, (y * side) as u32).expect("inside the matrix")
}

/// A tile of everything.
pub fn whole(store: &Store, tile: TileCoord, grid: Grid) -> Tile<'_> {
    let every = Query::default();
    store.tile(tile, grid, |_| Some(&every)).expect("no limit")
}

/// A position on a vector tile's grid in degrees.
fn to_degrees(tile: TileCoord, at: Coord<i32>) -> Coord<f64> {
    let side = f64::from(1u32 << tile.zoom());
    let x = (f64::from(tile.x()) + f64::from(at.x) / f64::from(EXTENT)) / side;
    let y = (f64::from(tile.y()) + f64::from(at.y) / f64::from(EXTENT)) / side;
    let lat = match tile.set() {
        TileMatrixSet::WebMercatorQuad => {
            let angle: f64 = (0.5 - y) * std::f64::consts::TAU;
            angle.sinh().atan().to_degrees()
        }
        _ => 90.0 - y * 360.0,
    };
    coord! { x: (x - 0.5) * 360.0, y: lat }
}

fn store_of(shapes: &[Geometry<f64>]) -> Store {
    support::made_up(
        Vec::new(),
        shapes
            .iter()
            .map(|shape| (Some(shape.clone()), Vec::new()))
            .collect(),
    )
}

/// One unit of the tile's 4096 grid, in degrees of longitude (never less than that of latitude).
fn unit(zoom: u8) -> f64 {
    360.0 / (f64::from(EXTENT) * f64::from(1u32 << zoom))
}

fn geojson(store: &Store, tile: TileCoord) -> Vec<(String, Geometry<f64>)> {
    let bytes = encode::tile_geojson(&whole(store, tile, Grid::Degrees), &[]);
    let collection: geojson::FeatureCollection = String::from_utf8(bytes)
        .expect("UTF-8")
        .parse()
        .expect("a feature collection");
    collection
        .features
        .into_iter()
        .filter(|feature| feature.property("merged").is_none())
        .map(|feature| {
            let Some(geojson::feature::Id::String(id)) = feature.id else {
                panic!("no id")
            };
            (
                id,
                feature
                    .geometry
                    .expect("a geometry")
                    .try_into()
                    .expect("a shape"),
            )
        })
        .collect()
}

fn parts(geometry: &Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => Some(polygon.clone().into()),
        Geometry::MultiPolygon(polygons) => Some(polygons.clone()),
        _ => None,
    }
}

fn perimeter(shape: &MultiPolygon<f64>) -> f64 {
    let rings = shape
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    rings.map(|ring| Euclidean.length(ring)).sum()
}

proptest! {
    /// What a tile matches is what meets its box by DE-9IM over all features; what it shows and what
    /// it says it left out add up to that.
    #[test]
    fn content_equals_brute_force(shapes in vec(shape(), 1..40), tile in tile()) {
        let store = store_of(&shapes);
        let window = Geometry::from(tile.buffered().to_polygon());
        let expected: Vec<_> = shapes
            .iter()
            .enumerate()
            .filter(|(_, shape)| shape.relate(&window).is_intersects())
            .map(|(at, _)| format!("{at:05}"))
            .collect();
        for grid in [Grid::Degrees, Grid::Units] {
            let cut = whole(&store, tile, grid);
            let layer = &cut.layers[0];
            prop_assert_eq!(layer.matched, expected.len());
            prop_assert_eq!(layer.matched, layer.shown() + layer.merged + layer.too_small);
            let counts = layer.merged_features.iter().map(|feature| feature.count);
            prop_assert_eq!(layer.merged, counts.sum::<usize>());
            let shown: Vec<_> = layer.features().into_iter().map(|feature| feature.id.to_string()).collect();
            prop_assert!(shown.iter().all(|id| expected.contains(id)));
            if tile.zoom() >= 14 {
                // Ten metres are more than a grid unit here: only slivers at the border are lost.
                for id in expected.iter().filter(|id| !shown.contains(id)) {
                    let shape = &shapes[id.parse::<usize>().expect("a number")];
                    prop_assert!(seen_inside(shape, &window) < 3.0 * unit(tile.zoom()), "{} vanished", id);
                }
            }
        }
    }

    /// Polygons leave the server valid, inside the tile and its buffer, and where they belong.
    #[test]
    fn polygons_are_valid_and_in_place(shapes in vec(polygon(), 1..8), tile in tile()) {
        let shapes: Vec<_> = shapes.into_iter().map(Geometry::Polygon).collect();
        let store = store_of(&shapes);
        let window = tile.buffered();
        let slack = unit(tile.zoom());
        for (id, shown) in geojson(&store, tile) {
            prop_assert!(shown.is_valid(), "{}: {:?}", id, shown.check_validation());
            let bounds = shown.bounding_rect().expect("a box");
            prop_assert!(
                bounds.min().x >= window.min().x - slack && bounds.max().x <= window.max().x + slack
                    && bounds.min().y >= window.min().y - slack && bounds.max().y <= window.max().y + slack
            );
            let shown = parts(&shown).expect("a polygon");
            prop_assert!(shown.iter().all(|p| geo::Winding::is_ccw(p.exterior())), "right-hand rule");
            let source = parts(&shapes[id.parse::<usize>().expect("a number")]).expect("a polygon");
            let expected = source.intersection(&MultiPolygon::from(window.to_polygon()));
            // Two units of simplification and one of rounding along every border.
            let most = 3.0 * unit(tile.zoom()) * (perimeter(&expected) + perimeter(&shown)) + 9.0 * unit(tile.zoom()).powi(2);
            let apart = expected.xor(&shown).unsigned_area();
            prop_assert!(apart <= most, "{} differs by {} of at most {}", id, apart, most);
        }
        for feature in &whole(&store, tile, Grid::Units).layers[0].features() {
            let shown = as_floats(feature);
            prop_assert!(shown.is_valid(), "{}: {:?}", feature.id, shown.check_validation());
        }
    }

    /// Around their common border two tiles show the same: both round the same simplified shape, each
    /// by at most half a diagonal of the degrees grid, which is a quarter of the unit.
    #[test]
    fn neighbours_meet_without_gaps(
        shape in polygon(),
        set in prop::sample::select(TileMatrixSet::ALL.to_vec()),
        z in 8u8..=17,
        share in 0.1..0.9f64,
    ) {
        let bounds = shape.bounding_rect().expect("a box");
        let middle = bounds.min() + (bounds.max() - bounds.min()) * share;
        let left = in_set(set, z, middle.x, middle.y);
        let right = TileCoord::new(set, left.z(), left.x() + 1, left.y()).expect("a neighbour");
        let store = store_of(&[Geometry::Polygon(shape)]);
        let border = left.bounds().max();
        let half_buffer = coord! { x: 64.0 * unit(z), y: 0.0 };
        let strip = Rect::new(border - half_buffer, left.bounds().min() + coord! { x: left.bounds().width(), y: 0.0 } + half_buffer);
        let strip = MultiPolygon::from(strip.to_polygon());
        let seen = |tile| {
            let shown = geojson(&store, tile);
            let shown = shown.first().and_then(|(_, shape)| parts(shape));
            shown.unwrap_or(MultiPolygon::new(Vec::new())).intersection(&strip)
        };
        let (a, b) = (seen(left), seen(right));
        let most = 0.36 * unit(z) * (perimeter(&a) + perimeter(&b)) + unit(z).powi(2);
        prop_assert!(a.xor(&b).unsigned_area() <= most, "{:?} and {:?}", a, b);
    }

    /// Decoded vector tiles equal decoded GeoJSON tiles within the grid.
    #[test]
    fn formats_agree(shapes in vec(shape(), 1..12), tile in tile()) {
        agree(&shapes, tile)?;
    }
}

/// A sixth of a unit long, on the border of two units and in one cell of the finer grid.
#[test]
fn a_line_that_only_the_coarser_grid_shows_is_counted_in_the_other() {
    let ends = [
        (121.052_348_482_061_6, 31.022_282_175_087_486),
        (121.045_912_404_617_72, 31.015_601_846_734_217),
    ];
    let line = LineString::from(ends.to_vec());
    let tile = TileCoord::new(TileMatrixSet::WebMercatorQuad, 1, 1, 0).expect("a tile");
    agree(&[line.into()], tile).expect("both formats agree");
}

fn agree(shapes: &[Geometry<f64>], tile: TileCoord) -> Result<(), TestCaseError> {
    let store = store_of(shapes);
    let window = Geometry::from(tile.buffered().to_polygon());
    let degrees: Vec<_> = geojson(&store, tile);
    let (fine, coarse) = (
        whole(&store, tile, Grid::Degrees),
        whole(&store, tile, Grid::Units),
    );
    let decoded = decoded(&encode::mvt(&coarse));
    // The finer grid shows slivers that the other cannot; and the other what is smaller than a cell of either, where it
    // lies on the border of two. What one of them does not show, it counts.
    let (only_fine, only_coarse) = (missing(&degrees, &decoded), missing(&decoded, &degrees));
    let counted = |tile: &Tile| tile.layers[0].too_small + tile.layers[0].merged;
    prop_assert!(only_fine.len() <= counted(&coarse) && only_coarse.len() <= counted(&fine));
    for id in only_coarse {
        let source = &shapes[id.parse::<usize>().expect("a number")];
        prop_assert!(
            seen_inside(source, &window) < 3.0 * unit(tile.zoom()),
            "{} is shown in one format",
            id
        );
    }
    let decoded = decoded
        .iter()
        .filter(|(id, _)| degrees.iter().any(|(other, _)| other == id));
    for (id, shape) in decoded {
        let shape: Geometry<f64> = geo::MapCoords::map_coords(shape, |at| to_degrees(tile, at));
        let (_, other) = degrees
            .iter()
            .find(|(other, _)| other == id)
            .expect("in both");
        let (a, b) = (
            shape.bounding_rect().expect("a box"),
            other.bounding_rect().expect("a box"),
        );
        for (a, b) in [(a.min(), b.min()), (a.max(), b.max())] {
            prop_assert!(
                (a.x - b.x).abs() <= 6.0 * unit(tile.zoom())
                    && (a.y - b.y).abs() <= 6.0 * unit(tile.zoom()),
                "{}: {:?} {:?}",
                id,
                a,
                b
            );
        }
    }
    Ok(())
}

proptest! {
    /// Vector tiles have the vertices of their sources, projected and rounded: of points all, of
    /// lines and polygons no other ones than near their lines.
    #[test]
    fn vector_tiles_are_the_projected_sources(shapes in vec(shape(), 1..12), tile in tile()) {
        let store = store_of(&shapes);
        let edge = i32::from(buju::tile::BUFFER) - 1;
        let inside = |at: &Coord<i32>| {
            let range = -edge..i32::from(EXTENT) + edge;
            range.contains(&at.x) && range.contains(&at.y)
        };
        let decoded = decoded(&encode::mvt(&whole(&store, tile, Grid::Units)));
        for (id, shape) in &decoded {
            let source = &shapes[id.parse::<usize>().expect("a number")];
            for at in geo::CoordsIter::coords_iter(shape).filter(inside) {
                let at = geo::Point(to_degrees(tile, at));
                let off = off_line(source, at);
                // Half a diagonal of rounding, and two of simplification.
                prop_assert!(off <= 2.8 * unit(tile.zoom()), "{id}: {off}");
            }
        }
        for (at, shape) in shapes.iter().enumerate() {
            let Geometry::Point(point) = shape else { continue };
            let inside = tile.buffered().contains(point);
            let found = decoded.iter().find(|(id, _)| *id == format!("{at:05}"));
            prop_assert_eq!(found.is_some(), inside);
            if let Some((_, Geometry::Point(found))) = found {
                let off = to_degrees(tile, found.0) - point.0;
                prop_assert!(off.x.abs().max(off.y.abs()) <= 0.51 * unit(tile.zoom()));
            }
        }
    }
}

/// The ids that only the first list has.
fn missing<A, B>(of: &[(String, A)], other: &[(String, B)]) -> Vec<String> {
    let ids = of.iter().map(|(id, _)| id);
    let only = ids.filter(|id| other.iter().all(|(other, _)| other != *id));
    only.cloned().collect()
}

/// Degrees from a point to the lines of a shape.
fn off_line(shape: &Geometry<f64>, point: geo::Point) -> f64 {
    let rings = |polygon: &Polygon<f64>| {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings.cloned().collect::<Vec<_>>()
    };
    let lines = match shape {
        Geometry::Point(_) | Geometry::MultiPoint(_) => {
            let points = geo::CoordsIter::coords_iter(shape);
            return points
                .map(|at| Euclidean.distance(geo::Point(at), point))
                .fold(f64::INFINITY, f64::min);
        }
        Geometry::LineString(line) => vec![line.clone()],
        Geometry::MultiLineString(lines) => lines.0.clone(),
        Geometry::Polygon(polygon) => rings(polygon),
        Geometry::MultiPolygon(polygons) => polygons.iter().flat_map(rings).collect(),
        _ => panic!("no such shape is made"),
    };
    let distances = lines.iter().map(|line| Euclidean.distance(line, &point));
    distances.fold(f64::INFINITY, f64::min)
}

/// How much of a shape can be seen inside a window: the longer side of the box around it.
fn seen_inside(shape: &Geometry<f64>, window: &Geometry<f64>) -> f64 {
    let window = parts(window).expect("a polygon");
    let seen: Option<Rect<f64>> = match shape {
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => {
            let inside = parts(shape).expect("a polygon").intersection(&window);
            // What is thinner than a grid unit has no area on it, however long it is.
            return inside.unsigned_area() / perimeter(&inside).max(f64::MIN_POSITIVE) * 2.0;
        }
        Geometry::LineString(line) => window
            .clip(&geo::MultiLineString::new(vec![line.clone()]), false)
            .bounding_rect(),
        Geometry::MultiLineString(lines) => window.clip(lines, false).bounding_rect(),
        // A point has no size: it must not vanish.
        _ => return f64::INFINITY,
    };
    seen.map_or(0.0, |rect| rect.width().max(rect.height()))
}

fn as_floats(feature: &TileFeature) -> Geometry<f64> {
    geo::MapCoords::map_coords(
        &feature.geometry,
        |at: Coord<i32>| coord! { x: f64::from(at.x), y: f64::from(at.y) },
    )
}

fn decoded(bytes: &[u8]) -> Vec<(String, Geometry<i32>)> {
    let reader = fast_mvt::MvtReaderRef::new(bytes).expect("a vector tile");
    let mut out = Vec::new();
    for layer in reader.layers() {
        assert_eq!(
            (layer.name(), layer.extent(), layer.version()),
            ("shapes", 4096, 2)
        );
        for feature in layer.features() {
            let mut properties = feature.properties();
            if properties.any(|property| property.expect("a property").0 == "merged") {
                continue;
            }
            let id = feature.properties().find_map(|property| {
                let (key, value) = property.expect("a property");
                (key == "id").then(|| {
                    format!("{value:?}")
                        .chars()
                        .filter(char::is_ascii_digit)
                        .collect()
                })
            });
            out.push((id.expect("an id"), feature.geometry().expect("a geometry")));
        }
    }
    out
}

/// Of all tiles of a zoom, one has the label of a polygon, whatever the zoom, and always there.
#[test]
fn one_label_per_polygon_and_zoom() {
    let store = support::store();
    let zone = store
        .item("zones", "taopu-smart-innovation-city")
        .expect("the zone");
    let bounds = zone
        .feature
        .geometry
        .expect("a place")
        .bounding_rect()
        .expect("a box");
    let every = Query::default();
    let mut places = Vec::new();
    for z in 9..=17 {
        let (first, last) = (
            at(z, bounds.min().x, bounds.max().y),
            at(z, bounds.max().x, bounds.min().y),
        );
        let mut found = Vec::new();
        for x in first.x().saturating_sub(1)..=last.x() + 1 {
            for y in first.y().saturating_sub(1)..=last.y() + 1 {
                let tile = TileCoord::new(TileMatrixSet::WebMercatorQuad, z, x, y);
                let tile = store
                    .tile(tile.expect("a tile"), Grid::Degrees, |id| {
                        (id == "zones").then_some(&every)
                    })
                    .expect("no limit");
                let features = tile.layers.into_iter().flat_map(|layer| layer.features());
                found.extend(
                    features
                        .filter(|f| f.id == "taopu-smart-innovation-city")
                        .filter_map(|f| f.label),
                );
            }
        }
        assert_eq!(found.len(), 1, "zoom {z}");
        places.extend(found);
    }
    places.dedup();
    assert_eq!(places.len(), 1, "the label moves between zooms");
}

/// From the whole world to a house, every located feature of the plan is in its tile or counted.
#[test]
fn nothing_vanishes_undeclared() {
    let store = support::store();
    let located: usize = store
        .collections()
        .map(|summary| summary.features - summary.without_geometry)
        .sum();
    let world = whole(&store, at(0, 0.0, 0.0), Grid::Degrees);
    assert_eq!(world.matched(), located);
    let omitted: usize = world
        .layers
        .iter()
        .map(|layer| layer.too_small + layer.merged + layer.below_min_zoom)
        .sum();
    assert!(omitted > 0, "at zoom 0 plots cannot be seen");
    assert_eq!(world.returned() + omitted, located);
}

/// A hole that rounding pushes across its exterior ring does not become land; a sliver is counted.
#[test]
fn rounding_leaves_no_ghosts() {
    let ring = |points: &[(f64, f64)]| points.iter().copied().collect::<LineString<f64>>();
    let size = unit(12) * 0.2;
    let sliver = Polygon::new(
        ring(&[
            (121.3, 31.2),
            (121.3 + size, 31.2),
            (121.3 + size, 31.2 + size),
            (121.3, 31.2 + size),
            (121.3, 31.2),
        ]),
        Vec::new(),
    );
    let store = store_of(&[Geometry::Polygon(sliver)]);
    let tile = whole(&store, at(6, 121.3, 31.2), Grid::Units);
    assert_eq!(
        (tile.matched(), tile.returned(), tile.layers[0].too_small),
        (1, 0, 1)
    );
}
