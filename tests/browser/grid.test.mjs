// The statutory grid: EPSG:4549 on the map is what the server says, and what is drawn on it is drawn once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, mapColours, openMap, openPage, textOf } from "./browser.mjs";
import { getJson } from "./data.mjs";
import { servePlan, withPlots } from "./plan.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Stations among the control points that the shapes were drawn by (`geodata/control_points.csv`). */
const STATIONS = ["taopu-xincun", "wuwei-road", "qilianshan-road", "liziyuan", "nanda-road"];

test("the readout of five control points is within a centimetre of the server's", async (t) => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?p=4549");
  const box = page.getByRole("combobox", { name: "搜索" });
  for (const name of STATIONS) {
    const path = `/collections/context/items/station-${name}`;
    const [lon, lat] = (await getJson(path)).geometry.coordinates;
    const [north, east] = (await getJson(`${path}?crs=EPSG:4549`)).geometry.coordinates;
    await box.fill(`${lon}, ${lat}`);
    await page.waitForSelector(".search .option");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      ([x, y]) => {
        const [a, b] = document.querySelector(".coordinates").dataset.at.split(",").map(Number);
        return Math.abs(a - x) < 1e-9 && Math.abs(b - y) < 1e-9;
      },
      [lon, lat],
    );
    const said = await textOf(page, ".coordinates");
    const [x, y] = /^X ([\d ]+\.\d\d) Y ([\d ]+\.\d\d)$/
      .exec(said)
      .slice(1)
      .map((part) => Number(part.replaceAll(" ", "")));
    t.diagnostic(`${name}: ${said}, the server has ${north.toFixed(4)}, ${east.toFixed(4)}`);
    assert.ok(Math.abs(x - north) <= 0.01, `${name}: X ${x}, ${north}`);
    assert.ok(Math.abs(y - east) <= 0.01, `${name}: Y ${y}, ${east}`);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

/** What is seen of the map's colours on its ground, and of how many pixels. */
async function seenColours(page) {
  const ground = [251, 251, 250];
  const seen = new Map();
  for (const [colour, pixels] of await mapColours(page)) {
    const parts = colour.split(",").map(Number);
    const alpha = parts[3] / 255;
    const key = ground.map((part, at) => Math.round(part + (parts[at] - part) * alpha)).join(",");
    seen.set(key, (seen.get(key) ?? 0) + pixels);
  }
  return [...seen].sort((a, b) => b[1] - a[1]);
}

const near = (a, b) => {
  const [one, two] = [a, b].map((text) => text.split(",").map(Number));
  return one.every((part, at) => Math.abs(part - two[at]) <= 3);
};

test("plots too many to be held whole have one colour on the grid as well: no darker bands where tiles meet", async (t) => {
  const { base, stop } = await servePlan((folder) => {
    withPlots(folder, 1500, { share: 0.85 });
  });
  t.after(stop);
  const { page, context, wrong } = await openPage(browser, { base });
  const look = "?v=parcels&tab=map&l=-zones,-context&m=121.36000,31.28000,16";
  await openMap(page, look, base);
  const flat = await seenColours(page);
  await openMap(page, `${look}&p=4549`, base);
  const grid = await seenColours(page);
  const [ground, fill] = flat.map(([colour]) => colour);
  assert.equal(
    grid
      .slice(0, 2)
      .map(([colour]) => colour)
      .filter((one) => near(one, ground) || near(one, fill)).length,
    2,
  );
  // Beside ground, fill and outline there is nothing that is more than an edge's shade.
  const known = flat.slice(0, 3).map(([colour]) => colour);
  const strange = (colours) => {
    const all = colours.filter(([colour]) => !known.some((one) => near(one, colour)));
    return Math.max(0, ...all.map(([, pixels]) => pixels));
  };
  // There the tiles lie straight, and nothing is drawn twice.
  assert.ok(
    strange(grid) <= strange(flat),
    JSON.stringify({ flat: flat.slice(0, 6), grid: grid.slice(0, 6) }),
  );
  assert.deepEqual(wrong, []);
  await context.close();
});
