// Working by the keyboard alone: no mouse, and no focus that a script sets.

import assert from "node:assert/strict";
import { openMap, openPage } from "./browser.mjs";

/** What a screen reader would call the element with the focus. */
export const focusedName = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const label = at?.getAttribute("aria-label") ?? at?.labels?.[0]?.innerText ?? at?.innerText ?? "";
    return label.replace(/[\s\u00a0]+/g, " ").trim();
  });

/** What is wrong with how the focus is shown: no ring, off the screen, or something lies over all of it. */
const unseen = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return "";
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const html = at.outerHTML.slice(0, 120);
    // A slider has its ring at the handle, which no script can ask for its style.
    const slider = at.matches("input[type=range]");
    if (!slider && (outlineStyle === "none" || outlineWidth === "0px")) return `no ring: ${html}`;
    const { left, right, top, bottom } = at.getBoundingClientRect();
    const spots = [0.5, 0.05, 0.95].flatMap((x) =>
      [0.5, 0.1, 0.9].map((y) => [left + (right - left) * x, top + (bottom - top) * y]),
    );
    const hit = spots.some(([x, y]) => {
      const over = document.elementFromPoint(x, y);
      // Sliders share a track, which takes no clicks but at their handles.
      return over && (at.contains(over) || over.contains(at) || over.parentElement === at.parentElement);
    });
    return hit ? "" : `covered or off the screen: ${html}`;
  });

/** Presses Tab (or Shift+Tab) until what has the focus is called so; the focus is seen at every stop. */
export async function tabTo(page, name, key = "Tab") {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press(key);
    assert.equal(await unseen(page), "");
    if (name.test(await focusedName(page))) return;
  }
  assert.fail(`${name} was not reached by ${key}`);
}

/** Waits until every count on the page is this one. */
export const counts = (page, matched) =>
  page.waitForFunction((count) => {
    const all = [...document.querySelectorAll("[data-count]")];
    return all.length > 0 && all.every((one) => one.dataset.count === String(count));
  }, matched);

/** A page on the map; `done` ends it, and asserts that it did nothing wrong. */
export async function opened(browser, search, more = {}) {
  const { page, context, wrong } = await openPage(browser, more);
  await openMap(page, search);
  return {
    page,
    async done() {
      assert.deepEqual(wrong, []);
      await context.close();
    },
  };
}

/** Opens one of the tools, by its name in the menu. */
export async function openTool(page, name) {
  await tabTo(page, /^(工具|Tools)/);
  await page.keyboard.press("Enter");
  await tabTo(page, name);
  await page.keyboard.press("Enter");
}
