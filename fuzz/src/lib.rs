//! What the targets have in common: bytes become files, and the files are opened and read to the end.

use std::path::Path;

use buju::source::{Options, Source};

/// Writes the files into a new folder, opens the first of them and reads all of its records. Any answer
/// is right, but a panic, a hang, and memory that the bytes do not account for.
///
/// # Panics
/// The system gives no temporary folder, or a reader breaks a promise of [`buju::source::Record`].
pub fn read(files: &[(&str, &[u8])]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let Some((first, _)) = files.first() else {
        return;
    };
    read_path(&folder.path().join(first));
}

fn read_path(path: &Path) {
    let Ok(source) = Source::open(path, &Options::default()) else {
        return;
    };
    let columns = source.layer().columns.len();
    let _ = source.read(&mut |_, _| {}, &mut |record| {
        if let Ok(record) = record {
            assert_eq!(record.values.len(), columns, "a value per column");
        }
        true
    });
}

/// Cuts bytes into so many parts, each but the last led by its length in two bytes, the low one first.
#[must_use]
pub fn parts<const N: usize>(mut bytes: &[u8]) -> [&[u8]; N] {
    std::array::from_fn(|at| {
        if at + 1 == N {
            return bytes;
        }
        let Some((length, rest)) = bytes.split_first_chunk() else {
            return &[][..];
        };
        let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
        let (part, rest) = rest.split_at(length);
        bytes = rest;
        part
    })
}
