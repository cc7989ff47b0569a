import { expect, it } from "vitest";
import { isLandUse, landUseOf } from "./landuse";

const of = (code: string, zh = code) => landUseOf({ code, zh })?.code ?? null;

it("finds the official class by either code and by name, and guesses at nothing", () => {
  expect(of("1101")).toBe("1101");
  expect(of("M4")).toBe("1001");
  expect(of("M12")).toBe("1001");
  expect(of("A35")).toBe("0802");
  expect(of("100101")).toBe("1001");
  expect(of("仓储用地")).toBe("1101");
  expect(of("商业办公用地")).toBe("09");
  expect(of("x", "公园绿地")).toBe("1401");
  // A use, and expressly no class of land use.
  expect(of("工业厂房、研发及工业配套（用途，未述用地性质）")).toBeNull();
  expect(of("other")).toBeNull();
});

it("only columns of land use take the official colours", () => {
  expect(isLandUse("land_use_zh")).toBe(true);
  expect(isLandUse("kind")).toBe(false);
  expect(isLandUse(null)).toBe(false);
});
