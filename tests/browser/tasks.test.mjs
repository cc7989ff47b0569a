// Ten tasks that people come with, each done by the keyboard alone.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, mapDrawn, textOf } from "./browser.mjs";
import { runCurl } from "./curl.mjs";
import { E4, getJson, MEDICINE, refOf } from "./data.mjs";
import { counts, opened as open, openTool, tabTo } from "./keys.mjs";
import { isSheet } from "./sheet.mjs";

let browser;
let folder;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "tasks-"));
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const opened = (search, more) => open(browser, search, more);
const press = async (page, key, times = 1) => {
  for (let at = 0; at < times; at += 1) await page.keyboard.press(key);
};
const headIs = (page, name) =>
  page.waitForFunction((text) => document.querySelector(".detail h2")?.textContent === text, name);

/** A line of CSV without its quotes. */
const cells = (line) =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );

test("1: parcels with a plot ratio over 2 and more than a hectare, as CSV", async () => {
  const { page, done } = await opened("");
  await tabTo(page, /^地块查询$/);
  await press(page, "Enter");
  await page.waitForFunction(() => document.querySelectorAll(".filters .ends input").length >= 4);
  await tabTo(page, /^用地面积，不小于$/);
  await page.keyboard.type("10000");
  await tabTo(page, /^容积率，不小于$/);
  await page.keyboard.type("2");
  await press(page, "Enter");
  const expected = await getJson(
    "/collections/parcels/items?limit=1000&filter=plot_ratio%3E=2%20AND%20site_area_m2%3E=10000",
  );
  assert.ok(expected.numberMatched > 0);
  await counts(page, expected.numberMatched);
  await tabTo(page, /^下载/);
  await press(page, "Enter");
  await tabTo(page, /^CSV/);
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Enter")]);
  const [head, ...rows] = readFileSync(await download.path(), "utf8")
    .replace(/^\ufeff/, "")
    .trim()
    .split(/\r?\n/)
    .map(cells);
  assert.deepEqual(
    rows.map(([id]) => id),
    expected.features.map(({ id }) => id),
  );
  for (const row of rows) {
    assert.ok(Number(row[head.indexOf("plot_ratio")]) >= 2);
    assert.ok(Number(row[head.indexOf("site_area_m2")]) >= 10_000);
  }
  await done();
});

test("2: the works on Qilianshan Road, by typing qls", async () => {
  const { page, done } = await opened("?v=works");
  await press(page, "/");
  await page.keyboard.type("qls");
  const options = page.locator(".search").getByRole("option");
  await options.first().waitFor();
  const { features } = await getJson("/collections/road-works/items?q=qls");
  const offered = await options.allInnerTexts();
  for (const { properties } of features) {
    assert.ok(
      offered.some((text) => text.includes(properties.name_zh)),
      properties.name_zh,
    );
  }
  await press(page, "Enter");
  await page.waitForFunction(() => document.activeElement?.tagName === "H2");
  const name = await page.locator(".detail h2").textContent();
  const found = features.find(({ properties }) => properties.name_zh === name);
  assert.ok(found, `${name} is one of them`);
  const said = await textOf(page, ".detail");
  const limits = [found.properties.from_zh, found.properties.to_zh].filter(Boolean);
  for (const part of limits) assert.ok(said.includes(part), part);
  // The map went there.
  await mapDrawn(page);
  const [lon] = found.geometry.coordinates.flat(5);
  const [west, east] = await page
    .evaluate(() => document.querySelector(".coordinates").dataset.at.split(",").map(Number))
    .then(([x]) => [x - 0.02, x + 0.02]);
  assert.ok(lon > west && lon < east);
  await press(page, "Escape");
  await page.waitForSelector(".detail", { state: "detached" });
  await done();
});

test("3: the municipal figure on A3", async () => {
  const { page, done } = await opened("");
  await page.evaluate(() => {
    globalThis.printed = 0;
    globalThis.print = () => {
      globalThis.printed += 1;
    };
  });
  await tabTo(page, /^市政基础设施$/);
  await press(page, "Enter");
  await page.waitForFunction(() => /v=municipal/.test(location.search));
  await mapDrawn(page);
  await openTool(page, /^按比例打印$/);
  await page.waitForSelector(".sheet-map canvas", { timeout: 20_000 });
  await tabTo(page, /^纸张/);
  await press(page, "End");
  await page.waitForFunction(() => /print=a3/.test(location.search));
  await tabTo(page, /^分辨率/);
  await press(page, "End");
  await page.waitForFunction(() => /print=a3,300/.test(location.search));
  await page.waitForSelector("#print-now:not([disabled])", { timeout: 20_000 });
  await tabTo(page, /^打印$/);
  await press(page, "Enter");
  assert.equal(await page.evaluate(() => globalThis.printed), 1);
  const file = join(folder, "figure.pdf");
  await page.pdf({ path: file, preferCSSPageSize: true, printBackground: true });
  isSheet(file, "A3", 300);
  const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
  for (const part of ["市政基础设施项目布局图", "图2", "图例", "道路改建", "审图号", "资料来源"]) {
    assert.ok(text.includes(part), part);
  }
  await press(page, "Escape");
  await page.waitForFunction(() => document.activeElement?.id === "tools-button");
  await done();
});

