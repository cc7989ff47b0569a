import { expect, it } from "vitest";
import { convergence, fittingScale, gridLines, groundOf, layoutOf, SCALES, scaleBar } from "./print-layout";

it("the frame stays on the paper, and shows as much ground as the scale says", () => {
  for (const paper of ["a3", "a4"] as const) {
    const { width, height, frame } = layoutOf(paper);
    expect(frame.x + frame.width).toBeLessThan(width - 40);
    expect(frame.y + frame.height).toBeLessThan(height - 10);
    const [west, south, east, north] = groundOf({ width, height, frame }, 5000, [630_000, 3_461_000]);
    expect(east - west).toBeCloseTo(frame.width * 5);
    expect(north - south).toBeCloseTo(frame.height * 5);
  }
});

it("takes the largest scale that fits, and the smallest where none does", () => {
  const a3 = layoutOf("a3");
  expect(fittingScale(a3, 500, 300)).toBe(2000);
  expect(fittingScale(a3, 1000, 800)).toBe(5000);
  expect(fittingScale(a3, 500, 2000)).toBe(10_000);
  expect(fittingScale(a3, 90_000, 2000)).toBe(25_000);
});

it("grid lines are round, inside, and neither crowded nor missing", () => {
  for (const scale of SCALES) {
    const layout = layoutOf("a4");
    const { eastings, northings } = gridLines(groundOf(layout, scale, [630_123, 3_461_456]), scale);
    expect(eastings.length).toBeGreaterThanOrEqual(2);
    expect(eastings.length).toBeLessThan(8);
    for (const { metres, at } of eastings) {
      expect(metres % 100).toBe(0);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(layout.frame.width);
    }
    expect(northings.map(({ at }) => at)).toEqual(northings.map(({ at }) => at).toSorted((a, b) => b - a));
  }
});

it("the bar is a round length", () => {
  expect(scaleBar(5000)).toEqual({ metres: 250, millimetres: 50 });
  expect(scaleBar(25_000)).toEqual({ metres: 1000, millimetres: 40 });
});

it("grid north is 0.7 degrees off true north in Taopu", () => {
  expect(convergence(628_700, 3_462_000)).toBeCloseTo(0.703, 2);
});
