// What a view opens with: by its link, by its bare address, and what becomes of it when it is cleared.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openMap, openPage } from "./browser.mjs";
import { edit, servePlan } from "./plan.mjs";

let browser;
let served;
before(async () => {
  browser = await launch();
  served = await servePlan((folder) =>
    edit(folder, "seeds/plan.toml", (text) =>
      text
        .replace(
          /(id = "overview"[\s\S]*?\n)\n/,
          '$1opens = { collection = "road-works", filter = "kind:drainage", sort = "-name_en" }\n\n',
        )
        .replace(
          /(id = "industry"[\s\S]*?\n)\n/,
          '$1opens = { filter = "site_area_m2:20000~", drawer = "half" }\n\n',
        ),
    ),
  );
});
after(async () => {
  await browser?.close();
  await served?.stop();
});

const search = (page) => decodeURIComponent(new URL(page.url()).search);
const says = (page, wanted) =>
  page.waitForFunction((text) => decodeURIComponent(location.search) === text, wanted, { timeout: 5000 });

async function counted(collection, filter) {
  const asked = filter ? `&filter=${encodeURIComponent(filter)}` : "";
  const answer = await fetch(`${served.base}/collections/${collection}/items?limit=1${asked}`);
  return (await answer.json()).numberMatched;
}

const tableCounts = (page, count) =>
  page.waitForFunction(
    (matched) => document.querySelector(".drawer [data-count]")?.dataset.count === String(matched),
    count,
    { timeout: 8000 },
  );

test("the plan's address alone opens its first view as the plan says, and says so", async () => {
  const { page, context, wrong } = await openPage(browser, { base: served.base });
  await page.goto("about:blank");
  const filtered = page.waitForRequest(
    (request) => /^\/tiles\//.test(new URL(request.url()).pathname) && /kind/.test(request.url()),
  );
  await openMap(page, "", served.base);
  await says(page, "?c=road-works&f=kind:drainage&sort=-name_en");
  await filtered;
  const link = page.locator(".views a").first();
  assert.equal(
    decodeURIComponent(new URL(await link.getAttribute("href"), served.base).search),
    search(page),
  );
  // It was no step: Back leads out.
  await page.goBack();
  assert.equal(page.url(), "about:blank");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("an address typed by hand opens a view as its link does; cleared, it stays cleared", async () => {
  const { page, context, wrong } = await openPage(browser, { base: served.base });
  await openMap(page, "?v=industry", served.base);
  await says(page, "?v=industry&f=site_area_m2:20000~");
  const some = await counted("parcels", "site_area_m2 >= 20000");
  const all = await counted("parcels");
  assert.ok(some > 0 && some < all);
  await tableCounts(page, some);

  await page.click("#tab-filter");
  await page.locator(".filter-chips button").first().click();
  await tableCounts(page, all);
  await page.waitForFunction(() => /[?&]f=(&|$)/.test(location.search));
  await page.reload();
  await tableCounts(page, all);
  assert.match(search(page), /[?&]f=(&|$)/);
  assert.equal(await page.locator(".filter-chips").count(), 0);

  // Back to what the view opened with, and forth.
  await page.goBack();
  await tableCounts(page, some);
  await page.goForward();
  await tableCounts(page, all);
  // Its link opens it anew.
  await page.locator(".views a", { hasText: "产业布局" }).click();
  await tableCounts(page, some);
  assert.match(search(page), /f=site_area_m2:20000~/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("whoever asks something is asked nothing more; a view that opens with nothing has no f", async () => {
  const { page, context, wrong } = await openPage(browser, { base: served.base });
  await openMap(page, "?v=industry&f=plot_ratio:2~", served.base);
  await tableCounts(page, await counted("parcels", "plot_ratio >= 2"));
  assert.equal(search(page).match(/f=[^&]*/)[0], "f=plot_ratio:2~");
  await openMap(page, "?v=industry&f=", served.base);
  await tableCounts(page, await counted("parcels"));
  await openMap(page, "?v=green", served.base);
  await page.waitForTimeout(600);
  assert.equal(search(page), "?v=green");
  assert.deepEqual(wrong, []);
  await context.close();
});
