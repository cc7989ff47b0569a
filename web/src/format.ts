// Numbers and units for people. A figure of the plan keeps every digit that the plan gives.

import type { Column, Lang } from "./model";

/** Between thousands, and before a unit: neither may end up on a line of its own. */
const SPACE = "\u00a0";

export function formatNumber(value: number, maxDecimals = 7): string {
  const plain = Number(value.toFixed(maxDecimals)).toString();
  if (plain.includes("e")) return plain;
  const [whole = "", decimals] = plain.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, SPACE);
  return (value < 0 ? "\u2212" : "") + grouped + (decimals ? `.${decimals}` : "");
}

const UNITS: Record<string, Record<Lang, string>> = {
  "m²": { zh: "㎡", en: "m²" },
  m: { zh: "米", en: "m" },
  元: { zh: "元", en: "yuan" },
};

export function unitOf(unit: string | undefined, lang: Lang): string {
  return unit && unit !== "1" ? (UNITS[unit]?.[lang] ?? unit) : "";
}

/** Yuan, as the plan writes it and as ISO 4217 does. */
const YUAN = new Set(["元", "CNY"]);

/** A number in its unit. Yuan go to 亿元 / million yuan, in which such sums are read. */
export function formatQuantity(
  value: number,
  unit: string | undefined,
  lang: Lang,
  decimals?: number,
): string {
  if (unit && YUAN.has(unit) && Math.abs(value) >= 1e8) {
    return lang === "zh"
      ? `${formatNumber(value / 1e8, 4)}${SPACE}亿元`
      : `${formatNumber(value / 1e6, 2)} million yuan`;
  }
  const number = formatNumber(value, decimals);
  const name = unitOf(unit, lang);
  return name ? `${number}${SPACE}${name}` : number;
}

/** Ratios keep a decimal, so that a plot ratio of 3 does not read as a count; what we compute gets four. */
export function formatValue(value: number, column: Column, lang: Lang): string {
  // A year, a storey, a table's number: a whole number that counts nothing has no thousands.
  if (column.type === "integer" && !column.unit && Math.abs(value) < 10_000) return String(value);
  const decimals = column.role === "stated" ? 7 : column.unit ? 1 : 4;
  const text = formatQuantity(value, column.unit, lang, decimals);
  return isRatio(column) && !text.includes(".") ? `${text}.0` : text;
}

function isRatio(column: Column): boolean {
  return column.type === "number" && (!column.unit || column.unit === "1");
}
