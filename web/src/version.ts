// The server may take up other data while a page is open: parts of two versions are not shown together without a word.

import { signal } from "@preact/signals";
import { offline } from "./offline";
import { ROOT } from "./root";

/** The server has other data than the plan on this page. */
export const outdated = signal(false);

const LOOK_MS = 60_000;
let opened: string | null = null;
let looked = 0;

/** The first part of an entity tag tells the data and the program that the answer was made from. */
function versionOf(response: Response): string | null {
  return /^(?:W\/)?"(\w+)-/.exec(response.headers.get("ETag") ?? "")?.[1] ?? null;
}

/** The plan is here: what comes from now on is compared with it. */
export function openedWith(response: Response): void {
  opened = versionOf(response);
  outdated.value = false;
}

export function isOther(response: Response): boolean {
  const version = versionOf(response);
  return opened !== null && version !== null && version !== opened;
}

async function look(): Promise<void> {
  if (document.hidden || offline.peek() || outdated.peek() || Date.now() - looked < LOOK_MS / 2) return;
  looked = Date.now();
  try {
    // Not GET: the service worker may not answer it.
    const response = await fetch(`${ROOT}/plan`, { method: "HEAD", cache: "no-store" });
    if (response.ok && isOther(response)) outdated.value = true;
  } catch {
    // Whoever asks for something tells that nothing answers.
  }
}

/** A page at which somebody only looks asks once a minute, and when it is turned to again. */
export function watchVersion(): void {
  looked = Date.now();
  setInterval(() => void look(), LOOK_MS);
  document.addEventListener("visibilitychange", () => void look());
}
