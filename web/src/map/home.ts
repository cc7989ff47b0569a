// Where a view opens: on what it shows, as near as all of that is in sight. Pure.

import type { Camera } from "../model";
// What `Frame` has, in its order. The server's first picture is placed by the same file.
import frames from "./opening.json";

/** West, south, east, north in degrees. */
export type Box = readonly [number, number, number, number];

/** A kind of map to open on: pixels of it that something lies over, and how fine its zooms are. */
export interface Frame {
  top: number;
  right: number;
  bottom: number;
  left: number;
  /** More of the right, by what need not stay free where the map is narrow. */
  buttons: number;
  /** Steps of a zoom: whole ones leave a phone's map two thirds empty, and halves up to half of it. */
  steps: number;
}

// The plan's zoom is meant for a map of this size; where there are no shapes to go by, smaller ones step back.
const MEANT_FOR = [900, 640] as const;
const FARTHEST = 10;

function frame([
  top = 0,
  right = 0,
  bottom = 0,
  left = 0,
  buttons = 0,
  steps = 1,
]: readonly number[] = []): Frame {
  return { top, right, bottom, left, buttons, steps };
}

/** Buttons and scale lie over the map's edges, and on a phone the search box. */
export const DESK = frame(frames[0]);
export const PHONE = frame(frames[1]);

const across = (lon: number) => (lon + 180) / 360;
const down = (lat: number) => 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
const latitude = (y: number) => (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;

export function joined(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  const part = (at: 0 | 1 | 2 | 3) => boxes.map((box) => box[at]);
  return [Math.min(...part(0)), Math.min(...part(1)), Math.max(...part(2)), Math.max(...part(3))];
}

/** The plan's own view, on a map that may be smaller than it is meant for. */
export function steppedBack(start: Camera, [width, height]: readonly [number, number]): Camera {
  const fit = Math.min(1, width / MEANT_FOR[0], height / MEANT_FOR[1]);
  return { center: start.center, zoom: Math.round(start.zoom + Math.log2(Math.max(fit, 0.1))) };
}

/**
 * All of `box` in what is free of the map, but not nearer than the plan's own view: a view of two places in one
 * street still shows which town it is.
 */
export function fitted(
  start: Camera,
  [west, south, east, north]: Box,
  [width, height]: readonly [number, number],
  covered: Frame,
): Camera {
  const free = [width - covered.left - covered.right, height - covered.top - covered.bottom] as const;
  const world = [across(east) - across(west), down(south) - down(north)] as const;
  const nearest = world.map((part, at) => Math.log2(Math.max(free[at] ?? 0, 1) / 256 / Math.max(part, 1e-9)));
  const whole = Math.floor(Math.min(...nearest) * covered.steps) / covered.steps;
  const zoom = Math.max(FARTHEST, Math.min(Math.round(start.zoom), whole));
  const pixel = 1 / (256 * 2 ** zoom);
  const spare = Math.max(0, free[0] - world[0] / pixel);
  const right = covered.right + Math.min(covered.buttons, spare);
  const x = (across(west) + across(east)) / 2 + ((right - covered.left) / 2) * pixel;
  const y = (down(south) + down(north)) / 2 + ((covered.bottom - covered.top) / 2) * pixel;
  return { center: [x * 360 - 180, latitude(y)], zoom };
}
