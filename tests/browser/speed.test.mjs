// How long the first map takes, and how much has to come for it: printed, and held to the budget.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, launch, mapDrawn, openMap, openPage } from "./browser.mjs";
import { servePlan, withPlots } from "./plan.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const MBIT = 1e6 / 8;
const PROFILES = [
  { name: "as it is", down: -1, latency: 0, cpu: 1, most: 4000 },
  { name: "9 Mbit/s, 60 ms", down: 9 * MBIT, latency: 60, cpu: 1, most: 5000 },
  { name: "9 Mbit/s, 60 ms, processor four times slower", down: 9 * MBIT, latency: 60, cpu: 4, most: 12_000 },
];

/**
 * Milliseconds from the navigation to a map whose tiles are here, what came over the line until then, and the
 * processor time of the page's main thread until all of it is drawn.
 */
async function firstMap({ down, latency, cpu, base = BASE, search = "" }) {
  const { page, context, wrong } = await openPage(browser, { base });
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency,
    downloadThroughput: down,
    uploadThroughput: down,
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  };
  const before = await busy();
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.addInitScript(() => {
    const start = performance.now();
    const look = () => {
      const canvas = document.querySelector("#map-view canvas");
      const done =
        canvas && document.querySelector(".progress:not(.on)") && document.querySelector(".map-status");
      const tiles = performance.getEntriesByType("resource").some(({ name }) => name.includes("/tiles/"));
      if (done && tiles) globalThis.firstMap = performance.now() - start;
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(`${base}/${search}`, { waitUntil: "commit" });
  const took = await (
    await page.waitForFunction(() => globalThis.firstMap, null, { timeout: 60_000 })
  ).jsonValue();
  const until = bytes;
  // It counts what is in view once the picture is complete.
  await page.waitForSelector(".count-head", { state: "attached", timeout: 60_000 });
  const cpuTime = (await busy()) - before;
  assert.deepEqual(wrong, []);
  await context.close();
  return { took, bytes: until, cpuTime };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

for (const profile of PROFILES) {
  test(`the first map, cold: ${profile.name}`, async (t) => {
    const runs = [];
    for (let run = 0; run < 3; run += 1) runs.push(await firstMap(profile));
    const took = median(runs.map((run) => run.took));
    const kilobytes = median(runs.map((run) => run.bytes)) / 1000;
    const cpuTime = median(runs.map((run) => run.cpuTime));
    t.diagnostic(
      `first map after ${Math.round(took)} ms, ${Math.round(kilobytes)} kB; ${Math.round(cpuTime)} ms of its thread until it is complete and counted (median of 3)`,
    );
    assert.ok(kilobytes <= 250, `${kilobytes} kB`);
    // Far above what an idle machine takes: the machine of the tests has other work.
    assert.ok(took <= profile.most, `${took} ms`);
  });
}

test("after the page is here its thread is not held up for long", async (t) => {
  const { page, context, wrong } = await openPage(browser);
  await page.addInitScript(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) globalThis.tasks.push({ startTime, duration });
    }).observe({ type: "longtask", buffered: true });
  });
  await openMap(page);
  await page.waitForSelector(".count-head");
  await page.waitForTimeout(1500);
  // What people do first: another view, a filter, a project.
  await page.locator(".views a").nth(1).click();
  await mapDrawn(page);
  await page.click("#tab-projects");
  await page.locator(".projects li a").first().click();
  await page.waitForSelector(".detail .source");
  await mapDrawn(page);
  const { load, tasks } = await page.evaluate(() => ({
    load: performance.getEntriesByType("navigation")[0].loadEventEnd,
    tasks: globalThis.tasks,
  }));
  const late = tasks.filter(({ startTime }) => startTime >= load).map(({ duration }) => Math.round(duration));
  const long = late.filter((duration) => duration > 200);
  t.diagnostic(
    `tasks of more than 50 ms after the page was loaded: ${late.length}, the longest ${Math.max(0, ...late)} ms; of more than 200 ms: ${long.length}`,
  );
  // A machine with other work may double or triple it; something is broken beyond that.
  assert.ok(Math.max(0, ...late) < 3000, late.join());
  assert.deepEqual(wrong, []);
  await context.close();
});

test("20 000 plots: what the first map costs", async (t) => {
  const { base, stop } = await servePlan((folder) => {
    withPlots(folder, 20_000, { share: 0.8, named: true });
  });
  t.after(stop);
  for (const [what, search] of [
    ["as the view opens", "?v=parcels&tab=layers,map"],
    ["from the middle, each with its name", "?v=parcels&tab=layers,map&m=121.36000,31.28000,16"],
  ]) {
    const runs = [];
    for (let run = 0; run < 3; run += 1) {
      runs.push(await firstMap({ ...PROFILES[0], base, search }));
    }
    const of = (name) => Math.round(median(runs.map((run) => run[name])));
    t.diagnostic(
      `${what}: ${of("cpuTime")} ms of the main thread until it is complete and counted; the first tiles after ${of("took")} ms (median of 3)`,
    );
    assert.ok(of("cpuTime") < 10_000, `${of("cpuTime")} ms`);
  }
});
