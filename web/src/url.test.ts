import { describe, expect, it } from "vitest";
import { DEFAULTS, type LinkState, readLink, writeLink } from "./url";

const FULL: LinkState = {
  view: "industry",
  camera: { center: [121.364, 31.29], zoom: 15.2 },
  layers: { on: new Set(["housing"]), off: new Set(["greens", "road-works.drainage"]) },
  queried: "zones",
  filter: [
    { column: "plot_ratio", range: { low: "2", high: "" }, values: [], unstated: false },
    { column: "site_area_m2", range: { low: "5000", high: "20000" }, values: [], unstated: true },
    { column: "kind", range: null, values: ["new-build", "redevelopment"], unstated: false },
    { column: "developer", range: null, values: [], unstated: true },
  ],
  text: "qls",
  selected: { collection: "parcels", id: "jinhuan-e4-redevelopment" },
  compared: { collection: "parcels", id: "medicine" },
  time: { from: "2026-11", to: "2027-02" },
  panels: { rail: "filter", drawer: "half" },
  sort: [
    { column: "plot_ratio", descending: true },
    { column: "name_zh", descending: false },
  ],
  inView: true,
  projection: "4549",
  basemap: "tianditu",
  patterns: true,
  swipe: { view: "green", at: 0.25 },
  print: { paper: "a3", scale: 10_000, dpi: 300 },
  measure: "area",
  lang: "en",
};

describe("links", () => {
  it("come back as they were written", () => {
    const search = writeLink(FULL, "");
    expect(search).toBe(
      "?v=industry&m=121.36400,31.29000,15.2&l=housing,-greens,-road-works.drainage&c=zones" +
        "&f=plot_ratio:2~;site_area_m2:5000~20000,!;kind:new-build,redevelopment;developer:!&q=qls" +
        "&s=parcels:jinhuan-e4-redevelopment&cmp=parcels:medicine&t=2026-11..2027-02&tab=filter,table" +
        "&sort=-plot_ratio,name_zh&ext=1&p=4549&b=tianditu&pat=1&swipe=green,0.25&print=a3,1:10000,300" +
        "&measure=area&lang=en",
    );
    expect(readLink(search)).toEqual({ state: FULL, bad: [], bare: false });
    // As programs that copy links write them.
    const strict = `?${new URLSearchParams(search)}`;
    expect(readLink(strict)).toEqual({ state: FULL, bad: [], bare: false });
  });

  it("leave defaults out and keep keys of others", () => {
    expect(writeLink(DEFAULTS, "")).toBe("");
    expect(writeLink(DEFAULTS, "?v=old&from=mail")).toBe("?from=mail");
    expect(readLink("?from=mail")).toEqual({ state: DEFAULTS, bad: [], bare: true });
    expect(readLink("?v=&m=&f=&q=&s=&tab=")).toEqual({ state: DEFAULTS, bad: [], bare: false });
  });

  it("say that nothing is asked of a view that opens with something", () => {
    const view = { ...DEFAULTS, view: "plots" };
    expect(writeLink(view, "")).toBe("?v=plots");
    expect(writeLink(view, "", true)).toBe("?v=plots&f=");
    expect(readLink("?v=plots&f=")).toEqual({ state: view, bad: [], bare: false });
    expect(readLink("?v=plots&tab=map&s=a:b").bare).toBe(true);
    // Whatever is asked says all of it.
    for (const asked of [
      { text: "qls" },
      { sort: FULL.sort },
      { queried: "zones" },
      { filter: FULL.filter },
    ]) {
      const link = writeLink({ ...view, ...asked }, "", true);
      expect(link).toBe(writeLink({ ...view, ...asked }, ""));
      expect(readLink(link).bare).toBe(false);
    }
  });

  it.each(["a&b:c", "一;二,三", "50%", "~", "!", "a=b#c", "%2C"])("hold %s in ids and filters", (text) => {
    const state: LinkState = {
      ...DEFAULTS,
      selected: { collection: "parcels", id: text },
      filter: [
        { column: "developer", range: null, values: [text, "other"], unstated: false },
        { column: text, range: { low: "1", high: "" }, values: [], unstated: false },
      ],
      text,
    };
    expect(readLink(writeLink(state, ""))).toMatchObject({ state, bad: [] });
  });

  it.each([
    "m=1,2",
    "m=a,b,c",
    "m=,,",
    "m=200,31,15",
    "m=121,31,99",
    "m=121,91,9",
    "s=parcels",
    "s=:id",
    "s=parcels:",
    "cmp=x",
    "f=plot_ratio",
    "f=:2~",
    "f=plot_ratio:",
    "f=plot_ratio:1~2~3",
    "f=plot_ratio:1~2,3~4",
    "f=kind:a;kind:b",
    "t=..",
    "t=soon",
    "t=2026-13",
    "t=2026-02-30",
    "t=2026..2027..2028",
    "tab=cellar",
    "tab=layers,projects",
    "sort=-",
    "sort=a,,b",
    "ext=yes",
    "p=3857x",
    "pat=2",
    "swipe=green,2",
    "swipe=,0.5",
    "print=a5",
    "print=a3,1:5",
    "measure=weight",
    "lang=fr",
  ])("leave %s aside and name it", (part) => {
    expect(readLink(`?${part}`)).toMatchObject({ state: DEFAULTS, bad: [part] });
  });

  it.each([
    ["t=2026", { time: { from: "2026", to: "2026" } }],
    ["t=..2026-01-31", { time: { from: "", to: "2026-01-31" } }],
    [
      "f=ratio:~",
      { filter: [{ column: "ratio", range: { low: "", high: "" }, values: [], unstated: false }] },
    ],
    ["tab=table-full", { panels: { rail: null, drawer: "full" } }],
    ["swipe=green", { swipe: { view: "green", at: 0.5 } }],
    ["print=a4", { print: { paper: "a4", scale: null, dpi: 150 } }],
    ["ext=0&pat=0", {}],
  ])("take %s", (part, expected) => {
    expect(readLink(`?${part}`)).toMatchObject({ state: { ...DEFAULTS, ...expected }, bad: [] });
  });
});
