// The query in force: what the filters, the text and the time ask of one collection. The map, the table, the
// count and the downloads all ask the server with the same parameters, so that they cannot disagree.

import { batch, computed } from "@preact/signals";
import { CONTEXT } from "../model";
import {
  collections,
  columns,
  extent,
  filter,
  hasTime,
  inView,
  queried,
  queriedId,
  sort,
  text,
  time,
} from "../state";
import type { Clause, TimeSpan } from "../url";
import { ANYTHING, datetimeOf, toCql } from "./clauses";
import type { Query } from "./query-url";

function paramsFor(clauses: readonly Clause[], name: string, span: TimeSpan | null): URLSearchParams {
  const params = new URLSearchParams();
  const cql = toCql(clauses, columns.value);
  if (cql) params.set("filter", cql);
  if (name) params.set("q", name);
  if (span) params.set("datetime", datetimeOf(span));
  return params;
}

/** What has no time is of every time: of a layer without any, none is asked. */
const spanOf = (id: string | null) => (hasTime(id) ? time.value : null);

/** Without the box: what the map shows, of which it sees a part anyway. */
const everywhere = computed(() => paramsFor(filter.value, text.value, spanOf(queriedId.value)));

/** True where less than the whole collection is asked for. */
export const narrowed = computed(() => everywhere.value.size > 0);

export const query = computed<Query | null>(() => {
  const collection = queriedId.value;
  return collection ? { collection, params: boxed(everywhere.value) } : null;
});

/** The query without what it asks of one column, or without the text or the time: what that one takes away. */
export function queryWithout(part: { column: string } | "text" | "time"): Query | null {
  const collection = queriedId.value;
  if (!collection) return null;
  const clauses =
    typeof part === "string" ? filter.value : filter.value.filter((one) => one.column !== part.column);
  const name = part === "text" ? "" : text.value;
  const span = part === "time" ? null : spanOf(collection);
  return { collection, params: boxed(paramsFor(clauses, name, span)) };
}

function boxed(params: URLSearchParams): URLSearchParams {
  const box = inView.value ? extent.value : null;
  if (!box) return params;
  const withBox = new URLSearchParams(params);
  withBox.set("bbox", box.map((degrees) => degrees.toFixed(6)).join(","));
  return withBox;
}

export const sortParam = computed(() =>
  sort.value.map(({ column, descending }) => (descending ? "-" : "") + column).join(","),
);

/** What the map and the lists show of a collection, where that is not all of it: the time is asked of all. */
export const mapFilters = computed<ReadonlyMap<string, string>>(() => {
  const asked = new Map<string, string>();
  for (const id of collections.value.keys()) {
    const params = id === queriedId.value ? everywhere.value : paramsFor([], "", spanOf(id));
    if (params.size > 0) asked.set(id, params.toString());
  }
  return asked;
});

/** What the addresses of tiles end with: several where not all collections are asked the same. */
export const tileQueries = computed<readonly string[]>(() => {
  const asked = mapFilters.value;
  if (asked.size === 0) return [""];
  const alike = new Map<string, string[]>();
  for (const id of collections.value.keys()) {
    const query = asked.get(id) ?? "";
    alike.set(query, [...(alike.get(query) ?? []), id]);
  }
  return [...alike].map(
    ([query, ids]) => `?collections=${ids.map(encodeURIComponent)}${query ? `&${query}` : ""}`,
  );
});

export function clauseOf(column: string): Clause | undefined {
  return filter.value.find((one) => one.column === column);
}

/** Asks something else of a column; nothing at all where `clause` says nothing. */
export function setClause(column: string, asked: Omit<Clause, "column"> | null): void {
  const clause = { column, ...(asked ?? ANYTHING) };
  const says = clause.range || clause.values.length > 0 || clause.unstated;
  const before = filter.peek();
  const at = before.findIndex((one) => one.column === column);
  if (at < 0) filter.value = says ? [...before, clause] : before;
  else filter.value = says ? before.with(at, clause) : before.filter((one) => one.column !== column);
}

export function clearQuery(): void {
  batch(() => {
    filter.value = [];
    text.value = "";
    time.value = null;
  });
}

/** Turns to another collection: nothing that was asked of the first has a meaning for it, but for the time. */
export function openCollection(id: string): void {
  batch(() => {
    filter.value = [];
    text.value = "";
    sort.value = [];
    queried.value = id;
    if (queriedId.value === id && id !== CONTEXT) return;
    queried.value = null;
  });
}
