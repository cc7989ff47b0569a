// axe-core on the page as people meet it. Its scripts come with the test, not with the page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AXE_PATH, DESKTOP, launch, openMap, openPage, PHONE } from "./browser.mjs";
import { E4, MEDICINE, NO_PLACE, refOf } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const SCENES = [
  ["the opening page", ""],
  ["details", `v=industry&s=${refOf(E4)}`],
  ["a warning", `v=industry&s=${refOf(MEDICINE)}`],
  ["no location", `v=facilities&s=${refOf(NO_PLACE)}`],
];

async function violations(page) {
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document));
  return found.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
  );
}

for (const [device, viewport] of [
  ["desktop", DESKTOP],
  ["phone", PHONE],
]) {
  for (const lang of ["zh", "en"]) {
    test(`axe finds nothing (${device}, ${lang})`, async () => {
      const { page, context, wrong } = await openPage(browser, { viewport, touch: device === "phone" });
      await page.addInitScript({ path: AXE_PATH });
      for (const [what, query] of SCENES) {
        const search = [query, lang === "en" ? "lang=en" : ""].filter(Boolean).join("&");
        await openMap(page, search && `?${search}`);
        if (query.includes("s=")) await page.waitForSelector(".detail .source");
        assert.deepEqual(await violations(page), [], what);
      }
      await openMap(page, lang === "en" ? "?lang=en" : "");
      await page.click("#tab-projects");
      await page.waitForSelector(".projects li a");
      assert.deepEqual(await violations(page), [], "the list");
      assert.deepEqual(wrong, []);
      await context.close();
    });
  }
}
