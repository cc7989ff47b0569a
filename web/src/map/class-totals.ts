// How many features of each class a collection has in all: from its list, or where that is only a part, from the server.

import { computed, signal } from "@preact/signals";
import { fetchGroups } from "../api";
import type { Collection } from "../model";
import { columns, lists } from "../state";
import { NO_CLASS } from "./subject";

const asked = new Map<string, string>();
const answers = signal<ReadonlyMap<string, ReadonlyMap<string, number>>>(new Map());

export const classTotals = computed<ReadonlyMap<string, ReadonlyMap<string, number>>>(() => {
  const totals = new Map(answers.value);
  for (const [id, list] of lists.value) {
    const column = asked.get(id);
    if (!column || list.state !== "ready" || list.value.numberMatched > list.value.features.length) continue;
    const counts = new Map<string, number>();
    for (const { properties } of list.value.features) {
      const code = String(properties[column] ?? "") || NO_CLASS;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    totals.set(id, counts);
  }
  return totals;
});

// As many as a list has in one answer.
const LISTED = 1000;

export function countClasses(collection: Collection, column: string): void {
  if (asked.has(collection.id) || !columns.peek().has(column)) return;
  asked.set(collection.id, column);
  if (collection.numberOfFeatures <= LISTED) {
    answers.value = new Map(answers.value);
    return;
  }
  fetchGroups(collection.id, "", column, new AbortController().signal).then(
    ({ groups }) => {
      const counts = new Map(groups.map(({ value, count }) => [value ?? NO_CLASS, count] as const));
      answers.value = new Map(answers.value).set(collection.id, counts);
    },
    // The counts in view are there all the same; the next opening asks again.
    () => asked.delete(collection.id),
  );
}
