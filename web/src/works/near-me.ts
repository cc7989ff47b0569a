// Where this device is: asked for on a press only, kept here, and told to nobody.

import { signal } from "@preact/signals";
import type { QueryKey } from "../i18n/query";
import { isInside } from "../search/coordinates";
import { camera, here, readyPlan } from "../state";
import { metresTo } from "./distance";

export type NearMe =
  | { state: "off" }
  | { state: "locating" }
  | { state: "on" }
  | { state: "outside"; metres: number }
  | { state: "failed"; why: Extract<QueryKey, "denied" | "unavailable" | "insecure"> };

export const nearMe = signal<NearMe>({ state: "off" });

const PATIENCE_MS = 15_000;
const CLOSE = 15;

export function stopNearMe(): void {
  here.value = null;
  nearMe.value = { state: "off" };
}

export function findMe(): void {
  if (!window.isSecureContext) {
    nearMe.value = { state: "failed", why: "insecure" };
    return;
  }
  if (!("geolocation" in navigator)) {
    nearMe.value = { state: "failed", why: "unavailable" };
    return;
  }
  nearMe.value = { state: "locating" };
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => found(coords.longitude, coords.latitude, coords.accuracy),
    ({ code, PERMISSION_DENIED }) => {
      nearMe.value = { state: "failed", why: code === PERMISSION_DENIED ? "denied" : "unavailable" };
    },
    { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
  );
}

function found(lon: number, lat: number, accuracy: number): void {
  const plan = readyPlan.peek();
  if (plan && !isInside({ lon, lat }, plan.extent)) {
    const [west, south, east, north] = plan.extent;
    const box = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    const metres = metresTo({ type: "LineString", coordinates: box }, lon, lat) ?? 0;
    nearMe.value = { state: "outside", metres };
    return;
  }
  here.value = { lon, lat, accuracy };
  nearMe.value = { state: "on" };
  camera.value = { center: [lon, lat], zoom: CLOSE };
}
