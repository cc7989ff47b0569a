// The map itself and its legend: names, outlines, grids, counts, patterns and keys.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, launch, mapColours, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { cameraOn, E4, getJson, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const plain = (text) => text.replace(/[\s\u00a0\u202f]+/g, " ");
/** The box that the map shows, from its corners' coordinates as the page tells them. */
async function boxInView(page) {
  const box = await page.locator("#map-view").boundingBox();
  const corners = [];
  for (const [x, y] of [
    [1, 1],
    [box.width - 2, box.height - 2],
  ]) {
    await page.mouse.move(box.x + x, box.y + y);
    corners.push((await page.locator(".coordinates").getAttribute("data-at")).split(",").map(Number));
  }
  const [[west, north], [east, south]] = corners;
  return [west, south, east, north];
}

for (const grid of ["", "&p=4549"]) {
  test(`the legend counts what is in view as the server does (${grid || "Mercator"})`, async () => {
    const { page, context, wrong } = await openPage(browser);
    await openMap(page, `?v=overview&m=121.37000,31.27500,15${grid}`);
    await page.waitForSelector(".count-head");
    const box = await boxInView(page);
    const { collections } = await getJson("/plan");
    let less = 0;
    for (const { id, title, numberOfFeatures } of collections.filter((one) => one.id !== "context")) {
      const row = page.locator(".legend li > label", { hasText: title.zh }).first();
      const said = Number(/视野内 (\d+) 项/.exec(plain(await row.innerText()))[1]);
      const { numberMatched } = await getJson(`/collections/${id}/items?limit=1&bbox=${box.join(",")}`);
      // On the other grid the view is a turned box, which holds no more than the box around it.
      if (grid) assert.ok(said <= numberMatched, `${id}: ${said} of ${numberMatched}`);
      else assert.equal(said, numberMatched, id);
      if (said < numberOfFeatures) less += 1;
    }
    assert.ok(less > 3, "the view must leave something out");
    assert.deepEqual(wrong, []);
    await context.close();
  });
}

