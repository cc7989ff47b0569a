// The map itself: made once, then it follows the state, and tells the state where it looks and what was
// picked.

import { effect, signal } from "@preact/signals";
import { type Extent, getCenter } from "ol/extent.js";
import type Geometry from "ol/geom/Geometry.js";
import { fromExtent, type default as Polygon } from "ol/geom/Polygon.js";
import { defaults as defaultInteractions } from "ol/interaction/defaults.js";
import OlMap from "ol/Map.js";
import { fromLonLat, getPointResolution, toLonLat, transformExtent } from "ol/proj.js";
import View from "ol/View.js";
import { type Camera, type Item, sameRef } from "../model";
import { offline } from "../offline";
import {
  announcement,
  arrival,
  camera,
  candidates,
  detail,
  extent,
  homeBox,
  homeCamera,
  hovered,
  isPhone,
  projection,
  select,
  selected,
  t,
  tiles,
} from "../state";
import { followBasemap } from "./follow-basemap";
import { DESK, fitted, PHONE, steppedBack } from "./home";
import { createLayers, featureOf, type Layers, type Sight } from "./layers";
import { createMarks } from "./marks";
import { pickAt } from "./pick";
import { sight as sightSignal } from "./place";
import { GAUSS, MERCATOR } from "./projections";
import { countByServer, look as lookAt, type SeenFeature, seen } from "./seen";
import { nextTowards, type Side } from "./step";
import { followWhole } from "./whole";

