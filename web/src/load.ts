// Fetches what the state asks for.

import { effect } from "@preact/signals";
import { ApiError, fetchItem, fetchItems, fetchPlan } from "./api";
import { placeOf } from "./facts";
import { CONTEXT } from "./model";
import { offline } from "./offline";
import {
  announcement,
  collections,
  detail,
  type Load,
  lang,
  lists,
  nameOf,
  plan,
  selected,
  t,
} from "./state";

export function failed(cause: unknown): { state: "failed"; status: number } {
  // What is not an answer of the server is a mistake of ours and must be seen.
  if (!(cause instanceof ApiError)) console.error(cause);
  return { state: "failed", status: cause instanceof ApiError ? cause.status : 0 };
}

export async function loadPlan(): Promise<void> {
  plan.value = { state: "loading" };
  try {
    plan.value = { state: "ready", value: await fetchPlan() };
  } catch (cause) {
    plan.value = failed(cause);
  }
}

function setList(id: string, list: Load<Awaited<ReturnType<typeof fetchItems>>>): void {
  lists.value = new Map(lists.value).set(id, list);
}

export async function loadList(id: string): Promise<void> {
  setList(id, { state: "loading" });
  try {
    setList(id, { state: "ready", value: await fetchItems(id) });
  } catch (cause) {
    setList(id, failed(cause));
  }
}

/** The lists of all collections, one after the other: the map's tiles come first on a slow line. */
export async function loadLists(): Promise<void> {
  for (const id of collections.peek().keys()) {
    if (id !== CONTEXT && !lists.peek().has(id)) await loadList(id);
  }
}

/** Keeps `detail` what is selected. */
export function followSelection(): void {
  effect(() => {
    const ref = selected.value;
    if (!ref) {
      detail.value = null;
      return undefined;
    }
    const stop = new AbortController();
    detail.value = { state: "loading" };
    fetchItem(ref, stop.signal).then(
      (item) => {
        detail.value = { state: "ready", value: item };
        announcement.value = t("selected", {
          name: nameOf(item.properties, item.id),
          place: placeOf(item, lang.peek()),
        });
      },
      (cause) => {
        if (!stop.signal.aborted) detail.value = failed(cause);
      },
    );
    return () => stop.abort();
  });
}

/** What did not come for want of a network comes when that is back. */
export function followNetwork(): void {
  effect(() => {
    if (offline.value) return;
    if (plan.peek().state === "failed") void loadPlan();
    for (const [id, list] of lists.peek()) if (list.state === "failed") void loadList(id);
    if (detail.peek()?.state === "failed") retrySelection();
  });
}

export function retrySelection(): void {
  const ref = selected.peek();
  if (ref) selected.value = { ...ref };
}
