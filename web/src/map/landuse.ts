// The official colours of land use, from 《市级国土空间总体规划制图规范（试行）》 appendix B, and a pattern for each,
// because the colours alone cannot be told apart by everybody (nor on a grey print). Pure.

import type { CodedValue } from "../model";

export type Pattern =
  | "lines"
  | "dots"
  | "plus"
  | "rings"
  | "back"
  | "hatch"
  | "cross"
  | "grid"
  | "bars"
  | "ticks"
  | "waves";

export interface LandUse {
  /** In the land-use classification of 2023. */
  code: string;
  color: string;
  pattern: Pattern | null;
  /** Codes of GB 50137, as far as they are this class. */
  letters: readonly string[];
  /** What a plan calls it. */
  names: readonly string[];
}

function use(code: string, color: string, pattern: Pattern | null, letters: string, names: string): LandUse {
  return { code, color, pattern, letters: letters.split(" "), names: names.split(" ") };
}

// Within a family of one pattern the colours are far apart; across families that colour-blind eyes confuse
// (health and industry, welfare and industry) the patterns differ.
const CLASSES: readonly LandUse[] = [
  use("0701", "#ffff2d", "lines", "R RR", "城镇住宅用地 住宅用地 居住用地"),
  use("0801", "#ff00ff", "dots", "A A1 C1", "机关团体用地 行政办公用地"),
  use("0802", "#e6005c", "dots", "A35 C6", "科研用地"),
  use("0803", "#ff7f00", "dots", "A2 C3", "文化用地"),
  use("0804", "#ff85c9", "plus", "A3", "教育用地 教育科研用地"),
  use("0805", "#00a57c", "rings", "A4 C4", "体育用地"),
  use("0806", "#ff7f7e", "plus", "A5 C5", "医疗卫生用地"),
  use("0807", "#ff9f7f", "rings", "A6", "社会福利用地"),
  use("09", "#ff0000", "back", "B C2 C8", "商业服务业用地 商业用地 商务用地 商业办公用地 商务办公用地"),
  use("1001", "#bb9674", "hatch", "M M4", "工业用地 工业研发用地"),
  use("1101", "#8761d3", "cross", "W", "物流仓储用地 仓储用地"),
  use("12", "#b7b7b7", "bars", "S S4", "交通运输用地 交通设施用地 道路与交通设施用地"),
  use("1207", "#a3a3a3", "bars", "S1", "城镇道路用地 道路用地"),
  use("13", "#006380", "grid", "U", "公用设施用地 市政公用设施用地"),
  use("1401", "#00ff00", null, "G G1", "公园绿地 绿地"),
  use("1402", "#148d4a", "ticks", "G2", "防护绿地"),
  use("1403", "#acffcf", "lines", "G3", "广场用地"),
  use("16", "#ffffff", null, "X", "留白用地 留白"),
  use("17", "#338ec0", "waves", "E E1", "陆地水域 水域"),
];

const COLUMN = /^land_?use/;

/** Whether a column says what land is used for. */
export function isLandUse(column: string | null | undefined): boolean {
  return COLUMN.test(column ?? "");
}

/** The official class that a value names by its code or by its Chinese name; null where it names none. */
export function landUseOf({ code, zh }: Pick<CodedValue, "code" | "zh">): LandUse | null {
  const key = code.trim();
  const bare = /^[A-Z]+\d*$/.test(key);
  return (
    CLASSES.find((one) => one.code === key || one.letters.includes(key)) ??
    CLASSES.find(({ names }) => names.includes(code.trim()) || names.includes(zh.trim())) ??
    // A finer class of either system (M12, 100101) looks like the one that it is part of.
    CLASSES.filter(
      (one) =>
        (/^\d{3,6}$/.test(key) && key.startsWith(one.code)) ||
        (bare && one.letters.some((letters) => key.startsWith(letters))),
    ).at(-1) ??
    null
  );
}
