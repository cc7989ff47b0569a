import "../styles/query.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { bareTitle } from "../facts";
import { tq } from "../i18n/query";
import { CONTEXT, type Collection, type Column } from "../model";
import { offline } from "../offline";
import {
  collections,
  columns,
  drawer,
  filter,
  lang,
  legendOrder,
  openDrawer,
  queriedId,
  say,
  t,
  text,
} from "../state";
import { LoadFailed, Unreachable } from "../ui/later";
import { Chips, NothingFound } from "./Chips";
import { describe, isDate, isNumeric } from "./clauses";
import { DateField, TimeField } from "./DateFields";
import { fieldsOf } from "./fields";
import { NumberField } from "./NumberField";
import { clauseOf, clearQuery, narrowed, openCollection } from "./query";
import { foundOf, lastRows, retryRows, rows, useRows } from "./rows";
import { ValueField } from "./ValueField";

/** Names the sentence that says why nothing can be asked. */
const REASON = "offline-filters";

/** What can be asked of one collection; the map, the table and the downloads follow. */
export function FilterRail() {
  useRows();
  const collection = collections.value.get(queriedId.value ?? "");
  if (!collection) return null;
  const { main, more } = fieldsOf(collection, columns.value, lang.value);
  const asked = (column: Column) => filter.value.some((clause) => clause.column === column.name);
  const off = offline.value;
  return (
    <>
      {off && <OfflineNote />}
      <fieldset
        class="filters"
        key={collection.id}
        aria-label={t("filterTab")}
        disabled={off}
        aria-describedby={off ? REASON : undefined}
      >
        <LayerChoice collection={collection} />
        <Count collection={collection} />
        <Chips />
        {collection.columns.some((name) => /^name_(zh|en)$/.test(name)) && <NameField />}
        <TimeField collection={collection} />
        {main.map((column) => (
          <Field key={column.name} collection={collection} column={column} open />
        ))}
        {more.length > 0 && (
          <details class="more" open={more.some(asked)}>
            <summary>{tq("moreFields", { count: more.length })}</summary>
            {more.map((column) => (
              <Field key={column.name} collection={collection} column={column} open={asked(column)} />
            ))}
          </details>
        )}
      </fieldset>
    </>
  );
}

/** What was kept is of no filter: it can be gone back to. */
function OfflineNote() {
  return (
    <div class="offline-note">
      <Unreachable id={REASON} text={tq("offlineFilters")} />
      {narrowed.value && (
        <button type="button" onClick={clearQuery}>
          {tq("clearAll")}
        </button>
      )}
    </div>
  );
}

function LayerChoice({ collection }: { collection: Collection }) {
  const { own, others } = legendOrder.value;
  return (
    <label class="layer-choice">
      <span>{tq("queriedLayer")}</span>
      <select value={collection.id} onChange={(event) => openCollection(event.currentTarget.value)}>
        {[...own, ...others]
          .filter(({ id }) => id !== CONTEXT)
          .map(({ id, title }) => (
            <option key={id} value={id}>
              {say(title)}
            </option>
          ))}
      </select>
    </label>
  );
}

/** The server's count of the query, the same that the table and the downloads have. */
function Count({ collection }: { collection: Collection }) {
  const { value: load } = rows;
  const page = lastRows.value;
  if (load.state === "failed") {
    return <LoadFailed retry={retryRows} look="found" />;
  }
  return (
    <div class="found" aria-busy={load.state === "loading"}>
      <p>
        <strong data-count={page?.numberMatched}>{foundOf(page?.numberMatched, collection)}</strong>
        {drawer.value === "shut" && (
          <button type="button" onClick={() => openDrawer("half")}>
            {tq("openTable")}
          </button>
        )}
      </p>
      {/* The table says it too, where it is open. */}
      {drawer.value === "shut" && load.state === "ready" && load.value.numberMatched === 0 && (
        <NothingFound />
      )}
    </div>
  );
}

function NameField() {
  const typed = useSignal(text.value);
  const { value } = text;
  useEffect(() => {
    if (value !== typed.peek().trim()) typed.value = value;
  }, [value]);
  return (
    <label class="name-field">
      <span>{tq("nameContains")}</span>
      <input
        type="search"
        value={typed.value}
        placeholder={tq("nameHint")}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          // Letters that an input method still composes are not a name yet.
          if (!event.isComposing) text.value = typed.value.trim();
        }}
        onCompositionEnd={(event) => {
          text.value = event.currentTarget.value.trim();
        }}
      />
    </label>
  );
}

interface FieldProps {
  collection: Collection;
  column: Column;
  open: boolean;
}

function Field({ collection, column, open }: FieldProps) {
  const opened = useSignal(open);
  const clause = clauseOf(column.name);
  let content: ComponentChildren = null;
  // Each asks the server for its figures: only those that are looked at do.
  if (opened.value) {
    if (isNumeric(column)) content = <NumberField collection={collection} column={column} />;
    else if (isDate(column)) content = <DateField column={column} />;
    else content = <ValueField collection={collection} column={column} />;
  }
  const title = bareTitle(column, lang.value);
  const mark =
    column.role === "derived" ? tq("derivedMark") : column.role === "measured" ? tq("measuredMark") : null;
  return (
    <details
      class={`field ${column.role}`}
      open={open}
      onToggle={(event) => {
        opened.value = event.currentTarget.open;
      }}
    >
      <summary>
        <h2>{title}</h2>
        {mark && <span class={`mark ${column.role}`}>{mark}</span>}
        {clause && !opened.value && (
          <span class="asked">{describe(clause, column, lang.value).slice(title.length + 1)}</span>
        )}
      </summary>
      <fieldset aria-label={title}>{content}</fieldset>
    </details>
  );
}
