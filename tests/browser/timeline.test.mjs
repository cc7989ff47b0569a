// The timeline of a plan whose road works have times: made up here, and counted here.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AXE_PATH, DESKTOP, launch, mapDrawn, openMap, openPage, PHONE, textOf } from "./browser.mjs";
import { servePlan, withTimes } from "./plan.mjs";

let browser;
let server;
let times;
before(async () => {
  browser = await launch();
  server = await servePlan((folder) => {
    times = withTimes(folder);
  });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The works that are of a time: what has no time at all is of every one. */
function during(from, to) {
  return [...times].filter(([, { opened, closed }]) => {
    if (!opened && !closed) return true;
    return (!to || !opened || opened <= to) && (!from || !closed || closed >= from);
  });
}

const open = async (search, more = {}) => {
  const opened = await openPage(browser, { base: server.base, ...more });
  await openMap(opened.page, search, server.base);
  await opened.page.waitForSelector(".timeline");
  return opened;
};

const counted = (page, count) =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll("[data-count], [data-timed]")].every(
        (one) => (one.dataset.count ?? one.dataset.timed) === String(wanted),
      ),
    count,
    { timeout: 8000 },
  );

test("a handle moved by keys filters map, list, table, address and download alike", async () => {
  const { page, context, wrong } = await open("?v=works&tab=projects,table");
  await page.waitForSelector(".drawer tbody tr");
  await counted(page, times.size);
  const tiles = [];
  page.on("response", (response) => {
    const { pathname, searchParams } = new URL(response.url());
    const own = searchParams.get("collections") === "road-works";
    if (pathname.startsWith("/tiles/") && own) tiles.push([searchParams.get("datetime"), response.json()]);
  });
  const low = page.getByRole("slider", { name: "时间轴，起" });
  const first = await low.getAttribute("aria-valuetext");
  assert.equal(
    first,
    [...times.values()]
      .map(({ opened }) => opened)
      .filter(Boolean)
      .sort()[0]
      .slice(0, 7),
  );
  await low.focus();
  for (let presses = 0; presses < 14; presses += 1) await page.keyboard.press("ArrowRight");
  await page.getByRole("slider", { name: "时间轴，止" }).focus();
  for (let presses = 0; presses < 28; presses += 1) await page.keyboard.press("ArrowLeft");
  const [from, to] = /[?&]t=([\d-]+)\.\.([\d-]+)/.exec(page.url()).slice(1);
  const lastDay = new Date(Date.UTC(...to.split("-").map(Number), 0)).toISOString().slice(0, 10);
  const expected = during(`${from}-01`, lastDay);
  assert.ok(expected.length > 3 && expected.length < times.size - 3, String(expected.length));
  await counted(page, expected.length);
  const ids = expected.map(([id]) => id).sort();
  const rows = await page.locator(".drawer tbody th a").evaluateAll((links) => links.map(({ id }) => id));
  assert.deepEqual(rows.map((id) => id.replace("table-road-works-", "")).sort(), ids);
  assert.equal(await page.locator(".works-list > li").count(), ids.length);
  await mapDrawn(page);
  const datetime = `${from}-01/${lastDay}`;
  const drawn = await Promise.all(tiles.filter(([asked]) => asked === datetime).map(([, answer]) => answer));
  const there = new Set(drawn.flatMap(({ features }) => features.map(({ id }) => id)));
  assert.ok(there.size > 3);
  for (const id of there) assert.ok(ids.includes(id), id);
  await page.getByText("下载", { exact: true }).click();
  const href = await page.getByRole("link", { name: "GeoJSON", exact: true }).getAttribute("href");
  const file = await (await fetch(server.base + href)).json();
  assert.deepEqual(file.features.map(({ id }) => id).sort(), ids);
  // Other layers have no time and stay.
  await page.keyboard.press("Escape");
  assert.match(await textOf(page, ".works > .projects summary"), /轨道交通与高速\s*5 项/);

  // The link alone brings it back, and one button takes it away.
  await page.reload();
  await page.waitForSelector(".timeline [data-timed]");
  await counted(page, expected.length);
  await page.getByRole("button", { name: "全部时间" }).click();
  await counted(page, times.size);
  assert.doesNotMatch(page.url(), /[?&]t=/);
  await page.goBack();
  await counted(page, expected.length);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("days are typed, and an end that would cross gives way", async () => {
  const { page, context, wrong } = await open("?v=works&tab=filter");
  await page.getByLabel("时间轴，截止日期").fill("2021-06-30");
  await counted(page, during("", "2021-06-30").length);
  assert.match(page.url(), /[?&]t=\.\.2021-06-30/);
  await page.getByLabel("时间轴，起始日期").fill("2022-03-01");
  await counted(page, during("2022-03-01", "").length);
  assert.match(page.url(), /[?&]t=2022-03-01\.\.(&|$)/);
  assert.equal(await page.getByLabel("时间不早于").inputValue(), "2022-03-01");
  // Where nothing is left, taking the time away is offered.
  await page.goto(`${server.base}/?v=works&tab=filter&t=2021-02..2021-02&f=kind:drainage`);
  await page.waitForSelector(".nothing, [data-count]");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("it plays only when pressed, to the end; without motion each press is a step", async () => {
  const { page, context, wrong } = await open("?v=works", { reducedMotion: "no-preference" });
  const before = page.url();
  await page.waitForTimeout(1500);
  assert.equal(page.url(), before);
  await page.getByRole("button", { name: "播放时间轴" }).click();
  const spanOf = () => /[?&]t=([^&]*)/.exec(page.url())?.[1] ?? "";
  const first = spanOf();
  assert.match(first, /^\.\.\d{4}-\d\d$/);
  await page.waitForFunction((was) => !location.search.includes(`t=${was}`), first);
  await page.getByRole("button", { name: "暂停时间轴" }).click();
  const paused = spanOf();
  await page.waitForTimeout(1800);
  assert.equal(spanOf(), paused);
  // Who asks for less motion while it runs is heard.
  await page.getByRole("button", { name: "播放时间轴" }).click();
  await page.emulateMedia({ reducedMotion: "reduce" });
  const stopped = spanOf();
  await page.waitForTimeout(1800);
  assert.equal(spanOf(), stopped);
  await page.getByRole("button", { name: "时间轴前进一步" }).click();
  await page.waitForFunction((was) => !location.search.includes(`t=${was}`), stopped);
  const one = spanOf();
  await page.waitForTimeout(1800);
  assert.equal(spanOf(), one);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("it is there only where something in view has a time", async () => {
  const { page, context, wrong } = await open("?v=works");
  await openMap(page, "?v=green", server.base);
  assert.equal(await page.locator(".timeline").count(), 0);
  await openMap(page, "?v=green&l=road-works", server.base);
  await page.waitForSelector(".timeline");
  await context.close();
  // The shipped plan has no times: a link that asks for one is answered without, and says so.
  const shipped = await openPage(browser);
  await openMap(shipped.page, "?v=works&t=2021-03..2022-01");
  assert.match(await textOf(shipped.page, ".chips"), /t=2021-03\.\.2022-01/);
  assert.equal(await shipped.page.locator(".timeline").count(), 0);
  await shipped.context.close();
  assert.deepEqual([...wrong, ...shipped.wrong], []);
});

for (const [device, viewport] of [
  ["desktop", DESKTOP],
  ["phone", PHONE],
  ["narrow", { width: 320, height: 640 }],
]) {
  test(`axe finds nothing in it, nothing sticks out and all is large enough (${device})`, async () => {
    const touch = device !== "desktop";
    const { page, context, wrong } = await openPage(browser, { base: server.base, viewport, touch });
    await page.addInitScript({ path: AXE_PATH });
    for (const lang of ["zh", "en"]) {
      await openMap(page, `?v=works&t=2021-09..2022-08&lang=${lang}`, server.base);
      await page.waitForSelector(".timeline [data-timed]");
      const { violations } = await page.evaluate(() => globalThis.axe.run(document));
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120))}`),
        [],
      );
      const small = await page.locator(".timeline :is(button, input)").evaluateAll(
        (all, least) =>
          all
            .filter((one) => one.checkVisibility())
            .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
            .filter(([, box]) => box.height < least || box.width < least || box.right > innerWidth)
            .map(([html, { width, height }]) => `${html} ${width} x ${height}`),
        touch ? 44 : 24,
      );
      assert.deepEqual(small, []);
    }
    assert.deepEqual(wrong, []);
    await context.close();
  });
}
