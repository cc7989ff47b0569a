// The projections that the map can be drawn in, known to OpenLayers from here on.

import {
  addCoordinateTransforms,
  addProjection,
  fromLonLat,
  get as getProjection,
  Projection,
  toLonLat,
} from "ol/proj.js";
import { fromGauss, toGauss } from "./gauss";

export const MERCATOR = "EPSG:3857";
export const GAUSS = "EPSG:4549";

type Point = number[];

// Wider than the zone, so that what lies across its border is still drawn.
const REACH: [number, number, number, number] = [115, 15, 125, 55];

if (!getProjection(GAUSS)) {
  const [west, south, east, north] = REACH;
  const [left] = toGauss(west, south);
  const [right] = toGauss(east, south);
  addProjection(
    new Projection({
      code: GAUSS,
      units: "m",
      extent: [left, toGauss(120, south)[1], right, toGauss(east, north)[1]],
      worldExtent: REACH,
      // Within the zone a metre of the grid is a metre of the ground but for 0.16 in a thousand.
      getPointResolution: (resolution) => resolution,
    }),
  );
  const forward = ([lon = 0, lat = 0]: Point) => toGauss(lon, lat);
  const inverse = ([x = 0, y = 0]: Point) => fromGauss(x, y);
  addCoordinateTransforms("EPSG:4326", GAUSS, forward, inverse);
  // With only the one above, Mercator tiles on this grid would be silently blank.
  addCoordinateTransforms(
    MERCATOR,
    GAUSS,
    (at: Point) => forward(toLonLat(at)),
    (at: Point) => fromLonLat(inverse(at)),
  );
}
