import { describe, expect, it } from "vitest";
import {
  bareTitle,
  findingSentence,
  floorAreaOf,
  groupFacts,
  placeOf,
  shortSource,
  showValue,
  sourceParts,
} from "./facts";
import type { Collection, Column, Item, Role } from "./model";

function column(
  name: string,
  zh: string,
  en: string,
  role: Role,
  more: Partial<Column> = {},
): [string, Column] {
  return [name, { name, title: { zh, en }, type: "number", role, ...more }];
}

const columns = new Map<string, Column>([
  column("site_area_m2", "用地面积（规划文本）", "Site area (stated)", "stated", { unit: "m²" }),
  column(
    "gross_floor_area_m2",
    "总建筑面积（含地下，规划文本）",
    "Gross floor area, basements included (stated)",
    "stated",
    {
      unit: "m²",
    },
  ),
  column("floor_area_m2", "建筑面积（规划文本，口径未述）", "Floor area (stated, basis not said)", "stated", {
    unit: "m²",
  }),
  column("plot_ratio", "容积率（规划文本）", "Plot ratio (stated)", "stated", {
    agrees_with: { column: "plot_ratio_derived", tolerance: 0.01 },
  }),
  column("land_use_zh", "用地性质（中文）", "Land use (Chinese)", "stated", { type: "string" }),
  column("land_use_en", "用地性质（英文）", "Land use", "stated", { type: "string" }),
  column("plot_ratio_derived", "容积率（推算）", "Plot ratio (derived)", "derived", {
    compute: { ratio: { numerators: ["gross_floor_area_m2", "floor_area_m2"], denominator: "site_area_m2" } },
  }),
  column("plot_ratio_derived_from", "所用面积", "Area used", "derived", {
    type: "string",
    compute: { ratio_numerator_of: "plot_ratio_derived" },
  }),
]);

const collection = { id: "parcels", columns: [...columns.keys()] } as Collection;

const medicine: Item = {
  type: "Feature",
  id: "medicine",
  geometry: { type: "Point", coordinates: [121, 31] },
  properties: {
    site_area_m2: 51349,
    gross_floor_area_m2: null,
    floor_area_m2: 89784.76,
    plot_ratio: 1.79,
    land_use_zh: "仓储用地",
    land_use_en: null,
    plot_ratio_derived: 1.748520127,
    plot_ratio_derived_from: "floor_area_m2",
    position_accuracy_m: 80,
    plan_chapter: 5,
    plan_section: 1,
    plan_table: null,
  },
};

const plain = (text: string | undefined | null) => text?.replaceAll("\u00a0", " ");
const group = (role: Role, lang: "zh" | "en") => {
  const found = groupFacts(medicine, collection, columns, lang).find((one) => one.role === role);
  if (!found) throw new Error(role);
  return found;
};

