//! Where a picture's middle is and how large it is drawn in a frame of any size: the rule by which the page opens
//! a view (`web/src/map/home.ts`), told in style sheets, as the server does not know the frame.

use std::fmt::Write;

use geo::{Coord, Rect};

use crate::model::Camera;

/// A kind of map that a view opens on: pixels of it that something lies over - top, right, bottom, left, and more of
/// the right by the buttons where there is room - and how many steps its zooms have.
type Frame = [f64; 6];

/// On a desk and on a phone. The page's own file, so that picture and map cannot part: a list of lists is the same
/// in JSON and here.
const FRAMES: [Frame; 2] = include!("../../../web/src/map/opening.json");
const BARE: Frame = [0.0; 6];
/// A frame for which a plan's own zoom is meant.
const MEANT_FOR: Coord<f64> = Coord { x: 900.0, y: 640.0 };
const FARTHEST: f64 = 10.0;
/// A view of the plan's own steps back no more than this.
const MOST_BACK: f64 = 4.0;

/// Where a view opens.
pub(super) struct Fit {
    /// The middle, in parts of the Mercator world.
    pub middle: Coord<f64>,
    /// The nearest zoom; the picture is drawn for it.
    pub zoom: f64,
    /// Width and height in pixels at that zoom of what is to be in sight.
    sight: Option<Coord<f64>>,
}

impl Fit {
    /// On `bounds` in degrees, or as the plan says where there are none.
    pub fn new(camera: Camera, bounds: Option<Rect<f64>>) -> Self {
        let zoom = camera.zoom.round().max(FARTHEST);
        let Some(bounds) = bounds else {
            let [x, y] = camera.center;
            return Self {
                middle: world(Coord { x, y }),
                zoom,
                sight: None,
            };
        };
        let (low, high) = (world(bounds.min()), world(bounds.max()));
        let size = (high - low) * scale(zoom);
        Self {
            middle: (low + high) / 2.0,
            zoom,
            sight: Some(Coord {
                x: size.x,
                y: -size.y,
            }),
        }
    }

    /// The style sheet that sets `--s`, how large the picture is drawn, and moves its middle to where it belongs.
    /// The fragment `#phone` of its address makes it a phone's.
    pub fn css(&self, camera: Camera) -> String {
        let Some(sight) = self.sight else {
            return self.stepped_back(camera);
        };
        let [desk, phone] = &FRAMES;
        self.fitted(":root", desk, sight) + &self.fitted(":root:target", phone, sight)
    }

    /// Parts of a zoom, each from the frame on in which all of it is free.
    fn fitted(&self, root: &str, frame: &Frame, sight: Coord<f64>) -> String {
        let [top, right, bottom, left, _, steps] = frame;
        let margin = Coord {
            x: left + right,
            y: top + bottom,
        };
        let mut out = placed(root, frame, margin.x, sight.x);
        let mut back = self.zoom - FARTHEST;
        let _ = write!(out, "{root}{{--s:{:.4}}}", (-back).exp2());
        while back > 0.0 {
            back = (back - 1.0 / steps).max(0.0);
            let needed = sight * (-back).exp2() + margin;
            step(&mut out, root, needed, back);
        }
        out
    }

    /// Whole zooms around the plan's middle: smaller frames than it is meant for step back.
    fn stepped_back(&self, camera: Camera) -> String {
        let mut out = placed(":root", &BARE, 0.0, 0.0);
        let _ = write!(out, ":root{{--s:{:.4}}}", (-MOST_BACK).exp2());
        let mut back = MOST_BACK;
        while back > 0.0 {
            back -= 1.0;
            // From here on the page rounds to this zoom: half a step before it.
            let least = (self.zoom - back - 0.5 - camera.zoom).exp2().min(1.0);
            step(&mut out, ":root", MEANT_FOR * least, back);
        }
        out
    }
}

fn step(out: &mut String, root: &str, needed: Coord<f64>, back: f64) {
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "@media(min-width:{}px) and (min-height:{}px){{{root}{{--s:{:.4}}}}}",
        needed.x.ceil(),
        needed.y.ceil(),
        (-back).exp2()
    );
}

fn placed(root: &str, frame: &Frame, margin: f64, width: f64) -> String {
    let [top, right, bottom, left, buttons, _] = frame;
    let (x, y) = ((left - right) / 2.0, (top - bottom) / 2.0);
    let x = if *buttons > 0.0 {
        format!("calc({x}px - clamp(0px,100vw - {margin}px - {width:.1}px*var(--s),{buttons}px)/2)")
    } else {
        format!("{x}px")
    };
    format!("{root} .m{{transform:translate({x},{y}px) scale(var(--s))}}")
}

/// Pixels of the world.
pub(super) fn scale(zoom: f64) -> f64 {
    256.0 * zoom.exp2()
}

/// Parts of the Mercator world, from the north-west.
pub(super) fn world(at: Coord<f64>) -> Coord<f64> {
    let y = at.y.clamp(-85.05, 85.05).to_radians();
    Coord {
        x: at.x / 360.0 + 0.5,
        y: 0.5 - y.tan().asinh() / std::f64::consts::TAU,
    }
}
