import { expect, it } from "vitest";
import { linesFor, pythonQuoted, shellQuoted } from "./lines";

const ORIGIN = "https://plan.example";
const lines = (params: Record<string, string>, sortby = "") =>
  linesFor({ collection: "parcels", params: new URLSearchParams(params) }, sortby, ORIGIN, "town");

it("gives drivers a filter and a box in their own words", () => {
  const { lineOgr, lineQgis } = lines({ filter: "name = 'Neil'", bbox: "1,2,3,4" });
  expect(lineOgr).toBe(
    "ogr2ogr -f GPKG 'town-parcels.gpkg' 'OAPIF:https://plan.example' 'parcels' -nlt GEOMETRY -lco FID=fid_" +
      ` -where ${shellQuoted("name = 'Neil'")} -spat 1 2 3 4`,
  );
  expect(lineQgis).toContain("f=fgb");
  expect(lines({ filter: "ratio >= 2" }).lineQgis).toBe(
    `layer = iface.addVectorLayer("typename='parcels' url='https://plan.example/'", "parcels", "OAPIF");` +
      ' layer.setSubsetString("ratio >= 2")',
  );
});

it.each<Record<string, string>>([
  { q: "qls" },
  { datetime: "2021/.." },
  { filter: "opened >= DATE('2021-01-01')" },
  { filter: "a = TRUE" },
])("gives them an address for %o", (params) => {
  const { lineOgr, lineQgis } = lines(params);
  const search = new URLSearchParams({ ...params, f: "fgb" });
  expect(lineOgr).toContain(`https://plan.example/collections/parcels/items?${search}'`);
  expect(lineQgis).toContain(`/items?${search}", "parcels", "ogr")`);
});

it("leaves quotes harmless", () => {
  expect(shellQuoted("a'b$(c)")).toBe("'a'\\''b$(c)'");
  expect(pythonQuoted('a"b\\')).toBe('"a\\"b\\\\"');
});
