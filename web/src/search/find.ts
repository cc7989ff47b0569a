// What a search finds: a place given by its coordinates, and features of every collection by name or address.

import { ApiError, fetchItem, fetchSearch } from "../api";
import { bareTitle } from "../facts";
import { formatNumber } from "../format";
import { tq } from "../i18n/query";
import { CONTEXT, type Collection, type FeatureRef, type SearchResult } from "../model";
import { offline } from "../offline";
import {
  camera,
  collections,
  columns,
  lang,
  legendOrder,
  nameOf,
  notice,
  openTab,
  panels,
  pin,
  queried,
  queriedId,
  readyPlan,
  say,
  text as textFilter,
} from "../state";
import { openFrom } from "../ui/focus";
import { mapHandle } from "../ui/map-handle";
import { isInside, readCoordinates } from "./coordinates";

export interface Option {
  key: string;
  label: string;
  detail: string;
  run: () => void;
}

export interface Group {
  key: string;
  title: string;
  options: Option[];
}

const SHOWN = 5;
const CLOSE = 16;
/** The element that gets the focus back when what was found is closed. */
export const SEARCH_ID = "search";

export async function find(text: string, signal: AbortSignal): Promise<Group[]> {
  const place = placeGroup(text);
  if (place) return [place];
  if (offline.peek()) throw new ApiError(0, "offline");
  const { collections: found, results } = await fetchSearch(text, SHOWN, signal);
  const { own, others } = legendOrder.peek();
  const context = collections.peek().get(CONTEXT);
  const all = [...own, ...others, ...(context ? [context] : [])];
  return all.flatMap((collection) => {
    const counts = found.find(({ id }) => id === collection.id);
    if (!counts) return [];
    const options = results.filter((one) => one.collection === collection.id).map(optionOf);
    if (collection.id !== CONTEXT && counts.numberMatchedByName > 1) {
      options.push(listOption(collection, text, counts.numberMatchedByName));
    }
    return [{ key: collection.id, title: say(collection.title), options }];
  });
}

function placeGroup(text: string): Group | null {
  const plan = readyPlan.peek();
  const place = plan && readCoordinates(text, plan.extent);
  if (!plan || !place) return null;
  const { lon, lat, grid } = place;
  const degrees = tq("degreesPlace", { lon: lon.toFixed(5), lat: lat.toFixed(5) });
  const said = grid
    ? tq("gridPlace", { north: formatNumber(grid.north), east: formatNumber(grid.east) })
    : degrees;
  const remarks = [
    ...(grid ? [degrees] : []),
    ...(place.swapped ? [tq("swapped")] : []),
    ...(isInside(place, plan.extent) ? [] : [tq("outside")]),
  ];
  const run = () => {
    pin.value = [lon, lat];
    camera.value = { center: [lon, lat], zoom: CLOSE };
    document.getElementById("map-view")?.focus();
  };
  return {
    key: "place",
    title: tq("coordinates"),
    options: [{ key: "place", label: tq("goTo", { place: said }), detail: remarks.join(" · "), run }],
  };
}

function optionOf({ collection, id, name, column: named, value }: SearchResult): Option {
  const ref = { collection, id };
  const column = columns.peek().get(named ?? "");
  return {
    key: `${collection}:${id}`,
    label: nameOf({ name_zh: name.zh, name_en: name.en }, id),
    detail: column ? `${bareTitle(column, lang.peek())} ${value}` : "",
    run: () => {
      pin.value = null;
      // What is there already is no project: it is shown, and has nothing to tell.
      if (collection === CONTEXT) void showGround(ref);
      else openFrom(SEARCH_ID, ref);
    },
  };
}

async function showGround(ref: FeatureRef): Promise<void> {
  try {
    mapHandle.peek()?.showItem(await fetchItem(ref));
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    notice.value = { key: "loadFailed", values: {} };
  }
}

/** All of them in the table or the list, and on the map. */
function listOption(collection: Collection, text: string, count: number): Option {
  return {
    key: `${collection.id}:*`,
    label: tq("filterByText", { layer: say(collection.title), count }),
    detail: "",
    run: () => {
      if (queriedId.peek() !== collection.id) queried.value = collection.id;
      textFilter.value = text;
      if (panels.peek().drawer !== "full") openTab("filter");
    },
  };
}
