// The page's state: signals, what follows from them, and the few ways in which they change. The address
// bar is one of the listeners (history.ts); components and the map are the others.

import { batch, computed, signal } from "@preact/signals";
import { type Key, pick, translate } from "./i18n";
import { type Box, joined } from "./map/home";
import {
  type Camera,
  CONTEXT,
  type Collection,
  type FeatureRef,
  type Geometry,
  type Item,
  type ItemPage,
  type Lang,
  type Opens,
  type Plan,
  sameRef,
  type Text,
  type View,
} from "./model";
import { suits } from "./query/clauses";
import {
  type Clause,
  DEFAULTS,
  type Drawer,
  type LayerChanges,
  type LinkState,
  type Panels,
  type Print,
  type RailTab,
  readLink,
  type SortKey,
  type Swipe,
  type TimeSpan,
} from "./url";

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
export const changes = signal<LayerChanges>(DEFAULTS.layers);
export const selected = signal<FeatureRef | null>(null);
// What else a link can say; url.ts tells what each means.
export const queried = signal<string | null>(null);
export const filter = signal<readonly Clause[]>([]);
export const text = signal("");
export const compared = signal<FeatureRef | null>(null);
export const time = signal<TimeSpan | null>(null);
export const panels = signal<Panels>(DEFAULTS.panels);
export const sort = signal<readonly SortKey[]>([]);
export const inView = signal(false);
export const projection = signal<"4549" | null>(null);
export const basemap = signal<string | null>(null);
export const patterns = signal(false);
export const swipe = signal<Swipe | null>(null);
export const print = signal<Print | null>(null);
export const measure = signal<"length" | "area" | null>(null);
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

export type SheetStop = "peek" | "half" | "full";
/** How far somebody pulled the sheet under the map of a phone up; null is as the view would have it. */
export const sheet = signal<SheetStop | null>(null);
/** The window is so narrow that there is one sheet, and neither rail nor drawer. */
export const isPhone = signal(false);

/** What the map shows: west, south, east, north. */
export const extent = signal<readonly [number, number, number, number] | null>(null);
/** A feature under the pointer or the focus, on the map or in a list; lists know its shape as well. */
export const hovered = signal<(FeatureRef & { geometry?: Geometry | null }) | null>(null);
/** A place that was asked for by its coordinates. */
export const pin = signal<readonly [lon: number, lat: number] | null>(null);
/** Where this device is, once that was asked for; it is told to nobody. */
export const here = signal<{ lon: number; lat: number; accuracy: number } | null>(null);
/** Keys that work without a modifier; some people speak to their computer, or press keys by accident. */
export const shortcuts = signal(true);

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
/** What no map of a plan has, and whether its shapes are drawn from words. */
export const noLegalForce = (): string =>
  t(
    readyPlan.value?.collections.some(({ columns }) => columns.includes("geometry_basis"))
      ? "notLegal"
      : "notLegalPlain",
  );

export const homeCamera = computed<Camera | null>(() => view.value?.view ?? readyPlan.value?.view ?? null);

/** What is open where the link does not say. */
const opens = computed<Opens>(() => view.value?.opens ?? {});

/** What of the town a view opens on; null where the plan says it, or nothing has a place. */
export const homeBox = computed<Box | null>(() =>
  view.value?.view ? null : joined(legendOrder.value.own.flatMap(({ bbox }) => (bbox ? [bbox] : []))),
);

/** Phone: the panel under the map. Desktop: the rail. */
export const tab = computed<RailTab>(() => panels.value.rail ?? opens.value.rail ?? "layers");

/** How far the sheet is up: out of the map's way, unless there is something to read that was asked for. */
export const sheetStop = computed<SheetStop>(
  () => sheet.value ?? (selected.value || panels.value.rail || opens.value.rail ? "half" : "peek"),
);

/** How much of the table is open. */
export const drawer = computed<Drawer>(
  () => panels.value.drawer ?? (isPhone.value ? null : opens.value.drawer) ?? "shut",
);

export function openTab(rail: RailTab): void {
  panels.value = { ...panels.value, rail };
}

export function openDrawer(stop: Drawer): void {
  panels.value = { ...panels.value, drawer: stop };
}

/** The collection that is filtered and tabulated: the one named, or the view's first. */
export const queriedId = computed<string | null>(() => {
  const named = queried.value;
  if (named && named !== CONTEXT && collections.value.has(named)) return named;
  return legendOrder.value.own[0]?.id ?? null;
});

function belongsToView(id: string): boolean {
  // The context layer is the ground of every view, named in it or not.
  return id === CONTEXT || (view.value?.layers.includes(id) ?? true);
}

/** Collections drawn. */
export const visible = computed<ReadonlySet<string>>(() => {
  const { on, off } = changes.value;
  const ids = [...collections.value.keys()];
  return new Set(ids.filter((id) => !off.has(id) && (on.has(id) || belongsToView(id))));
});

/** Whether the features of a collection have a time. */
export const hasTime = (id: string | null): boolean => Boolean(collections.value.get(id ?? "")?.interval);

/** Collections drawn whose features have a time. */
export const timed = computed<readonly Collection[]>(() =>
  [...collections.value.values()].filter(({ id }) => visible.value.has(id) && hasTime(id)),
);

/** Collections in the order of the legend: the view's, and the others; the context layer is in neither. */
export const legendOrder = computed<{ own: Collection[]; others: Collection[] }>(() => {
  const all = collections.value;
  const order = view.value?.layers ?? [...all.keys()];
  const own = order.flatMap((id) => (id === CONTEXT ? [] : (all.get(id) ?? [])));
  return { own, others: [...all.values()].filter((one) => one.id !== CONTEXT && !own.includes(one)) };
});

