//! Where a file's coordinates are: the CRS that it tells or that was told, and what its numbers look like.

use geo::{Coord, Geometry, MapCoords, coord};

use super::error::ImportError;
use super::profile::Seen;
use crate::crs::{Crs, CrsError, Inward, Operation, Reprojector, Told, Zone};
use crate::model::Bbox;
use crate::source::{Layer, SourceCrs};

/// What was said of the CRS.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// In place of what the file says.
    pub crs: Option<Told>,
    /// How to come from another datum.
    pub operation: Option<Operation>,
    /// True where the file has northing or latitude first.
    pub exchanged: bool,
}

/// A way from a file's coordinates to the plan's.
pub struct Placed {
    /// The CRS, for people.
    pub name: String,
    /// The conversion.
    pub inward: Inward,
    /// True where the file's axes are exchanged first.
    pub exchanged: bool,
    /// Sentences for people.
    pub notes: Vec<String>,
}

impl Placed {
    /// Finds the way. None where the file has no positions. `extent` is the plan's, where it is known.
    ///
    /// # Errors
    /// The CRS is not known, has to be named, or puts most of the file outside the plan.
    pub fn new(
        file: &str,
        layer: &Layer,
        asked: &Asked,
        seen: &Seen,
        extent: Option<Bbox>,
    ) -> Result<Option<Self>, ImportError> {
        let Some(first) = seen.sample.first() else {
            return Ok(None);
        };
        let refused = |reason: String| ImportError::Refused(format!("{file}: {reason}"));
        let guess = || looks_like(&seen.sample, extent);
        let (told, mut notes) = told(layer, asked.crs.as_ref()).map_err(|error| match error {
            None => refused(format!(
                "the file does not tell its CRS, so --crs has to. {}",
                guess()
            )),
            Some(error) => refused(format!("{error}; --crs tells it in its place. {}", guess())),
        })?;
        let near = exchanged(*first, asked.exchanged);
        let unlikely = told.crs.and_then(Zone::of).is_some_and(|zone| {
            let middle = exchanged(middle(&seen.sample), asked.exchanged);
            !zone.may_hold(middle.x, middle.y)
        });
        if unlikely {
            return Err(refused(format!(
                "{} has no such coordinates. {}",
                told.name,
                guess()
            )));
        }
        let inward = match Inward::new(&told, asked.operation.as_ref(), near) {
            Ok(inward) => inward,
            Err(CrsError::Refused { name, reason }) if reason.starts_with("position ") => {
                return Err(refused(format!("{name}: {reason}. {}", guess())));
            }
            Err(error) => return Err(refused(error.to_string())),
        };
        notes.extend(inward.notes().iter().cloned());
        let placed = Self {
            name: told.name,
            inward,
            exchanged: asked.exchanged,
            notes,
        };
        placed
            .lies_in(&seen.sample, extent)
            .map_err(|reason| refused(format!("{reason}. {}", guess())))?;
        Ok(Some(placed))
    }

