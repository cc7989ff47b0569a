// What a tile's feature is to this page: of which collection and class, and whether it is shown and chosen.

import type { FeatureLike } from "ol/Feature.js";
import { CONTEXT, type Collection } from "../model";
import { changes, collections, columns, selected, visible } from "../state";
import { colorOf, type Look, lookOf, type Shape } from "./palette";

export interface Subject {
  collection: Collection;
  /** Its class, where the collection has classes. */
  kind: string | null;
  shape: Shape;
  chosen: boolean;
}

/** Null for what is not shown. */
export function subjectOf(feature: FeatureLike): Subject | null {
  const id = String(feature.get("collection"));
  const collection = collections.peek().get(id);
  if (!collection || !visible.peek().has(id)) return null;
  const { class_column: classColumn } = collection.style;
  const kind = classColumn ? textOf(feature, classColumn) : null;
  if (kind && id !== CONTEXT && changes.peek().off.has(`${id}.${kind}`)) return null;
  const ref = selected.peek();
  const chosen = ref?.collection === id && ref.id === String(feature.getId());
  return { collection, kind, shape: shapeOf(feature), chosen };
}

export function textOf(feature: FeatureLike, name: string): string | null {
  const value = feature.get(name);
  return typeof value === "string" ? value : null;
}

export function shapeOf(feature: FeatureLike): Shape {
  const type = feature.getGeometry()?.getType() ?? "Point";
  if (type.endsWith("Polygon")) return "area";
  return type.endsWith("LineString") ? "line" : "point";
}

export function lookFor({ collection, kind, shape }: Subject, vague: boolean): Look {
  const classes = columns.peek().get(collection.style.class_column ?? "");
  return lookOf(collection, colorOf(collection, classes, kind), shape, vague);
}
