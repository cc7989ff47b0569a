// How each kind of thing looks, once, for the map and the legend alike. Pure: no OpenLayers here.

import { CONTEXT, type Collection, type Column } from "../model";

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

/** The class of a feature: the value of the column that splits the collection's legend. */
export function colorOf(
  collection: Collection,
  classColumn: Column | undefined,
  code: string | null,
): string {
  return classColumn?.values?.find((value) => value.code === code)?.color ?? collection.style.color;
}

export function lookOf(collection: Collection, color: string, shape: Shape, vague: boolean): Look {
  const stroke = darkenTo(color, 3.2);
  const hinted = collection.style.width;
  if (shape === "area") {
    // Large areas hold other projects: a faint tint. Plots are what one looks for: a strong one.
    const alpha = collection.geometry === "polygon" ? 0.5 : 0.13;
    return {
      stroke,
      fill: withAlpha(color, vague ? alpha * 0.4 : alpha),
      width: Math.min(hinted ?? 1.5, 2),
      dash: vague ? VAGUE_DASH : SCHEMATIC_DASH,
      casing: 0,
      hollow: vague,
    };
  }
  if (shape === "line") {
    const width = Math.min(hinted ?? 3, 5);
    return {
      stroke,
      fill: "",
      width: vague ? Math.max(2, width - 1.5) : width,
      dash: vague ? [width * 0.6, width * 1.6] : [width * 3.2, width * 1.3],
      casing: width + 3,
      hollow: vague,
    };
  }
  return {
    stroke,
    fill: vague ? "#ffffff" : color,
    width: vague ? 2.25 : 2,
    dash: vague ? [2.5, 2] : [],
    casing: 0,
    hollow: vague,
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

export function isContext(collection: Collection): boolean {
  return collection.id === CONTEXT;
}

export function isGroundKind(code: string): boolean {
  return code in GROUND;
}
