// What a timeline is divided into, and what its two handles mean. Pure.

import type { TimeSpan } from "../url";

export type Unit = "day" | "month" | "year";

export interface TimeScale {
  unit: Unit;
  /** Every day, month or year from the first to the last, as in a link: `2021`, `2021-03`, `2021-03-09`. */
  units: readonly string[];
}

const LENGTH = { day: 10, month: 7, year: 4 } as const;
const DAY_MS = 86_400_000;
/** A handle that moved by less than a few pixels could not be aimed. */
const MOST_DAYS = 92;
const MOST_MONTHS = 144;

/** Days of three months, months of twelve years, or years. */
export function timeScale(first: string, last: string): TimeScale {
  const [start, end] = [firstDay(first), lastDay(last)];
  const days = (Date.parse(end) - Date.parse(start)) / DAY_MS;
  const unit: Unit = days < MOST_DAYS ? "day" : days < (MOST_MONTHS * 365.25) / 12 ? "month" : "year";
  const units: string[] = [];
  for (let at = start; at <= end; at = next(at, unit)) units.push(at.slice(0, LENGTH[unit]));
  const closing = end.slice(0, LENGTH[unit]);
  return { unit, units: units.at(-1) === closing ? units : [...units, closing] };
}

function next(day: string, unit: Unit): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const to = { day: [year, month - 1, date + 1], month: [year, month, 1], year: [year + 1, 0, 1] }[unit];
  return new Date(Date.UTC(to[0] ?? 0, to[1] ?? 0, to[2] ?? 1)).toISOString().slice(0, 10);
}

/** A year or a month begins with its first day. */
export function firstDay(text: string): string {
  return `${text}-01-01`.slice(0, 10);
}

export function lastDay(text: string): string {
  const [year = 0, month = 12, day] = text.slice(0, 10).split("-").map(Number);
  // Day 0 of the next month is the last of this one.
  return day ? text.slice(0, 10) : new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** Where the handles stand for what is asked, whatever precision it has; an open end is the end of the scale. */
export function handlesFor(span: TimeSpan | null, { units }: TimeScale): { low: number; high: number } {
  const last = units.length - 1;
  const at = (day: string) =>
    Math.max(
      0,
      units.findLastIndex((unit) => firstDay(unit) <= day),
    );
  const low = span?.from ? at(firstDay(span.from)) : 0;
  return { low, high: Math.max(low, span?.to ? at(lastDay(span.to)) : last) };
}

/** What the handles ask for; null for all of the scale, which is to ask for nothing. */
export function spanFor(low: number, high: number, { units }: TimeScale): TimeSpan | null {
  const from = low <= 0 ? "" : (units[low] ?? "");
  const to = high >= units.length - 1 ? "" : (units[high] ?? "");
  return from || to ? { from, to } : null;
}

/** The span one step later, as long as it is; from all of the scale, its first part. Null past the end. */
export function stepped(
  low: number,
  high: number,
  { units }: TimeScale,
): { low: number; high: number } | null {
  const last = units.length - 1;
  if (low <= 0 && high >= last) return { low: 0, high: Math.floor(last / 6) };
  return high >= last ? null : { low: low + 1, high: high + 1 };
}
