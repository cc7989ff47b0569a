// What must hold of the page in whatever state it is: nothing that axe finds, nothing too small to press, nothing that
// sticks out.

import { AXE_PATH } from "./browser.mjs";

/** To be called before the page is opened. */
export const withAxe = (page) => page.addInitScript({ path: AXE_PATH });

/** All that axe knows of WCAG 2.2 AA and of good practice, as sentences. */
export async function violations(page) {
  const { violations: found } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      resultTypes: ["violations"],
      rules: { "target-size": { enabled: true } },
    }),
  );
  return found.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
}

/** What can be pressed and is smaller than that many pixels; a link within a sentence may be as high as its line. */
export const tooSmall = (page, least) =>
  page.evaluate((pixels) => {
    const all = "a[href], button, input, select, textarea, summary, [role=tab], [role=option]";
    const inSentence = (one) =>
      one.matches("a") &&
      getComputedStyle(one).display === "inline" &&
      one.closest("p, dd, li, td, figcaption");
    return [...document.querySelectorAll(all)]
      .filter(
        (one) =>
          one.checkVisibility({ visibilityProperty: true }) &&
          !one.closest(".unseen, .skip, .seen-list, [inert]"),
      )
      .filter((one) => !inSentence(one))
      .map((one) => [one, (one.matches("[type=checkbox], [type=radio]") && one.closest("label")) || one])
      .map(([one, pressed]) => [one.outerHTML.slice(0, 140), pressed.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (width < pixels - 0.5 || height < pixels - 0.5))
      .map(([html, { width, height }]) => `${Math.round(width)} x ${Math.round(height)}: ${html}`);
  }, least);

/** Whether the page scrolls sideways, and what lies to the right of it though nothing there can be scrolled. */
export const outside = (page) =>
  page.evaluate(() => ({
    wide: document.documentElement.scrollWidth > innerWidth,
    out: [...document.querySelectorAll("#app *, .print-bar *")]
      .filter(
        (one) =>
          !one.closest(
            ".views a, .unseen, .skip, svg, #map-view *, .swipe-map, .swipe-range, .table-frame *, .table-scroll *, .seen-list *, .kinds-row *",
          ),
      )
      .filter((one) => one.getBoundingClientRect().width > 0 && one.checkVisibility())
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
      .map((one) => one.outerHTML.slice(0, 100)),
  }));
