// The page's state: signals, what follows from them, and the few ways in which they change. The address
// bar is one of the listeners (history.ts); components and the map are the others.

import { batch, computed, signal } from "@preact/signals";
import { type Key, pick, translate } from "./i18n";
import {
  type Camera,
  CONTEXT,
  type Collection,
  type FeatureRef,
  type Item,
  type ItemPage,
  type Lang,
  type Plan,
  sameRef,
  type Text,
  type View,
} from "./model";
import { type LayerChanges, NO_CHANGES } from "./url";

export type Load<T> =
  | { state: "loading" }
  | { state: "ready"; value: T }
  | { state: "failed"; status: number };

/** A feature under a click, with the names that its tile carries. */
export interface Candidate extends FeatureRef {
  name: Text;
  classCode: string | null;
}

export const lang = signal<Lang>("zh");
export const plan = signal<Load<Plan>>({ state: "loading" });
export const viewId = signal<string | null>(null);
export const changes = signal<LayerChanges>(NO_CHANGES);
export const selected = signal<FeatureRef | null>(null);
export const detail = signal<Load<Item> | null>(null);
/** All that lies under the last click, where that is more than one feature. */
export const candidates = signal<readonly Candidate[]>([]);
export const lists = signal<ReadonlyMap<string, Load<ItemPage>>>(new Map());
export const tiles = signal({ loading: 0, failed: 0 });
/** Where the selection came from: a click on the map must not move it, a choice in a list should. */
export const arrival = signal<"link" | "map" | "list">("link");
/** One sentence about something that went wrong and did not stop us. */
export const notice = signal<{ key: Key; values: Record<string, string> } | null>(null);
/** What a screen reader is told. */
export const announcement = signal("");
/** Where the map looks; null until it looks away from where the view starts. */
export const camera = signal<Camera | null>(null);

/** Phone: the panel under the map. Desktop: the rail. */
export const tab = signal<"layers" | "projects">("layers");
export const panelOpen = signal(true);

export const readyPlan = computed<Plan | null>(() =>
  plan.value.state === "ready" ? plan.value.value : null,
);

export const collections = computed<ReadonlyMap<string, Collection>>(
  () => new Map(readyPlan.value?.collections.map((collection) => [collection.id, collection])),
);

export const columns = computed(
  () => new Map(readyPlan.value?.columns.map((column) => [column.name, column])),
);

/** The view in force: the one named, or the plan's first. */
export const view = computed<View | null>(() => {
  const views = readyPlan.value?.views ?? [];
  return views.find(({ id }) => id === viewId.value) ?? views[0] ?? null;
});

/** Where the map looks when nothing else is said. */
export const homeCamera = computed<Camera | null>(() => view.value?.view ?? readyPlan.value?.view ?? null);

function inView(id: string): boolean {
  // The context layer is the ground of every view, named in it or not.
  return id === CONTEXT || (view.value?.layers.includes(id) ?? true);
}

/** Collections drawn. */
export const visible = computed<ReadonlySet<string>>(() => {
  const { on, off } = changes.value;
  const ids = [...collections.value.keys()];
  return new Set(ids.filter((id) => !off.has(id) && (on.has(id) || inView(id))));
});

/** Collections in the order of the legend: the view's, and the others; the context layer is in neither. */
export const legendOrder = computed<{ own: Collection[]; others: Collection[] }>(() => {
  const all = collections.value;
  const order = view.value?.layers ?? [...all.keys()];
  const own = order.flatMap((id) => (id === CONTEXT ? [] : (all.get(id) ?? [])));
  return { own, others: [...all.values()].filter((one) => one.id !== CONTEXT && !own.includes(one)) };
});

/** The feature `id` wherever it is listed: `part_of` names features without their collection. */
export function findListed(id: string): { ref: FeatureRef; item: Item } | null {
  for (const [collection, list] of lists.value) {
    const item = list.state === "ready" ? list.value.features.find((one) => one.id === id) : undefined;
    if (item) return { ref: { collection, id }, item };
  }
  return null;
}

export function t(key: Key, values?: Record<string, string | number>): string {
  return translate(lang.value, key, values);
}

export function say(text: Text): string {
  return pick(text, lang.value);
}

/** Name of a feature in the page's language. */
export function nameOf(properties: Item["properties"], id: string): string {
  const text = { zh: String(properties.name_zh ?? ""), en: String(properties.name_en ?? "") };
  return pick(text, lang.value) || id;
}

export function setLayer(name: string, shown: boolean): void {
  const on = new Set(changes.value.on);
  const off = new Set(changes.value.off);
  on.delete(name);
  off.delete(name);
  const byDefault = name.includes(".") || inView(name);
  if (shown && !byDefault) on.add(name);
  if (!shown && byDefault) off.add(name);
  changes.value = { on, off };
}

export function openView(id: string): void {
  batch(() => {
    viewId.value = id === readyPlan.value?.views[0]?.id ? null : id;
    changes.value = NO_CHANGES;
    // Most views are of the same town: who looked at a street goes on looking at it.
    if (view.value?.view) camera.value = null;
  });
}

export function select(ref: FeatureRef, from: "map" | "list", under: readonly Candidate[] = []): void {
  batch(() => {
    arrival.value = from;
    candidates.value = under.length > 1 ? under : [];
    if (!visible.value.has(ref.collection)) setLayer(ref.collection, true);
    if (!sameRef(selected.value, ref)) selected.value = ref;
  });
}

export function deselect(): void {
  batch(() => {
    selected.value = null;
    candidates.value = [];
  });
}
