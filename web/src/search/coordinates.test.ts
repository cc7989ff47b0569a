import { expect, it } from "vitest";
import { isInside, readCoordinates } from "./coordinates";

const TOWN = [121.315, 31.254, 121.406, 31.31] as const;

it.each([
  ["121.35,31.29", false],
  ["121.35, 31.29", false],
  ["121.35 31.29", false],
  ["121.35°E，31.29°N", false],
  ["31.29,121.35", true],
  ["北纬31.29 东经121.35", true],
])("reads %s", (text, swapped) => {
  const place = readCoordinates(text, TOWN);
  expect(place).toEqual({ lon: 121.35, lat: 31.29, grid: null, swapped });
  expect(isInside(place as NonNullable<typeof place>, TOWN)).toBe(true);
});

// As the server converts them: crs=EPSG:4549 of its items.
it.each(["3461743.0943, 628878.8613", "628878.8613 3461743.0943", "X=3461743.0943 Y=628878.8613"])(
  "reads the grid's %s",
  (text) => {
    const place = readCoordinates(text, TOWN);
    expect(place?.grid).toEqual({ north: 3461743.0943, east: 628878.8613 });
    expect(place?.lon).toBeCloseTo(121.3532317, 6);
    expect(place?.lat).toBeCloseTo(31.2703904, 6);
  },
);

it("knows a place that is elsewhere", () => {
  const place = readCoordinates("2.35,48.85", TOWN);
  expect(place).toMatchObject({ lon: 2.35, lat: 48.85 });
  expect(isInside(place as NonNullable<typeof place>, TOWN)).toBe(false);
});

it.each(["E4", "091-06", "091-06 地块", "121.35", "121.35,31.29,5", "S06 12", "200,100", "1,2,3"])(
  "takes %s for a name",
  (text) => {
    expect(readCoordinates(text, TOWN)).toBeNull();
  },
);
