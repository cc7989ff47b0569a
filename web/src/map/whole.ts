// Small collections are held whole beside the tiles: a line from one list is named once, its dashes do not start
// anew at every border of a tile, and its name stands where it is in view.

import { computed, effect, signal } from "@preact/signals";
import { fetchItems } from "../api";
import { CONTEXT, type Item } from "../model";
import { mapFilter } from "../query/query";
import { collections, lists } from "../state";

/** Of a collection; beyond it, its lines come from tiles. */
const LIMIT = 1000;

const context = signal<readonly Item[] | null>(null);
const filtered = signal<{ of: string; items: readonly Item[] } | null>(null);

/** Items by collection; collections that are too large, or not here yet, are missing. */
export const whole = computed<ReadonlyMap<string, readonly Item[]>>(() => {
  const held = new Map<string, readonly Item[]>();
  const filter = mapFilter.value;
  for (const [id, list] of lists.value) {
    if (list.state !== "ready" || list.value.numberMatched > list.value.features.length) continue;
    if (filter?.collection !== id) held.set(id, list.value.features);
    else if (filtered.value?.of === filter.query) held.set(id, filtered.value.items);
  }
  if (context.value) held.set(CONTEXT, context.value);
  return held;
});

/** Fetches what the lists do not have. */
export function followWhole(): () => void {
  const stops = [
    effect(() => {
      const ground = collections.value.get(CONTEXT);
      if (!ground || ground.numberOfFeatures > LIMIT || context.peek()) return;
      fetchItems(CONTEXT).then(
        ({ features }) => {
          context.value = features;
        },
        // The tiles have it too.
        () => {},
      );
    }),
    effect(() => {
      const filter = mapFilter.value;
      if (!filter || filtered.peek()?.of === filter.query) return undefined;
      let stale = false;
      fetchItems(filter.collection, filter.query).then(
        ({ features, numberMatched }) => {
          if (!stale && numberMatched === features.length)
            filtered.value = { of: filter.query, items: features };
        },
        () => {},
      );
      return () => {
        stale = true;
      };
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
