import { describe, expect, it } from "vitest";
import { NO_CHANGES, readLink, writeLink } from "./url";

describe("links", () => {
  it("come back as they were written", () => {
    const state = {
      view: "industry",
      camera: { center: [121.364, 31.29] as [number, number], zoom: 15.2 },
      layers: { on: new Set(["housing"]), off: new Set(["greens", "road-works.drainage"]) },
      selected: { collection: "parcels", id: "jinhuan-e4-redevelopment" },
      lang: "en" as const,
    };
    const search = writeLink(state, "");
    expect(search).toBe(
      "?v=industry&m=121.36400,31.29000,15.2&l=housing,-greens,-road-works.drainage" +
        "&s=parcels:jinhuan-e4-redevelopment&lang=en",
    );
    expect(readLink(search)).toEqual(state);
  });

  it("leave defaults out and keep keys of others", () => {
    const state = { view: null, camera: null, layers: NO_CHANGES, selected: null, lang: "zh" as const };
    expect(writeLink(state, "")).toBe("");
    expect(writeLink(state, "?v=old&from=mail")).toBe("?from=mail");
  });

  it("escape an id that holds marks of the syntax", () => {
    const state = { ...readLink(""), selected: { collection: "parcels", id: "a&b:c" } };
    expect(readLink(writeLink(state, "")).selected).toEqual(state.selected);
  });

  it.each(["m=1,2", "m=a,b,c", "m=,,", "m=200,31,15", "m=121,31,99", "m=121,91,9"])("ignore %s", (bad) => {
    expect(readLink(`?${bad}`).camera).toBeNull();
  });

  it.each(["s=", "s=parcels", "s=:id", "s=parcels:"])("ignore %s", (bad) => {
    expect(readLink(`?${bad}`).selected).toBeNull();
  });
});
