// The first page before its script, and without it: a picture, links, a search, a page per project.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AXE_PATH, BASE, DESKTOP, launch, mapDrawn, openPage, PHONE, textOf } from "./browser.mjs";
import { getJson, MEDICINE } from "./data.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** The picture is here, and as large as the frame that it stands in, or larger. */
async function pictureFills(page) {
  const poster = page.locator(".stage img.poster");
  await poster.waitFor();
  const [box, frame] = await Promise.all([poster.boundingBox(), page.locator(".stage").boundingBox()]);
  const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
  const [[x, y], [a, b]] = [middle(box), middle(frame)];
  assert.ok(Math.abs(x - a) <= 1 && Math.abs(y - b) <= 1, "not in the middle");
  assert.ok(box.width >= frame.width, `${box.width} in ${frame.width}`);
}

for (const [how, options, block] of [
  ["without scripts", { javaScriptEnabled: false }, false],
  ["with the bundle lost on its way", {}, true],
]) {
  for (const [device, viewport] of [
    ["desktop", DESKTOP],
    ["phone", PHONE],
  ]) {
    test(`${how} there is a picture, a list, a search and a page per project (${device})`, async () => {
      const { page, context, wrong } = await openPage(browser, {
        ...options,
        viewport,
      });
      if (block) await page.route("**/assets/*.js", (route) => route.abort());
      await page.goto(`${BASE}/?v=municipal&lang=en`);
      assert.match(await page.title(), /^Municipal infrastructure · Taopu/);
      await pictureFills(page);
      const { features } = await getJson("/collections/road-works/items?limit=1000");
      const links = page.locator(".rail a[href^='/f/road-works/']");
      assert.equal(await links.count(), features.length);
      await page.getByRole("link", { name: "Green space" }).click();
      assert.match(await page.title(), /^Green space · /);
      assert.equal(await page.locator(".views [aria-current]").innerText(), "Green space");
      // A search leads to a list, the list to a project, and that to its neighbours.
      await page.getByRole("searchbox").fill("qls");
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: /^Qilianshan Road reconstruction/ }).click();
      assert.match(await textOf(page, "h1"), /Qilianshan Road reconstruction/);
      assert.ok((await page.locator("#nearby a").count()) > 0);
      await page.locator("#nearby a").first().click();
      await page.locator("#stated").waitFor();
      const lost = wrong.filter((one) => !/ERR_FAILED|favicon/.test(one));
      assert.deepEqual(block ? lost : wrong, []);
      await context.close();
    });
  }
}

test("a project that is gone is no blank page", async () => {
  const { page, context } = await openPage(browser, {
    javaScriptEnabled: false,
  });
  const answer = await page.goto(
    `${BASE}/f/parcels/${MEDICINE.id.replace("extension", "extention")}?lang=en`,
  );
  assert.equal(answer.status(), 404);
  await page.locator(`.found a[href*="${MEDICINE.id}"]`).click();
  assert.match(await textOf(page, "#stated"), /51,349 m²/);
  await context.close();
});

