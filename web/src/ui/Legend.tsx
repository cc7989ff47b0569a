import { useEffect } from "preact/hooks";
import { formatNumber } from "../format";
import { classTotals, countClasses } from "../map/class-totals";
import { isLandUse, landUseOf } from "../map/landuse";
import { type ClassLook, classLook, isGroundKind, legendShape, lookOf, type Shape } from "../map/palette";
import { sight } from "../map/place";
import { type Count, seen } from "../map/seen";
import { STATES, type State, stateColumn, stateOf } from "../map/states";
import { isSchematic, NO_CLASS } from "../map/subject";
import { CONTEXT, type Collection, type Item, type Text } from "../model";
import {
  basemap,
  changes,
  collections,
  columns,
  legendOrder,
  lists,
  patterns,
  readyPlan,
  say,
  setLayer,
  t,
  visible,
} from "../state";
import { mapHandle } from "./map-handle";
import { GroundSwatch, Swatch } from "./Swatch";

// What an inch-and-pixel has to do with a scale: a CSS pixel is 0.2646 mm.
const PIXEL_METRES = 0.0254 / 96;

/** The legend is the layer list: one row per collection, and one per class where it has classes. */
export function Legend() {
  const { own, others } = legendOrder.value;
  const counts = seen.value?.counts;
  const byServer = (seen.value?.byServer.size ?? 0) > 0;
  const atLeast = [...(counts?.values() ?? [])].some((count) => count.atLeast);
  return (
    <div class="legend">
      {own.some((one) => isSchematic(one)) && <p class="hint">{t("legendHint")}</p>}
      <PatternSwitch />
      {counts && (
        <p
          class="count-head"
          title={t(atLeast ? "countsAtLeast" : byServer ? "countsServer" : "countsTiles")}
        >
          {t("countHead")}
        </p>
      )}
      <ul aria-label={t("ofView")}>
        {own.map((collection) => (
          <Layer key={collection.id} collection={collection} />
        ))}
        <Ground />
      </ul>
      <BasemapChoice />
      {others.length > 0 && (
        <details>
          <summary>{t("otherLayers")}</summary>
          <ul aria-label={t("otherLayers")}>
            {others.map((collection) => (
              <Layer key={collection.id} collection={collection} />
            ))}
          </ul>
        </details>
      )}
      <StateKey />
      <VagueKey />
      {counts && (
        <p class="hint counted">{t(atLeast ? "countsAtLeast" : byServer ? "countsServer" : "countsTiles")}</p>
      )}
    </div>
  );
}

function PatternSwitch() {
  const landUse = legendOrder.value.own.some(({ style }) => isLandUse(style.class_column));
  if (!landUse) return null;
  return (
    <label class="patterns">
      <input
        type="checkbox"
        checked={patterns.value}
        onChange={(event) => {
          patterns.value = event.currentTarget.checked;
        }}
      />
      <span>{t("patterns")}</span>
    </label>
  );
}

function itemsOf(collection: Collection): Item[] {
  const list = lists.value.get(collection.id);
  return list?.state === "ready" ? list.value.features : [];
}

/** What most of a collection's features look like, once they are known; points only where nothing else is. */
function commonShape(collection: Collection, items: readonly Item[]): Shape {
  const counts = { area: 0, line: 0, point: 0 };
  for (const { geometry } of items) {
    if (!geometry) continue;
    counts[
      geometry.type.endsWith("Polygon") ? "area" : geometry.type.endsWith("LineString") ? "line" : "point"
    ] += 1;
  }
  if (counts.area + counts.line > 0) return counts.area >= counts.line ? "area" : "line";
  return counts.point > 0 ? "point" : legendShape(collection);
}

/** "3 / 10": in view, and in all where that is known. */
function Tally({
  count,
  here,
  all,
  unit = false,
}: {
  count?: Count | undefined;
  here: number;
  all: number | null;
  unit?: boolean;
}) {
  const total =
    all === null
      ? ""
      : unit
        ? t(all === 1 ? "countOne" : "countAll", { count: formatNumber(all) })
        : formatNumber(all);
  if (!count) return <span class="count">{total}</span>;
  const inView = `${count.atLeast ? "≥" : ""}${formatNumber(here)}`;
  return (
    <span class="count">
      <span class="unseen">{t("countInView", { count: inView })}</span>
      <span aria-hidden="true">{inView}</span>
      {total && ` / ${total}`}
    </span>
  );
}

