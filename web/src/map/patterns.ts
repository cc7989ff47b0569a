// Patterns over the colour of a land use, so that the colour is not its only sign.

import type { Pattern } from "./landuse";

/** The period of every pattern: it divides a tile's 512 pixels, so that patterns go on from tile to tile. */
const SIZE = 16;

type Pen = CanvasRenderingContext2D;

function path(pen: Pen, ...lines: number[][]): void {
  pen.beginPath();
  for (const [x = 0, y = 0, ...rest] of lines) {
    pen.moveTo(x, y);
    for (let at = 0; at < rest.length; at += 2) pen.lineTo(rest[at] ?? 0, rest[at + 1] ?? 0);
  }
  pen.stroke();
}

function spots(pen: Pen, draw: (x: number, y: number) => void): void {
  for (const [x, y] of [
    [4, 4],
    [12, 12],
  ] as const) {
    pen.beginPath();
    draw(x, y);
  }
}

const S = SIZE;
const DRAW: Record<Pattern, (pen: Pen) => void> = {
  lines: (pen) => path(pen, [0, 4, S, 4], [0, 12, S, 12]),
  bars: (pen) => path(pen, [4, 0, 4, S], [12, 0, 12, S]),
  // Beyond the corners, or the ends of the strokes would show as gaps.
  hatch: (pen) => path(pen, [-4, 12, 12, -4], [-4, 20, 20, -4], [4, 20, 20, 4], [-2, 2, 2, -2]),
  back: (pen) => path(pen, [-4, 4, 12, 20], [-4, -4, 20, 20], [4, -4, 20, 12]),
  cross: (pen) => path(pen, [-4, 20, 20, -4], [-4, -4, 20, 20]),
  grid: (pen) => path(pen, [0, 4, S, 4], [4, 0, 4, S], [0, 12, S, 12], [12, 0, 12, S]),
  plus: (pen) => path(pen, [4, 1, 4, 7], [1, 4, 7, 4], [12, 9, 12, 15], [9, 12, 15, 12]),
  ticks: (pen) => path(pen, [1, 7, 4, 1, 7, 7], [9, 15, 12, 9, 15, 15]),
  waves: (pen) => path(pen, [0, 4, 4, 2, 8, 4, 12, 6, S, 4], [0, 12, 4, 10, 8, 12, 12, 14, S, 12]),
  dots: (pen) =>
    spots(pen, (x, y) => {
      pen.arc(x, y, 1.5, 0, 7);
      pen.fill();
    }),
  rings: (pen) =>
    spots(pen, (x, y) => {
      pen.arc(x, y, 2.6, 0, 7);
      pen.stroke();
    }),
};

const made = new Map<Pattern, CanvasPattern | null>();

/** What to fill with; null where there is no canvas. */
export function patternFill(name: Pattern): CanvasPattern | null {
  let pattern = made.get(name);
  if (pattern === undefined) {
    const canvas = document.createElement("canvas");
    canvas.width = SIZE;
    canvas.height = SIZE;
    const pen = canvas.getContext("2d");
    if (pen) {
      pen.strokeStyle = "rgba(40,40,40,0.62)";
      pen.fillStyle = "rgba(40,40,40,0.7)";
      pen.lineWidth = 1.1;
      DRAW[name](pen);
    }
    pattern = pen?.createPattern(canvas, "repeat") ?? null;
    made.set(name, pattern);
  }
  return pattern;
}
