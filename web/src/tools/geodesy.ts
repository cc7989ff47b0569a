// Lengths and areas on the ellipsoid of WGS 84 and CGCS2000 (they differ by a tenth of a millimetre). Pure.

type Point = readonly [lon: number, lat: number];

const A = 6_378_137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Metres along the geodesic, by Vincenty's inverse formula: exact to a millimetre for anything but antipodes. */
export function distance([lon1, lat1]: Point, [lon2, lat2]: Point): number {
  const difference = radians(lon2 - lon1);
  const u1 = Math.atan((1 - F) * Math.tan(radians(lat1)));
  const u2 = Math.atan((1 - F) * Math.tan(radians(lat2)));
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = difference;
  for (let round = 0; round < 100; round += 1) {
    const sinL = Math.sin(lambda);
    const cosL = Math.cos(lambda);
    const sinS = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
    if (sinS === 0) return 0;
    const cosS = sin1 * sin2 + cos1 * cos2 * cosL;
    const sigma = Math.atan2(sinS, cosS);
    const sinAlpha = (cos1 * cos2 * sinL) / sinS;
    const cos2Alpha = 1 - sinAlpha ** 2;
    const middle = cos2Alpha === 0 ? 0 : cosS - (2 * sin1 * sin2) / cos2Alpha;
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda =
      difference + (1 - c) * F * sinAlpha * (sigma + c * sinS * (middle + c * cosS * (2 * middle ** 2 - 1)));
    if (Math.abs(lambda - before) > 1e-12) continue;
    const square = (cos2Alpha * (A ** 2 - B ** 2)) / B ** 2;
    const big = 1 + (square / 16_384) * (4096 + square * (-768 + square * (320 - 175 * square)));
    const small = (square / 1024) * (256 + square * (-128 + square * (74 - 47 * square)));
    const correction =
      small *
      sinS *
      (middle +
        (small / 4) *
          (cosS * (2 * middle ** 2 - 1) -
            (small / 6) * middle * (4 * sinS ** 2 - 3) * (4 * middle ** 2 - 3)));
    return B * big * (sigma - correction);
  }
  return Number.NaN;
}

export function length(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, at, index) => sum + distance(points[index] as Point, at), 0);
}

/** Of the surface between the equator and a latitude, per radian of longitude: Lambert's equal-area projection. */
function equalArea(lat: number): number {
  const sine = Math.sin(radians(lat));
  return ((A ** 2 * (1 - E2)) / 2) * (sine / (1 - E2 * sine ** 2) + Math.atanh(E * sine) / E);
}

/**
 * Square metres inside a ring, whichever way round and closed or not. Edges are straight in the equal-area plane: of a
 * ring of kilometres they leave out or add a hundred-thousandth.
 */
export function area(ring: readonly Point[]): number {
  let twice = 0;
  for (const [index, from] of ring.entries()) {
    const to = ring[(index + 1) % ring.length] as Point;
    twice += radians(from[0]) * equalArea(to[1]) - radians(to[0]) * equalArea(from[1]);
  }
  return Math.abs(twice) / 2;
}
