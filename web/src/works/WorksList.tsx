import "../styles/query.css";
import "../styles/works.css";
import { fetchPage } from "../api";
import { noPlaceReason, sureness } from "../facts";
import { formatNumber } from "../format";
import { hrefOfFeature } from "../history";
import { tq } from "../i18n/query";
import { classLook, legendShape, lookOf } from "../map/palette";
import { type Collection, type Item, sameRef } from "../model";
import { offline } from "../offline";
import { NothingFound } from "../query/Chips";
import { ANYTHING, valueName } from "../query/clauses";
import { clauseOf, query, setClause } from "../query/query";
import { itemsPath } from "../query/query-url";
import {
  collections,
  columns,
  findListed,
  here,
  hovered,
  lang,
  legendOrder,
  lists,
  nameOf,
  queriedId,
  selected,
  t,
} from "../state";
import { openFrom, rowId } from "../ui/focus";
import { LoadFailed, Unreachable, useAnswer } from "../ui/later";
import { isPlainClick } from "../ui/link";
import { ListGroup } from "../ui/ProjectList";
import { Swatch } from "../ui/Swatch";
import { metresTo } from "./distance";
import { findMe, nearMe, stopNearMe } from "./near-me";

/** A town's works in one answer. */
const LIMIT = "1000";
/** Names the sentence that says why kinds cannot be chosen. */
const REASON = "offline-works";

/** Works as people look for them: by street, by kind, and by what is nearest. */
export function WorksList() {
  const collection = collections.value.get(queriedId.value ?? "");
  const asked = query.value;
  const url = asked && itemsPath(asked, { limit: LIMIT });
  const { load, last, retry } = useAnswer(url, (signal) => fetchPage(url ?? "", signal));
  if (!collection) return null;
  const page = load.state === "ready" ? load.value : last;
  const { own } = legendOrder.value;
  return (
    <div class="works">
      <p class="works-count" aria-busy={load.state === "loading"}>
        <strong data-count={page?.numberMatched}>
          {page && page.numberMatched < collection.numberOfFeatures
            ? tq("worksFound", { matched: page.numberMatched, total: collection.numberOfFeatures })
            : tq("worksIntro", { count: collection.numberOfFeatures })}
        </strong>
        <NearMeButton />
      </p>
      {nearMe.value.state !== "off" && <NearMeNote />}
      {offline.value && <Unreachable id={REASON} text={tq("offlineFilters")} />}
      <Kinds collection={collection} />
      {load.state === "failed" && <LoadFailed retry={retry} />}
      {!page && load.state === "loading" && <p class="hint">{t("loading")}</p>}
      {page?.numberMatched === 0 && <NothingFound />}
      {page && (
        <ul class="works-list">
          {inOrder(page.features).map(({ item, metres }) => (
            <Work key={item.id} collection={collection} item={item} metres={metres} />
          ))}
        </ul>
      )}
      {nearMe.value.state === "off" && <NearMeNote />}
      {own.length > 1 && (
        <div class="projects">
          {own
            .filter(({ id }) => id !== collection.id)
            .map((one) => (
              <ListGroup key={one.id} collection={one} open={false} />
            ))}
        </div>
      )}
    </div>
  );
}

interface Placed {
  item: Item;
  metres: number | null;
}

function inOrder(items: readonly Item[]): Placed[] {
  const { value: me } = here;
  const placed = items.map((item) => ({ item, metres: me && metresTo(item.geometry, me.lon, me.lat) }));
  // What has no place comes last, and stays in the plan's order.
  const rank = ({ metres }: Placed) => metres ?? Number.POSITIVE_INFINITY;
  return me ? placed.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b))) : placed;
}

function NearMeButton() {
  const { state } = nearMe.value;
  const on = state === "on";
  return (
    <button type="button" class="near-me" disabled={state === "locating"} onClick={on ? stopNearMe : findMe}>
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
        <path
          d="M8 1v3M8 12v3M1 8h3M12 8h3M12 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0z"
          fill="none"
          stroke="currentColor"
          stroke-width="1.6"
        />
      </svg>
      {tq(on ? "stopNearMe" : "nearMe")}
    </button>
  );
}

function lengthOf(metres: number): string {
  return metres >= 950
    ? tq("kilometres", { count: formatNumber(metres / 1000, 1) })
    : tq("metres", { count: formatNumber(Math.max(10, Math.round(metres / 10) * 10)) });
}

