// Dates: the time of the features as a whole, and single columns.

import { bareTitle } from "../facts";
import { tq } from "../i18n/query";
import type { Collection, Column } from "../model";
import { lang, time } from "../state";
import { clauseOf, setClause } from "./query";
import { firstDay, lastDay } from "./timescale";

interface SpanProps {
  title: string;
  low: string;
  high: string;
  min?: string | undefined;
  max?: string | undefined;
  onChange: (low: string, high: string) => void;
}

function Span({ title, low, high, min, max, onChange }: SpanProps) {
  return (
    <div class="dates">
      {(
        [
          ["timeFrom", low, true],
          ["timeTo", high, false],
        ] as const
      ).map(([key, value, isLow]) => (
        <label key={key}>
          <span>{tq(key)}</span>
          <input
            type="date"
            aria-label={`${title}${lang.value === "zh" ? "" : " "}${tq(key)}`}
            min={min}
            max={max}
            value={value}
            onChange={(event) => {
              const { value: day } = event.currentTarget;
              onChange(isLow ? day : low, isLow ? high : day);
            }}
          />
        </label>
      ))}
    </div>
  );
}

/** Only where the collection's features have a time. */
export function TimeField({ collection }: { collection: Collection }) {
  if (!collection.interval) return null;
  const [first, end] = collection.interval.map((instant) => instant?.slice(0, 10));
  const asked = time.value;
  return (
    <div class="field">
      <h2>{tq("time")}</h2>
      <Span
        title={tq("time")}
        low={asked?.from ? firstDay(asked.from) : ""}
        high={asked?.to ? lastDay(asked.to) : ""}
        min={first}
        max={end}
        onChange={(from, to) => {
          time.value = from || to ? { from, to } : null;
        }}
      />
    </div>
  );
}

export function DateField({ column }: { column: Column }) {
  const range = clauseOf(column.name)?.range;
  return (
    <Span
      title={bareTitle(column, lang.value)}
      low={range?.low.slice(0, 10) ?? ""}
      high={range?.high.slice(0, 10) ?? ""}
      onChange={(low, high) =>
        setClause(column.name, low || high ? { range: { low, high }, values: [], unstated: false } : null)
      }
    />
  );
}
