//! Where a picture's middle is and how large it is drawn in a frame of any size: the rule by which the page opens
//! a view (`web/src/map/home.ts`), told in style sheets, as the server does not know the frame.

use std::fmt::Write;

use geo::{Coord, Rect};

use crate::model::Camera;

/// What lies over the edges of the page's map, in pixels, as `web/src/map/map.ts` has it.
struct Covered {
    top: f64,
    right: f64,
    bottom: f64,
    left: f64,
    /// More of the right, where there is room.
    buttons: f64,
}

const COVERED: Covered = Covered {
    top: 16.0,
    right: 64.0,
    bottom: 44.0,
    left: 16.0,
    buttons: 0.0,
};
const COVERED_ON_PHONE: Covered = Covered {
    top: 64.0,
    right: 8.0,
    bottom: 34.0,
    left: 8.0,
    buttons: 56.0,
};
const NOTHING: Covered = Covered {
    top: 0.0,
    right: 0.0,
    bottom: 0.0,
    left: 0.0,
    buttons: 0.0,
};
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
        self.fitted(":root", &COVERED, sight)
            + &self.fitted(":root:target", &COVERED_ON_PHONE, sight)
    }

    /// Half zooms, each from the frame on in which all of it is free.
    fn fitted(&self, root: &str, covered: &Covered, sight: Coord<f64>) -> String {
        let margin = Coord {
            x: covered.left + covered.right,
            y: covered.top + covered.bottom,
        };
        let mut out = placed(root, covered, margin.x, sight.x);
        let mut back = self.zoom - FARTHEST;
        let _ = write!(out, "{root}{{--s:{:.4}}}", (-back).exp2());
        while back > 0.0 {
            back = (back - 0.5).max(0.0);
            let needed = sight * (-back).exp2() + margin;
            step(&mut out, root, needed, back);
        }
        out
    }

    /// Whole zooms around the plan's middle: smaller frames than it is meant for step back.
    fn stepped_back(&self, camera: Camera) -> String {
        let mut out = placed(":root", &NOTHING, 0.0, 0.0);
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

fn placed(root: &str, covered: &Covered, margin: f64, width: f64) -> String {
    let (x, y) = (
        (covered.left - covered.right) / 2.0,
        (covered.top - covered.bottom) / 2.0,
    );
    let x = if covered.buttons > 0.0 {
        format!(
            "calc({x}px - clamp(0px,100vw - {margin}px - {width:.1}px*var(--s),{}px)/2)",
            covered.buttons
        )
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
