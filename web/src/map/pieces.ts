// What of a line lies in a box. Pure.

type Point = number[];
type Box = readonly number[];

/** The part of a segment inside `box`, as two shares of its length; null where there is none (Liang and Barsky). */
function clip(from: Point, to: Point, box: Box): [number, number] | null {
  const [x = 0, y = 0] = from;
  const dx = (to[0] ?? 0) - x;
  const dy = (to[1] ?? 0) - y;
  const [west = 0, south = 0, east = 0, north = 0] = box;
  let start = 0;
  let end = 1;
  for (const [speed, room] of [
    [-dx, x - west],
    [dx, east - x],
    [-dy, y - south],
    [dy, north - y],
  ] as const) {
    if (speed === 0) {
      if (room < 0) return null;
    } else if (speed < 0) start = Math.max(start, room / speed);
    else end = Math.min(end, room / speed);
  }
  return start < end ? [start, end] : null;
}

/** The longest unbroken piece of any of `lines` that is inside `box`. */
export function longestPiece(lines: readonly Point[][], box: Box): Point[] | undefined {
  let best: Point[] | undefined;
  let bestLength = 0;
  for (const line of lines) {
    let piece: Point[] = [];
    let length = 0;
    for (let at = 1; at < line.length; at += 1) {
      const from = line[at - 1] as Point;
      const to = line[at] as Point;
      const inside = clip(from, to, box);
      if (!inside) {
        piece = [];
        length = 0;
        continue;
      }
      const [start, end] = inside;
      const along = (share: number): Point =>
        [0, 1].map((axis) => (from[axis] ?? 0) + share * ((to[axis] ?? 0) - (from[axis] ?? 0)));
      if (start > 0 || piece.length === 0) {
        piece = [along(start)];
        length = 0;
      }
      piece.push(along(end));
      length += (end - start) * Math.hypot((to[0] ?? 0) - (from[0] ?? 0), (to[1] ?? 0) - (from[1] ?? 0));
      if (length > bestLength) {
        bestLength = length;
        best = [...piece];
      }
      if (end < 1) {
        piece = [];
        length = 0;
      }
    }
  }
  return best;
}
