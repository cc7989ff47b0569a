use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::query::Stopped;

/// A parameter that is unknown or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refused {
    /// Which; none where the whole cannot be read.
    pub parameter: Option<String>,
    /// Why: what was expected, and what came.
    pub reason: String,
}

impl Refused {
    /// Refuses a parameter.
    pub fn new(parameter: &str, reason: impl fmt::Display) -> Self {
        Self {
            parameter: Some(parameter.to_owned()),
            reason: reason.to_string(),
        }
    }
}

/// Why there is no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A parameter is unknown or cannot be read.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The budget of the request stopped the search for what `near` names.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Parameters by name. Whoever takes one removes it; what is left at the end is unknown, and
/// refused by name.
#[derive(Debug, Clone, Default)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads the query part of an address.
    ///
    /// # Errors
    /// A name that is given twice, or bytes that are not UTF-8.
    pub fn parse(query: Option<&str>) -> Result<Self, Refused> {
        let mut params = Self::default();
        for pair in query
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.put(&decoded(name)?, decoded(value)?)?;
        }
        Ok(params)
    }

    /// Adds a parameter.
    ///
    /// # Errors
    /// It is there already.
    pub fn put(&mut self, name: &str, value: String) -> Result<(), Refused> {
        match self.0.insert(name.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(Refused::new(name, "is given twice")),
        }
    }

    /// A parameter as it is given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// True where a parameter is given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// True where nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a parameter out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Takes a parameter out and reads it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read<T, E: fmt::Display>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refused> {
        self.take(name)
            .map(|text| read(&text).map_err(|error| Refused::new(name, error)))
            .transpose()
    }

    /// Takes all that is left.
    pub fn rest(&mut self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.0)
    }

    /// Refuses what is left.
    ///
    /// # Errors
    /// Something is left.
    pub fn finish(self) -> Result<(), Refused> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(Refused::new(&name, "is not known here")),
        }
    }
}

fn decoded(text: &str) -> Result<String, Refused> {
    let text = text.replace('+', " ");
    percent_decode_str(&text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Refused {
            parameter: None,
            reason: format!("the query part {text:?} is not UTF-8"),
        })
}
