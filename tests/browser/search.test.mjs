// One box for names, plot codes, pinyin and places.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { getJson } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const box = (page) => page.getByRole("combobox", { name: /搜索|Search/ });
// The map has a list of its own.
const options = (page) => page.locator(".search").getByRole("option");

async function search(page, text) {
  await box(page).fill(text);
  await options(page).first().waitFor();
}

test("initials find the works of a road, grouped, and Enter opens the first", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=works");
  await page.keyboard.press("/");
  await page.keyboard.type("qls");
  await options(page).first().waitFor();
  const { features, numberMatched } = await getJson("/collections/road-works/items?q=qls");
  const works = page.getByRole("group", { name: "道路工程" });
  const labels = await works.getByRole("option").allInnerTexts();
  assert.deepEqual(
    labels.slice(0, numberMatched),
    features.map(({ properties }) => properties.name_zh),
  );
  // What the combobox says of itself is true.
  assert.equal(await box(page).getAttribute("aria-expanded"), "true");
  const active = () => box(page).getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${await active()}`).innerText(), labels[0]);
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator(`#${await active()}`).getAttribute("aria-selected"), "true");
  assert.equal(await page.locator(`#${await active()}`).innerText(), labels[1]);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForFunction((name) => document.querySelector(".detail h2")?.textContent === name, labels[0]);
  assert.match(page.url(), /s=road-works:qilianshan-road-reconstruction/);
  assert.equal(await box(page).getAttribute("aria-expanded"), "false");
  await page.waitForFunction(() => document.activeElement.tagName === "H2");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement.id === "search");
  // There, a slash is a slash.
  await page.keyboard.press("/");
  assert.equal(await box(page).inputValue(), "qls/");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a plot code that stands in the address only is found", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page);
  await search(page, "091-06");
  assert.match(await options(page).first().innerText(), /E4[\s\S]*地址或地块号 .*091-06/);
  await search(page, "taopu smart");
  assert.match(await options(page).first().innerText(), /智创城/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("all that is found can be listed: rail, address and map follow", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=works");
  await search(page, "qls");
  await page
    .locator("#search-list")
    .getByRole("option", { name: /列出道路工程中全部 2 项/ })
    .click();
  await page.waitForFunction(() => document.querySelector(".filters [data-count]")?.dataset.count === "2");
  assert.match(page.url(), /q=qls/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a place is gone to: degrees in both orders, and the statutory grid", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=green");
  for (const [text, where] of [
    ["121.35,31.285", "m=121\\.35000,31\\.28500,16"],
    ["31.275 121.36", "m=121\\.36000,31\\.27500,16"],
    ["3461743.0943,628878.8613", "m=121\\.35323,31\\.27039,16"],
  ]) {
    await search(page, text);
    assert.equal(await options(page).count(), 1);
    await page.keyboard.press("Enter");
    await page.waitForFunction((pattern) => new RegExp(pattern).test(location.search), where);
    await page.waitForFunction(() => document.activeElement.id === "map-view");
    await mapDrawn(page);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a place elsewhere is said to be elsewhere, and what is not found is said", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?lang=en");
  await search(page, "2.35,48.85");
  assert.match(await options(page).first().innerText(), /outside this plan/);
  await box(page).fill("no such road");
  await page.getByText('Nothing found for "no such road"').first().waitFor();
  assert.equal(await options(page).count(), 0);
  assert.match(await textOf(page, "[aria-live]"), /Nothing found/);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".results.none").count(), 0);
  assert.equal(await box(page).inputValue(), "no such road");
  await page.keyboard.press("Escape");
  assert.equal(await box(page).inputValue(), "");
  assert.deepEqual(wrong, []);
  await context.close();
});