/** The collection of works that people ask for first: that of the first view which lists works. */
export const worksId = computed<string | null>(() => {
  const one = readyPlan.value?.views.find(({ opens: wanted }) => wanted?.list === "works");
  return one?.opens?.collection ?? one?.layers.find((id) => id !== CONTEXT) ?? null;
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
  const byDefault = name.includes(".") || belongsToView(name);
  if (shown && !byDefault) on.add(name);
  if (!shown && byDefault) off.add(name);
  changes.value = { on, off };
}

/** What a view brings with it: whatever was said of layers, filters and panels was said of the view before. */
export const FRESH_VIEW: Pick<
  LinkState,
  "layers" | "queried" | "filter" | "text" | "sort" | "inView" | "panels" | "swipe"
> = {
  layers: DEFAULTS.layers,
  queried: null,
  filter: [],
  text: "",
  sort: [],
  inView: false,
  panels: DEFAULTS.panels,
  swipe: null,
};

/** A view's id as a link names it: the plan's first view is the default. */
export function viewInLink(id: string): string | null {
  return id === readyPlan.value?.views[0]?.id ? null : id;
}

/** What a view wants asked when it opens, as a link has it; empty where it asks nothing. */
function askedBy({ opens: wanted }: View): URLSearchParams {
  const asked = new URLSearchParams();
  if (wanted?.filter) asked.set("f", wanted.filter);
  if (wanted?.sort) asked.set("sort", wanted.sort);
  if (wanted?.collection) asked.set("c", wanted.collection);
  return asked;
}

/** The view of a link that opens with something asked: a link that asks nothing of it has to say so. */
export function askingView(id: string | null): View | null {
  const views = readyPlan.value?.views ?? [];
  const one = views.find((each) => each.id === id) ?? views[0];
  return one && askedBy(one).size > 0 ? one : null;
}

/** A view as its plan wants it opened: what is filtered and sorted stands in the link, like all that is. */
export function freshView(one: View): typeof FRESH_VIEW & Partial<LinkState> {
  const { queried: collection, filter: clauses, sort: keys } = readLink(`?${askedBy(one)}`).state;
  return { ...FRESH_VIEW, view: viewInLink(one.id), queried: collection, filter: clauses, sort: keys };
}

export function openView(one: View): void {
  const fresh = freshView(one);
  batch(() => {
    viewId.value = viewInLink(one.id);
    changes.value = fresh.layers;
    queried.value = fresh.queried;
    filter.value = fresh.filter;
    text.value = fresh.text;
    sort.value = fresh.sort;
    inView.value = FRESH_VIEW.inView;
    panels.value = FRESH_VIEW.panels;
    sheet.value = null;
    swipe.value = FRESH_VIEW.swipe;
    // Most views are of the same town: who looked at a street goes on looking at it.
    if (view.value?.view) camera.value = null;
  });
}

/** Sets aside what a link says of views, layers and columns that the plan does not have, and names it. */
export function dropUnknown(): string[] {
  const bad: string[] = [];
  const isView = (id: string) => readyPlan.value?.views.some((one) => one.id === id) ?? true;
  batch(() => {
    if (viewId.value && !isView(viewId.value)) {
      bad.push(`v=${viewId.value}`);
      viewId.value = null;
    }
    if (swipe.value && !isView(swipe.value.view)) {
      bad.push(`swipe=${swipe.value.view}`);
      swipe.value = null;
    }
    if (queried.value && queriedId.value !== queried.value) {
      bad.push(`c=${queried.value}`);
      queried.value = null;
    }
    const isLayer = (name: string) => collections.value.has(name.split(".")[0] ?? "");
    const { on, off } = changes.value;
    const layers = [...on, ...off].filter((name) => !isLayer(name));
    if (layers.length > 0) {
      bad.push(...layers.map((name) => `l=${name}`));
      changes.value = {
        on: new Set([...on].filter(isLayer)),
        off: new Set([...off].filter(isLayer)),
      };
    }
    if (time.value && ![...collections.value.keys()].some(hasTime)) {
      bad.push(`t=${time.value.from}..${time.value.to}`);
      time.value = null;
    }
    const has = ({ column }: { column: string }) =>
      collections.value.get(queriedId.value ?? "")?.columns.includes(column) ?? false;
    const answerable = (clause: Clause) => {
      const column = has(clause) && columns.value.get(clause.column);
      return column ? suits(clause, column) : false;
    };
    const { value: clauses } = filter;
    if (!clauses.every(answerable)) {
      bad.push(...clauses.filter((clause) => !answerable(clause)).map(({ column }) => `f=${column}`));
      filter.value = clauses.filter(answerable);
    }
    const { value: keys } = sort;
    if (!keys.every(has)) {
      bad.push(...keys.filter((one) => !has(one)).map(({ column }) => `sort=${column}`));
      sort.value = keys.filter(has);
    }
  });
  return bad;
}

export function select(ref: FeatureRef, from: "map" | "list", under: readonly Candidate[] = []): void {
  batch(() => {
    arrival.value = from;
    candidates.value = under.length > 1 ? under : [];
    if (!visible.value.has(ref.collection)) setLayer(ref.collection, true);
    if (!sameRef(selected.value, ref)) selected.value = ref;
    if (sheet.value === "peek") sheet.value = null;
  });
}

export function deselect(): void {
  batch(() => {
    selected.value = null;
    candidates.value = [];
  });
}
