// A browser for the tests: the system's Chromium, without GPU and without WebGL, watched for everything
// that a page must not do.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";

// The tests have no packages of their own: those of the page serve.
const require = createRequire(new URL("../../web/package.json", import.meta.url));
export const { chromium } = require("playwright-core");
export const AXE_PATH = require.resolve("axe-core/axe.min.js");

export const BASE = (process.env.BUJU_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");

// A folder such as web/dist: its files stand for the page that the server was built with, under the server's own
// headers, so that a change of the page is tried without building the server.
const PAGE = process.env.BUJU_TEST_PAGE;
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html" };

export const DESKTOP = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844 };

export const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-3d-apis",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

/**
 * A page in a context of its own, and `wrong`: what it did that it must not (console errors, exceptions,
 * policy violations, requests to other origins), as sentences. Empty is what a test wants.
 */
export async function openPage(
  browser,
  { viewport = DESKTOP, touch = false, scale = 1, base = BASE, ...more } = {},
) {
  const context = await browser.newContext({
    viewport,
    hasTouch: touch,
    isMobile: touch,
    deviceScaleFactor: scale,
    reducedMotion: "reduce",
    locale: "zh-CN",
    // A service worker would answer for the server behind the tests' back.
    serviceWorkers: "block",
    ...more,
  });
  const wrong = [];
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${base}/`)) return route.fallback();
    wrong.push(`request to another origin: ${url}`);
    return route.abort();
  });
  if (PAGE) await context.route("**/*", (route) => servePage(route, base));
  await reportViolations(context, wrong);
  const page = await context.newPage();
  return { page, context, wrong };
}

/** Notes console errors, exceptions and violations of the page's policy, on every page of a context. */
export async function reportViolations(context, wrong) {
  await context.exposeBinding("__reportViolation", (_source, text) => {
    wrong.push(`policy violation: ${text}`);
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      globalThis.__reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  const watch = (page) => {
    page.on("console", (message) => {
      if (message.type() === "error") wrong.push(`console error: ${message.text()}`);
    });
    page.on("pageerror", (error) => wrong.push(`exception: ${error.message}`));
  };
  context.pages().forEach(watch);
  context.on("page", watch);
}

async function servePage(route, base) {
  const request = route.request();
  const { pathname } = new URL(request.url());
  const file = join(PAGE, pathname === "/" ? "index.html" : pathname);
  const isPage = pathname === "/" && request.isNavigationRequest();
  if (!request.url().startsWith(`${base}/`) || !(isPage || (extname(file) && existsSync(file)))) {
    return route.fallback();
  }
  let headers;
  try {
    ({ headers } = await fetch(`${base}/`, { headers: { Accept: "text/html" } }));
  } catch {
    // Without the server its page is not to be had either.
    return route.abort();
  }
  const kept = [...headers].filter(([name]) => !/^(content-(length|encoding)|etag|vary)$/.test(name));
  return route.fulfill({
    headers: {
      ...Object.fromEntries(kept),
      "content-type": `${TYPES[extname(file)]}; charset=utf-8`,
    },
    body: readFileSync(file),
  });
}

/** Opens `search` (such as `?lang=en`) and waits until the map is drawn. */
export async function openMap(page, search = "", base = BASE) {
  await page.goto(`${base}/${search}`);
  await mapDrawn(page);
}

/** Waits until the tiles are here and the picture has stopped changing. */
export async function mapDrawn(page) {
  // A phone's table covers it.
  await page.waitForSelector("#map-view canvas", { state: "attached" });
  await page.waitForSelector(".progress:not(.on)", { state: "attached" });
  let before = "";
  for (let calm = 0; calm < 2; ) {
    await page.waitForTimeout(150);
    const now = await page.evaluate(() => {
      const canvas = document.querySelector("#map-view canvas");
      return canvas instanceof HTMLCanvasElement && canvas.width > 0 ? canvas.toDataURL() : "";
    });
    calm = now && now === before ? calm + 1 : 0;
    before = now;
  }
}

/** How many pixels of the map have each colour, the most frequent first. */
export function mapColours(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector("#map-view canvas");
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const counts = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = `${data[at]},${data[at + 1]},${data[at + 2]},${data[at + 3]}`;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]);
  });
}

/** The text a person reads in `selector`, with every kind of space as one plain space. */
export async function textOf(page, selector) {
  return (await page.locator(selector).innerText()).replace(/[\s\u00a0\u202f]+/g, " ");
}
