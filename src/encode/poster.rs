//! A view of the plan as one small picture, seen before the map is there and where no script runs: the same
//! place, scale and colours as the map opens with in a frame of that size, generalised to a pixel.

mod fit;
mod labels;

use std::fmt::Write;

use geo::{Coord, CoordsIter, Geometry, LineString, Polygon, Rect};

use self::fit::{Fit, scale, world};
use self::labels::{LABELS, Label, labels};

use crate::model::{BASIS, Camera, CollectionInfo, Feature, GeometryKind, Value};

/// What it may weigh before compression; what is smallest is left out beyond.
const MOST_BYTES: usize = 24_000;
/// Above this a position is a guess and drawn fainter, as on the map.
const VAGUE_M: f64 = 500.0;

/// A layer of the picture.
pub struct PosterLayer<'a> {
    /// Its collection.
    pub info: &'a CollectionInfo,
    /// Its features; those outside the picture are left out.
    pub features: Vec<Feature>,
}

/// Where a view opens.
#[derive(Clone, Copy)]
pub struct PosterView {
    /// As the plan says; its zoom is the nearest.
    pub camera: Camera,
    /// What is to be in sight, in degrees; none where the plan's own middle is meant.
    pub bounds: Option<Rect<f64>>,
}

/// A picture, and the style sheet in it: a page's policy can allow that one and no other.
pub struct Poster {
    /// The whole document.
    pub svg: Vec<u8>,
    /// What stands in its only `style` element.
    pub style: String,
}

/// Widths in pixels of the screen, however large the picture is drawn.
const STYLE: &str = "path,circle{vector-effect:non-scaling-stroke}circle{r:calc(5.5px/var(--s))}.g{r:calc(3px/var(--s))}text{font-size:calc(14px/var(--s));stroke-width:calc(3px/var(--s))}@media(max-width:650px){.n{display:none}}";

