// From a tile's feature to the shapes drawn for it. Styles are built once per look and kept: building them per
// feature and frame is what makes maps slow.

import type { FeatureLike } from "ol/Feature.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import { CONTEXT, type Collection } from "../model";
import { groundOf, type Look, type Shape, VAGUE_METRES } from "./palette";
import { lookFor, subjectOf } from "./subject";

// Drawn in this order, low first.
const Z = { ground: 1, area: 10, plot: 20, line: 30, point: 40, chosen: 50 };

const CHOSEN_EDGE = "#111111";
const CHOSEN_CORE = "#ffd400";

const styles = new Map<string, Style[]>();

function cached(key: string, make: () => Style[]): Style[] {
  let made = styles.get(key);
  if (!made) {
    made = make();
    styles.set(key, made);
  }
  return made;
}

export function styleOf(feature: FeatureLike, resolution: number): Style[] | undefined {
  const subject = subjectOf(feature);
  if (!subject) return undefined;
  const { collection, kind, shape, chosen } = subject;
  if (collection.id === CONTEXT) return groundStyles(kind, shape, resolution);
  // Cells of what is too small to be drawn alone: an outline would be all that is seen of them.
  if (feature.get("merged") === true) {
    return cached(`${collection.id}|${kind}|${shape}|merged`, () =>
      mergedStyles(lookFor(subject, false), shape),
    );
  }
  const vague = Number(feature.get("position_accuracy_m") ?? 0) > VAGUE_METRES;
  return cached(`${collection.id}|${kind}|${shape}|${vague}|${chosen}`, () =>
    projectStyles(collection, lookFor(subject, vague), shape, chosen),
  );
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

function mergedStyles(look: Look, shape: Shape): Style[] {
  if (shape === "point") return [circle(2, look.stroke, Z.point)];
  return [new Style({ fill: new Fill({ color: look.fill }), zIndex: Z.plot })];
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

function groundStyles(kind: string | null, shape: Shape, resolution: number): Style[] {
  const ground = groundOf(kind);
  // Roads narrow as one zooms out, or the town is all road.
  const size = resolution > 20 ? 0.5 : resolution > 6 ? 0.75 : 1.25;
  return cached(`${CONTEXT}|${kind}|${shape}|${size}`, () => {
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
}
