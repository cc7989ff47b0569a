//! A plan folder for another town, with nothing in it yet: it can be checked and served as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::ImportError;
use super::name;
use super::settings::{EVERYWHERE, zoom};
use super::tables::{pair, quoted};
use crate::crs::Zone;
use crate::model::{Period, Stamp, Text};

/// What is known of a plan before its data.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// Its folder, which is not there or empty.
    pub folder: PathBuf,
    /// Its title.
    pub title: Text,
    /// The years that it is for.
    pub period: Option<Period>,
    /// West, south, east, north in degrees.
    pub extent: Option<[f64; 4]>,
}

/// Makes the folder: whole, or not at all.
///
/// # Errors
/// There is something in it, or it cannot be written.
pub fn create(plan: &NewPlan) -> Result<(), ImportError> {
    let folder = &plan.folder;
    let refused = |reason: String| ImportError::Refused(format!("{}: {reason}", folder.display()));
    let failed = |error: io::Error| ImportError::Write {
        path: folder.clone(),
        reason: error.to_string(),
    };
    let there = match fs::read_dir(folder) {
        Ok(entries) => {
            // What begins with a dot is not the plan's: .git, .DS_Store.
            let names = entries
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned());
            if let Some(name) = names.filter(|name| !name.starts_with('.')).min() {
                return Err(refused(format!(
                    "expected an empty folder, found {name:?} in it"
                )));
            }
            true
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(refused(format!("expected a folder, or nothing: {error}"))),
    };
    let parent = match folder.parent() {
        _ if there => folder,
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed)?;
    let draft = tempfile::Builder::new()
        .prefix(".buju-new-")
        .tempdir_in(parent)
        .map_err(failed)?;
    for (name, text) in files(plan) {
        let path = draft.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(parent)).map_err(failed)?;
        fs::write(&path, text).map_err(failed)?;
    }
    fs::create_dir(draft.path().join("geodata")).map_err(failed)?;
    if there {
        return filled(draft.path(), folder).map_err(failed);
    }
    // As open to others as any folder that a program makes.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = fs::metadata(draft.path().join("seeds"))
            .map_err(failed)?
            .permissions();
        let open = fs::Permissions::from_mode(open.mode());
        fs::set_permissions(draft.path(), open).map_err(failed)?;
    }
    fs::rename(draft.path(), folder).map_err(failed)?;
    // There is nothing left to remove.
    let _ = draft.keep();
    Ok(())
}

/// Moves what was made into a folder that is there, for somebody may be in it: all of it, or nothing.
fn filled(draft: &Path, folder: &Path) -> io::Result<()> {
    let mut moved = Vec::new();
    for name in ["seeds", "geodata", "README.md"] {
        let to = folder.join(name);
        if let Err(error) = fs::rename(draft.join(name), &to) {
            for (from, to) in moved {
                // It was moved from there a moment ago.
                let _ = fs::rename(to, from);
            }
            return Err(error);
        }
        moved.push((draft.join(name), to));
    }
    Ok(())
}

