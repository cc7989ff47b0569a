// The handle of a phone's sheet: pressed, it goes to the next of three stops; dragged, to the nearest.

import { useRef } from "preact/hooks";
import { type SheetStop, sheet, sheetStop, t } from "../state";

const NEXT: Record<SheetStop, SheetStop> = { peek: "half", half: "full", full: "peek" };
const LABELS = { peek: "sheetPeek", half: "sheetHalf", full: "sheetFull" } as const;
const PEEK = 96;
/** So much of the map stays in sight: enough to see where one is, and to get back by touch. */
const LEAST_MAP = 72;
/** A finger that trembles has not dragged. */
const TREMBLE = 6;

export function SheetHandle() {
  const drag = useRef<{ from: number; height: number; moved: boolean } | null>(null);
  const label = t(LABELS[NEXT[sheetStop.value]]);
  const frame = (event: PointerEvent) =>
    (event.currentTarget as HTMLElement).closest<HTMLElement>(".body") ?? document.body;
  return (
    <button
      type="button"
      class="handle"
      aria-label={label}
      title={label}
      onClick={() => {
        const { current } = drag;
        drag.current = null;
        if (!current?.moved) sheet.value = NEXT[sheetStop.value];
      }}
      onPointerDown={(event) => {
        const panel = event.currentTarget.closest(".rail, .detail");
        if (!panel) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { from: event.clientY, height: panel.clientHeight, moved: false };
      }}
      onPointerMove={(event) => {
        const { current } = drag;
        if (!current || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const up = current.from - event.clientY;
        if (Math.abs(up) > TREMBLE) current.moved = true;
        if (!current.moved) return;
        const room = frame(event).clientHeight - LEAST_MAP;
        const height = Math.max(PEEK, Math.min(room, current.height + up));
        frame(event).style.setProperty("--drag", `${height}px`);
      }}
      onPointerUp={(event) => {
        const { current } = drag;
        if (!current?.moved) return;
        const body = frame(event);
        const height = current.height + current.from - event.clientY;
        body.style.removeProperty("--drag");
        const stops: [SheetStop, number][] = [
          ["peek", PEEK],
          ["half", body.clientHeight / 2],
          ["full", body.clientHeight - LEAST_MAP],
        ];
        const off = ([, at]: [SheetStop, number]) => Math.abs(at - height);
        sheet.value = stops.reduce((best, one) => (off(one) < off(best) ? one : best))[0];
      }}
      onPointerCancel={(event) => {
        drag.current = null;
        frame(event).style.removeProperty("--drag");
      }}
    >
      <span aria-hidden="true" />
    </button>
  );
}
