use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The parameters of a path. What cannot be decoded is a problem document.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(values)| Self(values))
            .map_err(|error| Problem::bad_request(error.body_text()))
    }
}

/// The query parameters of a request. Whoever takes one removes it; what is left at the end is
/// unknown, and refused by name.
#[derive(Debug)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads a query string.
    pub fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let mut params = BTreeMap::new();
        for pair in query
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if params.insert(name.clone(), value).is_some() {
                return Err(Problem::parameter(&name, "is given twice"));
            }
        }
        Ok(Self(params))
    }

    /// Takes a parameter out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Takes a parameter out and reads it.
    pub fn read<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        self.take(name)
            .map(|text| read(&text).map_err(|error| Problem::parameter(name, error)))
            .transpose()
    }

    /// Takes all that is left.
    pub fn rest(&mut self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.0)
    }

    /// Refuses what is left.
    pub fn finish(self) -> Result<(), Problem> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::parameter(&name, "is not known here")),
        }
    }
}

fn decoded(text: &str) -> Result<String, Problem> {
    let text = text.replace('+', " ");
    percent_decode_str(&text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Problem::bad_request(format!("the query part {text:?} is not UTF-8")))
}
