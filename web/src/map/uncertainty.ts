// How sure the chosen project's place is, on the map itself: a ring as wide as the stated accuracy.

import { type Extent, getCenter } from "ol/extent.js";
import Feature from "ol/Feature.js";
import CircleGeometry from "ol/geom/Circle.js";
import type Geometry from "ol/geom/Geometry.js";
import Point from "ol/geom/Point.js";
import VectorLayer from "ol/layer/Vector.js";
import { getPointResolution } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";
import { accuracyOf } from "../facts";
import { formatNumber } from "../format";
import type { Item } from "../model";
import { t } from "../state";
import { FONT } from "./names";

const INK = "#3a3a3a";

export interface Uncertainty {
  layer: VectorLayer;
  /** Rings `shape`, in map units; a line runs where it runs, so it gets no ring. */
  show(shape: Geometry, item: Item, projection: string): void;
  clear(): void;
  /** Of the ring, where there is one. */
  extent(): Extent | null;
}

export function createUncertainty(): Uncertainty {
  const source = new VectorSource();
  const ring = new Style({ stroke: new Stroke({ color: INK, width: 1.5, lineDash: [2, 6] }) });
  return {
    layer: new VectorLayer({ source }),
    show(shape, item, projection) {
      source.clear();
      const metres = accuracyOf(item);
      if (!metres || shape.getType().endsWith("LineString")) return;
      const center = getCenter(shape.getExtent());
      // Away from the equator Mercator stretches the ground.
      const radius = metres / getPointResolution(projection, 1, center, "m");
      const circle = new Feature(new CircleGeometry(center, radius));
      circle.setStyle(ring);
      const [x = 0, y = 0] = center;
      const name = new Feature(new Point([x, y + radius]));
      name.setStyle(
        new Style({
          text: new Text({
            text: t("plusMinus", { metres: formatNumber(metres) }),
            font: `600 12px ${FONT}`,
            padding: [1, 4, 1, 4],
            fill: new Fill({ color: INK }),
            backgroundFill: new Fill({ color: "rgba(255,255,255,0.9)" }),
          }),
        }),
      );
      source.addFeatures([circle, name]);
    },
    clear: () => source.clear(),
    extent: () => (source.isEmpty() ? null : source.getExtent()),
  };
}
