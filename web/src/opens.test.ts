import { expect, test } from "vitest";
import type { View } from "./model";
import { freshView } from "./state";

const text = { zh: "", en: "" };
const view = { id: "plots", title: text, introduction: text, layers: ["parcels"] } satisfies View;

test("a view opens as its plan says, and the link says it", () => {
  const opens = {
    collection: "parcels",
    filter: "plot_ratio:2~3;kind:new-build",
    sort: "-site_area_m2,name_zh",
  };
  const fresh = freshView({ ...view, opens });
  expect(fresh).toMatchObject({
    view: "plots",
    queried: "parcels",
    text: "",
    filter: [
      { column: "plot_ratio", range: { low: "2", high: "3" } },
      { column: "kind", values: ["new-build"] },
    ],
    sort: [
      { column: "site_area_m2", descending: true },
      { column: "name_zh", descending: false },
    ],
  });
});

test("a view that says nothing opens with everything", () => {
  expect(freshView(view)).toMatchObject({ queried: null, filter: [], sort: [], text: "", inView: false });
});
