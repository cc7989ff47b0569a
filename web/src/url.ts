// The page's state in its address, and back. Pure: no window here.
//
//   ?v=industry&m=121.36400,31.29000,15.20&l=housing,-greens,-road-works.drainage&s=parcels:e4&lang=en
//
// Defaults are left out, keys that are not ours are kept, and a value that cannot be read is treated as
// absent: an old or mangled link still opens a map.

import type { Camera, FeatureRef, Lang } from "./model";

/** What a link says, before the plan is known; absent means "the default". */
export interface LinkState {
  view: string | null;
  camera: Camera | null;
  layers: LayerChanges;
  selected: FeatureRef | null;
  lang: Lang;
}

/** How the layers differ from those of the view. */
export interface LayerChanges {
  on: ReadonlySet<string>;
  /** Collections, and `collection.class` for one class of a collection. */
  off: ReadonlySet<string>;
}

export const NO_CHANGES: LayerChanges = { on: new Set(), off: new Set() };

const OURS = ["v", "m", "l", "s", "lang"];

export function readLink(search: string): LinkState {
  const params = new URLSearchParams(search);
  return {
    view: params.get("v"),
    camera: readCamera(params.get("m")),
    layers: readLayers(params.get("l")),
    selected: readRef(params.get("s")),
    lang: params.get("lang") === "en" ? "en" : "zh",
  };
}

/** The query string for a state, `""` or starting with `?`. */
export function writeLink(state: LinkState, current: string): string {
  const parts: string[] = [];
  if (state.view) parts.push(`v=${encodeURIComponent(state.view)}`);
  if (state.camera) parts.push(`m=${writeCamera(state.camera)}`);
  const layers = [...state.layers.on, ...[...state.layers.off].map((name) => `-${name}`)];
  if (layers.length > 0) parts.push(`l=${layers.map(encodeURIComponent).join(",")}`);
  if (state.selected) {
    const { collection, id } = state.selected;
    parts.push(`s=${encodeURIComponent(collection)}:${encodeURIComponent(id)}`);
  }
  if (state.lang === "en") parts.push("lang=en");
  for (const [key, value] of new URLSearchParams(current)) {
    if (!OURS.includes(key)) parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  }
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

function readCamera(text: string | null): Camera | null {
  const numbers = text?.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers?.length !== 3 || !numbers.every(Number.isFinite)) return null;
  const [lon, lat, zoom] = numbers as [number, number, number];
  if (Math.abs(lon) > 180 || Math.abs(lat) > 85 || zoom < 0 || zoom > 24) return null;
  return { center: [lon, lat], zoom };
}

/** Five decimals are a metre; two of zoom are less than the eye sees. */
function writeCamera({ center, zoom }: Camera): string {
  return `${center[0].toFixed(5)},${center[1].toFixed(5)},${Number(zoom.toFixed(2))}`;
}

function readLayers(text: string | null): LayerChanges {
  const on = new Set<string>();
  const off = new Set<string>();
  for (const name of text?.split(",") ?? []) {
    if (name.startsWith("-")) off.add(name.slice(1));
    else if (name) on.add(name);
  }
  return { on, off };
}

function readRef(text: string | null): FeatureRef | null {
  const colon = text?.indexOf(":") ?? -1;
  if (!text || colon < 1 || colon === text.length - 1) return null;
  return { collection: text.slice(0, colon), id: text.slice(colon + 1) };
}
