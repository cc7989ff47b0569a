// Measuring, comparing, swiping, sharing and printing.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AXE_PATH, BASE, launch, mapColours, openMap, openPage, PHONE, textOf } from "./browser.mjs";
import { E4, getJson, MEDICINE, refOf } from "./data.mjs";
import { isSheet } from "./sheet.mjs";

let browser;
let folder;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "print-"));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  return browser?.close();
});

const TOOLS = ["length", "area", "compare", "swipe", "print", "share", "keys"];
async function openTool(page, name) {
  await page.click("#tools-button");
  await page.locator("#tools-menu button").nth(TOOLS.indexOf(name)).click();
}

const metres = (text) => {
  const [, number, unit] = /([\d .]+) (km|m)\b/.exec(text);
  return Number(number.replaceAll(" ", "")) * (unit === "km" ? 1000 : 1);
};

test("a square kilometre of the grid measures one, by mouse and by keyboard alone", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=industry&p=4549&m=121.37000,31.27500,15");
  await openTool(page, "area");
  await page.waitForSelector(".tool-panel");
  assert.match(page.url(), /measure=area/);
  const box = await page.locator("#map-view").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // At this zoom a pixel of the grid is this many metres; what is read must agree with it.
  const perPixel = (2 * Math.PI * 6378137 * Math.cos((31.2815 * Math.PI) / 180)) / 256 / 2 ** 15;
  const side = 200;
  for (const [dx, dy] of [
    [-100, -100],
    [100, -100],
    [100, 100],
    [-100, 100],
  ]) {
    await page.mouse.click(x + dx, y + dy);
  }
  const want = (side * perPixel) ** 2;
  const area = Number(/面积 ([\d ]+) ㎡/.exec(await textOf(page, ".tool-panel dl"))[1].replaceAll(" ", ""));
  assert.ok(Math.abs(area / want - 1) < 0.001, `${area} ㎡ for ${want}`);
  assert.equal(await page.locator(".detail").count(), 0, "measuring selects nothing");

  await page.getByRole("button", { name: "清除" }).click();
  await page.getByRole("button", { name: "量距离" }).click();
  await page.focus("#map-view");
  await page.keyboard.press("Enter");
  const before = page.url();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((url) => location.href !== url, before);
  await page.keyboard.press("Enter");
  const length = metres(await textOf(page, ".tool-panel dl"));
  // OpenLayers' arrow goes 128 pixels.
  assert.ok(Math.abs(length / (128 * perPixel) - 1) < 0.001, `${length} m`);
  await page.focus(".tool-panel button");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".tool-panel", { state: "detached" });
  await page.waitForFunction(() => document.activeElement?.id === "tools-button");
  assert.doesNotMatch(page.url(), /measure=/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("two plots side by side: differences by word and number, and nothing made up", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&s=${refOf(E4)}`);
  await page.waitForSelector(".detail .source");
  await openTool(page, "compare");
  assert.match(await textOf(page, ".tool-panel"), /请再选择一个项目/);
  await page.click("#tab-projects");
  await page.locator(`#row-${MEDICINE.collection}-${MEDICINE.id}`).click();
  await page.waitForSelector(".compare table");
  assert.ok(
    page.url().includes(`cmp=${refOf(E4)}`) && page.url().includes(`s=${refOf(MEDICINE)}`),
    page.url(),
  );
  const row = async (label) =>
    (await page.locator(".compare tbody tr", { hasText: label }).first().innerText()).replace(/\s+/g, " ");
  assert.match(await row("用地面积"), /11 820 ㎡ 51 349 ㎡ 不同 \+39 529 ㎡/);
  assert.match(await row("建筑限高"), /80 米 未提供 仅前者有/);
  assert.equal(
    await page.evaluate(() => document.querySelector("dialog").contains(document.activeElement)),
    true,
  );
  await page.keyboard.press("Escape");
  await page.waitForSelector(".compare", { state: "detached" });
  assert.doesNotMatch(page.url(), /cmp=/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("swiping shows the second view right of the line, which keys move", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=industry");
  await openTool(page, "swipe");
  await page.waitForSelector(".swipe-map canvas");
  await page.locator(".swipe select").selectOption("municipal");
  await page.waitForFunction(() => /swipe=municipal,0\.5/.test(location.search));
  const clipped = () => page.locator(".swipe-map").evaluate((map) => getComputedStyle(map).clipPath);
  const before = await clipped();
  await page.focus(".swipe-range");
  for (let press = 0; press < 10; press += 1) await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() => /swipe=municipal,0\.4(&|$)/.test(location.search));
  assert.notEqual(await clipped(), before);
  // The second map has the road works, and the first has none.
  await page.waitForTimeout(500);
  const count = (selector) =>
    page.evaluate((which) => {
      const canvas = document.querySelector(`${which} canvas`);
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let found = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === 0xc6 && data[at + 1] === 0x28 && data[at + 2] === 0x28) found += 1;
      }
      return found;
    }, selector);
  assert.ok((await count(".swipe-map")) > 50);
  assert.equal(await count("#map-view"), 0);
  await page.click(".swipe .close-tool");
  await page.waitForSelector(".swipe", { state: "detached" });
  assert.ok((await mapColours(page)).length > 5, "the map below is still drawn");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the shared link opens what is seen", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&pat=1&m=121.36500,31.28000,15&s=${refOf(E4)}`);
  await openTool(page, "share");
  const link = await page.locator(".share-link input").inputValue();
  for (const part of ["v=industry", "pat=1", "m=121.36500,31.28000,15", `s=${refOf(E4)}`]) {
    assert.ok(link.includes(part), `${part} in ${link}`);
  }
  assert.ok(link.startsWith(`${BASE}/?`));
  assert.equal(await page.locator(".tool-dialog .qr").count(), 1);
  assert.deepEqual(wrong, []);
  await context.close();
});

