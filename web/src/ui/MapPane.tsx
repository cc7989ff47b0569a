import { useEffect, useRef, useState } from "preact/hooks";
import { formatNumber } from "../format";
import { loadLists } from "../load";
import { createMap, type MapHandle } from "../map/map";
import { scaleLine } from "../map/scale";
import { notice, readyPlan, say, selected, t, tiles } from "../state";
import { closeDetail, MAP_ID, openedFromMap } from "./focus";
import { mapHandle } from "./map-handle";

const SCALE_WIDTH = 110;

export function MapPane() {
  const target = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState<number | null>(null);
  useEffect(() => {
    const element = target.current;
    if (!element) return undefined;
    const handle = createMap(element, setScale);
    mapHandle.value = handle;
    void loadLists();
    return () => {
      mapHandle.value = null;
      handle.destroy();
    };
  }, []);

  const plan = readyPlan.value;
  return (
    <div class="stage">
      {/* The map takes keys only while it has the focus. */}
      <div
        ref={target}
        id={MAP_ID}
        class="map"
        role="application"
        tabindex={0}
        aria-label={t("mapLabel", { title: plan ? say(plan.title) : "" })}
        aria-describedby="map-help"
        onKeyDown={onMapKey}
        onPointerDown={openedFromMap}
      />
      <p id="map-help" class="unseen">
        {t("mapHelp")}
      </p>
      <div class="crosshair" aria-hidden="true" />
      <Controls />
      {scale !== null && <ScaleLine metresPerPixel={scale} />}
      <Chips />
    </div>
  );
}

function onMapKey(event: KeyboardEvent): void {
  const handle = mapHandle.peek();
  if (!handle || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" || event.key === " ") {
    openedFromMap();
    handle.pickAtCentre();
  } else if (event.key === "0" || event.key === "Home") handle.home();
  else if (event.key === "Escape" && selected.peek()) closeDetail();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function Controls() {
  const run = (action: (handle: MapHandle) => void) => () => {
    const handle = mapHandle.peek();
    if (handle) action(handle);
  };
  return (
    <div class="controls">
      <button
        type="button"
        aria-label={t("zoomIn")}
        title={t("zoomIn")}
        onClick={run((map) => map.zoomBy(1))}
      >
        <Icon path="M8 3v10M3 8h10" />
      </button>
      <button
        type="button"
        aria-label={t("zoomOut")}
        title={t("zoomOut")}
        onClick={run((map) => map.zoomBy(-1))}
      >
        <Icon path="M3 8h10" />
      </button>
      <button type="button" aria-label={t("home")} title={t("home")} onClick={run((map) => map.home())}>
        <Icon path="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" />
      </button>
    </div>
  );
}

function Icon({ path }: { path: string }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill="none" stroke="currentColor" stroke-width="2" />
    </svg>
  );
}

function ScaleLine({ metresPerPixel }: { metresPerPixel: number }) {
  const { metres, pixels } = scaleLine(metresPerPixel, SCALE_WIDTH);
  const label = metres >= 1000 ? `${formatNumber(metres / 1000)} km` : `${formatNumber(metres)} m`;
  return (
    <div class="scale" role="img" aria-label={t("scale", { length: label })}>
      <span>{label}</span>
      <svg width={SCALE_WIDTH + 2} height="7" aria-hidden="true">
        <path d={`M1 0V5.5H${pixels + 1}V0`} fill="none" stroke="#fff" stroke-width="4" />
        <path d={`M1 0V5.5H${pixels + 1}V0`} fill="none" stroke="#222" stroke-width="1.5" />
      </svg>
    </div>
  );
}

/** What the map has to say about itself: loading, failed tiles, a link it could not follow. */
function Chips() {
  const { loading, failed } = tiles.value;
  const said = notice.value;
  return (
    <>
      <div class={loading > 0 ? "progress on" : "progress"} aria-hidden="true" />
      <div class="chips" role="status">
        {failed > 0 && (
          <p class="chip warn">
            {t("tilesFailed", { count: failed })}
            <button type="button" onClick={() => mapHandle.peek()?.retryTiles()}>
              {t("retry")}
            </button>
          </p>
        )}
        {said && (
          <p class="chip">
            {t(said.key, said.values)}
            <button
              type="button"
              aria-label={t("closeNotice")}
              onClick={() => {
                notice.value = null;
              }}
            >
              ×
            </button>
          </p>
        )}
      </div>
    </>
  );
}
