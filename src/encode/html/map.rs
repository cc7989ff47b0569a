//! A small map in SVG. All of it is presentation attributes, because the pages allow no inline style.

use geo::{BoundingRect, Coord, CoordsIter, Geometry, LineString, Rect};
use maud::{Markup, html};

use super::Site;

/// Width and height in pixels.
const SIZE: (f64, f64) = (720.0, 440.0);
/// Metres of a degree of latitude, near enough for a scale bar.
const METRES: f64 = 111_200.0;
/// The least that a map shows from left to right.
const LEAST: f64 = 400.0;

/// A shape beneath the others, for orientation.
#[derive(Debug, Clone)]
pub struct Beneath {
    /// What it is, in both languages: shown where there is room.
    pub name: (String, String),
    /// Degrees.
    pub geometry: Geometry<f64>,
}

/// A shape that the map is about.
pub(super) struct Shape<'a> {
    pub geometry: &'a Geometry<f64>,
    pub schematic: bool,
    pub accuracy_m: Option<f64>,
}

/// The box in degrees that a map of these shapes shows: itself, how far off it may be, and a margin.
#[must_use]
pub(super) fn window<'a>(
    shapes: impl Iterator<Item = (&'a Geometry<f64>, f64)>,
) -> Option<Rect<f64>> {
    let boxes =
        shapes.filter_map(|(shape, accuracy)| Some(grown(shape.bounding_rect()?, accuracy)));
    let bounds = boxes.reduce(crate::snapshot::joined)?;
    let aspect = SIZE.0 / SIZE.1;
    let east = METRES * bounds.center().y.to_radians().cos().max(0.01);
    let wide = (bounds.width() * east).max(bounds.height() * METRES * aspect);
    let half = (wide * 1.25).max(LEAST) / 2.0;
    let off = Coord {
        x: half / east,
        y: half / aspect / METRES,
    };
    Some(Rect::new(bounds.center() - off, bounds.center() + off))
}

fn grown(rect: Rect<f64>, metres: f64) -> Rect<f64> {
    let east = METRES * rect.center().y.to_radians().cos().max(0.01);
    let off = Coord {
        x: metres / east,
        y: metres / METRES,
    };
    Rect::new(rect.min() - off, rect.max() + off)
}

/// The map of some shapes with others beneath; `label` says for those who do not see it what it shows.
pub(super) fn map(
    site: &Site,
    window: Rect<f64>,
    beneath: &[Beneath],
    shapes: &[Shape],
    color: &str,
    label: &str,
) -> Markup {
    let view = View {
        window,
        scale: SIZE.0 / window.width(),
    };
    let metres_per_pixel = window.height() * METRES / SIZE.1;
    let names = names(site, &view, beneath);
    html! {
        svg.map xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(label)
            width=(SIZE.0) height=(SIZE.1) viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } {
            rect width=(SIZE.0) height=(SIZE.1) fill="#f6f6f4" {}
            g fill="none" stroke="#a6a6a6" stroke-width="1.2" stroke-dasharray="2 3" stroke-linejoin="round" {
                @for shape in beneath { (drawn(&view, &shape.geometry)) }
            }
            g fill="none" stroke=(color) stroke-opacity="0.16" stroke-linejoin="round" stroke-linecap="round" {
                @for shape in shapes {
                    @if let Some(accuracy) = shape.accuracy_m {
                        g stroke-width={ (format!("{:.1}", 2.0 * accuracy / metres_per_pixel)) } { (drawn(&view, shape.geometry)) }
                    }
                }
            }
            g fill=(color) fill-opacity="0.22" stroke=(color) stroke-width="3" stroke-linejoin="round" {
                @for shape in shapes {
                    @if shape.schematic { g stroke-dasharray="9 4" { (drawn(&view, shape.geometry)) } }
                    @else { (drawn(&view, shape.geometry)) }
                }
            }
            g font-size="13" font-family="sans-serif" text-anchor="middle" fill="#595959" stroke="#f6f6f4" stroke-width="3" paint-order="stroke" {
                @for (at, name) in &names { text x=(tenths(at.x)) y=(tenths(at.y)) { (name) } }
            }
            (scale_bar(metres_per_pixel))
        }
    }
}

struct View {
    window: Rect<f64>,
    scale: f64,
}

impl View {
    /// Degrees to pixels: longitudes are narrowed by the latitude through the window's form.
    fn pixel(&self, at: Coord<f64>) -> Coord<f64> {
        let down = SIZE.1 / self.window.height();
        Coord {
            x: (at.x - self.window.min().x) * self.scale,
            y: (self.window.max().y - at.y) * down,
        }
    }

