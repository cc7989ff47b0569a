//! What a file is by its first bytes, whatever it is called.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{FileFormat, SourceError};

/// Bytes that are looked at.
const HEAD: u64 = 1024;

/// What the first bytes are of, and what to do with a file that is called otherwise.
struct Content {
    what: &'static str,
    advice: &'static str,
    /// The formats that begin so.
    formats: &'static [FileFormat],
}

const fn content(
    what: &'static str,
    advice: &'static str,
    formats: &'static [FileFormat],
) -> Content {
    Content {
        what,
        advice,
        formats,
    }
}

/// Refuses a file that is of another format than its name says. What is not known by its first bytes is left to
/// the format's reader, and so is what cannot be read.
pub(super) fn fits(path: &Path, file: &str, named: FileFormat) -> Result<(), SourceError> {
    let mut head = Vec::new();
    let is_file = path.metadata().is_ok_and(|data| data.is_file());
    if !is_file
        || File::open(path)
            .and_then(|file| file.take(HEAD).read_to_end(&mut head))
            .is_err()
    {
        return Ok(());
    }
    match of(&head) {
        Some(found) if !found.formats.contains(&named) => Err(SourceError::Unsupported {
            file: file.to_owned(),
            reason: format!("it is {} by its content: {}", found.what, found.advice),
        }),
        _ => Ok(()),
    }
}

fn of(head: &[u8]) -> Option<Content> {
    use FileFormat as F;
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    // The name of an archive's first entry.
    let name = head.get(30..).unwrap_or_default();
    let begins_with = |names: &[&str]| names.iter().any(|start| name.starts_with(start.as_bytes()));
    let wide = || content("a text in UTF-16", "save it as UTF-8", &[F::Csv, F::Kml]);
    let binary: [(&[u8], Content); 9] = [
        (b"\xff\xfe", wide()),
        (b"\xfe\xff", wide()),
        (
            b"SQLite format 3\0",
            content("a GeoPackage", "rename it to .gpkg", &[F::GeoPackage]),
        ),
        (
            b"fgb\x03fgb",
            content("a FlatGeobuf", "rename it to .fgb", &[F::FlatGeobuf]),
        ),
        (
            b"PAR1",
            content("a Parquet file", "rename it to .parquet", &[F::GeoParquet]),
        ),
        // 9994, and five numbers that are not used.
        (
            &[0, 0, 0x27, 0x0a, 0, 0, 0, 0],
            content(
                "a shapefile",
                "rename it to .shp, with its .dbf, .shx and .prj beside it",
                &[F::Shapefile],
            ),
        ),
        (
            &[0x1f, 0x8b],
            content("packed with gzip", "unpack it with gunzip", &[]),
        ),
        // A reader of spreadsheets has more to say of it.
        (
            &[0xd0, 0xcf, 0x11, 0xe0],
            content(
                "an old or encrypted file of an office program",
                "save it as .xlsx without a password",
                &[F::Xlsx],
            ),
        ),
        (
            b"PK\x03\x04",
            if begins_with(&["[Content_Types].xml", "_rels/", "xl/", "docProps/"]) {
                content("a spreadsheet", "rename it to .xlsx", &[F::Xlsx])
            } else if begins_with(&["doc.kml"]) {
                content(
                    "a KMZ",
                    "unpack it, and name the .kml in it",
                    &[F::ZippedShapefile],
                )
            } else {
                content(
                    "a zip archive",
                    "rename it to .xlsx where it is a spreadsheet, to .zip where it holds a shapefile",
                    &[F::ZippedShapefile, F::Xlsx],
                )
            },
        ),
    ];
    let found = binary
        .into_iter()
        .find(|(start, _)| head.starts_with(start));
    if let Some((_, found)) = found {
        return Some(found);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = text.trim_ascii_start();
    if text.starts_with(b"<?xml") || text.starts_with(b"<kml") {
        return Some(if has("<kml") {
            content("KML", "rename it to .kml", &[F::Kml])
        } else {
            content("XML", "only KML is read of XML", &[F::Kml])
        });
    }
    (text.starts_with(b"{") && has("\"type\"")).then(|| {
        content(
            "GeoJSON",
            "rename it to .geojson",
            &[F::GeoJson, F::GeoJsonLines],
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let zip = |name: &str| {
            let mut head = b"PK\x03\x04".to_vec();
            head.resize(30, 0);
            head.extend(name.bytes());
            head
        };
        for (head, what) in [
            (&b"SQLite format 3\0..."[..], "a GeoPackage"),
            (b"fgb\x03fgb\x00", "a FlatGeobuf"),
            (b"PAR1", "a Parquet file"),
            (b"\0\0\x27\x0a\0\0\0\0\0\0", "a shapefile"),
            (b"\x1f\x8b\x08", "packed with gzip"),
            (&zip("[Content_Types].xml"), "a spreadsheet"),
            (&zip("doc.kml"), "a KMZ"),
            (&zip("pxl/a.shp"), "a zip archive"),
            (b"\xff\xfe{\0", "a text in UTF-16"),
            (b"<?xml version=\"1.0\"?>\n<kml>", "KML"),
            (b"\xef\xbb\xbf\n{ \"type\": \"Feature\"", "GeoJSON"),
        ] {
            assert_eq!(of(head).map(|found| found.what), Some(what), "{head:?}");
        }
        for head in [&b"id,wkt\n"[..], b"", b"{a},b\n1,2\n", b"\0\0\x27"] {
            assert!(of(head).is_none(), "{head:?}");
        }
    }
}
