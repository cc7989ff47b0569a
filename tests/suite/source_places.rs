//! Files of other programs, read record by record: what comes out is what GDAL reads in them, and a file that
//! is broken in any way gives an answer and no panic.

mod broken;
mod files;
mod gdal;
mod geojson;
mod geopackage;
mod geoparquet;
mod kml;

use std::path::Path;

use buju::source::{Bad, Layer, Options, Record, Source, SourceError};

type Records = Vec<Result<Record, Bad>>;

/// Opens a file and reads all of it.
fn read(path: &Path, layer: Option<&str>) -> Result<(Layer, Records), SourceError> {
    let options = Options {
        layer: layer.map(str::to_owned),
        ..Options::default()
    };
    let source = Source::open(path, &options)?;
    let mut records = Vec::new();
    let mut before = 0;
    let mut far = |bytes, of: Option<u64>| {
        assert!(bytes >= before, "{bytes} after {before}");
        assert!(of.is_none_or(|of| bytes <= of), "{bytes} of {of:?}");
        before = bytes;
    };
    source.read(&mut far, &mut |record| {
        records.push(record);
        true
    })?;
    // Again, as an importer does, and only the beginning.
    let (mut again, mut few) = (0, 0);
    source.read(&mut |_, _| {}, &mut |record| {
        assert_eq!(
            records.get(again),
            Some(&record),
            "read twice, it is another"
        );
        again += 1;
        true
    })?;
    assert_eq!(again, records.len());
    source.read(&mut |_, _| {}, &mut |_| {
        few += 1;
        few < 2
    })?;
    assert!(few <= 2);
    Ok((source.layer().clone(), records))
}

/// The same of a file that has nothing wrong.
fn sound(path: &Path, layer: Option<&str>) -> (Layer, Vec<Record>) {
    let (layer, records) = read(path, layer).unwrap_or_else(|error| panic!("{error}"));
    let records = records.into_iter().enumerate().map(|(at, record)| {
        let record = record.unwrap_or_else(|bad| panic!("{}: {bad}", path.display()));
        assert_eq!(record.number, at as u64 + 1);
        assert_eq!(record.values.len(), layer.columns.len());
        record
    });
    let records = records.collect();
    (layer, records)
}

/// What is wrong with a file as a whole.
fn refused(path: &Path, layer: Option<&str>) -> String {
    match read(path, layer) {
        Ok((layer, records)) => panic!("{}: {layer:?} {records:?}", path.display()),
        Err(error) => error.to_string(),
    }
}

/// What is wrong with the records of a file that can be read.
fn told(path: &Path) -> Vec<String> {
    let (_, records) = read(path, None).unwrap_or_else(|error| panic!("{error}"));
    let bad = records.into_iter().filter_map(Result::err);
    bad.map(|bad| bad.to_string()).collect()
}
