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

/** E4 gets another name, and lies 400 m further west. */
function moveE4(folder) {
  edit(folder, "seeds/projects.csv", (text) =>
    text.replace(/^(jinhuan-e4-redevelopment,parcels,\w*,)[^,]*/m, "$1改了名的地块"),
  );
  edit(folder, "geodata/parcels.geojson", (text) => {
    const data = JSON.parse(text);
    const { geometry } = data.features.find(({ id }) => id === E4.id);
    geometry.coordinates = geometry.coordinates.map((ring) => ring.map(([x, y]) => [x - WEST, y]));
    return JSON.stringify(data);
  });
}
const WEST = 0.0042;

/** Tells the page's query with E4 in the middle, or what is so many degrees west of it. */
async function atE4(base) {
  const item = await (await fetch(`${base}/collections/parcels/items/${E4.id}`)).json();
  const [lon, lat] = item.geometry.coordinates[0]
    .slice(0, 4)
    .reduce(([x, y], [a, b]) => [x + a / 4, y + b / 4], [0, 0]);
  return (west = 0) => `?v=industry&l=-zones,-context&m=${(lon - west).toFixed(5)},${lat.toFixed(5)},17`;
}

/** Whether anything is drawn in the middle of the map. */
const isThere = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector("#map-view canvas");
    const pen = canvas.getContext("2d");
    return pen.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3] > 0;
  });

test("another version of the data is on the map after one reload", async (t) => {
  const old = await servePlan(() => {});
  t.after(old.stop);
  const next = await servePlan(moveE4);
  t.after(next.stop);
  const address = await oneAddress(old.base);
  t.after(address.stop);
  const { page, context, wrong } = await openPage(browser, {
    base: address.base,
    serviceWorkers: "allow",
  });
  const at = await atE4(old.base);
  await openMap(page, at(), address.base);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  for (const west of [WEST, 0]) {
    await openMap(page, at(west), address.base);
    assert.equal(await isThere(page), west === 0);
  }
  await page.waitForTimeout(500);
  assert.ok((await page.evaluate(async () => (await (await caches.open("tiles")).keys()).length)) > 0);

  address.turnTo(next.base);
  await page.reload();
  await mapDrawn(page);
  assert.equal(await isThere(page), false, "it is still where it was");
  await page.click("#tab-projects");
  await page.getByText("改了名的地块").first().waitFor();
  await openMap(page, at(WEST), address.base);
  assert.equal(await isThere(page), true);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a page that is open when the data change says so, and shows the new ones at a press", async (t) => {
  let folder;
  const { base, stop } = await servePlan((copy) => {
    folder = copy;
  });
  t.after(stop);
  // The browser keeps answers for a minute, which it does not for a page whose requests are looked at.
  const context = await browser.newContext({ locale: "zh-CN", serviceWorkers: "block" });
  const page = await context.newPage();
  await page.clock.install();
  const at = await atE4(base);
  await openMap(page, at(), base);
  assert.equal(await isThere(page), true);
  const asked = page.url().slice(base.length + 1);
  const version = async () => (await (await fetch(`${base}/plan`)).json()).version;
  const before = await version();
  moveE4(folder);
  while ((await version()) === before) await new Promise((then) => setTimeout(then, 200));

  const chip = page.locator(".chip.outdated");
  assert.equal(await chip.count(), 0, "nothing was asked since");
  await page.clock.fastForward(61_000);
  await chip.waitFor();
  assert.match(await chip.textContent(), /数据已更新/);
  await chip.getByRole("button", { name: "显示新数据" }).click();
  await page.waitForFunction(() => !document.querySelector(".chip.outdated"));
  await mapDrawn(page);
  assert.equal(await isThere(page), false, "a tile that the browser kept is shown");
  assert.equal(page.url().slice(base.length + 1), asked, "the view stays");
  await openMap(page, at(WEST), base);
  assert.equal(await isThere(page), true);
  assert.equal(await chip.count(), 0);
  await context.close();
});
