//! Shapefiles in a zip archive.
//!
//! Nothing is unpacked by the names in the archive, so a name with `..` or a leading `/` leads nowhere: the
//! parts of the layer that is read are copied into temporary files without a name, which the system removes
//! with the program. Sizes that the archive claims are not believed: copying stops where more comes out
//! than a shapefile can have, or than so few bytes are likely to hold.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use encoding_rs::GB18030;
use zip::ZipArchive;
use zip::result::ZipError;

use super::held::{Held, Reading};
use super::layers::told;
use super::shapefile::{Parts, Shapefile};
use super::{Layer, Options, SourceError};

/// What a part may have at most: what the lengths in a shapefile can count.
const LARGEST: u64 = 8 << 30;
/// A part larger than this must not be more than [`RATIO`] times its packed bytes.
const DOUBTFUL: u64 = 256 << 20;
/// Tables with wide columns that are mostly blank come to some hundred.
const RATIO: u64 = 200;

const ENDINGS: [&str; 5] = ["shp", "shx", "dbf", "prj", "cpg"];

/// An archive that reads from any place.
pub(super) type Archive<'a> = ZipArchive<BufReader<Reading<'a>>>;

/// Opens an archive.
pub(super) fn archive(held: &Held) -> Result<Archive<'_>, SourceError> {
    ZipArchive::new(BufReader::new(held.from(0))).map_err(|error| failed(held, "", error))
}

/// What is wrong with an archive, or with an entry of it.
pub(super) fn failed(held: &Held, entry: &str, error: ZipError) -> SourceError {
    let about = if entry.is_empty() {
        String::new()
    } else {
        format!("{entry}: ")
    };
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            held.unsupported(format!("{about}it is encrypted; unpack it with its password"))
        }
        ZipError::UnsupportedArchive(reason) => held.unsupported(format!(
            "{about}it is packed in a way that is not read ({reason}); pack it as plain zip (deflate)"
        )),
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            held.broken(format!("{about}{error}"))
        }
        other => held.broken(format!(
            "{about}is no whole zip archive: {other} (is the file cut short?)"
        )),
    }
}

/// Opens the layer of an archive that is asked for, or its only one.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Layer, Shapefile), SourceError> {
    let held = Held::open(path)?;
    let mut archive = archive(&held)?;
    let names = names(&held, &mut archive)?;
    let layers = layers(&names);
    let chosen = chosen(&held, &names, &layers, options)?;
    let part = |at: usize| layers[chosen].1[at];
    let copied = |at: usize, archive: &mut Archive| {
        part(at)
            .map(|index| copied(&held, archive, index, &names[index]))
            .transpose()
    };
    let Some(shp) = copied(0, &mut archive)? else {
        return Err(held.broken("it has no .shp"));
    };
    let parts = Parts {
        name: layers[chosen].0.clone(),
        shp,
        shx: copied(1, &mut archive)?,
        dbf: copied(2, &mut archive)?,
        prj: copied(3, &mut archive)?,
        cpg: copied(4, &mut archive)?,
    };
    parts.open(options)
}

/// The names of all entries, decoded: in UTF-8 where they are, else in GB18030, which is what archives
/// made in China have without saying so.
fn names(held: &Held, archive: &mut Archive) -> Result<Vec<String>, SourceError> {
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let entry = archive
            .by_index_raw(index)
            .map_err(|error| failed(held, "", error))?;
        let raw = entry.name_raw();
        let name = match std::str::from_utf8(raw) {
            Ok(name) => name.to_owned(),
            Err(_) => GB18030
                .decode_without_bom_handling_and_without_replacement(raw)
                .map_or_else(
                    || String::from_utf8_lossy(raw).into_owned(),
                    Cow::into_owned,
                ),
        };
        names.push(name.replace('\\', "/"));
    }
    Ok(names)
}

/// A layer, and where its parts are among the entries, in the order of [`ENDINGS`].
type Found = (String, [Option<usize>; 5]);

fn short(stem: &str) -> &str {
    stem.rsplit('/').next().unwrap_or_default()
}

/// The sets of entries with a `.shp`, by their path without the ending.
fn layers(names: &[String]) -> Vec<Found> {
    let mut sets: BTreeMap<&str, [Option<usize>; 5]> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        let file = name.rsplit('/').next().unwrap_or_default();
        // What macOS adds is not data.
        if file.starts_with("._") || name.starts_with("__MACOSX/") {
            continue;
        }
        let Some((stem, ending)) = name.rsplit_once('.') else {
            continue;
        };
        let ending = ENDINGS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(ending));
        if let Some(at) = ending {
            sets.entry(stem).or_default()[at].get_or_insert(index);
        }
    }
    let sets: Vec<_> = sets
        .into_iter()
        .filter(|(_, parts)| parts[0].is_some())
        .collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (stem, _) in &sets {
        *counts.entry(short(stem)).or_default() += 1;
    }
    let layer = |(stem, parts): &(&str, _)| {
        let alone = counts[short(stem)] == 1;
        let name = if alone { short(stem) } else { stem };
        (name.to_owned(), *parts)
    };
    sets.iter().map(layer).collect()
}

