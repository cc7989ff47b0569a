import { expect, it } from "vitest";
import { scaleLine } from "./scale";

it("takes the longest round length that fits", () => {
  expect(scaleLine(1, 120)).toEqual({ metres: 100, pixels: 100 });
  expect(scaleLine(2.5, 120)).toEqual({ metres: 200, pixels: 80 });
  expect(scaleLine(5, 120)).toEqual({ metres: 500, pixels: 100 });
  expect(scaleLine(0.3, 120).metres).toBe(20);
});
