// The sheet of paper: where everything stands, in millimetres, and what stands there. Pure.

import { fromGauss } from "../map/gauss";
import type { Print } from "../url";

export const SCALES = [2000, 5000, 10_000, 25_000] as const;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  width: number;
  height: number;
  frame: Box;
}

const PAPER = {
  a3: { width: 420, height: 297, margin: 10, head: 18, side: 66, foot: 14 },
  a4: { width: 297, height: 210, margin: 8, head: 15, side: 54, foot: 12 },
};

export function layoutOf(paper: Print["paper"]): Layout {
  const { width, height, margin, head, side, foot } = PAPER[paper];
  return {
    width,
    height,
    frame: {
      x: margin,
      y: margin + head,
      width: width - 2 * margin - side,
      height: height - 2 * margin - head - foot,
    },
  };
}

/** The largest of the scales at which a piece of ground, in metres, is in the frame; the smallest if none is enough. */
export function fittingScale({ frame }: Layout, groundWidth: number, groundHeight: number): number {
  const fits = SCALES.find(
    (scale) => (frame.width / 1000) * scale >= groundWidth && (frame.height / 1000) * scale >= groundHeight,
  );
  return fits ?? SCALES[SCALES.length - 1] ?? 25_000;
}

/** What the frame shows, in metres of the grid: west, south, east, north. */
export function groundOf(
  { frame }: Layout,
  scale: number,
  [east, north]: readonly [number, number],
): [number, number, number, number] {
  const [halfWidth, halfHeight] = [(frame.width * scale) / 2000, (frame.height * scale) / 2000];
  return [east - halfWidth, north - halfHeight, east + halfWidth, north + halfHeight];
}

/** Lines of the grid that cross the frame: their coordinate, and how many millimetres they are from west or north. */
export interface GridLine {
  metres: number;
  at: number;
}

const STEPS = [100, 200, 500, 1000, 2000, 5000];

/** Round coordinates, some five to ten centimetres apart on the paper. */
export function gridLines(
  [west, south, east, north]: readonly [number, number, number, number],
  scale: number,
): { eastings: GridLine[]; northings: GridLine[] } {
  const step = STEPS.find((metres) => metres / scale >= 0.045) ?? 10_000;
  const between = (from: number, to: number, place: (metres: number) => number) => {
    const lines: GridLine[] = [];
    for (let metres = Math.ceil(from / step) * step; metres <= to; metres += step) {
      lines.push({ metres, at: place(metres) });
    }
    return lines;
  };
  return {
    eastings: between(west, east, (metres) => ((metres - west) / scale) * 1000),
    northings: between(south, north, (metres) => ((north - metres) / scale) * 1000),
  };
}

/** A round length of four or five centimetres on the paper. */
export function scaleBar(scale: number): { metres: number; millimetres: number } {
  const metres = [50, 100, 200, 250, 500, 1000, 2000].findLast((one) => (one / scale) * 1000 <= 50) ?? 50;
  return { metres, millimetres: (metres / scale) * 1000 };
}

/** Degrees by which grid north is east of true north: the meridians run together towards the pole. */
export function convergence(east: number, north: number): number {
  const [lon, lat] = fromGauss(east, north);
  return (lon - 120) * Math.sin((lat * Math.PI) / 180);
}
