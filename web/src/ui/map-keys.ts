// What the keys do while the map has the focus; arrows, plus and minus are OpenLayers' own.

import { seen } from "../map/seen";
import type { Side } from "../map/step";
import { announcement, select, selected, t } from "../state";
import { tool } from "../tools/tool";
import { closeDetail, openedFromMap } from "./focus";
import { scaleText, spokenPlace } from "./MapStatus";
import { mapHandle } from "./map-handle";

const SIDES: Record<string, Side> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const PANS: Record<Side, readonly [number, number]> = {
  left: [-10, 0],
  right: [10, 0],
  up: [0, -10],
  down: [0, 10],
};

/** The feature before or after the selected one, in the order in which they are listed. */
function turnPage(by: 1 | -1): void {
  const features = seen.peek()?.features ?? [];
  const from = selected.peek();
  const at = features.findIndex((one) => one.id === from?.id && one.collection === from.collection);
  const next = features[(at < 0 && by < 0 ? 0 : at) + by] ?? features.at(by > 0 ? 0 : -1);
  if (next) select({ collection: next.collection, id: next.id }, "map");
}

/** Place, scale and what is in view, in one sentence. */
function speak(): void {
  const total = seen.peek()?.features.length ?? 0;
  announcement.value = t("spoken", { place: spokenPlace(), scale: scaleText(), count: total });
}

export function onMapKey(event: KeyboardEvent): void {
  const handle = mapHandle.peek();
  if (!handle || event.ctrlKey || event.metaKey) return;
  const side = SIDES[event.key];
  if (event.altKey) {
    // Alt and an arrow is Back in some browsers.
    if (side) {
      openedFromMap();
      handle.step(side);
    } else if (event.code === "KeyI") speak();
    else return;
  } else if (side && event.shiftKey) handle.panBy(PANS[side]);
  else if (event.key === "Enter" || event.key === " ") {
    openedFromMap();
    handle.pickAtCentre();
  } else if (event.key === "0" || event.key === "Home") handle.home();
  else if (event.key === "[" || event.key === "]") {
    openedFromMap();
    turnPage(event.key === "]" ? 1 : -1);
  } else if (event.key === "?") tool.value = "keys";
  else if (event.key === "Escape" && selected.peek()) closeDetail();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
