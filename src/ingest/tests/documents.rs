//! Random feature collections, and random damage to them.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{EXTENT, info, reference, stream, told};
use crate::ingest::batch::Task;
use crate::ingest::geodata::Pace;
use crate::ingest::record::Reader;
use crate::ingest::register::Register;
use crate::model::{GeometryKind, short_hex};

/// Small random numbers (`SplitMix64`), so that a seed is all that a failing case needs.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % count as u64).expect("below count")
    }

    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// Writes JSON text with whitespace anywhere and members in any order.
pub struct Writer {
    pub random: Random,
    /// One in so many values is odd.
    pub odd: usize,
    /// Without line ends, for formats of lines.
    pub one_line: bool,
}

impl Writer {
    fn space(&mut self) -> &'static str {
        if !self.random.once_in(6) {
            return "";
        }
        match self.random.of(&[" ", "\t", "\r\n  ", "\n"]) {
            _ if self.one_line => " ",
            space => match space {
                " " => " ",
                "\t" => "\t",
                "\n" => "\n",
                _ => "\r\n  ",
            },
        }
    }

    fn list(&mut self, open: char, mut parts: Vec<String>, shuffled: bool) -> String {
        if shuffled && self.random.once_in(3) {
            for at in (1..parts.len()).rev() {
                parts.swap(at, self.random.below(at + 1));
            }
        }
        let mut out = format!("{open}{}", self.space());
        for (at, part) in parts.iter().enumerate() {
            out += if at > 0 { "," } else { "" };
            out += self.space();
            out += part;
            out += self.space();
        }
        out.push(if open == '[' { ']' } else { '}' });
        out
    }

    fn member(&mut self, name: &str, value: &str) -> String {
        let name = if self.random.once_in(60) && name.is_ascii() {
            format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..])
        } else {
            name.to_owned()
        };
        format!("\"{name}\"{}:{}{value}", self.space(), self.space())
    }

    pub fn document(&mut self) -> String {
        let features: Vec<_> = (0..self.random.below(9))
            .map(|at| self.feature(at))
            .collect();
        let features = self.list('[', features, false);
        let mut members = vec![
            self.member("type", "\"FeatureCollection\""),
            self.member("features", &features),
        ];
        if self.random.once_in(4) {
            let extra = self.json(4);
            members.push(self.member("name", &extra));
        }
        if self.random.once_in(6) {
            let name = self.random.of(&[
                r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}"#,
                r#"{"type":"name","properties":{"name":"EPSG:4549"}}"#,
                "null",
            ]);
            members.push(self.member("crs", name));
        }
        if self.random.once_in(12 * self.odd) {
            members.remove(self.random.below(members.len()));
        }
        if self.random.once_in(12 * self.odd) {
            members[0] = self.member("type", "\"Feature\"");
        }
        format!(
            "{}{}{}",
            self.space(),
            self.list('{', members, true),
            self.space()
        )
    }

    pub fn feature(&mut self, at: usize) -> String {
        if self.random.once_in(6 * self.odd) {
            return self.json(3);
        }
        let id = match self.random.below(8 * self.odd) {
            0 => self.json(1),
            1 => String::new(),
            2 => "\"祁连山路/\\u4e00\\\"\"".to_owned(),
            other if other % 4 == 3 => format!("{at}"),
            _ => format!("\"p{at:04}\""),
        };
        let geometry = if self.random.once_in(8) {
            "null".to_owned()
        } else {
            self.geometry()
        };
        let properties = self.properties();
        let mut members = vec![self.member("type", "\"Feature\"")];
        if !id.is_empty() {
            members.push(self.member("id", &id));
        }
        members.push(self.member("properties", &properties));
        members.push(self.member("geometry", &geometry));
        if self.random.once_in(8) {
            let json = self.json(3);
            let name = self.random.of(&["bbox", "foreign", "bbox2", "id"]);
            members.push(self.member(name, &json));
        }
        if self.random.once_in(8 * self.odd) {
            members.remove(self.random.below(members.len()));
        }
        self.list('{', members, true)
    }

    fn properties(&mut self) -> String {
        if self.random.once_in(20) {
            return self.random.of(&["null", "{}", "[]", "7"]).to_owned();
        }
        let mut members = Vec::new();
        let columns = info(GeometryKind::Any).columns;
        for column in columns {
            if self.random.once_in(5) {
                continue;
            }
            let value = match column.name.as_str() {
                _ if self.random.once_in(10 * self.odd) => self.json(2),
                _ if self.random.once_in(8) => "null".to_owned(),
                "name" => self
                    .random
                    .of(&[
                        "\"敦煌北路\"",
                        "\"\"",
                        "\"a\"",
                        r#""a\n\"\\ \ud83d\ude00""#,
                        "\"😀 / {[\"",
                    ])
                    .to_owned(),
                "use" => self
                    .random
                    .of(&["\"R\"", "\"G\"", "\"\\u0052\""])
                    .to_owned(),
                "storeys" => self
                    .random
                    .of(&["5", "0", "-3", "9223372036854775807"])
                    .to_owned(),
                "面积" => self.number(1e6),
                "sold" => self.random.of(&["true", "false"]).to_owned(),
                "day" => "\"2021-02-28\"".to_owned(),
                "moment" => "\"2021-02-28T08:00:00.25+08:00\"".to_owned(),
                "tags" => self.random.of(&["[]", "[\"a\", \"]}\"]"]).to_owned(),
                _ => self.json(4),
            };
            members.push(self.member(&column.name, &value));
        }
        if self.random.once_in(10 * self.odd) {
            let json = self.json(2);
            members.push(self.member("unknown", &json));
        }
        self.list('{', members, true)
    }

    #[expect(clippy::cast_precision_loss, reason = "made-up numbers")]
    fn number(&mut self, most: f64) -> String {
        let number = most * self.random.below(1 << 40) as f64 / (1_u64 << 40) as f64;
        match self.random.below(5) {
            0 => format!("{number:.1}"),
            1 => format!("{number:.7}"),
            2 => format!("{number:e}"),
            3 => format!("{number:.19}"),
            _ => format!("{number}"),
        }
    }

    fn position(&mut self, x: f64, y: f64) -> String {
        if self.random.once_in(60 * self.odd) {
            return self
                .random
                .of(&[
                    "[31.2, 121.4]",
                    "[121.4]",
                    "[500, 31]",
                    "[]",
                    "[121,31,5,6]",
                    "[121,null]",
                ])
                .to_owned();
        }
        let mut numbers = vec![format!("{x}"), format!("{y:.7}")];
        if self.random.once_in(80) {
            numbers.push(self.random.of(&["0", "3.5", "null"]).to_owned());
        }
        self.list('[', numbers, false)
    }

    /// A ring on a coarse grid, so that rings cross and touch.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn ring(&mut self, closed: bool) -> String {
        let (x, y) = (self.random.below(8) as f64, self.random.below(8) as f64);
        let (width, height) = (
            1.0 + self.random.below(4) as f64,
            1.0 + self.random.below(4) as f64,
        );
        let mut places = vec![
            (x, y),
            (x + width, y),
            (x + width, y + height),
            (x, y + height),
        ];
        if self.random.once_in(4) {
            places.reverse();
        }
        if self.random.once_in(6) {
            places.swap(1, 2);
        }
        if closed {
            places.push(places[0]);
        }
        if self.random.once_in(20 * self.odd) {
            places.pop();
        }
        let start = (places.len() > 1).then(|| places[0]);
        let mut texts: Vec<_> = places
            .iter()
            .map(|(x, y)| self.position(121.0 + x / 10.0, 31.0 + y / 10.0))
            .collect();
        if closed && start == places.last().copied() {
            let first = texts[0].clone();
            *texts.last_mut().expect("a place") = first;
        }
        self.list('[', texts, false)
    }

    fn geometry(&mut self) -> String {
        let rings = |writer: &mut Self| {
            let count = 1 + writer.random.below(8) / 6;
            let rings = (0..count).map(|_| writer.ring(true)).collect();
            writer.list('[', rings, false)
        };
        let several = |writer: &mut Self, one: &mut dyn FnMut(&mut Self) -> String| {
            let parts = (0..writer.random.below(3)).map(|_| one(writer)).collect();
            writer.list('[', parts, false)
        };
        let (mut kind, coordinates) = match self.random.below(10) {
            0 => ("Point", self.position(121.5, 31.2)),
            1 => (
                "MultiPoint",
                several(self, &mut |w| w.position(121.5, 31.2)),
            ),
            2 => ("LineString", self.ring(false)),
            3 => ("MultiLineString", several(self, &mut |w| w.ring(false))),
            4 | 5 => ("MultiPolygon", several(self, &mut |w| rings(w))),
            _ => ("Polygon", rings(self)),
        };
        if self.random.once_in(20 * self.odd) {
            kind = self
                .random
                .of(&["Point", "Polygon", "GeometryCollection", "Circle"]);
        }
        let mut members = vec![
            self.member("type", &format!("\"{kind}\"")),
            self.member("coordinates", &coordinates),
        ];
        if self.random.once_in(30) {
            let json = self.json(2);
            let name = self.random.of(&["bbox", "foreign"]);
            members.push(self.member(name, &json));
        }
        self.list('{', members, true)
    }

    fn json(&mut self, depth: usize) -> String {
        match self.random.below(if depth == 0 { 6 } else { 8 }) {
            0 => "null".to_owned(),
            1 => "\"x\"".to_owned(),
            2 => self.number(1e9),
            3 => self
                .random
                .of(&["-0", "0", "1e5", "-7", "1.0", "18446744073709551615"])
                .to_owned(),
            4 => "true".to_owned(),
            5 => r#""}]{[\" \\""#.to_owned(),
            6 => {
                let parts = (0..self.random.below(4))
                    .map(|_| self.json(depth - 1))
                    .collect();
                self.list('[', parts, false)
            }
            _ => {
                let parts = (0..self.random.below(4))
                    .map(|at| {
                        let value = self.json(depth - 1);
                        self.member(&format!("k{at}"), &value)
                    })
                    .collect();
                self.list('{', parts, true)
            }
        }
    }
}

