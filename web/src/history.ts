// Ties the state to the address bar: views, layers, the selection and the language each make a step that
// Back undoes; moving the map only corrects the current step.

import { batch, effect } from "@preact/signals";
import type { FeatureRef } from "./model";
import { arrival, camera, candidates, changes, lang, notice, readyPlan, selected, viewId } from "./state";
import { type LinkState, readLink, writeLink } from "./url";

const MOVE_DELAY_MS = 250;

function apply(link: LinkState): void {
  batch(() => {
    lang.value = link.lang;
    viewId.value = link.view;
    changes.value = link.layers;
    camera.value = link.camera;
    selected.value = link.selected;
    candidates.value = [];
    arrival.value = "link";
  });
}

function current(): LinkState {
  return {
    view: viewId.value,
    camera: camera.value,
    layers: changes.value,
    selected: selected.value,
    lang: lang.value,
  };
}

/** All of a state but the camera: a change of it is a new step. */
function stepOf(state: LinkState): string {
  return writeLink({ ...state, camera: null }, "");
}

export function linkHistory(): void {
  apply(readLink(location.search));
  let step = stepOf(current());
  let timer = 0;

  addEventListener("popstate", () => {
    clearTimeout(timer);
    const link = readLink(location.search);
    step = stepOf(link);
    apply(link);
  });

  effect(() => {
    const state = current();
    const next = stepOf(state);
    const write = (how: "pushState" | "replaceState") => {
      const search = writeLink(state, location.search);
      if (search !== location.search) history[how](null, "", location.pathname + search);
    };
    clearTimeout(timer);
    if (next !== step) {
      step = next;
      write("pushState");
    } else {
      timer = setTimeout(() => write("replaceState"), MOVE_DELAY_MS);
    }
  });

  // A view that the plan does not have: say so once, and go on with the default.
  effect(() => {
    const named = viewId.value;
    const views = readyPlan.value?.views;
    if (views && named && !views.some(({ id }) => id === named)) {
      notice.value = { key: "unknownView", values: { id: named } };
      viewId.value = null;
    }
  });
}

/** The address of the page as it is, but for some changes: for links that work without a click handler. */
export function hrefFor(over: Partial<LinkState>): string {
  return writeLink({ ...current(), ...over }, location.search) || location.pathname;
}

export function hrefOfFeature(ref: FeatureRef): string {
  return hrefFor({ selected: ref });
}
