import { expect, describe as group, it } from "vitest";
import type { Column } from "../model";
import type { Clause } from "../url";
import { datetimeOf, describe, suits, toCql } from "./clauses";

const column = (name: string, type: Column["type"], more: Partial<Column> = {}): Column => ({
  name,
  title: { zh: `${name}（规划文本）`, en: `${name} (stated)` },
  type,
  role: "stated",
  ...more,
});

const COLUMNS = new Map(
  [
    column("ratio", "number"),
    column("area", "number", { unit: "m²" }),
    column("kind", "string", { values: [{ code: "new", zh: "新建", en: "New" }] }),
    column("developer", "string"),
    column("assumed", "boolean"),
    column("opened", "date"),
    column("order", "json"),
    column("or", "integer"),
  ].map((one) => [one.name, one]),
);

const ask = (name: string, more: Partial<Clause>): Clause => ({
  column: name,
  range: null,
  values: [],
  unstated: false,
  ...more,
});
const range = (low: string, high: string) => ({ range: { low, high } });

group("clauses for the server", () => {
  it.each<[Clause[], string]>([
    [[], ""],
    [[ask("ratio", range("2", ""))], "ratio >= 2"],
    [[ask("ratio", range("", "2.50"))], "ratio <= 2.5"],
    [[ask("ratio", range("", ""))], "ratio IS NOT NULL"],
    [[ask("ratio", { unstated: true })], "ratio IS NULL"],
    [[ask("ratio", { ...range("1", "3"), unstated: true })], "(ratio >= 1 AND ratio <= 3) OR ratio IS NULL"],
    [
      [ask("ratio", range("2", "")), ask("area", range("10000", "20000"))],
      "ratio >= 2 AND area >= 10000 AND area <= 20000",
    ],
    [
      [ask("kind", { values: ["new"], unstated: true }), ask("developer", { values: ["O'Neil", "甲"] })],
      "(kind = 'new' OR kind IS NULL) AND developer IN ('O''Neil', '甲')",
    ],
    [[ask("assumed", { values: ["true"] })], "assumed = TRUE"],
    // A backslash begins an escape of CQL2 text.
    [[ask("developer", { values: ["C:\\new"] })], "developer = 'C:\\\\new'"],
    [[ask("opened", range("2021-01-01", ""))], "opened >= DATE('2021-01-01')"],
    [[ask("or", { values: ["1", "2"] })], '"or" IN (1, 2)'],
    [[ask("gone", range("1", ""))], ""],
  ])("%#", (clauses, cql) => {
    expect(toCql(clauses, COLUMNS)).toBe(cql);
  });
});

it.each([
  ["2026-11", "2027-02", "2026-11-01/2027-02-28"],
  ["2024", "2024", "2024-01-01/2024-12-31"],
  ["2026-11-05", "", "2026-11-05/.."],
  ["", "2024-02", "../2024-02-29"],
])("a time from %s to %s", (from, to, datetime) => {
  expect(datetimeOf({ from, to })).toBe(datetime);
});

it("is said in words", () => {
  const said = (clause: Clause, lang: "zh" | "en") =>
    describe(clause, COLUMNS.get(clause.column) as Column, lang).replaceAll("\u00a0", " ");
  expect(said(ask("area", range("10000", "")), "zh")).toBe("area ≥ 10 000 ㎡");
  expect(said(ask("ratio", range("1", "2.5")), "zh")).toBe("ratio 1.0 – 2.5");
  expect(said(ask("ratio", { ...range("2", ""), unstated: true }), "en")).toBe("ratio ≥ 2.0 or not stated");
  expect(said(ask("kind", { values: ["new", "old"] }), "zh")).toBe("kind 新建或old");
  expect(said(ask("ratio", range("", "")), "en")).toBe("ratio stated");
});

it.each<[Clause, boolean]>([
  [ask("ratio", range("2", "")), true],
  [ask("ratio", range("two", "")), false],
  [ask("ratio", { values: ["3"] }), true],
  [ask("kind", range("1", "")), false],
  [ask("kind", { values: ["anything"] }), true],
  [ask("assumed", { values: ["maybe"] }), false],
  [ask("opened", range("2021-13-40", "")), false],
  [ask("order", { values: ["x"] }), false],
  [ask("order", { unstated: true }), false],
])("suits its column or not: %#", (clause, expected) => {
  expect(suits(clause, COLUMNS.get(clause.column) as Column)).toBe(expected);
});
