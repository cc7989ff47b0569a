// Pictures of the page for people to look at: `npm run shots` (with BUJU_URL) writes them to shots/.

import { mkdirSync } from "node:fs";
import { DESKTOP, launch, openMap, openPage, PHONE } from "./browser.mjs";

const folder = new URL("../../shots/", import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

const E4 = "parcels:jinhuan-e4-redevelopment";
const MEDICINE = "parcels:medicine-logistics-centre-extension";

const SCENES = [
  ["overview", ""],
  ["industry", "v=industry"],
  ["municipal", "v=municipal"],
  ["works", "v=works&m=121.37500,31.28500,15"],
  ["e4", `v=industry&s=${E4}`],
  ["medicine", `v=industry&s=${MEDICINE}`],
  ["list", "", (page) => page.locator("#tab-projects").click()],
  ["no-place", "v=facilities&s=facilities:western-medical-centre"],
  ["unknown", "s=parcels:no-such-plot"],
];

const browser = await launch();
try {
  for (const [device, viewport] of [
    ["desktop", DESKTOP],
    ["phone", PHONE],
  ]) {
    for (const lang of ["zh", "en"]) {
      const { page, context } = await openPage(browser, { viewport, touch: device === "phone" });
      for (const [name, query, prepare] of SCENES) {
        const search = [query, lang === "en" ? "lang=en" : ""].filter(Boolean).join("&");
        await openMap(page, search && `?${search}`);
        await prepare?.(page);
        await page.waitForTimeout(400);
        const file = `${folder}${device}-${lang}-${name}.png`;
        await page.screenshot({ path: file });
        console.log(file);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