test("axe finds nothing on the pages that the server writes", async () => {
  for (const viewport of [DESKTOP, PHONE]) {
    const { page, context } = await openPage(browser, { viewport });
    await page.addInitScript({ path: AXE_PATH });
    await page.route("**/assets/*.js", (route) => route.abort());
    for (const path of [
      "/?v=works",
      "/?lang=en",
      `/f/parcels/${MEDICINE.id}`,
      "/f/facilities/western-medical-centre?lang=en",
      "/f/none/none?lang=en",
      "/search?lang=en",
      "/search?q=qls",
    ]) {
      await page.goto(`${BASE}${path}`);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document));
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120))}`,
      );
      assert.deepEqual(found, [], path);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(overflow, false, `${path} is wider than the window`);
    }
    await context.close();
  }
});

for (const cpu of [1, 4]) {
  test(`the picture is seen before the map, at its place, and nothing moves (processor ${cpu} times slower)`, async (t) => {
    const { page, context, wrong } = await openPage(browser);
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
    await page.addInitScript(() => {
      globalThis.seen = {};
      globalThis.moved = 0;
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          // The legend grows as its classes come; what is beside it must not.
          const elements = sources.map(({ node }) => (node instanceof Element ? node : node?.parentElement));
          if (elements.some((one) => one?.closest(".stage, .top, .foot"))) globalThis.moved += value;
        }
      }).observe({ type: "layout-shift", buffered: true });
      const look = () => {
        const poster = document.querySelector("img.poster");
        const now = performance.now();
        if (poster?.complete && poster.naturalWidth > 0) globalThis.seen.poster ??= now;
        if (document.querySelector("#map-view canvas")) globalThis.seen.canvas ??= now;
        if (globalThis.seen.canvas && !poster) globalThis.seen.map ??= now;
        if (!globalThis.seen.map) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(`${BASE}/`, { waitUntil: "commit" });
    await page.waitForFunction(() => globalThis.seen.map, null, {
      timeout: 60_000,
    });
    const { seen, moved } = await page.evaluate(() => ({
      seen: globalThis.seen,
      moved: globalThis.moved,
    }));
    t.diagnostic(
      `picture after ${Math.round(seen.poster)} ms, map after ${Math.round(seen.map)} ms, moved ${moved}`,
    );
    assert.ok(seen.poster < seen.map, JSON.stringify(seen));
    assert.equal(moved, 0);
    await mapDrawn(page);
    assert.equal(await page.locator("img.poster").count(), 0);
    assert.deepEqual(wrong, []);
    await context.close();
  });
}

const VIEWS = ["overview", "municipal", "works", "facilities"];
const across = (lon) => (lon + 180) / 360;
const down = (lat) => 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
// Shift and an arrow move the map so far, after which its address says where it is.
const PANNED = 10;

/** Zoom, and where the box of a view's collections has its middle, in the picture by itself in such a frame. */
async function inPicture(page, { id, lang, width, height, phone, nearest }) {
  await page.setViewportSize({ width, height });
  await page.goto(`${BASE}/poster/${id}.svg?lang=${lang}${phone ? "#phone" : ""}`);
  const { a, e, f } = await page.evaluate(() => {
    const { a, e, f } = document.querySelector(".m").getScreenCTM();
    return { a, e, f };
  });
  return { zoom: nearest + Math.log2(a), x: e, y: f };
}

for (const [device, viewport] of [
  ["desktop", DESKTOP],
  ["phone", PHONE],
]) {
  test(`the picture has the map's scale within 1 % and its middle within 2 pixels (${device})`, async (t) => {
    const plan = await getJson("/plan");
    const phone = device === "phone";
    for (const lang of ["zh", "en"]) {
      for (const id of VIEWS) {
        const { page, context, wrong } = await openPage(browser, { viewport });
        const { layers } = plan.views.find((one) => one.id === id);
        const boxes = plan.collections.flatMap((one) =>
          one.id !== "context" && layers.includes(one.id) && one.bbox ? [one.bbox] : [],
        );
        const side = (at, pick) => pick(...boxes.map((box) => box[at]));
        const middle = [
          (across(side(0, Math.min)) + across(side(2, Math.max))) / 2,
          (down(side(1, Math.min)) + down(side(3, Math.max))) / 2,
        ];
        await page.goto(`${BASE}/?v=${id}&lang=${lang}`);
        await mapDrawn(page);
        const { width, height } = await page.locator("#map-view").boundingBox();
        await page.locator("#map-view").focus();
        await page.keyboard.press("Shift+ArrowRight");
        await page.waitForURL(/[?&]m=/);
        const [lon, lat, zoom] = new URL(page.url()).searchParams.get("m").split(",").map(Number);
        const pixels = 256 * 2 ** zoom;
        const map = {
          zoom,
          x: width / 2 + (middle[0] - across(lon)) * pixels + PANNED,
          y: height / 2 + (middle[1] - down(lat)) * pixels,
        };
        const nearest = Math.round(plan.view.zoom);
        const frame = { width: Math.round(width), height: Math.round(height) };
        const picture = await inPicture(page, {
          id,
          lang,
          phone,
          nearest,
          ...frame,
        });
        const said = `${id} ${lang}: ${JSON.stringify({ picture, map })}`;
        t.diagnostic(said);
        assert.ok(Math.abs(2 ** (picture.zoom - map.zoom) - 1) <= 0.01, said);
        assert.ok(Math.abs(picture.x - map.x) <= 2 && Math.abs(picture.y - map.y) <= 2, said);
        assert.deepEqual(wrong, []);
        await context.close();
      }
    }
  });

  test(`a road's end does not move when the map takes the picture's place (${device})`, async (t) => {
    const { page, context, wrong } = await openPage(browser, { viewport });
    // Seen in the page itself, by the colour of the expressway: names stand elsewhere than at its west end.
    const west = async () => {
      const png = (await page.locator(".stage").screenshot()).toString("base64");
      return page.evaluate(async (data) => {
        const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        pen.drawImage(bitmap, 0, 0);
        const { data: all } = pen.getImageData(0, 0, bitmap.width, bitmap.height);
        const purple = [94, 53, 177];
        let [left, top] = [Infinity, 0];
        for (let at = 0; at < all.length; at += 4) {
          const x = (at / 4) % bitmap.width;
          if (x >= left || purple.some((part, n) => Math.abs(all[at + n] - part) >= 12)) continue;
          [left, top] = [x, Math.floor(at / 4 / bitmap.width)];
        }
        return [left, top];
      }, png);
    };
    await page.route("**/assets/*.js", (route) => route.abort());
    await page.goto(`${BASE}/?v=overview`);
    await pictureFills(page);
    const before = await west();
    await page.unroute("**/assets/*.js");
    await page.goto(`${BASE}/?v=overview`);
    await mapDrawn(page);
    const after = await west();
    t.diagnostic(`${before} and ${after}`);
    assert.ok(before[0] < viewport.width / 2, String(before));
    for (const side of [0, 1]) assert.ok(Math.abs(before[side] - after[side]) <= 3, `${before} and ${after}`);
    assert.deepEqual(
      wrong.filter((one) => !/ERR_FAILED/.test(one)),
      [],
    );
    await context.close();
  });
}

