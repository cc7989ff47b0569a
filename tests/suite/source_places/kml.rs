//! KML by hand and by GDAL.

use std::fs;
use std::path::PathBuf;

use buju::crs::Crs;
use buju::model::Value;
use buju::source::{Kind, SourceCrs};
use geo::{Geometry, Point};
use tempfile::TempDir;

use super::files::{FAMILIES, made};
use super::gdal::{rounded, rows};
use super::{refused, sound, told};

/// Folders in folders, every geometry, both kinds of extended data, and what is no record.
pub const DOCUMENT: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>规划</name>
<Schema name="s" id="s"><SimpleField type="int" name="层数"/></Schema>
<Style id="red"><LineStyle><color>ff0000ff</color></LineStyle></Style>
<Folder><name>道路 &amp; 桥</name><Folder><name>主干</name><Document><name>inner</name>
<Placemark id="p1"><name>祁连山路<![CDATA[ <南>]]></name><styleUrl>#red</styleUrl><TimeSpan><begin>2021-01-01</begin><end>2022</end></TimeSpan>
<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="层数">3</SimpleData></SchemaData><Data name="note"><displayName>n</displayName><value>a&#x4e00;&lt;</value></Data></ExtendedData>
<LineString><tessellate>1</tessellate><coordinates>121.1,31.1,0
 121.2,31.2,0</coordinates></LineString></Placemark></Document></Folder></Folder>
<Placemark><description> two rings </description><Polygon><outerBoundaryIs><LinearRing><coordinates>121,31 122,31 122,32 121,32 121,31</coordinates></LinearRing></outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>121.2,31.2 121.2,31.4 121.4,31.4 121.2,31.2</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>
<Placemark><Point><coordinates>121.5,31.25,12.5</coordinates></Point><TimeStamp><when>2021-01-31T08:00:00Z</when></TimeStamp></Placemark>
<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point></MultiGeometry></Placemark>
<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></MultiGeometry></Placemark>
<Placemark><name/><gx:Track><when>2021</when><gx:coord>1 2 3</gx:coord></gx:Track></Placemark>
<NetworkLink><Link><href>http://example.org/more.kml</href></Link></NetworkLink>
<GroundOverlay><name>o</name></GroundOverlay><GroundOverlay/>
</Document></kml>
"##;

fn file(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("a.kml");
    fs::write(&path, text).expect("written");
    path
}

#[test]
fn a_document_with_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let (layer, records) = sound(&file(&folder, DOCUMENT), None);
    let names: Vec<_> = layer
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "name",
            "description",
            "when",
            "begin",
            "end",
            "folder",
            "层数",
            "note"
        ]
    );
    assert!(
        layer
            .columns
            .iter()
            .all(|column| column.kind == Kind::Untyped)
    );
    assert_eq!(
        (layer.crs, layer.records),
        (SourceCrs::Known(Crs::Crs84), Some(6))
    );
    assert_eq!(
        layer.notes,
        [
            "left out: 2 of GroundOverlay",
            "left out: 1 of NetworkLink",
            "left out: 1 of Track"
        ]
    );
    let text = |text: &str| Value::Text(text.to_owned());
    let first = &records[0];
    assert_eq!(first.id, Some("p1".into()));
    assert_eq!(
        first.values,
        [
            text("祁连山路 <南>"),
            Value::Null,
            Value::Null,
            text("2021-01-01"),
            text("2022"),
            text("道路 & 桥/主干"),
            text("3"),
            text("a一<"),
        ]
    );
    let flat: Vec<_> = records.iter().map(|record| record.flattened).collect();
    assert_eq!(flat, [false, false, true, false, false, false]);
    assert_eq!(records[1].values[1], text("two rings"));
    let Some(Geometry::Polygon(polygon)) = &records[1].geometry else {
        panic!("{records:?}")
    };
    assert_eq!(
        (polygon.exterior().0.len(), polygon.interiors().len()),
        (5, 1)
    );
    assert_eq!(records[2].geometry, Some(Point::new(121.5, 31.25).into()));
    assert!(
        matches!(&records[3].geometry, Some(Geometry::MultiPoint(points)) if points.0.len() == 2)
    );
    assert!(
        matches!(&records[4].geometry, Some(Geometry::GeometryCollection(parts)) if parts.0.len() == 2)
    );
    assert_eq!(
        (&records[5].geometry, &records[5].values[0]),
        (&None, &Value::Null)
    );
}

