import "../styles/query.css";
import "../styles/table.css";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { accuracyOf, bareTitle, noPlaceReason, showValue } from "../facts";
import { formatNumber, unitOf } from "../format";
import { hrefOfFeature } from "../history";
import { tq } from "../i18n/query";
import { type Collection, type Column, type Item, sameRef } from "../model";
import { offline } from "../offline";
import {
  collections,
  columns,
  drawer,
  hovered,
  inView,
  isPhone,
  lang,
  nameOf,
  openDrawer,
  queriedId,
  say,
  selected,
  sort,
  t,
} from "../state";
import { openFrom } from "../ui/focus";
import { LoadFailed, Unreachable } from "../ui/later";
import { isPlainClick } from "../ui/link";
import { NothingFound } from "./Chips";
import { isNumeric } from "./clauses";
import { Downloads } from "./Downloads";
import {
  foundOf,
  lastRows,
  nextCursor,
  PAGE_SIZE,
  pageNumber,
  retryRows,
  rows,
  turnPage,
  useRows,
} from "./rows";
import { tableColumns } from "./table-columns";

/** Names the sentence that says why the table cannot be asked anything. */
const REASON = "offline-table";

/** The rows of the query, under the map and in step with it. */
export function TableDrawer() {
  useRows();
  const collection = collections.value.get(queriedId.value ?? "");
  if (!collection) return null;
  const title = tq("tableOf", { layer: say(collection.title) });
  return (
    <section class={`drawer ${drawer.value}`} aria-label={title}>
      <Toolbar collection={collection} />
      {offline.value && <Unreachable id={REASON} text={tq("offlineTable")} />}
      <Rows collection={collection} title={title} />
    </section>
  );
}

function Toolbar({ collection }: { collection: Collection }) {
  const page = lastRows.value;
  const first = pageNumber.value * PAGE_SIZE + 1;
  return (
    <div class="drawer-bar">
      <fieldset
        class="drawer-asks"
        aria-label={tq("tableControls")}
        disabled={offline.value}
        aria-describedby={offline.value ? REASON : undefined}
      >
        <p class="drawer-count" aria-busy={rows.value.state === "loading"}>
          <strong data-count={page?.numberMatched}>{foundOf(page?.numberMatched, collection)}</strong>
          {page && page.numberMatched > page.numberReturned && (
            <span>
              {tq("rowsOf", {
                first,
                last: first + page.numberReturned - 1,
                matched: formatNumber(page.numberMatched),
              })}
            </span>
          )}
        </p>
        {(pageNumber.value > 0 || nextCursor.value) && (
          <div class="pager">
            <button type="button" disabled={pageNumber.value === 0} onClick={() => turnPage(false)}>
              {tq("previous")}
            </button>
            <button type="button" disabled={!nextCursor.value} onClick={() => turnPage(true)}>
              {tq("next")}
            </button>
          </div>
        )}
        <label class="only-in-view">
          <input
            type="checkbox"
            checked={inView.value}
            onChange={(event) => {
              inView.value = event.currentTarget.checked;
            }}
          />
          {tq("onlyInView")}
        </label>
        {!offline.value && <Downloads collection={collection} />}
      </fieldset>
      <div class="drawer-size">
        <SizeButton
          label={tq(drawer.value === "full" ? "smaller" : "bigger")}
          path={drawer.value === "full" ? "M3 6l5 5 5-5" : "M3 10l5-5 5 5"}
          onClick={() => openDrawer(drawer.value === "full" ? "half" : "full")}
        />
        <SizeButton label={tq("closeTable")} path="M3 3l10 10M13 3L3 13" onClick={closeTable} />
      </div>
    </div>
  );
}

function closeTable(): void {
  openDrawer("shut");
  requestAnimationFrame(() => document.getElementById("open-table")?.focus());
}

function SizeButton({ label, path, onClick }: { label: string; path: string; onClick: () => void }) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onClick}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} fill="none" stroke="currentColor" stroke-width="2" />
      </svg>
    </button>
  );
}

