//! Checks that find nothing because a plan gives them nothing to look at: nobody should take that for a good answer.

use super::areas;
use crate::model::{CHECKS, Check, CollectionInfo, Scope};
use crate::snapshot::{Collection, Snapshot};

/// The checks of the audit that are on and have nothing to look at: no collection asks for them, or none has the
/// columns that they compare.
pub(super) fn idle(snapshot: &Snapshot) -> Vec<&'static Check> {
    let settings = &snapshot.plan.audit;
    let looks = |check: &Check| {
        let any = |has: &dyn Fn(&Collection) -> bool| snapshot.collections.iter().any(has);
        let asks = |has: &dyn Fn(&CollectionInfo) -> bool| any(&|one| has(&one.info));
        match check.name {
            "overlap" => asks(&|info| info.audit.lies_apart()),
            "gap" => asks(&|info| info.audit.no_gaps || info.audit.tiles.is_some()),
            "outside-zone" => asks(&|info| info.audit.inside.is_some()),
            "off-course" => asks(&|info| info.audit.along.is_some()),
            "dates-out-of-order" => asks(&|info| !info.audit.in_order.is_empty()),
            "outside-whole" | "unknown-whole" | "circular-whole" | "parts-exceed-whole" => {
                asks(&|info| info.column_index(&settings.columns.whole).is_some())
            }
            "area-disagrees" => any(&|one| areas::has_drawn(one, settings)),
            "floor-area-disagrees" => any(&|one| areas::has_floors(one, settings)),
            _ => true,
        }
    };
    let audit = CHECKS.iter().filter(|check| check.scope == Scope::Audit);
    audit
        .filter(|check| !settings.is_off(check.name) && !looks(check))
        .collect()
}
