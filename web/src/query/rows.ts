// The page of items that the table shows, and with it the one count that everything else repeats.

import { computed, effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchPage } from "../api";
import { formatNumber } from "../format";
import { tq } from "../i18n/query";
import { failed } from "../load";
import type { Collection, ItemPage } from "../model";
import { offline } from "../offline";
import { announcement, collections, type Load, say } from "../state";
import { query, sortParam } from "./query";
import { itemsPath } from "./query-url";

export const PAGE_SIZE = 50;
/** While a brush moves or a name is typed, only what it comes to rest at is asked for. */
const REST_MS = 120;

export const rows = signal<Load<ItemPage>>({ state: "loading" });
/** What was shown before, while the next page is on its way. */
export const lastRows = signal<ItemPage | null>(null);

const wanted = signal(0);
const attempts = signal(0);
const turned = signal<{ of: string; cursors: readonly string[] }>({ of: "", cursors: [] });

const firstPage = computed(() =>
  query.value ? itemsPath(query.value, { sortby: sortParam.value, limit: String(PAGE_SIZE) }) : "",
);

/** Cursors of the pages turned to, the last one open; those of another query mean nothing. */
const cursors = computed(() => (turned.value.of === firstPage.value ? turned.value.cursors : []));

export const pageNumber = computed(() => cursors.value.length);

export const nextCursor = computed(() => {
  const next = rows.value.state === "ready" && rows.value.value.links?.find(({ rel }) => rel === "next");
  return next ? new URL(next.href, location.href).searchParams.get("cursor") : null;
});

export function turnPage(forward: boolean): void {
  const cursor = nextCursor.peek();
  const before = cursors.peek();
  if (forward && !cursor) return;
  turned.value = {
    of: firstPage.peek(),
    cursors: forward && cursor ? [...before, cursor] : before.slice(0, -1),
  };
}

export function retryRows(): void {
  attempts.value += 1;
}

/** For components that show the rows or their count; without any, nothing is asked of the server. */
export function useRows(): void {
  useEffect(() => {
    wanted.value += 1;
    return () => {
      wanted.value -= 1;
    };
  }, []);
}

effect(() => {
  if (!offline.value && rows.peek().state === "failed") attempts.value = attempts.peek() + 1;
});

const isWanted = computed(() => wanted.value > 0);
let shownFor = "";

effect(() => {
  void attempts.value;
  if (!isWanted.value || !query.value) return undefined;
  const collection = query.value.collection;
  const of = firstPage.value;
  const cursor = cursors.value.at(-1) ?? "";
  const stop = new AbortController();
  rows.value = { state: "loading" };
  // Rows of another collection have other columns: better none than those.
  if (!shownFor.startsWith(`${collection} `)) lastRows.value = null;
  const timer = setTimeout(() => {
    const url = cursor ? `${of}&cursor=${encodeURIComponent(cursor)}` : of;
    fetchPage(url, stop.signal).then(
      (page) => {
        if (stop.signal.aborted) return;
        rows.value = { state: "ready", value: page };
        lastRows.value = page;
        const known = `${collection} ${of}`;
        if (shownFor && shownFor !== known) announceCount(collection, page.numberMatched);
        shownFor = known;
      },
      (cause) => {
        if (!stop.signal.aborted) rows.value = failed(cause);
      },
    );
  }, REST_MS);
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
});

/** `1 / 10 项`: the server's count, and of how many. */
export function foundOf(matched: number | undefined, collection: Collection): string {
  return tq("found", {
    matched: matched === undefined ? "…" : formatNumber(matched),
    total: formatNumber(collection.numberOfFeatures),
  });
}

function announceCount(id: string, matched: number): void {
  const collection = collections.peek().get(id);
  if (!collection) return;
  announcement.value = tq("foundLong", {
    layer: say(collection.title),
    matched,
    total: collection.numberOfFeatures,
  });
}
