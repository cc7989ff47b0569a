// The query in force: what the filters, the text and the time ask of one collection. The map, the table, the
// count and the downloads all ask the server with the same parameters, so that they cannot disagree.

import { batch, computed } from "@preact/signals";
import { CONTEXT } from "../model";
import { collections, columns, extent, filter, inView, queried, queriedId, sort, text, time } from "../state";
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

/** Without the box: what the map shows, of which it sees a part anyway. */
const everywhere = computed(() => paramsFor(filter.value, text.value, time.value));

/** True where less than the whole collection is asked for. */
export const narrowed = computed(() => everywhere.value.size > 0);

export const query = computed<Query | null>(() => {
  const collection = queriedId.value;
  return collection ? { collection, params: boxed(everywhere.value) } : null;
});

/** The query without what it asks of one column, or without the text: what that one takes away. */
export function queryWithout(part: { column: string } | "text"): Query | null {
  const collection = queriedId.value;
  if (!collection) return null;
  const clauses = part === "text" ? filter.value : filter.value.filter((one) => one.column !== part.column);
  return { collection, params: boxed(paramsFor(clauses, part === "text" ? "" : text.value, time.value)) };
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

/** What the map shows of the queried collection; null where that is all of it. */
export const mapFilter = computed<{ collection: string; query: string } | null>(() => {
  const collection = queriedId.value;
  return collection && narrowed.value ? { collection, query: everywhere.value.toString() } : null;
});

/** What the addresses of tiles end with; two where one collection is filtered and the others are not. */
export const tileQueries = computed<readonly string[]>(() => {
  const collection = queriedId.value;
  if (!collection || !narrowed.value) return [""];
  const others = [...collections.value.keys()].filter((id) => id !== collection);
  const own = new URLSearchParams([["collections", collection], ...everywhere.value]);
  return [...(others.length > 0 ? [`?collections=${others.map(encodeURIComponent)}`] : []), `?${own}`];
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

/** Turns to another collection: nothing that was asked of the first has a meaning for it. */
export function openCollection(id: string): void {
  batch(() => {
    clearQuery();
    sort.value = [];
    queried.value = id;
    if (queriedId.value === id && id !== CONTEXT) return;
    queried.value = null;
  });
}
