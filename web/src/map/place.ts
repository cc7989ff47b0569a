import { signal } from "@preact/signals";

/** Where the pointer is, or the middle of the map, and at what scale. */
export interface Place {
  /** Longitude and latitude. */
  at: [number, number];
  metresPerPixel: number;
  zoom: number;
}

export const sight = signal<Place | null>(null);
