// A sample of how the map draws something, drawn by the map's own styles.

import type Geometry from "ol/geom/Geometry.js";
import LineString from "ol/geom/LineString.js";
import Point from "ol/geom/Point.js";
import Polygon from "ol/geom/Polygon.js";
import { toContext } from "ol/render.js";
import type Style from "ol/style/Style.js";
import type { Shape } from "./palette";

export const SWATCH = { width: 26, height: 16 };

function sampleOf(shape: Shape, width: number, height: number): Geometry {
  const middle = height / 2;
  if (shape === "point") return new Point([width / 2, middle]);
  if (shape === "line") {
    return new LineString([
      [1, middle],
      [width - 1, middle],
    ]);
  }
  const [left, top, right, bottom] = [2, 2, width - 2, height - 2];
  return new Polygon([
    [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
      [left, top],
    ],
  ]);
}

export function drawSwatch(
  canvas: HTMLCanvasElement,
  styles: readonly Style[],
  shape: Shape,
  { width, height } = SWATCH,
  pixelRatio = Math.max(devicePixelRatio, 2),
): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const draw = toContext(pen, { size: [width, height], pixelRatio });
  const sample = sampleOf(shape, width, height);
  for (const style of styles) {
    draw.setStyle(style);
    draw.drawGeometry(sample);
  }
}
