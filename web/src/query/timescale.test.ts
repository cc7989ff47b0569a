import { expect, it } from "vitest";
import { handlesFor, lastDay, spanFor, stepped, timeScale } from "./timescale";

it.each([
  ["2021-01-30", "2021-02-02", "day", ["2021-01-30", "2021-01-31", "2021-02-01", "2021-02-02"]],
  ["2020-02-28", "2020-03-01", "day", ["2020-02-28", "2020-02-29", "2020-03-01"]],
  ["2021-11-15", "2022-03-02", "month", ["2021-11", "2021-12", "2022-01", "2022-02", "2022-03"]],
  ["2021", "2021", "month", Array.from({ length: 12 }, (_, at) => `2021-${String(at + 1).padStart(2, "0")}`)],
  ["1999-12-31", "2012-01-01", "year", Array.from({ length: 14 }, (_, at) => String(1999 + at))],
  ["2021-05-05", "2021-05-05", "day", ["2021-05-05"]],
])("from %s to %s", (first, last, unit, units) => {
  expect(timeScale(first, last)).toEqual({ unit, units });
});

it("knows the last day of a year, a month and a day", () => {
  expect(["2021", "2024-02", "2023-02", "2021-03-09"].map(lastDay)).toEqual([
    "2021-12-31",
    "2024-02-29",
    "2023-02-28",
    "2021-03-09",
  ]);
});

const MONTHS = timeScale("2021-01-10", "2022-06-20");

it("puts handles where a link of any precision asks, and back", () => {
  expect(handlesFor(null, MONTHS)).toEqual({ low: 0, high: 17 });
  expect(handlesFor({ from: "2021-03", to: "2022-01" }, MONTHS)).toEqual({ low: 2, high: 12 });
  expect(handlesFor({ from: "2021-03-20", to: "2021" }, MONTHS)).toEqual({ low: 2, high: 11 });
  expect(handlesFor({ from: "1990", to: "" }, MONTHS)).toEqual({ low: 0, high: 17 });
  expect(handlesFor({ from: "2030", to: "2031" }, MONTHS)).toEqual({ low: 17, high: 17 });
  for (const [low, high] of [
    [0, 17],
    [3, 17],
    [0, 4],
    [5, 5],
  ] as const) {
    expect(handlesFor(spanFor(low, high, MONTHS), MONTHS)).toEqual({ low, high });
  }
  expect(spanFor(0, 17, MONTHS)).toBeNull();
  expect(spanFor(2, 12, MONTHS)).toEqual({ from: "2021-03", to: "2022-01" });
});

it("steps a window to the end, keeping its length", () => {
  let at: { low: number; high: number } | null = { low: 0, high: 17 };
  const seen: string[] = [];
  for (at = stepped(at.low, at.high, MONTHS); at; at = stepped(at.low, at.high, MONTHS)) {
    expect(at.high - at.low).toBe(2);
    seen.push(`${at.low}-${at.high}`);
  }
  expect([seen[0], seen.at(-1), seen.length]).toEqual(["0-2", "15-17", 16]);
});