// What a map is taken for that has no size yet.
const NO_SIZE = [900, 640];
const CLOSEST_FIT = 16;
const FARTHEST_FOR_RING = 15;
// Of the map's width and height, what is shown may fill this much.
const FILL = 0.9;
const TOUCH = matchMedia("(pointer: coarse)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

// Resolutions of zoom 0 and deeper. On the Gauss grid a zoom has the scale that it has in Mercator at the town.
const DEEPEST_ZOOM = 20;
const FARTHEST_ZOOM = 10;
const MERCATOR_METRES = (2 * Math.PI * 6_378_137) / 256;
const COUNT_AFTER_MS = 150;

/** The map has been seen whole once. */
export const drawn = signal(false);

export interface MapHandle {
  zoomBy(by: number): void;
  zoomTo(zoom: number): void;
  home(): void;
  retryTiles(): void;
  pickAtCentre(): void;
  panBy(pixels: readonly [number, number]): void;
  /** Selects the nearest feature on that side of the selected one, or of the crosshair. */
  step(side: Side): void;
  showItem(item: Item): void;
  /** Gives clicks, and Enter at the crosshair, to a tool instead of to the selection; null gives them back. */
  take(taker: ((coordinate: number[]) => void) | null): void;
  /** For tools, which come later and draw on it. */
  map: OlMap;
  layers: Layers;
  destroy(): void;
}

/** Metres of a pixel at zoom 0. OpenLayers counts zooms by steps of the view, which are parts of ours. */
function metresAtZoom0(code: string, latitude: number): number {
  return MERCATOR_METRES * (code === GAUSS ? Math.cos((latitude * Math.PI) / 180) : 1);
}

// Parts of a zoom: tiles are then drawn for the next zoom and made smaller, which is as sharp. A notch of a wheel is a
// step: finer ones are for fingers.
function viewFor(code: string, base: number, steps: number): View {
  return new View({
    projection: code,
    maxResolution: base / 2 ** FARTHEST_ZOOM,
    minResolution: base / 2 ** DEEPEST_ZOOM,
    zoomFactor: 2 ** (1 / steps),
    constrainResolution: true,
    enableRotation: false,
    // There is one town: the map of the world need not go round.
    multiWorld: true,
  });
}

export function createMap(target: HTMLElement): MapHandle {
  const codeOf = () => (projection.value === "4549" ? GAUSS : MERCATOR);
  const baseOf = (code: string) => metresAtZoom0(code, homeCamera.peek()?.center[1] ?? 0);
  const frame = () => (isPhone.value ? PHONE : DESK);
  let base = baseOf(codeOf());
  let steps = frame().steps;
  let view = viewFor(codeOf(), base, steps);
  const resolutionAt = (zoom: number) => base / 2 ** zoom;
  const zoomNow = () => Math.round(Math.log2(base / (view.getResolution() ?? base)) * 1e6) / 1e6;
  const sight: Sight = {
    projection: () => view.getProjection().getCode(),
    extent: () => view.calculateExtent(map.getSize() ?? [1, 1]),
  };
  // Layers ask where the map looks only when they are drawn.
  const map: OlMap = new OlMap({
    target,
    view,
    // More than a screen has: pictures of a base map that do not come would keep the plan's tiles waiting.
    maxTilesLoading: 128,
    controls: [],
    interactions: defaultInteractions({
      altShiftDragRotate: false,
      pinchRotate: false,
      zoomDelta: DESK.steps,
    }),
  });
  const layers = createLayers(sight);
  const marks = createMarks();
  for (const layer of [...layers.all, marks.layer]) map.addLayer(layer);
  const { uncertainty } = layers;
  const { pickable } = layers;

  const look = (to: Camera, animate: boolean) => {
    const goal = {
      center: fromLonLat(to.center, view.getProjection()),
      resolution: resolutionAt(to.zoom),
    };
    if (animate && !STILL.matches) view.animate({ ...goal, duration: 250 });
    else {
      view.setCenter(goal.center);
      view.setResolution(goal.resolution);
    }
  };

  /** Where the map was put last without being told where; to be there is to have no `m` in the address. */
  let opened: Camera | null = null;
  let openedFor: Camera | null = null;

  /** Where the view opens on a map of this size. */
  const home = (): Camera | null => {
    const start = homeCamera.peek();
    if (!start) return null;
    const [width = 0, height = 0] = map.getSize() ?? NO_SIZE;
    const box = homeBox.peek();
    if (!box) return steppedBack(start, [width, height]);
    return fitted(start, box, [width, height], isPhone.peek() ? PHONE : DESK);
  };

  const now = (): Camera | null => {
    const center = view.getCenter();
    if (!center || !view.getResolution()) return null;
    const zoom = zoomNow();
    const [lon = 0, lat = 0] = toLonLat(center, view.getProjection());
    return { center: [lon, lat], zoom };
  };

  const showItem = (item: Item) => {
    const geometry = featureOf(item, "", sight.projection())?.getGeometry() as Geometry | undefined;
    if (!geometry) return;
    const size = (map.getSize() ?? NO_SIZE).map((side) => side * FILL);
    const zoomFor = (extent: Extent) =>
      Math.log2(base / Math.max(view.getResolutionForExtent(extent, size), 1e-9));
    const whole = zoomFor(geometry.getExtent());
    const ring = uncertainty.extent();
    // As near as the shape is seen whole; and as far as its ring is too, while that keeps the shape in sight.
    const zoom = Math.floor(
      Math.min(whole, CLOSEST_FIT, ring ? Math.max(zoomFor(ring), FARTHEST_FOR_RING) : CLOSEST_FIT),
    );
    const center = getCenter(geometry.getExtent());
    if (STILL.matches) {
      view.setCenter(center);
      view.setResolution(resolutionAt(zoom));
    } else view.animate({ center, resolution: resolutionAt(zoom), duration: 250 });
  };

  const turn = (code: string) => {
    const at = now();
    base = baseOf(code);
    steps = frame().steps;
    view = viewFor(code, base, steps);
    map.setView(view);
    if (at) look(at, false);
    layers.project();
  };

  const stops = [
    followWhole(),
    effect(() => {
      const code = codeOf();
      if (code !== view.getProjection().getCode() || frame().steps !== steps) turn(code);
    }),
    followBasemap(map),
    effect(() => {
      if (!offline.value && tiles.peek().failed > 0) layers.tiles.retry();
    }),
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
      const load = detail.value;
      if (load?.state !== "ready") return;
      const from = arrival.peek();
      if (from === "list" || (from === "link" && !camera.peek())) showItem(load.value);
    }),
  ];

  const tell = (pixel: number[] | null) => {
    const center = view.getCenter();
    const at = pixel ? map.getCoordinateFromPixel(pixel) : center;
    if (!center || !at) return;
    const code = view.getProjection();
    sightSignal.value = {
      at: toLonLat(at, code) as [number, number],
      metresPerPixel: getPointResolution(code, view.getResolution() ?? 1, center, "m"),
      zoom: zoomNow(),
    };
  };

  map.on("moveend", () => {
    const at = now();
    if (!at) return;
    camera.value = opened && sameCamera(opened, at) ? null : at;
    tell(null);
    const [west = 0, south = 0, east = 0, north = 0] = transformExtent(
      sight.extent(),
      sight.projection(),
      "EPSG:4326",
    );
    extent.value = [west, south, east, north];
  });

  let counting = 0;
  let asking = new AbortController();
  const count = () => {
    const [width = 0, height = 0] = map.getSize() ?? [];
    const resolution = view.getResolution();
    if (!width || !height || !resolution) return;
    const extent = sight.extent();
    const code = sight.projection();
    const outline = fromExtent(extent).transform(code, MERCATOR) as Polygon;
    const [west = 0, , east = 0] = outline.getExtent();
    const tiles = layers.tiles.covering(outline, (east - west) / width);
    if (!tiles) return;
    const found = lookAt({ extent, projection: code, tiles, whole: layers.wholeFeatures() });
    seen.value = found;
    asking.abort();
    if (![...found.counts.values()].some(({ atLeast }) => atLeast)) return;
    asking = new AbortController();
    const { signal } = asking;
    const bbox = transformExtent(extent, code, "EPSG:4326").map((part) => part.toFixed(6));
    void countByServer(found, bbox.join(","), signal).then((counted) => {
      if (!signal.aborted) seen.value = counted;
    });
  };
  map.on("rendercomplete", () => {
    drawn.value = true;
    clearTimeout(counting);
    counting = setTimeout(count, COUNT_AFTER_MS);
  });

  let taker: ((coordinate: number[]) => void) | null = null;
  const pick = (pixel: number[]) => {
    if (taker) {
      taker(map.getCoordinateFromPixel(pixel));
      return;
    }
    const found = pickAt(map, pickable, pixel, TOUCH.matches ? 12 : 5);
    const first = found[0];
    if (!first) {
      announcement.value = t("nothingHere");
      return;
    }
    select(first, "map", found);
  };
  // A tool's clicks come as fast as they are made: none of them is half of a double click.
  map.on("click", (event) => {
    if (taker) pick(event.pixel);
  });
  map.on("dblclick", (event) => {
    if (taker) event.stopPropagation();
  });
  map.on("singleclick", (event) => {
    if (!taker) pick(event.pixel);
  });
  map.on("pointermove", (event) => {
    if (event.dragging) return;
    tell(event.pixel);
    const [under = null] = pickAt(map, pickable, event.pixel, 3);
    target.classList.toggle("over", under !== null);
    if (!sameRef(hovered.peek(), under)) hovered.value = under;
  });
  const leave = () => {
    hovered.value = null;
    tell(null);
  };
  target.addEventListener("pointerleave", leave);

  const step = (side: Side) => {
    const features = seen.peek()?.features ?? [];
    const from = selected.peek();
    const here = from && features.find((one) => one.id === from.id && one.collection === from.collection);
    const next = nextTowards<SeenFeature>(features, here?.at ?? (view.getCenter() as [number, number]), side);
    if (!next) {
      announcement.value = t("nothingThere");
      return;
    }
    select({ collection: next.collection, id: next.id }, "map");
  };

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
    zoomBy: (by) => {
      // From where a zoom that still goes on will end.
      const zoom = Math.round(zoomNow() * steps) / steps + by;
      const kept = Math.max(FARTHEST_ZOOM, Math.min(DEEPEST_ZOOM, zoom));
      view.animate({ resolution: resolutionAt(kept), duration: STILL.matches ? 0 : 200 });
    },
    home: () => {
      opened = home();
      if (opened) look(opened, true);
    },
    zoomTo: (zoom) => view.animate({ resolution: resolutionAt(zoom), duration: STILL.matches ? 0 : 250 }),
    panBy: ([right, down]) => {
      const [x = 0, y = 0] = view.getCenter() ?? [];
      const resolution = view.getResolution() ?? 1;
      view.setCenter([x + right * resolution, y - down * resolution]);
    },
    step,
    take: (next) => {
      taker = next;
    },
    retryTiles: layers.tiles.retry,
    map,
    layers,
    pickAtCentre: () => pick((map.getSize() ?? [0, 0]).map((side) => side / 2)),
    showItem,
    destroy: () => {
      for (const stop of stops) stop();
      layers.stop();
      marks.destroy();
      asking.abort();
      clearTimeout(counting);
      target.removeEventListener("pointerleave", leave);
      candidates.value = [];
      map.setTarget(undefined);
      map.dispose();
    },
  };
}

/** Closer than anybody sees. */
function sameCamera(a: Camera, b: Camera): boolean {
  return (
    Math.abs(a.center[0] - b.center[0]) < 1e-5 &&
    Math.abs(a.center[1] - b.center[1]) < 1e-5 &&
    Math.abs(a.zoom - b.zoom) < 0.01
  );
}