#[test]
fn what_gdal_writes_as_kml() {
    for driver in ["KML", "LIBKML"] {
        for (name, geometries) in FAMILIES {
            let folder = tempfile::tempdir().expect("a folder");
            let path = made(
                &folder,
                "kml",
                name,
                geometries,
                &["-f", driver, "-nlt", "GEOMETRY"],
            );
            let (layer, records) = sound(&path, None);
            let rows = rows(&path, name);
            assert_eq!(records.len(), rows.len(), "{driver} {name}");
            for (record, row) in records.iter().zip(&rows) {
                let round =
                    |shape: &Option<Geometry<f64>>| shape.as_ref().map(|shape| rounded(shape, 1e9));
                assert_eq!(
                    round(&record.geometry),
                    round(&row.geometry),
                    "{driver} {name} {}",
                    record.number
                );
                for (column, value) in layer.columns.iter().zip(&record.values) {
                    // GDAL calls a placemark's own name so, and types what a schema types.
                    let theirs = match column.name.as_str() {
                        "name" => row.properties.get("Name"),
                        "description" => row.properties.get("Description"),
                        "folder" => continue,
                        // LIBKML names them in no schema, and then does not read them.
                        "day" | "moment" if driver == "LIBKML" => continue,
                        other => row.properties.get(other),
                    };
                    let theirs = theirs.filter(|json| !json.is_null());
                    let Value::Text(ours) = value else {
                        assert!(
                            theirs.is_none() || theirs.and_then(|json| json.as_str()) == Some(""),
                            "{driver}: {} {theirs:?}",
                            column.name
                        );
                        continue;
                    };
                    let theirs = theirs.unwrap_or_else(|| {
                        panic!("{driver}: no {} {:?}", column.name, row.properties)
                    });
                    let number = ours.parse::<f64>().ok();
                    let same = theirs.as_str() == Some(ours)
                        || number.is_some() && number == theirs.as_f64()
                        || theirs.is_boolean()
                            && theirs.as_bool() == Some(ours == "1" || ours == "true")
                        || theirs.as_str().is_some_and(|text| {
                            text.replace('/', "-")
                                .starts_with(&ours[..10.min(ours.len())])
                        });
                    assert!(same, "{driver}: {} {ours} {theirs}", column.name);
                }
            }
        }
    }
}

#[test]
fn entities_do_not_grow() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bomb = "<!DOCTYPE kml [<!ENTITY a0 \"aaaaaaaaaa\">".to_owned();
    for at in 1..30 {
        let before = format!("&a{};", at - 1).repeat(10);
        bomb.extend(["<!ENTITY a", &at.to_string(), " \"", &before, "\">"]);
    }
    bomb += "<!ENTITY file SYSTEM \"file:///etc/passwd\">]>";
    for entity in ["a29", "a0", "file", "nbsp"] {
        let text = format!("{bomb}<kml><Placemark>\n<name>&{entity};</name></Placemark></kml>");
        let told = refused(&file(&folder, &text), None);
        assert!(
            told.contains("line 2") && told.contains("none of XML's own"),
            "{told}"
        );
        let text = format!("{bomb}<kml><Placemark id=\"&{entity};\"/></kml>");
        assert!(!refused(&file(&folder, &text), None).is_empty());
    }
}

