// Filters, histogram, table, downloads: whatever is asked, the server's count is the only one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { BASE, launch, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { runCurl } from "./curl.mjs";
import { E4, getJson, MEDICINE, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const items = (params) => getJson(`/collections/parcels/items?limit=1000&${params}`);

/** Waits until rail and table say the same count. */
async function counted(page, matched) {
  await page.waitForFunction(
    (count) => {
      const all = [...document.querySelectorAll("[data-count]")];
      return all.length === 2 && all.every((one) => one.dataset.count === String(count));
    },
    matched,
    { timeout: 8000 },
  );
}

const rowIs = (page, at, name) =>
  page.waitForFunction(
    ([row, text]) => document.querySelectorAll(".drawer tbody th a")[row]?.textContent === text,
    [at, name],
  );

const rowNames = (page) => page.locator(".drawer tbody th a").allInnerTexts();

test("a limit in the number box narrows count, table, map, address and download alike", async () => {
  const { page, context, wrong } = await openPage(browser);
  const tiles = [];
  const cql = "plot_ratio >= 2 AND site_area_m2 >= 10000";
  page.on("response", (response) => {
    const { pathname, searchParams } = new URL(response.url());
    if (pathname.startsWith("/tiles/") && searchParams.get("filter") === cql) tiles.push(response.json());
  });
  await openMap(page, "?v=parcels");
  await counted(page, 10);
  await page.getByLabel("容积率，不小于").fill("2");
  await page.getByLabel("用地面积，不小于").fill("10000");
  await page.keyboard.press("Enter");
  const expected = await items(`filter=${encodeURIComponent(cql)}`);
  assert.equal(expected.numberMatched, 1);
  // The first of them alone leaves one, too.
  await page.waitForURL(/[?&]f=plot_ratio:2~;site_area_m2:10000~/);
  await counted(page, 1);
  assert.deepEqual(await rowNames(page), [expected.features[0].properties.name_zh]);
  await mapDrawn(page);
  const drawn = new Set((await Promise.all(tiles)).flatMap(({ features }) => features.map(({ id }) => id)));
  assert.deepEqual([...drawn], [E4.id]);
  await page.getByText("下载", { exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "CSV（电子表格）" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "parcels.csv");
  const lines = readFileSync(await download.path(), "utf8")
    .trim()
    .split(/\r?\n/);
  assert.equal(lines.length, 2);
  assert.ok(lines[1].startsWith(`${E4.id},`), lines[1]);

  // Back takes limits away, and the link alone brings all of them.
  await page.goBack();
  await page.waitForFunction(() => !location.search.includes("site_area_m2"));
  assert.equal(await page.getByLabel("用地面积，不小于").inputValue(), "");
  await page.goForward();
  await page.reload();
  await counted(page, 1);
  assert.equal(await page.getByLabel("容积率，不小于").inputValue(), "2");
  await page.getByRole("button", { name: "去掉条件：容积率 ≥ 2.0" }).click();
  await counted(page, (await items("filter=site_area_m2%3E=10000")).numberMatched);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the histogram is a brush: by mouse, by keys, and what is not stated is a choice of its own", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels");
  await counted(page, 10);
  const [column] = (await getJson("/collections/parcels/statistics?properties=plot_ratio&bins=20")).columns;
  const bars = page.locator(".field", { hasText: "容积率" }).first().locator("svg");
  assert.match(await bars.getAttribute("aria-label"), new RegExp(`未提供 ${column.nulls} 项`));

  const low = page.getByRole("slider", { name: "容积率，下限" });
  await low.focus();
  // From the edge of the first bin past the least of all.
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press("ArrowRight");
  // Whoever sets a limit asks for what is stated.
  await counted(page, column.stated - 1);
  assert.match(page.url(), /f=plot_ratio:1\.8~(&|$)/);
  const box = await low.boundingBox();
  // The handle is 26 pixels wide and stands at 1.8 of 1.7 to 3.0.
  await page.mouse.move(box.x + 13 + ((box.width - 26) * 0.1) / 1.3, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => /f=plot_ratio:2\.\d+~/.test(location.search));
  await counted(page, 1);

  const unstated = page
    .locator(".field", { hasText: "容积率" })
    .first()
    .getByLabel(/^未提供/);
  assert.equal(await unstated.isChecked(), false);
  await unstated.check();
  await counted(page, 1 + column.nulls);
  await page
    .locator(".field", { hasText: "容积率" })
    .first()
    .getByLabel(/^范围内/)
    .uncheck();
  await counted(page, column.nulls);
  assert.match(page.url(), /f=plot_ratio:!(&|$)/);
  for (const text of await page.locator(".drawer tbody tr").allInnerTexts()) assert.match(text, /未提供/);
  await unstated.uncheck();
  await counted(page, column.stated);
  assert.match(page.url(), /f=plot_ratio:~(&|$)/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("bins keep their round edges whatever else is asked, and count what the other filters leave", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels&lang=en");
  await counted(page, 10);
  const svg = page.locator(".field", { hasText: "Site area" }).first().locator("svg");
  const bars = async (kind) =>
    svg
      .locator(`${kind}:not(.unstated)`)
      .evaluateAll((all) =>
        all.map((one) => [one.querySelector("title").textContent, one.getAttribute("height")]),
      );
  const edges = (said) =>
    said.map(([title]) => /([\d\s\u202f\u00a0]+)m²? to ([\d\s\u202f\u00a0]+)/.exec(title)?.slice(1) ?? title);
  const rows = (await items("")).features.map(({ properties }) => properties);
  const whole = await bars(".whole");
  const countIn = (list, at) =>
    list.filter(
      ({ site_area_m2: area }) => area !== null && area >= 10000 + at * 5000 && area < 15000 + at * 5000,
    ).length;
  assert.equal(whole.length, 20);
  const heights = (list) => list.map(([, height]) => Number(height) > 0);
  assert.deepEqual(
    heights(whole),
    whole.map((_, at) => countIn(rows, at) > 0),
  );
  await openMap(page, "?v=parcels&lang=en&f=kind:new-build");
  const kept = rows.filter(({ kind }) => kind === "new-build");
  await counted(page, kept.length);
  await page.waitForFunction(
    (text) =>
      [...document.querySelectorAll(".histogram")].some((one) =>
        one.getAttribute("aria-label").includes(text),
      ),
    `not stated ${kept.filter(({ site_area_m2: area }) => area === null).length}`,
  );
  assert.deepEqual(edges(await bars(".whole")), edges(whole));
  assert.deepEqual(
    heights(await bars(".in")),
    whole.map((_, at) => countIn(kept, at) > 0),
  );
  assert.notDeepEqual(heights(await bars(".in")), heights(whole));
  // Its own limits move nothing: they only say which bars are in.
  await openMap(page, "?v=parcels&lang=en&f=site_area_m2:40000~");
  await counted(page, rows.filter(({ site_area_m2: area }) => area >= 40000).length);
  await page.waitForSelector(".histogram .out");
  assert.equal((await bars(".in")).length, 14);
  assert.deepEqual(heights(await bars(":is(.in, .out)")), heights(whole));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("kinds have the counts that the other filters leave", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels&f=site_area_m2:15000~");
  const { groups } = await getJson(
    "/collections/parcels/statistics?group-by=kind&filter=site_area_m2%3E=15000&properties=site_area_m2",
  );
  const field = page.locator(".field", { hasText: "项目性质" }).first();
  await field.locator("label").first().waitFor();
  const said = (await field.locator("label .count").allInnerTexts()).map(Number);
  assert.deepEqual(said.toSorted(), groups.map(({ numberMatched }) => numberMatched).toSorted());
  await field.getByLabel("新建").check();
  const built = groups.find(({ value }) => value === "new-build").numberMatched;
  await counted(page, built);
  assert.deepEqual(
    (await field.locator("label .count").allInnerTexts()).map(Number),
    said,
    "own choice left out",
  );
  assert.deepEqual(wrong, []);
  await context.close();
});

test("where nothing matches, each filter says what it takes away, and goes on request", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels&f=plot_ratio:2~;site_area_m2:100000~&q=zz");
  await counted(page, 0);
  await openMap(page, "?v=parcels&f=plot_ratio:2~;site_area_m2:100000~");
  await counted(page, 0);
  const { numberMatched } = await items("filter=site_area_m2%3E=100000");
  await page.locator(".drawer .nothing").getByText(`去掉“容积率 ≥ 2.0”后有 ${numberMatched} 项`).click();
  await counted(page, numberMatched);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the table sorts by its heads as the server does, and turns pages by cursor", async () => {
  const { page, context, wrong } = await openPage(browser);
  // The plan is small: pages of four stand for pages of fifty.
  await page.route(/\/items\?.*limit=50/, (route) =>
    route.continue({ url: route.request().url().replace("limit=50", "limit=4") }),
  );
  await openMap(page, "?v=parcels");
  await counted(page, 10);
  const expected = async (sortby) =>
    (await items(`sortby=${sortby}`)).features.map(({ properties }) => properties.name_zh);
  const head = page.locator(".drawer thead th", { hasText: "用地面积" });
  await head.getByRole("button").click();
  assert.equal(await head.getAttribute("aria-sort"), "descending");
  const largest = await expected("-site_area_m2");
  await rowIs(page, 1, largest[1]);
  const seen = await rowNames(page);
  for (let turn = 0; turn < 2; turn += 1) {
    const before = seen.at(-1);
    await page.getByRole("button", { name: "下一页" }).click();
    await page.waitForFunction(
      (name) => [...document.querySelectorAll(".drawer tbody th a")].at(-1)?.textContent !== name,
      before,
    );
    seen.push(...(await rowNames(page)));
  }
  assert.deepEqual(seen, largest, "every row once, in the server's order");
  assert.equal(await page.getByRole("button", { name: "下一页" }).isDisabled(), true);
  assert.match(await textOf(page, ".drawer-count"), /共 10 项/);
  await head.getByRole("button").click();
  const smallest = await expected("site_area_m2");
  await rowIs(page, 0, smallest[0]);
  await page.waitForFunction(() => location.search.includes("sort=site_area_m2"));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("only in view follows the map, by the server's own box", async () => {
  const { page, context, wrong } = await openPage(browser);
  const boxes = [];
  page.on("request", (request) => {
    const box = new URL(request.url()).searchParams.get("bbox");
    if (box && request.url().includes("/items")) boxes.push(box);
  });
  await openMap(page, "?v=parcels&m=121.37000,31.27600,16");
  await counted(page, 10);
  await page.getByLabel("仅当前视野").check();
  await page.waitForFunction(() => document.querySelector("[data-count]").dataset.count !== "10");
  const { numberMatched } = await items(`bbox=${boxes.at(-1)}`);
  await counted(page, numberMatched);
  assert.ok(numberMatched > 0 && numberMatched < 10, `${numberMatched} in view`);
  await page.locator(".controls button").nth(1).click();
  await page.locator(".controls button").nth(1).click();
  await page.waitForFunction(
    (now) => document.querySelector("[data-count]").dataset.count !== now,
    String(numberMatched),
  );
  await mapDrawn(page);
  await counted(page, (await items(`bbox=${boxes.at(-1)}`)).numberMatched);
  assert.match(page.url(), /ext=1/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("row and map point at each other, by pointer and by key; Enter selects and zooms", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels&tab=filter,table");
  await counted(page, 10);
  const picture = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("#map-view canvas")].map((canvas) => canvas.toDataURL()).join(),
    );
  const row = (id) => page.locator(`#table-parcels-${id}`);
  await mapDrawn(page);
  const plain = await picture();
  await page.locator("tr", { has: row(MEDICINE.id) }).hover();
  await page.waitForTimeout(200);
  assert.notEqual(await picture(), plain, "hovering a row outlines its plot");
  await page.mouse.move(5, 5);
  await page.waitForTimeout(200);
  assert.equal(await picture(), plain);
  const first = page.locator(".drawer tbody th a").first();
  await first.focus();
  await page.waitForTimeout(200);
  assert.notEqual(await picture(), plain, "focus does the same");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  const names = await rowNames(page);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), names.at(-2));
  await page.keyboard.press("Enter");
  await page.waitForSelector(".detail .stated, .detail h2");
  await page.waitForFunction(() => /[?&]m=[^&]*,1[56]/.test(location.search));
  assert.equal(await page.locator(".drawer tr.selected th a").innerText(), names.at(-2));
  await page.keyboard.press("Escape");
  await page.waitForFunction((name) => document.activeElement.textContent === name, names.at(-2));

  await openMap(page, `?v=parcels&s=${refOf(E4)}`);
  await mapDrawn(page);
  const map = await page.locator("#map-view").boundingBox();
  await page.mouse.move(map.x + map.width / 2, map.y + map.height / 2);
  await page.waitForSelector(`tr.hovered #table-parcels-${E4.id}`);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("every form that the server offers is offered, and every line gets what the table counts", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels&f=site_area_m2:15000~60000&sort=-site_area_m2");
  const cql = encodeURIComponent("site_area_m2 >= 15000 AND site_area_m2 <= 60000");
  const expected = await items(`filter=${cql}&sortby=-site_area_m2`);
  await counted(page, expected.numberMatched);
  const offered = expected.links
    .filter(({ rel }) => rel === "alternate")
    .map(({ href }) => new URL(href).searchParams.get("f"))
    .filter((format) => format !== "html");
  await page.getByText("下载", { exact: true }).click();
  const hrefs = await page.locator(".menu[open] a").evaluateAll((links) => links.map((link) => link.href));
  const formats = hrefs.map((href) => new URL(href).searchParams.get("f"));
  assert.deepEqual(formats.toSorted(), [...offered, "geojson"].toSorted());
  for (const href of hrefs) {
    const response = await fetch(href);
    assert.equal(response.status, 200, href);
    assert.ok((await response.arrayBuffer()).byteLength > 100, href);
  }
  const geojson = await (await fetch(hrefs.find((href) => href.includes("f=geojson")))).json();
  assert.deepEqual(
    geojson.features.map(({ id }) => id),
    expected.features.map(({ id }) => id),
  );

  await page.getByText("取用此查询").click();
  const line = (name) => page.locator(`.menu[open] textarea[aria-label^="${name}"]`).inputValue();
  const ogc = await (await fetch(await line("OGC"))).json();
  assert.equal(ogc.numberMatched, expected.numberMatched);
  const folder = mkdtempSync(join(tmpdir(), "buju-lines-"));
  try {
    const run = (text) => execFileSync("bash", ["-c", text], { cwd: folder, encoding: "utf8" });
    await runCurl(await line("curl"), folder);
    const count = () => Number(/Feature Count: (\d+)/.exec(run("ogrinfo -ro -so *.gpkg parcels"))?.[1]);
    assert.equal(count(), expected.numberMatched);
    rmSync(join(folder, "taopu-2021-2025-parcels.gpkg"));
    run(await line("ogr2ogr"));
    assert.equal(count(), expected.numberMatched);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const qgis = await line("QGIS");
  assert.ok(qgis.includes(`typename='parcels' url='${BASE}/'`), qgis);
  assert.ok(qgis.includes('setSubsetString("site_area_m2 >= 15000 AND site_area_m2 <= 60000")'), qgis);

  // A name is no part of those filters: the lines then give the whole address.
  await openMap(page, "?v=parcels&q=wld");
  const { numberMatched } = await items("q=wld");
  await counted(page, numberMatched);
  await page.getByText("取用此查询").click();
  assert.match(await line("ogr2ogr"), /items\?q=wld&f=fgb/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("another layer can be asked, with its own columns", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=parcels&f=plot_ratio:2~");
  await counted(page, 1);
  await page.getByLabel("查询图层").selectOption("road-works");
  const { collections } = await getJson("/plan");
  await counted(page, collections.find(({ id }) => id === "road-works").numberOfFeatures);
  assert.match(page.url(), /c=road-works/);
  assert.doesNotMatch(page.url(), /[?&]f=/);
  assert.match(await textOf(page, ".drawer thead"), /图上长度/);
  assert.deepEqual(wrong, []);
  await context.close();
});
