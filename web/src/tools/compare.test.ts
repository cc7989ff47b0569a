import { expect, it } from "vitest";
import type { Collection, Column, Item } from "../model";
import { compare } from "./compare";

const column = (name: string, zh: string, more: Partial<Column> = {}): [string, Column] => [
  name,
  { name, title: { zh, en: name }, type: "number", role: "stated", ...more },
];
const columns = new Map([
  column("site", "用地面积", { unit: "m²" }),
  column("far", "容积率"),
  column("height", "限高", { unit: "m" }),
  column("use", "用地性质", { type: "string" }),
  column("storeys", "层数"),
]);
const collection = { id: "parcels", columns: [...columns.keys()] } as Collection;
const item = (properties: Item["properties"]): Item => ({
  type: "Feature",
  id: "x",
  geometry: null,
  properties,
});

it("says by word what differs, by how much, and what only one of them states", () => {
  const parts = compare(
    { item: item({ site: 11820, far: 3, height: 80, use: "商业" }), collection },
    { item: item({ site: 51349, far: 3, height: null, use: "仓储" }), collection },
    columns,
    "zh",
  );
  expect(parts).toHaveLength(1);
  const rows = new Map(parts[0]?.rows.map((row) => [row.label, row]));
  expect(rows.get("用地面积")?.verdict).toBe("differs");
  expect(rows.get("用地面积")?.difference?.replaceAll("\u00a0", " ")).toBe("+39 529 ㎡");
  expect(rows.get("容积率")).toMatchObject({ verdict: "same", difference: null });
  expect(rows.get("限高")).toMatchObject({ verdict: "onlyFirst", second: null, difference: null });
  expect(rows.get("用地性质")).toMatchObject({ verdict: "differs", difference: null });
  // What neither states is no row, and above all no zero.
  expect(parts[0]?.absent).toEqual(["层数"]);
});
