// A phone held upright.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openMap, openPage, PHONE, textOf } from "./browser.mjs";
import { cameraOn, E4, getJson, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function assertFits(page, what) {
  const { wide, outside } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth > innerWidth,
    // Of things in a strip that scrolls by itself, only the strip counts.
    outside: [...document.querySelectorAll("#app *")]
      .filter((one) => !one.closest(".views a, .unseen, .skip, svg, #map-view *"))
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
      .map((one) => one.outerHTML.slice(0, 100)),
  }));
  assert.equal(wide, false, `${what} scrolls sideways`);
  assert.deepEqual(outside, [], `${what} sticks out`);
}

async function assertTouchable(page, what) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, [role=tab], summary, .views a, .projects li a, .legend label")]
      .map((one) => ({ box: one.getBoundingClientRect(), html: one.outerHTML.slice(0, 80) }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
      .map(({ box, html }) => `${box.width}x${box.height} ${html}`),
  );
  assert.deepEqual(small, [], `too small to touch in ${what}`);
}

for (const lang of ["zh", "en"]) {
  test(`map, legend, list and details fit a phone (${lang})`, async () => {
    const { page, context, wrong } = await openPage(browser, { viewport: PHONE, touch: true });
    await openMap(page, `?v=industry&${await cameraOn(E4, 17)}${lang === "en" ? "&lang=en" : ""}`);
    await assertFits(page, "legend");
    await assertTouchable(page, "legend");
    const map = await page.locator("#map-view").boundingBox();
    assert.ok(map.height >= 200, `the map is ${map.height} px high`);

    await page.touchscreen.tap(map.x + map.width / 2, map.y + map.height / 2);
    await page.waitForSelector(".detail .stated");
    assert.ok(page.url().includes(refOf(E4)), page.url());
    await assertFits(page, "details");
    await assertTouchable(page, "details");
    assert.equal(await page.locator("#map-view").isVisible(), true, "the map stays in sight");
    await page.click(".detail .close");

    await page.click("#tab-projects");
    await page.waitForSelector(".projects li a");
    await assertFits(page, "list");
    await assertTouchable(page, "list");

    await page.click("#tab-filter");
    await page.waitForSelector(".filters .sliders, .filters .choices");
    await assertFits(page, "filters");
    await assertTouchable(page, "filters");

    await page.locator(".found button").click();
    await page.waitForSelector(".drawer tbody tr");
    await page.waitForFunction(() => {
      const { top, bottom } = document.querySelector(".drawer").getBoundingClientRect();
      return top === 0 && bottom === innerHeight;
    });
    await assertTouchable(page, "table");
    await page.click(".drawer tbody th a");
    await page.waitForSelector(".drawer", { state: "detached" });
    await page.click(".detail .close");

    const before = (await page.locator("#map-view").boundingBox()).height;
    await page.click(".rail .handle");
    await page.click(".rail .handle");
    await page.waitForFunction(
      (height) => document.querySelector("#map-view").clientHeight > height + 100,
      before,
    );
    await assertFits(page, "map alone");
    assert.match(
      await textOf(page, ".foot"),
      lang === "zh" ? /示意，非法定依据/ : /Schematic, no legal force/,
    );
    assert.deepEqual(wrong, []);
    await context.close();
  });
}