function Layer({ collection }: { collection: Collection }) {
  const shape = commonShape(collection, itemsOf(collection));
  const column = columns.value.get(collection.style.class_column ?? "");
  const shown = visible.value.has(collection.id);
  const counted = seen.value?.counts.get(collection.id);
  const totals = classTotals.value.get(collection.id);
  const columnName = column?.name;
  useEffect(() => {
    if (columnName) countClasses(collection, columnName);
  }, [collection, columnName]);

  const rows: { code: string; title: Text; badge: string; look: ClassLook }[] = [
    ...(column?.values ?? []).map((value) => ({
      code: value.code,
      title: value,
      badge: (isLandUse(column?.name) && landUseOf(value)?.code) || "",
      look: classLook(collection, column, value.code),
    })),
    {
      code: NO_CLASS,
      title: { zh: t("notStated"), en: t("notStated") },
      badge: "",
      look: classLook(collection, column, null),
    },
  ].filter(({ code }) => (totals?.get(code) ?? 0) > 0 || (counted?.classes.get(code) ?? 0) > 0);
  const classes = column ? rows : [];
  const look = (of: ClassLook) =>
    lookOf(collection, of, shape, { schematic: isSchematic(collection), patterns: patterns.value });
  const hiddenBy = sight.value && collection.min_zoom > sight.value.zoom ? sight.value : null;
  return (
    <li class={hiddenBy ? "too-far" : undefined}>
      <label>
        <input
          type="checkbox"
          checked={shown}
          onChange={(event) => setLayer(collection.id, event.currentTarget.checked)}
        />
        {classes.length === 0 ? (
          <Swatch look={look(classLook(collection, column, null))} shape={shape} collection={collection} />
        ) : null}
        <span class="layer-name">{say(collection.title)}</span>
        <Tally count={counted} here={counted?.total ?? 0} all={collection.numberOfFeatures} unit />
      </label>
      {hiddenBy && (
        <p class="placeless">
          <button type="button" onClick={() => mapHandle.peek()?.zoomTo(collection.min_zoom)}>
            {t("zoomToSee", {
              scale: formatNumber(
                Math.round(
                  (hiddenBy.metresPerPixel * 2 ** (hiddenBy.zoom - collection.min_zoom)) / PIXEL_METRES / 100,
                ) * 100,
              ),
            })}
          </button>
        </p>
      )}
      {collection.withoutGeometry > 0 && (
        <p class="placeless">{t("withoutPlace", { count: collection.withoutGeometry })}</p>
      )}
      {classes.length > 0 && (
        <ul aria-label={say(collection.title)}>
          {classes.map(({ code, title, badge, look: of }) => (
            <li key={code}>
              <label>
                <input
                  type="checkbox"
                  checked={!changes.value.off.has(`${collection.id}.${code}`)}
                  disabled={!shown}
                  aria-label={t("classSwitch", { layer: say(collection.title), class: say(title) })}
                  onChange={(event) => setLayer(`${collection.id}.${code}`, event.currentTarget.checked)}
                />
                <Swatch look={look(of)} shape={shape} collection={collection} />
                <span class="layer-name">
                  {badge && <span class="use-code">{badge}</span>}
                  {badge && " "}
                  {say(title)}
                </span>
                <Tally
                  count={counted}
                  here={counted?.classes.get(code) ?? 0}
                  all={totals?.get(code) ?? null}
                />
              </label>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** The context layer: one switch, its kinds explained on demand. */
function Ground() {
  const collection = collections.value.get(CONTEXT);
  if (!collection) return null;
  const kinds = columns.value
    .get(collection.style.class_column ?? "")
    ?.values?.filter(({ code }) => isGroundKind(code));
  return (
    <li class="ground">
      <label>
        <input
          type="checkbox"
          checked={visible.value.has(CONTEXT)}
          onChange={(event) => setLayer(CONTEXT, event.currentTarget.checked)}
        />
        <span class="layer-name">{t("contextTitle")}</span>
      </label>
      {kinds && kinds.length > 0 && (
        <ul class="kinds" aria-label={say(collection.title)}>
          {kinds.map((kind) => (
            <li key={kind.code}>
              <GroundSwatch kind={kind.code} />
              <span>{say(kind)}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** The map under all, where the server passes one on. */
function BasemapChoice() {
  const offered = readyPlan.value?.basemaps ?? [];
  if (offered.length === 0) return null;
  return (
    <label class="basemap">
      <span>{t("basemap")}</span>
      <select
        value={basemap.value ?? ""}
        onChange={(event) => {
          basemap.value = event.currentTarget.value || null;
        }}
      >
        <option value="">{t("basemapNone")}</option>
        {offered.map(({ id, title }) => (
          <option key={id} value={id}>
            {say(title)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The states of works, where the plan states any. */
function StateKey() {
  const of = [...collections.value.values()].find((one) => visible.value.has(one.id) && stateColumn(one));
  const column = of && columns.value.get(stateColumn(of) ?? "");
  const states = (column?.values ?? []).flatMap((value) => {
    const state: State | null = stateOf(value.code);
    return state ? [{ value, state }] : [];
  });
  if (!of || states.length === 0) return null;
  return (
    <section class="states">
      <h3>{say(column?.title ?? { zh: "", en: "" })}</h3>
      <ul>
        {states.map(({ value, state }) => {
          const look = (shape: Shape) =>
            lookOf(of, { color: STATES[state].color, landUse: null }, shape, { state });
          return (
            <li key={value.code}>
              <Swatch look={look("line")} shape="line" collection={of} />
              <Swatch look={look("point")} shape="point" collection={of} />
              <span>{say(value)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function VagueKey() {
  const sample = [...collections.value.values()].find(
    (one) => one.id !== CONTEXT && one.columns.includes("position_accuracy_m"),
  );
  if (!sample) return null;
  const plot: Collection = { ...sample, geometry: "polygon" };
  const grey = { color: "#555555", landUse: null };
  return (
    <p class="vague">
      <Swatch look={lookOf(plot, grey, "area", { vague: true })} shape="area" collection={plot} />
      <Swatch look={lookOf(sample, grey, "point", { vague: true })} shape="point" collection={sample} />
      <span>{t("vagueClass")}</span>
    </p>
  );
}
