// What the details say beyond the register: arithmetic, sources, neighbours, ways to the data.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, launch, openMap, openPage, textOf } from "./browser.mjs";
import { E4, getJson, MEDICINE, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("floor area is shown as arithmetic, and compared with what is stated", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&s=${refOf(E4)}`);
  await page.waitForSelector(".detail .derived");
  const derived = await textOf(page, ".detail .derived");
  assert.match(
    derived,
    /按容积率计建筑面积 35 460 ㎡ = 容积率 3\.0 × 用地面积 11 820 ㎡；与规划所述计容建筑面积 35 460 ㎡ 一致/,
  );
  await openMap(page, `?v=industry&s=${refOf(MEDICINE)}&lang=en`);
  await page.waitForSelector(".detail .derived");
  assert.match(
    await textOf(page, ".detail .derived"),
    /Floor area by plot ratio 91 914\.7 m² = Plot ratio 1\.79 × Site area 51 349 m²/,
  );
  // Without a stated ratio there is nothing to multiply.
  await openMap(page, "?v=industry&s=parcels:pushi-medical-device-base");
  await page.waitForSelector(".detail .stated");
  assert.doesNotMatch(await textOf(page, ".detail"), /按容积率计建筑面积/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("every stated value carries its source", async () => {
  const { page, context, wrong } = await openPage(browser);
  for (const [query, source] of [
    [`s=${refOf(E4)}`, "第5章第1节"],
    ["s=road-works:qilianshan-road-reconstruction", "表1第6行"],
  ]) {
    await openMap(page, `?${query}`);
    await page.waitForSelector(".detail .stated");
    const values = await page.locator(".detail .stated dl > div").allInnerTexts();
    assert.ok(values.length > 0);
    for (const value of values) assert.ok(value.includes(source), `${source} in ${value}`);
    for (const other of ["derived", "measured"]) {
      assert.equal(await page.locator(`.detail .${other} .cite`).count(), 0, other);
    }
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("neighbours are the server's, nearest first, and lead on", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&s=${refOf(E4)}`);
  const near = await getJson(`/collections/road-works/items?near=parcels/${E4.id}&within=300`);
  assert.ok(near.numberMatched > 0);
  await page.waitForSelector(".nearby li a");
  const shown = await page.locator(".nearby > ul li a").allInnerTexts();
  assert.deepEqual(
    shown.map((text) => text.replace(/[\s\u00a0]+/g, " ")),
    near.features.map(
      ({ properties }) =>
        `${properties.name_zh} ${properties.distance_m < 0.5 ? "相接或相交" : `${Math.round(properties.distance_m)} 米`}`,
    ),
  );
  await page.locator(".nearby summary").click();
  const zones = await getJson(`/collections/zones/items?near=parcels/${E4.id}&within=300`);
  await page
    .locator(".nearby details a", { hasText: zones.features[0].properties.name_zh })
    .first()
    .waitFor();
  assert.equal(
    await page.locator(`.nearby details a[href*="${refOf(E4)}"]`).count(),
    0,
    "nothing is near itself",
  );
  await page.locator(".nearby > ul li a").first().click();
  await page.waitForFunction(
    (name) => document.querySelector(".detail h2")?.textContent === name,
    near.features[0].properties.name_zh,
  );
  assert.deepEqual(wrong, []);
  await context.close();
});

test("links lead to the data, and the permalink to the project", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&m=121.36500,31.28000,15&s=${refOf(E4)}&lang=en`);
  await page.waitForSelector(".detail .raw");
  const links = await page.locator(".detail .raw a").evaluateAll((all) => all.map(({ href }) => href));
  assert.deepEqual(links, [
    `${BASE}/f/parcels/${E4.id}?lang=en`,
    `${BASE}/collections/parcels/items?id=${E4.id}&f=csv`,
    `${BASE}/collections/parcels/items/${E4.id}`,
  ]);
  for (const link of links.slice(1)) assert.equal((await fetch(link)).status, 200, link);
  await page.goto(links[0]);
  assert.match(await page.locator("h1").innerText(), /E4/);
  await page.getByRole("link", { name: "See it on the live map" }).click();
  await page.waitForFunction(() => /E4/.test(document.querySelector(".detail h2")?.textContent ?? ""));
  assert.deepEqual(wrong, []);
  await context.close();
});