test("the view in force is in sight in the strip of views", async () => {
  const { page, context, wrong } = await openPage(browser, { viewport: PHONE, touch: true });
  await openMap(page, "?v=works&lang=en");
  const box = await page.locator(".views [aria-current]").boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width, `from ${box.x} to ${box.x + box.width}`);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("320 pixels are enough", async () => {
  const { page, context, wrong } = await openPage(browser, {
    viewport: { width: 320, height: 640 },
    touch: true,
  });
  await openMap(page, "?lang=en");
  await assertFits(page, "the page");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("turned on its side and back, a phone keeps what is chosen, the place and the list", async () => {
  const { page, context, wrong } = await openPage(browser, { viewport: PHONE, touch: true });
  await openMap(page, `?v=industry&s=${refOf(E4)}`);
  await page.waitForSelector(".detail .source");
  const at = () => page.locator(".coordinates").getAttribute("data-at");
  const [lon, lat] = (await at()).split(",").map(Number);
  for (const viewport of [{ width: PHONE.height, height: PHONE.width }, PHONE]) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(400);
    assert.ok(page.url().includes(`s=${refOf(E4)}`));
    assert.match(await textOf(page, ".detail h2"), /E4/);
    assert.equal(await page.locator(".detail").isVisible(), true);
    const [nowLon, nowLat] = (await at()).split(",").map(Number);
    assert.ok(Math.abs(nowLon - lon) < 0.002 && Math.abs(nowLat - lat) < 0.002, `${nowLon}, ${nowLat}`);
    await assertFits(page, `${viewport.width} by ${viewport.height}`);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a phone opens on the town as large as it fits above the sheet", async () => {
  const { collections } = await getJson("/plan");
  const boxes = collections.filter(({ id, bbox }) => id !== "context" && bbox).map(({ bbox }) => bbox);
  const [west, east] = [Math.min(...boxes.map(([x]) => x)), Math.max(...boxes.map(([, , x]) => x))];
  for (const viewport of [
    PHONE,
    { width: 320, height: 640 },
    { width: 360, height: 740 },
    { width: 430, height: 932 },
  ]) {
    const { page, context, wrong } = await openPage(browser, { viewport, touch: true });
    await openMap(page);
    const scale = Number(/1:([\d ]+)/.exec(await textOf(page, ".ratio"))[1].replaceAll(" ", ""));
    // Of a pixel of 1/96 inch on the ground, at the latitude of the town.
    const wide = ((east - west) * 111_320 * Math.cos((31.28 * Math.PI) / 180)) / (scale * (0.0254 / 96));
    assert.ok(wide <= viewport.width * 1.02, `${wide} of ${viewport.width}`);
    // A step more, a quarter of a zoom, would not fit beside the margins of 8 pixels.
    assert.ok(wide * 2 ** 0.25 > (viewport.width - 16) * 0.97, `${wide} of ${viewport.width}`);
    assert.doesNotMatch(page.url(), /[?&]m=/);
    // Nothing was asked for that the sheet would have to show: the map has the room.
    const map = await page.locator("#map-view").boundingBox();
    assert.ok(map.height > viewport.height * 0.5, `${map.height} of ${viewport.height}`);
    assert.deepEqual(wrong, []);
    await context.close();
  }
});

test("two taps zoom in, and are no choice", async () => {
  const { page, context, wrong } = await openPage(browser, { viewport: PHONE, touch: true });
  await openMap(page);
  const before = await textOf(page, ".ratio");
  const box = await page.locator("#map-view").boundingBox();
  const [x, y] = [box.x + box.width / 2 - 60, box.y + box.height / 2 + 40];
  await page.touchscreen.tap(x, y);
  await page.touchscreen.tap(x, y);
  await page.waitForFunction((text) => document.querySelector(".ratio").textContent !== text, before);
  await page.waitForTimeout(400);
  assert.equal(await page.locator(".detail").count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the sheet is up where something in it was asked for, and out of the way elsewhere", async () => {
  const { page, context, wrong } = await openPage(browser, { viewport: PHONE, touch: true });
  const stop = () => page.locator("main.body").evaluate((one) => /sheet-(\w+)/.exec(one.className)[1]);
  for (const [query, expected] of [
    ["", "peek"],
    ["?v=municipal", "peek"],
    ["?v=works", "half"],
    ["?tab=projects", "half"],
    [`?s=${refOf(E4)}`, "half"],
  ]) {
    await openMap(page, query);
    assert.equal(await stop(), expected, query);
  }
  // A project on the map brings it up; closed, the map has its room again.
  await openMap(page, `?v=industry&${await cameraOn(E4, 17)}`);
  const map = await page.locator("#map-view").boundingBox();
  await page.touchscreen.tap(map.x + map.width / 2, map.y + map.height / 2);
  await page.waitForSelector(".detail .stated");
  assert.equal(await stop(), "half");
  await page.click(".detail .close");
  assert.equal(await stop(), "peek");
  await page.click("#tab-layers");
  assert.equal(await stop(), "half");
  await page.locator(".legend").waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

for (const lang of ["zh", "en"]) {
  test(`whom to name, and the room for the approval's number, are seen on a phone at once (${lang})`, async () => {
    const { attribution } = await getJson("/plan");
    for (const width of [320, PHONE.width]) {
      const { page, context, wrong } = await openPage(browser, {
        viewport: { width, height: 740 },
        touch: true,
      });
      await openMap(page, `?lang=${lang}`);
      const words = [
        ...attribution.map((one) => one[lang]),
        lang === "zh" ? "审图号" : "Map approval number",
      ];
      for (const text of words) {
        const box = await page.locator(".foot p").getByText(text).first().boundingBox();
        assert.ok(box && box.y + box.height <= 740 && box.x + box.width <= width + 0.5, `${text} ${width}`);
      }
      const foot = await page.locator(".foot").boundingBox();
      assert.ok(foot.height <= 70, `${foot.height} pixels of footer`);
      await assertFits(page, "the page");
      assert.deepEqual(wrong, []);
      await context.close();
    }
  });
}
