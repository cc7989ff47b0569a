// A place typed as two numbers: degrees, or metres of the statutory grid. Pure.

import { fromGauss } from "../map/gauss";

export interface Coordinates {
  lon: number;
  lat: number;
  /** Set where metres of EPSG:4549 were typed. */
  grid: { north: number; east: number } | null;
  /** Latitude came first; everybody's maps disagree on the order. */
  swapped: boolean;
}

type Extent = readonly [west: number, south: number, east: number, north: number];

const NUMBER = /[-+]?\d+(?:\.\d+)?/g;
// Digits, the marks between two numbers, and what people write beside them.
const ONLY_NUMBERS = /^[\d\s.,，、;；:：+\-°xyXYNESWnesw北东南西纬经度()（）=]+$/;

/** Null for what is not a place. Grid numbers are told apart by size: northings here are seven digits, eastings six. */
export function readCoordinates(text: string, extent: Extent): Coordinates | null {
  const numbers = ONLY_NUMBERS.test(text) ? (text.match(NUMBER)?.map(Number) ?? []) : [];
  const [a, b] = numbers;
  if (numbers.length !== 2 || a === undefined || b === undefined) return null;
  const isNorthing = (value: number) => value >= 1_000_000 && value < 6_500_000;
  const isEasting = (value: number) => value >= 100_000 && value < 1_000_000;
  if ((isNorthing(a) && isEasting(b)) || (isNorthing(b) && isEasting(a))) {
    const grid = isNorthing(a) ? { north: a, east: b } : { north: b, east: a };
    const [lon, lat] = fromGauss(grid.east, grid.north);
    return { lon, lat, grid, swapped: false };
  }
  // A plot may be called 091-06; nobody gives a place by whole degrees.
  if (!/\d\.\d[^.]*[\s,，、;；°][^.]*\d\.\d/.test(text)) return null;
  const swapped = isInside({ lon: b, lat: a }, extent) && !isInside({ lon: a, lat: b }, extent);
  const [lon, lat] = swapped ? [b, a] : [a, b];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 85 ? { lon, lat, grid: null, swapped } : null;
}

export function isInside({ lon, lat }: { lon: number; lat: number }, extent: Extent): boolean {
  return lon >= extent[0] && lat >= extent[1] && lon <= extent[2] && lat <= extent[3];
}
