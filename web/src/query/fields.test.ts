import { expect, it } from "vitest";
import type { Collection, Column } from "../model";
import { fieldsOf, moveEnd, scaleFor } from "./fields";

it.each([
  [11820, 109000, 10000, 110000, 20, 1000],
  [1.79, 3, 1.7, 3, 13, 0.02],
  [97.8, 2074.6, 0, 2200, 11, 40],
  [3, 3, 3, 3.1, 1, 0.02],
  [0, 0, 0, 1, 1, 0.2],
  [-2, 5, -2, 5, 14, 0.1],
  [0, 1e-7, 0, 1e-7, 20, 1e-9],
])("bins from %f to %f have round edges", (low, high, first, last, count, step) => {
  const { edges, step: found } = scaleFor(low, high);
  expect([edges[0], edges.at(-1), edges.length - 1, found]).toEqual([first, last, count, step]);
});

it("has at most twenty bins, wherever the numbers lie", () => {
  for (let at = 0; at < 2000; at += 1) {
    const low = Math.sin(at * 12.9898) * 10 ** ((at % 13) - 4);
    const high = low + Math.abs(Math.sin(at * 78.233)) * 10 ** ((at % 11) - 3) + 1e-6 * (1 + Math.abs(low));
    const { edges } = scaleFor(low, high);
    expect(edges.length - 1).toBeLessThanOrEqual(20);
    expect(edges[0]).toBeLessThanOrEqual(low);
    expect(edges.at(-1)).toBeGreaterThanOrEqual(high);
    expect(edges.every((edge, one) => one === 0 || edge > (edges[one - 1] ?? edge))).toBe(true);
  }
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
