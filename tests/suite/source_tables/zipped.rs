//! Archives: layers, names, and what is made to harm.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use buju::source::{Options, Source, SourceCrs};
use encoding_rs::GBK;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::made::{Made, all, by_gdal, gdal, geojson, same};

fn layer(name: &str) -> Options {
    Options {
        layer: Some(name.to_owned()),
        ..Options::default()
    }
}

fn refused(path: &str, options: &Options) -> String {
    let source = Source::open(Path::new(path), options);
    source
        .err()
        .unwrap_or_else(|| panic!("{path} was read"))
        .to_string()
}

/// The files of a folder that begin with a stem, packed under other names.
fn pack(made: &Made, archive: &str, sets: &[(&str, &str)]) -> String {
    let path = made.path(archive);
    let mut zip = ZipWriter::new(File::create(&path).expect("a file"));
    for (stem, inside) in sets {
        for ending in ["shp", "shx", "dbf", "prj", "cpg"] {
            let bytes = fs::read(made.path(&format!("{stem}.{ending}"))).expect("a part");
            zip.start_file(format!("{inside}.{ending}"), SimpleFileOptions::default())
                .expect("begun");
            zip.write_all(&bytes).expect("written");
        }
    }
    zip.finish().expect("an archive");
    path
}

fn shapefile(made: &Made, name: &str, kind: &str, count: usize) -> String {
    let input = made.input(name, &geojson(kind, count));
    let path = made.path(&format!("{name}.shp"));
    gdal(&["-lco", "ENCODING=GBK", "-a_srs", "EPSG:4549", &path, &input]);
    path
}

#[test]
fn an_archive_is_read_as_what_is_in_it() {
    let made = Made::new();
    let path = shapefile(&made, "parcels", "polygons", 40);
    let expected = by_gdal(&path, None);
    let mut plain = all(&path, &Options::default());
    let packed = pack(&made, "a.zip", &[("parcels", "folder/parcels")]);
    let (found, records) = all(&packed, &Options::default());
    same("zip", &found, &records, &expected);
    // The same definition, in a file of another name.
    let SourceCrs::Prj { file, .. } = &mut plain.0.crs else {
        panic!("{:?}", plain.0.crs)
    };
    *file = format!("{packed}/folder/parcels.prj");
    assert_eq!((found, records), plain);
    // GDAL's own kind of archive.
    let other = made.path("b.zip");
    let input = made.path("parcels.geojson");
    gdal(&[
        "-f",
        "ESRI Shapefile",
        "-lco",
        "ENCODING=UTF-8",
        &made.path("b.shz"),
        &input,
    ]);
    fs::rename(made.path("b.shz"), &other).expect("renamed");
    let (_, records) = all(&other, &Options::default());
    assert_eq!(records.len(), 40);
}

#[test]
fn one_of_several_layers_is_chosen() {
    let made = Made::new();
    shapefile(&made, "roads", "lines", 7);
    shapefile(&made, "parcels", "polygons", 5);
    let packed = pack(&made, "a.zip", &[("roads", "道路"), ("parcels", "x/地块")]);
    let error = refused(&packed, &Options::default());
    assert!(
        error.ends_with("a.zip: it has several layers; choose one with --layer; it has 地块, 道路"),
        "{error}"
    );
    let error = refused(&packed, &layer("绿地"));
    assert!(
        error.contains("it has no layer \"绿地\"; it has 地块, 道路"),
        "{error}"
    );
    assert_eq!(all(&packed, &layer("地块")).1.len(), 5);
    let (found, records) = all(&packed, &layer("道路"));
    assert_eq!((found.name.as_str(), records.len()), ("道路", 7));
}

/// Names in GBK without a word of it, as archives made in China have them.
#[test]
fn names_in_gbk_are_read() {
    let made = Made::new();
    shapefile(&made, "parcels", "points", 3);
    let packed = pack(&made, "a.zip", &[("parcels", "QQQQQQ")]);
    let (name, _, _) = GBK.encode("桃浦镇");
    let mut bytes = fs::read(&packed).expect("the archive");
    for at in 0..bytes.len() - 6 {
        if bytes[at..].starts_with(b"QQQQQQ") {
            bytes[at..at + 6].copy_from_slice(&name);
        }
    }
    fs::write(&packed, bytes).expect("written");
    let (found, records) = all(&packed, &Options::default());
    assert_eq!((found.name.as_str(), records.len()), ("桃浦镇", 3));
}

