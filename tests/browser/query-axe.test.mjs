// axe-core on what queries, lists and searches open.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AXE_PATH, DESKTOP, launch, openMap, openPage, PHONE } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function violations(page) {
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document));
  return found.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
}

const SCENES = [
  ["filters and table", "v=parcels&f=plot_ratio:2~", ".filters .sliders"],
  ["nothing found", "v=parcels&f=plot_ratio:2~;site_area_m2:100000~", ".nothing li", "desktop"],
  ["the whole table", "v=parcels&tab=filter,table-full&sort=-plot_ratio", ".drawer tbody tr", "desktop"],
  ["road works", "v=works", ".works-list li"],
];

for (const [device, viewport] of [
  ["desktop", DESKTOP],
  ["phone", PHONE],
]) {
  for (const lang of ["zh", "en"]) {
    test(`axe finds nothing (${device}, ${lang})`, async () => {
      const { page, context, wrong } = await openPage(browser, { viewport, touch: device === "phone" });
      await page.addInitScript({ path: AXE_PATH });
      for (const [what, query, ready, only = device] of SCENES) {
        if (only !== device) continue;
        await openMap(page, `?${query}${lang === "en" ? "&lang=en" : ""}`);
        await page.waitForSelector(ready);
        assert.deepEqual(await violations(page), [], what);
      }
      await openMap(page, `?v=parcels&tab=filter,table${lang === "en" ? "&lang=en" : ""}`);
      await page.waitForSelector(".drawer tbody tr");
      await page.locator(".menu summary").last().click();
      assert.deepEqual(await violations(page), [], "lines to copy");
      await page.keyboard.press("Escape");
      if (device === "desktop") {
        await page.getByRole("combobox", { name: /搜索|Search/ }).fill("qls");
        await page.locator(".search").getByRole("option").first().waitFor();
        assert.deepEqual(await violations(page), [], "search");
      }
      assert.deepEqual(wrong, []);
      await context.close();
    });
  }
}
