import type Style from "ol/style/Style.js";
import { useEffect, useRef } from "preact/hooks";
import { drawSwatch } from "../map/draw";
import type { Look, Shape } from "../map/palette";
import { groundStyles, stylesOf } from "../map/style";
import type { Collection } from "../model";

function Sample({ styles, shape, of }: { styles: () => Style[]; shape: Shape; of: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) drawSwatch(canvas.current, styles(), shape);
  }, [of, shape]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas without a tabindex takes no focus
  return <canvas ref={canvas} class="swatch" width="26" height="16" aria-hidden="true" />;
}

interface SwatchProps {
  look: Look;
  shape: Shape;
  collection: Collection;
}

/** A sample of how the map draws something, drawn by the same code. */
export function Swatch({ look, shape, collection }: SwatchProps) {
  const of = `${JSON.stringify(look)}${collection.geometry}`;
  return <Sample styles={() => stylesOf(look, shape, collection)} shape={shape} of={of} />;
}

export function GroundSwatch({ kind }: { kind: string }) {
  const shape: Shape = kind === "station" ? "point" : "line";
  return <Sample styles={() => groundStyles(kind, shape, 1)} shape={shape} of={kind} />;
}
