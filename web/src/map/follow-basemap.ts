// The base map that the state asks for, fetched when it is first wanted, and done without where it fails.

import { effect } from "@preact/signals";
import type BaseLayer from "ol/layer/Base.js";
import type OlMap from "ol/Map.js";
import { basemap, notice, readyPlan, say } from "../state";

/** Of its tiles, before the map does without it. */
const MOST_FAILURES = 4;
/** In the order of layers: below whatever those of the plan put below their ground. */
const LOWEST = -2;

/** Keeps the lowest layer of the map what `basemap` names; stops when what it returns is called. */
export function followBasemap(map: OlMap): () => void {
  return effect(() => {
    const wanted = (readyPlan.value?.basemaps ?? []).find(({ id }) => id === basemap.value);
    // Nothing but this server is asked, whatever the plan says.
    if (!wanted?.url.startsWith("/") || wanted.url.startsWith("//")) return undefined;
    let gone = false;
    let layer: BaseLayer | null = null;
    let failures = 0;
    const onError = () => {
      failures += 1;
      if (failures !== MOST_FAILURES || gone) return;
      notice.value = { key: "basemapFailed", values: { title: say(wanted.title) } };
      basemap.value = null;
    };
    import("./basemap").then(
      ({ createBasemap }) => {
        if (gone) return;
        layer = createBasemap(wanted, onError);
        layer.setZIndex(LOWEST);
        map.getLayers().insertAt(0, layer);
      },
      () => {
        notice.value = { key: "basemapFailed", values: { title: say(wanted.title) } };
      },
    );
    return () => {
      gone = true;
      if (layer) map.removeLayer(layer);
    };
  });
}
