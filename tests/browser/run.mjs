// Runs the tests: two files at a time, and then alone what is measured or must not wait for another page.
// `npm --prefix web run test:browser -- works phone` runs the files of these names only.

import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const ALONE = ["first", "picture", "quality", "query-quality", "speed"];

const wanted = process.argv.slice(2);
const folder = new URL("./", import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".test.mjs"))
  .map((file) => file.replace(".test.mjs", ""))
  .filter((name) => !wanted.length || wanted.includes(name));

/** Runs some of the files; a test that fails sets the exit code. */
async function runFiles(some, concurrency) {
  if (!some.length) return;
  const files = some.map((name) => fileURLToPath(new URL(`${name}.test.mjs`, folder)));
  const events = run({ files, concurrency });
  events.on("test:fail", () => {
    process.exitCode = 1;
  });
  for await (const line of events.compose(new spec())) process.stdout.write(line);
}

if (!names.length) throw new Error(`no test file is called ${wanted.join(", ")}`);
await runFiles(
  names.filter((name) => !ALONE.includes(name)),
  2,
);
await runFiles(
  names.filter((name) => ALONE.includes(name)),
  1,
);
