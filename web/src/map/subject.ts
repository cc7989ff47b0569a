// What a feature of a tile or of a list is to this page: of which collection and class, and how it looks.

import type { FeatureLike } from "ol/Feature.js";
import { restsOnWords } from "../facts";
import { CONTEXT, type Collection } from "../model";
import { changes, collections, columns, patterns, visible } from "../state";
import { classLook, type Look, lookOf, type Shape, VAGUE_METRES } from "./palette";
import { type State, stateColumn, stateOf } from "./states";

export interface Subject {
  collection: Collection;
  /** Its class, where the collection has classes. */
  kind: string | null;
  shape: Shape;
  /** Of works, where the plan states one. */
  state: State | null;
}

/** In the names of switches: features that state no class. No class of a plan is called so. */
export const NO_CLASS = "~";

let elsewhere: ReadonlySet<string> | null = null;

/** Runs `style` as if these collections were shown, and all their classes: for a second view beside the first. */
export function asShown<T>(shown: ReadonlySet<string> | null, style: () => T): T {
  const before = elsewhere;
  elsewhere = shown;
  try {
    return style();
  } finally {
    elsewhere = before;
  }
}

/** Null for what is not shown, unless that is to be left out of account. */
export function subjectOf(feature: FeatureLike, anyway = false): Subject | null {
  const id = String(feature.get("collection"));
  const collection = collections.peek().get(id);
  if (!collection || (!anyway && !(elsewhere ?? visible.peek()).has(id))) return null;
  const { class_column: classColumn } = collection.style;
  const kind = classColumn ? textOf(feature, classColumn) : null;
  if (
    !anyway &&
    !elsewhere &&
    classColumn &&
    id !== CONTEXT &&
    changes.peek().off.has(`${id}.${kind ?? NO_CLASS}`)
  )
    return null;
  const column = stateColumn(collection);
  return {
    collection,
    kind,
    shape: shapeOf(feature),
    state: column ? stateOf(textOf(feature, column)) : null,
  };
}

export function textOf(feature: FeatureLike, name: string): string | null {
  const value = feature.get(name);
  return typeof value === "string" && value ? value : null;
}

export function shapeOf(feature: FeatureLike): Shape {
  const type = feature.getGeometry()?.getType() ?? "Point";
  if (type.endsWith("Polygon")) return "area";
  return type.endsWith("LineString") ? "line" : "point";
}

export function isSchematic(collection: Collection, feature?: FeatureLike): boolean {
  return restsOnWords(collection.columns.includes("geometry_basis"), feature?.get("geometry_basis"));
}

export function isVague(feature: FeatureLike): boolean {
  return Number(feature.get("position_accuracy_m") ?? 0) > VAGUE_METRES;
}

export function lookFor({ collection, kind, shape, state }: Subject, feature?: FeatureLike): Look {
  const classes = columns.peek().get(collection.style.class_column ?? "");
  return lookOf(collection, classLook(collection, classes, kind), shape, {
    vague: feature !== undefined && isVague(feature),
    schematic: isSchematic(collection, feature),
    patterns: patterns.peek(),
    state,
  });
}
