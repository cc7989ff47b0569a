import { expect, it } from "vitest";
import { metresTo } from "./distance";

// A hundredth of a degree of latitude is 1 112 m; of longitude, at 31.28 °N, 950 m.
it("is to the nearest point of a line, not to its ends", () => {
  const line = {
    type: "LineString",
    coordinates: [
      [121.35, 31.28],
      [121.37, 31.28],
    ],
  };
  expect(metresTo(line, 121.36, 31.29)).toBeCloseTo(1112, 0);
  expect(metresTo(line, 121.38, 31.28)).toBeCloseTo(950.3, 0);
});

it("is nothing inside of an area, and to its border outside", () => {
  const ring = [
    [121.35, 31.27],
    [121.37, 31.27],
    [121.37, 31.29],
    [121.35, 31.29],
    [121.35, 31.27],
  ];
  expect(metresTo({ type: "Polygon", coordinates: [ring] }, 121.36, 31.28)).toBe(0);
  expect(metresTo({ type: "MultiPolygon", coordinates: [[ring]] }, 121.36, 31.3)).toBeCloseTo(1112, 0);
});

it("is to a point, or to the nearest of several lines", () => {
  expect(metresTo({ type: "Point", coordinates: [121.36, 31.29] }, 121.36, 31.28)).toBeCloseTo(1112, 0);
  const lines = {
    type: "MultiLineString",
    coordinates: [
      [
        [121, 31],
        [121, 31.1],
      ],
      [
        [121.36, 31.29],
        [121.4, 31.29],
      ],
    ],
  };
  expect(metresTo(lines, 121.36, 31.28)).toBeCloseTo(1112, 0);
});

it("is not known without a shape", () => {
  expect(metresTo(null, 121, 31)).toBeNull();
});
