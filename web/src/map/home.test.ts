import { fromLonLat } from "ol/proj.js";
import { expect, it } from "vitest";
import { type Box, fitted, joined, steppedBack } from "./home";

const TOWN: Box = [121.3235, 31.254, 121.4, 31.305];
const START = { center: [121.36, 31.28] as [number, number], zoom: 13.5 };
const METRES = (2 * Math.PI * 6_378_137) / 256;

/** Where the box's corners are on the map, by OpenLayers' own projection. */
function corners([west, south, east, north]: Box, { center, zoom }: typeof START, size: [number, number]) {
  const middle = fromLonLat(center);
  const pixel = METRES / 2 ** zoom;
  return [fromLonLat([west, north]), fromLonLat([east, south])].map(([x = 0, y = 0]) => [
    size[0] / 2 + (x - (middle[0] ?? 0)) / pixel,
    size[1] / 2 - (y - (middle[1] ?? 0)) / pixel,
  ]);
}

it.each([
  [[390, 335], { top: 60, right: 0, bottom: 36, left: 0, buttons: 0, steps: 4 }],
  [[1066, 686], { top: 0, right: 60, bottom: 0, left: 20, buttons: 0, steps: 2 }],
  [[320, 250], { top: 60, right: 0, bottom: 36, left: 0, buttons: 0, steps: 4 }],
] as const)("has the whole town in what is free of %o, and no larger step would do", (size, covered) => {
  const found = fitted({ ...START, zoom: 19 }, TOWN, size, covered);
  const inside = (camera: typeof START) => {
    const [first = [], last = []] = corners(TOWN, camera, [...size]);
    return (
      (first[0] ?? 0) >= covered.left - 0.01 &&
      (first[1] ?? 0) >= covered.top - 0.01 &&
      (last[0] ?? 0) <= size[0] - covered.right + 0.01 &&
      (last[1] ?? 0) <= size[1] - covered.bottom + 0.01
    );
  };
  expect(inside(found)).toBe(true);
  expect(inside({ ...found, zoom: found.zoom + 1 / covered.steps })).toBe(false);
  expect((found.zoom * covered.steps) % 1).toBe(0);
});

it("keeps clear of the buttons where there is room, and uses all of the width where there is none", () => {
  const phone = { top: 60, right: 8, bottom: 36, left: 8, buttons: 56, steps: 4 };
  for (const [box, edge] of [
    [[121.34, 31.254, 121.38, 31.305], 390 - 64],
    [TOWN, 390 - 8],
  ] as const) {
    const camera = fitted(START, box, [390, 335], phone);
    const [first = [], last = []] = corners([...box], camera, [390, 335]);
    expect(first[0]).toBeGreaterThanOrEqual(8 - 0.01);
    expect(last[0]).toBeLessThanOrEqual(edge + 0.01);
  }
});

it("goes no nearer than the plan's own view, and no farther than the map goes", () => {
  const none = { top: 0, right: 0, bottom: 0, left: 0, buttons: 0, steps: 2 };
  expect(fitted(START, [121.36, 31.28, 121.361, 31.281], [1000, 700], none).zoom).toBe(14);
  expect(fitted(START, [121.36, 31.28, 121.36, 31.28], [1000, 700], none).zoom).toBe(14);
  expect(fitted(START, [100, 10, 140, 50], [300, 300], none).zoom).toBe(10);
});

it("joins boxes, and steps back on small maps where there are none", () => {
  expect(joined([])).toBeNull();
  expect(joined([TOWN, [121, 31.3, 121.35, 31.4]])).toEqual([121, 31.254, 121.4, 31.4]);
  expect(steppedBack(START, [1000, 700]).zoom).toBe(14);
  expect(steppedBack(START, [450, 320]).zoom).toBe(13);
});
