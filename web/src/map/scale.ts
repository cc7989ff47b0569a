// The scale line: a round length and how many pixels it takes. Pure.

const STEPS = [1, 2, 5];

/** The longest round length of at most `maxPixels`, given ground metres per pixel. */
export function scaleLine(metresPerPixel: number, maxPixels: number): { metres: number; pixels: number } {
  const limit = metresPerPixel * maxPixels;
  const power = 10 ** Math.floor(Math.log10(limit));
  const step = STEPS.findLast((one) => one * power <= limit) ?? 1;
  const metres = step * power;
  return { metres, pixels: metres / metresPerPixel };
}
