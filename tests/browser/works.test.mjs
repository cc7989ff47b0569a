// Road works for everybody: a list first, near me on a press only, and a sheet with three stops.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, mapDrawn, openMap, openPage, PHONE, textOf } from "./browser.mjs";
import { getJson } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const phone = () => openPage(browser, { viewport: PHONE, touch: true });
const heights = (page) => page.locator(".rail").evaluate((rail) => rail.clientHeight);
const HERE = { latitude: 31.2831, longitude: 121.3739, accuracy: 30 };

test("a phone opens the works with their list: kind, limits, whole and certainty of each", async () => {
  const { page, context, wrong } = await phone();
  await openMap(page, "?v=works");
  const { features } = await getJson("/collections/road-works/items?limit=1000");
  await page.waitForFunction(
    (count) => document.querySelectorAll(".works-list li").length === count,
    features.length,
  );
  const plan = await getJson("/plan");
  const kinds = plan.columns.find(({ name }) => name === "kind").values;
  const { features: wholes } = await getJson("/collections/transport/items?limit=1000");
  await page.waitForFunction(() => document.querySelector(".work-whole"));
  for (const { id, geometry, properties } of features) {
    const text = (await page.locator(`#row-road-works-${id}`).innerText()).replace(/[\s\u00a0]+/g, " ");
    assert.ok(text.includes(properties.name_zh), text);
    assert.ok(text.includes(kinds.find(({ code }) => code === properties.kind).zh), text);
    assert.ok(
      text.includes(properties.from_zh ? `${properties.from_zh} 至 ${properties.to_zh}` : "起讫未述"),
      text,
    );
    const whole = wholes.find((one) => one.id === properties.part_of);
    if (whole) assert.ok(text.includes(`属于 ${whole.properties.name_zh}`), text);
    if (!geometry) assert.match(text, /无位置 \S{4,}/);
    else assert.match(text, /示意 ±[\d ]+ 米/);
  }
  assert.ok(features.some(({ properties }) => wholes.some(({ id }) => id === properties.part_of)));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a kind narrows list, count, map and address", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=works");
  const { numberMatched, features } = await getJson("/collections/road-works/items?kind=drainage");
  await page.getByRole("button", { name: /积水点改造/ }).click();
  await page.waitForFunction(
    (count) => document.querySelector(".works [data-count]").dataset.count === String(count),
    numberMatched,
  );
  assert.deepEqual(
    await page.locator(".work-name").allInnerTexts(),
    features.map(({ properties }) => properties.name_zh),
  );
  assert.match(page.url(), /f=kind:drainage/);
  assert.match(await textOf(page, "#tab-filter"), /筛选（1）/);
  await page.getByRole("button", { name: "全部", exact: true }).click();
  await page.waitForFunction(() => !location.search.includes("f="));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("near me: not before a press, by distance after it, and the place is told to nobody", async () => {
  const { page, context, wrong } = await phone();
  await context.grantPermissions(["geolocation"]);
  await context.setGeolocation(HERE);
  await page.addInitScript(() => {
    const { geolocation } = navigator;
    const ask = geolocation.getCurrentPosition.bind(geolocation);
    globalThis.asked = 0;
    geolocation.getCurrentPosition = (...all) => {
      globalThis.asked += 1;
      ask(...all);
    };
  });
  const requests = [];
  page.on("request", (request) => requests.push(decodeURIComponent(request.url())));
  await openMap(page, "?v=works");
  await page.waitForSelector(".works-list li");
  assert.equal(await page.evaluate(() => globalThis.asked), 0);
  await page.getByRole("button", { name: "离我最近" }).click();
  await page.getByText(/按与您的距离排列，定位误差约 30 米/).waitFor();
  const near = await getJson(
    `/collections/road-works/items?near=${HERE.longitude},${HERE.latitude}&within=100000&limit=1000`,
  );
  const shown = await page.locator(".work-name").allInnerTexts();
  assert.equal(shown[0], near.features[0].properties.name_zh);
  const placed = near.features.map(({ properties }) => properties.name_zh);
  assert.deepEqual(shown.slice(0, 6), placed.slice(0, 6));
  const first = await textOf(page, ".work-away >> nth=0");
  const metres = near.features[0].properties.distance_m;
  const said = Number(/约 ([\d ]+) 米/.exec(first)[1].replaceAll(" ", ""));
  assert.ok(Math.abs(said - Math.max(10, metres)) <= 10, `${first}, by the server ${metres} m`);
  await page.waitForFunction(() => /m=121\.37390,31\.28310,15/.test(location.search));
  await mapDrawn(page);
  const told = requests.filter((url) => /31\.2831|121\.3739/.test(url.replace(/^[^?]*\?[^#]*m=.*/, "")));
  assert.deepEqual(told, []);
  await page.getByRole("button", { name: "按规划顺序" }).click();
  assert.equal(await page.locator(".work-away").count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("near me: outside of the plan, and refused, are said and move nothing", async () => {
  const { page, context, wrong } = await phone();
  await openMap(page, "?v=works&lang=en");
  await page.waitForSelector(".works-list li");
  await page.getByRole("button", { name: "Nearest to me" }).click();
  await page.getByText(/Your position was not shared/).waitFor();
  await context.grantPermissions(["geolocation"]);
  await context.setGeolocation({ latitude: 31.2304, longitude: 121.4737 });
  await page.getByRole("button", { name: "Nearest to me" }).click();
  await page.getByText(/You are outside the area of this plan \(about 7 km away\)/).waitFor();
  assert.doesNotMatch(page.url(), /[?&]m=/);
  assert.equal(await page.locator(".work-away").count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the sheet has three stops, by its handle's button and by dragging it", async () => {
  const { page, context, wrong } = await phone();
  await openMap(page, "?v=works");
  const half = await heights(page);
  const room = await page.locator(".body").evaluate((body) => body.clientHeight);
  assert.ok(Math.abs(half - room / 2) < 3, `${half} of ${room}`);
  await page.getByRole("button", { name: "面板全屏" }).click();
  await page.waitForFunction((at) => document.querySelector(".rail").clientHeight > at, half + 100);
  await page.getByRole("button", { name: "收起面板" }).click();
  await page.waitForFunction(() => document.querySelector(".rail").clientHeight <= 96);
  await page.getByRole("button", { name: "面板半屏" }).click();
  await page.waitForFunction((at) => Math.abs(document.querySelector(".rail").clientHeight - at) < 3, half);
  const grip = await page.locator(".rail .handle").boundingBox();
  const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - 120, { steps: 4 });
  assert.ok((await heights(page)) > half + 90, "it follows the finger");
  await page.mouse.move(x, y - 250, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((at) => document.querySelector(".rail").clientHeight > at, half + 200);
  assert.ok((await page.locator("#map-view").boundingBox()).height >= 60, "the map stays in sight");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("list, details and back: the list is where it was", async () => {
  const { page, context, wrong } = await phone();
  await openMap(page, "?v=works");
  await page.waitForSelector(".works-list li");
  const row = page.locator(".works-list li").nth(9);
  await row.scrollIntoViewIfNeeded();
  const before = await page.locator("#rail-content").evaluate((one) => one.scrollTop);
  assert.ok(before > 100, `scrolled by ${before}`);
  const name = await row.locator(".work-name").innerText();
  await row.locator("a").tap();
  await page.waitForFunction((text) => document.querySelector(".detail h2")?.textContent === text, name);
  assert.equal(await page.locator(".rail").isVisible(), false, "one sheet at a time");
  await page.goBack();
  await page.waitForSelector(".detail", { state: "detached" });
  const now = await page.locator("#rail-content").evaluate((one) => one.scrollTop);
  assert.ok(Math.abs(now - before) < 5, `${before}, then ${now}`);
  assert.deepEqual(wrong, []);
  await context.close();
});
