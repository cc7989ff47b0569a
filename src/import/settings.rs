//! What an import changes in `plan.toml`: the extent that was not known, the zone, the first view's layers. Comments
//! and layout stay.

use geo::{Rect, coord};
use toml_edit::{Array, DocumentMut, Item, Value};

use crate::crs::Zone;
use crate::model::{Bbox, CONTEXT, Plan};

/// The whole earth: what a plan says that does not know yet where it is.
pub const EVERYWHERE: [f64; 4] = [-180.0, -90.0, 180.0, 90.0];

/// The plan's extent, where it says more than that it is on earth.
#[must_use]
pub fn extent(plan: &Plan) -> Option<Bbox> {
    let [west, south, east, north] = plan.extent;
    (plan.extent != EVERYWHERE).then_some(Bbox {
        west,
        south,
        east,
        north,
    })
}

/// A tenth more than the data to all sides, so that the next file fits too; in thousandths of a degree.
#[must_use]
pub fn around(data: Rect<f64>) -> [f64; 4] {
    let pad = |size: f64| (size * 0.1).max(0.002);
    let (x, y) = (pad(data.width()), pad(data.height()));
    let (down, up) = (
        // A number of three decimals is one, whatever its last bit.
        |at: f64| (at * 1e3 + 1e-6).floor() / 1e3,
        |at: f64| (at * 1e3 - 1e-6).ceil() / 1e3,
    );
    [
        down(data.min().x - x).max(-180.0),
        down(data.min().y - y).max(-90.0),
        up(data.max().x + x).min(180.0),
        up(data.max().y + y).min(90.0),
    ]
}

