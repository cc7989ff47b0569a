// What a person reads of a project: figures, where they come from, and how sure the place is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, mapDrawn, openMap, openPage, textOf } from "./browser.mjs";
import { cameraOn, clickCentre, E4, MEDICINE, NO_PLACE, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const EXPECTED = {
  zh: {
    name: "金环 E4 地块转型项目",
    stated: [
      "规划文本所述",
      "容积率 3.0",
      "用地面积 11 820 ㎡",
      "计容建筑面积 35 460 ㎡",
      "80 米",
      "15 亿元",
    ],
    derived: ["推算", "35 460 ㎡ ÷ 用地面积 11 820 ㎡"],
    measured: ["按示意图形量算"],
    source: ["规划出处", "第 5 章 · 第 1 节", "Ch.5 §1"],
    badge: "示意 ±900 米",
    absent: "规划未提供：总建筑面积",
  },
  en: {
    name: "Jinhuan E4 plot redevelopment",
    stated: [
      "Stated in the plan",
      "Plot ratio 3.0",
      "Site area 11 820 m²",
      "35 460 m²",
      "80 m",
      "1 500 million yuan",
    ],
    derived: ["Derived", "35 460 m² ÷ Site area 11 820 m²"],
    measured: ["Measured on the schematic shape"],
    source: ["Source in the plan", "Chapter 5 · Section 1", "Ch.5 §1"],
    badge: "Schematic ±900 m",
    absent: "Not stated in the plan: Gross floor area",
  },
};

for (const [lang, expected] of Object.entries(EXPECTED)) {
  test(`a click on the E4 plot on the map tells its figures and their source (${lang})`, async () => {
    const { page, context, wrong } = await openPage(browser);
    await openMap(page, `?v=industry&${await cameraOn(E4, 17)}${lang === "en" ? "&lang=en" : ""}`);
    assert.equal(await page.locator(".detail").count(), 0);
    await clickCentre(page);
    await page.waitForSelector(".detail .stated");
    assert.ok(page.url().includes(`s=${refOf(E4)}`), page.url());
    assert.ok((await textOf(page, ".detail h2")).includes(expected.name));
    for (const group of ["stated", "derived", "measured", "source"]) {
      const text = await textOf(page, `.detail .${group}`);
      for (const part of expected[group]) assert.ok(text.includes(part), `${part} in: ${text}`);
    }
    assert.ok((await textOf(page, ".detail .badge")).includes(expected.badge));
    assert.ok((await textOf(page, ".detail .absent >> nth=0")).startsWith(expected.absent));
    assert.ok((await textOf(page, "[aria-live]")).includes(expected.name), "announced");
    assert.equal(await page.locator(".detail .findings").count(), 0, "E4 agrees with itself");
    assert.deepEqual(wrong, []);
    await context.close();
  });
}

test("all that lies under a click is offered to choose from", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&${await cameraOn(E4, 17)}`);
  await clickCentre(page);
  await page.waitForSelector(".detail .here");
  const links = page.locator(".detail .here a");
  assert.ok((await links.count()) >= 2);
  assert.match(await links.first().innerText(), /E4/);
  const other = links.nth(1);
  const name = await other.innerText();
  await other.click();
  await page.waitForFunction((text) => document.querySelector(".detail h2")?.textContent === text, name);
  assert.equal(await page.locator(".detail .here [aria-current]").innerText(), name, "the choice stays open");
  await page.goBack();
  await page.waitForFunction(() => document.querySelector(".detail h2")?.textContent?.includes("E4"));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the medicine logistics centre's two plot ratios are both shown, with a warning", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, `?v=industry&s=${refOf(MEDICINE)}`);
  await page.waitForSelector(".detail .stated");
  assert.match(await textOf(page, ".detail .stated"), /容积率 1\.79/);
  assert.match(await textOf(page, ".detail .derived"), /容积率 1\.7485/);
  const warning = await textOf(page, ".detail .findings .warning");
  assert.match(warning, /规划称 1\.79，按所述面积推算 1\.7485，相差 2\.32 %/);
  await page.click(".lang");
  await page.waitForFunction(() => document.documentElement.lang === "en");
  assert.match(await textOf(page, ".detail .findings .warning"), /the plan states 1\.79; .* 1\.7485/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("parts and wholes lead to each other", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=industry&s=parcels:ali-supply-chain-centre-east-plot");
  await page.locator(".relations a").first().click();
  await page.waitForFunction(
    () => document.querySelector(".detail h2")?.textContent === "阿里数字农业供应链中心",
  );
  assert.equal(await page.locator(".relations li").count(), 2);
  assert.match(await textOf(page, ".detail .stated"), /用地面积 109 000 ㎡/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a project without a place is in the list, with the reason, and moves no map", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=facilities");
  await page.click("#tab-projects");
  const row = page.locator(`#row-${NO_PLACE.collection}-${NO_PLACE.id}`);
  assert.match(await row.innerText(), /无位置\s+\S+/);
  await row.click();
  await page.waitForSelector(".detail .badge.none");
  assert.match(await textOf(page, ".detail .badges"), /无位置 地图上不显示：.{4,}/);
  await mapDrawn(page);
  assert.doesNotMatch(page.url(), /[?&]m=/);
  await page.click(".lang");
  await page.waitForFunction(() => document.documentElement.lang === "en");
  assert.match(await textOf(page, ".detail .badges"), /No location Not on the map: .{4,}/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a choice in the list brings the map there, and Back brings it home", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page, "?v=industry");
  await page.click("#tab-projects");
  await page.click(`#row-${MEDICINE.collection}-${MEDICINE.id}`);
  await page.waitForFunction(() => /[?&]m=121\.37\d+,31\.26\d+,16/.test(location.search));
  await page.goBack();
  await page.waitForSelector(".detail", { state: "detached" });
  await mapDrawn(page);
  assert.doesNotMatch(page.url(), /[?&]m=/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the list holds every project of the plan", async () => {
  const { page, context, wrong } = await openPage(browser);
  await openMap(page);
  await page.click("#tab-projects");
  await page.waitForFunction(() => document.querySelectorAll(".projects li a").length === 92);
  assert.deepEqual(wrong, []);
  await context.close();
});