test("4: the industry layout beside the greening, by the line between them", async () => {
  const { page, done } = await opened("?v=industry");
  await openTool(page, /^卷帘/);
  await page.waitForSelector(".swipe-map canvas");
  await tabTo(page, /^右侧的视图$/);
  // From the overview past the municipal figure.
  await press(page, "ArrowDown", 2);
  await page.waitForFunction(() => /swipe=green,0\.5/.test(location.search));
  await tabTo(page, /^卷帘位置$/);
  const clip = () => page.locator(".swipe-map").evaluate((map) => getComputedStyle(map).clipPath);
  const before = await clip();
  await press(page, "ArrowLeft", 20);
  await page.waitForFunction(() => /swipe=green,0\.3(&|$)/.test(location.search));
  assert.notEqual(await clip(), before);
  await tabTo(page, /^关闭工具$/, "Shift+Tab");
  await press(page, "Enter");
  await page.waitForSelector(".swipe", { state: "detached" });
  assert.doesNotMatch(page.url(), /swipe=/);
  await done();
});

test("5: two plots compared", async () => {
  const { page, done } = await opened("?v=industry");
  const first = await getJson(`/collections/${E4.collection}/items/${E4.id}`);
  await press(page, "/");
  await page.keyboard.type("E4");
  await page.locator(".search").getByRole("option").first().waitFor();
  await press(page, "Enter");
  await headIs(page, first.properties.name_zh);
  await page.waitForFunction(() => document.activeElement?.tagName === "H2");
  await openTool(page, /^对比两个项目$/);
  await page.waitForSelector(".tool-panel");
  await press(page, "/");
  await page.keyboard.type("yywl");
  await page.locator(".search").getByRole("option").first().waitFor();
  await press(page, "Enter");
  await page.waitForSelector(".compare table");
  assert.ok(page.url().includes(`cmp=${refOf(E4)}`) && page.url().includes(`s=${refOf(MEDICINE)}`));
  const row = async (label) =>
    (await page.locator(".compare tbody tr", { hasText: label }).first().innerText()).replace(/\s+/g, " ");
  assert.match(await row("容积率"), /3\.0 1\.79 不同/);
  assert.match(await row("建筑限高"), /80 米 未提供 仅前者有/);
  await press(page, "Escape");
  await page.waitForSelector(".compare", { state: "detached" });
  await done();
});

test("6: an area measured on the map", async () => {
  const { page, done } = await opened("?v=industry&m=121.37000,31.27500,15");
  await openTool(page, /^量面积$/);
  await page.waitForFunction(() => document.activeElement?.id === "map-view");
  const corner = async (key) => {
    const before = await page.locator(".coordinates").getAttribute("data-at");
    await press(page, key);
    await page.waitForFunction((at) => document.querySelector(".coordinates").dataset.at !== at, before);
    await press(page, "Enter");
    return (await page.locator(".coordinates").getAttribute("data-at")).split(",").map(Number);
  };
  await press(page, "Enter");
  const corners = [(await page.locator(".coordinates").getAttribute("data-at")).split(",").map(Number)];
  for (const key of ["ArrowRight", "ArrowDown", "ArrowLeft"]) corners.push(await corner(key));
  const said = await textOf(page, ".tool-panel dl");
  const area = Number(/面积 ([\d ]+) ㎡/.exec(said)[1].replaceAll(" ", ""));
  // The ellipsoid's own metres of a degree here, as textbooks give them: the shape is a rectangle of degrees.
  const [a, e2] = [6_378_137, 0.00669438];
  const lat = (31.275 * Math.PI) / 180;
  const w = 1 - e2 * Math.sin(lat) ** 2;
  const metres = [(a * Math.cos(lat)) / Math.sqrt(w), (a * (1 - e2)) / w ** 1.5].map(
    (one) => (one * Math.PI) / 180,
  );
  const spread = (at) =>
    Math.max(...corners.map((one) => one[at])) - Math.min(...corners.map((one) => one[at]));
  const want = spread(0) * metres[0] * spread(1) * metres[1];
  assert.ok(Math.abs(area / want - 1) < 0.001, `${area} for ${want}`);
  await tabTo(page, /^撤销一点$/);
  await press(page, "Enter");
  await page.waitForFunction(
    (text) => !document.querySelector(".tool-panel dl").innerText.includes(text),
    said,
  );
  await press(page, "Escape");
  await page.waitForSelector(".tool-panel", { state: "detached" });
  await done();
});

