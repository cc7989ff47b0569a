// Small collections are held whole beside the tiles: a line from one list is named once, its dashes do not start
// anew at every border of a tile, and its name stands where it is in view.

import { computed, effect, signal } from "@preact/signals";
import { fetchItems } from "../api";
import { failed, loadList } from "../load";
import { CONTEXT, type Item, type ItemPage } from "../model";
import { offline } from "../offline";
import { mapFilters } from "../query/query";
import { collections, type Load, lists } from "../state";

/** Of a collection; beyond it, its lines come from tiles. */
const LIMIT = 1000;

const context = signal<readonly Item[] | null>(null);
const filtered = signal<ReadonlyMap<string, { of: string; list: Load<ItemPage> }>>(new Map());

/** What there is of a collection under the filter and the time in force, as a list. */
export function listOf(id: string): Load<ItemPage> | undefined {
  const asked = mapFilters.value.get(id);
  if (asked === undefined) return lists.value.get(id);
  const found = filtered.value.get(id);
  return found?.of === asked ? found.list : { state: "loading" };
}

/** Items by collection; collections that are too large, or not here yet, are missing. */
export const whole = computed<ReadonlyMap<string, readonly Item[]>>(() => {
  const held = new Map<string, readonly Item[]>();
  for (const id of lists.value.keys()) {
    const list = listOf(id);
    if (list?.state !== "ready" || list.value.numberMatched > list.value.features.length) continue;
    held.set(id, list.value.features);
  }
  if (context.value) held.set(CONTEXT, context.value);
  return held;
});

/** Asks for a collection's list under the filter once more. */
export function retryList(id: string): void {
  const asked = mapFilters.peek().get(id);
  if (asked === undefined) void loadList(id);
  else fetchFiltered(id, asked);
}

function fetchFiltered(id: string, of: string): void {
  const put = (list: Load<ItemPage>) => {
    filtered.value = new Map(filtered.peek()).set(id, { of, list });
  };
  put({ state: "loading" });
  const current = () => mapFilters.peek().get(id) === of;
  fetchItems(id, of).then(
    (value) => current() && put({ state: "ready", value }),
    (cause) => current() && put(failed(cause)),
  );
}

/** Fetches what the lists do not have. */
export function followWhole(): () => void {
  const stops = [
    effect(() => {
      if (offline.value) return;
      for (const [id, { list }] of filtered.peek()) if (list.state === "failed") retryList(id);
    }),
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
      for (const [id, of] of mapFilters.value) {
        // What came from the same question stays; what failed is asked again with the next one.
        if (filtered.peek().get(id)?.of !== of) fetchFiltered(id, of);
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
