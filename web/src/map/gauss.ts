// EPSG:4549, CGCS2000 / 3-degree Gauss-Krüger CM 120E: the grid of the statutory drawings. Krüger's series in the
// third flattening n to order four: below a tenth of a millimetre anywhere in the zone. Longitude and latitude
// are those of CGCS2000, which counts as WGS 84 here as it does for the server. Pure.

const AXIS = 6_378_137;
const FLATTENING = 1 / 298.257222101;
const CENTRAL_MERIDIAN = (120 * Math.PI) / 180;
const FALSE_EASTING = 500_000;

const n = FLATTENING / (2 - FLATTENING);
const E = Math.sqrt(FLATTENING * (2 - FLATTENING));
/** Radius of the circle that has a meridian's length. */
const A = (AXIS / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);

const ALPHA = [
  n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
  (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
  (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
  (49_561 / 161_280) * n ** 4,
];
const BETA = [
  n / 2 - (2 / 3) * n ** 2 + (37 / 96) * n ** 3 - (1 / 360) * n ** 4,
  (1 / 48) * n ** 2 + (1 / 15) * n ** 3 - (437 / 1440) * n ** 4,
  (17 / 480) * n ** 3 - (37 / 840) * n ** 4,
  (4397 / 161_280) * n ** 4,
];

/** Easting and northing, metres, of a longitude and latitude, degrees. */
export function toGauss(lon: number, lat: number): [east: number, north: number] {
  const sine = Math.sin((lat * Math.PI) / 180);
  // Tangent of the conformal latitude.
  const t = Math.sinh(Math.atanh(sine) - E * Math.atanh(E * sine));
  const away = (lon * Math.PI) / 180 - CENTRAL_MERIDIAN;
  const xi = Math.atan2(t, Math.cos(away));
  const eta = Math.atanh(Math.sin(away) / Math.hypot(1, t));
  let east = eta;
  let north = xi;
  for (const [at, alpha] of ALPHA.entries()) {
    const k = 2 * (at + 1);
    east += alpha * Math.cos(k * xi) * Math.sinh(k * eta);
    north += alpha * Math.sin(k * xi) * Math.cosh(k * eta);
  }
  return [FALSE_EASTING + A * east, A * north];
}

/** Longitude and latitude, degrees, of an easting and northing, metres. */
export function fromGauss(east: number, north: number): [lon: number, lat: number] {
  const y = (east - FALSE_EASTING) / A;
  const x = north / A;
  let eta = y;
  let xi = x;
  for (const [at, beta] of BETA.entries()) {
    const k = 2 * (at + 1);
    eta -= beta * Math.cos(k * x) * Math.sinh(k * y);
    xi -= beta * Math.sin(k * x) * Math.cosh(k * y);
  }
  const conformal = Math.sin(xi) / Math.hypot(Math.sinh(eta), Math.cos(xi));
  // From the conformal to the geographic latitude, by Newton's method (Karney 2011, equations 19 to 21).
  let t = conformal / (1 - E * E);
  for (let step = 0; step < 6; step += 1) {
    const sigma = Math.sinh(E * Math.atanh((E * t) / Math.hypot(1, t)));
    const guess = t * Math.hypot(1, sigma) - sigma * Math.hypot(1, t);
    const slope = (1 + (1 - E * E) * t * t) / ((1 - E * E) * Math.hypot(1, t));
    t += ((conformal - guess) / Math.hypot(1, guess)) * slope;
  }
  const lon = CENTRAL_MERIDIAN + Math.atan2(Math.sinh(eta), Math.cos(xi));
  return [(lon * 180) / Math.PI, (Math.atan(t) * 180) / Math.PI];
}
