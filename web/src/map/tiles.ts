// The one source of the map: GeoJSON tiles. OpenLayers neither retries a failed tile nor says how many
// there are; this does both.

import { effect } from "@preact/signals";
import type Feature from "ol/Feature.js";
import GeoJSON from "ol/format/GeoJSON.js";
import VectorTileSource from "ol/source/VectorTile.js";
import type Tile from "ol/Tile.js";
import TileState from "ol/TileState.js";
import { createXYZ } from "ol/tilegrid.js";
import type VectorTile from "ol/VectorTile.js";
import { fetchTile } from "../api";
import { tileQueries } from "../query/query";
import { tiles } from "../state";

const RETRY_AFTER_MS = [500, 2000];
const GIVE_UP_AFTER_MS = 20_000;
// Past this the shapes have no more detail to show; the map enlarges the last tiles.
const DEEPEST_TILES = 18;

export interface TileSource {
  source: VectorTileSource<Feature>;
  /** Forgets all tiles, the failed ones too, and asks again. */
  retry(): void;
  destroy(): void;
}

export function createTileSource(): TileSource {
  const format = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
  // Aborted as a whole when everything is asked for anew.
  let stop = new AbortController();

  const source = new VectorTileSource<Feature>({
    format,
    // 512 pixels: a quarter of the requests, and the labels of a line repeat less often.
    tileGrid: createXYZ({ tileSize: 512, maxZoom: DEEPEST_TILES }),
    // The town is in one place: a world that repeats would only cost.
    wrapX: false,
    tileLoadFunction: (tile: Tile, url: string) => {
      const vectorTile = tile as VectorTile<Feature>;
      const { signal } = stop;
      vectorTile.setLoader(() => {
        count({ loading: 1 });
        // The filtered collection and the others come apart, and are one tile all the same.
        Promise.all(url.split(" ").map((part) => fetchWithRetry(part, signal))).then(
          (parts) => {
            vectorTile.setFeatures(parts.flatMap((json) => format.readFeatures(json)));
            count({ loading: -1 });
          },
          () => {
            vectorTile.setState(TileState.ERROR);
            // What was aborted did not fail: it is asked for again, and counted by its own request.
            count(signal.aborted ? {} : { loading: -1, failed: 1 });
          },
        );
      });
    },
  });

  const retry = () => {
    stop.abort();
    stop = new AbortController();
    tiles.value = { loading: 0, failed: 0 };
    source.refresh();
  };

  const destroy = effect(() => {
    const queries = tileQueries.value;
    const urlOf = ([z, x, y]: number[]) => queries.map((query) => `/tiles/${z}/${x}/${y}.geojson${query}`);
    // Another key makes the map ask for all tiles anew and keep the old ones in sight until they are here.
    source.setTileUrlFunction((coord) => urlOf(coord).join(" "), queries.join(" "));
  });

  return { source, retry, destroy };
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
