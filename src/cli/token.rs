//! The token of the administration: from the environment or a file, never from the command line, which everybody
//! on the machine can read.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::CliError;
use crate::http::AdminToken;

/// The variable that holds it.
const VARIABLE: &str = "BUJU_ADMIN_TOKEN";

/// A file that is longer holds something else.
const LONGEST: u64 = 4096;

/// The token, where there is one.
pub(super) fn admin_token(file: Option<&Path>) -> Result<Option<AdminToken>, CliError> {
    read(file, std::env::var_os(VARIABLE))
}

fn read(file: Option<&Path>, variable: Option<OsString>) -> Result<Option<AdminToken>, CliError> {
    // Set to nothing is not set: files for containers pass on variables that nobody has set.
    let variable = variable.filter(|text| !text.is_empty());
    let (from, text) = match (file, variable) {
        (None, None) => return Ok(None),
        (Some(file), None) => {
            let from = file.display().to_string();
            let text = contents(file).map_err(|error| refused(&from, error.to_string()))?;
            (from, text)
        }
        (None, Some(text)) => {
            let text = text.into_string();
            let text = text.map_err(|_| refused(VARIABLE, "is not UTF-8".to_owned()))?;
            (VARIABLE.to_owned(), text)
        }
        (Some(file), Some(_)) => {
            let reason = format!(
                "is set, and --admin-token-file {} is given: expected one of them",
                file.display()
            );
            return Err(refused(VARIABLE, reason));
        }
    };
    let token = AdminToken::parse(&text);
    token
        .map(Some)
        .map_err(|error| refused(&from, error.to_string()))
}

fn contents(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(file)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    if read as u64 > LONGEST {
        let reason = format!("expected a token, found more than {LONGEST} bytes");
        return Err(io::Error::other(reason));
    }
    Ok(text)
}

fn refused(from: &str, reason: String) -> CliError {
    CliError::Token {
        from: from.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TOKEN: &str = "correct-horse-battery";

    fn refusal(file: Option<&Path>, variable: Option<&str>) -> String {
        let error = read(file, variable.map(Into::into)).expect_err("refused");
        let text = error.to_string();
        assert!(!text.contains("horse"), "{text}");
        text
    }

    #[test]
    fn it_comes_from_one_place_and_is_never_shown() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        writeln!(file, "{TOKEN}").expect("written");
        let path = Some(file.path());
        let token = AdminToken::parse(TOKEN).ok();
        assert_eq!(read(None, None).expect("none"), None);
        assert_eq!(read(path, None).expect("a token"), token);
        assert_eq!(read(None, Some(TOKEN.into())).expect("a token"), token);
        assert_eq!(read(None, Some("".into())).expect("none"), None);
        assert_eq!(read(path, Some("".into())).expect("a token"), token);
        assert!(refusal(path, Some(TOKEN)).contains("expected one of them"));
        assert!(
            refusal(None, Some("horse"))
                .contains("BUJU_ADMIN_TOKEN: expected a token of at least 16")
        );
        assert!(refusal(None, Some(" ")).contains("found 0"));
        assert!(refusal(None, Some("a horse and a battery")).contains("without blanks"));
        assert!(refusal(Some(Path::new("/no/such/file")), None).starts_with("/no/such/file: "));
        file.write_all(&[b'x'; 5000]).expect("written");
        assert!(refusal(Some(file.path()), None).contains("more than 4096 bytes"));
    }
}
