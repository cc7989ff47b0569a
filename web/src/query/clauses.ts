// What is asked of columns: as CQL2 for the server, and as words for people. Pure.

import { bareTitle } from "../facts";
import { formatValue } from "../format";
import { pick, translate } from "../i18n";
import type { Column, Lang } from "../model";
import type { Clause, TimeSpan } from "../url";
import { firstDay, lastDay } from "./timescale";

export const ANYTHING = { range: null, values: [], unstated: false } as const;

export function isNumeric({ type }: Column): boolean {
  return type === "number" || type === "integer";
}

export function isDate({ type }: Column): boolean {
  return type === "date" || type === "timestamp";
}

/** Whether a clause, perhaps from an old link, can be asked of this column. */
export function suits({ range, values }: Clause, column: Column): boolean {
  const ends = range ? [range.low, range.high].filter((end) => end !== "") : [];
  if (isNumeric(column)) return [...ends, ...values].every((text) => text.trim() && Number.isFinite(+text));
  if (isDate(column)) return values.length === 0 && ends.every((end) => !Number.isNaN(Date.parse(end)));
  if (column.type === "boolean") return !range && values.every((one) => one === "true" || one === "false");
  return column.type === "string" && !range;
}

/** CQL2 text for all clauses together, `""` for none; columns that are not known are left out. */
export function toCql(clauses: readonly Clause[], columns: ReadonlyMap<string, Column>): string {
  const asked = clauses.flatMap((clause) => {
    const column = columns.get(clause.column);
    return column ? partsOf(clause, column) : [];
  });
  const several = asked.length > 1;
  return asked.map((parts) => joined(parts, several)).join(" AND ");
}

function joined(parts: string[], several: boolean): string {
  if (parts.length === 1) return parts[0] ?? "";
  const or = parts.map((part) => (part.includes(" AND ") ? `(${part})` : part)).join(" OR ");
  return several ? `(${or})` : or;
}

function partsOf({ range, values, unstated }: Clause, column: Column): string[][] {
  const name = identifier(column.name);
  const parts: string[] = [];
  if (range) {
    const low = range.low && `${name} >= ${literal(range.low, column)}`;
    const high = range.high && `${name} <= ${literal(range.high, column)}`;
    parts.push([low, high].filter(Boolean).join(" AND ") || `${name} IS NOT NULL`);
  }
  const listed = values.map((value) => literal(value, column));
  if (listed.length === 1) parts.push(`${name} = ${listed[0]}`);
  if (listed.length > 1) parts.push(`${name} IN (${listed.join(", ")})`);
  if (unstated) parts.push(`${name} IS NULL`);
  return parts.length > 0 ? [parts] : [];
}

/** `datetime` of the API, which knows days only: a month or a year is from its first day to its last. */
export function datetimeOf({ from, to }: TimeSpan): string {
  return `${from ? firstDay(from) : ".."}/${to ? lastDay(to) : ".."}`;
}

/** Words of CQL2 would not be taken for a column. */
const RESERVED = /^(and|or|not|like|between|in|is|null|true|false|date|timestamp|interval|casei|accenti)$/i;

export function identifier(name: string): string {
  return /^[a-z_]\w*$/i.test(name) && !RESERVED.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function textLiteral(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

function literal(value: string, column: Column): string {
  if (isNumeric(column)) return String(Number(value));
  if (column.type === "boolean") return value.toUpperCase();
  if (column.type === "date") return `DATE(${textLiteral(value)})`;
  if (column.type === "timestamp") {
    return `TIMESTAMP(${textLiteral(value.includes("T") ? value : `${value}T00:00:00Z`)})`;
  }
  return textLiteral(value);
}

/** `容积率 ≥ 2 或未提供` */
export function describe({ range, values, unstated }: Clause, column: Column, lang: Lang): string {
  const shown = (end: string) => (isNumeric(column) ? formatValue(Number(end), column, lang) : end);
  const said: string[] = [];
  if (range) {
    const { low, high } = range;
    if (low && high) said.push(low === high ? `= ${shown(low)}` : `${shown(low)} – ${shown(high)}`);
    else if (low) said.push(`≥ ${shown(low)}`);
    else if (high) said.push(`≤ ${shown(high)}`);
    else said.push(translate(lang, "stated"));
  }
  said.push(...values.map((value) => valueName(value, column, lang)));
  if (unstated) said.push(translate(lang, "notStated"));
  const title = bareTitle(column, lang);
  return `${title} ${said.join(translate(lang, "or"))}`;
}

export function valueName(value: string, column: Column, lang: Lang): string {
  if (column.type === "boolean") return translate(lang, value === "true" ? "yes" : "no");
  const coded = column.values?.find(({ code }) => code === value);
  return coded ? pick(coded, lang) : value;
}
