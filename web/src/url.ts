// The page's state in its address, and back. Pure: no window here.
//
//   ?v=parcels&m=121.36400,31.29000,15.2&l=housing,-greens,-road-works.drainage
//    &f=plot_ratio:2~;site_area_m2:5000~20000,!;kind:new-build,redevelopment&q=qls&s=parcels:e4&lang=en
//
// Defaults are left out, and keys that are not ours are kept. What a view opens with is no default: it stands in the
// address, and `f=` where it was cleared; an address that says nothing of it (`?v=parcels`) opens as the view does. A value that cannot be read is treated as absent
// and named to the caller: an old or mangled link still opens a map, and the page says what it left aside. The
// names and forms of the keys are promises to everybody who has kept a link.

import type { Camera, FeatureRef, Lang } from "./model";

/** What a link says, before the plan is known; null and empty mean "the default". */
export interface LinkState {
  view: string | null;
  camera: Camera | null;
  layers: LayerChanges;
  /** The collection that is filtered and tabulated, where it is not the view's first. */
  queried: string | null;
  filter: readonly Clause[];
  /** Part of a name. */
  text: string;
  selected: FeatureRef | null;
  /** The feature that stands beside the selected one. */
  compared: FeatureRef | null;
  time: TimeSpan | null;
  panels: Panels;
  sort: readonly SortKey[];
  /** The table has only what the map shows. */
  inView: boolean;
  /** `4549`: the map is drawn in CGCS2000 / 3-degree Gauss-Krüger, not in Mercator. */
  projection: "4549" | null;
  basemap: string | null;
  patterns: boolean;
  swipe: Swipe | null;
  print: Print | null;
  measure: "length" | "area" | null;
  lang: Lang;
}

/** How the layers differ from those of the view. */
export interface LayerChanges {
  on: ReadonlySet<string>;
  /** Collections, and `collection.class` for one class of a collection. */
  off: ReadonlySet<string>;
}

export const NO_CHANGES: LayerChanges = { on: new Set(), off: new Set() };

/** What is asked of one column. Its parts add up: in the range, or one of the values, or not stated. */
export interface Clause {
  column: string;
  /** Both ends included, an absent one open: with both open, whatever is stated. Numbers or dates, by the column. */
  range: { low: string; high: string } | null;
  values: readonly string[];
  unstated: boolean;
}

/** Months or days, `""` for an open end. */
export interface TimeSpan {
  from: string;
  to: string;
}

export type RailTab = "layers" | "projects" | "filter";
export type Drawer = "shut" | "half" | "full";

/** What is open beside and under the map; null is as the view would have it. */
export interface Panels {
  rail: RailTab | null;
  drawer: Drawer | null;
}

export interface SortKey {
  column: string;
  descending: boolean;
}

/** A second view, to the right of `at`, a part of the map's width. */
export interface Swipe {
  view: string;
  at: number;
}

export interface Print {
  paper: "a3" | "a4";
  /** 10 000 for 1:10 000; null for the one that fits. */
  scale: number | null;
  dpi: 150 | 300;
}

interface Codec<T> {
  key: string;
  /** Undefined for what is not a value of this key. */
  read(value: string): T | undefined;
  /** `""` for the default. What is returned stands in the address as it is. */
  write(value: T): string;
}

const flag = (key: string): Codec<boolean> => ({
  key,
  read: (value) => (value === "1" ? true : value === "0" ? false : undefined),
  write: (value) => (value ? "1" : ""),
});

const word = (key: string): Codec<string | null> => ({
  key,
  read: (value) => value || undefined,
  write: (value) => (value ? encodeURIComponent(value) : ""),
});

const oneOf = <T extends string>(key: string, words: readonly T[]): Codec<T | null> => ({
  key,
  read: (value) => words.find((one) => one === value),
  write: (value) => value ?? "",
});

const feature = (key: string): Codec<FeatureRef | null> => ({ key, read: readRef, write: writeRef });

const CODECS: { readonly [Name in keyof LinkState]: Codec<LinkState[Name]> } = {
  view: word("v"),
  camera: { key: "m", read: readCamera, write: (value) => (value ? writeCamera(value) : "") },
  layers: { key: "l", read: readLayers, write: writeLayers },
  queried: word("c"),
  filter: { key: "f", read: readFilter, write: writeFilter },
  text: { key: "q", read: (value) => value.trim(), write: encodeURIComponent },
  selected: feature("s"),
  compared: feature("cmp"),
  time: { key: "t", read: readTime, write: (value) => (value ? `${value.from}..${value.to}` : "") },
  panels: { key: "tab", read: readPanels, write: writePanels },
  sort: { key: "sort", read: readSort, write: writeSort },
  inView: flag("ext"),
  projection: oneOf("p", ["4549"]),
  basemap: word("b"),
  patterns: flag("pat"),
  swipe: { key: "swipe", read: readSwipe, write: writeSwipe },
  print: { key: "print", read: readPrint, write: writePrint },
  measure: oneOf("measure", ["length", "area"]),
  lang: {
    key: "lang",
    read: (value) => (value === "en" || value === "zh" ? value : undefined),
    write: (value) => (value === "en" ? "en" : ""),
  },
};

