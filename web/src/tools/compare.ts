// Two features side by side. Pure but for the language, which callers pass.

import { bareTitle, groupFacts, ROLES } from "../facts";
import { formatValue } from "../format";
import type { Collection, Column, Item, Lang, Role } from "../model";

export type Verdict = "same" | "differs" | "onlyFirst" | "onlySecond";

export interface Row {
  label: string;
  first: string | null;
  second: string | null;
  verdict: Verdict;
  /** Second less first, where both are numbers: with its sign and unit. */
  difference: string | null;
}

export interface Part {
  role: Role;
  rows: Row[];
  /** Titles of what neither states. */
  absent: string[];
}

export interface Side {
  item: Item;
  collection: Collection;
}

export function compare(first: Side, second: Side, columns: ReadonlyMap<string, Column>, lang: Lang): Part[] {
  const [a, b] = [first, second].map(({ item, collection }) => groupFacts(item, collection, columns, lang));
  return ROLES.flatMap((role) => {
    const left = a?.find((group) => group.role === role);
    const right = b?.find((group) => group.role === role);
    const labels = new Set([...(left?.facts ?? []), ...(right?.facts ?? [])].map(({ label }) => label));
    const rows = [...labels].map((label): Row => {
      const one = left?.facts.find((fact) => fact.label === label)?.value ?? null;
      const two = right?.facts.find((fact) => fact.label === label)?.value ?? null;
      const verdict: Verdict =
        two === null ? "onlyFirst" : one === null ? "onlySecond" : one === two ? "same" : "differs";
      return { label, first: one, second: two, verdict, difference: differenceOf(label, role) };
    });
    const absent = (left?.absent ?? []).filter((label) => right?.absent.includes(label));
    return rows.length + absent.length > 0 ? [{ role, rows, absent }] : [];
  });

  function differenceOf(label: string, role: Role): string | null {
    for (const column of columns.values()) {
      if (column.role !== role || bareTitle(column, lang) !== label) continue;
      const one = first.item.properties[column.name];
      const two = second.item.properties[column.name];
      if (typeof one !== "number" || typeof two !== "number" || one === two) continue;
      const by = formatValue(Number(Math.abs(two - one).toPrecision(12)), column, lang);
      return `${two > one ? "+" : "\u2212"}${by}`;
    }
    return null;
  }
}
