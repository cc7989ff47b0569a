//! Newline-delimited GeoJSON and GeoJSON text sequences.

use super::documents::{Random, Writer};
use super::{info, stream, told};
use crate::ingest::batch::Part;
use crate::ingest::geodata::Pace;
use crate::model::{Finding, GeometryKind};

/// Without their lines, which a feature collection does not tell.
fn unlined(read: Result<Part, Box<Finding>>) -> (Vec<String>, Vec<String>) {
    let mut read = read.expect("features");
    for finding in read.read.iter_mut().chain(&mut read.joined) {
        assert!(finding.line.is_some(), "{finding}");
        finding.line = None;
        finding.file = "a.geojson".to_owned();
    }
    told(Ok(read))
}

#[test]
fn records_are_as_the_features_of_a_collection() {
    let info = info(GeometryKind::Any);
    let mut seen = 0;
    for seed in 0..400 {
        let mut random = Random(seed);
        let odd = [1, 4, 1000][random.below(3)];
        let mut writer = Writer {
            random,
            odd,
            one_line: true,
        };
        let features: Vec<_> = (0..writer.random.below(9))
            .map(|at| writer.feature(at))
            .collect();
        let pace = Pace {
            chunk: 1 + writer.random.below(300),
            threads: 2,
        };
        let collection = format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
            features.join(",")
        );
        let expected = told(stream("a.geojson", collection.as_bytes(), &info, pace).0);
        seen += expected.0.len();
        for (name, before, after) in [
            ("a.ndjson", "", "\n"),
            ("a.geojsonl", "\n \r\n", "\r\n"),
            ("a.geojsons", "\x1e", "\n"),
            ("a.geojsons", "\x1e\n\n", ""),
        ] {
            let text = before.to_owned() + &features.join(&format!("{after}{before}")) + after;
            let (read, _) = stream(name, text.as_bytes(), &info, pace);
            assert_eq!(unlined(read), expected, "{name} {seed} {text:?}");
            // The last line need not end.
            let (read, _) = stream(name, text.trim_end().as_bytes(), &info, pace);
            assert_eq!(unlined(read), expected, "{name} {seed}");
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn a_broken_record_is_told_and_the_others_are_read() {
    let info = info(GeometryKind::Any);
    let good = |id: u8| {
        format!(
            "{{\"type\":\"Feature\",\"id\":{id},\"geometry\":null,\"properties\":{{\"storeys\":\"x\"}}}}"
        )
    };
    let text = format!(
        "\u{feff}\n{}\n\n{{\"type\":]\n{}\n{{\"type\":",
        good(1),
        good(2)
    );
    for chunk in [1, 5, 1000] {
        let (read, _) = stream(
            "a.ndjson",
            text.as_bytes(),
            &info,
            Pace { chunk, threads: 2 },
        );
        let read = read.expect("records");
        let ids: Vec<_> = (0..read.rows.len()).map(|at| read.rows.id(at)).collect();
        assert_eq!(ids, ["1", "2"]);
        let place = |finding: &Finding| (finding.line, finding.index, finding.check);
        let places: Vec<_> = read.read.iter().map(place).collect();
        assert_eq!(
            places,
            [(Some(4), Some(1), "syntax"), (Some(6), Some(3), "syntax")]
        );
        assert!(
            read.read[0].reason.contains("is not JSON"),
            "{}",
            read.read[0]
        );
        assert!(
            read.read[1].reason.contains("cut short"),
            "{}",
            read.read[1]
        );
        let places: Vec<_> = read.joined.iter().map(place).collect();
        assert_eq!(
            places,
            [
                (Some(2), Some(0), "wrong-type"),
                (Some(5), Some(2), "wrong-type")
            ]
        );
    }
}
