//! Where the header of a table of cells is: below titles and lines of units, in one row or in several.

use std::collections::HashMap;

use super::options::HeaderRows;
use crate::model::Unit;

/// Rows with cells among which a header is looked for.
pub(super) const HEAD: usize = 24;
/// Rows above it at most.
const TITLES: usize = 8;
/// Rows of one at most, where nobody tells.
const DEEPEST: usize = 3;
/// What stands in a line of units beside units.
const COUNTED: [&str; 14] = [
    "个", "户", "座", "层", "套", "辆", "栋", "幢", "年", "度", "°", "-", "—", "/",
];

/// A row near the top of a table. Blank cells are none of its cells.
#[derive(Debug, Clone, Default)]
pub(super) struct HeadRow {
    /// As people count it, from 1.
    pub row: u64,
    /// As the reader counts it.
    pub index: u64,
    /// How many cells it has, those that are blank too.
    pub width: usize,
    pub cells: Vec<HeadCell>,
}

#[derive(Debug, Clone)]
pub(super) struct HeadCell {
    /// From 0.
    pub column: usize,
    pub text: String,
    /// False of numbers and dates, which no header begins with.
    pub is_text: bool,
}

/// Cells that are merged; both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub rows: (u64, u64),
    pub columns: (usize, usize),
}

/// The header that was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// The last row that is none of the records', as the reader counts it.
    pub index: u64,
    /// Its first row as people count it.
    pub row: u64,
    /// The column of the first name, from 0.
    pub column: usize,
    /// As they stand there.
    pub names: Vec<String>,
    pub notes: Vec<String>,
}

impl HeadRow {
    fn text(&self, column: usize) -> Option<&str> {
        let cell = self.cells.iter().find(|cell| cell.column == column);
        cell.map(|cell| cell.text.as_str())
    }

    fn first(&self) -> usize {
        self.cells.first().map_or(0, |cell| cell.column)
    }

    fn last(&self) -> usize {
        self.cells.last().map_or(0, |cell| cell.column)
    }

    fn is_text(&self) -> bool {
        self.cells.iter().all(|cell| cell.is_text)
    }

    /// True where a number stands under a text of another row: below a header there are values.
    fn has_values_under(&self, other: &Self) -> bool {
        let values = self.cells.iter().filter(|cell| !cell.is_text);
        values
            .into_iter()
            .any(|cell| other.text(cell.column).is_some())
    }
}

/// Finds the header. `rows` are the first that have cells, `spans` what is merged near them.
///
/// # Errors
/// The rows that are told have no cells, or there are no rows at all.
pub(super) fn find(
    rows: &[HeadRow],
    spans: &[Span],
    asked: Option<HeaderRows>,
) -> Result<Heading, String> {
    let (first, last) = if let Some(asked) = asked {
        told(rows, asked)?
    } else {
        let first = below_titles(rows, spans);
        let mut last = first;
        while last - first + 1 < DEEPEST && goes_on(&rows[first..], last - first, spans) {
            last += 1;
        }
        (first, last)
    };
    let header = rows
        .get(first..=last)
        .filter(|header| !header.is_empty())
        .ok_or("expected a header of column names, found nothing")?;
    let column = header.iter().map(HeadRow::first).min().unwrap_or_default();
    let mut names = names(header, spans, column);
    let mut notes = Vec::new();
    let mut index = header[header.len() - 1].index;
    if let Some(units) = rows.get(last + 1).filter(|row| is_units(row)) {
        for cell in &units.cells {
            let name = cell
                .column
                .checked_sub(column)
                .and_then(|at| names.get_mut(at));
            if let Some(name) = name
                && Unit::of(bare(&cell.text)).is_some()
                && !has_unit(name)
            {
                *name = format!("{name}（{}）", bare(&cell.text));
            }
        }
        index = units.index;
        notes.push(format!("row {} has the units of the columns", units.row));
    }
    for title in &rows[..first] {
        for cell in &title.cells {
            notes.extend(with_units(&cell.text, &mut names));
        }
    }
    let rows_told = match header {
        [one] => format!("row {}", one.row),
        several => format!(
            "rows {} to {}",
            several[0].row,
            several[several.len() - 1].row
        ),
    };
    if asked.is_some() || header[0].row > 1 || header.len() > 1 {
        let mut shown = names.iter().filter(|name| !name.trim().is_empty());
        let shown: Vec<_> = shown
            .by_ref()
            .take(6)
            .map(|name| name.trim().replace(['\r', '\n'], ""))
            .collect();
        let how = if asked.is_some() {
            ", as --header-row says"
        } else if header[0].row > 1 {
            ", the first that is neither blank nor a title across columns; --header-row tells another"
        } else {
            "; --header-row tells another"
        };
        notes.insert(
            0,
            format!("the header is {rows_told}{how}: {}", shown.join(", ")),
        );
    }
    Ok(Heading {
        index,
        row: header[0].row,
        column,
        names,
        notes,
    })
}

