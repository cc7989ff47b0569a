import type { Lang, Text } from "../model";
import { en } from "./en";
import { type Dictionary, zh } from "./zh";

const dictionaries: Record<Lang, Dictionary> = { zh, en };

export type Key = keyof Dictionary;

/** The sentence `key` in `lang`, with its `{names}` filled in. */
export function translate(lang: Lang, key: Key, values: Record<string, string | number> = {}): string {
  return dictionaries[lang][key].replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
}

/** A bilingual text of the plan; the other language where one is missing. */
export function pick(text: Text, lang: Lang): string {
  return text[lang] || text[lang === "zh" ? "en" : "zh"];
}

export const HTML_LANG: Record<Lang, string> = { zh: "zh-CN", en: "en" };
