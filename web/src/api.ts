import type { FeatureRef, Item, ItemPage, Plan, SearchAnswer, Statistics } from "./model";
import { lookForServer } from "./offline";
import { ROOT } from "./root";
import { isOther, openedWith, outdated } from "./version";

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

async function get(path: string, signal?: AbortSignal, cache: RequestCache = "default"): Promise<Response> {
  try {
    return await fetch(ROOT + path, {
      headers: { Accept: "application/geo+json, application/json;q=0.9" },
      signal: signal ?? null,
      cache,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    void lookForServer();
    throw new ApiError(0, String(cause));
  }
}

async function getJson(path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await get(path, signal);
  if (!isOther(response)) return read(response, path);
  // Kept by the browser from before, or made from newer data than the plan: the server knows which.
  const anew = await get(path, signal, "no-cache");
  if (isOther(anew)) outdated.value = true;
  return read(anew, path);
}

function read(response: Response, path: string): Promise<unknown> {
  if (!response.ok) throw new ApiError(response.status, `${response.status} ${path}`);
  return response.json();
}

// Large enough for a town plan's register in one answer. Where a collection holds more, the list says so.
const LIST_LIMIT = 1000;

/** The plan as it is now: what the browser may still keep for a minute would be compared with everything else. */
export async function fetchPlan(): Promise<Plan> {
  const response = await get("/plan", undefined, "no-cache");
  const plan = (await read(response, "/plan")) as Plan;
  openedWith(response);
  return plan;
}

/** An id that is a number is a text here: in the page's address there is no telling them apart. */
function named(item: Item): Item {
  return { ...item, id: String(item.id) };
}

export async function fetchItem(ref: FeatureRef, signal?: AbortSignal): Promise<Item> {
  const items = `/collections/${encodeURIComponent(ref.collection)}/items`;
  if (ref.id !== "." && ref.id !== "..") {
    return named((await getJson(`${items}/${encodeURIComponent(ref.id)}`, signal)) as Item);
  }
  // A browser takes these for folders, however they are escaped.
  const { features } = (await getJson(`${items}?id=${ref.id}`, signal)) as ItemPage;
  const [item] = features;
  if (!item) throw new ApiError(404, `404 ${items}?id=${ref.id}`);
  return named(item);
}

export function fetchItems(collection: string, query = ""): Promise<ItemPage> {
  const path = `/collections/${encodeURIComponent(collection)}/items?limit=${LIST_LIMIT}`;
  return fetchPage(query ? `${path}&${query}` : path);
}

/** One page of items, by its whole address. */
export async function fetchPage(path: string, signal?: AbortSignal): Promise<ItemPage> {
  const page = (await getJson(path, signal)) as ItemPage;
  return { ...page, features: page.features.map(named) };
}

export function fetchStatistics(path: string, signal?: AbortSignal): Promise<Statistics> {
  return getJson(path, signal) as Promise<Statistics>;
}

// Collections of a plan, and as many of each as the box lists.
const MOST_RESULTS = 200;

/** All that a text finds in names, codes and addresses: the best of each collection, and how many there are. */
export async function fetchSearch(text: string, each: number, signal: AbortSignal): Promise<SearchAnswer> {
  const path = `/search?q=${encodeURIComponent(text)}&each=${each}&limit=${MOST_RESULTS}`;
  const answer = (await getJson(path, signal)) as SearchAnswer;
  return { ...answer, results: answer.results.map((one) => ({ ...one, id: String(one.id) })) };
}

export function fetchTile(path: string, signal: AbortSignal): Promise<unknown> {
  return getJson(path, signal);
}

/** How many features there are, in all and by the values of a column. */
export async function fetchGroups(
  collection: string,
  query: string,
  column: string | null,
  signal: AbortSignal,
): Promise<{ total: number; groups: { value: string | null; count: number }[] }> {
  const path = `/collections/${encodeURIComponent(collection)}/statistics?${query}${column ? `&group-by=${column}` : ""}`;
  const answer = (await getJson(path, signal)) as {
    numberMatched: number;
    groups?: { value: string | null; numberMatched: number }[];
  };
  return {
    total: answer.numberMatched,
    groups: (answer.groups ?? []).map(({ value, numberMatched }) => ({ value, count: numberMatched })),
  };
}
