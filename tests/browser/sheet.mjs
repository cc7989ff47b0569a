// What a printed sheet is, as other programs read it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

/** One page of this paper, with the map in it at this resolution. */
export function isSheet(file, paper, dpi) {
  const info = execFileSync("pdfinfo", [file], { encoding: "utf8" });
  assert.match(info, /Pages:\s+1\n/);
  assert.match(info, new RegExp(`Page size:.*\\(${paper}\\)`));
  const images = execFileSync("pdfimages", ["-list", file], { encoding: "utf8" }).split("\n").slice(2);
  const map = images.map((line) => line.trim().split(/\s+/)).find(([, , , width]) => Number(width) > 1000);
  assert.ok(Math.abs(Number(map[12]) - dpi) <= 1, `${map[12]} pixels per inch`);
}
