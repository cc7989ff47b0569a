// The offset coordinates of Chinese web maps, as the server has them too. Nobody publishes them: the formulas are those
// that public code has agreed on. A base map is turned by them; the plan's own data are never shifted. Pure.

type Point = readonly [number, number];

const AXIS = 6_378_245;
const ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943;
const { PI, sin, cos, sqrt, hypot, atan2 } = Math;

/** GCJ-02 of a longitude and latitude in WGS 84, degrees. */
export function toGcj([lon, lat]: Point): [number, number] {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const [x, y] = [lon - 105, lat - 35];
  const short = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
  const wave = (share: number, first: number, second: number, third: number, slow: number) => {
    const part = (size: number, length: number) => size * sin((share / length) * PI);
    return ((20 * sin(share * PI) + part(40, 3)) * 2) / 3 + (part(first, 12) + part(second, slow)) * third;
  };
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * sqrt(Math.abs(x)) +
    short +
    wave(y, 160, 320, 2 / 3, 30);
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * sqrt(Math.abs(x)) +
    short +
    wave(x, 150, 300, 2 / 3, 30);
  const latitude = (lat * PI) / 180;
  const magic = 1 - ECCENTRICITY_SQUARED * sin(latitude) ** 2;
  const meridian = (AXIS * (1 - ECCENTRICITY_SQUARED)) / (magic * sqrt(magic));
  const parallel = (AXIS / sqrt(magic)) * cos(latitude);
  return [lon + ((east / parallel) * 180) / PI, lat + ((north / meridian) * 180) / PI];
}

const SPIRAL = (PI * 3000) / 180;

/** BD-09 of a longitude and latitude in GCJ-02, degrees. */
function gcjToBd([lon, lat]: Point): [number, number] {
  const radius = hypot(lon, lat) + 0.000_02 * sin(lat * SPIRAL);
  const angle = atan2(lat, lon) + 0.000_003 * cos(lon * SPIRAL);
  return [radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006];
}

/** BD-09 of a longitude and latitude in WGS 84, degrees. */
export const toBd = (at: Point): [number, number] => gcjToBd(toGcj(at));

/** What `forward` makes into `at`: it moves points by little, so that a few steps back are enough. */
export function undo(
  forward: (at: Point) => [number, number],
  at: Point,
  start: Point = at,
): [number, number] {
  let [lon, lat] = start;
  for (let step = 0; step < 30; step += 1) {
    const [x, y] = forward([lon, lat]);
    lon -= x - at[0];
    lat -= y - at[1];
    if (Math.abs(x - at[0]) + Math.abs(y - at[1]) < 1e-10) break;
  }
  return [lon, lat];
}

// Baidu's own Mercator, a polynomial for each band of latitude from 60 down to the equator.
const BANDS: readonly (readonly [from: number, number[]])[] = [
  [
    45,
    [
      0.00337398766765, 111320.7020202162, 4481351.045890365, -2.339375119931662e7, 7.968221547186455e7,
      -1.159649932797253e8, 9.723671115602145e7, -4.366194633752821e7, 8477230.501135234, 52.5,
    ],
  ],
  [
    30,
    [
      0.00220636496208, 111320.7020209128, 51751.86112841131, 3796837.749470245, 992013.7397791013,
      -1221952.21711287, 1340652.697009075, -620943.6990984312, 144416.9293806241, 37.5,
    ],
  ],
  [
    15,
    [
      -3.441963504368392e-4, 111320.7020576856, 278.2353980772752, 2485758.690035394, 6070.750963243378,
      54821.18345352118, 9540.606633304236, -2710.55326746645, 1405.483844121726, 22.5,
    ],
  ],
  [
    0,
    [
      -3.218135878613132e-4, 111320.7020701615, 0.00369383431289, 823725.6402795718, 0.46104986909093,
      2351.343141331292, 1.58060784298199, 8.77738589078284, 0.37238884252424, 7.45,
    ],
  ],
];

/** Baidu's metres of a longitude and latitude in BD-09, degrees. */
export function bdToMetres([lon, lat]: Point): [number, number] {
  const [, terms] = BANDS.find(([from]) => Math.abs(lat) >= from) ?? (BANDS[3] as (typeof BANDS)[number]);
  const [c0 = 0, c1 = 0, ...rest] = terms;
  const share = Math.abs(lat) / (terms[9] as number);
  const up = rest.slice(0, 7).reduceRight((sum, term) => sum * share + term, 0);
  return [c0 + c1 * lon, lat < 0 ? -up : up];
}

/** Longitude and latitude in BD-09, degrees, of Baidu's metres: they grow with the latitude, so halving finds it. */
export function metresToBd([x, y]: Point): [number, number] {
  let [low, high] = [-74, 74];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (bdToMetres([0, middle])[1] < y) low = middle;
    else high = middle;
  }
  const lat = (low + high) / 2;
  const [c0] = bdToMetres([0, lat]);
  const [c1] = bdToMetres([1, lat]);
  return [(x - c0) / (c1 - c0), lat];
}
