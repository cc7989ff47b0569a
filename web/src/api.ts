import type { FeatureRef, Item, ItemPage, Plan } from "./model";

/** The server answered, and not with what was asked for. `status` 0: it did not answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

async function getJson(path: string, signal?: AbortSignal): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      headers: { Accept: "application/geo+json, application/json;q=0.9" },
      signal: signal ?? null,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, String(cause));
  }
  if (!response.ok) throw new ApiError(response.status, `${response.status} ${path}`);
  return response.json();
}

// Large enough for a town plan's register in one answer. Where a collection holds more, the list says so.
const LIST_LIMIT = 1000;

export function fetchPlan(): Promise<Plan> {
  return getJson("/plan") as Promise<Plan>;
}

export function fetchItem(ref: FeatureRef, signal?: AbortSignal): Promise<Item> {
  const path = `/collections/${encodeURIComponent(ref.collection)}/items/${encodeURIComponent(ref.id)}`;
  return getJson(path, signal) as Promise<Item>;
}

export function fetchItems(collection: string): Promise<ItemPage> {
  const path = `/collections/${encodeURIComponent(collection)}/items?limit=${LIST_LIMIT}`;
  return getJson(path) as Promise<ItemPage>;
}

export function fetchTile(path: string, signal: AbortSignal): Promise<unknown> {
  return getJson(path, signal);
}