for (const lang of ["zh", "en"]) {
  test(`a project's page is printed without what only a screen has use for (${lang})`, async () => {
    const { page, context, wrong } = await openPage(browser);
    await page.goto(`${BASE}/f/parcels/${MEDICINE.id}?lang=${lang}`);
    const title = await page.locator("h1").innerText();
    await page.emulateMedia({ media: "print" });
    for (const selector of ["header nav", ".languages", ".skip", ".links", ".forms", ".main", "form"]) {
      for (const one of await page.locator(selector).all())
        assert.equal(await one.isVisible(), false, selector);
    }
    const folder = mkdtempSync(join(tmpdir(), "buju-sheet-"));
    const file = join(folder, "page.pdf");
    await page.pdf({ path: file, format: "A4", preferCSSPageSize: true });
    const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).replace(/\s+/g, " ");
    const info = execFileSync("pdfinfo", [file], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    assert.match(info, /Page size:.*\(A4\)/);
    assert.ok(Number(/Pages:\s+(\d+)/.exec(info)[1]) <= 4, info);
    // What it says, where that is said, who is to be named, and where to find it again.
    for (const words of [
      title.slice(0, 12),
      "51,349",
      lang === "en" ? "Map approval number" : "审图号",
      "1.79",
      `/f/parcels/${MEDICINE.id}`,
      "OpenStreetMap",
    ]) {
      assert.ok(text.includes(words), `${words}: ${text.slice(0, 1500)}`);
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });
}
