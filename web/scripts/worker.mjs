// Writes the service worker, which has to know every file of the page by name: run after the bundler.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const web = new URL("../", import.meta.url);
const files = readdirSync(new URL("dist/assets/", web))
  .map((name) => `./assets/${name}`)
  .sort();
// Names hold digests: other files are another version.
const version = createHash("sha256").update(files.join()).digest("hex").slice(0, 12);
const source = readFileSync(new URL("src/sw.js", web), "utf8")
  .replace("__VERSION__", version)
  .replace("__FILES__", files.join(" "));
writeFileSync(new URL("dist/sw.js", web), source);