fn files(plan: &NewPlan) -> [(&'static str, String); 4] {
    [
        ("seeds/plan.toml", settings(plan)),
        ("seeds/collections.toml", COLLECTIONS.to_owned()),
        ("seeds/projects.csv", "id,collection\n".to_owned()),
        (
            "README.md",
            README.replace("TITLE", &format!("{} / {}", plan.title.zh, plan.title.en)),
        ),
    ]
}

fn settings(plan: &NewPlan) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let micros = now.map_or(0, |now| i64::try_from(now.as_micros()).unwrap_or_default());
    let today = Stamp::from_micros(micros).to_string();
    let month = today.get(..7).unwrap_or("2026-01");
    let year: u16 = month
        .get(..4)
        .and_then(|year| year.parse().ok())
        .unwrap_or(2026);
    // China's five-year plans begin in years that end with 1 and 6.
    let start = year - (year + 4) % 5;
    let period = plan.period.unwrap_or(Period {
        start,
        end: start + 4,
    });
    let [west, south, east, north] = plan.extent.unwrap_or(EVERYWHERE);
    let center = [f64::midpoint(west, east), f64::midpoint(south, north)];
    let zone = Zone::holding(center[0]).filter(|_| plan.extent.is_some());
    let zone = zone.map_or(String::new(), |zone| format!(", \"{}\"", zone.crs()));
    let title = pair(&plan.title);
    let zoom = zoom([west, south, east, north]);
    let name = plan
        .folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .or_else(|| {
            let whole = plan.folder.canonicalize().ok()?;
            Some(whole.file_name()?.to_string_lossy().into_owned())
        });
    let id = name::collection(name.as_deref().unwrap_or(&plan.title.en));
    let notice = Text {
        zh: "数据由编制单位提供，仅供参考，不得用于测量、审批或产权认定。".to_owned(),
        en: "Data as given by the planning office, for information. Not for surveying, permits or title.".to_owned(),
    };
    format!(
        "# The plan: what it is, whom to name, and the ready-made maps.\n\n\
         id = {}\ntitle = {title}\nsource_title = {title}\n\
         period = {{ start = {}, end = {} }}\nissued = \"{month}\"\n\
         # Whom to name wherever the data are shown, a line each: {{ zh = \"...\", en = \"...\" }}\nattribution = []\n\
         # What everybody must know before relying on the map.\nnotice = {}\n\
         # Every coordinate must lie in it: west, south, east, north in degrees. The whole earth stands for a place\n\
         # that is not known yet: the first import sets it.\nextent = [{west:?}, {south:?}, {east:?}, {north:?}]\n\
         # CRSs that features are served in.\n\
         crs = [\"OGC:CRS84\", \"EPSG:4326\", \"EPSG:3857\", \"EPSG:4490\"{zone}, \"GCJ02\", \"BD09\"]\n\
         register = \"projects.csv\"\n\
         view = {{ center = [{:?}, {:?}], zoom = {zoom:?} }}\n\n\
         [[views]]\nid = \"overview\"\ntitle = {}\nintroduction = {}\nlayers = []\n",
        quoted(&id),
        period.start,
        period.end,
        pair(&notice),
        center[0],
        center[1],
        "{ zh = \"总览\", en = \"Overview\" }",
        "{ zh = \"全部图层。\", en = \"All layers.\" }",
    )
}

const COLLECTIONS: &str = "\
# The collections of the plan and the columns that they share. `buju import FILE --into NAME` adds what a file
# suggests; what is here is never changed by it, so titles, codes and colours are yours to mend.
#
# [[collections]]
# id = \"parcels\"                                # its name in addresses
# title = { zh = \"地块\", en = \"Plots\" }
# description = { zh = \"...\", en = \"...\" }
# geometry = \"polygon\"                          # or \"line\", \"point\", \"any\"
# source = \"parcels.geojson\"                    # in geodata/
# register = true                               # its figures are in projects.csv, a row per feature
# style = { color = \"#b3261e\", width = 2.0, class_column = \"kind\" }
# columns = [\"name_zh\", \"plot_ratio\"]
# audit = { no_overlap = true, no_gaps = true } # what `buju check` looks for beyond what is always wrong; see README.md
#
# [columns.plot_ratio]
# title = { zh = \"容积率\", en = \"Plot ratio\" }
# type = \"number\"                               # string, integer, number, boolean, date, timestamp, strings, json
# role = \"stated\"                               # who vouches for it; README.md has the others
# indexed = true                                # queries by it are fast
# tile = true                                   # tiles carry it
# values = [{ code = \"new\", zh = \"新建\", en = \"New\", color = \"#c62828\" }]   # the only texts that it may hold
";

const README: &str = "\
# TITLE

A plan folder of Buju: plain files, to be edited with whatever edits text and tables.

| file | what it is |
|---|---|
| `seeds/plan.toml` | title, period, whom to name, the box that all coordinates lie in, the views of the map |
| `seeds/collections.toml` | the layers and the columns: titles, types, units, codes, colours |
| `seeds/projects.csv` | the register: a row per project of collections with `register = true`; `id`, `collection` and any declared column; an empty cell says nothing, which is not zero |
| `geodata/NAME.geojson` | one layer: where things are, and the columns that the register does not have |

The role of a column says who vouches for its values; the kinds never mix in one column:

| role | its values are |
|---|---|
| `stated` | what the plan, or the file that was imported, says |
| `derived` | computed from stated values, by a formula that is named |
| `measured` | measured from the shape as drawn |
| `position` | how the place is known and how sure it is: `geometry_basis`, `position_accuracy_m` |
| `source` | where it is said |
| `note` | a remark of whoever keeps this folder |

A column may have any name. These have a meaning, where a collection has them:

| column | what it says |
|---|---|
| `name_zh`, `name_en` | the name, which labels and search show |
| `address` | searched too |
| `land_use` | a class of land use; its codes get the official colours |
| `site_area_m2` (用地面积), `plot_ratio` (容积率) | the site area and the plot ratio; `buju check` compares the first with the shape |
| `far_countable_floor_area_m2` (计容建筑面积), `above_ground_floor_area_m2`, `floor_area_m2`, `gross_floor_area_m2` | floor areas: those that a plot ratio counts are compared with plot ratio × site area |
| `investment_cny` | the investment; like areas, it must not be less than that of the parts together |
| `part_of` | the id of the feature that this one is part of |
| `from_zh`, `from_en`, `to_zh`, `to_en` | where a road work begins and ends |
| `status` | planned, underway, done or suspended |
| `position_accuracy_m` | how far the place may be off, in metres: checks tolerate as much, and the map shows it |
| `geometry_basis` | how the place is known, such as `schematic` or `surveyed`: without it nobody can tell, and the page says so |
| `no_geometry_reason_zh`, `no_geometry_reason_en` | why there is no place: a row without both is reported |
| `plan_ref`, `plan_chapter`, `plan_section`, `plan_table`, `plan_row` | where the plan says it |
| `measured_area_m2`, `measured_length_m` | computed from the shape (`compute = \"geodesic_area\"`), never typed in |

Areas may also stand in a column without the unit in its name (`site_area`), in the unit that the column says.

What `buju check` looks for is listed by `buju check --list`. Some of it only where a collection asks, in its table:
`audit = { no_overlap = true, no_gaps = true, inside = \"zones\", in_order = [\"started_on\", \"done_on\"] }`; tolerances, and
checks to turn off, stand in `plan.toml` under `[audit]`: `off = [\"sliver\"]`, `overlap_m2 = 1.0`.

```sh
buju infer FILE                                   # what a file holds, and the collection that it suggests
buju import FILE --into parcels --plan .          # take it over; --dry-run shows what would change
buju check --plan .                               # everything that is wrong
buju serve --plan .                               # map, API and tiles on http://127.0.0.1:8080
```
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{self, PlanFiles};

    fn plan(folder: &Path) -> NewPlan {
        NewPlan {
            folder: folder.to_owned(),
            title: Text {
                zh: "虚构\"镇\"规划".to_owned(),
                en: "A made-up town".to_owned(),
            },
            period: None,
            extent: None,
        }
    }

    #[test]
    fn a_new_plan_is_sound() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = folder.path().join("town");
        for extent in [None, Some([121.3, 31.2, 121.4, 31.3])] {
            let new = NewPlan {
                extent,
                ..plan(&made)
            };
            create(&new).expect("made");
            let outcome = ingest::load(&PlanFiles::Folder(made.clone())).expect("a folder");
            assert_eq!(outcome.findings, [], "{extent:?}");
            let read = outcome.loaded.expect("loaded").plan;
            assert_eq!(
                (read.title.zh.as_str(), read.id.as_str()),
                ("虚构\"镇\"规划", "town")
            );
            let expected = extent.unwrap_or(EVERYWHERE);
            assert_eq!(format!("{:?}", read.extent), format!("{expected:?}"));
            assert_eq!(read.crs.contains(&"EPSG:4549".to_owned()), extent.is_some());
            assert_eq!(read.period.end - read.period.start, 4);
            fs::remove_dir_all(&made).expect("removed");
        }
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a"), "b").expect("written");
        let refused = create(&plan(folder.path()))
            .expect_err("refused")
            .to_string();
        assert!(
            refused.contains("empty folder") && refused.contains("\"a\""),
            "{refused}"
        );
        let file = folder.path().join("a");
        assert!(create(&plan(&file)).is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).expect("a folder");
        create(&plan(&empty)).expect("made");
        assert!(empty.join("seeds/plan.toml").is_file());
    }
}