function NearMeNote() {
  const { value: near } = nearMe;
  let said = tq("nearMeHint");
  if (near.state === "locating") said = tq("locating");
  if (near.state === "failed") said = tq(near.why);
  if (near.state === "outside") said = tq("outsideTown", { distance: lengthOf(near.metres) });
  if (near.state === "on") said = tq("nearest", { accuracy: formatNumber(here.value?.accuracy ?? 0, 0) });
  const warn = near.state === "failed" || near.state === "outside";
  return (
    <p class={warn ? "near-note warn" : "near-note"} role="status">
      {said}
    </p>
  );
}

/** One press for one kind; the map shows the same ones. */
function Kinds({ collection }: { collection: Collection }) {
  const column = columns.value.get(collection.style.class_column ?? "");
  const all = lists.value.get(collection.id);
  if (!column?.values || all?.state !== "ready") return null;
  const clause = clauseOf(column.name);
  const counts = new Map<string, number>();
  for (const { properties } of all.value.features) {
    const kind = String(properties[column.name] ?? "");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const toggle = (code: string) => {
    const before = clause?.values ?? [];
    const values = before.includes(code) ? before.filter((one) => one !== code) : [...before, code];
    setClause(column.name, { ...ANYTHING, values });
  };
  const shape = legendShape(collection);
  return (
    <fieldset
      class="kinds-row"
      aria-label={tq("kinds")}
      disabled={offline.value}
      aria-describedby={offline.value ? REASON : undefined}
    >
      <button type="button" aria-pressed={!clause} onClick={() => setClause(column.name, null)}>
        {tq("allKinds")}
      </button>
      {column.values
        .filter(({ code }) => counts.has(code))
        .map(({ code }) => (
          <button
            key={code}
            type="button"
            aria-pressed={clause?.values.includes(code) ?? false}
            onClick={() => toggle(code)}
          >
            <Swatch
              look={lookOf(collection, classLook(collection, column, code), shape)}
              shape={shape}
              collection={collection}
            />
            <span>{valueName(code, column, lang.value)}</span> <span class="count">{counts.get(code)}</span>
          </button>
        ))}
    </fieldset>
  );
}

function Work({ collection, item, metres }: { collection: Collection; item: Item; metres: number | null }) {
  const ref = { collection: collection.id, id: item.id };
  const column = columns.value.get(collection.style.class_column ?? "");
  const kind = item.properties[column?.name ?? ""];
  const shape = legendShape(collection);
  const partOf = item.properties.part_of;
  const whole = typeof partOf === "string" ? findListed(partOf) : null;
  const drawn = item.properties.measured_length_m;
  const point = (on: boolean) => {
    hovered.value = on ? { ...ref, geometry: item.geometry } : null;
  };
  return (
    <li class={sameRef(hovered.value, ref) ? "hovered" : undefined}>
      <a
        id={rowId(ref)}
        href={hrefOfFeature(ref)}
        aria-current={sameRef(selected.value, ref) ? "true" : undefined}
        onPointerEnter={() => point(true)}
        onPointerLeave={() => point(false)}
        onFocus={() => point(true)}
        onBlur={() => point(false)}
        onClick={(event) => {
          if (!isPlainClick(event)) return;
          event.preventDefault();
          openFrom(rowId(ref), ref);
        }}
      >
        <span class="work-name">{nameOf(item.properties, item.id)}</span>
        {metres !== null && <span class="work-away">{tq("away", { distance: lengthOf(metres) })}</span>}
        {column && typeof kind === "string" && (
          <span class="work-kind">
            <Swatch
              look={lookOf(collection, classLook(collection, column, kind), shape)}
              shape={shape}
              collection={collection}
            />
            {valueName(kind, column, lang.value)}
          </span>
        )}
        <span class="work-limits">
          {limitsOf(item)}
          {typeof drawn === "number" && ` · ${tq("lengthDrawn", { length: lengthOf(drawn) })}`}
        </span>
        {whole && (
          <span class="work-whole">
            {t("partOf")} {nameOf(whole.item.properties, whole.ref.id)}
          </span>
        )}
        <span class="work-sure">
          {item.geometry ? (
            sureness(item, lang.value)
          ) : (
            <>
              <b>{t("noPlace")}</b> {noPlaceReason(item, lang.value)}
            </>
          )}
        </span>
      </a>
    </li>
  );
}

function limitsOf({ properties }: Item): string {
  const end = (name: string) => properties[`${name}_${lang.value}`] ?? properties[`${name}_zh`];
  const [from, to] = [end("from"), end("to")];
  return from || to
    ? tq("fromTo", { from: String(from ?? "…"), to: String(to ?? "…") })
    : tq("limitsNotStated");
}
