// What is written on the map, beside and over the shapes.

import type { FeatureLike } from "ol/Feature.js";
import Point from "ol/geom/Point.js";
import { fromLonLat } from "ol/proj.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text, { type Options as TextOptions } from "ol/style/Text.js";
import { CONTEXT } from "../model";
import { lang } from "../state";
import { shortName, wrapLabel } from "./labels";
import { darkenTo, groundOf } from "./palette";
import { lookFor, subjectOf, textOf } from "./subject";

export const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';

// Metres per pixel at which names begin to be written.
const ROAD_NAMES_BELOW = 12;
const PLOT_NAMES_BELOW = 12;
// From farther than this, parks and areas are named before what lies in them.
const PARKS_FIRST_ABOVE = 7;

// Letters around a sharper bend run into each other.
const MOST_BEND = Math.PI / 16;

// Where names would overlap, the higher is written.
const Z = { near: 1, name: 2, afar: 3, chosen: 4 };

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

/** Names of projects. */
export function projectNameOf(feature: FeatureLike, resolution: number): Style | undefined {
  const subject = subjectOf(feature);
  const full = nameIn(feature);
  if (!subject || !full || subject.collection.id === CONTEXT) return undefined;
  const { collection, shape, chosen } = subject;
  const color = darkenTo(lookFor(subject, false).stroke, 7);
  const plot = collection.geometry === "polygon";
  // A park's name is the first to be read from afar; from near, it and those of points are the last.
  const park = shape === "area" && !plot && resolution > PARKS_FIRST_ABOVE;
  const zIndex = chosen ? Z.chosen : park ? Z.afar : plot || shape === "line" ? Z.name : Z.near;
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
    return style;
  }
  const place = shape === "point" ? null : labelPoint(feature);
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
  text.setText(wrapLabel(full, lang.peek()));
  if (place) style.setGeometry(place);
  return style;
}

/** The server puts a polygon's label point into one tile only, so that its name is drawn once. */
function labelPoint(feature: FeatureLike): Point | null {
  const lon = feature.get("label_lon");
  const lat = feature.get("label_lat");
  return typeof lon === "number" && typeof lat === "number" ? new Point(fromLonLat([lon, lat])) : null;
}

/** Names of what is there already. */
export function groundNameOf(feature: FeatureLike, resolution: number): Style | undefined {
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
  return style;
}
