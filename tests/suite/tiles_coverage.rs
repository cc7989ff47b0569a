//! Neighbours that share borders share them at every zoom: no gap opens and nothing overlaps.

use buju::store::Store;
use buju::tile::{EXTENT, Grid, TileCoord, TileMatrixSet};
use geo::{Area, BooleanOps, Coord, Geometry, LineString, MultiPolygon, Polygon, coord};

use crate::support;
use crate::tiles::{in_set, whole};

/// A number from 0 to 1, the same for the same key.
fn share(key: u64) -> f64 {
    let mut z = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    let share = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

/// Cells of a net along a side, and how large one is in degrees.
const CELLS: u64 = 12;
const CELL: f64 = 4e-4;
const ORIGIN: Coord<f64> = coord! { x: 121.4, y: 31.2 };

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn node(i: u64, j: u64) -> Coord<f64> {
    let off = |key| (share(key) - 0.5) * 0.3;
    let key = i << 20 | j << 4;
    ORIGIN + coord! { x: i as f64 + off(key), y: j as f64 + off(key | 1) } * CELL
}

/// The border between two nodes without its end: many small bends.
fn border(from: (u64, u64), to: (u64, u64)) -> Vec<Coord<f64>> {
    let (low, high) = if from < to { (from, to) } else { (to, from) };
    let (a, b) = (node(low.0, low.1), node(high.0, high.1));
    let key = low.0 << 40 | low.1 << 30 | high.0 << 20 | high.1 << 8;
    let count = 1 + key % 13;
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let mut inner: Vec<_> = (1..=count)
        .map(|step| {
            let along = step as f64 / (count + 1) as f64;
            // Least near the ends, or borders that meet there would cross.
            let off = (share(key | step) - 0.5) * 0.4 * along.min(1.0 - along);
            let delta = b - a;
            a + delta * along + coord! { x: -delta.y, y: delta.x } * off
        })
        .collect();
    if from > to {
        inner.reverse();
    }
    let mut out = vec![node(from.0, from.1)];
    out.append(&mut inner);
    out
}

fn ring(corners: &[(u64, u64)]) -> Vec<Coord<f64>> {
    let ends = corners.iter().skip(1).chain(corners.first());
    corners
        .iter()
        .zip(ends)
        .flat_map(|(from, to)| border(*from, *to))
        .collect()
}

fn closed(mut ring: Vec<Coord<f64>>, turn: usize) -> LineString<f64> {
    // A ring may begin anywhere.
    let count = ring.len();
    ring.rotate_left(turn % count);
    ring.extend(ring.first().copied());
    LineString::new(ring)
}

/// A district without gaps: cells; some joined to parcels of two parts; a lake with an island in it,
/// which has no junction at all.
fn district() -> Vec<Geometry<f64>> {
    let mut cells = Vec::new();
    for i in 0..CELLS {
        for j in 0..CELLS {
            let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
            let ring = ring(&corners);
            let turn = usize::try_from(i * 7 + j * 3).expect("small");
            if (i + j * 5) % 9 == 4 {
                // The island's border, seen from both sides.
                let middle = (node(i, j) + node(i + 1, j + 1)) * 0.5;
                let shore: Vec<_> = (0_u32..40)
                    .map(|step| {
                        let angle = std::f64::consts::TAU * f64::from(step) / 40.0;
                        let radius =
                            CELL * (0.22 + 0.05 * share(i << 9 | j << 17 | u64::from(step)));
                        middle + coord! { x: angle.cos(), y: angle.sin() } * radius
                    })
                    .collect();
                let hole = shore.iter().rev().copied().collect();
                let water = Polygon::new(closed(ring, turn), vec![closed(hole, turn)]);
                cells.push(Geometry::Polygon(water));
                cells.push(Geometry::Polygon(Polygon::new(
                    closed(shore, turn + 5),
                    Vec::new(),
                )));
            } else {
                cells.push(Geometry::Polygon(Polygon::new(
                    closed(ring, turn),
                    Vec::new(),
                )));
            }
        }
    }
    // The first and the third are one feature.
    let (Geometry::Polygon(third), Geometry::Polygon(first)) = (cells.remove(2), cells.remove(0))
    else {
        panic!("polygons");
    };
    cells.push(Geometry::MultiPolygon(MultiPolygon::new(vec![
        first, third,
    ])));
    cells
}

fn shown(store: &Store, tile: TileCoord) -> Vec<MultiPolygon<f64>> {
    let cut = whole(store, tile, Grid::Units);
    let features = cut.layers[0].features();
    features
        .into_iter()
        .map(|feature| {
            let floats = |at: Coord<i32>| coord! { x: f64::from(at.x), y: f64::from(at.y) };
            match geo::MapCoords::map_coords(&feature.geometry, floats) {
                Geometry::Polygon(polygon) => polygon.into(),
                Geometry::MultiPolygon(polygons) => polygons,
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

/// At every zoom at which a cell can be seen, the cells together cover what their outline covers, and
/// each place once.
#[test]
fn neighbours_share_their_borders_at_every_zoom() {
    let cells = district();
    let store = support::made_up(
        Vec::new(),
        cells
            .iter()
            .map(|cell| (Some(cell.clone()), Vec::new()))
            .collect(),
    );
    let mut simplified = 0;
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let middle = ORIGIN + coord! { x: 1.0, y: 1.0 } * (CELL * CELLS as f64 / 2.0);
    for set in TileMatrixSet::ALL {
        for zoom in 9..=20 {
            let tile = in_set(set, zoom, middle.x, middle.y);
            let parts = shown(&store, tile);
            let corners: usize = parts.iter().map(geo::CoordsIter::coords_count).sum();
            simplified +=
                usize::from(corners * 2 < cells.iter().map(geo::CoordsIter::coords_count).sum());
            // On whole numbers the sum of areas is exact where nothing overlaps and nothing is missing:
            // then every inner border cancels out.
            let sum: f64 = parts.iter().map(Area::unsigned_area).sum();
            let union = geo::unary_union(parts.iter());
            let overlap = sum - union.unsigned_area();
            let holes: f64 = union
                .iter()
                .flat_map(|part| part.interiors().iter())
                .map(|ring| Polygon::new(ring.clone(), Vec::new()).unsigned_area())
                .sum();
            // What rounding folds over is less than a unit wide and a few units long.
            let slack = if zoom < 16 { 300.0 } else { 0.0 };
            assert!(overlap.abs() <= slack, "{set} {zoom}: {overlap} overlap");
            assert!(holes <= slack, "{set} {zoom}: {holes} missing");
        }
    }
    assert!(simplified > 5, "borders are not simplified");
    // The area is that of the sources, but for the outline.
    let zoom = 16;
    let tile = in_set(TileMatrixSet::WorldCrs84Quad, zoom, middle.x, middle.y);
    let unit = 360.0 / f64::from(EXTENT) / f64::from(1_u32 << zoom);
    let window = MultiPolygon::from(tile.buffered().to_polygon());
    let expected: f64 = cells
        .iter()
        .map(|cell| match cell {
            Geometry::Polygon(polygon) => polygon.intersection(&window).unsigned_area(),
            Geometry::MultiPolygon(polygons) => polygons.intersection(&window).unsigned_area(),
            other => panic!("{other:?}"),
        })
        .sum();
    let found: f64 = shown(&store, tile).iter().map(Area::unsigned_area).sum();
    assert!(
        (found * unit * unit / expected - 1.0).abs() < 2e-3,
        "{found}"
    );
}
