import { colorOf, isGroundKind, legendShape, lookOf, type Shape } from "../map/palette";
import { CONTEXT, type CodedValue, type Collection, type Item } from "../model";
import { changes, collections, columns, legendOrder, lists, say, setLayer, t, visible } from "../state";
import { GroundSwatch, Swatch } from "./Swatch";

/** The legend is the layer list: one row per collection, and one per class where it has classes. */
export function Legend() {
  const { own, others } = legendOrder.value;
  return (
    <div class="legend">
      <p class="hint">{t("legendHint")}</p>
      <ul aria-label={t("ofView")}>
        {own.map((collection) => (
          <Layer key={collection.id} collection={collection} />
        ))}
        <Ground />
      </ul>
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
      <VagueKey />
    </div>
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

function Layer({ collection }: { collection: Collection }) {
  const items = itemsOf(collection);
  const shape = commonShape(collection, items);
  const column = columns.value.get(collection.style.class_column ?? "");
  const classes = (column?.values ?? [])
    .map((value) => ({
      value,
      count: items.filter((item) => item.properties[column?.name ?? ""] === value.code).length,
    }))
    .filter(({ count }) => count > 0);
  const shown = visible.value.has(collection.id);
  const count = collection.numberOfFeatures;
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={shown}
          onChange={(event) => setLayer(collection.id, event.currentTarget.checked)}
        />
        {classes.length === 0 ? (
          <Swatch look={lookOf(collection, collection.style.color, shape, false)} shape={shape} />
        ) : null}
        <span class="layer-name">{say(collection.title)}</span>
        <span class="count">{t(count === 1 ? "countOne" : "countAll", { count })}</span>
      </label>
      {collection.withoutGeometry > 0 && (
        <p class="placeless">{t("withoutPlace", { count: collection.withoutGeometry })}</p>
      )}
      {classes.length > 0 && (
        <ul aria-label={say(collection.title)}>
          {classes.map(({ value, count: inClass }) => (
            <ClassRow
              key={value.code}
              collection={collection}
              value={value}
              count={inClass}
              shape={shape}
              disabled={!shown}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

interface ClassRowProps {
  collection: Collection;
  value: CodedValue;
  count: number;
  shape: Shape;
  disabled: boolean;
}

function ClassRow({ collection, value, count, shape, disabled }: ClassRowProps) {
  const name = `${collection.id}.${value.code}`;
  const column = columns.value.get(collection.style.class_column ?? "");
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={!changes.value.off.has(name)}
          disabled={disabled}
          aria-label={t("classSwitch", { layer: say(collection.title), class: say(value) })}
          onChange={(event) => setLayer(name, event.currentTarget.checked)}
        />
        <Swatch
          look={lookOf(collection, colorOf(collection, column, value.code), shape, false)}
          shape={shape}
        />
        <span class="layer-name">{say(value)}</span>
        <span class="count">{count}</span>
      </label>
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

function VagueKey() {
  const sample = [...collections.value.values()].find(({ id }) => id !== CONTEXT);
  if (!sample) return null;
  return (
    <p class="vague">
      <Swatch look={lookOf({ ...sample, geometry: "polygon" }, "#555555", "area", true)} shape="area" />
      <Swatch look={lookOf(sample, "#555555", "point", true)} shape="point" />
      <span>{t("vagueClass")}</span>
    </p>
  );
}
