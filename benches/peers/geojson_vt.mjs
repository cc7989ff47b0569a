// geojson-vt and vt-pbf as a tile server: /{z}/{x}/{y}.mvt and .geojson, both made of one sliced tile.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [file, packages, port] = process.argv.slice(2);
// The packages lie in the target folder, away from this file.
const require = createRequire(pathToFileURL(`${packages}/`));
const { default: GeoJSONVT } = await import(require.resolve("geojson-vt"));
const { fromGeojsonVt } = require("vt-pbf");

// An id of vector tiles is a number; the parcel's own id becomes a property, as at every peer.
const features = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line.startsWith('{"type":"Feature",'))
  .map((line, at) => {
    const feature = JSON.parse(line.replace(/,$/, ""));
    return { ...feature, id: at, properties: { id: feature.id, ...feature.properties } };
  });
const extent = 4096;
const index = new GeoJSONVT({ type: "FeatureCollection", features }, { maxZoom: 17, extent });

const TYPES = { 1: "MultiPoint", 2: "MultiLineString", 3: "Polygon" };

function geojson(tile, z, x, y) {
  const side = extent * 2 ** z;
  const place = ([px, py]) => {
    const north = Math.PI * (1 - (2 * (y * extent + py)) / side);
    return [((x * extent + px) / side) * 360 - 180, (Math.atan(Math.sinh(north)) * 180) / Math.PI].map((v) => +v.toFixed(7));
  };
  const features = tile.features.map(({ id, type, geometry, tags }) => ({
    type: "Feature",
    id,
    properties: tags,
    geometry: { type: TYPES[type], coordinates: type === 1 ? geometry.map(place) : geometry.map((line) => line.map(place)) },
  }));
  return JSON.stringify({ type: "FeatureCollection", features });
}

createServer((request, response) => {
  const [, z, x, y, form] = request.url.match(/^\/(\d+)\/(\d+)\/(\d+)\.(mvt|geojson)$/) ?? [];
  const tile = form && index.getTile(+z, +x, +y);
  if (!tile) return response.writeHead(form ? 204 : 404).end();
  const body = Buffer.from(form === "mvt" ? fromGeojsonVt({ parcels: tile }, { version: 2, extent }) : geojson(tile, +z, +x, +y));
  response.writeHead(200, { "Content-Length": body.length }).end(body);
}).listen(+port, "127.0.0.1");
