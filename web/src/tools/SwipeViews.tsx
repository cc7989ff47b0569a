// Two views of one map: the second lies over the first, to the right of a line that one moves.

import "./tools.css";
import OlMap from "ol/Map.js";
import { useEffect, useRef } from "preact/hooks";
import { tt } from "../i18n/tools";
import { createLayers } from "../map/layers";
import { CONTEXT } from "../model";
import { collections, projection, readyPlan, say, swipe, view } from "../state";
import { mapHandle } from "../ui/map-handle";
import { backToTools } from "./tool";

export function SwipeViews() {
  const target = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const { value: state } = swipe;
  const { value: handle } = mapHandle;
  const views = readyPlan.value?.views ?? [];
  const other = views.find(({ id }) => id === state?.view);
  const otherId = other?.id;
  const { value: grid } = projection;

  useEffect(() => {
    const element = target.current;
    if (!element || !handle || !other) return undefined;
    const { map: below } = handle;
    const shown = new Set([CONTEXT, ...other.layers].filter((id) => collections.peek().has(id)));
    const layers = createLayers(
      {
        projection: () => below.getView().getProjection().getCode(),
        extent: () => below.getView().calculateExtent(below.getSize() ?? [1, 1]),
      },
      { tiles: handle.layers.tiles, visible: shown },
    );
    // The same view: what moves one moves the other.
    const map = new OlMap({
      target: element,
      view: below.getView(),
      controls: [],
      interactions: [],
      layers: layers.all,
    });
    return () => {
      layers.stop();
      map.setTarget(undefined);
      // Its view belongs to the map below.
      for (const layer of layers.all) map.removeLayer(layer);
    };
  }, [handle, otherId, grid]);

  const at = state?.at ?? 0.5;
  useEffect(() => {
    target.current?.style.setProperty("clip-path", `inset(0 0 0 ${at * 100}%)`);
    line.current?.style.setProperty("left", `${at * 100}%`);
  }, [at]);

  if (!state) return null;
  const move = (to: number) => {
    swipe.value = { ...state, at: Math.min(1, Math.max(0, to)) };
  };
  return (
    <div class="swipe">
      <div ref={target} class="swipe-map" />
      <div ref={line} class="swipe-line" />
      <p class="swipe-name left">{view.value && say(view.value.title)}</p>
      <div class="swipe-name right">
        <select
          aria-label={tt("swipeWith")}
          value={state.view}
          onChange={(event) => {
            swipe.value = { ...state, view: event.currentTarget.value };
          }}
        >
          {views
            .filter((one) => one !== view.value)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {say(one.title)}
              </option>
            ))}
        </select>
        <button
          type="button"
          class="close-tool"
          aria-label={tt("closeTool")}
          onClick={() => {
            swipe.value = null;
            backToTools();
          }}
        >
          ×
        </button>
      </div>
      <input
        type="range"
        class="swipe-range"
        min="0"
        max="100"
        step="1"
        value={Math.round(at * 100)}
        aria-label={tt("swipeSlider")}
        aria-valuetext={tt("swipeShare", { percent: Math.round((1 - at) * 100) })}
        onInput={(event) => move(Number(event.currentTarget.value) / 100)}
      />
    </div>
  );
}
