// What a search finds: a place given by its coordinates, and features of every collection by name or address.

import { fetchPage } from "../api";
import { bareTitle } from "../facts";
import { formatNumber } from "../format";
import { tq } from "../i18n/query";
import { CONTEXT, type Collection, type Item } from "../model";
import { identifier, textLiteral } from "../query/clauses";
import { itemsPath } from "../query/query-url";
import {
  camera,
  collections,
  columns,
  lang,
  legendOrder,
  nameOf,
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

/** A plot's code may stand beside its name, or in its address only. */
const CODES = /^(address|.+_(no|code|number))$/;
const SHOWN = 5;
const CLOSE = 16;
/** The element that gets the focus back when what was found is closed. */
export const SEARCH_ID = "search";

export async function find(text: string, signal: AbortSignal): Promise<Group[]> {
  const place = placeGroup(text);
  if (place) return [place];
  const { own, others } = legendOrder.peek();
  const context = collections.peek().get(CONTEXT);
  const all = [...own, ...others, ...(context ? [context] : [])];
  const groups = await Promise.all(all.map((collection) => groupOf(collection, text, signal)));
  return groups.filter((group) => group !== null);
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

async function groupOf(collection: Collection, text: string, signal: AbortSignal): Promise<Group | null> {
  const isText = (name: string) => columns.peek().get(name)?.type === "string";
  const codes = collection.columns.filter((name) => CODES.test(name) && isText(name));
  const names = collection.columns.filter((name) => /^name_(zh|en)$/.test(name));
  const ask = (params: Record<string, string>) =>
    fetchPage(
      itemsPath(
        { collection: collection.id, params: new URLSearchParams() },
        { ...params, limit: String(SHOWN), properties: [...names, ...codes].join(",") },
      ),
      signal,
    );
  const [named, addressed] = await Promise.all([
    ask({ q: text }),
    codes.length > 0 ? ask({ filter: codes.map((name) => like(name, text)).join(" OR ") }) : null,
  ]);
  const byName = new Set(named.features.map(({ id }) => id));
  const more = addressed?.features.filter(({ id }) => !byName.has(id)) ?? [];
  const found = [...named.features, ...more].slice(0, SHOWN);
  if (found.length === 0) return null;
  const options = found.map((item) => optionOf(collection, item, more.includes(item) ? codes : []));
  if (collection.id !== CONTEXT && named.numberMatched > 1) {
    options.push(listOption(collection, text, named.numberMatched));
  }
  return { key: collection.id, title: say(collection.title), options };
}

/** `%` and `_` are any characters to LIKE; in what people type they are themselves. */
function like(column: string, text: string): string {
  return `CASEI(${identifier(column)}) LIKE CASEI(${textLiteral(`%${text.replace(/[\\%_]/g, "\\$&")}%`)})`;
}

function optionOf(collection: Collection, item: Item, codes: readonly string[]): Option {
  const ref = { collection: collection.id, id: item.id };
  const said = codes.flatMap((name) => {
    const column = columns.peek().get(name);
    const value = item.properties[name];
    return column && typeof value === "string" ? `${bareTitle(column, lang.peek())} ${value}` : [];
  });
  return {
    key: `${collection.id}:${item.id}`,
    label: nameOf(item.properties, item.id),
    detail: said.join(" · "),
    run: () => {
      pin.value = null;
      // What is there already is no project: it is shown, and has nothing to tell.
      if (collection.id === CONTEXT) mapHandle.peek()?.showItem(item);
      else openFrom(SEARCH_ID, ref);
    },
  };
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
