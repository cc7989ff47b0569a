import { expect, it } from "vitest";
import { nextTowards } from "./step";

const at = (x: number, y: number) => ({ at: [x, y] as const });
const east = at(5, 1);
const far = at(9, 0);
const north = at(1, 6);
const all = [at(0, 0), east, far, north];

it("goes to the nearest in the direction, and not back to where it stands", () => {
  expect(nextTowards(all, [0, 0], "right")).toBe(east);
  expect(nextTowards(all, [5, 1], "right")).toBe(far);
  expect(nextTowards(all, [0, 0], "up")).toBe(north);
  expect(nextTowards(all, [9, 0], "right")).toBeNull();
  expect(nextTowards(all, [0, 0], "down")).toBeNull();
});
