// What is written on the map, beside and over the shapes.

import { containsCoordinate, type Extent } from "ol/extent.js";
import type { FeatureLike } from "ol/Feature.js";
import type Geometry from "ol/geom/Geometry.js";
import LineString from "ol/geom/LineString.js";
import type MultiLineString from "ol/geom/MultiLineString.js";
import type MultiPoint from "ol/geom/MultiPoint.js";
import MultiPolygon from "ol/geom/MultiPolygon.js";
import Point from "ol/geom/Point.js";
import type Polygon from "ol/geom/Polygon.js";
import { fromLonLat } from "ol/proj.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text, { type Options as TextOptions } from "ol/style/Text.js";
import { CONTEXT } from "../model";
import { columns, lang, selected } from "../state";
import { shortName, wrapLabel } from "./labels";
import { isLandUse, landUseOf } from "./landuse";
import { darkenTo, groundOf } from "./palette";
import { longestPiece } from "./pieces";
import { lookFor, type Subject, subjectOf, textOf } from "./subject";

export const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';

// Metres per pixel at which names begin to be written.
const ROAD_NAMES_BELOW = 12;
const PLOT_NAMES_BELOW = 12;
// From farther than this, parks and areas are named before what lies in them.
const PARKS_FIRST_ABOVE = 7;

// Letters around a sharper bend run into each other.
const MOST_BEND = Math.PI / 16;

// From nearer than this, a plot shows the code of its land use under its name.
const CODES_BELOW = 2.5;

// Where names would overlap, the higher is written. All are higher than any shape of the same layer.
const Z = { near: 101, name: 102, afar: 103 };

const names = new Map<string, Style>();

/** One style for all names of a kind: only its text and place change from feature to feature. */
function reusedName(key: string, options: TextOptions, zIndex: number): { style: Style; text: Text } {
  let style = names.get(key);
  if (!style) {
    style = new Style({ text: new Text(options), zIndex });
    names.set(key, style);
  }
  return { style, text: style.getText() as Text };
}

function halo(): Stroke {
  return new Stroke({ color: "rgba(255,255,255,0.92)", width: 3.5 });
}

function nameIn(feature: FeatureLike): string | null {
  return textOf(feature, `name_${lang.peek()}`) ?? textOf(feature, "name_zh");
}

function isChosen(feature: FeatureLike): boolean {
  const ref = selected.peek();
  return ref !== null && ref.collection === feature.get("collection") && ref.id === String(feature.getId());
}

/** Where a whole line or set of points is named: once, in the middle of the longest piece of it that is in view. */
export function namedPart(geometry: Geometry, inView: Extent): Geometry | undefined {
  const type = geometry.getType();
  if (type === "LineString" || type === "MultiLineString") {
    const lines =
      type === "LineString"
        ? [(geometry as LineString).getCoordinates()]
        : (geometry as MultiLineString).getCoordinates();
    const piece = longestPiece(lines, inView);
    return piece && new LineString(piece);
  }
  if (type === "MultiPoint") {
    const first = (geometry as MultiPoint).getCoordinates().find((at) => containsCoordinate(inView, at));
    return first && new Point(first);
  }
  return geometry;
}

function codeOf({ collection, kind }: Subject): string {
  const column = columns.peek().get(collection.style.class_column ?? "");
  const value = column?.values?.find(({ code }) => code === kind);
  return (value && isLandUse(column?.name) && landUseOf(value)?.code) || "";
}

