//! Geometry from well-known binary (OGC 06-103r4, section 8), and from its older extension, which has flags for
//! heights and measures. Both are left out. No count is believed that the bytes left cannot hold.

use geo::{Coord, Geometry, Point};

use super::shape::{self, DEEPEST};

/// What a geometry is read of.
pub(super) struct Wkb<'a> {
    rest: &'a [u8],
    /// True where heights or measures were left out.
    pub flattened: bool,
}

/// Byte order and numbers per position of the geometry under way.
#[derive(Clone, Copy)]
struct Form {
    little: bool,
    numbers: usize,
}

/// The types by their codes, from 1.
const TYPES: [&str; 17] = [
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
    "CircularString",
    "CompoundCurve",
    "CurvePolygon",
    "MultiCurve",
    "MultiSurface",
    "Curve",
    "Surface",
    "PolyhedralSurface",
    "TIN",
    "Triangle",
];

const HEIGHT: u32 = 1 << 31;
const MEASURE: u32 = 1 << 30;
const SRID: u32 = 1 << 29;

impl<'a> Wkb<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            flattened: false,
        }
    }

    /// Reads all the bytes as one geometry; none where it is empty.
    pub fn geometry(&mut self) -> Result<Option<Geometry<f64>>, String> {
        let geometry = self.part(0, 0)?;
        match self.rest.len() {
            0 => Ok(geometry),
            more => Err(format!("its geometry has {more} bytes too many")),
        }
    }

    /// A geometry; of the given type, where that is not 0.
    fn part(&mut self, wanted: u32, depth: usize) -> Result<Option<Geometry<f64>>, String> {
        let (kind, form) = self.head()?;
        if wanted != 0 && kind != wanted {
            let (found, wanted) = (name(kind), name(wanted));
            return Err(format!("expected parts of type {wanted}, found {found}"));
        }
        match kind {
            1 => self.point(form),
            2 => Ok(shape::line(self.positions(form)?)?.map(Into::into)),
            3 => Ok(self.polygon(form)?.map(Into::into)),
            4..=7 => self.parts(kind, form, depth),
            _ => Err(format!(
                "its geometry is a {}, which is not read: convert it to one of points, lines and polygons",
                name(kind)
            )),
        }
    }

    /// The type, and how what follows is written.
    fn head(&mut self) -> Result<(u32, Form), String> {
        let little = match self.taken::<1>()? {
            [0] => false,
            [1] => true,
            [other] => return Err(format!("expected a byte order of 0 or 1, found {other}")),
        };
        let code = self.whole(little)?;
        let bare = code & !(HEIGHT | MEASURE | SRID);
        let (kind, dimensions) = (bare % 1000, bare / 1000);
        if !(1..=17).contains(&kind) || dimensions > 3 {
            return Err(format!("its geometry has the type {code}, which is none"));
        }
        if code & SRID != 0 {
            self.taken::<4>()?;
        }
        let height = code & HEIGHT != 0 || dimensions & 1 == 1;
        let measure = code & MEASURE != 0 || dimensions & 2 == 2;
        self.flattened |= height || measure;
        let numbers = 2 + usize::from(height) + usize::from(measure);
        Ok((kind, Form { little, numbers }))
    }

    fn point(&mut self, form: Form) -> Result<Option<Geometry<f64>>, String> {
        let at = self.position(form)?;
        // So is an empty point written.
        if at.x.is_nan() && at.y.is_nan() {
            return Ok(None);
        }
        Ok(Some(Point(shape::place(at.x, at.y)?).into()))
    }

    fn polygon(&mut self, form: Form) -> Result<Option<geo::Polygon<f64>>, String> {
        let count = self.count(form, 4)?;
        let mut rings = Vec::with_capacity(count);
        for _ in 0..count {
            rings.push(self.positions(form)?);
        }
        shape::polygon(rings)
    }

    fn parts(
        &mut self,
        kind: u32,
        form: Form,
        depth: usize,
    ) -> Result<Option<Geometry<f64>>, String> {
        if depth == DEEPEST {
            return Err(format!("its geometry is nested more than {DEEPEST} deep"));
        }
        // The least is a byte order, a type and a count.
        let count = self.count(form, 9)?;
        let mut all = Vec::new();
        for _ in 0..count {
            let wanted = if kind == 7 { 0 } else { kind - 3 };
            all.extend(self.part(wanted, depth + 1)?);
        }
        Ok(match kind {
            4 => shape::points(all.into_iter().filter_map(point_of).collect()),
            5 => shape::lines(
                all.into_iter()
                    .filter_map(|part| part.try_into().ok())
                    .collect(),
            ),
            6 => shape::polygons(
                all.into_iter()
                    .filter_map(|part| part.try_into().ok())
                    .collect(),
            ),
            _ => shape::collection(all),
        })
    }

    fn positions(&mut self, form: Form) -> Result<Vec<Coord<f64>>, String> {
        let count = self.count(form, 8 * form.numbers)?;
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            let at = self.position(form)?;
            all.push(shape::place(at.x, at.y)?);
        }
        Ok(all)
    }

    fn position(&mut self, form: Form) -> Result<Coord<f64>, String> {
        let mut numbers = [0.0; 4];
        for number in numbers.iter_mut().take(form.numbers) {
            let bytes = self.taken()?;
            *number = if form.little {
                f64::from_le_bytes(bytes)
            } else {
                f64::from_be_bytes(bytes)
            };
        }
        Ok(Coord {
            x: numbers[0],
            y: numbers[1],
        })
    }

    /// A count of things that have so many bytes each at least.
    fn count(&mut self, form: Form, least: usize) -> Result<usize, String> {
        let count = self.whole(form.little)? as usize;
        let left = self.rest.len();
        if count > left / least {
            return Err(format!(
                "its geometry claims {count} parts or positions, and {left} bytes are left"
            ));
        }
        Ok(count)
    }

    fn whole(&mut self, little: bool) -> Result<u32, String> {
        let bytes = self.taken()?;
        Ok(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn taken<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (taken, rest) = self
            .rest
            .split_first_chunk()
            .ok_or("its geometry ends too early")?;
        self.rest = rest;
        Ok(*taken)
    }
}

