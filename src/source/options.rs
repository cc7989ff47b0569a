use std::str::FromStr;

/// The largest row that a header may be told to stand in; nobody puts it further down.
const LAST_HEADER: u64 = 1000;

/// What a file is opened with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The layer, where a file has several.
    pub layer: Option<String>,
    /// The encoding of the texts, by its WHATWG name or its code page: `gbk`, `gb18030`, `utf-8`, `852`. What a `.cpg` says
    /// otherwise is noted and does not count: a wrong one is common.
    pub encoding: Option<String>,
    /// The column of the geometries of a Parquet file, where the file does not tell or has several.
    pub geometry: Option<String>,
    /// Parts of nested columns that become columns of their own: `core_details.direction`.
    pub parts: Vec<String>,
    /// How a table of cells (CSV, XLSX) is read.
    pub table: TableOptions,
    /// Columns that are left out, whatever their cells hold.
    pub skip: Vec<String>,
}

/// How a table of cells (CSV, XLSX) is read.
#[derive(Debug, Clone, Default)]
pub struct TableOptions {
    /// The rows of the header, where they are not to be found out.
    pub header: Option<HeaderRows>,
    /// The column of eastings or longitudes.
    pub x: Option<String>,
    /// The column of northings or latitudes.
    pub y: Option<String>,
    /// True where all cells of a range that is merged downwards get the value of its first.
    pub fill_merged: bool,
    /// True where rows of sums are records as any other.
    pub keep_totals: bool,
}

impl TableOptions {
    /// Returns the options that are told, for a format that has no use for them.
    pub(super) fn told(&self) -> Vec<&'static str> {
        let all = [
            (self.header.is_some(), "--header-row"),
            (self.x.is_some(), "--x"),
            (self.y.is_some(), "--y"),
            (self.fill_merged, "--fill-merged"),
            (self.keep_totals, "--keep-totals"),
        ];
        all.into_iter()
            .filter_map(|(told, name)| told.then_some(name))
            .collect()
    }
}

/// Rows that a header takes, counted from 1 as the sheet or the file has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderRows {
    /// The first.
    pub first: u64,
    /// The last; the same where it is one row.
    pub last: u64,
}

impl FromStr for HeaderRows {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let row = |text: &str| text.trim().parse::<u64>().ok();
        match (row(first), row(last)) {
            (Some(first), Some(last))
                if (1..=last).contains(&first) && last <= LAST_HEADER && last - first < 8 =>
            {
                Ok(Self { first, last })
            }
            _ => Err(format!(
                "expected a row such as 3, or some such as 3-4, up to {LAST_HEADER}, found {text:?}"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_row_or_some() {
        let rows = |first, last| Ok(HeaderRows { first, last });
        assert_eq!("3".parse(), rows(3, 3));
        assert_eq!("3-4".parse(), rows(3, 4));
        for text in ["", "0", "4-3", "-1", "1-", "2000", "1-100", "a"] {
            assert!(text.parse::<HeaderRows>().is_err(), "{text}");
        }
    }
}
