// Every view in both languages, on a desk and on a phone, with each of its panels open: axe, sizes, width.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, launch, openMap, openPage, PHONE } from "./browser.mjs";
import { outside, tooSmall, violations, withAxe } from "./checks.mjs";
import { E4, getJson, MEDICINE, NO_PLACE, refOf } from "./data.mjs";

let browser;
let views;
before(async () => {
  browser = await launch();
  ({ views } = await getJson("/plan"));
});
after(() => browser?.close());

const tab = (name, ready) => async (page) => {
  await page.click(`#tab-${name}`);
  await page.waitForSelector(ready);
};

/** What is open, one after the other; each goes on from the one before. */
const PANELS = [
  ["as it opens", async () => {}],
  ["the legend", tab("layers", ".legend label")],
  ["the filters", tab("filter", ".filters .layer-choice")],
  [
    "the table",
    async (page) => {
      if ((await page.locator(".drawer").count()) === 0)
        await page.locator("#open-table, .found button").first().click();
      await page.waitForSelector(".drawer tbody tr");
    },
  ],
  [
    "the table shut, the list",
    async (page) => {
      await page.locator(".drawer-size button").last().click();
      await page.waitForSelector(".drawer", { state: "detached" });
      await page.click("#tab-projects");
      await page.locator(".rail-content li a").first().waitFor();
    },
  ],
  [
    "details",
    async (page) => {
      await page.locator(".rail-content details[open] li a, .works-list li a").first().click();
      await page.waitForSelector(".detail .source");
    },
  ],
];

async function check(page, what, least) {
  assert.deepEqual(await violations(page), [], what);
  assert.deepEqual(await tooSmall(page, least), [], what);
  assert.deepEqual(await outside(page), { wide: false, out: [] }, what);
}

for (const [device, viewport] of [
  ["desktop", DESKTOP],
  ["phone", PHONE],
]) {
  for (const lang of ["zh", "en"]) {
    test(`every view with each panel: axe finds nothing, all can be pressed (${device}, ${lang})`, async () => {
      const touch = device === "phone";
      const { page, context, wrong } = await openPage(browser, { viewport, touch });
      await withAxe(page);
      await openMap(page, `?lang=${lang}`);
      for (const { id, title } of views) {
        await page.locator(".views a", { hasText: title[lang] }).first().click();
        await page.waitForFunction(
          (name) => document.querySelector(".views [aria-current]")?.textContent === name,
          title[lang],
        );
        for (const [what, open] of PANELS) {
          // Most views open with it: that was the check before.
          const again = await page.locator("#tab-layers").getAttribute("aria-selected");
          if (what === "the legend" && again === "true") continue;
          await open(page);
          await check(page, `${id}: ${what}`, touch ? 44 : 24);
        }
        await page.locator(".detail .close").click();
      }
      assert.deepEqual(wrong, []);
      await context.close();
    });

    test(`what features and links can say: axe finds nothing (${device}, ${lang})`, async () => {
      const touch = device === "phone";
      const { page, context, wrong } = await openPage(browser, { viewport, touch });
      await withAxe(page);
      for (const [what, query, ready] of [
        ["arithmetic", `v=industry&s=${refOf(E4)}`, ".detail .source"],
        ["a warning", `v=industry&s=${refOf(MEDICINE)}`, ".detail .source"],
        ["no location", `v=facilities&s=${refOf(NO_PLACE)}`, ".detail .source"],
        ["a bad link", "v=none&l=nothing", ".chip"],
      ]) {
        await openMap(page, `?${query}&lang=${lang}`);
        await page.waitForSelector(ready);
        await check(page, what, touch ? 44 : 24);
      }
      assert.deepEqual(wrong, []);
      await context.close();
    });
  }
}
