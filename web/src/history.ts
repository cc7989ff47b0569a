// Ties the state to the address bar: views, layers, filters, the selection and the language each make a step
// that Back undoes; moving the map or a panel only corrects the current step.

import { batch, effect, type Signal } from "@preact/signals";
import type { FeatureRef } from "./model";
import { ROOT } from "./root";
import * as page from "./state";
import { type LinkState, NAMES, readLink, writeLink, writePart } from "./url";

const CORRECT_DELAY_MS = 250;
/** A brush that is dragged and a word that is typed are one step, not twenty. */
const SAME_STEP_MS = 1500;

const SIGNALS: { readonly [Name in keyof LinkState]: Signal<LinkState[Name]> } = {
  view: page.viewId,
  camera: page.camera,
  layers: page.changes,
  queried: page.queried,
  filter: page.filter,
  text: page.text,
  selected: page.selected,
  compared: page.compared,
  time: page.time,
  panels: page.panels,
  sort: page.sort,
  inView: page.inView,
  projection: page.projection,
  basemap: page.basemap,
  patterns: page.patterns,
  swipe: page.swipe,
  print: page.print,
  measure: page.measure,
  lang: page.lang,
};

type Name = keyof LinkState;
/** A change of these only corrects the current step. */
const CORRECTED = new Set<Name>(["camera", "panels", "sort", "inView", "projection", "basemap", "patterns"]);
const STEPS = NAMES.filter((name) => !CORRECTED.has(name));
/** These change little by little. */
const GRADUAL = new Set<Name>(["filter", "text", "time", "swipe"]);

function apply(state: LinkState): void {
  const put = <N extends Name>(name: N) => {
    SIGNALS[name].value = state[name];
  };
  batch(() => {
    for (const name of NAMES) put(name);
    page.candidates.value = [];
    page.arrival.value = "link";
  });
}

function current(): LinkState {
  return Object.fromEntries(NAMES.map((name) => [name, SIGNALS[name].value])) as unknown as LinkState;
}

function changedBetween(before: LinkState, after: LinkState): Name[] {
  return STEPS.filter((name) => writePart(before, name) !== writePart(after, name));
}

export function linkHistory(): void {
  const opened = readLink(location.search);
  apply(opened.state);
  let step = opened.state;
  let timer = 0;
  let gradual: { name: Name; at: number } | null = null;

  /** A bare link asks what its view opens with, once the plan says what that is. */
  const complete = (state: LinkState, bare: boolean): LinkState => {
    const one = bare ? page.askingView(state.view) : null;
    if (!one) return state;
    const { queried, filter, sort } = page.freshView(one);
    return { ...state, queried, filter, sort };
  };

  addEventListener("popstate", () => {
    clearTimeout(timer);
    const { state, bare } = readLink(location.search);
    opened.bare = bare && !page.readyPlan.peek();
    step = complete(state, bare);
    gradual = null;
    apply(step);
  });

  effect(() => {
    const state = current();
    const write = (how: "pushState" | "replaceState") => {
      const search = link(state);
      if (search !== location.search) history[how](null, "", location.pathname + search);
    };
    clearTimeout(timer);
    const [name, ...others] = changedBetween(step, state);
    step = state;
    if (!name) {
      timer = setTimeout(() => write("replaceState"), CORRECT_DELAY_MS);
      return;
    }
    const now = performance.now();
    const goesOn = others.length === 0 && gradual?.name === name && now - gradual.at < SAME_STEP_MS;
    gradual = others.length === 0 && GRADUAL.has(name) ? { name, at: now } : null;
    write(goesOn ? "replaceState" : "pushState");
  });

  // What the link says and the plan does not have: said once, and the defaults stand for it.
  effect(() => {
    if (!page.readyPlan.value) return;
    const bad = [...opened.bad.splice(0), ...page.dropUnknown()];
    if (opened.bare) {
      opened.bare = false;
      // No step: Back leads to where one came from.
      step = complete(current(), true);
      apply(step);
      bad.push(...page.dropUnknown());
    }
    if (bad.length === 0) return;
    page.notice.value = { key: "badLink", values: { parts: bad.join(page.t("listSeparator")) } };
  });
}

/** The address of the page as it is, but for some changes: for links that work without a click handler. */
export function hrefFor(over: Partial<LinkState>): string {
  return link({ ...current(), ...over }) || location.pathname;
}

function link(state: LinkState): string {
  return writeLink(state, location.search, page.askingView(state.view) !== null);
}

export function hrefOfFeature(ref: FeatureRef): string {
  return hrefFor({ selected: ref });
}

/** The feature's own page, which the server writes and which needs no script. */
export function pageOfFeature({ collection, id }: FeatureRef): string {
  const lang = `lang=${page.lang.value}`;
  // A browser takes these for folders, however they are escaped.
  if (id === "." || id === "..") return `${ROOT}/collections/${collection}/items?id=${id}&f=html&${lang}`;
  return `${ROOT}/f/${encodeURIComponent(collection)}/${encodeURIComponent(id)}?${lang}`;
}
