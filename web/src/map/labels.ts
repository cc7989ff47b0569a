// What is written on the map: short names, broken into lines. Pure.

import type { Lang } from "../model";

/** The name without what is in brackets: limits and by-names are in the details. */
export function shortName(name: string): string {
  return name.split(/\s*[（(]/u)[0]?.trim() || name;
}

const LINE_LENGTH: Record<Lang, number> = { zh: 9, en: 20 };

/** Breaks a label into lines of much the same length, at spaces where there are any. */
export function wrapLabel(name: string, lang: Lang): string {
  const text = shortName(name);
  const limit = LINE_LENGTH[lang];
  const lines = Math.ceil(text.length / limit);
  if (lines < 2) return text;
  const target = Math.ceil(text.length / lines);
  if (lang === "zh") {
    const rows: string[] = [];
    for (let at = 0; at < text.length; at += target) rows.push(text.slice(at, at + target).trim());
    return rows.join("\n");
  }
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + word.length < target + 3)
      rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows.join("\n");
}
