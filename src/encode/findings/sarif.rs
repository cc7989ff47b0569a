use serde_json::{Value as Json, json};

use crate::audit::{Note, Report};
use crate::model::{CHECKS, Severity};

/// SARIF 2.1.0 (OASIS): a rule per check, a result per finding, each with its file and line and with
/// its feature as a logical location.
#[must_use]
pub fn findings_sarif(report: &Report) -> Vec<u8> {
    let rules: Vec<_> = CHECKS
        .iter()
        .map(|check| {
            json!({
                "id": check.name,
                "shortDescription": { "text": check.en },
                "fullDescription": { "text": check.about },
                "defaultConfiguration": { "level": level(check.severity) },
                "properties": { "title_zh": check.zh },
            })
        })
        .collect();
    let results: Vec<_> = report.notes.iter().map(result).collect();
    let json = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "buju check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{json:#}\n").into_bytes()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(note: &Note) -> Json {
    let finding = &note.finding;
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&finding.file) } },
    });
    if let Some(line) = finding.line {
        location["physicalLocation"]["region"] = json!({ "startLine": line });
    }
    if let Some(id) = &finding.id {
        let name = match &note.collection {
            Some(collection) => format!("{collection}/{id}"),
            None => id.clone(),
        };
        location["logicalLocations"] = json!([{ "name": id, "fullyQualifiedName": name }]);
    }
    let mut result = json!({
        "ruleId": finding.check,
        "level": level(finding.severity),
        "message": { "text": finding.to_string() },
        "locations": [location],
    });
    if let Some(rule) = CHECKS.iter().position(|check| check.name == finding.check) {
        result["ruleIndex"] = json!(rule);
    }
    result
}

/// A file's name may hold what an address may not.
fn uri(file: &str) -> String {
    let parts = file.split('/').map(|part| {
        percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .replace("%2E", ".")
            .replace("%2D", "-")
            .replace("%5F", "_")
    });
    parts.collect::<Vec<_>>().join("/")
}
