// How each kind of thing looks, once, for the map and the legend alike. Pure: no OpenLayers here.

import type { Collection, Column } from "../model";
import { isLandUse, type LandUse, landUseOf, type Pattern } from "./landuse";
import { STATES, type State, type StateLook } from "./states";

export type Shape = "area" | "line" | "point";

/** A look, in CSS pixels and CSS colours. */
export interface Look {
  /** Darkened to at least 3:1 against white, so that an outline is seen whatever it surrounds. */
  stroke: string;
  fill: string;
  width: number;
  dash: readonly number[];
  /** A white edge under a line, which keeps it legible over areas. */
  casing: number;
  /** Drawn without filling: the place is too uncertain for a solid mark. */
  hollow: boolean;
  /** Over an area's colour, where patterns are asked for. */
  pattern: Pattern | null;
  /** Of a point. */
  mark: StateLook["mark"];
  /** Short bars across a line. */
  ticks: boolean;
}

/** Above this the position is a guess, drawn hollow. */
export const VAGUE_METRES = 500;

const SCHEMATIC_DASH = [7, 4];
const VAGUE_DASH = [2, 5];

type Rgb = readonly [number, number, number];

function parse(hex: string): Rgb {
  const n = Number.parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of WCAG 2 against white. */
export function contrastWithWhite(hex: string): number {
  return 1.05 / (luminance(parse(hex)) + 0.05);
}

/** The same hue, darkened until it stands out from white at `ratio`. */
export function darkenTo(hex: string, ratio: number): string {
  let rgb = parse(hex);
  const text = () => `#${rgb.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  while (contrastWithWhite(text()) < ratio) {
    rgb = rgb.map((part) => Math.floor(part * 0.94)) as unknown as Rgb;
  }
  return text();
}

export function withAlpha(hex: string, alpha: number): string {
  return `rgba(${parse(hex).join(",")},${alpha})`;
}

/** The map's own ground, as `styles/map.css` has it. */
const GROUND_COLOR = "#fbfbfa";

/** The solid colour that a half-transparent one is seen as on empty ground. */
export function onGround(color: string): string {
  const parts = /^rgba\((\d+),(\d+),(\d+),([\d.]+)\)$/.exec(color)?.slice(1).map(Number);
  if (!parts) return color;
  const alpha = parts[3] ?? 1;
  const mixed = parse(GROUND_COLOR).map((part, at) => Math.round(part + ((parts[at] ?? 0) - part) * alpha));
  return `rgb(${mixed.join(",")})`;
}

/** What a class code of a collection stands for: its colour, and its official class of land use where it is one. */
export interface ClassLook {
  color: string;
  landUse: LandUse | null;
}

/** The look of a class: the plan's own colour, or the official one of a land use, or the collection's. */
export function classLook(
  collection: Collection,
  classColumn: Column | undefined,
  code: string | null,
): ClassLook {
  const value = code === null ? undefined : classColumn?.values?.find((one) => one.code === code);
  const landUse = value && isLandUse(classColumn?.name) ? landUseOf(value) : null;
  return { color: value?.color ?? landUse?.color ?? collection.style.color, landUse };
}

export interface LookOptions {
  /** The position is a guess. */
  vague?: boolean;
  /** The shape was not surveyed. */
  schematic?: boolean;
  state?: State | null;
  patterns?: boolean;
}

// Against every official colour at 60 % this is at least 3.3:1; a darkened tint of it is not.
const LAND_USE_EDGE = "#444444";

export function lookOf(
  collection: Collection,
  { color: classColor, landUse }: ClassLook,
  shape: Shape,
  { vague = false, schematic = true, state = null, patterns = false }: LookOptions = {},
): Look {
  const works = state && STATES[state];
  const color = works?.color ?? classColor;
  const stroke = darkenTo(color, 3.2);
  const hinted = collection.style.width;
  const rest = { hollow: vague, pattern: null, mark: works?.mark ?? "disc", ticks: false } as const;
  if (shape === "area") {
    // Large areas hold other projects: a faint tint. Plots are what one looks for: a strong one.
    const alpha = landUse ? 0.6 : collection.geometry === "polygon" ? 0.5 : 0.13;
    return {
      ...rest,
      stroke: landUse ? LAND_USE_EDGE : stroke,
      fill: withAlpha(color, vague ? alpha * 0.4 : alpha),
      width: Math.min(hinted ?? 1.5, 2),
      dash: vague ? VAGUE_DASH : schematic ? SCHEMATIC_DASH : [],
      casing: 0,
      pattern: patterns ? (landUse?.pattern ?? null) : null,
    };
  }
  if (shape === "line") {
    const width = Math.min(hinted ?? 3, 5);
    const drawn = schematic ? [width * 3.2, width * 1.3] : [];
    const dash = works ? works.dash.map((part) => part * width) : drawn;
    return {
      ...rest,
      stroke,
      fill: "",
      width: vague ? Math.max(2, width - 1.5) : width,
      dash: vague ? [width * 0.6, width * 1.6] : dash,
      casing: width + 3,
      ticks: works?.ticks ?? false,
    };
  }
  return {
    ...rest,
    stroke,
    fill: vague || works?.mark === "ring" ? "#ffffff" : color,
    width: vague ? 2.25 : 2,
    dash: vague ? [2.5, 2] : [],
    casing: 0,
    hollow: vague || works?.mark === "ring",
  };
}

/** Greys for what is there already: it must be readable and never compete with a project. */
export interface Ground {
  stroke: string;
  width: number;
  dash: readonly number[];
  label: string;
}

const GROUND: Record<string, Ground> = {
  boundary: { stroke: "#9a9a9a", width: 1.75, dash: [10, 4, 2, 4], label: "#6a6a6a" },
  road: { stroke: "#d9d9d6", width: 3, dash: [], label: "#6b6b6b" },
  expressway: { stroke: "#cfc9bd", width: 6, dash: [], label: "#6b6660" },
  railway: { stroke: "#b3b3b3", width: 2, dash: [8, 5], label: "#6b6b6b" },
  metro: { stroke: "#c9c4d8", width: 3.5, dash: [], label: "#6b6580" },
  river: { stroke: "#c7dcea", width: 4, dash: [], label: "#56758a" },
  station: { stroke: "#8d87a3", width: 1.5, dash: [], label: "#5f5a73" },
};

const PLAIN_GROUND: Ground = { stroke: "#cfcfcf", width: 1.5, dash: [], label: "#6b6b6b" };

export function groundOf(kind: string | null): Ground {
  return GROUND[kind ?? ""] ?? PLAIN_GROUND;
}

/** The shape that stands for a collection in its legend. */
export function legendShape(collection: Collection): Shape {
  const hint = collection.geometry;
  if (hint === "line" || hint === "point") return hint;
  if (hint === "polygon") return "area";
  // Mixed: a stated line width of a road's order tells lines from outlines.
  return (collection.style.width ?? 0) > 2 ? "line" : "area";
}

export function isGroundKind(code: string): boolean {
  return code in GROUND;
}