fn point_of(geometry: Geometry<f64>) -> Option<Coord<f64>> {
    Point::try_from(geometry).ok().map(|point| point.0)
}

fn name(kind: u32) -> &'static str {
    let at = (kind as usize).checked_sub(1);
    at.and_then(|at| TYPES.get(at)).copied().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use geo::{line_string, polygon};
    use geozero::{CoordDimensions, ToWkb};

    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Geometry<f64>>, String> {
        Wkb::new(bytes).geometry()
    }

    /// What geozero writes is read as it was.
    #[test]
    fn every_type_comes_back() {
        let ring = polygon![(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 0.0, y: 4.5), (x: 0.0, y: 0.0)];
        let line = line_string![(x: 1.0, y: 2.0), (x: 3.0, y: 4.25)];
        let point = Point::new(121.5, 31.25);
        let all: Vec<Geometry<f64>> = vec![
            point.into(),
            line.clone().into(),
            ring.clone().into(),
            geo::MultiPoint::new(vec![point, point]).into(),
            geo::MultiLineString::new(vec![line.clone()]).into(),
            geo::MultiPolygon::new(vec![ring.clone(), ring]).into(),
        ];
        let both = Geometry::GeometryCollection(vec![all[0].clone(), all[5].clone()].into());
        for geometry in all.into_iter().chain([both]) {
            let bytes = geometry.to_wkb(CoordDimensions::xy()).expect("bytes");
            assert_eq!(read(&bytes), Ok(Some(geometry)));
            for cut in 0..bytes.len() {
                assert!(read(&bytes[..cut]).is_err(), "{cut}");
            }
            let longer = [bytes, vec![0]].concat();
            assert!(
                read(&longer)
                    .expect_err("too long")
                    .contains("1 bytes too many")
            );
        }
    }

    #[test]
    fn heights_are_left_out_in_both_notations() {
        for code in [
            1001_u32,
            2001,
            3001,
            1 | HEIGHT,
            1 | MEASURE,
            1 | HEIGHT | SRID,
        ] {
            let numbers = if code == 3001 { 4 } else { 3 };
            let mut bytes = vec![0];
            bytes.extend(code.to_be_bytes());
            if code & SRID != 0 {
                bytes.extend(4549_u32.to_be_bytes());
            }
            for number in 0..numbers {
                bytes.extend(f64::from(number).to_be_bytes());
            }
            let mut reader = Wkb::new(&bytes);
            assert_eq!(
                reader.geometry(),
                Ok(Some(Point::new(0.0, 1.0).into())),
                "{code}"
            );
            assert!(reader.flattened);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let with = |code: u32, rest: &[u8]| [&[1][..], &code.to_le_bytes(), rest].concat();
        let told = |bytes: &[u8]| read(bytes).expect_err("refused");
        assert!(told(&with(8, &[0; 4])).contains("CircularString"));
        assert!(told(&with(3012, &[0; 4])).contains("MultiSurface"));
        assert!(told(&with(99, &[])).contains("type 99"));
        assert!(told(&with(2, &[0xff; 8])).contains("claims 4294967295"));
        assert!(told(&with(6, &with(2, &[0; 4]).repeat(1))).contains("claims"));
        let nan = [f64::NAN, 1.0].map(f64::to_le_bytes).concat();
        assert!(told(&with(1, &nan)).contains("not of finite numbers"));
        let nothing = [f64::NAN, f64::NAN].map(f64::to_le_bytes).concat();
        assert_eq!(read(&with(1, &nothing)), Ok(None));
        assert_eq!(read(&with(3, &[0; 4])), Ok(None));
        // A collection in a collection, 1000 deep.
        let mut deep = with(7, &[0; 4]);
        for _ in 0..1000 {
            deep = with(7, &[&1_u32.to_le_bytes()[..], &deep].concat());
        }
        assert!(told(&deep).contains("nested"));
    }
}