test("land use that the plan states has its official colour, code and pattern; what it does not state has none", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=industry");
  const rows = page.locator(".legend ul ul li");
  const texts = (await rows.allInnerTexts()).map(plain);
  assert.ok(
    texts.some((text) => text.startsWith("1101 仓储用地")),
    texts.join(),
  );
  assert.ok(texts.some((text) => text.startsWith("09 商业办公用地")));
  assert.ok(texts.some((text) => text.startsWith("工业厂房")));
  assert.ok(texts.some((text) => text.startsWith("未提供")));
  const swatch = () =>
    page
      .locator(".legend ul ul li", { hasText: "仓储用地" })
      .locator("canvas")
      .evaluate((canvas) => canvas.toDataURL());
  const [plainSwatch, plainMap] = [await swatch(), JSON.stringify((await mapColours(page)).slice(0, 200))];
  await page.getByLabel("用图案区分用地").check();
  await mapDrawn(page);
  assert.match(page.url(), /[?&]pat=1/);
  assert.notEqual(await swatch(), plainSwatch);
  assert.notEqual(JSON.stringify((await mapColours(page)).slice(0, 200)), plainMap);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a swatch has the colours that the map has", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=industry&l=-zones,-context&m=121.37480,31.26820,17");
  const drawn = new Set(
    (await mapColours(page)).filter(([, pixels]) => pixels > 500).map(([colour]) => colour),
  );
  const fill = await page
    .locator(".legend ul ul li", { hasText: "仓储用地" })
    .locator("canvas")
    .evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1);
      return [...data].join(",");
    });
  assert.ok(drawn.has(fill), `${fill} among ${[...drawn].join(" ")}`);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the plan states no works' states, so the legend has none; where one does, each has its own mark", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=works&tab=layers");
  assert.equal(await page.locator(".states").count(), 0);
  await page.route("**/plan", async (route) => {
    const response = await route.fetch();
    const plan = await response.json();
    const values = [
      ["planned", "规划"],
      ["underway", "在建"],
      ["done", "建成"],
      ["suspended", "暂缓"],
    ].map(([code, zh]) => ({ code, zh, en: code }));
    plan.columns.push({
      name: "status",
      title: { zh: "状态", en: "State" },
      type: "string",
      role: "stated",
      values,
    });
    plan.collections.find(({ id }) => id === "road-works").columns.push("status");
    await route.fulfill({ response, json: plan });
  });
  await openMap(page, "?v=works&tab=layers");
  const rows = page.locator(".states li");
  assert.deepEqual(
    (await rows.allInnerTexts()).map(plain).map((text) => text.trim()),
    ["规划", "在建", "建成", "暂缓"],
  );
  // Without its colour, too: a grey picture of each line and each point is unlike the others'.
  const greys = await rows.evaluateAll((items) =>
    items.flatMap((item) =>
      [...item.querySelectorAll("canvas")].map((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return Array.from({ length: data.length / 4 }, (_, at) =>
          data[at * 4 + 3] < 128 || data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2] > 600 ? "." : "#",
        ).join("");
      }),
    ),
  );
  assert.equal(new Set(greys).size, 8);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the grid readout agrees with the server's conversion within a centimetre", async () => {
  const { page, context, wrong } = await openPage(browser);
  const [degrees, grid] = await Promise.all(
    ["", "&crs=EPSG:4549"].map((crs) => getJson(`/collections/facilities/items?limit=100${crs}`)),
  );
  const at = degrees.features.findIndex(({ geometry }) => geometry?.type === "Point");
  const [lon, lat] = degrees.features[at].geometry.coordinates;
  const [north, east] = grid.features[at].geometry.coordinates;
  await openMap(page, `?p=4549&m=${lon},${lat},17`);
  const [, x, y] = /X ([\d ]+\.\d\d) Y ([\d ]+\.\d\d)/.exec(await textOf(page, ".coordinates"));
  const number = (text) => Number(text.replaceAll(" ", ""));
  assert.ok(Math.abs(number(x) - north) <= 0.01, `${x} for ${north}`);
  assert.ok(Math.abs(number(y) - east) <= 0.01, `${y} for ${east}`);
  await page.click(".grid-switch");
  await page.waitForFunction(() => !location.search.includes("p=4549"));
  assert.match(await textOf(page, ".coordinates"), new RegExp(`${lat.toFixed(5)}`));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the outline of what is chosen is whole, across the borders of tiles", async () => {
  const { page, context, wrong } = await openPage(browser);
  const ref = { collection: "zones", id: "weilaidao-high-tech-park" };
  await openMap(page, `?v=industry&s=${refOf(ref)}`);
  await page.waitForSelector(".detail .source");
  await mapDrawn(page);
  const yellow = (await mapColours(page)).find(([colour]) => colour === "255,212,0,255")?.[1] ?? 0;
  const tiles = await page.evaluate(
    () => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/tiles/")).length,
  );
  assert.ok(tiles > 1, `${tiles} tiles`);
  // Two pixels are left of the five under the dashes: a park of some kilometres round has thousands.
  assert.ok(yellow > 1500, `${yellow} pixels of the outline`);
  // Also where the view does not show its layer.
  await openMap(page, `?v=municipal&s=${refOf(ref)}`);
  await page.waitForSelector(".detail .source");
  await mapDrawn(page);
  assert.ok((await mapColours(page)).some(([colour]) => colour === "255,212,0,255"));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("where a tile fails there is a hatched square, until it comes", async () => {
  const { page, context } = await openPage(browser);
  await page.route("**/tiles/**", (route) => route.fulfill({ status: 503, body: "" }));
  await page.goto(`${BASE}/`);
  await page.waitForSelector(".chip.warn", { timeout: 20_000 });
  const hatched = async () =>
    (await mapColours(page)).reduce((sum, [colour, pixels]) => {
      const [r, g, b, a] = colour.split(",").map(Number);
      return sum + (a > 20 && r === g && g === b && r < 90 ? pixels : 0);
    }, 0);
  await page.waitForTimeout(1500);
  const before = await hatched();
  assert.ok(before > 10_000, `${before} pixels of hatching`);
  await page.unroute("**/tiles/**");
  await page.click(".chip.warn button");
  await mapDrawn(page);
  assert.ok((await hatched()) < before / 4);
  await context.close();
});

test("by keyboard: the next feature on a side, the list of what is in view, place and scale aloud", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&${await cameraOn(E4, 15)}`);
  await page.waitForSelector(".count-head");
  await page.focus("#map-view");
  await page.keyboard.press("Alt+ArrowDown");
  await page.waitForSelector(".detail .source");
  const first = new URL(page.url()).searchParams.get("s");
  await page.focus("#map-view");
  await page.keyboard.press("Alt+ArrowUp");
  await page.waitForFunction((before) => new URLSearchParams(location.search).get("s") !== before, first);
  const status = page.locator(".unseen[role=status]");
  await page.waitForFunction(() =>
    /^已选/.test(document.querySelector(".unseen[role=status]")?.textContent ?? ""),
  );
  await page.focus("#map-view");
  await page.keyboard.press("Alt+i");
  assert.match(await status.innerText(), /31\.\d+°N.*1:[\d\s]+.*\d+ 个项目/);

  await page.keyboard.press("Escape");
  await page.focus(".seen-list [role=listbox]");
  const options = page.locator(".seen-list [role=option]");
  assert.ok((await options.count()) > 3);
  await page.keyboard.press("End");
  const last = await options.last().innerText();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".detail .source");
  assert.ok(last.includes(await page.locator(".detail h2").innerText()), last);
  assert.deepEqual(wrong, []);
  await context.close();
});
