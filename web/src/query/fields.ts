// Which columns can be asked about, and what their numbers range over. Pure.

import { isTwin } from "../facts";
import type { Collection, Column, Lang } from "../model";
import { isNumeric } from "./clauses";

export interface Fields {
  /** Those that most people come for. */
  main: Column[];
  more: Column[];
}

// Of these every feature has its own, or they are one sentence each: nothing to choose from.
const NO_CHOICE = /^(name|note|geometry_source|no_geometry_reason|plan_ref|part_of)(_zh|_en)?$/;

export function fieldsOf(collection: Collection, columns: ReadonlyMap<string, Column>, lang: Lang): Fields {
  const names = new Set(collection.columns);
  const main: Column[] = [];
  const more: Column[] = [];
  for (const name of collection.columns) {
    const column = columns.get(name);
    if (!column || NO_CHOICE.test(name) || isTwin(name, names, lang)) continue;
    if (column.type === "json" || column.type === "strings") continue;
    const figure = isNumeric(column) && ["stated", "derived", "measured"].includes(column.role);
    const kind = column.role === "stated" && (column.values?.length ?? 0) > 0;
    (column.tile && (figure || kind) ? main : more).push(column);
  }
  // Numbers before kinds: they are what most queries begin with.
  main.sort((a, b) => Number(isNumeric(b)) - Number(isNumeric(a)));
  return { main, more };
}

/** At most so many bins. */
const MOST_BINS = 20;
/** Steps of the sliders in a bin. */
const STEPS = 5;

/**
 * Round edges of bins that hold everything from `low` to `high`, and a round step to move by. They depend on the whole
 * collection only, so that a histogram does not jump when something else is filtered.
 */
export function scaleFor(low: number, high: number): { edges: number[]; step: number } {
  const rough = (high - low) / MOST_BINS || Math.abs(high) / MOST_BINS || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const clean = (value: number) => Number(value.toPrecision(15));
  // Rounded as they are written: 0.3 is an edge, and 0.30000000000000004 would lie outside of it.
  const bins = (width: number) => {
    let first = Math.round(low / width);
    while (clean(first * width) > low) first -= 1;
    let last = Math.max(first + 1, Math.round(high / width));
    while (clean(last * width) < high) last += 1;
    return { width, first, last };
  };
  // Rounding outwards may make one bin too many: then the next width.
  const widths = [1, 2, 5, 10, 20, 50].map((one) => bins(one * power));
  const fitting = widths.find(({ first, last }) => last - first <= MOST_BINS);
  const { width, first, last } = fitting ?? bins(100 * power);
  const edges = Array.from({ length: last - first + 1 }, (_, at) => clean((first + at) * width));
  return { edges, step: clean(width / STEPS) };
}

/** A range with one end moved; the other gives way where they would cross. */
export function moveEnd(
  range: { low: string; high: string },
  end: "low" | "high",
  to: string,
): { low: string; high: string } {
  const moved = { ...range, [end]: to };
  const crossed = moved.low !== "" && moved.high !== "" && Number(moved.low) > Number(moved.high);
  if (!crossed) return moved;
  return end === "low" ? { low: to, high: "" } : { low: "", high: to };
}
