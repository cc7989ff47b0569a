// Another plan than the shipped one, served by a server of its own.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "./program.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * Serves a copy of the shipped plan that `change` has changed, with more options of the program, and says where; `stop`
 * ends it and removes the copy.
 */
export async function servePlan(change, ...options) {
  const folder = mkdtempSync(join(tmpdir(), "buju-plan-"));
  for (const part of ["seeds", "geodata"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  change(folder);
  const server = await serve("--plan", folder, ...options);
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  };
  return { base: server.base, stop };
}

/** Reads, changes and writes a file of a plan folder. */
export function edit(folder, name, change) {
  const path = join(folder, name);
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

/** Months of the made-up times. */
const at = (month, day) =>
  `${2021 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-${day}`;

/**
 * Gives the road works times: made up, and told back. Every fifth has none; every fourth of the others has no end.
 */
export function withTimes(folder) {
  const times = new Map();
  edit(folder, "geodata/road-works.geojson", (text) => {
    const data = JSON.parse(text);
    data.features.forEach((feature, index) => {
      const opened = index % 5 === 0 ? null : at(index * 2, "10");
      const closed = index % 5 === 0 || index % 4 === 1 ? null : at(index * 2 + 3 + (index % 7), "20");
      times.set(feature.id, { opened, closed });
      Object.assign(feature.properties, { opened, closed });
    });
    return JSON.stringify(data);
  });
  edit(folder, "seeds/collections.toml", (text) => {
    const start = text.indexOf('id = "road-works"');
    const columns = text.indexOf("columns = [", start);
    const timed = `time = { start = "opened", end = "closed" }\ncolumns = ["opened", "closed", `;
    const column = (name, zh) =>
      `\n[columns.${name}]\ntitle = { zh = "${zh}", en = "${name}" }\ntype = "date"\nrole = "stated"\ntile = true\n`;
    return (
      text.slice(0, columns) +
      timed +
      text.slice(columns + "columns = [".length) +
      column("opened", "开工") +
      column("closed", "完工")
    );
  });
  return times;
}

/** West, south, east, north of the made-up plots: inside the plan's extent. */
const PLOTS = [121.325, 31.258, 121.395, 31.305];

/**
 * Puts `count` made-up plots in rows in the place of the shipped ones, and tells their plot ratios: each fills `share`
 * of its cell's side, and of every seventh none is stated. Without `named` they have no names, so that a map shows
 * nothing but their shapes.
 */
export function withPlots(folder, count, { share = 0.5, named = false } = {}) {
  const [west, south, east, north] = PLOTS;
  const across = Math.ceil(Math.sqrt(count * 1.28));
  const wide = (east - west) / across;
  const high = (north - south) / Math.ceil(count / across);
  const plots = Array.from({ length: count }, (_, n) => {
    const [left, top] = [west + (n % across) * wide, north - Math.floor(n / across) * high];
    const [right, bottom] = [left + wide * share, top - high * share];
    const ring = [
      [left, bottom],
      [right, bottom],
      [right, top],
      [left, top],
      [left, bottom],
    ].map((at) => at.map((part) => Number(part.toFixed(7))));
    const ratio = n % 7 === 0 ? null : (5 + ((n * 37) % 76)) / 10;
    return { id: `plot-${String(n).padStart(5, "0")}`, ring, ratio };
  });
  edit(folder, "seeds/projects.csv", (text) => {
    const [head, ...rows] = text.trimEnd().split(/\r?\n/);
    const columns = head.split(",");
    const kept = rows.filter((row) => row.split(",")[1] !== "parcels");
    const made = plots.map(({ id, ratio }, n) => {
      const cells = { id, collection: "parcels", plot_ratio: ratio ?? "", name_zh: named ? `地块${n}` : "" };
      return columns.map((column) => cells[column] ?? "").join(",");
    });
    return `${[head, ...kept, ...made].join("\n")}\n`;
  });
  edit(folder, "geodata/parcels.geojson", () =>
    JSON.stringify({
      type: "FeatureCollection",
      features: plots.map(({ id, ring }) => ({
        type: "Feature",
        id,
        properties: { geometry_basis: "schematic", position_accuracy_m: 5 },
        geometry: { type: "Polygon", coordinates: [ring] },
      })),
    }),
  );
  return plots.map(({ id, ratio }) => ({ id, ratio }));
}
