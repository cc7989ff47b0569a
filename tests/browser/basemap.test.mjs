// A base map that the server passes on: it is turned to fit the data, and done without where it fails.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { BASE, launch, mapColours, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { getJson } from "./data.mjs";
import { serveTiles } from "./pictures.mjs";
import { edit, servePlan } from "./plan.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Adds base maps to the plan, and draws their tiles: magenta west of a longitude of their own system, cyan east of it. */
async function offer(page, { edge, fails = false }) {
  await page.route("**/plan", async (route) => {
    const response = await route.fetch();
    const plan = await response.json();
    const basemaps = ["cgcs2000", "gcj02"].map((crs) => ({
      id: crs,
      title: { zh: `底图 ${crs}`, en: crs },
      url: `/basemap/${crs}/{z}/{x}/{y}`,
      crs,
      attribution: { zh: "测试底图", en: "A test" },
      approval: "GS(2026)0000",
    }));
    await route.fulfill({ response, json: { ...plan, basemaps } });
  });
  await page.route("**/basemap/**", async (route) => {
    if (fails) return route.fulfill({ status: 502, body: "" });
    const [z, x] = new URL(route.request().url()).pathname.split("/").slice(3).map(Number);
    const split = Math.round((((edge + 180) / 360) * 2 ** z - x) * 256);
    const west = Math.max(0, Math.min(256, split));
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">
      <path d="M0 0h256v256H0z" fill="#00ffff"/><path d="M0 0h${west}v256H0z" fill="#ff00ff"/></svg>`;
    return route.fulfill({ contentType: "image/svg+xml", body: svg });
  });
}

/** Where on the map, in pixels from its left, magenta turns to cyan in a row that nothing is drawn on. */
const edgeOnMap = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector("#map-view canvas");
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const edges = [];
    for (let y = 0; y < height; y += 7) {
      for (let x = 4; x < width; x += 1) {
        const at = (y * width + x) * 4;
        const [r, g, wasR, wasG] = [data[at], data[at + 1], data[at - 16], data[at - 15]];
        if (wasR > 200 && wasG < 60 && r < 60 && g > 200) edges.push(x);
      }
    }
    return edges.sort((a, b) => a - b)[Math.floor(edges.length / 2)];
  });

const VIEW =
  "l=-parcels,-zones,-road-works,-transport,-greens,-waters,-housing,-facilities,-streetscape,-context";

test("a shifted base map is drawn where its coordinates really are, on either grid", async () => {
  const { page, context, wrong } = await openPage(browser);
  const [wgs, gcj] = await Promise.all(
    ["", "&crs=GCJ02"].map(async (crs) => {
      const { features } = await getJson(`/collections/context/items?limit=1000${crs}`);
      return features.find(({ geometry }) => geometry.type === "Point").geometry.coordinates;
    }),
  );
  await offer(page, { edge: gcj[0] });
  // The edge goes through a station in GCJ-02: on the map it must go through that station's true place.
  for (const grid of ["", "&p=4549"]) {
    await openMap(page, `?m=${wgs.join(",")},16&b=gcj02&${VIEW}${grid}`);
    await page.waitForTimeout(800);
    const { width } = await page.locator("#map-view").boundingBox();
    const at = await edgeOnMap(page);
    assert.ok(Math.abs(at - width / 2) <= 3, `${grid}: ${at} of ${width}`);
  }
  // Taken for unshifted, it would be some 480 m off: two hundred pixels.
  await openMap(page, `?m=${wgs.join(",")},16&b=cgcs2000&${VIEW}`);
  await page.waitForTimeout(800);
  const { width } = await page.locator("#map-view").boundingBox();
  assert.ok(Math.abs((await edgeOnMap(page)) - width / 2) > 100);
  assert.match(await textOf(page, ".credit"), /测试底图 · GS\(2026\)0000/);
  await page.locator(".legend .basemap select").selectOption("");
  await page.waitForFunction(() => !/[?&]b=/.test(location.search));
  await mapDrawn(page);
  assert.ok(!(await mapColours(page)).some(([colour]) => colour === "0,255,255,255"));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a base map that fails is said once and done without; none is offered by default", async () => {
  const { page, context } = await openPage(browser);
  await openMap(page, "");
  assert.equal(await page.locator(".legend .basemap").count(), 0);
  await offer(page, { edge: 121, fails: true });
  await page.goto(`${BASE}/?b=gcj02`);
  await page.waitForSelector(".chip");
  assert.match(await textOf(page, ".chips"), /底图“底图 gcj02”未能加载/);
  await mapDrawn(page);
  assert.ok((await mapColours(page)).length > 5);
  await context.close();
});

test("a base map that does not answer leaves the plan's own tiles their way", async () => {
  const { page, context, wrong } = await openPage(browser);
  await offer(page, { edge: 121 });
  const hanging = [];
  await page.route("**/basemap/**", (route) => {
    hanging.push(route.request().url());
  });
  await openMap(page, "?b=gcj02&m=121.37000,31.28000,15");
  await page.locator("#map-view").focus();
  // To where no tile was asked for yet.
  for (let presses = 0; presses < 8; presses += 1) await page.keyboard.press("ArrowRight");
  await mapDrawn(page);
  assert.ok((await mapColours(page)).length > 5);
  assert.equal(hanging.length, 4);
  assert.deepEqual(wrong, []);
  await context.close();
});

const KEY = "s3cret0123456789";
const GROUND = [0, 200, 160];

/** Serves the shipped plan with a base map from `address`, which wants a key. */
function servePlanOver(address) {
  return servePlan((folder) => {
    const file = join(folder, "base.key");
    writeFileSync(file, `${KEY}\n`);
    edit(
      folder,
      "seeds/plan.toml",
      (text) => `${text}
[[basemaps]]
id = "base"
title = { zh = "某底图", en = "Somebody's map" }
kind = "xyz"
url = "${address}/tile/{z}/{x}/{y}?tk={key}"
key_file = ${JSON.stringify(file)}
crs = "cgcs2000"
attribution = { zh = "某某测绘", en = "Somebody's survey" }
approval = "GS(2026)1234"
`,
    );
  });
}

test("the page draws a base map that only the server asks for; the key stays there; once lost it is done without", async (t) => {
  const tiles = await serveTiles(GROUND);
  t.after(tiles.stop);
  const { base, stop } = await servePlanOver(tiles.address);
  t.after(stop);
  const { page, context, wrong } = await openPage(browser, { base });
  const requests = [];
  const texts = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("response", (response) => {
    const { pathname } = new URL(response.url());
    const told = response.request().resourceType() === "fetch" || pathname === "/";
    // What a page that is left has not read is not to be had.
    const late = new Promise((resolve) => setTimeout(() => resolve(""), 5000));
    if (told) texts.push(Promise.race([response.text().catch(() => ""), late]));
  });
  /** Where nothing of the plan is drawn, its colour is seen as it is. */
  const shown = async () => {
    const colours = new Map(await mapColours(page));
    return (colours.get(`${GROUND},255`) ?? 0) > 50_000;
  };
  await openMap(page, "?m=121.37000,31.28000,15", base);
  assert.equal(await shown(), false);
  assert.equal(tiles.asked.length, 0, "nobody is asked before somebody wants it");
  await page.locator(".legend .basemap select").selectOption("base");
  await page.waitForURL(/[?&]b=base/);
  await page.waitForSelector(".credit");
  assert.match(await textOf(page, ".credit"), /某某测绘 · GS\(2026\)1234/);
  await page.waitForTimeout(800);
  await mapDrawn(page);
  assert.equal(await shown(), true, JSON.stringify((await mapColours(page)).slice(0, 3)));
  assert.ok(tiles.asked.length > 3 && tiles.asked.every((url) => url.endsWith(`?tk=${KEY}`)), tiles.asked[0]);
  // To the page it is a part of this server.
  assert.ok(requests.some((url) => url.startsWith(`${base}/basemap/base/`)));
  // The port alone may be digits of a coordinate.
  const secrets = [KEY, new URL(tiles.address).host, "base.key"];
  const told = [...requests, ...(await Promise.all(texts))];
  for (const secret of secrets) assert.ok(!told.some((text) => text.includes(secret)), secret);
  assert.deepEqual(wrong, []);

  // A place that no tile was kept of, when the other server is gone.
  tiles.stop();
  const before = requests.length;
  await openMap(page, "?m=121.34000,31.29000,17&b=base", base);
  await page.waitForSelector(".chips .chip");
  assert.match(await textOf(page, ".chips"), /底图“某底图”未能加载/);
  assert.equal(await page.locator(".chips .chip").count(), 1);
  await page.waitForFunction(() => !/[?&]b=/.test(location.search));
  await page.waitForTimeout(500);
  const asked = requests.slice(before).filter((url) => url.includes("/basemap/")).length;
  await page.locator("#map-view").focus();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("ArrowRight");
  await mapDrawn(page);
  assert.equal(requests.slice(before).filter((url) => url.includes("/basemap/")).length, asked);
  assert.ok((await mapColours(page)).length > 5);
  const lost = wrong.filter((one) => !/status of 50[24]/.test(one));
  assert.deepEqual(lost, []);
  await context.close();
});
