// The map itself: made once, then it follows the state, and tells the state where it looks and what was
// picked.

import { effect } from "@preact/signals";
import { type Extent, getCenter } from "ol/extent.js";
import GeoJSON from "ol/format/GeoJSON.js";
import type Geometry from "ol/geom/Geometry.js";
import { defaults as defaultInteractions } from "ol/interaction/defaults.js";
import VectorTileLayer from "ol/layer/VectorTile.js";
import OlMap from "ol/Map.js";
import { fromLonLat, getPointResolution, toLonLat, transformExtent } from "ol/proj.js";
import View from "ol/View.js";
import { accuracyOf } from "../facts";
import { formatNumber } from "../format";
import { type Camera, type Item, sameRef } from "../model";
import {
  announcement,
  arrival,
  camera,
  candidates,
  changes,
  collections,
  detail,
  extent,
  homeCamera,
  hovered,
  lang,
  select,
  selected,
  t,
  visible,
} from "../state";
import { createMarks } from "./marks";
import { groundNameOf, projectNameOf } from "./names";
import { pickAt } from "./pick";
import { styleOf } from "./style";
import { createTileSource } from "./tiles";
import { createUncertainty } from "./uncertainty";

// The plan's zoom is meant for a map of this size; smaller ones step back until as much of it is seen.
const MEANT_FOR = [900, 640] as const;
const CLOSEST_FIT = 16;
const FARTHEST_FOR_RING = 15;
// Of the map's width and height, what is shown may fill this much.
const FILL = 0.9;
const TOUCH = matchMedia("(pointer: coarse)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export interface MapHandle {
  zoomBy(steps: number): void;
  home(): void;
  retryTiles(): void;
  pickAtCentre(): void;
  showItem(item: Item): void;
  destroy(): void;
}