    /// A position in the plan's coordinates.
    ///
    /// # Errors
    /// It cannot be converted.
    pub fn position(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsError> {
        self.inward.position(exchanged(at, self.exchanged))
    }

    /// A shape in the plan's coordinates.
    ///
    /// # Errors
    /// One of its positions cannot be converted.
    pub fn geometry(&self, shape: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        if self.exchanged {
            let turned = shape.map_coords(|at| exchanged(at, true));
            return self.inward.exact_geometry(&turned);
        }
        self.inward.exact_geometry(shape)
    }

    /// That most places lie where the plan is, or on the earth where that is all that is known.
    fn lies_in(&self, sample: &[Coord<f64>], extent: Option<Bbox>) -> Result<(), String> {
        let on_earth = Bbox {
            west: -180.0,
            south: -90.0,
            east: 180.0,
            north: 90.0,
        };
        let within = extent.unwrap_or(on_earth);
        let mut outside = Vec::new();
        for at in sample {
            let to = self.position(*at).map_err(|error| error.to_string())?;
            if !within.contains(to) {
                outside.push((*at, to));
            }
        }
        if outside.len() * 2 <= sample.len() {
            return Ok(());
        }
        let share = outside.len() * 100 / sample.len();
        let (at, to) = outside[0];
        let such = format!("{} {} becomes {:.5}, {:.5}", at.x, at.y, to.x, to.y);
        let taken = format!("taken as {}, {share} % of the places", self.name);
        let Some(extent) = extent else {
            return Err(format!("{taken} are nowhere on earth: {such}"));
        };
        let Bbox {
            west,
            south,
            east,
            north,
        } = extent;
        Err(format!(
            "{taken} lie outside the plan's extent {west},{south},{east},{north}: {such} (if that is right, --extend makes the extent hold them)"
        ))
    }
}

/// The CRS, and what is to be said of where it comes from; none where nobody tells it.
fn told(layer: &Layer, asked: Option<&Told>) -> Result<(Told, Vec<String>), Option<String>> {
    let mut says = "the file";
    let own = match &layer.crs {
        SourceCrs::Known(crs) => Some(Told::by_code(*crs)),
        SourceCrs::Wkt(wkt) => Some(Told::by_wkt(wkt)),
        SourceCrs::Prj { file, wkt } => {
            says = file;
            Some(Told::by_wkt(wkt))
        }
        SourceCrs::Untold => None,
    };
    let Some(asked) = asked else {
        let wrong = |error: CrsError| format!("{says} says what its CRS is, and {error}");
        // A local CRS is one of nothing: programs write it where they know none.
        let own = own.filter(|own| !matches!(own, Err(CrsError::Local(_))));
        let own = own.ok_or(None)?.map_err(|error| Some(wrong(error)))?;
        let note = format!("CRS: {}, as {says} says", own.name);
        return Ok((own, vec![note]));
    };
    let note = match own {
        Some(Ok(own)) if own.crs.is_none() || own.crs != asked.crs => format!(
            "CRS: {}, as --crs says; {says} says {}, which is set aside",
            asked.name, own.name
        ),
        _ => format!("CRS: {}, as --crs says", asked.name),
    };
    Ok((asked.clone(), vec![note]))
}

fn exchanged(at: Coord<f64>, exchanged: bool) -> Coord<f64> {
    if exchanged {
        coord! { x: at.y, y: at.x }
    } else {
        at
    }
}

/// The median of both coordinates: no stray position moves it.
fn middle(sample: &[Coord<f64>]) -> Coord<f64> {
    let median = |part: fn(&Coord<f64>) -> f64| {
        let mut all: Vec<f64> = sample.iter().map(part).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    coord! { x: median(|at| at.x), y: median(|at| at.y) }
}

/// China with its waters, roughly.
const CHINA: Bbox = Bbox {
    west: 72.0,
    south: 3.0,
    east: 137.0,
    north: 54.5,
};

/// A sentence on what the numbers could be. Where the plan's extent is known, that is whatever puts them there.
pub fn looks_like(sample: &[Coord<f64>], extent: Option<Bbox>) -> String {
    let at = middle(sample);
    let found = guesses(at, extent.unwrap_or(CHINA), extent.is_some());
    let such = format!("The coordinates, such as {} {},", at.x, at.y);
    let described: Vec<_> = found
        .iter()
        .map(|(crs, turned)| described(*crs, *turned, at))
        .collect();
    match described.as_slice() {
        [] => {
            let nowhere = if extent.is_some() {
                "; no CRS that is tried here puts them into the plan's extent"
            } else {
                ""
            };
            format!("{such} look like {}{nowhere}", anywhere(at))
        }
        [one] => format!("{such} look like {one}"),
        some if some.len() > 6 => {
            let turned = if found[0].1 {
                ", northing first: --swap-axes"
            } else {
                ""
            };
            let elsewhere = if extent.is_some() {
                ": whoever made the file knows which".to_owned()
            } else {
                format!("; outside of China like {}", anywhere(at))
            };
            format!(
                "{such} look like an easting and northing in metres of a Gauss-Kruger zone, without the zone's number (--crs EPSG:4534 to EPSG:4554 by the central meridian{turned}){elsewhere}"
            )
        }
        some => format!("{such} look like {}", some.join(", or ")),
    }
}

/// What a position outside of China could be, with the options that say so.
fn anywhere(at: Coord<f64>) -> String {
    let (x, y) = (at.x.abs(), at.y.abs());
    if x <= 180.0 && y <= 90.0 {
        let turned = if x <= 90.0 {
            "; if the latitude comes first, --swap-axes too"
        } else {
            ""
        };
        let code = if CHINA.contains(at) { 4490 } else { 4326 };
        return format!("degrees of longitude and latitude (--crs EPSG:{code}{turned})");
    }
    if x <= 90.0 && y <= 180.0 {
        return "degrees, latitude first (--crs EPSG:4326 --swap-axes)".to_owned();
    }
    if x <= 360.0 && y <= 360.0 {
        return "degrees, and are beyond 180 of longitude or 90 of latitude: look at the file, or tell its CRS with --crs".to_owned();
    }
    let mut grids = Vec::new();
    for (at, turned) in [(at, ""), (exchanged(at, true), " --swap-axes")] {
        if (100_000.0..900_000.0).contains(&at.x) && (0.0..10_000_000.0).contains(&at.y) {
            grids.push(format!(
                "UTM (--crs EPSG:32601 to EPSG:32660 by the zone, EPSG:32701 to EPSG:32760 south of the equator{turned})"
            ));
            break;
        }
    }
    if x.max(y) <= 20_037_508.4 {
        grids.push("Web Mercator (--crs EPSG:3857)".to_owned());
    }
    grids.push("a national grid (--crs and its EPSG code, or --crs @file.prj)".to_owned());
    let grids = grids.join(", or ");
    format!("metres of some grid: {grids}; whoever made the file knows which")
}

/// `at` is the position in the file's order.
fn described(crs: Crs, turned: bool, at: Coord<f64>) -> String {
    let first = match (crs, turned) {
        (Crs::Crs84, false) => "degrees of longitude and latitude".to_owned(),
        (Crs::Crs84, true) => "degrees, latitude first".to_owned(),
        (Crs::WEB_MERCATOR, _) => "Web Mercator".to_owned(),
        _ => {
            let told = Told::by_code(crs).map_or_else(|_| crs.to_string(), |told| told.name);
            let order = if turned { ", northing first" } else { "" };
            format!("{told}{order}")
        }
    };
    let swap = if turned { " --swap-axes" } else { "" };
    let crs = match crs {
        Crs::Crs84 if CHINA.contains(exchanged(at, turned)) => Crs::Epsg(4490),
        Crs::Crs84 => Crs::Epsg(4326),
        other => other,
    };
    format!("{first} (--crs {crs}{swap})")
}

/// National grids that are tried where the plan's extent is known, by their EPSG codes.
const GRIDS: [u32; 22] = [
    2056, 2100, 2154, 2157, 2180, 2193, 2326, 3006, 3035, 3067, 3301, 3346, 3414, 3763, 3765, 3794,
    3826, 3844, 5186, 5514, 27700, 28992,
];

/// The UTM zones that a box lies in.
fn utm(within: Bbox) -> impl Iterator<Item = Crs> {
    let zone = |lon: f64| ((lon + 180.0) / 6.0).floor().clamp(0.0, 59.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 59"
    )]
    let (first, last) = (zone(within.west) as u32, zone(within.east) as u32);
    let south = within.south + within.north < 0.0;
    // A neighbour's zone is carried on over its edge.
    (first.saturating_sub(1)..=(last + 1).min(59))
        .take(4)
        .map(move |zone| Crs::Epsg(if south { 32_701 } else { 32_601 } + zone))
}

/// The CRSs that put a position into a box, the likeliest first, each with whether its axes are exchanged.
fn guesses(at: Coord<f64>, within: Bbox, sure: bool) -> Vec<(Crs, bool)> {
    let zones: Vec<Zone> = Zone::all().collect();
    let mut found = Vec::new();
    let mut places: Vec<Coord<f64>> = Vec::new();
    for turned in [false, true] {
        let at = exchanged(at, turned);
        let is_metres = at.x.abs() > 360.0;
        let fit = zones.iter().filter(|zone| zone.may_hold(at.x, at.y));
        let fit = fit.map(|zone| zone.crs());
        let elsewhere = utm(within).chain(GRIDS.map(Crs::Epsg));
        let elsewhere = elsewhere.filter(|_| sure && is_metres);
        for crs in [Crs::Crs84, Crs::WEB_MERCATOR]
            .into_iter()
            .chain(fit)
            .chain(elsewhere)
        {
            if crs == Crs::WEB_MERCATOR && (!is_metres || !sure && at.x.abs() < 1e6) {
                continue;
            }
            let to = Reprojector::new(crs, Crs::Crs84).and_then(|way| way.position(at));
            let Ok(to) = to else { continue };
            // A wide zone and a narrow one of one meridian are one grid.
            let again = places
                .iter()
                .any(|place| (place.x - to.x).hypot(place.y - to.y) < 1e-9);
            if within.contains(to) && !again {
                places.push(to);
                found.push((crs, turned));
            }
        }
        // An exchange is likely only where nothing fits as it is, or the place is known.
        if !found.is_empty() && !sure {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAOPU: Bbox = Bbox {
        west: 121.315,
        south: 31.254,
        east: 121.406,
        north: 31.31,
    };

    fn told(x: f64, y: f64, extent: Option<Bbox>) -> String {
        looks_like(&[coord! { x: x, y: y }], extent)
    }

    #[test]
    fn a_place_that_is_known_tells_the_crs() {
        for (x, y, expected) in [
            (121.352, 31.29, "(--crs EPSG:4490)"),
            (31.29, 121.352, "(--crs EPSG:4490 --swap-axes)"),
            (628_734.9, 3_463_916.1, "(--crs EPSG:4549)"),
            (3_463_916.1, 628_734.9, "(--crs EPSG:4549 --swap-axes)"),
            (40_628_734.9, 3_463_916.1, "(--crs EPSG:4528)"),
            (13_508_842.8, 3_671_217.2, "(--crs EPSG:3857)"),
        ] {
            let found = told(x, y, Some(TAOPU));
            assert!(found.contains(expected), "{x} {y}: {found}");
            assert!(!found.contains(", or "), "{found}");
        }
        assert!(told(1.0, 2.0, Some(TAOPU)).contains("no CRS"));
    }

    #[test]
    fn a_town_anywhere_has_a_hint() {
        let paris = Bbox {
            west: 2.2,
            south: 48.8,
            east: 2.5,
            north: 48.95,
        };
        for (x, y, extent, expected) in [
            (
                2.35,
                48.85,
                None,
                "degrees of longitude and latitude (--crs EPSG:4326; if the latitude comes first",
            ),
            (-118.2, 34.05, None, "(--crs EPSG:4326)"),
            (48.85, -122.3, None, "(--crs EPSG:4326 --swap-axes)"),
            (
                452_000.0,
                5_411_000.0,
                None,
                "UTM (--crs EPSG:32601 to EPSG:32660",
            ),
            (
                261_600.0,
                6_250_500.0,
                None,
                "Web Mercator (--crs EPSG:3857)",
            ),
            (
                2_600_000.0,
                1_200_000.0,
                None,
                "a national grid (--crs and its EPSG code",
            ),
            (200.0, 10.0, None, "--crs"),
            (2.35, 48.85, Some(paris), "(--crs EPSG:4326)"),
            (48.85, 2.35, Some(paris), "(--crs EPSG:4326 --swap-axes)"),
            (452_000.0, 5_411_000.0, Some(paris), "(--crs EPSG:32631)"),
            (652_000.0, 6_862_000.0, Some(paris), "(--crs EPSG:2154)"),
            (
                261_600.0,
                6_250_500.0,
                Some(paris),
                "Web Mercator (--crs EPSG:3857)",
            ),
        ] {
            let found = told(x, y, extent);
            assert!(found.contains(expected), "{x} {y}: {found}");
        }
    }

    #[test]
    fn without_a_place_the_numbers_tell_what_they_can() {
        assert!(told(121.352, 31.29, None).contains("longitude and latitude"));
        assert!(told(31.29, 121.352, None).contains("latitude first"));
        assert!(told(40_628_734.9, 3_463_916.1, None).contains("(--crs EPSG:4528)"));
        let unknown = told(528_734.9, 3_463_916.1, None);
        assert!(unknown.contains("without the zone's number"), "{unknown}");
        assert!(unknown.contains("whoever made the file knows"), "{unknown}");
    }
}
