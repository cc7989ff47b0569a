// What is written on the map: short names, broken into lines. Pure.

import type { Lang } from "../model";

/** The name without what is in brackets: limits and by-names are in the details. */
export function shortName(name: string): string {
  return name.split(/\s*[（(]/u)[0]?.trim() || name;
}

// Single Chinese characters and marks, or runs of anything else, or the spaces between.
const PIECES =
  /[\p{Script=Han}\u3000-\u303f\uff00-\uffef“”]|[^\p{Script=Han}\u3000-\u303f\uff00-\uffef“”\s]+|\s+/gu;
const CLOSING_MARK = /^[，。、；：”）》]$/u;

const LINE_LENGTH: Record<Lang, number> = { zh: 9, en: 20 };

/** Breaks a label into lines of much the same length: Chinese between any two characters, words between words. */
export function wrapLabel(name: string, lang: Lang): string {
  const text = shortName(name);
  const lines = Math.ceil(text.length / LINE_LENGTH[lang]);
  if (lines < 2) return text;
  const target = Math.ceil(text.length / lines);
  const rows = [""];
  // A plot's code such as S06 is one word, whatever stands around it.
  for (const piece of text.match(PIECES) ?? []) {
    const row = rows.at(-1) ?? "";
    // A word may stick out a little; a line of its own would be worse. A mark never begins a line.
    const slack = lang === "zh" ? piece.length - 1 : 3;
    const mark = CLOSING_MARK.test(piece);
    if (row && !mark && row.length + piece.length > target + slack) rows.push(piece);
    else rows[rows.length - 1] = row + piece;
  }
  return rows
    .map((row) => row.trim())
    .filter(Boolean)
    .join("\n");
}
