import { expect, it } from "vitest";
import type { Collection, Column } from "../model";
import { fieldsOf, moveEnd, scaleFor } from "./fields";

it.each([
  [11820, 109000, { low: 11500, high: 109000, step: 500 }],
  [1.79, 3, { low: 1.79, high: 3, step: 0.01 }],
  [97.8, 2074.6, { low: 90, high: 2080, step: 10 }],
  [3, 3, { low: 3, high: 3, step: 0.02 }],
  [0, 0, { low: 0, high: 0, step: 1 }],
  [-2, 5, { low: -2, high: 5, step: 0.05 }],
])("a scale from %f to %f", (low, high, expected) => {
  expect(scaleFor(low, high)).toEqual(expected);
});

it("lets the other end give way", () => {
  expect(moveEnd({ low: "1", high: "3" }, "low", "2")).toEqual({ low: "2", high: "3" });
  expect(moveEnd({ low: "1", high: "3" }, "low", "4")).toEqual({ low: "4", high: "" });
  expect(moveEnd({ low: "1", high: "" }, "high", "0.5")).toEqual({ low: "", high: "0.5" });
  expect(moveEnd({ low: "10", high: "9" }, "low", "")).toEqual({ low: "", high: "9" });
});

it("puts figures and kinds that tiles carry first, and leaves out what is no choice", () => {
  const column = (name: string, more: Partial<Column>): Column => ({
    name,
    title: { zh: name, en: name },
    type: "string",
    role: "stated",
    ...more,
  });
  const all = [
    column("name_zh", { tile: true }),
    column("name_en", { tile: true }),
    column("kind", { tile: true, values: [{ code: "new", zh: "新", en: "new" }] }),
    column("area", { type: "number", tile: true }),
    column("height", { type: "number" }),
    column("use_zh", {}),
    column("use_en", {}),
    column("note_zh", { role: "note" }),
    column("links", { type: "json" }),
    column("accuracy", { type: "number", role: "position", tile: true }),
  ];
  const collection = { columns: all.map(({ name }) => name) } as Collection;
  const { main, more } = fieldsOf(collection, new Map(all.map((one) => [one.name, one])), "zh");
  expect(main.map(({ name }) => name)).toEqual(["area", "kind"]);
  expect(more.map(({ name }) => name)).toEqual(["height", "use_zh", "accuracy"]);
});
