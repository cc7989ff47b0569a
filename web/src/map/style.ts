// From a tile's feature to OpenLayers styles. Styles are built once per look and kept: building them per
// feature and frame is what makes maps slow.

import type { FeatureLike } from "ol/Feature.js";
import Point from "ol/geom/Point.js";
import { fromLonLat } from "ol/proj.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text, { type Options as TextOptions } from "ol/style/Text.js";
import { CONTEXT, type Collection } from "../model";
import { changes, collections, columns, lang, selected, visible } from "../state";
import { shortName, wrapLabel } from "./labels";
import { colorOf, darkenTo, groundOf, type Look, lookOf, type Shape, VAGUE_METRES } from "./palette";

export const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';

// Metres per pixel at which names begin to be written.
const ROAD_NAMES_BELOW = 12;
const PLOT_NAMES_BELOW = 12;

// Letters around a sharper bend run into each other.
const MOST_BEND = Math.PI / 9;

// Drawn in this order, low first; for labels, high goes first where two would overlap.
const Z = {
  ground: 1,
  area: 10,
  plot: 20,
  line: 30,
  point: 40,
  chosen: 50,
  groundName: 60,
  name: 70,
  townName: 80,
};

const CHOSEN_EDGE = "#111111";
const CHOSEN_CORE = "#ffd400";

const styles = new Map<string, Style[]>();
const names = new Map<string, Style>();

function cached(key: string, make: () => Style[]): Style[] {
  let made = styles.get(key);
  if (!made) {
    made = make();
    styles.set(key, made);
  }
  return made;
}

export function styleOf(feature: FeatureLike, resolution: number): Style[] | undefined {
  const id = String(feature.get("collection"));
  const collection = collections.peek().get(id);
  if (!collection || !visible.peek().has(id)) return undefined;
  const kind = textOf(feature, collection.style.class_column ?? "kind");
  if (id === CONTEXT) return contextStyle(feature, kind, resolution);

  const code = collection.style.class_column ? kind : null;
  if (code && changes.peek().off.has(`${id}.${code}`)) return undefined;
  const shape = shapeOf(feature);
  const vague = Number(feature.get("position_accuracy_m") ?? 0) > VAGUE_METRES;
  const ref = selected.peek();
  const chosen = ref?.collection === id && ref.id === feature.getId();
  const drawn = cached(`${id}|${code}|${shape}|${vague}|${chosen}`, () =>
    projectStyles(collection, lookFor(collection, code, shape, vague), shape, chosen),
  );
  const name = nameStyle(feature, collection, code, shape, resolution, chosen);
  return name ? [...drawn, name] : drawn;
}

function textOf(feature: FeatureLike, name: string): string | null {
  const value = feature.get(name);
  return typeof value === "string" ? value : null;
}

export function shapeOf(feature: FeatureLike): Shape {
  const type = feature.getGeometry()?.getType() ?? "Point";
  if (type.endsWith("Polygon")) return "area";
  return type.endsWith("LineString") ? "line" : "point";
}

function lookFor(collection: Collection, code: string | null, shape: Shape, vague: boolean): Look {
  const classes = columns.peek().get(collection.style.class_column ?? "");
  return lookOf(collection, colorOf(collection, classes, code), shape, vague);
}

function stroke(color: string, width: number, dash: readonly number[] = []): Stroke {
  return dash.length > 0
    ? new Stroke({ color, width, lineDash: [...dash], lineCap: "butt" })
    : new Stroke({ color, width });
}

