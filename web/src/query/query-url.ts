// Addresses of what a query finds. Pure.

export interface Query {
  collection: string;
  /** `filter`, `q`, `datetime`, and `bbox` where the table has only what is in view. */
  params: URLSearchParams;
}

function pathOf(what: string, { collection, params }: Query, more: Record<string, string>): string {
  const all = new URLSearchParams(params);
  for (const [name, value] of Object.entries(more)) if (value) all.set(name, value);
  const search = all.toString();
  return `/collections/${encodeURIComponent(collection)}/${what}${search ? `?${search}` : ""}`;
}

/** Of the items of a query, with more parameters; empty ones are left out. */
export function itemsPath(query: Query, more: Record<string, string>): string {
  return pathOf("items", query, more);
}

export function statisticsPath(query: Query, more: Record<string, string>): string {
  return pathOf("statistics", query, more);
}
