import { isNumeratorName, isTwin } from "../facts";
import type { Collection, Column, Lang } from "../model";

// These stand in columns of their own, or are too long for a row.
const ELSEWHERE = /^(name_(zh|en)|part_of)$/;

/** What a table of a collection shows beside name, position and source: everything that is a figure or a few words. */
export function tableColumns(
  collection: Collection,
  columns: ReadonlyMap<string, Column>,
  lang: Lang,
): Column[] {
  const names = new Set(collection.columns);
  const shown = collection.columns.flatMap((name) => {
    const column = columns.get(name);
    if (!column || ELSEWHERE.test(name) || isTwin(name, names, lang) || column.type === "json") return [];
    if (isNumeratorName(column)) return [];
    return ["stated", "derived", "measured"].includes(column.role) ? [column] : [];
  });
  // What the tiles carry is what people look for: those first.
  return shown.sort((a, b) => Number(b.tile ?? false) - Number(a.tile ?? false));
}
