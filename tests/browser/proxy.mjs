// The page as it was last built (web/dist) before a server that was built earlier: for work on the page without
// building the program anew. `node proxy.mjs http://127.0.0.1:8080 8090`, then BUJU_URL=http://127.0.0.1:8090.

import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { gzipSync } from "node:zlib";

const [server, port] = process.argv.slice(2);
const dist = new URL("../../web/dist/", import.meta.url);
const MEDIA = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
};

/** What the server sends with the page: its policy above all. */
async function pageHeaders() {
  const { headers } = await fetch(`${server}/`, { headers: { Accept: "text/html" } });
  return Object.fromEntries(
    ["content-security-policy", "referrer-policy", "x-content-type-options"].flatMap((name) =>
      headers.has(name) ? [[name, headers.get(name)]] : [],
    ),
  );
}

async function file(path, answer) {
  const body = gzipSync(await readFile(new URL(path, dist)));
  answer.writeHead(200, {
    ...(path === "index.html" ? await pageHeaders() : {}),
    // A worker keeps to the policy that it came with.
    ...(path === "sw.js" ? { "content-security-policy": "default-src 'none'; connect-src 'self'" } : {}),
    "content-type": MEDIA[path.split(".").pop()] ?? "application/octet-stream",
    "content-encoding": "gzip",
    "cache-control": path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  });
  answer.end(body);
}

createServer((asked, answer) => {
  const { pathname } = new URL(asked.url, server);
  const html = (asked.headers.accept ?? "").includes("text/html");
  const own = pathname === "/" && html ? "index.html" : /^\/(assets\/.*|sw\.js)$/.exec(pathname)?.[1];
  const fail = () => {
    answer.writeHead(502);
    answer.end();
  };
  const pass = () => {
    const on = request(`${server}${asked.url}`, { method: asked.method, headers: asked.headers }, (from) => {
      answer.writeHead(from.statusCode, from.headers);
      from.pipe(answer);
    });
    on.on("error", fail);
    asked.pipe(on);
  };
  if (own) file(own, answer).catch(pass);
  else pass();
}).listen(Number(port), "127.0.0.1");
