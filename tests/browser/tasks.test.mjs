// Tasks that people come with, each done by the keyboard alone: no mouse, and no focus that a script sets.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, openMap, openPage } from "./browser.mjs";
import { E4, getJson } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What a screen reader would call the element with the focus. */
const focusedName = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const label = at?.getAttribute("aria-label") ?? at?.labels?.[0]?.innerText ?? at?.innerText ?? "";
    return label.replace(/[\s\u00a0]+/g, " ").trim();
  });

/** Presses Tab (or Shift+Tab) until what has the focus is called so. */
async function tabTo(page, name, key = "Tab") {
  for (let presses = 0; presses < 90; presses += 1) {
    await page.keyboard.press(key);
    if (name.test(await focusedName(page))) return;
  }
  assert.fail(`${name} was not reached by ${key}`);
}

const counts = (page, matched) =>
  page.waitForFunction(
    (count) =>
      [...document.querySelectorAll("[data-count]")].every((one) => one.dataset.count === String(count)),
    matched,
  );

async function opened(search) {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, search);
  return {
    page,
    async done() {
      assert.deepEqual(wrong, []);
      await context.close();
    },
  };
}

test("1: parcels with a plot ratio over 2 and more than a hectare, as CSV", async () => {
  const { page, done } = await opened("");
  await tabTo(page, /^地块查询$/);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".filters .ends input");
  await page.waitForFunction(() => document.querySelectorAll(".filters .ends input").length >= 4);
  await tabTo(page, /^用地面积，不小于$/);
  await page.keyboard.type("10000");
  await tabTo(page, /^容积率，不小于$/);
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  const { numberMatched } = await getJson(
    "/collections/parcels/items?filter=plot_ratio%3E=2%20AND%20site_area_m2%3E=10000",
  );
  await counts(page, numberMatched);
  await tabTo(page, /^下载/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^CSV/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  const lines = readFileSync(await download.path(), "utf8")
    .trim()
    .split(/\r?\n/);
  assert.equal(lines.length, 1 + numberMatched);
  assert.ok(lines[1].startsWith(E4.id));
  await done();
});

test("2: the works on Qilianshan Road, by typing qls", async () => {
  const { page, done } = await opened("?v=works");
  await page.keyboard.press("/");
  await page.keyboard.type("qls");
  await page.locator(".search").getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /祁连山路/.test(document.querySelector(".detail h2")?.textContent ?? ""));
  await done();
});

test("3: the source of a plot ratio", async () => {
  const { page, done } = await opened("");
  await page.keyboard.press("/");
  await page.keyboard.type("E4");
  await page.locator(".search").getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.tagName === "H2");
  const row = page.locator(".detail .stated dl > div", { hasText: "容积率" });
  assert.match((await row.innerText()).replace(/\s+/g, " "), /容积率 3\.0 第5章第1节/);
  await done();
});

test("4: the largest plot, from the sorted table", async () => {
  const { page, done } = await opened("?v=parcels");
  await page.waitForSelector(".drawer tbody tr");
  // The filter is called so as well, and comes first.
  await tabTo(page, /^用地面积$/);
  await tabTo(page, /^用地面积$/);
  await page.keyboard.press("Enter");
  const { features } = await getJson("/collections/parcels/items?sortby=-site_area_m2&limit=2");
  await page.waitForFunction(
    (name) => document.querySelectorAll(".drawer tbody th a")[1]?.textContent === name,
    features[1].properties.name_zh,
  );
  await tabTo(page, new RegExp(`^${features[0].properties.name_zh}$`));
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    (name) => document.querySelector(".detail h2")?.textContent === name,
    features[0].properties.name_zh,
  );
  await done();
});

test("5: only drainage works, by their button", async () => {
  const { page, done } = await opened("?v=works");
  await page.waitForSelector(".kinds-row");
  await tabTo(page, /^积水点改造/);
  await page.keyboard.press("Space");
  await counts(page, (await getJson("/collections/road-works/items?kind=drainage")).numberMatched);
  await done();
});

test("6: a plot ratio from 1.5 to 2.5, by the sliders' arrows", async () => {
  const { page, done } = await opened("?v=parcels");
  await page.waitForFunction(() => document.querySelectorAll(".sliders").length >= 2);
  await tabTo(page, /^容积率，上限$/);
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press("PageDown");
  await page.waitForFunction(() => /f=plot_ratio:~2\.\d+/.test(location.search));
  const high = /plot_ratio:~([\d.]+)/.exec(page.url())[1];
  await counts(page, (await getJson(`/collections/parcels/items?plot_ratio=..${high}`)).numberMatched);
  await done();
});

test("7: what is within 300 metres of a plot", async () => {
  const { page, done } = await opened("");
  await page.keyboard.press("/");
  await page.keyboard.type("E4");
  await page.locator(".search").getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".nearby > ul li a");
  const name = await page.locator(".nearby > ul li a").first().innerText();
  await tabTo(page, /祁连山路改建工程/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /祁连山路/.test(document.querySelector(".detail h2")?.textContent ?? ""));
  assert.match(name, /祁连山路/);
  await done();
});

test("8: the ogr2ogr line of the plots that state no plot ratio", async () => {
  const { page, done } = await opened("?v=parcels");
  await page.waitForFunction(() => document.querySelectorAll(".filters .choices").length >= 2);
  await tabTo(page, /^容积率，不大于$/);
  await tabTo(page, /^范围内/);
  await page.keyboard.press("Space");
  await counts(
    page,
    (await getJson("/collections/parcels/items?filter=plot_ratio%20IS%20NULL")).numberMatched,
  );
  await tabTo(page, /^取用此查询/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^ogr2ogr/);
  assert.match(await page.evaluate(() => document.activeElement.value), /-where 'plot_ratio IS NULL'/);
  await done();
});
