import { expect, it } from "vitest";
import { translate } from ".";
import { en } from "./en";
import { toolsEn, toolsZh } from "./tools";
import { zh } from "./zh";

it("both dictionaries fill the same blanks", () => {
  const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(zh) as (keyof typeof zh)[])
    expect(blanks(en[key]), key).toEqual(blanks(zh[key]));
  for (const key of Object.keys(toolsZh) as (keyof typeof toolsZh)[])
    expect(blanks(toolsEn[key]), key).toEqual(blanks(toolsZh[key]));
});

it("English has no Chinese sentence left, but for the name of the other language", () => {
  for (const [key, text] of Object.entries({ ...en, ...toolsEn })) {
    if (key !== "switchLang") expect(text, key).not.toMatch(/\p{Script=Han}/u);
  }
});

it("fills in values", () => {
  expect(translate("zh", "tilesFailed", { count: 3 })).toBe("3 块地图未加载");
});
