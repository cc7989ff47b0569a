use serde_json::{Value as Json, json};

use super::Counts;
use crate::audit::{Note, Report};
use crate::model::Severity;

/// One document: counts, what each check found, and the findings.
#[must_use]
pub fn findings_json(report: &Report, counts: Counts) -> Vec<u8> {
    let checks: Vec<_> = report
        .tallies
        .iter()
        .map(|tally| {
            let check = tally.check;
            json!({
                "check": check.name,
                "severity": check.severity,
                "title": { "zh": check.zh, "en": check.en },
                "count": tally.count,
                "listed": tally.listed,
            })
        })
        .collect();
    let findings: Vec<_> = report.notes.iter().map(finding).collect();
    let json = json!({
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "registerRows": counts.register_rows,
        "located": counts.located,
        "unlocated": counts.unlocated,
        "audited": report.audited,
        "idle": report.idle.iter().map(|check| check.name).collect::<Vec<_>>(),
        "checks": checks,
        "findings": findings,
    });
    format!("{json:#}\n").into_bytes()
}

fn finding(note: &Note) -> Json {
    let mut json = json!(note.finding);
    if let Some(collection) = &note.collection {
        json["collection"] = json!(collection);
    }
    if !note.others.is_empty() {
        json["others"] = json!(note.others);
    }
    json
}
