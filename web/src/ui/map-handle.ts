import { signal } from "@preact/signals";
import type { MapHandle } from "../map/map";

/** The one map of the page, while it is there. */
export const mapHandle = signal<MapHandle | null>(null);