/// The zoom at which a box fits a window of 900 by 600 pixels, in halves.
#[must_use]
pub fn zoom(extent: [f64; 4]) -> f64 {
    let [west, south, east, north] = extent;
    let mercator = |lat: f64| {
        let lat = lat.clamp(-85.0, 85.0).to_radians();
        (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::TAU
    };
    let wide = (east - west).max(1e-6) / 360.0;
    let high = (mercator(north) - mercator(south)).max(1e-9);
    let zoom = (900.0 / 256.0 / wide).min(600.0 / 256.0 / high).log2();
    ((zoom * 2.0).floor() / 2.0).clamp(0.0, 18.0)
}

/// The text of `plan.toml` in change.
pub struct PlanText {
    document: DocumentMut,
    /// Sentences for people.
    pub notes: Vec<String>,
}

impl PlanText {
    /// Reads it.
    ///
    /// # Errors
    /// It is not TOML.
    pub fn new(text: &str) -> Result<Self, String> {
        let document = text
            .parse()
            .map_err(|error: toml_edit::TomlError| error.to_string())?;
        Ok(Self {
            document,
            notes: Vec::new(),
        })
    }

    /// Sets the extent; where none was known, the camera and the zone too.
    pub fn set_extent(&mut self, extent: [f64; 4], first: bool) {
        let mut numbers: Array = extent.into_iter().collect();
        numbers.fmt();
        self.replace("extent", Value::Array(numbers));
        let [west, south, east, north] = extent;
        self.notes
            .push(format!("plan.toml: extent = {west},{south},{east},{north}"));
        if !first {
            return;
        }
        let thousandth = |at: f64| (at * 1e3).round() / 1e3;
        let center = [
            thousandth(f64::midpoint(west, east)),
            thousandth(f64::midpoint(south, north)),
        ];
        if let Some(view) = self
            .document
            .get_mut("view")
            .and_then(Item::as_table_like_mut)
        {
            let mut numbers: Array = center.into_iter().collect();
            numbers.fmt();
            view.insert("center", toml_edit::value(numbers));
            view.insert("zoom", toml_edit::value(zoom(extent)));
        }
        let zone = Zone::holding(center[0]).filter(|_| (3.0..54.0).contains(&center[1]));
        let list = self.document.get_mut("crs").and_then(Item::as_array_mut);
        if let (Some(zone), Some(list)) = (zone, list) {
            let name = zone.crs().to_string();
            if !list.iter().any(|known| known.as_str() == Some(&name)) {
                list.push(name.as_str());
                self.notes.push(format!(
                    "plan.toml: served in {name} too, the statutory zone here"
                ));
            }
        }
    }

    /// Puts a collection into the first view, above the ground.
    pub fn show(&mut self, collection: &str) {
        let view = self
            .document
            .get_mut("views")
            .and_then(Item::as_array_of_tables_mut);
        let Some(view) = view.and_then(|views| views.get_mut(0)) else {
            return;
        };
        let name = view
            .get("id")
            .and_then(Item::as_str)
            .unwrap_or("?")
            .to_owned();
        let Some(layers) = view.get_mut("layers").and_then(Item::as_array_mut) else {
            return;
        };
        if layers
            .iter()
            .any(|known| known.as_str() == Some(collection))
        {
            return;
        }
        let ground = layers
            .iter()
            .position(|known| known.as_str() == Some(CONTEXT));
        layers.insert(ground.unwrap_or(layers.len()), collection);
        self.notes
            .push(format!("plan.toml: the view {name:?} shows it"));
    }

    /// Puts a value in the place of another, with the comments around it.
    fn replace(&mut self, key: &str, mut value: Value) {
        if let Some(old) = self.document.get(key).and_then(Item::as_value) {
            *value.decor_mut() = old.decor().clone();
        }
        self.document[key] = Item::Value(value);
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.document.to_string()
    }
}

/// A box that holds another one too.
#[must_use]
pub fn joined(extent: [f64; 4], data: Rect<f64>) -> [f64; 4] {
    let [west, south, east, north] = extent;
    let both = Rect::new(
        coord! { x: west.min(data.min().x), y: south.min(data.min().y) },
        coord! { x: east.max(data.max().x), y: north.max(data.max().y) },
    );
    let grown = around(data);
    [
        if data.min().x < west {
            grown[0]
        } else {
            both.min().x
        },
        if data.min().y < south {
            grown[1]
        } else {
            both.min().y
        },
        if data.max().x > east {
            grown[2]
        } else {
            both.max().x
        },
        if data.max().y > north {
            grown[3]
        } else {
            both.max().y
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A plan.\nid = \"a\"\nextent = [-180.0, -90.0, 180.0, 90.0] # not known yet\n\
        crs = [\"OGC:CRS84\"]\nview = { center = [0.0, 0.0], zoom = 1.0 }\n\n[[views]]\nid = \"overview\"\n\
        layers = [\n  # the ground\n  \"context\",\n]\n\n[[views]]\nid = \"other\"\nlayers = []\n";

    #[test]
    fn comments_and_layout_stay() {
        let mut text = PlanText::new(TEXT).expect("TOML");
        text.set_extent([121.3, 31.2, 121.4, 31.3], true);
        text.show("plots");
        text.show("plots");
        let text = text.text();
        for part in [
            "# A plan.\n",
            "extent = [121.3, 31.2, 121.4, 31.3] # not known yet\n",
            "crs = [\"OGC:CRS84\", \"EPSG:4549\"]\n",
            "center = [121.35, 31.25]",
            "# the ground",
            "\"plots\"",
            "id = \"other\"\nlayers = []\n",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let plan: toml::Value = toml::from_str(&text).expect("TOML");
        let layers = &plan["views"][0]["layers"];
        assert_eq!(layers, &toml::Value::from(vec!["plots", "context"]));
    }

    #[test]
    fn an_extent_is_a_little_more_than_the_data() {
        let data = Rect::new(coord! { x: 121.3, y: 31.25 }, coord! { x: 121.4, y: 31.25 });
        let shown = |extent: [f64; 4]| format!("{extent:?}");
        assert_eq!(shown(around(data)), "[121.29, 31.248, 121.41, 31.252]");
        let grown = joined([121.0, 31.0, 121.35, 31.5], data);
        assert_eq!(shown(grown), "[121.0, 31.0, 121.41, 31.5]");
        assert!((zoom([121.315, 31.254, 121.406, 31.31]) - 13.5).abs() <= 0.5);
    }
}