    /// A line as path data. Points closer than half a pixel to the last are left out.
    fn path(&self, line: &LineString<f64>, out: &mut String) {
        let mut last: Option<Coord<f64>> = None;
        let end = line.0.len().saturating_sub(1);
        for (index, at) in line.0.iter().enumerate() {
            let at = self.pixel(*at);
            let near = last.is_some_and(|last| (at.x - last.x).hypot(at.y - last.y) < 0.5);
            if near && index != end {
                continue;
            }
            let verb = if last.is_none() { "M" } else { "L" };
            out.extend([verb, &tenths(at.x), " ", &tenths(at.y)]);
            last = Some(at);
        }
        if line.is_closed() {
            out.push('Z');
        }
    }
}

/// True where a name has room.
fn in_sight(at: Coord<f64>) -> bool {
    (40.0..SIZE.0 - 40.0).contains(&at.x) && (20.0..SIZE.1 - 40.0).contains(&at.y)
}

fn tenths(number: f64) -> String {
    // Far outside the map a tenth of a pixel says nothing, and a huge number may be misread.
    format!("{:.1}", number.clamp(-1e5, 1e5))
}

fn drawn(view: &View, geometry: &Geometry<f64>) -> Markup {
    let mut path = String::new();
    let mut open = String::new();
    match geometry {
        Geometry::LineString(line) => view.path(line, &mut open),
        Geometry::MultiLineString(lines) => {
            lines.iter().for_each(|line| view.path(line, &mut open));
        }
        Geometry::Polygon(polygon) => rings(view, polygon, &mut path),
        Geometry::MultiPolygon(polygons) => polygons
            .iter()
            .for_each(|polygon| rings(view, polygon, &mut path)),
        Geometry::GeometryCollection(parts) => {
            return html! { @for part in parts { (drawn(view, part)) } };
        }
        _ => {}
    }
    html! {
        @if !path.is_empty() { path d=(path) fill-rule="evenodd" {} }
        @else if !open.is_empty() { path d=(open) fill="none" {} }
        @else { @for at in geometry.coords_iter() {
            @let at = view.pixel(at);
            circle cx=(tenths(at.x)) cy=(tenths(at.y)) r="6" {}
        } }
    }
}

fn rings(view: &View, polygon: &geo::Polygon<f64>, out: &mut String) {
    view.path(polygon.exterior(), out);
    polygon
        .interiors()
        .iter()
        .for_each(|ring| view.path(ring, out));
}

/// Names of what lies beneath, each in the middle of what the map shows of it, where no other stands.
fn names<'a>(site: &Site, view: &View, beneath: &'a [Beneath]) -> Vec<(Coord<f64>, &'a str)> {
    let mut placed: Vec<(Coord<f64>, &str, f64)> = Vec::new();
    for shape in beneath {
        let name = site.t(&shape.name.0, &shape.name.1);
        let half = name
            .chars()
            .map(|c| if c.is_ascii() { 3.7 } else { 6.8 })
            .sum::<f64>();
        let visible: Vec<_> = shape
            .geometry
            .coords_iter()
            .map(|at| view.pixel(at))
            .filter(|at| in_sight(*at))
            .collect();
        let Some(at) = visible.get(visible.len() / 2) else {
            continue;
        };
        let inside = at.x > half && at.x + half < SIZE.0;
        let free = placed.iter().all(|(other, taken, width)| {
            *taken != name
                && ((at.y - other.y).abs() > 18.0 || (at.x - other.x).abs() > half + width + 6.0)
        });
        if inside && free && !name.is_empty() {
            placed.push((*at, name, half));
        }
    }
    placed.into_iter().map(|(at, name, _)| (at, name)).collect()
}

/// A bar of 1, 2 or 5 times a power of ten metres.
fn scale_bar(metres_per_pixel: f64) -> Markup {
    let longest = 160.0 * metres_per_pixel;
    let power = 10_f64.powf(longest.log10().floor());
    let metres = [5.0, 2.0, 1.0]
        .into_iter()
        .map(|n| n * power)
        .find(|n| *n <= longest)
        .unwrap_or(power);
    let pixels = metres / metres_per_pixel;
    let text = if metres >= 1000.0 {
        format!("{} km", metres / 1000.0)
    } else {
        format!("{metres} m")
    };
    let y = SIZE.1 - 14.0;
    html! {
        path d={ "M14 " (y - 6.0) "V" (y) "H" (tenths(14.0 + pixels)) "V" (y - 6.0) } fill="none" stroke="#1f1f1f" stroke-width="1.5" {}
        text x=(tenths(22.0 + pixels)) y=(y) font-size="13" font-family="sans-serif" fill="#1f1f1f" { (text) }
    }
}
