// The page without a network: it says so, and a service worker keeps what was seen.

import { signal } from "@preact/signals";

/** The server was not reached, and what is shown is from an earlier visit. */
export const offline = signal(false);

export function watchNetwork(): void {
  const set = () => {
    offline.value = !navigator.onLine;
  };
  set();
  addEventListener("online", set);
  addEventListener("offline", set);
  // Without https there are none, and the page does without.
  const workers = (navigator as Partial<Navigator>).serviceWorker;
  if (!workers) return;
  workers.addEventListener("message", ({ data }: MessageEvent<{ offline?: boolean }>) => {
    if (typeof data.offline === "boolean") offline.value = data.offline;
  });
  // Not before the first map: on a slow line that has the way to itself.
  addEventListener("load", () => {
    setTimeout(() => workers.register("/sw.js").catch((cause) => console.warn(String(cause))), 2000);
  });
}