#[test]
fn what_is_wrong_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, reason) in [
        (
            "<kml><Placemark>\n<name>a",
            "line 2: the file ends within name (is it cut short?)",
        ),
        ("<kml><Placemark>\n</kml>", "line 2: is not XML"),
        ("<kml/><kml/>", "after its last element"),
        (
            "<html><body/></html>",
            "expected an element kml, found html",
        ),
        ("", "has no element"),
        ("plain text", "is not XML"),
        (
            "<?xml version=\"1.0\" encoding=\"klingon\"?><kml/>",
            "its encoding klingon is not known",
        ),
    ] {
        let told = refused(&file(&folder, text), None);
        assert!(
            told.contains(reason) && told.contains("a.kml"),
            "{text}: {told}"
        );
    }
    let deep = format!("<kml>{}", "<Folder>".repeat(100_000));
    assert!(refused(&file(&folder, &deep), None).contains("nested more than 256"));
    let not_utf8 = folder.path().join("b.kml");
    fs::write(&not_utf8, b"<kml><name>\xb2\xbc</name></kml>").expect("written");
    assert!(refused(&not_utf8, None).contains("b.kml"));
    let mark = |inside: &str| format!("<Placemark>{inside}</Placemark>");
    let point = |text: &str| mark(&format!("<Point><coordinates>{text}</coordinates></Point>"));
    let multi = "<MultiGeometry>".repeat(60) + &"</MultiGeometry>".repeat(60);
    let all = [
        (point("121.5"), "expected longitude,latitude"),
        (point("121.5, 31,"), "expected longitude,latitude"),
        (point("NaN,31"), "not of finite numbers"),
        (point("1,inf,2"), "not of finite numbers"),
        (point("1,2 3,4"), "2 positions, expected 1"),
        (
            mark("<LineString><coordinates>1,2</coordinates></LineString>"),
            "1 position",
        ),
        (
            mark(
                "<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,1</coordinates></LinearRing></outerBoundaryIs></Polygon>",
            ),
            "not closed",
        ),
        (
            point("1,2").replace("</Placemark>", "<Point/></Placemark>"),
            "found 2",
        ),
        (mark("<name>a</name><name>b</name>"), "found two"),
        (
            mark("<ExtendedData><Data name=\"a\"/><Data name=\"a\"/></ExtendedData>"),
            "column a",
        ),
        (mark(&multi), "nested"),
    ];
    let good = mark("<name>good</name>");
    let marks: String = all
        .iter()
        .flat_map(|(text, _)| [good.as_str(), text])
        .collect();
    let told = told(&file(&folder, &format!("<kml>{marks}</kml>")));
    assert_eq!(told.len(), all.len(), "{told:#?}");
    for ((at, (text, reason)), told) in all.iter().enumerate().zip(&told) {
        let place = format!("record {}", 2 * at + 2);
        assert!(
            told.starts_with(&place) && told.contains(reason),
            "{text}: {told}"
        );
    }
}

#[test]
fn a_name_that_is_an_element_and_extended_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "<kml><Placemark><name>a</name><ExtendedData><Data name=\"name\"><value>b</value></Data></ExtendedData></Placemark></kml>";
    let (layer, records) = sound(&file(&folder, text), None);
    let names: Vec<_> = layer
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["name", "name (ExtendedData)"]);
    assert_eq!(
        records[0].values,
        ["a", "b"].map(|text| Value::Text(text.to_owned()))
    );
    assert_eq!(layer.notes.len(), 1);
}

/// As Chinese programs of some years ago write it.
#[test]
fn a_declaration_tells_the_encoding() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |encoding: &str| {
        format!(
            "<?xml version='1.0' encoding='{encoding}'?>\n<kml>\n<Placemark><name>桃浦镇</name></Placemark></kml>"
        )
    };
    let name = |path: &std::path::Path| sound(path, None).1[0].values[0].clone();
    for encoding in ["GB2312", "gbk", "GB18030"] {
        let bytes = encoding_rs::GB18030.encode(&text(encoding)).0.into_owned();
        let path = folder.path().join("a.kml");
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(name(&path), Value::Text("桃浦镇".to_owned()), "{encoding}");
    }
    let wide: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text("UTF-16").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let path = folder.path().join("wide.kml");
    std::fs::write(&path, wide).expect("written");
    assert_eq!(name(&path), Value::Text("桃浦镇".to_owned()));
    // Lines are counted in the text.
    let bytes = encoding_rs::GBK
        .encode(&text("GBK").replace("</name>", "</nam>"))
        .0
        .into_owned();
    std::fs::write(&path, bytes).expect("written");
    assert!(
        refused(&path, None).contains("line 3"),
        "{}",
        refused(&path, None)
    );
    let bytes = encoding_rs::GBK.encode(&text("UTF-8")).0.into_owned();
    std::fs::write(&path, bytes).expect("written");
    let told = refused(&path, None);
    assert!(
        told.contains("not in UTF-8") && told.contains("encoding=\"GBK\""),
        "{told}"
    );
}