function Rows({ collection, title }: { collection: Collection; title: string }) {
  const { value: load } = rows;
  const page = load.state === "ready" ? load.value : lastRows.value;
  const body = useRef<HTMLTableSectionElement>(null);
  /** Of the rows one is in the order of Tab; arrows lead to the others. */
  const current = useSignal(0);
  useEffect(() => {
    current.value = 0;
  }, [page]);
  if (load.state === "failed") {
    return <LoadFailed retry={retryRows} />;
  }
  if (!page) return <p class="hint">{t("loading")}</p>;
  if (load.state === "ready" && page.numberMatched === 0) return <NothingFound />;
  const shown = tableColumns(collection, columns.value, lang.value);
  // Another town's register may have other columns.
  const has = (name: string) => collection.columns.includes(name);
  const named = [`name_${lang.value}`, "name_zh", "name_en"].find(has);
  const placed = has("position_accuracy_m") || collection.withoutGeometry > 0;
  const sourced = has("plan_ref");
  const onKey = (event: KeyboardEvent) => {
    const last = page.features.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: current.peek() + 1,
      ArrowUp: current.peek() - 1,
      Home: 0,
      End: last,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    current.value = Math.max(0, Math.min(last, step));
    body.current?.querySelectorAll<HTMLElement>("th a")[current.value]?.focus();
  };
  return (
    <div class="table-frame">
      <table aria-label={title}>
        <thead>
          <tr>
            {named ? <Head column={columns.value.get(named)} /> : <th scope="col">{tq("id")}</th>}
            {placed && (
              <th scope="col" class="position">
                {tq("place")}
              </th>
            )}
            {shown.map((column) => (
              <Head key={column.name} column={column} />
            ))}
            {sourced && <th scope="col">{tq("source")}</th>}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKey} onPointerLeave={() => setHovered(null)}>
          {page.features.map((item, at) => (
            <Row
              key={item.id}
              collection={collection}
              item={item}
              shown={shown}
              placed={placed}
              sourced={sourced}
              reachable={at === current.value}
              onFocus={() => {
                current.value = at;
              }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function setHovered(ref: { collection: string; item: Item } | null): void {
  hovered.value = ref && { collection: ref.collection, id: ref.item.id, geometry: ref.item.geometry };
}

function Head({ column }: { column: Column | undefined }) {
  if (!column) return null;
  const key = sort.value[0];
  const sorted = key?.column === column.name ? (key.descending ? "descending" : "ascending") : undefined;
  const title = bareTitle(column, lang.value);
  const mark =
    column.role === "derived" ? tq("derivedMark") : column.role === "measured" ? tq("measuredMark") : null;
  return (
    <th
      scope="col"
      aria-sort={sorted}
      class={[isNumeric(column) ? "number" : "", column.role].filter(Boolean).join(" ")}
    >
      <button
        type="button"
        title={tq("sortBy", { column: title })}
        disabled={offline.value}
        aria-describedby={offline.value ? REASON : undefined}
        onClick={() => {
          // Figures are looked at from the largest, words from the first.
          const numbersFirst = isNumeric(column);
          const next = sorted === undefined ? numbersFirst : !key?.descending;
          const done = sorted !== undefined && next === numbersFirst;
          sort.value = done ? [] : [{ column: column.name, descending: next }];
        }}
      >
        <span>
          {title}
          {mark && <small>{mark}</small>}
        </span>
        <svg class="arrow" width="8" height="10" viewBox="0 0 8 10" aria-hidden="true">
          {sorted && <path d={sorted === "ascending" ? "M0 9L4 1l4 8z" : "M0 1l4 8 4-8z"} />}
        </svg>
      </button>
      {column.unit && <span class="unit">{unitOf(column.unit, lang.value)}</span>}
    </th>
  );
}

interface RowProps {
  collection: Collection;
  item: Item;
  shown: readonly Column[];
  placed: boolean;
  sourced: boolean;
  reachable: boolean;
  onFocus: () => void;
}

function Row({ collection, item, shown, placed, sourced, reachable, onFocus }: RowProps) {
  const ref = { collection: collection.id, id: item.id };
  const id = `table-${collection.id}-${item.id}`;
  const isSelected = sameRef(selected.value, ref);
  const metres = accuracyOf(item);
  const open = (event: MouseEvent) => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    event.stopPropagation();
    // A phone has room for one of them.
    if (isPhone.peek()) openDrawer("shut");
    openFrom(id, ref);
  };
  const classes = [isSelected ? "selected" : "", sameRef(hovered.value, ref) ? "hovered" : ""];
  return (
    <tr
      class={classes.filter(Boolean).join(" ") || undefined}
      onPointerEnter={() => setHovered({ collection: collection.id, item })}
      onClick={open}
    >
      <th scope="row">
        <a
          id={id}
          href={hrefOfFeature(ref)}
          tabindex={reachable ? 0 : -1}
          aria-current={isSelected ? "true" : undefined}
          onClick={open}
          onFocus={() => {
            onFocus();
            setHovered({ collection: collection.id, item });
          }}
          onBlur={() => setHovered(null)}
        >
          {nameOf(item.properties, item.id)}
        </a>
      </th>
      {placed && (
        <td class="position">
          {item.geometry ? (
            metres === null ? (
              "–"
            ) : (
              t("plusMinus", { metres: formatNumber(metres) })
            )
          ) : (
            <span class="none" title={noPlaceReason(item, lang.value)}>
              {t("noPlace")}
            </span>
          )}
        </td>
      )}
      {shown.map((column) => (
        <Cell key={column.name} item={item} column={column} />
      ))}
      {sourced && <td>{String(item.properties.plan_ref ?? "")}</td>}
    </tr>
  );
}

function Cell({ item, column }: { item: Item; column: Column }) {
  const value = item.properties[column.name] ?? null;
  const className = [isNumeric(column) ? "number" : "", column.role].filter(Boolean).join(" ");
  if (value === null || value === "") {
    return (
      <td class={`${className} empty`}>
        <span aria-hidden="true">–</span>
        <span class="unseen">{t("notStated")}</span>
      </td>
    );
  }
  // The head has the unit; a ratio has none and is written as one.
  const figure =
    typeof value === "number" && unitOf(column.unit, lang.value)
      ? formatNumber(value, column.role === "stated" ? 7 : 1)
      : showValue(value, column, lang.value);
  return <td class={className}>{figure}</td>;
}
