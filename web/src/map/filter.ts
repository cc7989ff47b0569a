import { signal } from "@preact/signals";

/** Which features of one collection are drawn: the parameters of `items`, without the question mark. */
export interface MapFilter {
  collection: string;
  query: string;
}

/** Null where all are drawn. */
export const mapFilter = signal<MapFilter | null>(null);