export const NAMES = Object.keys(CODECS) as (keyof LinkState)[];
const OURS = new Set(NAMES.map((name) => CODECS[name].key));

export const DEFAULTS: LinkState = {
  view: null,
  camera: null,
  layers: NO_CHANGES,
  queried: null,
  filter: [],
  text: "",
  selected: null,
  compared: null,
  time: null,
  panels: { rail: null, drawer: null },
  sort: [],
  inView: false,
  projection: null,
  basemap: null,
  patterns: false,
  swipe: null,
  print: null,
  measure: null,
  lang: "zh",
};

/** What is asked of the data. A link that says one of these says all of them; one that says none is bare. */
const ASKED = ["queried", "filter", "text", "sort"] as const;

/**
 * The state of a link, and the parts of it (`m=here`) that could not be read. A bare link shows a view as the plan
 * opens it.
 */
export function readLink(search: string): { state: LinkState; bad: string[]; bare: boolean } {
  const params = new URLSearchParams(search);
  const bad: string[] = [];
  const read = <Name extends keyof LinkState>(name: Name): LinkState[Name] => {
    const { key, read: decode } = CODECS[name];
    const value = params.get(key);
    if (value === null || value === "") return DEFAULTS[name];
    const decoded = decode(value);
    if (decoded !== undefined) return decoded as LinkState[Name];
    bad.push(`${key}=${value}`);
    return DEFAULTS[name];
  };
  const state = Object.fromEntries(NAMES.map((name) => [name, read(name)])) as unknown as LinkState;
  return { state, bad, bare: !ASKED.some((name) => params.has(CODECS[name].key)) };
}

/**
 * The query string for a state, `""` or starting with `?`. Where a bare link would ask something by itself (`opens`),
 * `f=` says that nothing is asked.
 */
