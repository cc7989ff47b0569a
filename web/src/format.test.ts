import { describe, expect, it } from "vitest";
import { formatNumber, formatQuantity, formatValue } from "./format";
import type { Column } from "./model";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const ratio: Column = { name: "plot_ratio", title: { zh: "", en: "" }, type: "number", role: "stated" };

describe("numbers", () => {
  it("are grouped by thousands and keep the plan's digits", () => {
    expect(plain(formatNumber(11820))).toBe("11 820");
    expect(plain(formatNumber(89784.76))).toBe("89 784.76");
    expect(plain(formatNumber(1039000))).toBe("1 039 000");
    expect(formatNumber(-0.5)).toBe("−0.5");
    expect(formatNumber(999)).toBe("999");
  });

  it("carry their unit in the page's language", () => {
    expect(plain(formatQuantity(11820, "m²", "zh"))).toBe("11 820 ㎡");
    expect(plain(formatQuantity(11820, "m²", "en"))).toBe("11 820 m²");
    expect(plain(formatQuantity(80, "m", "zh"))).toBe("80 米");
    expect(plain(formatQuantity(1.5e9, "元", "zh"))).toBe("15 亿元");
    expect(plain(formatQuantity(1.5e9, "元", "en"))).toBe("1 500 million yuan");
  });

  it("show ratios as ratios", () => {
    expect(formatValue(3, ratio, "zh")).toBe("3.0");
    expect(formatValue(1.79, ratio, "zh")).toBe("1.79");
    expect(formatValue(1.748520127, { ...ratio, role: "derived" }, "zh")).toBe("1.7485");
  });
});
