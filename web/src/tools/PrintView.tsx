import "./print.css";
import { toLonLat } from "ol/proj.js";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatNumber } from "../format";
import { tt } from "../i18n/tools";
import { toGauss } from "../map/gauss";
import { sight } from "../map/place";
import { camera, homeCamera, print, readyPlan, say, t, view } from "../state";
import { mapHandle } from "../ui/map-handle";
import type { Print } from "../url";
import { fittingScale, groundOf, layoutOf, SCALES } from "./print-layout";
import { type PrintedMap, printMap } from "./print-map";
import { Sheet } from "./Sheet";

export function PrintView({ onClose }: { onClose: () => void }) {
  const wish: Print = print.value ?? { paper: "a4", scale: null, dpi: 150 };
  const layout = layoutOf(wish.paper);
  const plan = readyPlan.value;
  const [title, setTitle] = useState(() =>
    [plan && say(plan.title), view.value && say(view.value.title)].filter(Boolean).join(" · "),
  );
  const [printed, setPrinted] = useState<PrintedMap | "failed" | null>(null);
  const [attempt, setAttempt] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);

  const map = mapHandle.peek()?.map;
  const seen = map?.getView();
  const centre = seen?.getCenter();
  // Where the map looks, which no link need say.
  const [lon = 120, lat = 30] =
    camera.value?.center ??
    (seen && centre ? toLonLat(centre, seen.getProjection()) : homeCamera.value?.center) ??
    [];
  const [width = 0, height = 0] = map?.getSize() ?? [];
  const perPixel = sight.peek()?.metresPerPixel ?? 1;
  const scale = wish.scale ?? fittingScale(layout, width * perPixel, height * perPixel);
  const ground = groundOf(layout, scale, toGauss(lon, lat));

  useEffect(() => heading.current?.focus(), []);

  const key = [wish.paper, scale, wish.dpi, lon, lat, attempt].join();
  useEffect(() => {
    const stop = new AbortController();
    setPrinted(null);
    printMap(layout.frame, ground, scale, wish.dpi, stop.signal).then(setPrinted, (cause) => {
      if (stop.signal.aborted) return;
      console.warn(cause);
      setPrinted("failed");
    });
    return () => stop.abort();
  }, [key]);

  // The sheet is as large as paper; on the screen it is made to fit.
  useEffect(() => {
    const shrink = () => {
      const [room, paper] = [stage.current, sheet.current];
      if (!room || !paper) return;
      const share = Math.min(1, (room.clientWidth - 32) / paper.offsetWidth);
      paper.style.setProperty("--fit", String(share));
      room.style.setProperty("--sheet-height", `${paper.offsetHeight * share + 32}px`);
    };
    const watch = new ResizeObserver(shrink);
    if (stage.current) watch.observe(stage.current);
    shrink();
    return () => watch.disconnect();
  }, [wish.paper]);

  const change = (over: Partial<Print>) => {
    print.value = { ...wish, ...over };
  };
  const ready = printed !== null && printed !== "failed";
  return (
    <section class="print-view" role="dialog" aria-modal="true" aria-label={t("toolPrint")}>
      <div class="print-bar">
        <h2 ref={heading} tabIndex={-1}>
          {t("toolPrint")}
        </h2>
        <label>
          {tt("printTitle")}
          <input value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <label>
          {tt("printPaper")}
          <select
            value={wish.paper}
            onChange={(event) => change({ paper: event.currentTarget.value as Print["paper"] })}
          >
            <option value="a4">A4</option>
            <option value="a3">A3</option>
          </select>
        </label>
        <label>
          {tt("printScale")}
          <select
            value={String(wish.scale ?? "")}
            onChange={(event) => change({ scale: Number(event.currentTarget.value) || null })}
          >
            <option value="">{tt("printFit", { scale: formatNumber(scale) })}</option>
            {[...new Set([...SCALES, ...(wish.scale ? [wish.scale] : [])])].map((one) => (
              <option key={one} value={String(one)}>
                1:{formatNumber(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {tt("printDpi")}
          <select
            value={String(wish.dpi)}
            onChange={(event) => change({ dpi: event.currentTarget.value === "300" ? 300 : 150 })}
          >
            <option value="150">150 dpi</option>
            <option value="300">300 dpi</option>
          </select>
        </label>
        <button
          type="button"
          class="primary"
          id="print-now"
          disabled={!ready}
          onClick={() => globalThis.print()}
        >
          {tt("printNow")}
        </button>
        <button type="button" id="print-close" onClick={onClose}>
          {tt("closeTool")}
        </button>
        <p role="status">
          {printed === null && tt("printing")}
          {ready && printed.leftOut > 0 && tt("printLeftOut", { count: printed.leftOut })}
        </p>
        {printed === "failed" && (
          <p role="alert">
            {tt("printFailed")}{" "}
            <button type="button" onClick={() => setAttempt(attempt + 1)}>
              {t("retry")}
            </button>
          </p>
        )}
      </div>
      {/* Scrolls by keys, too. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable */}
      <section class="print-stage" ref={stage} tabIndex={0} aria-label={tt("printPreview")}>
        <div ref={sheet} class={`sheet ${wish.paper}`}>
          <Sheet
            layout={layout}
            scale={scale}
            ground={ground}
            title={title}
            printed={ready ? printed : null}
          />
        </div>
      </section>
    </section>
  );
}
