// Filters, table, lists and downloads under unusual conditions: very narrow, very large, spread text, forced colours,
// no motion.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openMap, openPage, PHONE } from "./browser.mjs";
import { outside, tooSmall, violations, withAxe } from "./checks.mjs";
import { MEDICINE, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const SCENES = [
  ["the filters", "v=parcels&tab=filter,map&f=plot_ratio:1~3", ".filters .sliders"],
  ["nothing found", "v=parcels&tab=filter,map&f=plot_ratio:2~;site_area_m2:100000~", ".nothing li"],
  ["the table", "v=parcels&tab=filter,table", ".drawer tbody tr"],
  ["the works", "v=works", ".works-list li"],
  ["details", `v=parcels&tab=filter,map&s=${refOf(MEDICINE)}`, ".detail .source"],
];

/** Opens the last menu of the table: the lines to copy. */
async function openMenu(page) {
  await page.locator(".menu summary").last().click();
  await page.waitForSelector(".menu[open] textarea");
}

// A window of 1280 pixels at 400 % has 320 of them, and as many again as a phone that is small.
for (const lang of ["zh", "en"]) {
  test(`320 pixels, or 400 % zoom: nothing of a query sticks out or is too small (${lang})`, async () => {
    const { page, context, wrong } = await openPage(browser, {
      viewport: { width: 320, height: 640 },
      touch: true,
    });
    await withAxe(page);
    for (const [what, query, ready] of SCENES) {
      await openMap(page, `?${query}&lang=${lang}`);
      await page.waitForSelector(ready);
      if (what === "the table") await openMenu(page);
      assert.deepEqual(await outside(page), { wide: false, out: [] }, what);
      assert.deepEqual(await tooSmall(page, 44), [], what);
      assert.deepEqual(await violations(page), [], what);
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });
}

/** What has text in it and cuts some of it off. */
const cut = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("#app *, .print-root *")]
      .filter((one) => one.checkVisibility() && !one.closest(".unseen, .skip, .seen-list, svg, #map-view"))
      .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
      .filter((one) => {
        const { overflowX, overflowY } = getComputedStyle(one);
        const over = (how, is, has) =>
          how !== "visible" && how !== "auto" && how !== "scroll" && is > has + 1;
        return (
          over(overflowX, one.scrollWidth, one.clientWidth) ||
          over(overflowY, one.scrollHeight, one.clientHeight)
        );
      })
      .map((one) => one.outerHTML.slice(0, 100)),
  );

test("with text spread as WCAG 1.4.12 has it nothing is lost, in either language", async () => {
  for (const viewport of [PHONE, { width: 1366, height: 768 }]) {
    const { page, context, wrong } = await openPage(browser, { viewport, touch: viewport === PHONE });
    for (const lang of ["zh", "en"]) {
      for (const [what, query, ready] of [
        ...SCENES,
        ["the legend", "v=overview&tab=layers", ".count-head"],
      ]) {
        await openMap(page, `?${query}&lang=${lang}`);
        await page.waitForSelector(ready);
        const before = new Set(await cut(page));
        await page.evaluate(() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(
            "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
              " p { margin-bottom: 2em !important }",
          );
          document.adoptedStyleSheets = [sheet];
        });
        await page.waitForTimeout(100);
        assert.deepEqual(
          (await cut(page)).filter((html) => !before.has(html)),
          [],
          `${what}, ${lang}, ${viewport.width}`,
        );
        assert.deepEqual(
          await outside(page),
          { wide: false, out: [] },
          `${what}, ${lang}, ${viewport.width}`,
        );
      }
    }
    assert.deepEqual(wrong, []);
    await context.close();
  }
});

test("forced colours keep bars, brushes, and what is chosen, pressed and sorted", async () => {
  const { page, context, wrong } = await openPage(browser, { forcedColors: "active" });
  await openMap(page, `?v=parcels&f=plot_ratio:~2,!&s=${refOf(MEDICINE)}&sort=-plot_ratio`);
  await page.waitForSelector(".filters .histogram .in", { state: "attached" });
  await page.waitForSelector(".drawer tr.selected");
  const look = (selector, names) =>
    page
      .locator(selector)
      .first()
      .evaluate((one, wanted) => wanted.map((name) => getComputedStyle(one)[name]).join(" "), names);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const fills = [
    await look(".histogram .in:not(.unstated)", ["fill"]),
    await look(".histogram .out:not(.unstated)", ["fill"]),
  ];
  assert.equal(new Set([...fills, ground]).size, 3, `${fills} on ${ground}`);
  const rowLook = [
    "outlineStyle",
    "borderLeftWidth",
    "borderLeftStyle",
    "fontWeight",
    "backgroundColor",
    "boxShadow",
  ];
  assert.notEqual(
    await look(".drawer tr.selected > :first-child", rowLook),
    await look(".drawer tr:not(.selected) > th[scope=row]", rowLook),
  );
  assert.equal(await page.locator('.drawer th[aria-sort="descending"] .arrow').count(), 1);
  await openMap(page, "?v=works&f=kind:drainage");
  await page.waitForSelector(".works-list li");
  const press = ["borderTopWidth", "borderTopStyle", "outlineStyle", "backgroundColor"];
  assert.notEqual(
    await look(".kinds-row [aria-pressed=true]", press),
    await look(".kinds-row [aria-pressed=false]", press),
  );
  assert.deepEqual(wrong, []);
  await context.close();
});

test("without motion nothing of a query moves by itself, and a row's place is shown at once", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels");
  await page.waitForSelector(".drawer tbody tr");
  const moving = () =>
    page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === "running").length);
  assert.equal(await moving(), 0);
  await page.getByLabel("容积率，不小于").fill("1");
  await page.keyboard.press("Enter");
  assert.equal(await moving(), 0);
  const scales = await page.evaluate(async () => {
    document.querySelector(".drawer tbody th a").click();
    const seen = new Set();
    const until = performance.now() + 1500;
    while (performance.now() < until) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      seen.add(document.querySelector(".ratio").textContent);
    }
    return [...seen];
  });
  // Where it was and where it is, and nothing between.
  assert.ok(scales.length <= 2, scales.join());
  assert.equal(await moving(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the handle of a slider shows that it has the focus", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels");
  await page.waitForSelector(".sliders");
  const frame = page.locator(".sliders").first();
  const box = await frame.boundingBox();
  const clip = { x: box.x - 6, y: box.y - 6, width: box.width + 12, height: box.height + 12 };
  const before = await page.screenshot({ clip });
  await page.locator(".name-field input").focus();
  await page.keyboard.press("Tab");
  while (!(await page.evaluate(() => document.activeElement?.matches(".sliders input.low")))) {
    await page.keyboard.press("Tab");
  }
  const after = await page.screenshot({ clip });
  assert.ok(!before.equals(after), "the picture is another");
  assert.deepEqual(wrong, []);
  await context.close();
});
