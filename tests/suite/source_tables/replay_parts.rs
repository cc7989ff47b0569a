//! Workbooks of which a part is damaged and packed again, so that the damage gets past the archive's sums.

use std::fs::File;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::made::{Dice, Made};
use super::replay::{damaged, read};

const CASES: usize = 1_500;

pub fn parts(made: &Made) {
    let mut from =
        ZipArchive::new(File::open(made.path("a.xlsx")).expect("a file")).expect("an archive");
    let mut parts = Vec::new();
    for at in 0..from.len() {
        let mut entry = from.by_index(at).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        parts.push((entry.name().expect("a name").into_owned(), bytes));
    }
    let mut dice = Dice(0xB0B_0006);
    let mut opened = 0;
    for case in 0..CASES {
        let broken = dice.below(parts.len());
        let mut to = ZipWriter::new(Cursor::new(Vec::new()));
        for (at, (name, bytes)) in parts.iter().enumerate() {
            let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            to.start_file(name, stored).expect("begun");
            if at == broken {
                to.write_all(&damaged(bytes, &mut dice)).expect("written");
            } else {
                to.write_all(bytes).expect("written");
            }
        }
        let bytes = to.finish().expect("an archive").into_inner();
        let path = made.write("b.xlsx", &bytes);
        let what = format!("{} {case}", parts[broken].0);
        let outcome = std::panic::catch_unwind(|| read(&path, &what));
        opened += usize::from(outcome.unwrap_or_else(|_| panic!("{what}")));
    }
    assert!(
        opened > CASES / 50 && opened < CASES,
        "{opened} were opened"
    );
}
