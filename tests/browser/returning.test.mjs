// Somebody comes back: the browser has stored what it saw, asks whether it still holds, and shows it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { oneAddress } from "./address.mjs";
import { mapColours, mapDrawn, PHONE, textOf } from "./browser.mjs";
import { newProfile, openProfile } from "./profile.mjs";
import { serve } from "./program.mjs";

let server;
let address;
before(async () => {
  server = await serve();
  address = await oneAddress(server.base);
});
after(async () => {
  address?.stop();
  await server?.stop();
});

/** The map is drawn, with the page's own styles, and they were not refused. */
async function isWhole(page) {
  await mapDrawn(page);
  const colours = await mapColours(page);
  assert.ok(colours.length > 20, `${colours.length} colours on the map`);
  const styled = await page.evaluate(() => ({
    rules: [...document.styleSheets].reduce((sum, sheet) => sum + sheet.cssRules.length, 0),
    top: getComputedStyle(document.querySelector("header")).display,
  }));
  assert.ok(styled.rules > 100, `${styled.rules} rules`);
  assert.equal(styled.top, "flex");
  return colours.filter(([, pixels]) => pixels > 200).map(([colour]) => colour);
}

/** What the server answered to the page's own address, since `from`. */
const answersTo = (path, from = 0) =>
  address.answered
    .slice(from)
    .filter((one) => one.endsWith(` ${path}`))
    .map((one) => one.split(" ")[0]);

/** Waits until the worker has the page, and what was loaded before it was there. */
async function workerReady(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.waitForFunction(async () => {
    const plan = await caches.match(new URL("plan", location.href).href, { ignoreVary: true });
    const tiles = (await (await caches.open("tiles")).keys()).length;
    const seen = performance
      .getEntriesByType("resource")
      .filter(({ name }) => /\/tiles\/\d/.test(name)).length;
    return plan && seen > 0 && tiles >= seen;
  });
}

for (const workers of [false, true]) {
  test(`a second visit shows the map, ${workers ? "with" : "without"} a service worker`, async (t) => {
    const profile = newProfile();
    t.after(profile.remove);
    const open = () => openProfile(profile.folder, { allowed: `${address.base}/`, workers });
    const first = await open();
    const page = first.context.pages()[0] ?? (await first.context.newPage());
    const url = `${address.base}/?v=works`;
    await page.goto(url);
    const colours = await isWhole(page);
    if (workers) await workerReady(page);
    assert.deepEqual(first.wrong, []);
    const same = async (where) => {
      const now = new Set(await isWhole(where));
      for (const colour of colours) assert.ok(now.has(colour), `${colour} is missing`);
    };

    // A second tab, the address again, a reload, and back from another page of the server.
    let from = address.answered.length;
    const tab = await first.context.newPage();
    await tab.goto(url);
    await same(tab);
    await tab.reload();
    await same(tab);
    await tab.goto(`${address.base}/collections?f=html`);
    await tab.goBack();
    await same(tab);
    assert.ok(answersTo("/?v=works", from).length >= 2, address.answered.slice(from).join("\n"));
    assert.ok(answersTo("/?v=works", from).includes("304"), "nothing was asked for anew");
    // Its pages without script are stored as well.
    from = address.answered.length;
    for (const path of [
      "/collections?f=html",
      "/f/parcels/medicine-logistics-centre-extension",
      "/api?f=html",
    ]) {
      for (let visit = 0; visit < 2; visit += 1) {
        await tab.goto(`${address.base}${path}`);
        // A minute has passed, for all that the browser knows.
        await tab.reload();
        const rules = await tab.evaluate(() => document.styleSheets[0].cssRules.length);
        assert.ok(rules > 20, `${path}: ${rules} rules`);
      }
      assert.ok(answersTo(path, from).includes("304"), path);
    }
    assert.deepEqual(first.wrong, []);
    // A picture by itself has its own style, and no icon to name: the browser looks for one.
    const inked = async () =>
      tab.evaluate(() => getComputedStyle(document.querySelector("path")).vectorEffect);
    await tab.goto(`${address.base}/poster/municipal.svg`);
    const ink = await inked();
    await tab.reload();
    assert.equal(await inked(), ink);
    assert.ok(answersTo("/poster/municipal.svg", from).includes("304"));
    assert.deepEqual(
      first.wrong.filter((one) => !/404/.test(one)),
      [],
    );
    await first.context.close();

    // Another day: the browser was closed, and the server started anew.
    await server.stop();
    server = await serve();
    address.turnTo(server.base);
    const second = await open();
    const again = second.context.pages()[0] ?? (await second.context.newPage());
    from = address.answered.length;
    await again.goto(url);
    await same(again);
    assert.ok(answersTo("/?v=works", from).includes("304"), address.answered.slice(from).join("\n"));
    assert.deepEqual(second.wrong, []);
    await second.context.close();
  });
}

for (const [device, size] of [
  ["a desk", {}],
  ["a phone", { viewport: PHONE, touch: true }],
]) {
  test(`after one visit the map is there without the server, on ${device}`, async (t) => {
    const profile = newProfile();
    t.after(profile.remove);
    const own = await oneAddress(server.base);
    t.after(own.stop);
    const { context, wrong } = await openProfile(profile.folder, { allowed: `${own.base}/`, ...size });
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${own.base}/`);
    const colours = await isWhole(page);
    await workerReady(page);
    assert.equal(await page.evaluate(() => performance.getEntriesByType("navigation").length), 1);
    assert.deepEqual(wrong, []);

    own.turnTo(null);
    await page.reload();
    await page.waitForSelector(".chip.offline");
    const now = new Set(await isWhole(page));
    for (const colour of colours) assert.ok(now.has(colour), `${colour} is missing`);
    assert.match(await textOf(page, "h1"), /桃浦/);
    const unanswered = wrong.filter((one) => !/ERR_|Failed to load resource/.test(one));
    assert.deepEqual(unanswered, []);

    own.turnTo(server.base);
    await page.waitForSelector(".chip.offline", { state: "detached", timeout: 15_000 });
    await context.close();
  });
}
