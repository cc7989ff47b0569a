// A line for curl, run without curl: the shell takes it apart, and this asks as curl would (`-G`, `--data-urlencode`, `-o`).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Runs a line that begins with `curl` in a folder. */
export async function runCurl(line, folder) {
  assert.match(line, /^curl /);
  // In the place of the program, a function that tells what it is given.
  const told = execFileSync("bash", ["-c", `curl() { printf '%s\\0' "$@"; }\n${line}`], { encoding: "utf8" });
  const words = told.split("\0").slice(0, -1);
  let address = "";
  let target = "";
  const flags = new Set();
  const data = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === "-o") target = words[++at];
    else if (word === "--data-urlencode") data.push(words[++at]);
    else if (/^-[fsSG]+$/.test(word)) for (const flag of word.slice(1)) flags.add(flag);
    else {
      assert.match(word, /^https?:/, `an option of curl that is unknown here: ${word}`);
      assert.equal(address, "", "one address");
      address = word;
    }
  }
  assert.ok(flags.has("G") && flags.has("f") && target, line);
  // curl escapes what is behind the first "=", and leaves what is before it.
  const query = data.map((pair) => {
    const at = pair.indexOf("=");
    return pair.slice(0, at + 1) + encodeURIComponent(pair.slice(at + 1));
  });
  const answer = await fetch(query.length ? `${address}?${query.join("&")}` : address);
  assert.ok(answer.ok, `${answer.status} ${answer.url}`);
  writeFileSync(join(folder, target), Buffer.from(await answer.arrayBuffer()));
}
