// A raster under the plan, if the server offers one. It is turned to fit the data, whatever it was shifted by; the data
// stay where they are. Its tiles come through the server, which keeps the keys.

import { applyTransform, type Extent } from "ol/extent.js";
import type ImageTile from "ol/ImageTile.js";
import TileLayer from "ol/layer/Tile.js";
import { addCoordinateTransforms, addProjection, fromLonLat, get, Projection, toLonLat } from "ol/proj.js";
import XYZ from "ol/source/XYZ.js";
import type Tile from "ol/Tile.js";
import TileState from "ol/TileState.js";
import TileGrid from "ol/tilegrid/TileGrid.js";
import { createXYZ } from "ol/tilegrid.js";
import type { Basemap } from "../model";
import { ROOT } from "../root";
import { bdToMetres, metresToBd, toBd, toGcj, undo } from "./china";
import { GAUSS, MERCATOR } from "./projections";

type Point = number[];
type LonLat = [number, number];

const GCJ = "BUJU:GCJ02";
const BD = "BUJU:BD09";
// China, with some room: nothing beyond it is shifted.
const REACH: Extent = [72, 3, 137, 54];

function define(code: string, forward: (at: LonLat) => Point, inverse: (at: Point) => Point): void {
  if (get(code)) return;
  const extent = applyTransform(REACH, (input, output = [], stride = 2) => {
    for (let at = 0; at < input.length; at += stride) {
      [output[at], output[at + 1]] = forward([input[at] as number, input[at + 1] as number]) as LonLat;
    }
    return output;
  });
  addProjection(new Projection({ code, units: "m", extent, worldExtent: REACH }));
  addCoordinateTransforms("EPSG:4326", code, (at: Point) => forward(at as LonLat), inverse);
  for (const map of [MERCATOR, GAUSS]) {
    addCoordinateTransforms(
      map,
      code,
      (at: Point) => forward(toLonLat(at, map) as LonLat),
      (at: Point) => fromLonLat(inverse(at), map),
    );
  }
}

define(
  GCJ,
  (at) => fromLonLat(toGcj(at)),
  (at) => undo(toGcj, toLonLat(at) as LonLat),
);
define(
  BD,
  (at) => bdToMetres(toBd(at)),
  (at) => undo(toBd, metresToBd(at as LonLat)),
);

const LEVELS = 22;

/**
 * Pictures that are fetched at once. A browser has six connections to a server that speaks HTTP/1.1: where the base map
 * is slow, some are left for the plan's own tiles.
 */
const MOST_AT_ONCE = 4;

/** Sets the addresses of pictures, a few at a time and in order; what the map has lost interest in is left out. */
function fewAtOnce(): (tile: Tile, src: string) => void {
  let open = 0;
  const waiting: (() => void)[] = [];
  const next = () => {
    while (open < MOST_AT_ONCE && waiting.length > 0) waiting.shift()?.();
  };
  return (tile, src) => {
    waiting.push(() => {
      const image = (tile as ImageTile).getImage();
      if (tile.getState() !== TileState.LOADING || !(image instanceof HTMLImageElement)) return;
      open += 1;
      const done = () => {
        open -= 1;
        next();
      };
      image.addEventListener("load", done, { once: true });
      image.addEventListener("error", done, { once: true });
      image.src = src;
    });
    next();
  };
}

/** Baidu counts its tiles from where the equator meets the meridian of Greenwich, upwards. */
const baiduGrid = () =>
  new TileGrid({
    origin: [0, 0],
    resolutions: Array.from({ length: LEVELS }, (_, zoom) => 2 ** (18 - zoom)),
    tileSize: 256,
  });

export function createBasemap(basemap: Basemap, onError: () => void): TileLayer<XYZ> {
  const { url, crs, min_zoom: minZoom = 0, max_zoom: maxZoom = 18 } = basemap;
  const baidu = crs === "bd09";
  const mercator = createXYZ({ tileSize: 256, maxZoom });
  const source = new XYZ({
    projection: baidu ? BD : crs === "gcj02" ? GCJ : MERCATOR,
    tileGrid: baidu
      ? baiduGrid()
      : new TileGrid({
          // Shifted or not, the grid is that of all web maps.
          origin: mercator.getOrigin(0),
          resolutions: mercator.getResolutions(),
          tileSize: 256,
          minZoom,
        }),
    tileUrlFunction: ([z = 0, x = 0, y = 0]) =>
      (ROOT + url)
        .replace("{z}", String(z))
        .replace("{x}", String(x))
        .replace("{y}", String(baidu ? -y - 1 : y)),
    tileLoadFunction: fewAtOnce(),
    wrapX: false,
  });
  source.on("tileloaderror", onError);
  return new TileLayer({ source });
}
