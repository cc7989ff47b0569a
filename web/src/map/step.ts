// Which feature comes next in a direction. Pure.

export type Side = "left" | "right" | "up" | "down";

const TOWARDS: Record<Side, readonly [x: number, y: number]> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, 1],
  down: [0, -1],
};

/**
 * The nearest of `places` (y up) within 45 degrees of a direction; what is off to the side counts as farther. Several
 * at one place are stepped through in their order, because the first of them is where one stands.
 */
export function nextTowards<T extends { at: readonly [number, number] }>(
  places: readonly T[],
  [x, y]: readonly [number, number],
  side: Side,
): T | null {
  const [towardsX, towardsY] = TOWARDS[side];
  let best: T | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const [dx, dy] = [place.at[0] - x, place.at[1] - y];
    const ahead = dx * towardsX + dy * towardsY;
    const aside = Math.abs(dx * towardsY - dy * towardsX);
    if (ahead <= 1e-6 || aside > ahead) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) {
      least = cost;
      best = place;
    }
  }
  return best;
}
