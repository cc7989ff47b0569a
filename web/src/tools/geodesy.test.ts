import { expect, it } from "vitest";
import { fromGauss } from "../map/gauss";
import { area, distance, length } from "./geodesy";

type Ring = [number, number][];

// Shapes of the shipped plan, with what the server measures of them.
const PARK: Ring = [
  [121.35452, 31.26608],
  [121.3598, 31.2656],
  [121.363, 31.2652],
  [121.3665, 31.2646],
  [121.3706, 31.26355],
  [121.374, 31.263],
  [121.3769963, 31.2625805],
  [121.3770099, 31.2625993],
  [121.3775, 31.2675],
  [121.375, 31.2695],
  [121.37175, 31.27005],
  [121.3611935, 31.2719737],
  [121.361, 31.272],
  [121.361, 31.27],
  [121.3625, 31.2695],
  [121.362, 31.2685],
  [121.3555, 31.2695],
  [121.3551419, 31.2692069],
  [121.3551, 31.2685],
  [121.3547787, 31.2672039],
  [121.35452, 31.26608],
];
const PLOT: Ring = [
  [121.3695798, 31.2755097],
  [121.3707215, 31.2755097],
  [121.3707215, 31.2764903],
  [121.3695798, 31.2764903],
  [121.3695798, 31.2755097],
];
const ROAD: Ring = [
  [121.37225, 31.27345],
  [121.3734, 31.2798],
  [121.37425, 31.2859],
  [121.37485, 31.28909],
  [121.3749, 31.292],
];

it("measures as the server does", () => {
  expect(Math.abs(area(PARK) / 1308761.6 - 1)).toBeLessThan(1e-5);
  expect(Math.abs(area(PLOT) - 11820.6)).toBeLessThan(0.06);
  expect(Math.abs(area([...PLOT].reverse()) - 11820.6)).toBeLessThan(0.06);
  expect(Math.abs(length(ROAD) - 2074.6)).toBeLessThan(0.06);
});

it("a square kilometre of the grid is one within a thousandth, unlike in Mercator", () => {
  const corners: Ring = [
    [630_000, 3_461_000],
    [631_000, 3_461_000],
    [631_000, 3_462_000],
    [630_000, 3_462_000],
  ].map(([x = 0, y = 0]) => fromGauss(x, y));
  expect(Math.abs(area(corners) / 1e6 - 1)).toBeLessThan(0.001);
  expect(
    Math.abs(distance(corners[0] as [number, number], corners[1] as [number, number]) / 1000 - 1),
  ).toBeLessThan(0.001);
});

it("a meridian quadrant, a degree of the equator, and nothing at all", () => {
  expect(Math.abs(distance([0, 0], [0, 90]) - 10_001_965.729)).toBeLessThan(0.01);
  expect(Math.abs(distance([0, 0], [1, 0]) - 111_319.491)).toBeLessThan(0.01);
  expect(distance([121, 31], [121, 31])).toBe(0);
  expect(length([[121, 31]])).toBe(0);
});