describe("facts", () => {
  it("keep stated and derived apart, and derive with the numbers shown", () => {
    const [derived, floorArea, ...rest] = group("derived", "zh").facts;
    expect(rest).toEqual([]);
    // 1.79 x 51349: arithmetic on what is stated, beside what else is stated, and never in its place.
    expect(plain(floorArea?.value)).toBe("91 914.7 ㎡");
    expect(plain(floorArea?.formula)).toBe("= 容积率 1.79 × 用地面积 51 349 ㎡");
    expect(derived?.value).toBe("1.7485");
    expect(plain(derived?.formula)).toBe("= 建筑面积（口径未述） 89 784.76 ㎡ ÷ 用地面积 51 349 ㎡");
    expect(group("stated", "zh").facts.map(({ value }) => plain(value))).toEqual([
      "51 349 ㎡",
      "89 784.76 ㎡",
      "1.79",
      "仓储用地",
    ]);
  });

  it("name what the plan does not state, and give it no number", () => {
    expect(group("stated", "zh").absent).toEqual(["总建筑面积（含地下）"]);
    const nothing = { ...medicine, properties: {} };
    for (const one of groupFacts(nothing, collection, columns, "en")) expect(one.facts).toEqual([]);
  });

  it("compare the floor area that a ratio makes with the stated one that it counts", () => {
    const said = (counted: number | null) => {
      const properties = { plot_ratio: 3, site_area_m2: 11820, gross_floor_area_m2: counted };
      const item = { ...medicine, properties };
      return plain(floorAreaOf(item, collection, columns, "en")?.formula);
    };
    const product = "= Plot ratio 3.0 × Site area 11 820 m²";
    expect(said(null)).toBe(product);
    expect(said(35460)).toMatch(/; agrees with the stated .*35 460 m²$/);
    expect(said(35000)).toMatch(/; the stated .* is 35 000 m², which differs$/);
    const bare = { ...medicine, properties: { plot_ratio: 3, site_area_m2: null } };
    expect(floorAreaOf(bare, collection, columns, "en")).toBeNull();
  });

  it("carry their source in a few words", () => {
    const at = (properties: Item["properties"], lang: "zh" | "en") =>
      plain(shortSource({ ...medicine, properties }, lang));
    expect(at({ plan_chapter: 5, plan_section: 1 }, "zh")).toBe("第5章第1节");
    expect(at({ plan_chapter: 6, plan_table: 1, plan_row: 3 }, "en")).toBe("Table 1, Row 3");
    expect(at({ plan_chapter: null }, "en")).toBe("");
  });

  it("show an untranslated text as what it is", () => {
    const landUse = group("stated", "en").facts.find(({ label }) => label === "Land use");
    expect(landUse).toEqual({ label: "Land use", value: "仓储用地", lang: "zh" });
  });

  it("drop from a title only what the group says already", () => {
    const title = (name: string, lang: "zh" | "en") => bareTitle(columns.get(name) as Column, lang);
    expect(title("gross_floor_area_m2", "zh")).toBe("总建筑面积（含地下）");
    expect(title("floor_area_m2", "en")).toBe("Floor area (basis not said)");
    expect(title("plot_ratio", "en")).toBe("Plot ratio");
  });
});

describe("findings", () => {
  const finding = {
    check: "columns-disagree",
    severity: "warning",
    column: "plot_ratio",
    reason: "",
  } as const;

  it("say both numbers and by how much they differ", () => {
    expect(findingSentence(finding, medicine, columns, "zh")).toBe(
      "容积率：规划称 1.79，按所述面积推算 1.7485，相差 2.32 %。两个数都保留，未作修正。",
    );
    expect(findingSentence(finding, medicine, columns, "en")).toContain("states 1.79");
  });

  it("are found from either of the two columns", () => {
    const other = { ...finding, column: "plot_ratio_derived" };
    expect(findingSentence(other, medicine, columns, "zh")).toBe(
      findingSentence(finding, medicine, columns, "zh"),
    );
  });

  it("that this page has no words for are left to the caller", () => {
    expect(findingSentence({ ...finding, check: "new-check" }, medicine, columns, "zh")).toBeNull();
  });
});

it("a place is said with its accuracy, or with why there is none", () => {
  expect(placeOf(medicine, "en")).toContain("±80 m");
  const nowhere = { ...medicine, geometry: null, properties: { no_geometry_reason_zh: "文中无地址。" } };
  expect(placeOf(nowhere, "zh")).toBe("地图上不显示：文中无地址。");
});

it("the source names only what is given", () => {
  expect(sourceParts(medicine, "zh")).toEqual(["第 5 章", "第 1 节"]);
  expect(sourceParts(medicine, "en")).toEqual(["Chapter 5", "Section 1"]);
});

describe("showValue", () => {
  const of = (type: Column["type"], more: Partial<Column> = {}) =>
    column("x", "x", "x", "stated", { type, ...more })[1];

  it("shows times as they are, arrays joined with the titles of their codes, and JSON as JSON", () => {
    expect(showValue("2021-01-31", of("date"), "zh")).toBe("2021-01-31");
    expect(showValue("2021-01-31T08:00:00Z", of("timestamp"), "en")).toBe("2021-01-31T08:00:00Z");
    const kinds = of("strings", { values: [{ code: "road", zh: "道路", en: "Road" }] });
    expect(showValue(["road", "other"], kinds, "zh")).toBe("道路、other");
    expect(showValue(["road", "other"], kinds, "en")).toBe("Road, other");
    expect(showValue([], kinds, "en")).toBe("");
    expect(showValue({ a: [1, "b"] }, of("json"), "en")).toBe('{"a":[1,"b"]}');
    expect(showValue("text", of("json"), "en")).toBe('"text"');
  });
});
