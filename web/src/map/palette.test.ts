import { expect, it } from "vitest";
import type { Collection } from "../model";
import { contrastWithWhite, darkenTo, lookOf } from "./palette";

const parcels = { id: "parcels", geometry: "polygon", style: { color: "#ffff2d" } } as Collection;

it("outlines stand out from white however pale the land use is", () => {
  for (const color of ["#ffff2d", "#acffcf", "#ffffff", "#b7b7b7", "#0077bb"]) {
    expect(contrastWithWhite(darkenTo(color, 3.2)), color).toBeGreaterThanOrEqual(3.2);
  }
  expect(darkenTo("#0b5cad", 3.2)).toBe("#0b5cad");
});

it("a place that is only a guess looks different by dash and by filling, not by colour alone", () => {
  for (const shape of ["area", "line", "point"] as const) {
    const known = lookOf(parcels, "#bb9674", shape, false);
    const vague = lookOf(parcels, "#bb9674", shape, true);
    expect(vague.stroke).toBe(known.stroke);
    expect(vague.dash, shape).not.toEqual(known.dash);
    expect(vague.hollow).toBe(true);
  }
});

it("every area and line is dashed: no geometry of the plan is surveyed", () => {
  for (const shape of ["area", "line"] as const) {
    expect(lookOf(parcels, "#bb9674", shape, false).dash.length).toBeGreaterThan(0);
  }
});