for (const dpi of [150, 300]) {
  test(`an A3 sheet at 1:10 000 has exactly that scale at ${dpi} dpi, and all that belongs on it`, async () => {
    const { page, context, wrong } = await openPage(browser);
    await openMap(page, `?v=municipal&print=a3,1:10000,${dpi}`);
    await page.waitForSelector(".sheet-map canvas", { timeout: 20_000 });
    const file = join(folder, `${dpi}.pdf`);
    await page.pdf({ path: file, preferCSSPageSize: true, printBackground: true });
    isSheet(file, "A3", dpi);

    // The frame is 334 mm wide: at 1:10 000 that is 3340 m of the grid, whatever the resolution.
    const { first, last, width } = await page.evaluate(() => {
      const svg = document.querySelector(".sheet-grid");
      const label = (text) => ({
        metres: Number(text.textContent.replace(/\s/g, "")),
        x: Number(text.getAttribute("x")),
      });
      const labels = [...svg.querySelectorAll("text:not([transform])")].map(label).sort((a, b) => a.x - b.x);
      return { first: labels[0], last: labels.at(-1), width: svg.viewBox.baseVal.width };
    });
    assert.ok(Math.abs(width - 334) < 1e-9, `${width} mm`);
    assert.ok(Math.abs((last.metres - first.metres) / (last.x - first.x) - 10) < 1e-9);
    const box = await page.locator(".sheet-frame").evaluate((frame) => frame.offsetWidth);
    assert.ok(Math.abs((box * 25.4) / 96 - 334) < 0.3, `${box} pixels`);

    const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
    const plan = await getJson("/plan");
    for (const part of [
      "1:10 000",
      "图例",
      "资料来源",
      "审图号",
      "EPSG:4549",
      "打印日期",
      "真北",
      plan.title.zh,
    ]) {
      assert.ok(text.replace(/\u00a0/g, " ").includes(part), `${part} in ${text}`);
    }
    // Only what is in the frame: the municipal figure has road works, and no plots.
    assert.ok(text.includes("道路改建"));
    assert.ok(!text.includes("产业项目地块"));
    assert.ok(!text.includes("图例与图层"), "nothing of the page");
    assert.deepEqual(wrong, []);
    await context.close();
  });
}

test("printing by keyboard: from the menu to the sheet, another scale, and back", async () => {
  const { page, context, wrong } = await openPage(browser);
  await page.addInitScript(() => {
    globalThis.printed = 0;
    globalThis.print = () => {
      globalThis.printed += 1;
    };
  });
  await openMap(page, "?v=municipal&lang=en");
  await page.focus("#tools-button");
  await page.keyboard.press("Enter");
  for (let at = 0; at <= TOOLS.indexOf("print"); at += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".sheet-map canvas");
  const scale = page.locator(".print-bar select").nth(1);
  await scale.focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => /print=a4,1:25000/.test(location.search));
  await page.waitForSelector("#print-now:not([disabled])");
  assert.match(await textOf(page, ".sheet-scale"), /1:25 000/);
  await page.focus("#print-now");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => globalThis.printed), 1);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".print-root", { state: "detached" });
  await page.waitForFunction(() => document.activeElement?.id === "tools-button");
  assert.doesNotMatch(page.url(), /print=/);
  assert.deepEqual(wrong, []);
  await context.close();
});

for (const [device, viewport] of [
  ["desktop", undefined],
  ["phone", PHONE],
]) {
  test(`axe finds nothing with a tool open (${device})`, async () => {
    const { page, context, wrong } = await openPage(browser, viewport ? { viewport, touch: true } : {});
    await page.addInitScript({ path: AXE_PATH });
    for (const [what, query, selector] of [
      ["measuring", "measure=length", ".tool-panel"],
      ["a comparison", `s=${refOf(MEDICINE)}&cmp=${refOf(E4)}`, ".compare table"],
      ["two views", "swipe=municipal,0.5", ".swipe-map canvas"],
      ["a sheet", "print=a4", ".sheet-map canvas"],
    ]) {
      await openMap(page, `?v=industry&lang=en&${query}`);
      await page.waitForSelector(selector);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document));
      assert.deepEqual(
        violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
        ),
        [],
        what,
      );
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, `${what} scrolls sideways`);
    }
    await openMap(page, "?v=industry&lang=en");
    for (const name of ["share", "keys"]) {
      await openTool(page, name);
      await page.waitForSelector(".tool-dialog");
      const { violations } = await page.evaluate(() => globalThis.axe.run(document));
      assert.deepEqual(
        violations.map(({ id }) => id),
        [],
        name,
      );
      await page.keyboard.press("Escape");
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });
}
