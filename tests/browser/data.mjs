// What the tests ask of the server directly, to know where to click.

import { BASE } from "./browser.mjs";

export const E4 = { collection: "parcels", id: "jinhuan-e4-redevelopment" };
export const MEDICINE = { collection: "parcels", id: "medicine-logistics-centre-extension" };
export const NO_PLACE = { collection: "facilities", id: "western-medical-centre" };

export async function getJson(path) {
  const response = await fetch(`${BASE}${path}`);
  if (!response.ok) throw new Error(`${response.status} ${path}`);
  return response.json();
}

export const refOf = ({ collection, id }) => `${collection}:${id}`;

/** `m=` of a map with the middle of a feature's first ring at its centre. */
export async function cameraOn({ collection, id }, zoom) {
  const { geometry } = await getJson(`/collections/${collection}/items/${id}`);
  const ring = geometry.type === "MultiPolygon" ? geometry.coordinates[0][0] : geometry.coordinates[0];
  const corners = ring.slice(0, -1);
  const mean = (axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
  return `m=${mean(0).toFixed(6)},${mean(1).toFixed(6)},${zoom}`;
}

export async function clickCentre(page) {
  const box = await page.locator("#map-view").boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}
