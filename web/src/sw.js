// The service worker: what was seen once is seen again without a network. Small on purpose: it holds the page itself,
// and the answers that it was given, and never makes one up. `shell` is filled in by the build (scripts/worker.mjs).

const shell = { version: "__VERSION__", files: "__FILES__".split(" ") };
const SHELL = `shell-${shell.version}`;
const TILES = "tiles";
const DATA = "data";
const KEPT = { [TILES]: 600, [DATA]: 300 };

const page = () => new Request("/", { headers: { Accept: "text/html" } });

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(SHELL);
      await cache.addAll([page(), ...shell.files]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELL);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

/** Tells every page that the server did not answer. */
async function tell() {
  for (const client of await self.clients.matchAll()) client.postMessage({ unanswered: true });
}

async function keep(name, request, response) {
  if (!response.ok) return;
  const cache = await caches.open(name);
  await cache.put(request, response);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - KEPT[name])).map((key) => cache.delete(key)));
}

/** What was kept of a data set goes with it: a tile of the old one beside one of the new would be a lie. */
async function keepPlan(request, response) {
  const { version } = await response.clone().json();
  const kept = await caches.match(request);
  if (kept && (await kept.json()).version !== version) {
    await Promise.all([caches.delete(TILES), caches.delete(DATA)]);
  }
  await keep(DATA, request, response);
}

const keepData = (request, response) => keep(DATA, request, response);

async function networkFirst(event, store) {
  try {
    const response = await fetch(event.request);
    const stored = response.ok && store(event.request, response.clone()).catch(() => {});
    // The page asks for tiles once it has the plan: by then those of another version must be gone.
    if (store === keepPlan) await stored;
    else event.waitUntil(stored);
    return response;
  } catch (cause) {
    const kept = await caches.match(event.request);
    if (!kept) throw cause;
    event.waitUntil(tell());
    return kept;
  }
}

async function staleWhileRevalidate(event) {
  // Asked with "no-cache" by a page that has seen what is kept, and to which it is of another version.
  const kept = event.request.cache === "no-cache" ? null : await caches.match(event.request);
  const fresh = fetch(event.request).then((response) => {
    event.waitUntil(keep(TILES, event.request, response.clone()));
    return response;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(tell));
  return kept;
}

async function open(request) {
  try {
    return await fetch(request);
  } catch (cause) {
    const kept = await caches.match(page(), { ignoreVary: true });
    if (!kept) throw cause;
    return kept;
  }
}

// One feature, or the whole list of a small collection; searches and filters are asked anew each time.
const ITEMS = /^\/collections\/[^/]+\/items(\/.+)?$/;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const { pathname, searchParams } = url;
  if (request.mode === "navigate") {
    if (pathname === "/") event.respondWith(open(request));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept ?? fetch(request)));
  } else if (pathname === "/plan") {
    event.respondWith(networkFirst(event, keepPlan));
  } else if (pathname.startsWith("/tiles/") && url.search === "") {
    event.respondWith(staleWhileRevalidate(event));
  } else if (pathname.startsWith("/poster/")) {
    event.respondWith(networkFirst(event, keepData));
  } else if (ITEMS.test(pathname) && [...searchParams.keys()].every((key) => key === "limit")) {
    event.respondWith(networkFirst(event, keepData));
  }
});
