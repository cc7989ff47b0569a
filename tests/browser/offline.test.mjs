// What a second visit finds without a network.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { oneAddress } from "./address.mjs";
import { BASE, launch, mapColours, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { E4, refOf } from "./data.mjs";
import { edit, servePlan, withTimes } from "./plan.mjs";

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

/** What is switched off says why, by an element that is seen and that it names. */
async function saysWhy(page, selector, words) {
  const group = page.locator(selector).first();
  await page.waitForSelector(`${selector}:disabled`);
  const reason = await group.getAttribute("aria-describedby");
  assert.match(await textOf(page, `#${reason}`), words);
  assert.equal(await page.locator(`#${reason}`).isVisible(), true, reason);
  const enabled = await group
    .locator("input, button, select")
    .evaluateAll((all) => all.filter((one) => !one.matches(":disabled")).map((one) => one.outerHTML));
  assert.deepEqual(enabled, [], selector);
}

test("without the server, filters, table, timeline and names are switched off and say why; they come back by themselves", async (t) => {
  const { base, stop } = await servePlan(withTimes);
  t.after(stop);
  const address = await oneAddress(base);
  t.after(address.stop);
  const { page, context } = await openPage(browser, { base: address.base });
  await openMap(page, "?v=parcels", address.base);
  await page.waitForSelector(".filters .sliders");
  await page.waitForSelector(".drawer tbody tr");
  assert.equal(await page.locator("fieldset:disabled").count(), 0);

  const box = page.getByRole("combobox", { name: "搜索" });
  await box.fill("e4");
  await page.waitForSelector(".search .option");

  // The line is there; what is gone is the server.
  address.turnTo(null);
  await box.fill("qls");
  await page.waitForSelector(".chip.offline");
  await saysWhy(page, "fieldset.filters", /离线：筛选由服务器完成/);
  await saysWhy(page, "fieldset.drawer-asks", /离线：排序、翻页和下载需要服务器/);
  await saysWhy(page, ".drawer th button", /离线：排序/);
  assert.equal(await page.locator(".drawer .menu").count(), 0, "nothing can be downloaded");
  assert.ok((await page.locator(".drawer tbody tr").count()) > 5, "what is here stays");
  await page.getByRole("button", { name: "关闭表格" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "关闭表格" }).isEnabled(), true);
  await page.waitForFunction(() => document.querySelector(".results.none")?.textContent.includes("离线"));
  assert.match(await textOf(page, `#${await box.getAttribute("aria-describedby")}`), /坐标仍可定位/);
  // Coordinates are read here.
  await box.fill("121.37000, 31.28000");
  await page.waitForSelector(".search .option");
  await page.keyboard.press("Enter");
  await page.waitForURL(/m=121\.37000,31\.28000/);

  address.turnTo(base);
  await page.waitForSelector(".chip.offline", { state: "detached", timeout: 10_000 });
  assert.equal(await page.locator("fieldset:disabled, th button:disabled").count(), 0);
  assert.equal(await box.getAttribute("aria-describedby"), null);
  await page.getByLabel("容积率，不小于").fill("2");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".drawer [data-count]").dataset.count === "1");

  // By the network, and with what did not come meanwhile.
  await openMap(page, "?v=works", address.base);
  await page.waitForSelector(".works-list li");
  await page.waitForSelector(".timeline");
  // Its script is here; what it asks for is asked anew each time.
  await page.click("#tab-filter");
  await page.waitForSelector(".filters .choices input:enabled");
  await page.click("#tab-projects");
  await page.waitForSelector(".kinds-row");
  await context.setOffline(true);
  await page.waitForSelector(".chip.offline");
  await saysWhy(page, ".timeline", /时间轴需要服务器/);
  await saysWhy(page, ".kinds-row", /筛选由服务器完成/);
  await page.click("#tab-filter");
  await page.waitForSelector("fieldset.filters:disabled");
  assert.equal(await page.locator(".filters [role=alert]").count(), 0, "one reason is enough");
  await context.setOffline(false);
  await page.waitForSelector(".chip.offline", { state: "detached" });
  await page.waitForSelector(".filters .choices input:enabled");
  assert.equal(await page.locator(".timeline:disabled").count(), 0);
  await context.close();
});

test("another version of the data is on the map after one reload", async (t) => {
  const old = await servePlan(() => {});
  t.after(old.stop);
  // The same plan, in which E4 has another name and lies 400 m further west.
  const next = await servePlan((folder) => {
    edit(folder, "seeds/projects.csv", (text) =>
      text.replace(/^(jinhuan-e4-redevelopment,parcels,\w*,)[^,]*/m, "$1改了名的地块"),
    );
    edit(folder, "geodata/parcels.geojson", (text) => {
      const data = JSON.parse(text);
      const { geometry } = data.features.find(({ id }) => id === E4.id);
      geometry.coordinates = geometry.coordinates.map((ring) => ring.map(([x, y]) => [x - 0.0042, y]));
      return JSON.stringify(data);
    });
  });
  t.after(next.stop);
  const address = await oneAddress(old.base);
  t.after(address.stop);
  const { page, context, wrong } = await openPage(browser, {
    base: address.base,
    serviceWorkers: "allow",
  });
  const item = await (await fetch(`${old.base}/collections/parcels/items/${E4.id}`)).json();
  const [lon, lat] = item.geometry.coordinates[0]
    .slice(0, 4)
    .reduce(([x, y], [a, b]) => [x + a / 4, y + b / 4], [0, 0]);
  const at = (x) => `?v=industry&l=-zones,-context&m=${x.toFixed(5)},${lat.toFixed(5)},17`;
  /** Whether anything is drawn in the middle of the map. */
  const isThere = () =>
    page.evaluate(() => {
      const canvas = document.querySelector("#map-view canvas");
      const pen = canvas.getContext("2d");
      return pen.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3] > 0;
    });
  await openMap(page, at(lon), address.base);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  for (const x of [lon - 0.0042, lon]) {
    await openMap(page, at(x), address.base);
    assert.equal(await isThere(), x === lon);
  }
  await page.waitForTimeout(500);
  assert.ok((await page.evaluate(async () => (await (await caches.open("tiles")).keys()).length)) > 0);

  address.turnTo(next.base);
  await page.reload();
  await mapDrawn(page);
  assert.equal(await isThere(), false, "it is still where it was");
  await page.click("#tab-projects");
  await page.getByText("改了名的地块").first().waitFor();
  await openMap(page, at(lon - 0.0042), address.base);
  assert.equal(await isThere(), true);
  assert.deepEqual(wrong, []);
  await context.close();
});
