use std::path::Path;

/// True of a path in a folder that is a link out of it, or goes through one.
pub(crate) fn leads_out(folder: &Path, path: &Path) -> bool {
    let Ok(root) = folder.canonicalize() else {
        return false;
    };
    // What is not there yet will lie where its own folder is.
    let there = path.canonicalize();
    let real = there.or_else(|_| path.parent().unwrap_or(folder).canonicalize());
    real.is_ok_and(|real| !real.starts_with(root))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{create_dir_all, write};
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_may_lead_to_other_places_of_the_folder() {
        let all = tempfile::tempdir().expect("a folder");
        let at = |name: &str| all.path().join(name);
        // As a Kubernetes `ConfigMap` is mounted: what changes is one link.
        create_dir_all(at("plan/seeds/..2026_11")).expect("a folder");
        create_dir_all(at("plan/geodata")).expect("a folder");
        write(at("plan/seeds/..2026_11/plan.toml"), "x").expect("written");
        write(at("outside"), "x").expect("written");
        let links = [
            ("..2026_11", "plan/seeds/..data"),
            ("..data/plan.toml", "plan/seeds/plan.toml"),
            ("../../outside", "plan/geodata/link"),
            ("../../..", "plan/geodata/folder"),
            ("/nowhere/at/all", "plan/geodata/dead"),
            ("plan", "other"),
        ];
        for (to, link) in links {
            symlink(to, at(link)).expect("linked");
        }
        for (folder, name, expected) in [
            ("plan", "seeds/plan.toml", false),
            ("other", "seeds/plan.toml", false),
            ("plan", "geodata/new", false),
            ("plan", "geodata/dead", false),
            ("plan", "geodata/link", true),
            ("other", "geodata/link", true),
            ("plan", "geodata/folder/outside", true),
            ("plan", "geodata/folder/new", true),
            ("plan", "geodata/../../outside", true),
            ("nowhere", "geodata/new", false),
        ] {
            let folder = at(folder);
            assert_eq!(leads_out(&folder, &folder.join(name)), expected, "{name}");
        }
    }
}
