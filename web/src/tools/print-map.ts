// The map of a sheet: whole shapes from the lists, not tiles, on the statutory grid, at exactly the scale asked for.

import type Feature from "ol/Feature.js";
import type Geometry from "ol/geom/Geometry.js";
import VectorLayer from "ol/layer/Vector.js";
import OlMap from "ol/Map.js";
import { transformExtent } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import View from "ol/View.js";
import { fetchPage } from "../api";
import { featureOf } from "../map/layers";
import { groundNameOf, projectNameOf } from "../map/names";
import { GAUSS } from "../map/projections";
import { chosenStyles, styleOf } from "../map/style";
import { lookFor, shapeOf, subjectOf } from "../map/subject";
import { CONTEXT } from "../model";
import { mapFilters } from "../query/query";
import { collections, selected, visible } from "../state";
import type { Box } from "./print-layout";

const MOST = 10_000;
const MM = 96 / 25.4;

export interface PrintedMap {
  canvas: HTMLCanvasElement;
  /** Shown inside the frame. */
  features: Feature[];
  /** Of collections that have more in the frame than one answer holds: how many are left out. */
  leftOut: number;
}

export async function printMap(
  frame: Box,
  ground: readonly [number, number, number, number],
  scale: number,
  dpi: number,
  stop: AbortSignal,
): Promise<PrintedMap> {
  const extent = [...ground];
  const bbox = transformExtent(extent, GAUSS, "EPSG:4326")
    .map((part) => part.toFixed(7))
    .join(",");
  const filters = mapFilters.peek();
  const pages = await Promise.all(
    [...collections.peek().keys()]
      .filter((id) => visible.peek().has(id))
      .map(async (id) => {
        const asked = filters.get(id);
        const query = asked ? `&${asked}` : "";
        const path = `/collections/${encodeURIComponent(id)}/items?limit=${MOST}&bbox=${bbox}${query}`;
        return { id, page: await fetchPage(path, stop) };
      }),
  );
  const features = pages.flatMap(({ id, page }) =>
    page.features.flatMap((item) => featureOf(item, id, GAUSS) ?? []),
  );
  const leftOut = pages.reduce((sum, { page }) => sum + page.numberMatched - page.features.length, 0);
  const canvas = await draw(features, frame, ground, scale, dpi, stop);
  const inFrame = (feature: Feature) => (feature.getGeometry() as Geometry).intersectsExtent(extent);
  return { canvas, features: features.filter((one) => subjectOf(one) && inFrame(one)), leftOut };
}

async function draw(
  features: Feature[],
  frame: Box,
  [west, south, east, north]: readonly [number, number, number, number],
  scale: number,
  dpi: number,
  stop: AbortSignal,
): Promise<HTMLCanvasElement> {
  const size = [frame.width * MM, frame.height * MM];
  const target = document.createElement("div");
  target.className = "print-bench";
  target.style.width = `${size[0]}px`;
  target.style.height = `${size[1]}px`;
  document.body.append(target);
  const inView = [west, south, east, north];
  const ref = selected.peek();
  const isChosen = (feature: Feature) =>
    ref?.collection === feature.get("collection") && ref?.id === String(feature.getId());
  const shapes = new VectorSource({ features });
  const part = (ground: boolean) =>
    new VectorSource({ features: features.filter((one) => (one.get("collection") === CONTEXT) === ground) });
  const outline = new VectorSource({ features: features.filter(isChosen) });
  const map = new OlMap({
    target,
    pixelRatio: dpi / 96,
    controls: [],
    interactions: [],
    view: new View({
      projection: GAUSS,
      center: [(west + east) / 2, (south + north) / 2],
      resolution: (scale * 0.0254) / 96,
    }),
    layers: [
      new VectorLayer({ source: shapes, style: styleOf, renderBuffer: 200 }),
      new VectorLayer({
        source: outline,
        style: (feature) => {
          const subject = subjectOf(feature, true);
          return subject ? chosenStyles(lookFor(subject, feature), shapeOf(feature)) : undefined;
        },
      }),
      new VectorLayer({
        source: part(true),
        declutter: true,
        style: (feature, resolution) => groundNameOf(feature, resolution, inView),
      }),
      new VectorLayer({
        source: part(false),
        declutter: true,
        style: (feature, resolution) => projectNameOf(feature, resolution, inView),
      }),
    ],
  });
  try {
    await new Promise<void>((resolve, reject) => {
      map.once("rendercomplete", () => resolve());
      stop.addEventListener("abort", () => reject(stop.reason));
    });
    const picture = document.createElement("canvas");
    picture.width = Math.round((frame.width / 25.4) * dpi);
    picture.height = Math.round((frame.height / 25.4) * dpi);
    const pen = picture.getContext("2d");
    if (pen) {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, picture.width, picture.height);
      for (const layer of target.querySelectorAll("canvas")) {
        pen.drawImage(layer, 0, 0, picture.width, picture.height);
      }
    }
    return picture;
  } finally {
    map.setTarget(undefined);
    map.dispose();
    target.remove();
  }
}
