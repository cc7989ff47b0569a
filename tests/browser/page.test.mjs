// The page as a whole: it loads, draws, switches views, layers and languages, and says what went wrong.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, launch, mapColours, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { E4, getJson, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** How many pixels of the map have exactly this colour. */
async function pixelsOf(page, hex) {
  const rgb = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(",");
  return new Map(await mapColours(page)).get(`${rgb},255`) ?? 0;
}

async function classColour(column, code) {
  const { columns } = await getJson("/plan");
  return columns.find(({ name }) => name === column).values.find((value) => value.code === code).color;
}

test("the page is sent with its policy", async () => {
  const response = await fetch(`${BASE}/`, { headers: { Accept: "text/html" } });
  const policy = response.headers.get("content-security-policy") ?? "";
  for (const rule of ["default-src 'none'", "require-trusted-types-for 'script'", "trusted-types default"]) {
    assert.ok(policy.includes(rule), `${rule} in ${policy}`);
  }
  assert.ok(!policy.includes("unsafe"), policy);
});

test("loads in Chinese, draws the tiles, and does nothing that it must not", async () => {
  const { page, context, wrong } = await openPage(browser);
  const tiles = [];
  page.on("response", (response) => {
    if (response.url().includes("/tiles/")) tiles.push(response.json());
  });
  await openMap(page);
  const features = (await Promise.all(tiles)).reduce((sum, tile) => sum + tile.features.length, 0);
  assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  const plan = await getJson("/plan");
  assert.equal(await textOf(page, "h1"), plan.title.zh);
  assert.ok((await page.title()).includes(plan.title.zh));
  assert.ok(features > 20, `${features} features in the tiles`);
  const colours = await mapColours(page);
  const strong = colours.filter(([, pixels]) => pixels > 30);
  assert.ok(strong.length > 5, `${strong.length} colours`);
  assert.ok((await textOf(page, ".foot")).includes("示意，非法定依据"));
  assert.ok((await textOf(page, ".foot")).includes("OpenStreetMap"));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("English by link and by the switch, with no Chinese left in the page's own words", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page);
  await page.click(".lang");
  await page.waitForFunction(() => document.documentElement.lang === "en");
  assert.match(page.url(), /[?&]lang=en/);
  for (const part of [".views", ".introduction", ".legend", ".foot"]) {
    assert.doesNotMatch(await textOf(page, part), /\p{Script=Han}/u, part);
  }
  await page.goBack();
  await page.waitForFunction(() => document.documentElement.lang === "zh-CN");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a layer's switch takes its features off the map, and a class's switch only that class", async () => {
  const { page, context, wrong } = await openPage(browser);
  const built = await classColour("kind", "new-construction");
  const wires = await classColour("kind", "undergrounding");
  await openMap(page, "?v=works&tab=layers");
  const [builtBefore, wiresBefore] = [await pixelsOf(page, built), await pixelsOf(page, wires)];
  assert.ok(builtBefore > 50 && wiresBefore > 50, `${builtBefore} and ${wiresBefore} pixels`);

  await page.getByLabel("道路工程：架空线入地和合杆整治").uncheck();
  await mapDrawn(page);
  assert.equal(await pixelsOf(page, wires), 0);
  assert.ok((await pixelsOf(page, built)) > 50);
  assert.match(page.url(), /l=-road-works\.undergrounding/);

  await page.locator(".legend label", { hasText: "道路工程" }).locator("input").first().uncheck();
  await mapDrawn(page);
  assert.equal(await pixelsOf(page, built), 0);

  await page.goBack();
  await page.goBack();
  await mapDrawn(page);
  assert.equal(await pixelsOf(page, wires), wiresBefore);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("views show their layers, and Back leads through them", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page);
  const { views, collections } = await getJson("/plan");
  for (const view of views.slice(1)) {
    await page.getByRole("link", { name: view.title.zh, exact: true }).click();
    assert.ok(page.url().includes(`v=${view.id}`));
    await page.click("#tab-layers");
    const shown = await textOf(page, ".legend > ul");
    for (const { id, title } of collections.filter((one) => one.id !== "context")) {
      assert.equal(shown.includes(title.zh), view.layers.includes(id), `${title.zh} in ${view.id}`);
    }
  }
  for (const view of views.slice(1, -1).reverse()) {
    await page.goBack();
    await page.waitForFunction((id) => location.search.includes(`v=${id}`), view.id);
    assert.equal(await page.locator(".views [aria-current]").innerText(), view.title.zh);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the legend counts every project and those without a place", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page);
  const { collections } = await getJson("/plan");
  for (const { id, title, numberOfFeatures, withoutGeometry } of collections) {
    if (id === "context") continue;
    const row = page.locator(".legend > ul > li", { hasText: title.zh }).first();
    const text = (await row.innerText()).replace(/\s+/g, " ");
    assert.ok(text.includes(`${numberOfFeatures} 项`), text);
    if (withoutGeometry > 0) assert.ok(text.includes(`${withoutGeometry} 项无位置`), text);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a link brings back the place, the layers and the selection", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&l=greens,-zones&m=121.36500,31.28000,15&s=${refOf(E4)}&from=mail`);
  await page.click(".controls button:first-child");
  await page.waitForFunction(() => /m=121\.36500,31\.28000,16/.test(location.search));
  assert.match(page.url(), /from=mail/);
  await page.reload();
  await mapDrawn(page);
  assert.match(page.url(), /m=121\.36500,31\.28000,16/);
  await page.waitForSelector(".detail .stated");
  assert.equal(await page.getByLabel("绿化").isChecked(), true);
  assert.equal(
    await page.locator(".legend label", { hasText: "产业园区" }).locator("input").isChecked(),
    false,
  );
  assert.deepEqual(wrong, []);
  await context.close();
});

test("mangled links still open a map and say what is not there", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=nowhere&m=here&l=,,&s=x&f=depth:3~&sort=-colour");
  const said = await textOf(page, ".chips");
  for (const part of ["v=nowhere", "m=here", "s=x", "f=depth", "sort=colour"]) {
    assert.ok(said.includes(part), `${part} in ${said}`);
  }
  await page.waitForFunction(() => location.search === "");
  assert.deepEqual(wrong, []);
  await openMap(page, "?s=parcels:no-such-plot");
  assert.match(await textOf(page, ".detail"), /未找到该项目：no-such-plot/);
  // The browser itself reports the 404; nothing else may be wrong.
  assert.deepEqual(
    wrong.filter((one) => !one.includes("404")),
    [],
  );
  await context.close();
});

test("failed tiles are retried, then counted, and come with one press when the server is back", async () => {
  const { page, context } = await openPage(browser);
  let refused = 0;
  await page.route("**/tiles/**", (route) => {
    refused += 1;
    return route.fulfill({ status: 503, body: "" });
  });
  await page.goto(`${BASE}/`);
  await page.waitForSelector(".chip.warn", { timeout: 20_000 });
  await page.waitForSelector(".progress:not(.on)", { state: "attached", timeout: 20_000 });
  const said = Number(/(\d+) 块地图未加载/.exec(await textOf(page, ".chips"))[1]);
  assert.equal(refused, said * 3, "three attempts for each tile");
  await page.unroute("**/tiles/**");
  await page.click(".chip.warn button");
  await mapDrawn(page);
  assert.equal(await page.locator(".chip.warn").count(), 0);
  assert.ok((await mapColours(page)).length > 5);
  await context.close();
});

test("an unreachable server is said, and asked again on request", async () => {
  const { page, context } = await openPage(browser);
  await page.route("**/plan", (route) => route.abort());
  await page.goto(`${BASE}/`);
  assert.match(await textOf(page, ".opening"), /无法连接服务器/);
  await page.unroute("**/plan");
  await page.click(".opening button");
  await mapDrawn(page);
  await context.close();
});