function projectStyles(collection: Collection, look: Look, shape: Shape, chosen: boolean): Style[] {
  if (shape === "point") {
    const ring = chosen ? [circle(10.5, CHOSEN_EDGE, Z.chosen), circle(8.5, CHOSEN_CORE, Z.chosen)] : [];
    return [...ring, ...pointStyles(look, chosen)];
  }
  if (shape === "line") {
    const under = chosen
      ? [
          new Style({ stroke: stroke(CHOSEN_EDGE, look.width + 9), zIndex: Z.chosen }),
          new Style({ stroke: stroke(CHOSEN_CORE, look.width + 5), zIndex: Z.chosen }),
        ]
      : [];
    return [
      ...under,
      new Style({ stroke: stroke("#ffffff", look.casing), zIndex: chosen ? Z.chosen : Z.line }),
      new Style({
        stroke: stroke(look.stroke, look.width, look.dash),
        zIndex: chosen ? Z.chosen : Z.line + 1,
      }),
    ];
  }
  const z = collection.geometry === "polygon" ? Z.plot : Z.area;
  const area = new Style({
    fill: new Fill({ color: look.fill }),
    stroke: stroke(look.stroke, look.width, look.dash),
    zIndex: z,
  });
  if (!chosen) return [area];
  return [
    area,
    new Style({ stroke: stroke(CHOSEN_EDGE, 7), zIndex: Z.chosen }),
    new Style({ stroke: stroke(CHOSEN_CORE, 5), zIndex: Z.chosen }),
    // Chosen or not, a schematic outline stays dashed.
    new Style({ stroke: stroke(CHOSEN_EDGE, look.width, look.dash), zIndex: Z.chosen }),
  ];
}

function circle(radius: number, color: string, zIndex: number): Style {
  return new Style({
    image: new CircleStyle({ radius, fill: new Fill({ color }), declutterMode: "none" }),
    zIndex,
  });
}

function pointStyles(look: Look, chosen: boolean): Style[] {
  const zIndex = chosen ? Z.chosen + 1 : Z.point;
  const mark = new CircleStyle({
    radius: 5.5,
    fill: new Fill({ color: look.fill }),
    stroke: look.hollow ? stroke(look.stroke, look.width, look.dash) : stroke("#ffffff", look.width),
    declutterMode: "none",
  });
  return [circle(7.5, "#ffffff", zIndex), new Style({ image: mark, zIndex })];
}

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

function nameStyle(
  feature: FeatureLike,
  collection: Collection,
  code: string | null,
  shape: Shape,
  resolution: number,
  chosen: boolean,
): Style | null {
  const full = textOf(feature, `name_${lang.peek()}`) ?? textOf(feature, "name_zh");
  if (!full) return null;
  const color = darkenTo(lookFor(collection, code, shape, false).stroke, 7);
  const plot = collection.geometry === "polygon";
  const zIndex = chosen
    ? Z.townName + 5
    : plot || shape === "line"
      ? Z.name
      : Z.name + (resolution > PLOT_NAMES_BELOW ? 5 : -5);
  const key = `${color}|${shape}|${plot}|${zIndex}`;
  if (shape === "line") {
    if (resolution > ROAD_NAMES_BELOW && !chosen) return null;
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
  if (shape === "area" && (!place || chosen)) return null;
  if (plot && resolution > PLOT_NAMES_BELOW) return null;
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

function contextStyle(feature: FeatureLike, kind: string | null, resolution: number): Style[] {
  const ground = groundOf(kind);
  const shape = shapeOf(feature);
  // Roads narrow as one zooms out, or the town is all road.
  const size = resolution > 20 ? 0.5 : resolution > 6 ? 0.75 : 1.25;
  const drawn = cached(`${CONTEXT}|${kind}|${shape}|${size}`, () => {
    if (shape === "point") {
      const image = new CircleStyle({
        radius: 3.25,
        fill: new Fill({ color: "#ffffff" }),
        stroke: stroke(ground.stroke, ground.width),
        declutterMode: "none",
      });
      return [new Style({ image, zIndex: Z.ground + 4 })];
    }
    const line = new Style({
      stroke: stroke(ground.stroke, Math.max(1, ground.width * size), ground.dash),
      zIndex: Z.ground,
    });
    if (shape === "area" && kind === "river") line.setFill(new Fill({ color: "#dceaf3" }));
    return [line];
  });
  const full = textOf(feature, `name_${lang.peek()}`) ?? textOf(feature, "name_zh");
  if (!full || kind === "boundary" || resolution > ROAD_NAMES_BELOW || shape === "area") return drawn;
  const { style, text } = reusedName(
    `${CONTEXT}|${ground.label}|${shape}`,
    {
      font: `11px ${FONT}`,
      // Beside the road, not on it: works on a road are drawn along its middle.
      ...(shape === "line"
        ? { placement: "line", maxAngle: MOST_BEND, textBaseline: "top", offsetY: 4 }
        : { offsetY: -11 }),
      fill: new Fill({ color: ground.label }),
      stroke: halo(),
    },
    Z.groundName,
  );
  text.setText(shortName(full));
  return [...drawn, style];
}
