import { useEffect, useRef } from "preact/hooks";
import { loadLists } from "../load";
import { createMap, drawn, type MapHandle } from "../map/map";
import { seen } from "../map/seen";
import { offline } from "../offline";
import { ROOT } from "../root";
import {
  basemap,
  camera,
  isPhone,
  lang,
  notice,
  projection,
  readyPlan,
  say,
  selected,
  t,
  tiles,
  view,
} from "../state";
import { OpenTools, Toolbar } from "../tools/Toolbar";
import { outdated } from "../version";
import { MAP_ID, openedFromMap } from "./focus";
import { Icon } from "./Icon";
import { MapStatus } from "./MapStatus";
import { mapHandle } from "./map-handle";
import { onMapKey } from "./map-keys";
import { SeenList } from "./SeenList";

export function MapPane() {
  const target = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = target.current;
    if (!element) return undefined;
    const handle = createMap(element);
    mapHandle.value = handle;
    void loadLists();
    return () => {
      mapHandle.value = null;
      seen.value = null;
      handle.destroy();
    };
  }, []);

  const plan = readyPlan.value;
  return (
    <div class="stage" aria-busy={tiles.value.loading > 0}>
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
      <Poster />
      <p id="map-help" class="unseen">
        {t("mapHelp")}
      </p>
      <div class="crosshair" aria-hidden="true" />
      <SeenList />
      <Controls />
      <MapStatus />
      <Credit />
      <Chips />
      <OpenTools />
    </div>
  );
}

/** The picture that the server sent first, at the map's own place and scale, until the map is drawn. */
function Poster() {
  const current = view.value;
  if (drawn.value || !current || camera.value || projection.value || selected.value) return null;
  const how = isPhone.value ? "#phone" : "";
  return <img class="poster" src={`${ROOT}/poster/${current.id}.svg?lang=${lang.value}${how}`} alt="" />;
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
      <Toolbar />
    </div>
  );
}

/** Whose base map this is, and under which number it may be shown. */
function Credit() {
  const shown = readyPlan.value?.basemaps?.find(({ id }) => id === basemap.value);
  if (!shown) return null;
  return (
    <p class="credit">
      {say(shown.attribution)}
      {shown.approval && ` · ${shown.approval}`}
    </p>
  );
}

/** What the map has to say about itself: loading, failed tiles, a link it could not follow. */
function Chips() {
  const { loading, failed } = tiles.value;
  const said = notice.value;
  const plan = readyPlan.value;
  return (
    <>
      <div class={loading > 0 ? "progress on" : "progress"} aria-hidden="true" />
      <div class="chips" role="status">
        {offline.value && plan && <p class="chip warn offline">{t("offline", { issued: plan.issued })}</p>}
        {outdated.value && (
          <p class="chip outdated">
            {t("outdated")}
            <button type="button" onClick={() => location.reload()}>
              {t("outdatedShow")}
            </button>
          </p>
        )}
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
