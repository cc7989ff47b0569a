//! `plan.toml` and `collections.toml`, setting by setting.

use serde_json::{Map, Value as Json, json};

use crate::model::CollectionInfo;
use crate::snapshot::Snapshot;

/// A setting that is not as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The file in `seeds/`.
    pub file: &'static str,
    /// Its path in the file, `views.works.title.zh`: things of a list are named by their id. Of a list
    /// of names, `columns` is what has gone and what has come.
    pub path: String,
    /// Before; null where it was not there.
    pub old: Json,
    /// After; null where it is not there any more.
    pub new: Json,
}

pub(super) fn compared(old: &Snapshot, new: &Snapshot) -> Vec<Setting> {
    let mut found = Vec::new();
    let plans = [old, new].map(plan);
    compare("plan.toml", String::new(), &plans[0], &plans[1], &mut found);
    let all = [old, new].map(collections);
    compare(
        "collections.toml",
        String::new(),
        &all[0],
        &all[1],
        &mut found,
    );
    found
}

fn plan(snapshot: &Snapshot) -> Json {
    let mut plan = json!(snapshot.plan);
    plan["audit"] = json!(snapshot.plan.audit);
    plan
}

/// As the file has it: columns are described once, whichever collections list them.
fn collections(snapshot: &Snapshot) -> Json {
    let mut columns = Map::new();
    for info in snapshot.collections.iter().map(|all| &all.info) {
        for column in &info.columns {
            columns.insert(column.name.clone(), json!(column));
        }
    }
    columns.sort_keys();
    let of = |info: &CollectionInfo| {
        let names: Vec<_> = info.columns.iter().map(|column| &column.name).collect();
        json!({
            "id": info.id,
            "title": info.title,
            "description": info.description,
            "geometry": info.geometry,
            "source": info.source,
            "layer": info.layer,
            "register": info.register,
            "columns": names,
            "min_zoom": info.min_zoom,
            "style": info.style,
            "time": info.time,
            "audit": info.audit,
        })
    };
    let all: Vec<_> = snapshot
        .collections
        .iter()
        .map(|all| of(&all.info))
        .collect();
    json!({ "collections": all, "columns": columns })
}

fn compare(file: &'static str, path: String, old: &Json, new: &Json, found: &mut Vec<Setting>) {
    if old == new {
        return;
    }
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    let mut tell = |old: Json, new: Json| {
        let path = path.clone();
        found.push(Setting {
            file,
            path,
            old,
            new,
        });
    };
    match (old, new) {
        (Json::Object(before), Json::Object(after)) => {
            let gone = before.keys().filter(|key| !after.contains_key(*key));
            for key in after.keys().chain(gone) {
                let of = |all: &Map<String, Json>| all.get(key).cloned().unwrap_or_default();
                compare(file, below(key), &of(before), &of(after), found);
            }
        }
        (Json::Array(before), Json::Array(after)) => match (by_id(before), by_id(after)) {
            (Some(olds), Some(news)) if olds != news => {
                compare(file, path, &Json::Object(olds), &Json::Object(news), found);
            }
            (None, None) => {
                let without = |all: &[Json], others: &[Json]| -> Vec<Json> {
                    let gone = all.iter().filter(|one| !others.contains(one));
                    gone.cloned().collect()
                };
                let (gone, come) = (without(before, after), without(after, before));
                if gone.is_empty() && come.is_empty() {
                    tell(old.clone(), new.clone());
                } else {
                    tell(gone.into(), come.into());
                }
            }
            _ => tell(ids(before).into(), ids(after).into()),
        },
        _ => tell(old.clone(), new.clone()),
    }
}

/// Things by their id, where all have one. The map keeps no order that counts.
fn by_id(things: &[Json]) -> Option<Map<String, Json>> {
    let entry = |thing: &Json| Some((thing.get("id")?.as_str()?.to_owned(), thing.clone()));
    let all: Option<Map<_, _>> = things.iter().map(entry).collect();
    all.filter(|all| !all.is_empty())
}

/// Of things in another order, their ids; of others the things.
fn ids(things: &[Json]) -> Vec<Json> {
    let id = |thing: &Json| thing.get("id").cloned().unwrap_or_else(|| thing.clone());
    things.iter().map(id).collect()
}