/// Damages a text at a random place, so that it may be no JSON, or no UTF-8.
pub fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    let pieces: [&[u8]; 16] = [
        b"\"", b"{", b"}", b"[", b"]", b",", b":", b"\\", b"0", b"-", b"1e999", b"\x00", b"\xff",
        b" ", b"null", b"\xe4",
    ];
    let at = random.below(bytes.len() + 1);
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => {
            let end = bytes.len().min(at + 1 + random.below(3));
            bytes.drain(at..end);
        }
        2 if at < bytes.len() => bytes[at] = pieces[random.below(pieces.len())][0],
        _ => {
            let piece = pieces[random.below(pieces.len())];
            bytes.splice(at..at, piece.iter().copied());
        }
    }
}

#[test]
fn a_streamed_collection_is_as_a_plain_one() {
    let kinds = [GeometryKind::Any, GeometryKind::Polygon];
    let seen = Cell::new([0; 3]);
    let mut runner = TestRunner::new(Config::with_cases(3000));
    let cases = (any::<u64>(), 1..400_usize, 1..4_usize);
    let held = runner.run(&cases, |(seed, chunk, threads)| {
        let mut random = Random(seed);
        let odd = [1, 4, 1000][random.below(3)];
        let info = info(kinds[random.below(2)]);
        let (damaged, marked) = (random.once_in(3), random.once_in(5));
        let mut writer = Writer {
            random,
            odd,
            one_line: false,
        };
        let mut bytes = writer.document().into_bytes();
        if damaged {
            damage(&mut writer.random, &mut bytes);
        }
        let register = Register::default();
        let task = Task {
            file: "a.geojson",
            info: &info,
            extent: EXTENT,
            rounding_m: 0.02,
            register: Some(&register),
            header: None,
        };
        let plain = reference::read(task, &bytes);
        // The plain reader believes the second of two arrays.
        let twice =
            plain.is_ok() && bytes.windows(10).filter(|at| at == b"\"features\"").count() > 1;
        if marked {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
        }
        let (streamed, digest) = stream("a.geojson", &bytes, &info, Pace { chunk, threads });
        if streamed.is_ok() {
            prop_assert_eq!(digest, short_hex(&Sha256::digest(&bytes)));
        }
        prop_assume!(!twice);
        let refused = usize::from(plain.is_err());
        let (plain, streamed) = (told(plain), told(streamed));
        let [features, findings, files] = seen.get();
        seen.set([
            features + plain.0.len(),
            findings + plain.1.len(),
            files + refused,
        ]);
        prop_assert_eq!(streamed, plain, "{}", String::from_utf8_lossy(&bytes));
        Ok(())
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    let [features, findings, refused] = seen.get();
    // Good features, bad ones and bad files were all among them.
    assert!(
        features > 3000 && findings > 1000 && refused > 300,
        "{features} {findings} {refused}"
    );
}

#[test]
fn two_arrays_of_features() {
    let info = info(GeometryKind::Any);
    let text = br#"{"type":"FeatureCollection","features":[],"features":[]}"#;
    let pace = Pace {
        chunk: 7,
        threads: 1,
    };
    let finding = stream("a.geojson", text, &info, pace)
        .0
        .expect_err("refused");
    assert!(finding.reason.contains("found two"), "{finding}");
}

/// What a message quotes of a large file does not need the whole of it.
#[test]
fn a_large_file_that_is_something_else() {
    let info = info(GeometryKind::Any);
    let pace = Pace {
        chunk: 1000,
        threads: 1,
    };
    let json: Json = (0..5000)
        .map(|at| format!("{at} \"{at}"))
        .collect::<Vec<_>>()
        .into();
    let told = |text: String| {
        stream("a.geojson", text.as_bytes(), &info, pace)
            .0
            .expect_err("refused")
            .reason
    };
    let expected = told(json.to_string());
    assert!(
        expected.starts_with("expected a FeatureCollection, found [\"0 \\\"0\""),
        "{expected}"
    );
    assert!(expected.ends_with("..."), "{expected}");
    assert_eq!(told(format!("{json:#}")), expected);
}

/// The slow way tells of everything, so what has nothing wrong must not need it.
#[test]
fn a_good_feature_takes_the_short_way() {
    let info = info(GeometryKind::Any);
    let mut reader = Reader::new(&info, EXTENT);
    let good = r#"{"type":"Feature","id":"p1","properties":{"name":"a \"b\" 敦煌","use":"R","storeys":null,"面积":1.5,"sold":true,"day":"2021-02-28","tags":["a"],"about":{"b":1}},"geometry":{"type":"Polygon","coordinates":[[[121,31],[121.1,31,2],[121.1,31.10000000000000001],[121,31]]]}}"#;
    let record = reader.read(good).expect("the short way");
    assert!(record.heights && record.cells.iter().filter(|cell| cell.is_some()).count() == 8);
    let json: Json = serde_json::from_str(good).expect("JSON");
    assert!(reader.read(&format!("{json:#}")).is_some());
    assert!(reader.read(&good.replace("31]]]", "31.5]]]")).is_none());
}