/// The places of rows that were told.
fn told(rows: &[HeadRow], asked: HeaderRows) -> Result<(usize, usize), String> {
    let within = |row: &HeadRow| (asked.first..=asked.last).contains(&row.row);
    let first = rows.iter().position(within);
    let last = rows.iter().rposition(within);
    first.zip(last).ok_or_else(|| {
        let known: Vec<_> = rows.iter().take(6).map(|row| row.row.to_string()).collect();
        format!(
            "--header-row {}: there are no cells there; the first rows with cells are {}",
            if asked.first == asked.last {
                asked.first.to_string()
            } else {
                format!("{}-{}", asked.first, asked.last)
            },
            known.join(", ")
        )
    })
}

/// The place of the first row that is no title.
fn below_titles(rows: &[HeadRow], spans: &[Span]) -> usize {
    let mut at = 0;
    while at < TITLES && at + 1 < rows.len() && is_title(&rows[at], &rows[at + 1..], spans) {
        at += 1;
    }
    at
}

/// True of what stands above a table: a title, who has made it, a line of units.
fn is_title(row: &HeadRow, below: &[HeadRow], spans: &[Span]) -> bool {
    // Of a table of one column the first row is the header.
    let Some(wide) = below.iter().find(|row| row.cells.len() > 1) else {
        return false;
    };
    let labelled = |cell: &HeadCell| cell.text.contains([':', '：']);
    if row.cells.len() <= 4 && row.cells.iter().all(labelled) {
        return true;
    }
    let [only] = row.cells.as_slice() else {
        return false;
    };
    let across = |span: &&Span| {
        span.rows == (row.row, row.row)
            && span.columns.0 < span.columns.1
            && (span.columns.0..=span.columns.1).contains(&only.column)
    };
    if spans.iter().any(|span| across(&span)) || Unit::of(bare(&only.text)).is_some() {
        return true;
    }
    // Under a lone cell there is a header where there are names and no values. pandas leaves the name of its first
    // column blank, and has one name then.
    only.is_text && wide.is_text() && (only.column <= wide.first() || wide.cells.len() > 2)
}

/// True where the row behind those of the header is one of it too.
fn goes_on(rows: &[HeadRow], last: usize, spans: &[Span]) -> bool {
    let (Some(upper), Some(next)) = (rows.get(last), rows.get(last + 1)) else {
        return false;
    };
    let after = rows.get(last + 2);
    let top = rows[0].row;
    let down = spans.iter().any(|span| {
        (top..=upper.row).contains(&span.rows.0)
            && span.rows.1 >= next.row
            && span.rows.0 < span.rows.1
    });
    if down {
        return true;
    }
    if !next.is_text() || is_units(next) || !after.is_some_and(|after| after.has_values_under(next))
    {
        return false;
    }
    let parted = spans.iter().any(|span| {
        let under = next
            .cells
            .iter()
            .filter(|cell| (span.columns.0..=span.columns.1).contains(&cell.column));
        span.rows == (upper.row, upper.row) && span.columns.0 < span.columns.1 && under.count() > 1
    });
    // Without merged cells, as CSV has them: each row has names where the other has none.
    let fills = next
        .cells
        .iter()
        .any(|cell| upper.text(cell.column).is_none());
    let leaves = upper
        .cells
        .iter()
        .any(|cell| next.text(cell.column).is_none());
    let before_first = next.first() < upper.first();
    parted || (fills && leaves && !before_first)
}