/** Names of projects. `inView` is given for whole features: those of tiles are named tile by tile. */
export function projectNameOf(
  feature: FeatureLike,
  resolution: number,
  inView: Extent | null = null,
): Style | undefined {
  const subject = subjectOf(feature);
  const full = nameIn(feature);
  if (!subject || !full || subject.collection.id === CONTEXT) return undefined;
  const { collection, shape } = subject;
  const chosen = isChosen(feature);
  const color = darkenTo(lookFor(subject).stroke, 7);
  const plot = collection.geometry === "polygon";
  // A park's name is the first to be read from afar; from near, it and those of points are the last.
  const park = shape === "area" && !plot && resolution > PARKS_FIRST_ABOVE;
  const zIndex = park ? Z.afar : plot || shape === "line" ? Z.name : Z.near;
  const key = `${color}|${shape}|${plot}|${zIndex}`;
  if (shape === "line") {
    if (resolution > ROAD_NAMES_BELOW && !chosen) return undefined;
    const { style, text } = reusedName(
      key,
      {
        font: `600 12px ${FONT}`,
        placement: "line",
        textBaseline: "bottom",
        offsetY: -5,
        maxAngle: MOST_BEND,
        fill: new Fill({ color }),
        stroke: halo(),
      },
      zIndex,
    );
    text.setText(shortName(full));
    return placed(style, feature, inView);
  }
  const place = shape === "point" ? null : inView ? innerPoint(feature) : labelPoint(feature);
  // The panel names what is chosen; on a small plot its name would hide it.
  if (shape === "area" && (!place || chosen)) return undefined;
  if (plot && resolution > PLOT_NAMES_BELOW) return undefined;
  const { style, text } = reusedName(
    key,
    {
      font: `${plot || shape === "point" ? 600 : 700} ${plot || shape === "point" ? 12 : 13}px ${FONT}`,
      textAlign: shape === "point" ? "left" : "center",
      justify: shape === "point" ? "left" : "center",
      offsetX: shape === "point" ? 11 : 0,
      // A name may be larger than its plot; without this such names vanish.
      overflow: true,
      padding: [2, 3, 2, 3],
      fill: new Fill({ color }),
      stroke: halo(),
    },
    zIndex,
  );
  const code = plot && resolution < CODES_BELOW ? codeOf(subject) : "";
  text.setText(wrapLabel(full, lang.peek()) + (code && `\n${code}`));
  if (!place) return placed(style, feature, inView);
  style.setGeometry(place);
  return style;
}

/** The style, put where a whole feature is named; undefined where nothing of it is in view. */
function placed(style: Style, feature: FeatureLike, inView: Extent | null): Style | undefined {
  if (!inView) {
    style.setGeometry("geometry");
    return style;
  }
  const part = namedPart(feature.getGeometry() as Geometry, inView);
  if (!part) return undefined;
  style.setGeometry(part);
  return style;
}

/** The server puts a polygon's label point into one tile only, so that its name is drawn once. */
function labelPoint(feature: FeatureLike): Point | null {
  const lon = feature.get("label_lon");
  const lat = feature.get("label_lat");
  return typeof lon === "number" && typeof lat === "number" ? new Point(fromLonLat([lon, lat])) : null;
}

/** Of a whole area: inside it, and in the largest of its parts. */
function innerPoint(feature: FeatureLike): Point | null {
  const geometry = feature.getGeometry() as Geometry;
  const parts = geometry instanceof MultiPolygon ? geometry.getPolygons() : [geometry as Polygon];
  const largest = parts.reduce((best, one) => (one.getArea() > best.getArea() ? one : best));
  const [x = 0, y = 0] = largest.getInteriorPoint().getCoordinates();
  return new Point([x, y]);
}

/** Names of what is there already. */
export function groundNameOf(
  feature: FeatureLike,
  resolution: number,
  inView: Extent | null = null,
): Style | undefined {
  const subject = subjectOf(feature);
  const full = nameIn(feature);
  if (!full || subject?.collection.id !== CONTEXT || resolution > ROAD_NAMES_BELOW) return undefined;
  const { kind, shape } = subject;
  if (shape === "area" || kind === "boundary") return undefined;
  const { label } = groundOf(kind);
  const { style, text } = reusedName(
    `${CONTEXT}|${label}|${shape}`,
    {
      font: `11px ${FONT}`,
      // Beside the road, not on it: works on a road are drawn along its middle.
      ...(shape === "line"
        ? { placement: "line", maxAngle: MOST_BEND, textBaseline: "top", offsetY: 4 }
        : { offsetY: -11 }),
      fill: new Fill({ color: label }),
      stroke: halo(),
    },
    Z.name,
  );
  text.setText(shortName(full));
  return placed(style, feature, inView);
}
