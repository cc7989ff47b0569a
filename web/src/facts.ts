// From a feature to what is shown of it. Pure but for the language, which callers pass.

import { formatNumber, formatQuantity, formatValue } from "./format";
import { pick, translate } from "./i18n";
import type { Collection, Column, Finding, Item, Lang, Role, Value } from "./model";

export interface Fact {
  label: string;
  value: string;
  /** How a derived number came about, with its numbers. */
  formula?: string;
  /** Set where the value is in another language than the page. */
  lang?: Lang;
}

export interface Group {
  role: Role;
  facts: Fact[];
  /** Titles of columns without a value: said once, not row by row. */
  absent: string[];
}

export const ROLES: readonly Role[] = ["stated", "derived", "measured", "position", "source", "note"];

// These have a place of their own in the panel.
const OWN_PLACE = new Set([
  "name_zh",
  "name_en",
  "no_geometry_reason_zh",
  "no_geometry_reason_en",
  "part_of",
  "geometry_basis",
  "position_accuracy_m",
  "plan_ref",
  "plan_chapter",
  "plan_section",
  "plan_table",
  "plan_row",
]);

/** A text column in the other language, where the page's language has a column of its own. */
export function isTwin(name: string, names: ReadonlySet<string>, lang: Lang): boolean {
  const other = lang === "zh" ? "en" : "zh";
  return name.endsWith(`_${other}`) && names.has(`${name.slice(0, -2)}${lang}`);
}

export function groupFacts(
  item: Item,
  collection: Collection,
  columns: ReadonlyMap<string, Column>,
  lang: Lang,
): Group[] {
  const names = new Set(collection.columns);
  const groups = new Map<Role, Group>(ROLES.map((role) => [role, { role, facts: [], absent: [] }]));
  for (const name of collection.columns) {
    const column = columns.get(name);
    const group = column && groups.get(column.role);
    if (!group || OWN_PLACE.has(name) || isTwin(name, names, lang) || isNumeratorName(column)) continue;
    const fact = factOf(item, column, columns, lang);
    const label = bareTitle(column, lang);
    if (fact) group.facts.push({ label, ...fact });
    else group.absent.push(label);
  }
  const floorArea = floorAreaOf(item, collection, columns, lang);
  if (floorArea) groups.get("derived")?.facts.push(floorArea);
  return [...groups.values()];
}

/**
 * Floor area as the plan's own plot ratio and site area have it: nobody need reach for a calculator, and nobody may
 * take it for a figure of the plan. Where the plan states the floor area that its ratio counts, both are compared.
 */
export function floorAreaOf(
  { properties }: Item,
  collection: Collection,
  columns: ReadonlyMap<string, Column>,
  lang: Lang,
): Fact | null {
  for (const name of collection.columns) {
    const ratio = columns.get(name);
    const derived = ratio?.role === "stated" ? columns.get(ratio.agrees_with?.column ?? "") : undefined;
    const compute = derived?.compute;
    if (!ratio || typeof compute !== "object" || !("ratio" in compute)) continue;
    const area = columns.get(compute.ratio.denominator);
    const factor = properties[ratio.name];
    const base = area && properties[area.name];
    if (!area || typeof factor !== "number" || typeof base !== "number") continue;
    const product = Number((factor * base).toPrecision(12));
    const counted = columns.get(compute.ratio.numerators[0] ?? "");
    const stated = counted && properties[counted.name];
    const formula = translate(lang, "product", {
      a: formatValue(factor, ratio, lang),
      factor: bareTitle(ratio, lang),
      b: formatValue(base, area, lang),
      base: bareTitle(area, lang),
    });
    const compared =
      counted && typeof stated === "number"
        ? translate(lang, isSame(product, stated) ? "productAgrees" : "productDiffers", {
            column: bareTitle(counted, lang),
            stated: formatValue(stated, counted, lang),
          })
        : null;
    return {
      label: translate(lang, "floorArea"),
      value: formatQuantity(product, area.unit, lang, 1),
      formula: [formula, compared].filter(Boolean).join(translate(lang, "sentenceSeparator")),
    };
  }
  return null;
}

