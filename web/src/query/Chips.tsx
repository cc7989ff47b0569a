// What is asked for, in words, each with a way to take it back.

import { fetchPage } from "../api";
import { tq } from "../i18n/query";
import { columns, filter, hasTime, lang, queriedId, text, time } from "../state";
import { useAnswer } from "../ui/later";
import { describe } from "./clauses";
import { clearQuery, queryWithout, setClause } from "./query";
import { itemsPath, type Query } from "./query-url";

interface Asked {
  key: string;
  what: string;
  drop: () => void;
  without: Query | null;
}

export function askedFor(): Asked[] {
  const asked: Asked[] = [];
  const { value: name } = text;
  const span = hasTime(queriedId.value) ? time.value : null;
  if (name) {
    asked.push({
      key: "q",
      what: tq("nameChip", { text: name }),
      drop: () => {
        text.value = "";
      },
      without: queryWithout("text"),
    });
  }
  for (const clause of filter.value) {
    const column = columns.value.get(clause.column);
    if (!column) continue;
    asked.push({
      key: clause.column,
      what: describe(clause, column, lang.value),
      drop: () => setClause(clause.column, null),
      without: queryWithout({ column: clause.column }),
    });
  }
  if (span) {
    asked.push({
      key: "t",
      what: tq("timeChip", { from: span.from || "…", to: span.to || "…" }),
      drop: () => {
        time.value = null;
      },
      without: queryWithout("time"),
    });
  }
  return asked;
}

export function Chips() {
  const asked = askedFor();
  if (asked.length === 0) return <p class="hint">{tq("noFilters")}</p>;
  return (
    <ul class="filter-chips" aria-label={tq("activeFilters")}>
      {asked.map(({ key, what, drop }) => (
        <li key={key}>
          <button type="button" aria-label={tq("remove", { what })} onClick={drop}>
            <span>{what}</span> <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {asked.length > 1 && (
        <li>
          <button type="button" class="plain" onClick={clearQuery}>
            {tq("clearAll")}
          </button>
        </li>
      )}
    </ul>
  );
}

/** Where nothing matches: what each filter takes away, the most generous first. */
export function NothingFound() {
  return (
    <div class="nothing">
      <p>
        <strong>{tq("nothing")}</strong>
      </p>
      <ul>
        {askedFor().map(({ key, what, drop, without }) =>
          without ? <Without key={key} what={what} drop={drop} without={without} /> : null,
        )}
      </ul>
      <button type="button" onClick={clearQuery}>
        {tq("clearAll")}
      </button>
    </div>
  );
}

function Without({ what, drop, without }: { what: string; drop: () => void; without: Query }) {
  const url = itemsPath(without, { limit: "1" });
  const { last } = useAnswer(url, async (signal) => (await fetchPage(url, signal)).numberMatched);
  if (!last) return null;
  return (
    <li>
      <button type="button" onClick={drop}>
        {tq("without", { what, count: last })}
      </button>
    </li>
  );
}
