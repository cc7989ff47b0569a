// The page under unusual conditions: very narrow, very large, forced colours, no motion.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, mapColours, openMap, openPage } from "./browser.mjs";
import { outside } from "./checks.mjs";
import { E4, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

// A window of 1280 pixels at 400 % has 320 of them.
test("320 pixels, or 400 % zoom: nothing sticks out, with the legend and with every tool", async () => {
  const { page, context, wrong } = await openPage(browser, {
    viewport: { width: 320, height: 640 },
    touch: true,
  });
  for (const [what, query, selector] of [
    ["the legend", "", ".count-head"],
    ["measuring", "&measure=area", ".tool-panel"],
    ["two views", "&swipe=municipal,0.5", ".swipe-map canvas"],
    ["a sheet", "&print=a4", ".sheet-map canvas"],
  ]) {
    await openMap(page, `?v=industry&lang=en${query}`);
    await page.waitForSelector(selector, { state: "attached" });
    assert.deepEqual(await outside(page), { wide: false, out: [] }, what);
  }
  await openMap(page, "?v=industry&lang=en");
  await page.click("#tools-button");
  const menu = await page.locator("#tools-menu").boundingBox();
  assert.ok(menu.x >= 0 && menu.y >= 0 && menu.x + menu.width <= 320 && menu.y + menu.height <= 640);
  const cut = await page.locator("#tools-menu").evaluate((one) => one.scrollHeight - one.clientHeight);
  assert.ok(cut <= 1, `${cut} pixels of the menu are out of sight`);
  // What is seen can be pressed: nothing lies over the last entry.
  await page.locator("#tools-menu button").last().click({ timeout: 2000 });
  await page.waitForSelector(".tool-dialog");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("no row of the legend lies over another at 400 %", async () => {
  const { page, context, wrong } = await openPage(browser, {
    viewport: { width: 320, height: 640 },
    touch: true,
  });
  await openMap(page, "?lang=en&tab=layers");
  await page.waitForSelector(".count-head");
  const over = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".legend label")].map((row) => row.getBoundingClientRect());
    return boxes.slice(1).filter((box, at) => box.top < boxes[at].bottom - 0.5).length;
  });
  assert.equal(over, 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("forced colours keep the map, the samples of the legend and the state of switches", async () => {
  const { page, context, wrong } = await openPage(browser, { forcedColors: "active" });
  await openMap(page, "?v=industry&p=4549&measure=length");
  await page.waitForSelector(".tool-panel");
  assert.ok((await mapColours(page)).filter(([, pixels]) => pixels > 30).length > 5);
  const swatch = await page
    .locator(".legend canvas")
    .first()
    .evaluate(
      (canvas) => new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size,
    );
  assert.ok(swatch > 4, "a sample has colours");
  // Its background is gone: something else must tell that it is pressed.
  const pressed = await page
    .locator(".grid-switch")
    .evaluate((button) => getComputedStyle(button).borderTopWidth);
  assert.equal(pressed, "3px");
  assert.deepEqual(wrong, []);
  await context.close();
});

/** Visible controls that are lower or narrower than `least`; what stands in a label is as large as that. */
function smallControls(page, least) {
  return page.locator("button, input, select, textarea, summary, [role=tab], [role=option]").evaluateAll(
    (all, most) =>
      all
        .filter((one) => one.checkVisibility({ visibilityProperty: true }))
        .map((one) => [one.outerHTML.slice(0, 90), (one.closest("label") ?? one).getBoundingClientRect()])
        .filter(([, { width, height }]) => height < most - 0.01 || width < most - 0.01)
        .map(([html, { width, height }]) => `${html} ${width} x ${height}`),
    least,
  );
}

test("controls are large enough, whatever font a machine has", async () => {
  const { page, context, wrong } = await openPage(browser);
  // As if of its fonts each were the lowest.
  await page.addInitScript(() => {
    const low = new CSSStyleSheet();
    low.replaceSync(
      "button, input, select, textarea { line-height: 1 !important; font-size: 10px !important; }",
    );
    document.adoptedStyleSheets = [low];
  });
  for (const [what, query, prepare] of [
    ["the legend", "tab=layers"],
    ["the filter", "v=parcels&tab=filter", () => page.waitForSelector(".filters .sliders")],
    ["works", "v=works&tab=projects", () => page.waitForSelector(".works-list li")],
    ["a project", `v=industry&s=${refOf(E4)}`, () => page.waitForSelector(".detail .source")],
    ["printing", "v=industry&print=a4", () => page.waitForSelector(".sheet-map canvas")],
    ["measuring", "measure=area", () => page.waitForSelector(".tool-panel")],
    ["downloads", "v=parcels", () => page.getByText("取用此查询").click()],
    ["tools", "", () => page.click("#tools-button")],
  ]) {
    await openMap(page, `?${query}`);
    await prepare?.();
    assert.deepEqual(await smallControls(page, 24), [], what);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("without motion the map is where it goes at once", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?m=121.37000,31.28000,14");
  await page.click(".controls button:first-child");
  const scale = await page.evaluate(
    () =>
      new Promise((resolve) =>
        requestAnimationFrame(() =>
          requestAnimationFrame(() => resolve(document.querySelector(".ratio").textContent)),
        ),
      ),
  );
  assert.match(scale.replace(/\s/g, ""), /^1:1[45]000$/);
  assert.deepEqual(wrong, []);
  await context.close();
});
