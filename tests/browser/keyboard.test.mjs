// Without a mouse.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { cameraOn, E4, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const focused = (page) => page.evaluate(() => document.activeElement?.id ?? "");

/** Presses Tab until `id` has the focus; every stop on the way must show that it has it. */
async function tabTo(page, id) {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === id) return;
    const seen = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return "";
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const onScreen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
      return outlineStyle !== "none" && outlineWidth !== "0px" && onScreen ? "" : at.outerHTML.slice(0, 120);
    });
    assert.equal(seen, "", "focus must be seen");
  }
  assert.fail(`${id} was not reached`);
}

test("from the list to the details and back", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=industry");
  await tabTo(page, "tab-layers");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), "tab-projects");
  await page.waitForSelector(".projects li a");
  const row = `row-${E4.collection}-${E4.id}`;
  await tabTo(page, row);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".detail .stated");
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H2");
  assert.match(await textOf(page, ".detail .stated"), /容积率 3\.0/);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".detail", { state: "detached" });
  await page.waitForFunction((id) => document.activeElement?.id === id, row);
  assert.doesNotMatch(page.url(), /[?&]s=/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("on the map: skip link, arrows, zoom, Enter at the crosshair, Escape", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&${await cameraOn(E4, 17)}`);
  await page.keyboard.press("Tab");
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /跳到地图/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "map-view");
  const before = page.url();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((url) => location.href !== url, before);
  await page.keyboard.press("ArrowLeft");
  await mapDrawn(page);
  assert.equal(await page.locator(".crosshair").isVisible(), true);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".detail .stated");
  assert.ok(page.url().includes(refOf(E4)), page.url());
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.id === "map-view");
  await page.keyboard.press("-");
  await page.waitForFunction(() => /m=[^&]*,16(&|$)/.test(location.search));
  await page.keyboard.press("0");
  await page.waitForFunction(() => !/[?&]m=/.test(location.search));
  assert.deepEqual(wrong, []);
  await context.close();
});
