// Pictures of the page for people to look at: `npm run shots` (with BUJU_URL) writes them to shots/. Two of them, small,
// are those of README: docs/.

import { mkdirSync } from "node:fs";
import { DESKTOP, launch, openMap, openPage, PHONE } from "./browser.mjs";
import { getJson } from "./data.mjs";

const folder = new URL("../../shots/", import.meta.url).pathname;
const docs = new URL("../../docs/", import.meta.url).pathname;
for (const one of [folder, docs]) mkdirSync(one, { recursive: true });

const E4 = "parcels:jinhuan-e4-redevelopment";
const MEDICINE = "parcels:medicine-logistics-centre-extension";

const { views } = await getJson("/plan");
const SCENES = [
  ...views.map(({ id }) => [id, `v=${id}`]),
  ["e4", `v=industry&s=${E4}`],
  ["medicine", `v=industry&s=${MEDICINE}`],
  ["patterns", "v=industry&pat=1&m=121.37000,31.27500,15"],
  ["grid", "v=municipal&p=4549&m=121.37000,31.28000,15"],
  ["near", "v=works&tab=layers&m=121.37500,31.28500,16"],
  ["list", "tab=projects"],
  ["no-place", "v=facilities&s=facilities:western-medical-centre"],
  ["unknown", "s=parcels:no-such-plot"],
  ["menu", "v=industry", (page) => page.click("#tools-button")],
  ["measure", "v=industry&measure=area"],
  ["compare", `v=industry&s=${MEDICINE}&cmp=${E4}`, (page) => page.waitForSelector(".compare table")],
  ["swipe", "v=industry&swipe=municipal,0.5", (page) => page.waitForSelector(".swipe-map canvas")],
  ["print", "v=municipal&print=a3", (page) => page.waitForSelector(".sheet-map canvas")],
];

/** What stands in README. */
const FIGURES = { "desktop-zh-overview": "overview.jpg", "phone-en-works": "works-phone.jpg" };

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
        await page.waitForTimeout(500);
        const shot = `${device}-${lang}-${name}`;
        await page.screenshot({ path: `${folder}${shot}.png` });
        console.log(`${folder}${shot}.png`);
        const figure = FIGURES[shot];
        if (figure) await page.screenshot({ path: `${docs}${figure}`, type: "jpeg", quality: 62 });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
