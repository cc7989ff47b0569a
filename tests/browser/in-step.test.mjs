// One brush over the histogram, and everything that follows from it: all of it says what the server counts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, mapDrawn, openMap, openPage } from "./browser.mjs";
import { servePlan, withPlots } from "./plan.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Shapes on the map that nothing connects: plots that stand apart are as many. */
const islands = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector("#map-view canvas");
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const met = new Uint8Array(width * height);
    let count = 0;
    for (let start = 0; start < met.length; start += 1) {
      if (met[start] || data[start * 4 + 3] === 0) continue;
      count += 1;
      const todo = [start];
      while (todo.length > 0) {
        const at = todo.pop();
        if (met[at] || data[at * 4 + 3] === 0) continue;
        met[at] = 1;
        const x = at % width;
        if (x > 0) todo.push(at - 1);
        if (x < width - 1) todo.push(at + 1);
        if (at >= width) todo.push(at - width);
        if (at < met.length - width) todo.push(at + width);
      }
    }
    return count;
  });

/** Rows of a CSV file of any form. */
function csvRows(text) {
  const lines = text
    .replace(/^\ufeff/, "")
    .trimEnd()
    .split(/\r?\n/);
  const [head, ...rows] = lines.map((line) => line.split(","));
  return rows.map((cells) => Object.fromEntries(head.map((column, at) => [column, cells[at]])));
}

test("brushing plot ratios from 1 to 2.5 changes map, count, table, address and CSV together, and what is not stated is apart", async (t) => {
  let plots = [];
  const { base, stop } = await servePlan((folder) => {
    plots = withPlots(folder, 96);
  });
  t.after(stop);
  const { page, context, wrong } = await openPage(browser, { base });
  await openMap(page, "?v=parcels&l=-zones,-context", base);
  await page.waitForSelector(".filters .sliders");
  await page.waitForSelector(".drawer tbody tr");
  await mapDrawn(page);
  assert.equal(await islands(page), plots.length, "all are on the map");

  const field = page.locator(".field", { hasText: "容积率" }).first();
  /** Drags a handle to about a figure, and goes on by keys until it is exactly that. */
  const brush = async (name, figure) => {
    const slider = page.getByRole("slider", { name });
    const box = await slider.boundingBox();
    const { min, max, now } = await slider.evaluate((one) => ({
      min: Number(one.min),
      max: Number(one.max),
      now: one.valueAsNumber,
    }));
    // A handle is 26 pixels wide.
    const at = (value) => box.x + 13 + ((box.width - 26) * (value - min)) / (max - min);
    const y = box.y + box.height / 2;
    await page.mouse.move(at(now), y);
    await page.mouse.down();
    await page.mouse.move(at(figure), y, { steps: 6 });
    await page.mouse.up();
    await slider.focus();
    for (let presses = 0; presses < 40; presses += 1) {
      const said = Number.parseFloat(await slider.getAttribute("aria-valuetext"));
      if (Math.abs(said - figure) < 1e-9) return;
      await page.keyboard.press(said < figure ? "ArrowRight" : "ArrowLeft");
    }
    assert.fail(`${name} does not reach ${figure}`);
  };
  await brush("容积率，下限", 1);
  await brush("容积率，上限", 2.5);
  await page.waitForFunction(() => /[?&]f=plot_ratio:1(\.0)?~2\.5(&|$)/.test(location.search));

  const cql = encodeURIComponent("plot_ratio >= 1 AND plot_ratio <= 2.5");
  const server = await (await fetch(`${base}/collections/parcels/items?limit=1000&filter=${cql}`)).json();
  const counted = server.numberMatched;
  const expected = plots.filter(({ ratio }) => ratio !== null && ratio >= 1 && ratio <= 2.5);
  assert.equal(counted, expected.length);
  assert.ok(counted > 10 && counted < 40, `${counted}`);
  await page.waitForFunction(
    (count) => {
      const all = [...document.querySelectorAll("[data-count]")];
      return all.length === 2 && all.every((one) => one.dataset.count === String(count));
    },
    counted,
    { timeout: 8000 },
  );
  // The table, all of it.
  await page.waitForFunction(
    (count) => document.querySelectorAll(".drawer tbody tr").length === count,
    counted,
  );
  const rows = await page.locator(".drawer tbody th a").allInnerTexts();
  assert.deepEqual(rows.toSorted(), expected.map(({ id }) => id).toSorted());
  // The map: as many shapes are drawn.
  await mapDrawn(page);
  await page.waitForTimeout(300);
  assert.equal(await islands(page), counted);
  // The file.
  await page.getByText("下载", { exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "CSV（电子表格）" }).click(),
  ]);
  const file = csvRows(readFileSync(await download.path(), "utf8"));
  assert.deepEqual(file.map(({ id }) => id).toSorted(), expected.map(({ id }) => id).toSorted());
  // The address, alone, in another window.
  const other = await openPage(browser, { base });
  await openMap(other.page, new URL(page.url()).search, base);
  await other.page.waitForFunction(
    (count) => document.querySelector(".drawer [data-count]")?.dataset.count === String(count),
    counted,
  );
  assert.equal(await islands(other.page), counted);
  assert.deepEqual(other.wrong, []);
  await other.context.close();

  // What is not stated is none of them, and a number of its own.
  const unstated = plots.filter(({ ratio }) => ratio === null).length;
  const label = field.getByLabel(/^未提供/);
  assert.equal(await label.isChecked(), false);
  const choices = await field.locator(".choices").innerText();
  assert.ok(choices.includes(`未提供（${unstated}）`), choices);
  await label.check();
  await page.waitForFunction(
    (count) => document.querySelector(".drawer [data-count]").dataset.count === String(count),
    counted + unstated,
  );
  await mapDrawn(page);
  await page.waitForTimeout(300);
  assert.equal(await islands(page), counted + unstated);
  assert.deepEqual(wrong, []);
  await context.close();
});
