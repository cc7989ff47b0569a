// How far a place is from a feature, on this device: where people are is told to no server. Pure.

import type { Geometry } from "../model";

type Point = readonly [number, number];

const RADIUS = 6_371_008.8;

/** Metres from a place to the nearest point of a shape, good to a per cent within a town; null without a shape. */
export function metresTo(geometry: Geometry | null, lon: number, lat: number): number | null {
  if (!geometry) return null;
  const k = (Math.PI / 180) * RADIUS;
  const flat = ([x, y]: Point): Point => [(x - lon) * k * Math.cos((lat * Math.PI) / 180), (y - lat) * k];
  let least = Number.POSITIVE_INFINITY;
  let inside = false;
  const isArea = geometry.type.endsWith("Polygon");
  for (const line of linesOf(geometry.coordinates)) {
    const points = line.map(flat);
    points.forEach((a, at) => {
      const b = points[at + 1];
      least = Math.min(least, b ? toSegment(a, b) : points.length === 1 ? Math.hypot(...a) : least);
      // A ray from the place crosses the border of what it is in an odd number of times.
      if (b && isArea && a[1] > 0 !== b[1] > 0) {
        if ((a[0] * (b[1] - a[1]) - a[1] * (b[0] - a[0])) / (b[1] - a[1]) > 0) inside = !inside;
      }
    });
  }
  if (inside) return 0;
  return Number.isFinite(least) ? least : null;
}

/** From the origin. */
function toSegment(a: Point, b: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, -(a[0] * dx + a[1] * dy) / length));
  return Math.hypot(a[0] + along * dx, a[1] + along * dy);
}

/** All rows of positions, however deep they lie. */
function linesOf(coordinates: unknown): Point[][] {
  if (!Array.isArray(coordinates)) return [];
  if (isPoint(coordinates)) return [[coordinates]];
  if (coordinates.every(isPoint)) return [coordinates];
  return coordinates.flatMap(linesOf);
}

function isPoint(value: unknown): value is [number, number] {
  return Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number";
}
