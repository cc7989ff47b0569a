// Where the keyboard's focus goes when the detail panel opens and closes.

import type { FeatureRef } from "../model";
import { deselect, select, selected, tab } from "../state";

export const MAP_ID = "map-view";

export function rowId({ collection, id }: FeatureRef): string {
  return `row-${collection}-${id}`;
}

/** What opened the panel; it gets the focus back. */
let opener: string = MAP_ID;

export function openFrom(elementId: string, ref: FeatureRef): void {
  opener = elementId;
  select(ref, "list");
}

export function openedFromMap(): void {
  opener = MAP_ID;
}

export function closeDetail(): void {
  const ref = selected.peek();
  deselect();
  // After the panel is gone; on a phone what opened it is only now visible again.
  requestAnimationFrame(() => {
    const row = ref && tab.peek() === "projects" ? document.getElementById(rowId(ref)) : null;
    const back =
      (opener === MAP_ID ? null : (document.getElementById(opener) ?? row)) ??
      document.getElementById(MAP_ID);
    back?.focus();
  });
}
