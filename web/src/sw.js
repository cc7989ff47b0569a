// The service worker: what was seen once is seen again without a network. Small on purpose: it holds the page itself,
// and the answers that it was given, and never makes one up. `shell` is filled in by the build (scripts/worker.mjs).

const shell = { version: "__VERSION__", files: "__FILES__".split(" ") };
const SHELL = `shell-${shell.version}`;
const TILES = "tiles";
const DATA = "data";
const KEPT = { [TILES]: 600, [DATA]: 300 };

/** Where the server is: this script lies at its root, which may be a path of its host. */
const ROOT = new URL("./", location.href).pathname;

const page = () => new Request(ROOT, { headers: { Accept: "text/html" } });

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

/**
 * What is kept for an address. All of it was asked for in the same form, and whether a browser shows its worker the
 * language that it asks for differs between a page's own requests and those made here.
 */
const find = (request) => caches.match(request, { ignoreVary: true });

async function keep(name, request, response) {
  if (!response.ok) return;
  const cache = await caches.open(name);
  await cache.delete(request, { ignoreVary: true });
  await cache.put(request, response);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - KEPT[name])).map((key) => cache.delete(key)));
}

/** What was kept of a data set goes with it: a tile of the old one beside one of the new would be a lie. */
async function keepPlan(request, response) {
  const { version } = await response.clone().json();
  const kept = await find(request);
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
    const kept = await find(event.request);
    if (!kept) throw cause;
    event.waitUntil(tell());
    return kept;
  }
}

async function staleWhileRevalidate(event) {
  // Asked with "no-cache" by a page that has seen what is kept, and to which it is of another version.
  const kept = event.request.cache === "no-cache" ? null : await find(event.request);
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
    const kept = await find(page());
    if (!kept) throw cause;
    return kept;
  }
}

// One feature, or the whole list of a small collection; searches and filters are asked anew each time.
const ITEMS = /^collections\/[^/]+\/items(\/.+)?$/;

/** How an address is answered and kept; undefined for what this worker leaves alone. */
function wayOf({ origin, pathname, search, searchParams }) {
  if (origin !== location.origin || !pathname.startsWith(ROOT)) return undefined;
  const path = pathname.slice(ROOT.length);
  if (path === "") return "page";
  if (path.startsWith("assets/")) return "asset";
  if (path === "plan") return "plan";
  if (path.startsWith("tiles/") && search === "") return "tile";
  if (path.startsWith("poster/")) return "data";
  return ITEMS.test(path) && [...searchParams.keys()].every((key) => key === "limit") ? "data" : undefined;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const way = wayOf(new URL(request.url));
  if (request.mode === "navigate") {
    if (way === "page") event.respondWith(open(request));
  } else if (way === "asset") {
    event.respondWith(find(request).then((kept) => kept ?? fetch(request)));
  } else if (way === "plan") {
    event.respondWith(networkFirst(event, keepPlan));
  } else if (way === "tile") {
    event.respondWith(staleWhileRevalidate(event));
  } else if (way === "data") {
    event.respondWith(networkFirst(event, keepData));
  }
});

/** The first part of an entity tag tells the data that an answer was made from. */
const versionOf = (response) => /^(?:W\/)?"(\w+)-/.exec(response.headers.get("ETag") ?? "")?.[1];

/**
 * Keeps what a page loaded before this worker was there, so that the first visit is enough. As the page asked for it;
 * most of it the browser still has. What is of another version than the plan is left out.
 */
async function keepLoaded(urls) {
  const asked = [...new Set(urls)].map((url) => ({ url, way: wayOf(new URL(url)) }));
  const get = async ({ url }) => {
    const request = new Request(url, { headers: { Accept: "application/geo+json, application/json;q=0.9" } });
    return [request, await fetch(request)];
  };
  const plan = asked.find(({ way }) => way === "plan");
  if (!plan) return;
  const [request, response] = await get(plan);
  const version = versionOf(response);
  await keepPlan(request, response);
  for (const one of asked.filter(({ way }) => way === "tile" || way === "data")) {
    const [request, response] = await get(one);
    if (versionOf(response) === version) await keep(one.way === "tile" ? TILES : DATA, request, response);
  }
}

self.addEventListener("message", (event) => {
  event.waitUntil(keepLoaded(event.data).catch(() => {}));
});
