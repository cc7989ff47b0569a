//! Prometheus' text format (exposition formats, version 0.0.4).

use std::fmt::{Display, Write};

/// Its media type.
pub const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a metric does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Only grows, from the start of the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by upper bound; its samples are named `_bucket`, `_sum` and `_count`.
    Histogram,
}

/// A text of metrics, written one after the other.
#[derive(Debug, Default)]
pub struct Exposition(String);

/// The samples of a metric.
#[derive(Debug)]
pub struct Samples<'a> {
    out: &'a mut String,
    name: &'static str,
}

impl Exposition {
    /// Begins a metric. Its name ends in its unit, and that of a counter in `_total`.
    pub fn metric(&mut self, name: &'static str, metric: Metric, help: &str) -> Samples<'_> {
        let kind = match metric {
            Metric::Counter => "counter",
            Metric::Gauge => "gauge",
            Metric::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        self.0.extend([
            "# HELP ",
            name,
            " ",
            &help,
            "\n# TYPE ",
            name,
            " ",
            kind,
            "\n",
        ]);
        Samples {
            out: &mut self.0,
            name,
        }
    }

    /// The text.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

impl Samples<'_> {
    /// A value without labels.
    pub fn value(self, value: impl Display) {
        self.labelled(&[], value);
    }

    /// A value with labels.
    #[must_use]
    pub fn with(self, labels: &[(&str, &str)], value: impl Display) -> Self {
        self.part("", labels, value)
    }

    /// As [`Samples::with`], for the last one.
    pub fn labelled(self, labels: &[(&str, &str)], value: impl Display) {
        let _ = self.with(labels, value);
    }

    /// A value of a histogram's part, such as `_bucket`.
    #[must_use]
    pub fn part(self, part: &str, labels: &[(&str, &str)], value: impl Display) -> Self {
        self.out.extend([self.name, part]);
        for (at, (name, text)) in labels.iter().enumerate() {
            let text = text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let before = if at == 0 { "{" } else { "," };
            self.out.extend([before, name, "=\"", &text, "\""]);
        }
        if !labels.is_empty() {
            self.out.push('}');
        }
        // A String takes everything.
        let _ = writeln!(self.out, " {value}");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let mut text = Exposition::default();
        text.metric("a_total", Metric::Counter, "Line\nand \\ slash \"quoted\"")
            .with(&[("x", "a\"b\\c\nd"), ("y", "")], 1)
            .labelled(&[("x", "路")], 2.5);
        text.metric("b", Metric::Histogram, "B")
            .part("_bucket", &[("le", "+Inf")], 3)
            .part("_count", &[], 3)
            .value(0);
        let text = String::from_utf8(text.into_bytes()).expect("UTF-8");
        assert_eq!(
            text,
            "# HELP a_total Line\\nand \\\\ slash \"quoted\"\n# TYPE a_total counter\n\
             a_total{x=\"a\\\"b\\\\c\\nd\",y=\"\"} 1\na_total{x=\"路\"} 2.5\n\
             # HELP b B\n# TYPE b histogram\nb_bucket{le=\"+Inf\"} 3\nb_count 3\nb 0\n"
        );
    }
}
