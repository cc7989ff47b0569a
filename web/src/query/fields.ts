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

/** A round step that divides `low` to `high` into a hundred or some more, and the ends on such steps. */
export function scaleFor(low: number, high: number): { low: number; high: number; step: number } {
  const rough = (high - low) / 100 || Math.abs(high) / 100 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([5, 2, 1].find((one) => one * power <= rough) ?? 1) * power;
  const clean = (value: number) => Number(value.toPrecision(12));
  return {
    low: clean(Math.floor(low / step + 1e-9) * step),
    high: clean(Math.ceil(high / step - 1e-9) * step),
    step: clean(step),
  };
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
