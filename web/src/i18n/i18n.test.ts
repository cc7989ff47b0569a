import { expect, it } from "vitest";
import { translate } from ".";
import { en } from "./en";
import { queryEn, queryZh } from "./query";
import { toolsEn, toolsZh } from "./tools";
import { zh } from "./zh";

const DICTIONARIES: [Record<string, string>, Record<string, string>][] = [
  [zh, en],
  [queryZh, queryEn],
  [toolsZh, toolsEn],
];

it("both languages fill the same blanks", () => {
  const blanks = (text = "") => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [chinese, english] of DICTIONARIES) {
    for (const key of Object.keys(chinese)) expect(blanks(english[key]), key).toEqual(blanks(chinese[key]));
  }
});

it("English has no Chinese sentence left, but for the name of the other language", () => {
  for (const [, english] of DICTIONARIES) {
    for (const [key, text] of Object.entries(english)) {
      if (key !== "switchLang") expect(text, key).not.toMatch(/\p{Script=Han}/u);
    }
  }
});

it("fills in values", () => {
  expect(translate("zh", "tilesFailed", { count: 3 })).toBe("3 块地图未加载");
});