fn chosen(
    held: &Held,
    names: &[String],
    layers: &[Found],
    options: &Options,
) -> Result<usize, SourceError> {
    let all: Vec<_> = layers.iter().map(|(name, _)| name.as_str()).collect();
    if all.is_empty() {
        let some: Vec<_> = names.iter().take(5).map(String::as_str).collect();
        return Err(held.unsupported(format!(
            "expected a shapefile in the archive, found no .shp among its {} entries ({}); unpack it and name the file itself",
            names.len(),
            some.join(", ")
        )));
    }
    let error = |reason: String| SourceError::Layer {
        file: held.name.clone(),
        reason,
        layers: told(&all),
    };
    match &options.layer {
        None if all.len() == 1 => Ok(0),
        None => Err(error(
            "it has several layers; choose one with --layer".to_owned(),
        )),
        Some(asked) => all
            .iter()
            .position(|name| name == asked)
            .ok_or_else(|| error(format!("it has no layer {asked:?}"))),
    }
}

/// An entry as a temporary file.
fn copied(
    held: &Held,
    archive: &mut Archive,
    index: usize,
    name: &str,
) -> Result<Held, SourceError> {
    let mut entry = archive
        .by_index(index)
        .map_err(|error| failed(held, name, error))?;
    let packed = entry.compressed_size().min(held.length);
    let fail = |error: &io::Error| held.broken(format!("{name}: {error} (is the file cut short?)"));
    let temporary = |error: io::Error| SourceError::Io {
        file: held.name.clone(),
        reason: format!("{name} cannot be unpacked into a temporary file: {error}"),
    };
    let mut out = BufWriter::new(tempfile::tempfile().map_err(temporary)?);
    let mut chunk = vec![0; 1 << 16];
    let mut written = 0;
    loop {
        let count = entry.read(&mut chunk).map_err(|error| fail(&error))?;
        if count == 0 {
            break;
        }
        written += count as u64;
        expected(written, packed).map_err(|reason| held.broken(format!("{name}: {reason}")))?;
        out.write_all(&chunk[..count]).map_err(temporary)?;
    }
    let file: File = out
        .into_inner()
        .map_err(|error| temporary(error.into_error()))?;
    Held::new(format!("{}/{name}", held.name), file).map_err(temporary)
}

/// Refuses what is too much for its packed bytes.
pub(super) fn expected(bytes: u64, packed: u64) -> Result<(), String> {
    if bytes > LARGEST {
        return Err(format!(
            "it has more than {} GiB, which no part of a file here has",
            LARGEST >> 30
        ));
    }
    if bytes > DOUBTFUL && bytes / RATIO > packed {
        return Err(format!(
            "its {packed} bytes unpack to more than {} MiB: it is made to fill a disk, or is empty for the most part; \
             unpack it and name the file itself",
            DOUBTFUL >> 20
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        layers(&names).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn layers_are_sets_of_entries() {
        let both = found(&[
            "a/地块.shp",
            "a/地块.DBF",
            "道路.SHP",
            "x.dbf",
            "__MACOSX/._道路.SHP",
            "a/._地块.shp",
        ]);
        assert_eq!(both, ["地块", "道路"]);
        assert_eq!(found(&["a/x.shp", "b/x.shp", "y.shp"]), ["a/x", "b/x", "y"]);
        assert!(found(&["readme.txt", "folder/"]).is_empty());
    }

    /// An archive may list as many as it likes: their number must not count twice, nor fill the screen.
    #[test]
    fn many_layers_are_told_in_short() {
        let names: Vec<_> = (0..60_000).map(|at| format!("a/{at}.shp")).collect();
        let found = layers(&names);
        assert_eq!(found.len(), 60_000);
        let all: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        let told = told(&all);
        assert!(
            told.len() < 400 && told.ends_with(" and 59980 more"),
            "{told}"
        );
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        assert!(expected(LARGEST, LARGEST).is_ok());
        assert!(expected(LARGEST + 1, LARGEST).is_err());
        assert!(expected(DOUBTFUL, 1).is_ok());
        assert!(expected(DOUBTFUL + 1, 1).is_err());
        assert!(expected(DOUBTFUL + 1, DOUBTFUL / RATIO + 1).is_ok());
    }
}