export function writeLink(state: LinkState, current: string, opens = false): string {
  const nothing = opens && ASKED.every((name) => writePart(state, name) === "");
  const parts = NAMES.flatMap((name) => {
    const value = writePart(state, name);
    return value || (nothing && name === "filter") ? [`${CODECS[name].key}=${value}`] : [];
  });
  for (const [key, value] of new URLSearchParams(current)) {
    if (!OURS.has(key)) parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  }
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/** One key's value as it stands in a link, `""` for the default: what to compare states by. */
export function writePart<Name extends keyof LinkState>(state: LinkState, name: Name): string {
  return CODECS[name].write(state[name]);
}

function readCamera(value: string): Camera | undefined {
  const numbers = value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return undefined;
  const [lon, lat, zoom] = numbers as [number, number, number];
  if (Math.abs(lon) > 180 || Math.abs(lat) > 85 || zoom < 0 || zoom > 24) return undefined;
  return { center: [lon, lat], zoom };
}

/** Five decimals are a metre; two of zoom are less than the eye sees. */
function writeCamera({ center, zoom }: Camera): string {
  return `${center[0].toFixed(5)},${center[1].toFixed(5)},${Number(zoom.toFixed(2))}`;
}

function readLayers(value: string): LayerChanges {
  const on = new Set<string>();
  const off = new Set<string>();
  for (const name of value.split(",")) {
    if (name.startsWith("-")) off.add(name.slice(1));
    else if (name) on.add(name);
  }
  return { on, off };
}

function writeLayers({ on, off }: LayerChanges): string {
  return [...on, ...[...off].map((name) => `-${name}`)].map(encodeURIComponent).join(",");
}

function readRef(value: string): FeatureRef | undefined {
  const colon = value.indexOf(":");
  if (colon < 1 || colon === value.length - 1) return undefined;
  return { collection: value.slice(0, colon), id: value.slice(colon + 1) };
}

function writeRef(ref: FeatureRef | null): string {
  return ref ? `${encodeURIComponent(ref.collection)}:${encodeURIComponent(ref.id)}` : "";
}

const UNSTATED = "!";

// A text may hold the marks that divide a filter. They are escaped once more than the address asks for, and
// only they: a Chinese text stays as short as it can be.
const escapeMarks = (text: string) =>
  text.replace(/[%,;:~!]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
const unescapeMarks = (text: string) =>
  text.replace(/%(25|2C|3B|3A|7E|21)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
const writeText = (text: string) => encodeURIComponent(escapeMarks(text));

function readFilter(value: string): Clause[] | undefined {
  const clauses: Clause[] = [];
  for (const part of value.split(";")) {
    const colon = part.indexOf(":");
    const terms = part.slice(colon + 1).split(",");
    const ranges = terms.filter((term) => term.includes("~"));
    const ends = ranges[0]?.split("~");
    const column = unescapeMarks(part.slice(0, colon));
    const twice = clauses.some((clause) => clause.column === column);
    if (colon < 1 || twice || terms.includes("") || ranges.length > 1) return undefined;
    if (ends && ends.length !== 2) return undefined;
    clauses.push({
      column,
      range: ends ? { low: unescapeMarks(ends[0] ?? ""), high: unescapeMarks(ends[1] ?? "") } : null,
      values: terms.filter((term) => term !== UNSTATED && !term.includes("~")).map(unescapeMarks),
      unstated: terms.includes(UNSTATED),
    });
  }
  return clauses;
}

function writeFilter(clauses: readonly Clause[]): string {
  return clauses
    .map(({ column, range, values, unstated }) => {
      const terms = [
        ...(range ? [`${writeText(range.low)}~${writeText(range.high)}`] : []),
        ...values.map(writeText),
        ...(unstated ? [UNSTATED] : []),
      ];
      return `${writeText(column)}:${terms.join(",")}`;
    })
    .join(";");
}

/** A year, a month or a day that there is, or nothing. */
function isDateOrOpen(text: string): boolean {
  if (text === "") return true;
  const day = `${text}-01-01`.slice(0, 10);
  const date = new Date(`${day}T00:00:00Z`);
  const known = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  return /^\d{4}(-\d\d(-\d\d)?)?$/.test(text) && known;
}

function readTime(value: string): TimeSpan | undefined {
  const [from = "", to = from, ...rest] = value.split("..");
  if (rest.length > 0 || from + to === "" || !isDateOrOpen(from) || !isDateOrOpen(to)) return undefined;
  return { from, to };
}

const RAIL_TABS: readonly RailTab[] = ["layers", "projects", "filter"];
/** As they are called in a link. */
const DRAWERS: Record<Drawer, string> = { shut: "map", half: "table", full: "table-full" };

function readPanels(value: string): Panels | undefined {
  const words = value.split(",");
  const rail = RAIL_TABS.find((tab) => words.includes(tab)) ?? null;
  const drawer = (Object.keys(DRAWERS) as Drawer[]).find((one) => words.includes(DRAWERS[one])) ?? null;
  return words.length === (rail ? 1 : 0) + (drawer ? 1 : 0) ? { rail, drawer } : undefined;
}

function writePanels({ rail, drawer }: Panels): string {
  return [...(rail ? [rail] : []), ...(drawer ? [DRAWERS[drawer]] : [])].join(",");
}

function readSort(value: string): SortKey[] | undefined {
  const keys = value.split(",").map((part) => ({
    column: part.replace(/^-/, ""),
    descending: part.startsWith("-"),
  }));
  return keys.every(({ column }) => column) ? keys : undefined;
}

function writeSort(keys: readonly SortKey[]): string {
  return keys.map(({ column, descending }) => (descending ? "-" : "") + encodeURIComponent(column)).join(",");
}

function readSwipe(value: string): Swipe | undefined {
  const comma = value.lastIndexOf(",");
  const view = comma < 0 ? value : value.slice(0, comma);
  const at = comma < 0 ? 0.5 : Number(value.slice(comma + 1) || Number.NaN);
  return view && at >= 0 && at <= 1 ? { view, at } : undefined;
}

function writeSwipe(swipe: Swipe | null): string {
  return swipe ? `${encodeURIComponent(swipe.view)},${Number(swipe.at.toFixed(3))}` : "";
}

function readPrint(value: string): Print | undefined {
  const match = /^(a3|a4)(?:,1:(\d{2,7}))?(?:,(150|300))?$/.exec(value);
  if (!match) return undefined;
  const [, paper, scale, dpi] = match;
  return {
    paper: paper === "a3" ? "a3" : "a4",
    scale: scale ? Number(scale) : null,
    dpi: dpi === "300" ? 300 : 150,
  };
}

function writePrint(print: Print | null): string {
  if (!print) return "";
  return `${print.paper}${print.scale ? `,1:${print.scale}` : ""}${print.dpi === 300 ? ",300" : ""}`;
}
