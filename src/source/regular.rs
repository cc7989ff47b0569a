use std::fs::{File, metadata};
use std::io;
use std::path::Path;

/// Opens a file for reading, or what a link leads to. A pipe or a device would keep its reader waiting, for ever
/// where nobody writes: it is not even opened.
pub(crate) fn regular(path: &Path) -> io::Result<File> {
    let about = metadata(path)?;
    if about.is_file() {
        return File::open(path);
    }
    let kind = if about.is_dir() {
        "folder"
    } else {
        "pipe or device"
    };
    Err(io::Error::other(format!("expected a file, found a {kind}")))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_file_and_a_link_to_one_are_opened_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "x").expect("written");
        symlink(at("file"), at("link")).expect("linked");
        symlink("/dev/zero", at("device")).expect("linked");
        let _socket = UnixListener::bind(at("socket")).expect("bound");
        for name in ["file", "link"] {
            assert!(regular(&at(name)).is_ok(), "{name}");
        }
        for (name, word) in [
            ("device", "found a pipe or device"),
            ("socket", "found a pipe or device"),
            (".", "found a folder"),
        ] {
            let error = regular(&at(name)).expect_err(name).to_string();
            assert!(error.contains(word), "{name}: {error}");
        }
    }
}
