import { expect, it } from "vitest";
import { shortName, wrapLabel } from "./labels";

it("leaves out what is in brackets", () => {
  expect(shortName("李子园路（大头浜-古浪路）改建拓宽工程")).toBe("李子园路");
  expect(shortName("Pushi base (part)")).toBe("Pushi base");
  expect(shortName("（无名）")).toBe("（无名）");
});

it("breaks long names into even lines", () => {
  expect(wrapLabel("桃浦智创城", "zh")).toBe("桃浦智创城");
  expect(wrapLabel("未来岛高新技术产业园区", "zh")).toBe("未来岛高新技\n术产业园区");
  expect(wrapLabel("未来岛 S06 重点园区", "zh")).toBe("未来岛 S06\n重点园区");
  expect(wrapLabel("Metro Line 11 station-area planning", "en")).toBe("Metro Line 11\nstation-area planning");
  for (const line of wrapLabel("Weilaidao High-tech Industrial Park South", "en").split("\n")) {
    expect(line.length).toBeLessThanOrEqual(23);
  }
});
