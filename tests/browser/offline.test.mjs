// What a second visit finds without a network.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, launch, mapColours, mapDrawn, openPage, textOf } from "./browser.mjs";
import { E4, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("after one visit the map, its legend and the features seen open without a network, and say so", async () => {
  const { page, context, wrong } = await openPage(browser, { serviceWorkers: "allow" });
  const link = `${BASE}/?v=industry&s=${refOf(E4)}`;
  await page.goto(link);
  await mapDrawn(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  // The worker answers from the next load on; that one fills its stores.
  await page.reload();
  await mapDrawn(page);
  await page.waitForSelector(".detail .source");
  await page.waitForTimeout(500);
  const colours = (await mapColours(page)).filter(([, pixels]) => pixels > 200).map(([colour]) => colour);
  assert.equal(await page.locator(".chip.offline").count(), 0);
  assert.deepEqual(wrong, []);

  await context.setOffline(true);
  await page.goto(link);
  await mapDrawn(page);
  await page.waitForSelector(".chip.offline");
  assert.match(await textOf(page, ".detail"), /11 820 ㎡/);
  assert.match(await textOf(page, ".legend"), /产业项目地块/);
  const now = new Set((await mapColours(page)).map(([colour]) => colour));
  for (const colour of colours) assert.ok(now.has(colour), `${colour} is missing offline`);

  await context.setOffline(false);
  await page.reload();
  await mapDrawn(page);
  assert.equal(await page.locator(".chip.offline").count(), 0);
  await context.close();
});

test("tiles of another version of the data are not shown beside the new ones", async () => {
  const { page, context } = await openPage(browser, { serviceWorkers: "allow" });
  await page.goto(`${BASE}/`);
  await mapDrawn(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.reload();
  await mapDrawn(page);
  await page.waitForTimeout(500);
  const tiles = () => page.evaluate(async () => (await (await caches.open("tiles")).keys()).length);
  assert.ok((await tiles()) > 0);
  // As if the server had other data since: what was kept says another version than what comes.
  await page.evaluate(async () => {
    const cache = await caches.open("data");
    const kept = await (await cache.match("/plan", { ignoreVary: true })).json();
    await cache.delete("/plan", { ignoreVary: true });
    await cache.put("/plan", new Response(JSON.stringify({ ...kept, version: "before" })));
    const store = await caches.open("tiles");
    await store.put("/tiles/0/0/0.geojson", new Response("{}"));
  });
  await page.reload();
  await mapDrawn(page);
  await page.waitForFunction(async () => !(await caches.match("/tiles/0/0/0.geojson")));
  await context.close();
});
