// What the map shows: every feature once, however many tiles it is cut into, counted by collection and class.

import { signal } from "@preact/signals";
import { boundingExtent, containsExtent, type Extent, getCenter, intersects } from "ol/extent.js";
import type { FeatureLike } from "ol/Feature.js";
import type Geometry from "ol/geom/Geometry.js";
import { fetchGroups } from "../api";
import { CONTEXT, type FeatureRef } from "../model";
import { mapFilters } from "../query/query";
import { collections } from "../state";
import { MERCATOR } from "./projections";
import { NO_CLASS, subjectOf, textOf } from "./subject";
import type { LoadedTile } from "./tiles";
import { whole } from "./whole";

export interface Count {
  total: number;
  /** By class, where the collection has classes; `~` for those that state none. */
  classes: ReadonlyMap<string, number>;
  /** Some features were too small or too many for the tiles, and the server was not reached: at least so many. */
  atLeast: boolean;
}

export interface SeenFeature extends FeatureRef {
  name: { zh: string; en: string };
  /** In map units, inside the view. */
  at: [number, number];
}

export interface Seen {
  counts: ReadonlyMap<string, Count>;
  /** Of projects that are shown: what one can step through. */
  features: readonly SeenFeature[];
  /** Which collections the server has counted. */
  byServer: ReadonlySet<string>;
}

/** Null until the first map is complete. */
export const seen = signal<Seen | null>(null);

interface Sight {
  extent: Extent;
  projection: string;
  tiles: readonly LoadedTile[];
  whole: readonly FeatureLike[];
}

export function look({ extent, projection, tiles, whole: held }: Sight): Seen {
  const counts = new Map<string, { total: number; classes: Map<string, number>; atLeast: boolean }>();
  const met = new Map<string, SeenFeature>();
  const of = (id: string) => {
    let count = counts.get(id);
    if (!count) {
      count = { total: 0, classes: new Map(), atLeast: false };
      counts.set(id, count);
    }
    return count;
  };
  for (const id of collections.peek().keys()) of(id);

  const meet = (feature: FeatureLike, turned: boolean) => {
    const collection = String(feature.get("collection"));
    const id = feature.getId();
    const drawn = feature.getGeometry() as Geometry | undefined;
    if (id === undefined || !drawn || met.has(`${collection}:${id}`)) return;
    // Tiles are in Mercator, whatever the map is drawn in.
    const geometry = turned ? drawn.clone().transform(MERCATOR, projection) : drawn;
    const own = geometry.getExtent();
    if (!intersects(extent, own) || !(containsExtent(extent, own) || geometry.intersectsExtent(extent)))
      return;
    const classColumn = collections.peek().get(collection)?.style.class_column;
    const count = of(collection);
    count.total += 1;
    const kind = classColumn ? (textOf(feature, classColumn) ?? NO_CLASS) : null;
    if (kind) count.classes.set(kind, (count.classes.get(kind) ?? 0) + 1);
    const inside = boundingExtent([
      [Math.max(own[0] as number, extent[0] as number), Math.max(own[1] as number, extent[1] as number)],
      [Math.min(own[2] as number, extent[2] as number), Math.min(own[3] as number, extent[3] as number)],
    ]);
    const [x = 0, y = 0] = getCenter(inside);
    met.set(`${collection}:${id}`, {
      collection,
      id: String(id),
      name: { zh: textOf(feature, "name_zh") ?? "", en: textOf(feature, "name_en") ?? "" },
      at: [x, y],
    });
    if (collection === CONTEXT || !subjectOf(feature)) hidden.add(`${collection}:${id}`);
  };
  const hidden = new Set<string>();
  for (const feature of held) meet(feature, false);
  for (const { features, counts: told } of tiles) {
    for (const feature of features) meet(feature, projection !== MERCATOR);
    for (const [id, { merged, tooSmall, thinned, belowMinZoom }] of Object.entries(told)) {
      if (merged + tooSmall + thinned + belowMinZoom > 0 && !whole.peek().has(id)) of(id).atLeast = true;
    }
  }
  return {
    counts,
    features: [...met].filter(([key]) => !hidden.has(key)).map(([, feature]) => feature),
    byServer: new Set(),
  };
}

/** What the tiles could not show is counted by the server. */
export async function countByServer(before: Seen, bbox: string, stop: AbortSignal): Promise<Seen> {
  const counts = new Map(before.counts);
  const byServer = new Set<string>();
  const filters = mapFilters.peek();
  const unsure = [...counts].filter(([id, { atLeast }]) => atLeast && id !== CONTEXT);
  await Promise.all(
    unsure.map(async ([id]) => {
      const column = collections.peek().get(id)?.style.class_column ?? null;
      const query = [`bbox=${bbox}`, filters.get(id) ?? ""].filter(Boolean).join("&");
      try {
        const { total, groups } = await fetchGroups(id, query, column, stop);
        const classes = new Map(groups.map(({ value, count }) => [value ?? NO_CLASS, count] as const));
        counts.set(id, { total, classes, atLeast: false });
        byServer.add(id);
      } catch {
        // Then it stays "at least".
      }
    }),
  );
  return { ...before, counts, byServer };
}
