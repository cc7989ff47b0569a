// Below a path of its host, behind a real nginx: whether that takes the path away or leaves it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mapColours, mapDrawn, textOf } from "./browser.mjs";
import { startNginx } from "./nginx.mjs";
import { serveTiles } from "./pictures.mjs";
import { edit, servePlan } from "./plan.mjs";
import { newProfile, openProfile } from "./profile.mjs";
import { freePort } from "./program.mjs";

const GROUND = [0, 200, 160];
const UNITS = [
  // A path that has the name of a route, too.
  { path: "/plan", taken: true },
  { path: "/maps/taopu", taken: false },
];

let tiles;
let front;
let port;
const servers = [];
const locations = () =>
  UNITS.map(({ path, taken }, at) => {
    const to = `${servers[at].base}${taken ? "/" : ""}`;
    return `    location ${path}/ { proxy_pass ${to}; proxy_http_version 1.1; proxy_set_header Host $host; }`;
  }).join("\n");

before(async () => {
  tiles = await serveTiles(GROUND);
  port = await freePort();
  for (const { path } of UNITS) {
    const withBasemap = (folder) =>
      edit(
        folder,
        "seeds/plan.toml",
        (text) => `${text}
[[basemaps]]
id = "base"
title = { zh = "某底图", en = "Somebody's map" }
kind = "xyz"
url = "${tiles.address}/tile/{z}/{x}/{y}"
crs = "cgcs2000"
attribution = { zh = "某某测绘", en = "Somebody's survey" }
`,
      );
    servers.push(await servePlan(withBasemap, "--public-url", `http://127.0.0.1:${port}${path}/`));
  }
  front = await startNginx(port, locations());
});
after(async () => {
  await front?.stop();
  for (const { stop } of servers) await stop();
  tiles?.stop();
});

for (const { path, taken } of UNITS) {
  test(`all of the page works below ${path}, which the proxy ${taken ? "takes away" : "leaves"}`, async (t) => {
    const root = `${front.base}${path}`;
    const profile = newProfile();
    t.after(profile.remove);
    const { context, wrong, requests } = await openProfile(profile.folder, { allowed: `${root}/` });
    const bad = [];
    context.on("response", (response) => {
      if (response.status() >= 400) bad.push(`${response.status()} ${response.url()}`);
    });
    const page = context.pages()[0] ?? (await context.newPage());

    // Without the slash it is found, too; nginx sends it there.
    const moved = await fetch(`${root}`, { redirect: "manual" });
    assert.equal(moved.status, 301);

    await page.goto(`${root}/?v=parcels`);
    await mapDrawn(page);
    assert.ok((await mapColours(page)).length > 20);
    await page.waitForSelector(".drawer tbody tr");
    assert.equal(new URL(page.url()).pathname, `${path}/`);
    // What is asked for as one moves on: search, a feature, its page, a table's files.
    const box = page.getByRole("combobox", { name: "搜索" });
    await box.fill("医药物流");
    await page.waitForSelector(".search .option");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".detail .source");
    const links = await page
      .locator("a[href]")
      .evaluateAll((all) => all.map((link) => link.href).filter((href) => !href.includes("#")));
    const own = links.filter((href) => href.startsWith(front.base));
    assert.ok(own.length > 5);
    for (const href of own) assert.ok(href.startsWith(`${root}/`), href);
    await page.getByText("下载", { exact: true }).click();
    const files = await page.locator(".menu[open] a").evaluateAll((all) => all.map((link) => link.href));
    assert.ok(files.length > 5);
    for (const href of files) {
      assert.ok(href.startsWith(`${root}/collections/parcels/items`), href);
      assert.equal((await fetch(href)).status, 200, href);
    }
    await page.getByText("取用此查询").click();
    for (const line of await page
      .locator(".menu[open] textarea")
      .evaluateAll((all) => all.map(({ value }) => value))) {
      assert.ok(line.includes(root), line);
    }
    // A base map.
    await page.goto(`${root}/?m=121.37000,31.28000,15&b=base`);
    await page.waitForSelector(".credit");
    await mapDrawn(page);
    await page.waitForFunction(() => !document.querySelector(".progress.on"));
    await page.waitForTimeout(800);
    const ground = new Map(await mapColours(page)).get(`${GROUND},255`) ?? 0;
    assert.ok(ground > 50_000, `${ground} pixels of the base map`);

    // Pages without script, and their links, forms and styles.
    await page.goto(`${root}/f/parcels/medicine-logistics-centre-extension`);
    const rules = await page.evaluate(() => document.styleSheets[0].cssRules.length);
    assert.ok(rules > 20, `${rules} rules`);
    const canonical = await page.locator("link[rel=canonical]").getAttribute("href");
    assert.equal(canonical, page.url());
    await page.getByRole("link", { name: "English" }).click();
    await page.waitForURL(/lang=en/);
    await page.getByRole("link", { name: "See it on the live map" }).click();
    await mapDrawn(page);
    await page.waitForSelector(".detail .source");
    await page.goto(`${root}/search?lang=en`);
    await page.locator("main input[name=q]").fill("Qilianshan");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=Qilianshan/);
    await page.locator("main li a, main td a").first().click();
    await page.waitForSelector("link[rel=canonical]", { state: "attached" });
    assert.ok(page.url().startsWith(`${root}/f/`), page.url());

    // Its worker sees what lies below the path and nothing else, and has the page when the server is gone.
    await page.goto(`${root}/`);
    await mapDrawn(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const scopes = await page.evaluate(async () =>
      (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope),
    );
    assert.deepEqual(scopes, [`${root}/`]);
    await page.waitForFunction(async () => (await (await caches.open("tiles")).keys()).length > 0);
    await page.reload();
    await mapDrawn(page);
    await page.waitForTimeout(500);
    assert.deepEqual(bad, []);
    assert.deepEqual(wrong, []);
    assert.ok(requests.some((url) => url.startsWith(`${root}/poster/`)));
    assert.ok(requests.some((url) => url.startsWith(`${root}/basemap/`)));
    await front.stop();
    await page.reload();
    await page.waitForSelector(".chip.offline");
    await mapDrawn(page);
    assert.ok((await mapColours(page)).length > 20);
    assert.match(await textOf(page, "h1"), /桃浦/);
    front = await startNginx(port, locations());
    await context.close();
  });
}
