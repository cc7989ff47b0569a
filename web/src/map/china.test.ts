import { expect, it } from "vitest";
import { bdToMetres, metresToBd, toBd, toGcj, undo } from "./china";

type Point = [number, number];

// Stations: WGS 84, and as the server gives them with crs=GCJ02 and crs=BD09.
const CONTROL: readonly [Point, Point, Point][] = [
  [
    [121.387452, 31.284454],
    [121.39210276, 31.282637655],
    [121.39866044, 31.288339562],
  ],
  [
    [121.385312, 31.270769],
    [121.389959904, 31.268945528],
    [121.396532497, 31.274627513],
  ],
  [
    [121.375558, 31.300499],
    [121.380198337, 31.298678962],
    [121.386774827, 31.304310354],
  ],
];

// A metre is 1e-5 degrees; the server rounds to seven places.
const near = (a: Point, b: Point, tolerance: number) => {
  expect(Math.abs(a[0] - b[0])).toBeLessThan(tolerance);
  expect(Math.abs(a[1] - b[1])).toBeLessThan(tolerance);
};

it("shifts as the server does, and back", () => {
  for (const [wgs, gcj, bd] of CONTROL) {
    near(toGcj(wgs), gcj, 1e-7);
    near(toBd(wgs), bd, 1e-7);
    near(undo(toGcj, gcj), wgs, 2e-7);
    near(undo(toBd, bd), wgs, 2e-7);
  }
  // Outside China nothing moves.
  expect(toGcj([2.35, 48.86])).toEqual([2.35, 48.86]);
});

it("Baidu's metres are those of its own example, and continuous where the bands meet", () => {
  const [x, y] = bdToMetres([116.403874, 39.914889]);
  expect(Math.abs(x - 12_958_160.97)).toBeLessThan(0.02);
  expect(Math.abs(y - 4_825_907.72)).toBeLessThan(0.02);
  near(metresToBd([x, y]), [116.403874, 39.914889], 1e-8);
  for (const border of [15, 30, 45]) {
    expect(Math.abs(bdToMetres([121, border])[1] - bdToMetres([121, border - 1e-9])[1])).toBeLessThan(1);
  }
});
