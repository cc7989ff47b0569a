// What the map is made of, from the ground up.

import { effect } from "@preact/signals";
import type { Extent } from "ol/extent.js";
import type Feature from "ol/Feature.js";
import type { FeatureLike } from "ol/Feature.js";
import GeoJSON from "ol/format/GeoJSON.js";
import type Geometry from "ol/geom/Geometry.js";
import type BaseLayer from "ol/layer/Base.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorTileLayer from "ol/layer/VectorTile.js";
import VectorSource from "ol/source/Vector.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import { CONTEXT, type Item } from "../model";
import { basemap, collections, columns, detail, selected, t } from "../state";
import { groundNameOf, projectNameOf } from "./names";
import { patternFill } from "./patterns";
import { MERCATOR } from "./projections";
import { chosenStyles, looksDependOn, styleOf } from "./style";
import { asShown, lookFor, shapeOf, subjectOf } from "./subject";
import { createTileSource, type TileSource } from "./tiles";
import { createUncertainty, type Uncertainty } from "./uncertainty";
import { whole } from "./whole";

export interface Layers {
  all: BaseLayer[];
  /** What a click can hit. */
  pickable: BaseLayer[];
  tiles: TileSource;
  uncertainty: Uncertainty;
  /** The features that are held whole and drawn beside the tiles. */
  wholeFeatures(): Feature[];
  /** To be called when the map is drawn in another projection. */
  project(): void;
  stop(): void;
}

/** Where the map looks: layers ask for it when they draw. */
export interface Sight {
  projection(): string;
  extent(): Extent;
}

export function featureOf(item: Item, collection: string, projection: string): Feature | null {
  if (!item.geometry) return null;
  const feature = new GeoJSON().readFeature(item, {
    dataProjection: "EPSG:4326",
    featureProjection: projection,
  }) as Feature<Geometry>;
  feature.set("collection", collection, true);
  return feature;
}

/** In the order of layers: that of a base map is lower still. */
const BELOW_GROUND = -1;
/** How solid areas are where a base map should be seen through them. */
const OVER_BASEMAP = 0.65;

export interface LayerOptions {
  /** Of another map, which has them already. */
  tiles?: TileSource;
  /** Shows these collections, whatever the legend says. */
  visible?: ReadonlySet<string>;
}

