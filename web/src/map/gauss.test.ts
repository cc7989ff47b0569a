import { expect, it } from "vitest";
import { fromGauss, toGauss } from "./gauss";

// By the server (PROJ): /collections/context/items?crs=EPSG:4549, which has a tenth of a millimetre.
const CONTROL: readonly (readonly [number, number, number, number])[] = [
  [121.317, 31.291, 3463986.701, 625400.6656],
  [121.4045, 31.2893, 3463900.9872, 633735.2956],
  [121.3685, 31.2555, 3460109.85, 630353.5799],
  [121.3591, 31.309, 3466031.3402, 629385.0386],
  [121.39968, 31.287769, 3463725.3802, 633278.4513],
  [121.3648684, 31.266436, 3461318.2452, 629992.6353],
];

it("agrees with PROJ within a tenth of a millimetre", () => {
  for (const [lon, lat, north, east] of CONTROL) {
    const [x, y] = toGauss(lon, lat);
    expect(Math.abs(x - east)).toBeLessThan(1.5e-4);
    expect(Math.abs(y - north)).toBeLessThan(1.5e-4);
  }
});

it("comes back to where it started, in all of the zone and beyond", () => {
  for (let lon = 116; lon <= 124; lon += 0.5) {
    for (let lat = 18; lat <= 54; lat += 4) {
      const [back, up] = fromGauss(...toGauss(lon, lat));
      expect(Math.abs(back - lon)).toBeLessThan(1e-10);
      expect(Math.abs(up - lat)).toBeLessThan(1e-10);
    }
  }
});
