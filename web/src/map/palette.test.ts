import { expect, it } from "vitest";
import type { Collection, Column } from "../model";
import { classLook, contrastWithWhite, darkenTo, lookOf } from "./palette";
import { STATES, type State, stateOf } from "./states";

const plain = (color: string) => ({ color, landUse: null });
const parcels = { id: "parcels", geometry: "polygon", style: { color: "#ffff2d" } } as Collection;

it("outlines stand out from white however pale the land use is", () => {
  for (const color of ["#ffff2d", "#acffcf", "#ffffff", "#b7b7b7", "#0077bb"]) {
    expect(contrastWithWhite(darkenTo(color, 3.2)), color).toBeGreaterThanOrEqual(3.2);
  }
  expect(darkenTo("#0b5cad", 3.2)).toBe("#0b5cad");
});

it("a place that is only a guess looks different by dash and by filling, not by colour alone", () => {
  for (const shape of ["area", "line", "point"] as const) {
    const known = lookOf(parcels, plain("#bb9674"), shape);
    const vague = lookOf(parcels, plain("#bb9674"), shape, { vague: true });
    expect(vague.stroke).toBe(known.stroke);
    expect(vague.dash, shape).not.toEqual(known.dash);
    expect(vague.hollow).toBe(true);
  }
});

it("every schematic area and line is dashed, and a surveyed one is not", () => {
  for (const shape of ["area", "line"] as const) {
    expect(lookOf(parcels, plain("#bb9674"), shape, { schematic: false }).dash).toEqual([]);
    expect(lookOf(parcels, plain("#bb9674"), shape).dash.length).toBeGreaterThan(0);
  }
});

it("land use has its official colour, unless the plan has one of its own", () => {
  const column = {
    name: "land_use",
    values: [
      { code: "W", zh: "仓储", en: "Storage" },
      { code: "M", zh: "工业", en: "Industry", color: "#123456" },
      { code: "other", zh: "其他", en: "Other" },
    ],
  } as unknown as Column;
  const look = (code: string | null) => classLook(parcels, column, code);
  expect(look("W")).toMatchObject({ color: "#8761d3", landUse: { code: "1101" } });
  expect(look("M")).toMatchObject({ color: "#123456", landUse: { code: "1001" } });
  expect(look("other")).toEqual({ color: "#ffff2d", landUse: null });
  expect(look(null)).toEqual({ color: "#ffff2d", landUse: null });
  expect(classLook(parcels, { ...column, name: "kind" }, "W").landUse).toBeNull();
  const storage = look("W");
  expect(lookOf(parcels, storage, "area").pattern).toBeNull();
  expect(lookOf(parcels, storage, "area", { patterns: true }).pattern).toBe("cross");
});

it("the four states of works differ without colour, as lines and as points", () => {
  const looks = (shape: "line" | "point") =>
    (Object.keys(STATES) as State[]).map((state) => {
      const { dash, ticks, mark } = lookOf(parcels, plain("#000000"), shape, { state });
      return shape === "line" ? JSON.stringify([dash, ticks]) : mark;
    });
  expect(new Set(looks("line")).size).toBe(4);
  expect(new Set(looks("point")).size).toBe(4);
  expect(stateOf("under-construction")).toBe("underway");
  expect(stateOf("new-build")).toBeNull();
});