/** To the square metre, which is as exactly as plans state areas. */
function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) < 1;
}

/** Where in the plan, in so few words that each value can carry it. */
export function shortSource(item: Item, lang: Lang): string {
  const has = (part: string) => typeof item.properties[`plan_${part}`] === "number";
  const parts = (has("table") ? ["table", "row"] : ["chapter", "section"]).filter(has);
  return parts
    .map((part) =>
      translate(lang, part as "table" | "row" | "chapter" | "section", {
        n: Number(item.properties[`plan_${part}`]),
      }).replaceAll(" ", lang === "zh" ? "" : "\u00a0"),
    )
    .join(lang === "zh" ? "" : ", ");
}

export function isNumeratorName({ compute }: Column): boolean {
  return typeof compute === "object" && "ratio_numerator_of" in compute;
}

function factOf(
  { properties }: Item,
  column: Column,
  columns: ReadonlyMap<string, Column>,
  lang: Lang,
): Omit<Fact, "label"> | null {
  const value = properties[column.name] ?? null;
  if (value !== null && value !== "") {
    const formula = formulaOf(column, properties, columns, lang);
    return { value: showValue(value, column, lang), ...(formula ? { formula } : {}) };
  }
  // The plan is Chinese; a text that nobody translated is better than none.
  const other = lang === "zh" ? "en" : "zh";
  if (column.name.endsWith(`_${lang}`)) {
    const twin = properties[`${column.name.slice(0, -2)}${other}`];
    if (typeof twin === "string" && twin) return { value: twin, lang: other };
  }
  return null;
}

export function showValue(value: Exclude<Value, null>, column: Column, lang: Lang): string {
  if (typeof value === "number") return formatValue(value, column, lang);
  if (typeof value === "boolean") return translate(lang, value ? "yes" : "no");
  if (column.type === "strings" && Array.isArray(value)) {
    return value.map((one) => coded(String(one), column, lang)).join(lang === "zh" ? "、" : ", ");
  }
  // JSON has no form of its own for people.
  return column.type !== "json" && typeof value === "string"
    ? coded(value, column, lang)
    : JSON.stringify(value);
}

function coded(text: string, column: Column, lang: Lang): string {
  const known = column.values?.find(({ code }) => code === text);
  return known ? pick(known, lang) : text;
}

/** `= counted floor area 35 460 ÷ site area 11 820` for a ratio, with what went into it. */
function formulaOf(
  { name, compute }: Column,
  properties: Item["properties"],
  columns: ReadonlyMap<string, Column>,
  lang: Lang,
): string | null {
  if (typeof compute !== "object" || !("ratio" in compute)) return null;
  const { numerators, denominator } = compute.ratio;
  const from = [...columns.values()].find(
    (one) =>
      typeof one.compute === "object" &&
      "ratio_numerator_of" in one.compute &&
      one.compute.ratio_numerator_of === name,
  );
  const named = from && properties[from.name];
  const numerator =
    typeof named === "string" ? named : numerators.find((one) => typeof properties[one] === "number");
  const over = numerator ? columns.get(numerator) : undefined;
  const under = columns.get(denominator);
  const a = over && properties[over.name];
  const b = under && properties[under.name];
  if (typeof a !== "number" || typeof b !== "number") return null;
  return translate(lang, "formula", {
    numerator: bareTitle(over as Column, lang),
    a: formatValue(a, over as Column, lang),
    denominator: bareTitle(under as Column, lang),
    b: formatValue(b, under as Column, lang),
  });
}

// Remarks of a title that the group it stands in says already; for a table of all columns they are needed.
const SAID_BY_GROUP = new Set([
  "规划文本",
  "推算",
  "中文",
  "英文",
  "stated",
  "derived",
  "Chinese",
  "English",
]);

