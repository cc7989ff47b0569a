// The page without a network: it says so, and a service worker keeps what was seen.

import { signal } from "@preact/signals";
import { ROOT, WORKER } from "./root";

/** Nothing answers: what is shown is from before, and what only the server can tell is switched off. */
export const offline = signal(false);

const LOOK_AGAIN_MS = 5000;
let timer = 0;
let looks = 0;

/** Asked for itself: what the service worker kept is no answer of the server. */
async function reached(): Promise<boolean> {
  try {
    return (await fetch(`${ROOT}/healthz`, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** Something was not answered: is the server there? While it is not, this looks again. */
export async function lookForServer(): Promise<void> {
  clearTimeout(timer);
  looks += 1;
  const own = looks;
  const there = navigator.onLine && (await reached());
  if (own !== looks) return;
  offline.value = !there;
  if (!there) timer = setTimeout(() => void lookForServer(), LOOK_AGAIN_MS);
}

export function watchNetwork(): void {
  const look = () => void lookForServer();
  if (!navigator.onLine) look();
  addEventListener("online", look);
  addEventListener("offline", look);
  // Without https there are none, and the page does without.
  const workers = (navigator as Partial<Navigator>).serviceWorker;
  if (!workers) return;
  workers.addEventListener("message", ({ data }: MessageEvent<{ unanswered?: boolean }>) => {
    if (data.unanswered) look();
  });
  // What was loaded before there was a worker went past it: it is told, and asks the browser's cache.
  const tell = () =>
    workers.controller?.postMessage(performance.getEntriesByType("resource").map(({ name }) => name));
  if (!workers.controller) workers.addEventListener("controllerchange", tell, { once: true });
  // Not before the first map: on a slow line that has the way to itself.
  addEventListener("load", () => {
    setTimeout(() => workers.register(WORKER).catch((cause) => console.warn(String(cause))), 2000);
  });
}
