//! Rows of sums: what stands beneath a table, or between its parts, and is no record.

/// Words that such a row begins with.
const WORDS: [&str; 16] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "合計",
    "總計",
    "小計",
    "共計",
    "总合计",
    "本页小计",
    "本页合计",
    "total",
    "totals",
    "subtotal",
    "grandtotal",
    "sum",
];
/// Bytes of the longest text that is looked at: the words, with blanks between.
pub(super) const LONGEST: usize = 48;

/// Returns true of a cell that says that its row is a sum: `合计`, `合 计：`, `Total`.
pub(super) fn is_word(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '：' | '-'))
        .collect();
    WORDS.contains(&bare.to_lowercase().as_str())
}

/// Sums that were met: how many, and the first.
#[derive(Debug, Default)]
pub(super) struct Totals {
    count: u64,
    first: Option<(u64, String)>,
}

impl Totals {
    pub fn add(&mut self, row: impl FnOnce() -> u64, word: &str) {
        self.count += 1;
        self.first
            .get_or_insert_with(|| (row(), word.trim().to_owned()));
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns a sentence on them.
    pub fn note(&self) -> Option<String> {
        let (row, word) = self.first.as_ref()?;
        Some(match self.count {
            1 => format!(
                "row {row} is a sum ({word}) and is left out; --keep-totals takes it as a record"
            ),
            count => format!(
                "{count} rows are sums, the first of them row {row} ({word}), and are left out; --keep-totals takes them as records"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_known_by_a_word() {
        for text in [
            "合计",
            " 合 计：",
            "小计",
            "Total:",
            "GRAND TOTAL",
            "Sub-total",
            "總計",
        ] {
            assert!(is_word(text), "{text}");
        }
        for text in [
            "",
            "合计用地",
            "合计路",
            "summary",
            "Total area",
            "总",
            &"合".repeat(99),
        ] {
            assert!(!is_word(text), "{text}");
        }
    }
}
