// What the server says, as types. The names are the server's own.

export type Lang = "zh" | "en";
export type Text = { zh: string; en: string };
export type Role = "stated" | "derived" | "measured" | "position" | "source" | "note";
/** An array of texts is one value; of JSON, anything may come. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export type Compute =
  | { ratio: { numerators: string[]; denominator: string } }
  | { ratio_numerator_of: string }
  | { planar_area: string }
  | "geodesic_area"
  | "geodesic_length";

export interface CodedValue {
  code: string;
  zh: string;
  en: string;
  color?: string;
}

export interface Column {
  name: string;
  title: Text;
  type: "string" | "integer" | "number" | "boolean" | "date" | "timestamp" | "strings" | "json";
  role: Role;
  unit?: string;
  values?: CodedValue[];
  compute?: Compute;
  agrees_with?: { column: string; tolerance: number };
  indexed?: boolean;
  /** Carried in tiles: what the map's styles and people need most. */
  tile?: boolean;
}

export type GeometryKind = "point" | "line" | "polygon" | "any";

export interface Collection {
  id: string;
  title: Text;
  description: Text;
  geometry: GeometryKind;
  columns: string[];
  min_zoom: number;
  style: { color: string; width?: number; class_column?: string };
  numberOfFeatures: number;
  withoutGeometry: number;
  numberOfFindings: number;
  /** Around all its places: west, south, east, north. */
  bbox?: [number, number, number, number] | null;
  /** The first and the last time of its features, null for an open end; null or absent where none has a time. */
  interval?: [string | null, string | null] | null;
}

export interface Camera {
  center: [number, number];
  zoom: number;
}

export interface View {
  id: string;
  title: Text;
  introduction: Text;
  figure?: { number: string; caption: Text; remark?: Text };
  layers: string[];
  view?: Camera;
  opens?: Opens;
}

/** What a view opens with; filter and sort as the page's address has them. */
export interface Opens {
  rail?: "layers" | "projects" | "filter" | null;
  drawer?: "shut" | "half" | "full" | null;
  list?: "layers" | "works" | null;
  collection?: string | null;
  filter?: string | null;
  sort?: string | null;
}

/** A raster map that the server passes on from elsewhere. */
export interface Basemap {
  id: string;
  title: Text;
  /** A path on this server with `{z}`, `{x}` and `{y}`. */
  url: string;
  /** Web Mercator tiles of CGCS2000 or WGS 84, the same shifted, or Baidu's own grid. */
  crs: "cgcs2000" | "gcj02" | "bd09";
  min_zoom?: number;
  max_zoom?: number;
  attribution: Text;
  approval?: string | null;
}

export interface Plan {
  id: string;
  title: Text;
  source_title: Text;
  period: { start: number; end: number };
  issued: string;
  publisher?: Text | null;
  attribution: Text[];
  notice: Text;
  extent: [number, number, number, number];
  view: Camera;
  views: View[];
  version: string;
  /** The number under which an authority has approved the map. */
  map_approval?: Text | null;
  basemaps?: Basemap[];
  columns: Column[];
  collections: Collection[];
}

export interface Finding {
  check: string;
  severity: "warning" | "error";
  column?: string | null;
  reason: string;
}

export interface Geometry {
  type: string;
  coordinates?: unknown;
}

export interface Item {
  type: "Feature";
  id: string;
  geometry: Geometry | null;
  properties: Record<string, Value>;
  findings?: Finding[];
}

export interface Link {
  rel: string;
  href: string;
  type?: string;
}

export interface ItemPage {
  features: Item[];
  numberMatched: number;
  numberReturned: number;
  links?: Link[];
}

export interface SearchResult extends FeatureRef {
  name: { zh: string | null; en: string | null };
  /** Set where a code or an address was found instead of a name. */
  column?: string;
  value?: string;
}

export interface SearchAnswer {
  collections: { id: string; numberMatched: number; numberMatchedByName: number }[];
  results: SearchResult[];
}

export interface ColumnStatistics {
  column: string;
  stated: number;
  nulls: number;
  min: number | null;
  max: number | null;
  histogram?: { low: number; high: number; count: number }[];
}

export interface Statistics {
  numberMatched: number;
  columns: ColumnStatistics[];
  groups?: { value: string | number | boolean | null; numberMatched: number }[];
}

/** Names one feature of the plan: `collection:id` in links. */
export interface FeatureRef {
  collection: string;
  id: string;
}

/** The existing town under the plan's projects: drawn in greys, never listed or selected. */
export const CONTEXT = "context";

export function sameRef(a: FeatureRef | null, b: FeatureRef | null): boolean {
  return a?.collection === b?.collection && a?.id === b?.id;
}
