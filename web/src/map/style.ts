// From a tile's feature to the shapes drawn for it. Styles are built once per look and kept: building them per
// feature and frame is what makes maps slow.

import type { FeatureLike } from "ol/Feature.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import RegularShape from "ol/style/RegularShape.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import { CONTEXT, type Collection } from "../model";
import { changes, lang, patterns, visible } from "../state";
import { groundOf, type Look, onGround, type Shape } from "./palette";
import { patternFill } from "./patterns";
import { isSchematic, isVague, lookFor, subjectOf } from "./subject";

// Drawn in this order, low first.
const Z = { ground: 1, area: 10, plot: 20, line: 30, point: 40, chosen: 50 };

export const CHOSEN_EDGE = "#111111";
export const CHOSEN_CORE = "#ffd400";

const styles = new Map<string, Style[]>();

function cached(key: string, make: () => Style[]): Style[] {
  let made = styles.get(key);
  if (!made) {
    made = make();
    styles.set(key, made);
  }
  return made;
}

/** All that a style depends on beside the feature: read in an effect, it runs again when shapes must be drawn anew. */
export function looksDependOn(): void {
  void [lang.value, visible.value, changes.value, patterns.value];
}

/** `solid`: areas let nothing through, and look as they do on empty ground; what is drawn twice then looks the same. */
export function styleOf(feature: FeatureLike, resolution: number, solid = false): Style[] | undefined {
  const subject = subjectOf(feature);
  if (!subject) return undefined;
  const { collection, kind, shape, state } = subject;
  if (collection.id === CONTEXT) return groundStyles(kind, shape, resolution);
  const key = `${collection.id}|${kind}|${shape}|${state}|${patterns.peek()}|${solid}`;
  const seen = (look: Look): Look =>
    solid && shape === "area" ? { ...look, fill: onGround(look.fill) } : look;
  // Cells of what is too small to be drawn alone: an outline would be all that is seen of them.
  if (feature.get("merged") === true) {
    return cached(`${key}|merged`, () => mergedStyles(seen(lookFor(subject)), shape));
  }
  return cached(`${key}|${isVague(feature)}|${isSchematic(collection, feature)}`, () =>
    stylesOf(seen(lookFor(subject, feature)), shape, collection),
  );
}

function stroke(color: string, width: number, dash: readonly number[] = []): Stroke {
  return dash.length > 0
    ? new Stroke({ color, width, lineDash: [...dash], lineCap: "butt" })
    : new Stroke({ color, width });
}

/** How the map, the legend and a print draw a look. */
export function stylesOf(look: Look, shape: Shape, collection: Collection): Style[] {
  if (shape === "point") return pointStyles(look);
  if (shape === "line") return lineStyles(look);
  const zIndex = collection.geometry === "polygon" ? Z.plot : Z.area;
  const area = new Style({
    fill: new Fill({ color: look.fill }),
    stroke: stroke(look.stroke, look.width, look.dash),
    zIndex,
  });
  const pattern = look.pattern && patternFill(look.pattern);
  return pattern ? [area, new Style({ fill: new Fill({ color: pattern }), zIndex })] : [area];
}

function lineStyles(look: Look): Style[] {
  const line = [
    new Style({ stroke: stroke("#ffffff", look.casing), zIndex: Z.line }),
    new Style({ stroke: stroke(look.stroke, look.width, look.dash), zIndex: Z.line + 1 }),
  ];
  if (!look.ticks) return line;
  // A broad line of short dashes is a row of bars across it.
  const bars = new Style({ stroke: stroke(look.stroke, look.width + 7, [2, 7]), zIndex: Z.line + 1 });
  return [...line, bars];
}

/** Around what is chosen: a double line, whatever its own colour is. */
export function chosenStyles(look: Look, shape: Shape): Style[] {
  const zIndex = Z.chosen;
  if (shape === "point")
    return [circle(10.5, CHOSEN_EDGE, zIndex), circle(8.5, CHOSEN_CORE, zIndex), ...pointStyles(look)];
  const [outer, inner] = shape === "line" ? [look.width + 9, look.width + 5] : [7, 5];
  const own = shape === "line" ? look.stroke : CHOSEN_EDGE;
  return [
    new Style({ stroke: stroke(CHOSEN_EDGE, outer), zIndex }),
    new Style({ stroke: stroke(CHOSEN_CORE, inner), zIndex }),
    // Chosen or not, a schematic outline stays dashed.
    new Style({ stroke: stroke(own, look.width, look.dash), zIndex }),
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

function pointStyles(look: Look): Style[] {
  const zIndex = Z.point;
  const options = {
    fill: new Fill({ color: look.fill }),
    stroke: look.hollow ? stroke(look.stroke, look.width, look.dash) : stroke("#ffffff", look.width),
    declutterMode: "none",
  } as const;
  const image =
    look.mark === "triangle"
      ? new RegularShape({ ...options, points: 3, radius: 7.5 })
      : look.mark === "square"
        ? new RegularShape({ ...options, points: 4, radius: 7, angle: Math.PI / 4 })
        : new CircleStyle({ ...options, radius: 5.5 });
  return [circle(7.5, "#ffffff", zIndex), new Style({ image, zIndex })];
}

export function groundStyles(kind: string | null, shape: Shape, resolution: number): Style[] {
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
