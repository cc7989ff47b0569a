//! Well-known text of geometry (OGC 06-103r4, section 7), with what `PostGIS` and spreadsheets add: a
//! leading `SRID=4549;`, and a third and fourth number without `Z` or `M`.

use geo::{
    Coord, Geometry, GeometryCollection, HasDimensions, LineString, MultiLineString, MultiPoint,
    MultiPolygon, Point, Polygon,
};

/// Collections in collections, at most: a text of parentheses alone must not use up the stack.
const DEEPEST: usize = 8;

/// A text that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wkt {
    /// The number before the geometry, where there is one and it is not 0.
    pub srid: Option<u32>,
    /// None where it is empty.
    pub geometry: Option<Geometry<f64>>,
    /// True where heights or measures were left out.
    pub flattened: bool,
}

/// Reads a text, all of it.
pub(super) fn read(text: &str) -> Result<Wkt, String> {
    let mut scan = Scan {
        text,
        at: 0,
        flattened: false,
    };
    let srid = scan.srid()?;
    let geometry = scan.geometry(0)?;
    scan.blanks();
    if scan.at < text.len() {
        return Err(scan.expected("the end"));
    }
    Ok(Wkt {
        srid,
        geometry,
        flattened: scan.flattened,
    })
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    flattened: bool,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn expected(&self, what: &str) -> String {
        let place = self.text[..self.at].chars().count() + 1;
        match self.rest() {
            "" => format!("expected {what} at character {place}, found the end"),
            rest => {
                let found: String = rest.chars().take(20).collect();
                format!("expected {what} at character {place}, found {found:?}")
            }
        }
    }

    /// True where the sign is next; it is taken then.
    fn sign(&mut self, sign: char) -> bool {
        self.blanks();
        let found = self.rest().starts_with(sign);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, sign: char) -> Result<(), String> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(self.expected(&format!("{sign:?}")))
    }

    /// The word that is next, not taken.
    fn peek(&mut self) -> &'a str {
        self.blanks();
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic());
        &rest[..end.unwrap_or(rest.len())]
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.peek().eq_ignore_ascii_case(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn srid(&mut self) -> Result<Option<u32>, String> {
        if !self.word("SRID") {
            return Ok(None);
        }
        self.need('=')?;
        self.blanks();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let code = rest[..end].parse::<u32>();
        let code = code.map_err(|_| self.expected("a code of a CRS"))?;
        self.at += end;
        self.need(';')?;
        Ok((code > 0).then_some(code))
    }

    /// A geometry, none where it is empty.
    fn geometry(&mut self, depth: usize) -> Result<Option<Geometry<f64>>, String> {
        let word = self.peek().to_uppercase();
        let kind = word.trim_end_matches(['Z', 'M']);
        self.known(kind)?;
        self.at += word.len();
        if kind == word {
            let _ = ["ZM", "Z", "M"].into_iter().any(|marker| self.word(marker));
        }
        if self.word("EMPTY") {
            return Ok(None);
        }
        let geometry = match kind {
            "POINT" => {
                self.need('(')?;
                let at = self.position()?;
                self.need(')')?;
                Point(at).into()
            }
            "LINESTRING" => self.path()?.into(),
            "POLYGON" => self.polygon()?.into(),
            "MULTIPOINT" => MultiPoint::new(self.list(Self::point)?).into(),
            "MULTILINESTRING" => MultiLineString::new(self.list(Self::path)?).into(),
            "MULTIPOLYGON" => MultiPolygon::new(self.list(Self::polygon)?).into(),
            _ => self.collection(depth)?,
        };
        Ok(Some(geometry).filter(|geometry| !geometry.is_empty()))
    }

    fn known(&self, kind: &str) -> Result<(), String> {
        match kind {
            "POINT" | "LINESTRING" | "POLYGON" | "MULTIPOINT" | "MULTILINESTRING"
            | "MULTIPOLYGON" | "GEOMETRYCOLLECTION" => Ok(()),
            "CIRCULARSTRING" | "COMPOUNDCURVE" | "CURVEPOLYGON" | "MULTICURVE" | "MULTISURFACE" => {
                Err(format!(
                    "{kind} has curves, which are not read: write it with straight lines"
                ))
            }
            "TIN" | "TRIANGLE" | "POLYHEDRALSURFACE" => {
                Err(format!("{kind} is a surface in space, which is not read"))
            }
            _ => Err(self.expected("a geometry such as POINT(121.4 31.2)")),
        }
    }

    fn collection(&mut self, depth: usize) -> Result<Geometry<f64>, String> {
        if depth == DEEPEST {
            return Err(format!(
                "its collections are in more than {DEEPEST} collections"
            ));
        }
        let parts = self.list(|scan| scan.geometry(depth + 1))?;
        let parts = parts.into_iter().flatten().collect();
        Ok(Geometry::GeometryCollection(GeometryCollection::new_from(
            parts,
        )))
    }

    /// Items in parentheses; such as are `EMPTY` are left away.
    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        self.need('(')?;
        let mut items = Vec::new();
        loop {
            if !self.word("EMPTY") {
                items.push(item(self)?);
            }
            if !self.sign(',') {
                break;
            }
        }
        self.need(')')?;
        Ok(items)
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, String> {
        let mut rings = self.list(Self::ring)?.into_iter();
        let outer = rings.next().unwrap_or(LineString::new(Vec::new()));
        Ok(Polygon::new(outer, rings.collect()))
    }

    fn ring(&mut self) -> Result<LineString<f64>, String> {
        let start = self.at;
        let ring = self.line()?;
        if ring.0.len() < 4 || !ring.is_closed() {
            self.at = start;
            return Err(
                self.expected("a ring of four positions or more, the last equal to the first,")
            );
        }
        Ok(ring)
    }

    /// A line leads somewhere.
    fn path(&mut self) -> Result<LineString<f64>, String> {
        let start = self.at;
        let line = self.line()?;
        if line.0.len() == 1 {
            self.at = start;
            return Err(self.expected("a line of two positions or more"));
        }
        Ok(line)
    }

    fn line(&mut self) -> Result<LineString<f64>, String> {
        Ok(LineString::new(self.list(Self::position)?))
    }

    /// With or without parentheses of its own.
    fn point(&mut self) -> Result<Point<f64>, String> {
        if !self.sign('(') {
            return self.position().map(Point);
        }
        let at = self.position()?;
        self.need(')')?;
        Ok(Point(at))
    }

    fn position(&mut self) -> Result<Coord<f64>, String> {
        let (x, y) = (self.number()?, self.number()?);
        for _ in 0..2 {
            self.blanks();
            if self.rest().starts_with([',', ')']) {
                break;
            }
            self.number()?;
            self.flattened = true;
        }
        Ok(Coord { x, y })
    }

    fn number(&mut self) -> Result<f64, String> {
        self.blanks();
        let rest = self.rest();
        let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let number = rest[..end]
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite());
        let number = number.ok_or_else(|| self.expected("a number"))?;
        self.at += end;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    /// The `wkt` crate reads the same.
    #[test]
    fn every_kind_is_read() {
        for text in [
            "POINT(121.4 31.2)",
            "point (-1.5e2 +3)",
            "LINESTRING(0 0,1 1,2 0)",
            "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))",
            "MULTIPOINT((0 0),(1 1))",
            "MULTIPOINT(0 0,1 1)",
            "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
            "MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((5 5,6 5,6 6,5 5)))",
            "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))",
        ] {
            let found = read(text).expect(text);
            let other: wkt::Wkt<f64> = wkt::Wkt::from_str(text).expect(text);
            let other: Geometry<f64> = other.try_into().expect(text);
            assert_eq!(found.geometry, Some(other), "{text}");
            assert!(!found.flattened && found.srid.is_none(), "{text}");
        }
    }

    #[test]
    fn heights_codes_and_nothing() {
        for text in [
            "POINT Z (1 2 3)",
            "POINTZ(1 2 3)",
            "POINT M(1 2 3)",
            "POINT ZM (1 2 3 4)",
            "POINT(1 2 3)",
        ] {
            let found = read(text).expect(text);
            assert_eq!(found.geometry, Some(Point::new(1.0, 2.0).into()), "{text}");
            assert!(found.flattened, "{text}");
        }
        let found = read("SRID=4549; POINT(1 2)").expect("a point");
        assert_eq!(found.srid, Some(4549));
        assert_eq!(read("srid=0;POINT(1 2)").expect("a point").srid, None);
        for text in [
            "POINT EMPTY",
            " MULTIPOLYGON Z EMPTY ",
            "MULTIPOINT(EMPTY)",
            "GEOMETRYCOLLECTION(POINT EMPTY)",
        ] {
            assert_eq!(read(text).expect(text).geometry, None, "{text}");
        }
    }

    #[test]
    fn what_is_none_says_where() {
        for (text, found) in [
            (
                "",
                "expected a geometry such as POINT(121.4 31.2) at character 1, found the end",
            ),
            ("桃浦 POINT(1 2)", "found \"桃浦 POINT(1 2)\""),
            ("POINT(1)", "expected a number at character 8, found \")\""),
            ("POINT(nan 2)", "expected a number"),
            ("POINT(1e999 2)", "expected a number"),
            ("POINT(1 2 3 4 5)", "expected ')' at character 15"),
            (
                "POINT(1 2",
                "expected a number at character 10, found the end",
            ),
            ("POINT(1 2) x", "expected the end"),
            ("POLYGON((0 0,1 0,1 1))", "a ring of four positions or more"),
            ("LINESTRING(1 2)", "a line of two positions or more"),
            ("CIRCULARSTRING(0 0,1 1,2 0)", "curves"),
            ("TIN(((0 0 0,0 0 1,0 1 0,0 0 0)))", "surface in space"),
            ("SRID=;POINT(1 2)", "a code of a CRS"),
            ("SRID=99999999999;POINT(1 2)", "a code of a CRS"),
            ("0101000000000000000000F03F", "a geometry"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(found), "{text}: {error}");
        }
        let deep = "GEOMETRYCOLLECTION(".repeat(100_000);
        assert!(
            read(&deep)
                .expect_err("deep")
                .contains("more than 8 collections")
        );
    }
}