/// The names of a header of one row or several. A name of the lowest row goes alone where no other column has it, and
/// else behind those above it.
fn names(header: &[HeadRow], spans: &[Span], column: usize) -> Vec<String> {
    let last = header.iter().map(HeadRow::last).max().unwrap_or_default();
    let merged = spans.iter().any(|span| {
        header.iter().any(|row| row.row == span.rows.0) && span.columns.0 < span.columns.1
    });
    let mut all: Vec<Vec<&str>> = vec![Vec::new(); last + 1 - column];
    for (at, row) in header.iter().enumerate() {
        let mut left = None;
        for (place, parts) in (column..).zip(&mut all) {
            let own = row.text(place);
            let span = spans.iter().find(|span| {
                (span.rows.0..=span.rows.1).contains(&row.row)
                    && (span.columns.0..=span.columns.1).contains(&place)
            });
            let of_span = span.and_then(|span| {
                let of = header.iter().find(|row| row.row == span.rows.0)?;
                of.text(span.columns.0)
            });
            let lower = header[at + 1..].iter().any(|row| row.text(place).is_some());
            let of_left = left.filter(|_| !merged && lower);
            let name = own.or(of_span).or(of_left);
            left = if lower { name } else { None };
            parts.extend(name.filter(|name| parts.last() != Some(name)));
        }
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for parts in &all {
        *counts
            .entry(parts.last().copied().unwrap_or_default())
            .or_default() += 1;
    }
    let name = |parts: &Vec<&str>| match parts.last() {
        None => String::new(),
        Some(lowest) if counts[lowest] == 1 => (*lowest).to_owned(),
        Some(_) => parts.join(" "),
    };
    all.iter().map(name).collect()
}

/// True of a row of nothing but units, at least one of them known.
fn is_units(row: &HeadRow) -> bool {
    let is_unit = |cell: &HeadCell| cell.is_text && Unit::of(bare(&cell.text)).is_some();
    row.cells.iter().any(is_unit)
        && row
            .cells
            .iter()
            .all(|cell| is_unit(cell) || COUNTED.contains(&bare(&cell.text)))
}

/// Without the brackets around all of it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let open = text.strip_prefix(['(', '（', '[', '【']);
    open.and_then(|inside| inside.strip_suffix([')', '）', ']', '】']))
        .unwrap_or(text)
        .trim()
}

/// True of `面积（公顷）`.
fn has_unit(name: &str) -> bool {
    let name = name.trim();
    let inside = name.rfind(['(', '（', '[', '【']).map(|at| &name[at..]);
    inside.is_some_and(|inside| Unit::of(bare(inside)).is_some())
}

