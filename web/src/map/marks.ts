// What is pointed at without being chosen: the feature of a row under the pointer or the focus, a place given by
// its coordinates, and where this device is.

import { effect } from "@preact/signals";
import Feature from "ol/Feature.js";
import GeoJSON from "ol/format/GeoJSON.js";
import CircleGeometry from "ol/geom/Circle.js";
import Point from "ol/geom/Point.js";
import VectorLayer from "ol/layer/Vector.js";
import { fromLonLat, getPointResolution } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import RegularShape from "ol/style/RegularShape.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import { here, hovered, pin, projection } from "../state";
import { GAUSS, MERCATOR } from "./projections";

const BLUE = "#0b5cad";

const outline = [
  new Style({ stroke: new Stroke({ color: "#ffffff", width: 6 }) }),
  new Style({ stroke: new Stroke({ color: BLUE, width: 3 }) }),
];
const ring = new Style({
  image: new CircleStyle({ radius: 11, stroke: new Stroke({ color: BLUE, width: 3 }) }),
});
const cross = [
  { color: "#ffffff", width: 6 },
  { color: "#111111", width: 2.5 },
].map(
  (stroke) =>
    new Style({ image: new RegularShape({ points: 4, radius: 14, radius2: 0, stroke: new Stroke(stroke) }) }),
);
const around = new Style({
  stroke: new Stroke({ color: BLUE, width: 1.5 }),
  fill: new Fill({ color: "rgba(11,92,173,0.12)" }),
});
const dot = new Style({
  image: new CircleStyle({
    radius: 7,
    fill: new Fill({ color: BLUE }),
    stroke: new Stroke({ color: "#ffffff", width: 3 }),
  }),
});

export function createMarks(): { layer: VectorLayer; destroy: () => void } {
  const source = new VectorSource();
  const add = (feature: Feature, style: Style | Style[]) => {
    feature.setStyle(style);
    source.addFeature(feature);
  };
  const destroy = effect(() => {
    source.clear();
    const code = projection.value === "4549" ? GAUSS : MERCATOR;
    const format = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: code });
    const shape = hovered.value?.geometry;
    if (shape) {
      const geometry = format.readGeometry(shape);
      if (geometry) add(new Feature(geometry), geometry.getType().endsWith("Point") ? ring : outline);
    }
    if (pin.value) add(new Feature(new Point(fromLonLat([...pin.value], code))), cross);
    if (here.value) {
      const { lon, lat, accuracy } = here.value;
      const center = fromLonLat([lon, lat], code);
      add(
        new Feature(new CircleGeometry(center, accuracy / getPointResolution(code, 1, center, "m"))),
        around,
      );
      add(new Feature(new Point(center)), dot);
    }
  });
  return { layer: new VectorLayer({ source, zIndex: 10 }), destroy };
}
