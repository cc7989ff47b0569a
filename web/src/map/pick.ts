// What lies under a point of the map.

import type Feature from "ol/Feature.js";
import type { FeatureLike } from "ol/Feature.js";
import type Polygon from "ol/geom/Polygon.js";
import type BaseLayer from "ol/layer/Base.js";
import type OlMap from "ol/Map.js";
import { CONTEXT } from "../model";
import { type Candidate, collections } from "../state";
import { shapeOf } from "./subject";

const RANK = { point: 0, line: 1, area: 2 } as const;

/**
 * The projects under `pixel`, the most particular first: points, then lines, then areas from the smallest,
 * and equal ones in the order of the collections. Each is named once, however many tiles it is cut into.
 */
export function pickAt(
  map: OlMap,
  layers: readonly BaseLayer[],
  pixel: number[],
  tolerance: number,
): Candidate[] {
  const found = new Map<string, { candidate: Candidate; rank: number; area: number; order: number }>();
  const order = [...collections.peek().keys()];
  const take = (feature: FeatureLike) => {
    const collection = String(feature.get("collection"));
    const id = feature.getId();
    if (collection === CONTEXT || id === undefined) return;
    const key = `${collection}:${id}`;
    if (found.has(key)) return;
    const shape = shapeOf(feature);
    const classColumn = collections.peek().get(collection)?.style.class_column;
    found.set(key, {
      candidate: {
        collection,
        id: String(id),
        name: { zh: String(feature.get("name_zh") ?? id), en: String(feature.get("name_en") ?? "") },
        classCode: classColumn ? String(feature.get(classColumn) ?? "") : null,
      },
      rank: RANK[shape],
      area: shape === "area" ? areaOf(feature as Feature) : 0,
      order: order.indexOf(collection),
    });
  };
  map.forEachFeatureAtPixel(pixel, take, {
    layerFilter: (one) => layers.some((layer) => layer === one),
    hitTolerance: tolerance,
  });
  return [...found.values()]
    .sort((a, b) => a.rank - b.rank || a.area - b.area || a.order - b.order)
    .map(({ candidate }) => candidate);
}

/** Of the piece in this tile: pieces of one tile compare as their wholes do where one holds the other. */
function areaOf(feature: Feature): number {
  return (feature.getGeometry() as Polygon).getArea();
}