/// The picture of some layers, in legend order; `label` chooses the column of names.
#[must_use]
pub fn poster(view: PosterView, layers: &[PosterLayer], label: &str, title: &str) -> Poster {
    let fit = Fit::new(view.camera, view.bounds);
    let style = STYLE.to_owned() + &fit.css(view.camera);
    let frame = Frame::new(&fit);
    let mut pieces = Vec::new();
    for layer in layers {
        for feature in &layer.features {
            pieces.extend(Piece::draw(&frame, layer.info, feature, label));
        }
    }
    // Large things first, projects before the ground: what does not fit is what is missed least.
    pieces.sort_by(|a, b| {
        (a.ground, b.size)
            .partial_cmp(&(b.ground, a.size))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut bytes = 1000 + style.len() + LABELS * 100;
    pieces.retain(|piece| {
        let fits = bytes + piece.svg.len() <= MOST_BYTES;
        bytes += if fits { piece.svg.len() } else { 0 };
        fits
    });
    let labels = labels(&pieces);
    pieces.sort_by_key(|piece| piece.order);
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" id="phone" width="100%" height="100%"><title>{}</title><style>{style}</style><rect fill="#fbfbfa" width="100%" height="100%"/><svg x="50%" y="50%" overflow="visible"><g class="m"><g fill="none" stroke-linejoin="round">"##,
        escaped(title)
    );
    out.extend(pieces.iter().map(|piece| piece.svg.as_str()));
    out += r##"</g><g font-family="PingFang SC,Microsoft YaHei,Noto Sans CJK SC,sans-serif" text-anchor="middle" dominant-baseline="central" fill="#1f1f1f" stroke="#fff" paint-order="stroke">"##;
    for Label { at, name, roomy } in labels {
        let class = if roomy { "" } else { r#" class="n""# };
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            r#"<text x="{:.0}" y="{:.0}"{class}>{}</text>"#,
            at.x,
            at.y,
            escaped(&name)
        );
    }
    out += "</g></g></svg></svg>";
    Poster {
        svg: out.into_bytes(),
        style,
    }
}

/// Web Mercator pixels around the middle.
struct Frame {
    scale: f64,
    origin: Coord<f64>,
}

impl Frame {
    fn new(fit: &Fit) -> Self {
        let scale = scale(fit.zoom);
        Self {
            scale,
            origin: fit.middle * scale,
        }
    }

    fn pixel(&self, at: Coord<f64>) -> Coord<f64> {
        world(at) * self.scale - self.origin
    }

    /// Relative path data in half pixels' accuracy.
    fn path(&self, line: &LineString<f64>, bounds: &mut Bounds, out: &mut String) {
        let mut last: Option<Coord<f64>> = None;
        let count = line.0.len();
        for (index, at) in line.0.iter().enumerate() {
            let at = self.pixel(*at);
            let at = Coord {
                x: (at.x.clamp(-6e3, 6e3) * 2.0).round() / 2.0,
                y: (at.y.clamp(-6e3, 6e3) * 2.0).round() / 2.0,
            };
            bounds.add(at);
            let _ = match last {
                None => write!(out, "M{} {}", at.x, at.y),
                Some(from) if (at - from).x.hypot((at - from).y) < 1.0 && index + 1 != count => {
                    continue;
                }
                Some(from) => write!(out, "l{} {}", at.x - from.x, at.y - from.y),
            };
            last = Some(at);
        }
    }
}

struct Bounds {
    low: Coord<f64>,
    high: Coord<f64>,
}

impl Bounds {
    const NOTHING: Self = Self {
        low: Coord {
            x: f64::MAX,
            y: f64::MAX,
        },
        high: Coord {
            x: f64::MIN,
            y: f64::MIN,
        },
    };

    fn add(&mut self, at: Coord<f64>) {
        self.low = Coord {
            x: self.low.x.min(at.x),
            y: self.low.y.min(at.y),
        };
        self.high = Coord {
            x: self.high.x.max(at.x),
            y: self.high.y.max(at.y),
        };
    }

    fn size(&self) -> f64 {
        (self.high.x - self.low.x) + (self.high.y - self.low.y)
    }

    fn middle(&self) -> Coord<f64> {
        (self.low + self.high) / 2.0
    }
}

struct Piece {
    /// From the ground up.
    order: u8,
    ground: bool,
    /// Pixels.
    size: f64,
    svg: String,
    name: Option<String>,
    at: Coord<f64>,
}

impl Piece {
    fn draw(frame: &Frame, info: &CollectionInfo, feature: &Feature, label: &str) -> Option<Self> {
        let geometry = feature.geometry.as_ref()?;
        let value = |column: &str| feature.values.get(info.column_index(column)?);
        let look = Look::of(info, feature);
        let mut bounds = Bounds::NOTHING;
        let (mut data, mut shape) = (String::new(), Shape::Point);
        match geometry {
            Geometry::LineString(line) => {
                shape = Shape::Line;
                frame.path(line, &mut bounds, &mut data);
            }
            Geometry::MultiLineString(lines) => {
                shape = Shape::Line;
                lines
                    .iter()
                    .for_each(|line| frame.path(line, &mut bounds, &mut data));
            }
            Geometry::Polygon(area) => {
                shape = Shape::Area;
                rings(frame, area, &mut bounds, &mut data);
            }
            Geometry::MultiPolygon(areas) => {
                shape = Shape::Area;
                areas
                    .iter()
                    .for_each(|area| rings(frame, area, &mut bounds, &mut data));
            }
            other => other
                .coords_iter()
                .for_each(|at| bounds.add(frame.pixel(at))),
        }
        if bounds.low.x > bounds.high.x {
            return None;
        }
        let at = bounds.middle();
        let text = value(label)
            .filter(|name| !name.is_null())
            .map(Value::to_string);
        Some(Self {
            order: look.order(info, shape),
            ground: look.ground,
            size: bounds.size(),
            svg: look.svg(info, shape, &data, at),
            name: text.filter(|_| !look.ground),
            at,
        })
    }
}

fn rings(frame: &Frame, area: &Polygon<f64>, bounds: &mut Bounds, data: &mut String) {
    for ring in std::iter::once(area.exterior()).chain(area.interiors()) {
        frame.path(ring, bounds, data);
        data.push('z');
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Area,
    Line,
    Point,
}

/// How the map draws it, less the finer points.
struct Look {
    color: String,
    width: f64,
    schematic: bool,
    vague: bool,
    ground: bool,
}

impl Look {
    fn of(info: &CollectionInfo, feature: &Feature) -> Self {
        let value = |column: &str| feature.values.get(info.column_index(column)?);
        let class = info.style.class_column.as_deref().and_then(|column| {
            let Value::Text(code) = value(column)? else {
                return None;
            };
            let at = info.column_index(column)?;
            info.columns[at]
                .values
                .iter()
                .find(|known| known.code == *code)
        });
        let color = class.and_then(|class| class.color.as_deref());
        let ground = !info.register;
        let unsure = value("position_accuracy_m").and_then(Value::as_f64);
        let basis = match value(BASIS) {
            Some(Value::Text(basis)) => Some(basis.as_str()),
            _ => None,
        };
        Self {
            color: match (color, ground) {
                (Some(color), _) => color.to_owned(),
                (None, true) => "#cfcfcb".to_owned(),
                (None, false) => info.style.color.clone(),
            },
            width: info.style.width.unwrap_or(3.0).min(5.0),
            schematic: info.is_schematic(basis) && !ground,
            vague: unsure.is_some_and(|metres| metres > VAGUE_M),
            ground,
        }
    }

    fn order(&self, info: &CollectionInfo, shape: Shape) -> u8 {
        match shape {
            _ if self.ground => 0,
            Shape::Area if info.geometry == GeometryKind::Polygon => 2,
            Shape::Area => 1,
            Shape::Line => 3,
            Shape::Point => 4,
        }
    }

    fn svg(&self, info: &CollectionInfo, shape: Shape, data: &str, at: Coord<f64>) -> String {
        let Self { color, width, .. } = self;
        match shape {
            Shape::Area if self.ground => {
                format!(
                    r#"<path d="{data}" stroke="{color}" stroke-opacity=".45" stroke-dasharray="10 4"/>"#
                )
            }
            Shape::Line if self.ground => {
                format!(
                    r#"<path d="{data}" stroke="{color}" stroke-opacity=".35" stroke-width="3"/>"#
                )
            }
            Shape::Point if self.ground => format!(
                r##"<circle class="g" cx="{:.0}" cy="{:.0}" stroke="#8d87a3"/>"##,
                at.x, at.y
            ),
            Shape::Area => {
                let alpha = if info.geometry == GeometryKind::Polygon {
                    0.5
                } else {
                    0.13
                };
                let alpha = if self.vague { alpha * 0.4 } else { alpha };
                let dash = self.dash("7 4", "2 5");
                let width = width.min(2.0);
                format!(
                    r#"<path d="{data}" fill="{color}" fill-opacity="{alpha:.2}" stroke="{color}" stroke-width="{width}"{dash}/>"#
                )
            }
            Shape::Line => {
                let long = format!("{:.0} {:.0}", width * 3.2, width * 1.3);
                let short = format!("{:.0} {:.0}", width * 0.6, width * 1.6);
                let dash = self.dash(&long, &short);
                format!(r#"<path d="{data}" stroke="{color}" stroke-width="{width}"{dash}/>"#)
            }
            Shape::Point => {
                let fill = if self.vague { "#fff" } else { color.as_str() };
                format!(
                    r#"<circle cx="{:.0}" cy="{:.0}" fill="{fill}" stroke="{color}" stroke-width="2"/>"#,
                    at.x, at.y
                )
            }
        }
    }

    fn dash(&self, schematic: &str, vague: &str) -> String {
        match (self.vague, self.schematic) {
            (true, _) => format!(r#" stroke-dasharray="{vague}""#),
            (false, true) => format!(r#" stroke-dasharray="{schematic}""#),
            (false, false) => String::new(),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