export function createLayers(sight: Sight, { tiles: shared, visible }: LayerOptions = {}): Layers {
  const tiles = shared ?? createTileSource();
  const { source } = tiles;
  const seenAs = <S>(style: () => S) => asShown(visible ?? null, style);
  const heldWhole = (feature: FeatureLike) =>
    shapeOf(feature) !== "area" && whole.peek().has(String(feature.get("collection")));
  const unlessWhole =
    <S>(style: (feature: FeatureLike, resolution: number) => S | undefined) =>
    (feature: FeatureLike, resolution: number) =>
      heldWhole(feature) ? undefined : seenAs(() => style(feature, resolution));
  // Mercator tiles lie askew on another grid and overlap by what they have beyond their squares: a fill would be drawn
  // twice there, in a darker band. There areas are drawn whole too; those of collections too large to be held are solid,
  // so that twice looks like once, and lie below the ground, which they would hide.
  const askew = () => sight.projection() !== MERCATOR;
  const unlessWholeHere =
    <S>(style: (feature: FeatureLike, resolution: number) => S | undefined) =>
    (feature: FeatureLike, resolution: number) =>
      askew() && whole.peek().has(String(feature.get("collection")))
        ? undefined
        : unlessWhole(style)(feature, resolution);

  // Shapes are drawn `hybrid`: as `vector`, a fill shows a hairline at the borders of tiles. Names are written above
  // all shapes, and where they would overlap those of the upper layer win, in whatever tile they are.
  const shapes = new VectorTileLayer({
    source,
    style: unlessWholeHere((feature, resolution) => styleOf(feature, resolution, askew())),
    renderMode: "hybrid",
  });
  const named = { source, declutter: true, renderMode: "vector" } as const;
  const groundNames = new VectorTileLayer({ ...named, style: unlessWhole(groundNameOf) });
  const projectNames = new VectorTileLayer({ ...named, style: unlessWhole(projectNameOf) });

  const ground = new VectorSource<Feature>();
  const projects = new VectorSource<Feature>();
  const areas = new VectorSource<Feature>();
  // Names have layers of their own here too: a layer that declutters draws its shapes late, over names below it.
  const wholeShapes = (source: VectorSource<Feature>) =>
    new VectorLayer({ source, style: (feature, resolution) => seenAs(() => styleOf(feature, resolution)) });
  const wholeNames = (source: VectorSource<Feature>, nameOf: typeof projectNameOf) =>
    new VectorLayer({
      source,
      declutter: true,
      style: (feature, resolution) => seenAs(() => nameOf(feature, resolution, sight.extent())),
    });
  const groundLayer = wholeShapes(ground);
  const projectLayer = wholeShapes(projects);
  const areaLayer = wholeShapes(areas);
  const names = [
    wholeNames(ground, groundNameOf),
    groundNames,
    wholeNames(projects, projectNameOf),
    projectNames,
  ];

  const hatch = patternFill("hatch");
  const missing = new Style({
    fill: new Fill({ color: hatch ?? "rgba(0,0,0,0.1)" }),
    stroke: new Stroke({ color: "#8a4b00", width: 1, lineDash: [4, 4] }),
  });
  // Squares of Mercator tiles lie askew on another grid: they are turned as all that is drawn whole.
  const holes = new VectorLayer({ source: tiles.holes, style: missing });

  const chosen = new VectorSource<Feature>();
  const chosenLayer = new VectorLayer({ source: chosen });
  const uncertainty = createUncertainty();

  const fillWhole = () => {
    const held = { ground: [] as Feature[], projects: [] as Feature[], areas: [] as Feature[] };
    for (const [collection, items] of whole.peek()) {
      for (const item of items) {
        const feature = featureOf(item, collection, sight.projection());
        if (!feature) continue;
        if (shapeOf(feature) !== "area") held[collection === CONTEXT ? "ground" : "projects"].push(feature);
        else if (askew()) held.areas.push(feature);
      }
    }
    for (const [source, features] of [
      [ground, held.ground],
      [projects, held.projects],
      [areas, held.areas],
    ] as const) {
      source.clear(true);
      source.addFeatures(features);
    }
  };

  const arrange = () => {
    shapes.setZIndex(askew() ? BELOW_GROUND : 0);
    shapes.setOpacity(askew() && basemap.peek() ? OVER_BASEMAP : 1);
    holes.setVisible(!askew());
  };

  const outline = () => {
    chosen.clear();
    uncertainty.clear();
    const ref = selected.peek();
    const load = detail.peek();
    const feature =
      ref && load?.state === "ready" ? featureOf(load.value, ref.collection, sight.projection()) : null;
    // What is chosen is seen, even where its layer is not.
    const subject = feature && subjectOf(feature, true);
    if (!feature || !subject || load?.state !== "ready") return;
    feature.setStyle(chosenStyles(lookFor(subject, feature), subject.shape));
    chosen.addFeature(feature);
    uncertainty.show(feature.getGeometry() as Geometry, load.value, sight.projection());
  };

  const stops = [
    effect(() => {
      void whole.value;
      fillWhole();
      for (const layer of [shapes, groundNames, projectNames]) layer.changed();
    }),
    effect(() => {
      looksDependOn();
      void [selected.value, collections.value, columns.value];
      for (const layer of [shapes, groundLayer, areaLayer, projectLayer, ...names]) layer.changed();
    }),
    effect(() => {
      looksDependOn();
      void [detail.value, t("plusMinus")];
      outline();
    }),
    effect(() => {
      void basemap.value;
      arrange();
    }),
  ];

  return {
    all: [groundLayer, shapes, areaLayer, projectLayer, holes, chosenLayer, uncertainty.layer, ...names],
    pickable: [shapes, areaLayer, projectLayer, projectNames],
    tiles,
    uncertainty,
    wholeFeatures: () => [...ground.getFeatures(), ...projects.getFeatures()],
    project() {
      fillWhole();
      shapes.changed();
      outline();
      arrange();
    },
    stop() {
      for (const stop of stops) stop();
      if (!shared) tiles.destroy();
    },
  };
}
