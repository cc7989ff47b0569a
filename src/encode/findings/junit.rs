use super::more;
use crate::audit::{Report, Tally};
use crate::model::{CHECKS, Check, Scope, Severity, turned_off};

/// A test case per check, as continuous integration reads them: errors fail, and warnings do where
/// they are denied; else they are what the case has written. A check that the plan turns off, or that
/// could not be made or had nothing to look at, is skipped.
#[must_use]
pub fn findings_junit(report: &Report, off: &[String], deny_warnings: bool) -> Vec<u8> {
    let fails = |tally: &Tally| tally.check.severity == Severity::Error || deny_warnings;
    let mut cases = String::new();
    let (mut failures, mut skipped) = (0, 0);
    for check in CHECKS {
        let tally = report.tallies.iter().find(|tally| tally.check == check);
        let case = match tally {
            Some(tally) => {
                failures += usize::from(fails(tally));
                found(report, tally, fails(tally))
            }
            None if check.can_be_off() && turned_off(off, check.name) => {
                skipped += 1;
                "<skipped message=\"the plan turns it off\"/>".to_owned()
            }
            None if !report.audited && check.scope == Scope::Audit => {
                skipped += 1;
                "<skipped message=\"the plan has errors\"/>".to_owned()
            }
            None if report.idle.contains(&check) => {
                skipped += 1;
                "<skipped message=\"the plan has nothing that it looks at\"/>".to_owned()
            }
            None => String::new(),
        };
        cases.extend([format!(
            "    <testcase classname=\"buju.{}\" name=\"{}\">{case}</testcase>\n",
            stage(check),
            check.name
        )]);
    }
    let tests = CHECKS.len();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"buju check\" {counts}>\n  <testsuite name=\"buju check\" {counts} skipped=\"{skipped}\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
    .into_bytes()
}

fn stage(check: &Check) -> &'static str {
    match check.scope {
        Scope::Load | Scope::Warn => "load",
        Scope::Audit => "audit",
    }
}

fn found(report: &Report, tally: &Tally, fails: bool) -> String {
    let mut lines = String::new();
    for note in report.notes_of(tally.check) {
        lines.extend([escaped(&note.finding.to_string()), "\n".to_owned()]);
    }
    if more(tally) > 0 {
        lines.extend([format!("... and {} more\n", more(tally))]);
    }
    let count = tally.count;
    if fails {
        let title = escaped(tally.check.en);
        format!(
            "<failure type=\"{}\" message=\"{title}: {count}\">{lines}</failure>",
            tally.check.name
        )
    } else {
        format!("<system-out>{lines}</system-out>")
    }
}

/// Characters that XML 1.0 cannot hold become blanks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_blank() {
        assert_eq!(
            escaped("a<b>&\"c\"\u{1}\u{ffff}祁"),
            "a&lt;b&gt;&amp;&quot;c&quot;  祁"
        );
    }
}