/** A title without those remarks in brackets: `总建筑面积（含地下，规划文本）` is `总建筑面积（含地下）`. */
export function bareTitle(column: Column, lang: Lang): string {
  return pick(column.title, lang).replace(/\s*[（(]([^（()）]*)[）)]$/u, (bracket, inner: string) => {
    const kept = inner.split(/[，,]\s*/u).filter((remark) => !SAID_BY_GROUP.has(remark));
    if (kept.length === 0) return "";
    return lang === "zh"
      ? `（${kept.join("，")}）`
      : `${bracket.startsWith(" ") ? " " : ""}(${kept.join(", ")})`;
  });
}

/** A sentence about a finding; null where the check is not known to this page. */
export function findingSentence(
  finding: Finding,
  { properties }: Item,
  columns: ReadonlyMap<string, Column>,
  lang: Lang,
): string | null {
  if (finding.check !== "columns-disagree" || !finding.column) return null;
  const named = columns.get(finding.column);
  const stated = named?.agrees_with
    ? named
    : [...columns.values()].find((column) => column.agrees_with?.column === finding.column);
  const other = stated?.agrees_with && columns.get(stated.agrees_with.column);
  if (!stated || !other) return null;
  const a = properties[stated.name];
  const b = properties[other.name];
  if (typeof a !== "number" || typeof b !== "number") return null;
  if (a === b) return null;
  const key =
    other.role === "derived"
      ? "disagreeDerived"
      : other.role === "measured"
        ? "disagreeMeasured"
        : "disagreeStated";
  return translate(lang, key, {
    column: bareTitle(stated, lang),
    stated: formatValue(a, stated, lang),
    other: formatValue(b, other, lang),
    percent: `${formatNumber((Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b))) * 100, 2)} %`,
  });
}

/** Where in the plan: chapter, section, table and row, as far as each is given. */
export function sourceParts({ properties }: Item, lang: Lang): string[] {
  return (["chapter", "section", "table", "row"] as const).flatMap((part) => {
    const n = properties[`plan_${part}`];
    return typeof n === "number" ? [translate(lang, part, { n })] : [];
  });
}

export function accuracyOf({ properties }: Item): number | null {
  const metres = properties.position_accuracy_m;
  return typeof metres === "number" ? metres : null;
}

/** A collection that says of its shapes what they rest on has schematic ones, unless it calls one surveyed. */
export const restsOnWords = (says: boolean, basis: unknown): boolean => says && basis !== "surveyed";

export function isDrawn({ properties }: Item): boolean {
  return restsOnWords("geometry_basis" in properties, properties.geometry_basis);
}

/** How sure the position is, in a word and a figure; nothing where the data do not say. */
export function sureness(item: Item, lang: Lang): string {
  const metres = accuracyOf(item);
  const parts = [
    isDrawn(item) && translate(lang, "schematic"),
    metres !== null && translate(lang, "plusMinus", { metres: formatNumber(metres) }),
  ];
  return parts.filter(Boolean).join(" ");
}

/** One sentence on how sure the position is, or why there is none. */
export function placeOf(item: Item, lang: Lang): string {
  if (!item.geometry) return translate(lang, "noPlaceReason", { reason: noPlaceReason(item, lang) });
  const metres = accuracyOf(item);
  if (!isDrawn(item)) {
    return metres === null
      ? translate(lang, "placeUntold")
      : translate(lang, "placeWithin", { metres: formatNumber(metres) });
  }
  return metres === null
    ? translate(lang, "schematicNoAccuracy")
    : translate(lang, "schematicLong", { metres: formatNumber(metres) });
}

export function noPlaceReason({ properties }: Item, lang: Lang): string {
  const text = {
    zh: String(properties.no_geometry_reason_zh ?? ""),
    en: String(properties.no_geometry_reason_en ?? ""),
  };
  return pick(text, lang) || translate(lang, "noReason");
}