test("7: on in English, with all that was found", async () => {
  const { page, done } = await opened(
    `?v=parcels&f=site_area_m2:15000~&s=${refOf(MEDICINE)}&m=121.37000,31.27500,15`,
  );
  const { numberMatched } = await getJson("/collections/parcels/items?filter=site_area_m2%3E=15000");
  await counts(page, numberMatched);
  const before = new URL(page.url()).searchParams;
  await tabTo(page, /^English$/);
  await press(page, "Enter");
  await page.waitForFunction(() => document.documentElement.lang === "en");
  const { properties } = await getJson(`/collections/${MEDICINE.collection}/items/${MEDICINE.id}`);
  await headIs(page, properties.name_en);
  await counts(page, numberMatched);
  const now = new URL(page.url()).searchParams;
  assert.equal(now.get("lang"), "en");
  now.delete("lang");
  assert.deepEqual([...now], [...before]);
  assert.match(await textOf(page, ".filter-chips"), /Site area ≥ 15 000 m²/);
  await done();
});

test("8: the largest plot, from the sorted table, on the map", async () => {
  const { page, done } = await opened("?v=parcels");
  await page.waitForSelector(".drawer tbody tr");
  // The filter is called so as well, and comes first.
  await tabTo(page, /^用地面积$/);
  await tabTo(page, /^用地面积$/);
  await press(page, "Enter");
  const { features } = await getJson("/collections/parcels/items?sortby=-site_area_m2&limit=2");
  await page.waitForFunction(
    (name) => document.querySelectorAll(".drawer tbody th a")[1]?.textContent === name,
    features[1].properties.name_zh,
  );
  await page.waitForFunction(() => /sort=-site_area_m2/.test(location.search));
  await tabTo(page, new RegExp(`^${features[0].properties.name_zh}$`));
  await press(page, "Enter");
  await headIs(page, features[0].properties.name_zh);
  await mapDrawn(page);
  const [lon, lat] = (await page.locator(".coordinates").getAttribute("data-at")).split(",").map(Number);
  const at = features[0].geometry.coordinates.flat(5);
  assert.ok(Math.abs(lon - at[0]) < 0.01 && Math.abs(lat - at[1]) < 0.01, "the map is there");
  assert.match(await textOf(page, ".ratio"), /1:(7 700|11 000|15 000|22 000)/);
  await press(page, "Escape");
  await page.waitForFunction(
    (name) => document.activeElement?.textContent === name,
    features[0].properties.name_zh,
  );
  await done();
});

test("9: the filter that leaves nothing, found and taken away", async () => {
  const { page, done } = await opened("?v=parcels&f=plot_ratio:2~;site_area_m2:100000~");
  await counts(page, 0);
  const { numberMatched } = await getJson("/collections/parcels/items?filter=plot_ratio%3E=2");
  await page.locator(".drawer .nothing li").first().waitFor();
  await tabTo(page, new RegExp(`^去掉“用地面积 ≥ 100 000 ㎡”后有 ${numberMatched} 项$`));
  await press(page, "Enter");
  await counts(page, numberMatched);
  assert.match(page.url(), /[?&]f=plot_ratio:2~(&|$)/);
  assert.equal(await page.locator(".drawer .nothing").count(), 0);
  await done();
});

test("10: this query's line for curl, copied and run", async () => {
  const { page, done } = await opened("?v=parcels&f=plot_ratio:!", {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const { numberMatched } = await getJson("/collections/parcels/items?filter=plot_ratio%20IS%20NULL");
  await counts(page, numberMatched);
  await tabTo(page, /^取用此查询/);
  await press(page, "Enter");
  await tabTo(page, /^复制 curl$/);
  await press(page, "Enter");
  await page.getByText("已复制：curl").first().waitFor();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(line, /^curl .*filter=plot_ratio IS NULL/);
  const run = (text) => execFileSync("bash", ["-c", text], { cwd: folder, encoding: "utf8" });
  await runCurl(line, folder);
  const [, count] = /Feature Count: (\d+)/.exec(run("ogrinfo -ro -so *.gpkg parcels"));
  assert.equal(Number(count), numberMatched);
  await done();
});
