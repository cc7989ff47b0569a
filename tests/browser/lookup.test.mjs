// More that people come for, by the keyboard alone: what a value says, where it is said, and what lies near.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "./browser.mjs";
import { getJson } from "./data.mjs";
import { counts, opened, tabTo } from "./keys.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("the source of a plot ratio", async () => {
  const { page, done } = await opened(browser, "");
  await page.keyboard.press("/");
  await page.keyboard.type("E4");
  await page.locator(".search").getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.tagName === "H2");
  const row = page.locator(".detail .stated dl > div", { hasText: "容积率" });
  assert.match((await row.innerText()).replace(/\s+/g, " "), /容积率 3\.0 第5章第1节/);
  await done();
});

test("only drainage works, by their button", async () => {
  const { page, done } = await opened(browser, "?v=works");
  await page.waitForSelector(".kinds-row");
  await tabTo(page, /^积水点改造/);
  await page.keyboard.press("Space");
  await counts(page, (await getJson("/collections/road-works/items?kind=drainage")).numberMatched);
  await done();
});

test("a plot ratio from 1.5 to 2.5, by the sliders' arrows", async () => {
  const { page, done } = await opened(browser, "?v=parcels");
  await page.waitForFunction(() => document.querySelectorAll(".sliders").length >= 2);
  await tabTo(page, /^容积率，上限$/);
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press("PageDown");
  await page.waitForFunction(() => /f=plot_ratio:~2\.\d+/.test(location.search));
  const high = /plot_ratio:~([\d.]+)/.exec(page.url())[1];
  await counts(page, (await getJson(`/collections/parcels/items?plot_ratio=..${high}`)).numberMatched);
  await done();
});

test("what is within 300 metres of a plot", async () => {
  const { page, done } = await opened(browser, "");
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

test("the ogr2ogr line of the plots that state no plot ratio", async () => {
  const { page, done } = await opened(browser, "?v=parcels");
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