export function createMap(target: HTMLElement, onScale: (metresPerPixel: number) => void): MapHandle {
  const { source, retry, destroy: destroySource } = createTileSource();
  // Three layers of the same tiles. Names are written above all shapes, and where they would overlap those of
  // the upper layer win, in whatever tile they are. Shapes are drawn `hybrid`: as `vector`, a fill shows a
  // hairline at the borders of tiles.
  const shapes = new VectorTileLayer({ source, style: styleOf, renderMode: "hybrid" });
  const named = { source, declutter: true, renderMode: "vector" } as const;
  const groundNames = new VectorTileLayer({ ...named, style: groundNameOf });
  const projectNames = new VectorTileLayer({ ...named, style: projectNameOf });
  const tileLayers = [shapes, groundNames, projectNames];
  const uncertainty = createUncertainty();
  const marks = createMarks();
  const view = new View({ constrainResolution: true, minZoom: 10, maxZoom: 20, enableRotation: false });
  const map = new OlMap({
    target,
    layers: [...tileLayers, uncertainty.layer, marks.layer],
    view,
    controls: [],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
  });

  const look = (to: Camera, animate: boolean) => {
    const goal = { center: fromLonLat(to.center), zoom: to.zoom };
    if (animate && !STILL.matches) view.animate({ ...goal, duration: 250 });
    else {
      view.setCenter(goal.center);
      view.setZoom(goal.zoom);
    }
  };

  /** Where the map was put last without being told where; to be there is to have no `m` in the address. */
  let opened: Camera | null = null;
  let openedFor: Camera | null = null;

  /** Where the view opens on a map of this size. */
  const home = (): Camera | null => {
    const start = homeCamera.peek();
    if (!start) return null;
    const [width, height] = map.getSize() ?? MEANT_FOR;
    const fit = Math.min(1, (width ?? 0) / MEANT_FOR[0], (height ?? 0) / MEANT_FOR[1]);
    return { center: start.center, zoom: Math.round(start.zoom + Math.log2(Math.max(fit, 0.1))) };
  };

  const now = (): Camera | null => {
    const center = view.getCenter();
    const zoom = view.getZoom();
    if (!center || zoom === undefined) return null;
    const [lon = 0, lat = 0] = toLonLat(center);
    return { center: [lon, lat], zoom };
  };

  const showItem = (item: Item) => {
    const geometry = shapeFrom(item);
    if (!geometry) return;
    const size = (map.getSize() ?? MEANT_FOR).map((side) => side * FILL);
    const zoomFor = (extent: Extent) =>
      view.getZoomForResolution(view.getResolutionForExtent(extent, size)) ?? 0;
    const whole = zoomFor(geometry.getExtent());
    const ring = uncertainty.extent();
    // As near as the shape is seen whole; and as far as its ring is too, while that keeps the shape in sight.
    const zoom = Math.floor(
      Math.min(whole, CLOSEST_FIT, ring ? Math.max(zoomFor(ring), FARTHEST_FOR_RING) : CLOSEST_FIT),
    );
    const center = getCenter(geometry.getExtent());
    if (STILL.matches) {
      view.setCenter(center);
      view.setZoom(zoom);
    } else view.animate({ center, zoom, duration: 250 });
  };

  const stops = [
    // Links, Back and view changes move the map; the map's own moves end up here too and change nothing.
    effect(() => {
      const goal = camera.value;
      const start = homeCamera.value;
      const at = now();
      // A panel that opens makes the map smaller, and is no reason to zoom out.
      if (!goal && (!opened || !at || !sameCamera(opened, at) || start !== openedFor)) {
        opened = home();
        openedFor = start;
      }
      const to = goal ?? opened;
      if (to && (!at || !sameCamera(to, at))) look(to, false);
    }),
    effect(() => {
      // Read all that styleOf peeks at.
      void [lang.value, visible.value, changes.value, selected.value, collections.value];
      for (const layer of tileLayers) layer.changed();
    }),
    // The ring is there before the map moves to show it.
    effect(() => {
      const load = detail.value;
      uncertainty.clear();
      if (load?.state !== "ready") return;
      const shape = shapeFrom(load.value);
      const metres = accuracyOf(load.value);
      if (shape && metres) uncertainty.show(shape, metres, t("plusMinus", { metres: formatNumber(metres) }));
    }),
    effect(() => {
      const load = detail.value;
      if (load?.state !== "ready") return;
      const from = arrival.peek();
      if (from === "list" || (from === "link" && !camera.peek())) showItem(load.value);
    }),
  ];

  map.on("moveend", () => {
    const at = now();
    if (!at) return;
    camera.value = opened && sameCamera(opened, at) ? null : at;
    const [west = 0, south = 0, east = 0, north = 0] = transformExtent(
      view.calculateExtent(map.getSize()),
      view.getProjection(),
      "EPSG:4326",
    );
    extent.value = [west, south, east, north];
    const center = view.getCenter();
    if (center) onScale(getPointResolution(view.getProjection(), view.getResolution() ?? 1, center, "m"));
  });

  const pick = (pixel: number[]) => {
    const found = pickAt(map, [shapes, projectNames], pixel, TOUCH.matches ? 12 : 5);
    const first = found[0];
    if (!first) {
      announcement.value = t("nothingHere");
      return;
    }
    select(first, "map", found);
  };
  map.on("singleclick", (event) => pick(event.pixel));
  map.on("pointermove", (event) => {
    if (event.dragging) return;
    const [under = null] = pickAt(map, [shapes, projectNames], event.pixel, 3);
    target.classList.toggle("over", under !== null);
    if (!sameRef(hovered.peek(), under)) hovered.value = under;
  });
  const leave = () => {
    hovered.value = null;
  };
  target.addEventListener("pointerleave", leave);

  // The panel may open over where a click was, by making the map smaller: keep the place in sight.
  let clicked: number[] | null = null;
  map.on("singleclick", (event) => {
    clicked = event.coordinate;
  });
  map.on("change:size", () => {
    const [width = 0, height = 0] = map.getSize() ?? [];
    const pixel = clicked && selected.peek() ? map.getPixelFromCoordinate(clicked) : null;
    if (!pixel || !clicked) return;
    const [x = 0, y = 0] = pixel;
    if (x < 20 || y < 20 || x > width - 20 || y > height - 20) view.setCenter(clicked);
  });

  return {
    zoomBy: (steps) =>
      view.animate({ zoom: Math.round(view.getZoom() ?? 0) + steps, duration: STILL.matches ? 0 : 200 }),
    home: () => {
      opened = home();
      if (opened) look(opened, true);
    },
    retryTiles: retry,
    pickAtCentre: () => pick((map.getSize() ?? [0, 0]).map((side) => side / 2)),
    showItem,
    destroy: () => {
      for (const stop of [...stops, destroySource, marks.destroy]) stop();
      target.removeEventListener("pointerleave", leave);
      candidates.value = [];
      map.setTarget(undefined);
      map.dispose();
    },
  };
}

function shapeFrom({ geometry }: Item): Geometry | null {
  if (!geometry) return null;
  return new GeoJSON().readGeometry(geometry, {
    dataProjection: "EPSG:4326",
    featureProjection: "EPSG:3857",
  });
}

/** Closer than anybody sees. */
function sameCamera(a: Camera, b: Camera): boolean {
  return (
    Math.abs(a.center[0] - b.center[0]) < 1e-5 &&
    Math.abs(a.center[1] - b.center[1]) < 1e-5 &&
    Math.abs(a.zoom - b.zoom) < 0.01
  );
}