/// Puts the units of a line such as `单位：公顷` into the names that they suit and that have none; a sentence on it.
fn with_units(line: &str, names: &mut [String]) -> Option<String> {
    let (_, rest) = ["单位", "單位", "Units", "Unit", "units", "unit"]
        .iter()
        .find_map(|word| line.split_once(word))?;
    let rest = rest.trim_start().strip_prefix([':', '：'])?;
    let parts = rest.split(['、', ',', '，', ';', '；', '/', ' ', '\u{3000}', ')', '）']);
    let units: Vec<_> = parts
        .filter_map(|part| Some((part.trim(), Unit::of(part.trim())?)))
        .collect();
    if units.is_empty() {
        return None;
    }
    let mut told = Vec::new();
    for name in names.iter_mut().filter(|name| !has_unit(name)) {
        let suits = |(_, unit): &&(&str, Unit)| unit.suits(name);
        if let Some((word, _)) = units.iter().find(suits) {
            told.push(name.trim().to_owned());
            *name = format!("{}（{word}）", name.trim());
        }
    }
    let line = line.trim();
    Some(if told.is_empty() {
        format!(
            "the line {line:?} fits no column's name: --map COLUMN=NAME:UNIT says what is in it"
        )
    } else {
        format!("the line {line:?} is the unit of {}", told.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of cells parted by `|`.
    fn rows(lines: &[&str]) -> Vec<HeadRow> {
        let cell = |(column, text): (usize, &str)| HeadCell {
            column,
            text: text.to_owned(),
            is_text: text.parse::<f64>().is_err(),
        };
        let numbered = (1..).zip(lines);
        let row = |(row, line): (u64, &&str)| HeadRow {
            row,
            index: row,
            width: 0,
            cells: line
                .split('|')
                .enumerate()
                .filter(|(_, text)| !text.is_empty())
                .map(cell)
                .collect(),
        };
        numbered
            .map(row)
            .filter(|row| !row.cells.is_empty())
            .collect()
    }

    fn span(rows: (u64, u64), columns: (usize, usize)) -> Span {
        Span { rows, columns }
    }

    fn found(lines: &[&str], spans: &[Span]) -> (u64, u64, String) {
        let found = find(&rows(lines), spans, None).expect("a header");
        (found.row, found.index, found.names.join("|"))
    }

    #[test]
    fn a_header_stands_below_titles() {
        let plain = &[][..];
        for (lines, spans, expected) in [
            (&["a|b", "1|2"][..], plain, (1, 1, "a|b")),
            (&["a", "b"], plain, (1, 1, "a")),
            (&["标题", "编号|经度", "A|121"], plain, (2, 2, "编号|经度")),
            (
                &["标题", "", "单位：公顷", "编号|面积", "A|1"],
                plain,
                (4, 4, "编号|面积（公顷）"),
            ),
            (
                &[
                    "标题",
                    "编制：某院|日期：2021年|单位：万元",
                    "编号|投资",
                    "A|1",
                ],
                plain,
                (3, 3, "编号|投资（万元）"),
            ),
            (&["标题", "A|121"], &[span((1, 1), (0, 1))], (2, 2, "A|121")),
            // pandas leaves the name of its index blank.
            (&["|name", "0|x"], plain, (1, 1, "name")),
            (&["|name", "a|x"], plain, (1, 1, "name")),
            (
                &["编号|面积|长度", "|公顷|米", "A|1|2"],
                plain,
                (1, 2, "编号|面积（公顷）|长度（米）"),
            ),
            (&["name", "1|2"], plain, (1, 1, "name")),
        ] {
            let (row, index, names) = found(lines, spans);
            assert_eq!((row, index, names.as_str()), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_header_may_have_several_rows() {
        let lines = [
            "编号|位置||面积|指标|",
            "|经度|纬度||容积率|限高",
            "A1|121|31|1.2|2.5|80",
        ];
        let spans = [
            span((1, 2), (0, 0)),
            span((1, 1), (1, 2)),
            span((1, 2), (3, 3)),
            span((1, 1), (4, 5)),
        ];
        let expected = (1, 2, "编号|经度|纬度|面积|容积率|限高".to_owned());
        assert_eq!(found(&lines, &spans), expected);
        assert_eq!(found(&lines, &[]), expected, "without merged cells");
        let lines = ["名称|现状||规划|", "|面积|长度|面积|长度", "甲|1|2|3|4"];
        let expected = (
            1,
            2,
            "名称|现状 面积|现状 长度|规划 面积|规划 长度".to_owned(),
        );
        assert_eq!(found(&lines, &[]), expected);
        // A first record with blanks is none of the header's.
        let lines = ["编号|名称|备注", "A||x", "B|y|z"];
        assert_eq!(found(&lines, &[]).1, 1);
    }

    #[test]
    fn a_header_may_be_told() {
        let all = rows(&["a|b", "c|d", "", "1|2"]);
        let asked = |first, last| find(&all, &[], Some(HeaderRows { first, last }));
        let one = asked(2, 2).expect("a header");
        assert_eq!((one.index, one.names.join("|")), (2, "c|d".to_owned()));
        assert!(
            one.notes[0].contains("the header is row 2, as --header-row says: c, d"),
            "{:?}",
            one.notes
        );
        assert_eq!(asked(1, 2).expect("a header").index, 2);
        let error = asked(3, 3).expect_err("blank");
        assert!(
            error.contains("--header-row 3") && error.contains("1, 2, 4"),
            "{error}"
        );
    }
}
