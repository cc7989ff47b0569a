use super::SourceError;

/// The layer that was asked for, or the only one there is, by its place among the names.
///
/// # Errors
/// It is not there, there are several and none was asked for, or there is none.
pub(super) fn chosen(
    file: &str,
    names: &[&str],
    asked: Option<&str>,
) -> Result<usize, SourceError> {
    let refused = |reason: String| SourceError::Layer {
        file: file.to_owned(),
        reason,
        layers: told(names),
    };
    match (asked, names) {
        (Some(asked), names) => names
            .iter()
            .position(|name| *name == asked)
            .ok_or_else(|| refused(format!("has no layer {asked:?}"))),
        (None, [_]) => Ok(0),
        (None, []) => Err(refused("expected a layer".to_owned())),
        // The name is told to a command, or stands in the plan's table of the collection.
        (None, _) => Err(refused(
            "has several layers: choose one by --layer, or by layer in collections.toml".to_owned(),
        )),
    }
}

/// Names of layers for a message, which stays one that can be read.
pub(super) fn told(names: &[&str]) -> String {
    const TOLD: usize = 20;
    match names.len().saturating_sub(TOLD) {
        0 if names.is_empty() => "none".to_owned(),
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..TOLD].join(", ")),
    }
}

/// The name of a format's only layer: the file's stem.
pub(super) fn stem(path: &std::path::Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// Asks for the only layer of a format that has no others.
pub(super) fn only(file: &str, name: &str, asked: Option<&str>) -> Result<(), SourceError> {
    chosen(file, &[name], asked).map(|_| ())
}
