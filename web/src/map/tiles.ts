// The source of the map: GeoJSON tiles. OpenLayers neither retries a failed tile nor says how many there are, nor
// what is in those that are here; this does.

import { effect } from "@preact/signals";
import Feature from "ol/Feature.js";
import GeoJSON from "ol/format/GeoJSON.js";
import { fromExtent, type default as Polygon } from "ol/geom/Polygon.js";
import VectorSource from "ol/source/Vector.js";
import VectorTileSource from "ol/source/VectorTile.js";
import type Tile from "ol/Tile.js";
import TileState from "ol/TileState.js";
import { createXYZ } from "ol/tilegrid.js";
import type VectorTile from "ol/VectorTile.js";
import { fetchTile } from "../api";
import { tileQueries } from "../query/query";
import { tiles } from "../state";
import { MERCATOR } from "./projections";

const RETRY_AFTER_MS = [500, 2000];
const GIVE_UP_AFTER_MS = 20_000;
// Past this the shapes have no more detail to show; the map enlarges the last tiles.
const DEEPEST_TILES = 18;
/** Of tiles that are remembered for counting: some screens full. */
const REMEMBERED = 160;

/** What a tile says of a collection in it. */
interface TileCount {
  matched: number;
  merged: number;
  tooSmall: number;
  thinned: number;
  belowMinZoom: number;
}

export interface LoadedTile {
  coord: readonly [z: number, x: number, y: number];
  features: Feature[];
  counts: Record<string, TileCount>;
}

export interface TileSource {
  source: VectorTileSource<Feature>;
  /** The squares of tiles that failed, in Mercator. */
  holes: VectorSource;
  /** Forgets all tiles, the failed ones too, and asks again. */
  retry(): void;
  destroy(): void;
  /** The tiles that cover an outline in Mercator, if all of them are here. */
  covering(outline: Polygon, resolution: number): LoadedTile[] | null;
}

export function createTileSource(): TileSource {
  const format = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: MERCATOR });
  // Aborted as a whole when everything is asked for anew.
  let stop = new AbortController();
  const loaded = new Map<string, LoadedTile>();
  const holes = new VectorSource();
  // 512 pixels: a quarter of the requests, and the labels of a line repeat less often.
  const grid = createXYZ({ tileSize: 512, maxZoom: DEEPEST_TILES });

  const source = new VectorTileSource<Feature>({
    format,
    tileGrid: grid,
    // The town is in one place: a world that repeats would only cost.
    wrapX: false,
    tileLoadFunction: (tile: Tile, url: string) => {
      const vectorTile = tile as VectorTile<Feature>;
      const { signal } = stop;
      vectorTile.setLoader(() => {
        count({ loading: 1 });
        // The filtered collection and the others come apart, and are one tile all the same.
        Promise.all(url.split(" ").map((part) => fetchWithRetry(part, signal))).then(
          (answers) => {
            const [z = 0, x = 0, y = 0] = tile.tileCoord;
            const features = answers.flatMap((answer) => format.readFeatures(answer));
            const counts = Object.assign({}, ...answers.map(countsOf)) as LoadedTile["counts"];
            loaded.delete(`${z}/${x}/${y}`);
            loaded.set(`${z}/${x}/${y}`, { coord: [z, x, y], features, counts });
            for (const key of [...loaded.keys()].slice(0, Math.max(0, loaded.size - REMEMBERED)))
              loaded.delete(key);
            vectorTile.setFeatures(features);
            count({ loading: -1 });
          },
          () => {
            vectorTile.setState(TileState.ERROR);
            // What was aborted did not fail: it is asked for again, and counted by its own request.
            if (signal.aborted) return;
            holes.addFeature(new Feature(fromExtent(grid.getTileCoordExtent(tile.tileCoord))));
            count({ loading: -1, failed: 1 });
          },
        );
      });
    },
  });

  const destroy = effect(() => {
    const queries = tileQueries.value;
    const urlOf = ([z, x, y]: number[]) => queries.map((query) => `/tiles/${z}/${x}/${y}.geojson${query}`);
    loaded.clear();
    // Another key makes the map ask for all tiles anew and keep the old ones in sight until they are here.
    source.setTileUrlFunction((coord) => urlOf(coord).join(" "), queries.join(" "));
  });

  return {
    source,
    holes,
    destroy,
    retry() {
      stop.abort();
      stop = new AbortController();
      tiles.value = { loading: 0, failed: 0 };
      loaded.clear();
      holes.clear();
      source.refresh();
    },
    covering(outline, resolution) {
      const best = Math.min(grid.getZForResolution(resolution, source.zDirection), DEEPEST_TILES);
      // A view that is not in Mercator may have chosen the level next to ours.
      for (const z of [best, best + 1, best - 1]) {
        const found: LoadedTile[] = [];
        let complete = z >= 0 && z <= DEEPEST_TILES;
        if (!complete) continue;
        grid.forEachTileCoord(outline.getExtent(), z, ([, x = 0, y = 0]) => {
          if (!outline.intersectsExtent(grid.getTileCoordExtent([z, x, y]))) return;
          const tile = loaded.get(`${z}/${x}/${y}`);
          if (tile) found.push(tile);
          else complete = false;
        });
        if (complete) return found;
      }
      return null;
    },
  };
}

function countsOf(answer: unknown): Record<string, TileCount> {
  return (answer as { collections?: Record<string, TileCount> }).collections ?? {};
}

function count({ loading = 0, failed = 0 }: { loading?: number; failed?: number }): void {
  const before = tiles.peek();
  tiles.value = { loading: Math.max(0, before.loading + loading), failed: before.failed + failed };
}

async function fetchWithRetry(url: string, stop: AbortSignal): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await fetchTile(url, AbortSignal.any([stop, AbortSignal.timeout(GIVE_UP_AFTER_MS)]));
    } catch (cause) {
      const wait = RETRY_AFTER_MS[attempt];
      if (wait === undefined || stop.aborted) throw cause;
      // Spread out, so that a server that comes back is not met by all tiles at once.
      await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random() / 2)));
    }
  }
}
