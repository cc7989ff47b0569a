//! Features that a CRS cannot show.

use buju::audit::{KEPT, audit};
use buju::encode::Format;
use buju::model::ColumnType;
use buju::snapshot::Snapshot;
use buju::store::Store;
use geo::point;

use crate::support::{self, Server, cell, column};

/// One point in Shanghai and one a quarter of the way round the world from its meridian, where a transverse
/// Mercator as EPSG:4549 ends.
fn snapshot() -> Snapshot {
    let columns = vec![column("name", ColumnType::String, false)];
    let row = |x: f64, y: f64, name: &str| {
        (
            Some(point!(x: x, y: y).into()),
            vec![cell(ColumnType::String, name)],
        )
    };
    let rows = vec![row(121.4, 31.2, "here"), row(30.0, 0.0, "far")];
    let mut loaded = support::loaded(columns, rows);
    loaded.plan.crs = vec!["EPSG:3857".to_owned(), "EPSG:4549".to_owned()];
    Snapshot::build(loaded, Vec::new())
}

#[tokio::test]
async fn every_form_names_the_feature_and_the_crs() {
    let server = Server::new(Store::new(snapshot()));
    let mut all: Vec<_> = Format::ALL.iter().map(|format| format.id()).collect();
    all.retain(|format| *format != "kml");
    all.push("html");
    for format in all {
        let items = format!("/collections/shapes/items?f={format}&crs=EPSG:4549");
        let mut targets = vec![items.clone(), format!("{items}&offset=1")];
        if format == "geojson" {
            targets.push("/collections/shapes/items/00001?crs=EPSG:4549".to_owned());
        }
        for target in targets {
            let answer = server.get(&target).await;
            assert_eq!(answer.status, 400, "{target}");
            let problem = answer.json();
            assert_eq!(problem["parameter"], "crs", "{target}");
            let detail = problem["detail"].as_str().expect("a text");
            assert!(
                detail.contains("feature \"00001\"") && detail.contains("EPSG:4549"),
                "{target}: {detail}"
            );
        }
        for good in [format!("{items}&limit=1"), format!("{items}&name=here")] {
            assert_eq!(server.get(&good).await.status, 200, "{good}");
        }
    }
    // Whoever asks by such a CRS finds what it shows.
    let found = server
        .get("/collections/shapes/items?bbox-crs=EPSG:4549&bbox=3000000,0,4000000,900000")
        .await;
    assert_eq!(found.json()["numberMatched"], 1);
}

#[test]
fn the_audit_tells_before_anybody_asks() {
    let snapshot = snapshot();
    let report = audit(&snapshot, Vec::new(), KEPT);
    let found: Vec<_> = report
        .notes
        .iter()
        .filter(|note| note.finding.check == "outside-crs")
        .collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].finding.id.as_deref(), Some("00001"));
    let reason = &found[0].finding.reason;
    assert!(
        reason.contains("EPSG:4549") && !reason.contains("EPSG:3857"),
        "{reason}"
    );
    let mut off = snapshot;
    off.plan.audit.off = vec!["outside-crs".to_owned()];
    let report = audit(&off, Vec::new(), KEPT);
    assert!(
        report
            .notes
            .iter()
            .all(|note| note.finding.check != "outside-crs")
    );
}