/// No name in an archive is ever a path.
#[test]
fn a_name_leads_nowhere() {
    let made = Made::new();
    shapefile(&made, "parcels", "points", 3);
    let inside = made.folder().join("deep");
    fs::create_dir(&inside).expect("a folder");
    for name in ["../../escaped", "/escaped", "..\\escaped"] {
        let packed = pack(&made, "deep/a.zip", &[("parcels", name)]);
        let (found, records) = all(&packed, &Options::default());
        assert_eq!((found.name.as_str(), records.len()), ("escaped", 3));
    }
    let all: Vec<_> = fs::read_dir(made.folder()).expect("a folder").collect();
    let names = all.into_iter().map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a text")
    });
    assert!(names.into_iter().all(|name| !name.contains("escaped")));
    assert!(!Path::new("/escaped.shp").exists());
    assert_eq!(fs::read_dir(inside).expect("a folder").count(), 1);
}

#[test]
fn a_bomb_is_not_unpacked() {
    let made = Made::new();
    shapefile(&made, "parcels", "points", 3);
    let path = made.path("a.zip");
    let mut zip = ZipWriter::new(File::create(&path).expect("a file"));
    for ending in ["shp", "shx", "dbf"] {
        zip.start_file(format!("a.{ending}"), SimpleFileOptions::default())
            .expect("begun");
        let bytes = fs::read(made.path(&format!("parcels.{ending}"))).expect("a part");
        zip.write_all(&bytes).expect("written");
        if ending == "dbf" {
            let zeros = vec![0; 1 << 20];
            for _ in 0..300 {
                zip.write_all(&zeros).expect("written");
            }
        }
    }
    zip.finish().expect("an archive");
    assert!(fs::metadata(&path).expect("a file").len() < 1 << 20);
    let error = refused(&path, &Options::default());
    assert!(error.contains("a.zip: a.dbf: "), "{error}");
    assert!(error.contains("unpack to more than 256 MiB"), "{error}");
}

#[test]
fn what_is_no_archive_of_shapefiles_says_so() {
    let made = Made::new();
    shapefile(&made, "parcels", "points", 3);
    let packed = pack(&made, "a.zip", &[("parcels", "a")]);
    let whole = fs::read(&packed).expect("the archive");

    made.write("a.zip", &whole[..whole.len() - 100]);
    let error = refused(&packed, &Options::default());
    assert!(
        error.contains("is no whole zip archive") && error.contains("cut short"),
        "{error}"
    );

    made.write("a.zip", b"this is a text");
    let error = refused(&packed, &Options::default());
    assert!(error.contains("is no whole zip archive"), "{error}");

    // The bit that says "encrypted", in both places of each entry.
    let mut bytes = whole.clone();
    for at in 0..bytes.len() - 4 {
        match &bytes[at..at + 4] {
            b"PK\x03\x04" => bytes[at + 6] |= 1,
            b"PK\x01\x02" => bytes[at + 8] |= 1,
            _ => {}
        }
    }
    made.write("a.zip", &bytes);
    let error = refused(&packed, &Options::default());
    assert!(error.contains("a.shp: it is encrypted"), "{error}");

    // A byte of what is packed: its sum is wrong.
    let mut bytes = whole;
    bytes[60] ^= 0x10;
    made.write("a.zip", &bytes);
    let error = refused(&packed, &Options::default());
    assert!(error.contains("a.zip"), "{error}");

    let mut zip = ZipWriter::new(File::create(&packed).expect("a file"));
    zip.start_file("plan.gpkg", SimpleFileOptions::default())
        .expect("begun");
    zip.finish().expect("an archive");
    let error = refused(&packed, &Options::default());
    assert!(
        error.contains("found no .shp among its 1 entries (plan.gpkg)"),
        "{error}"
    );
}
