// A number column as a histogram whose bars are also a range: by dragging, by arrow keys, or by typing. What the
// plan does not state is a bar and a choice of its own, and never a zero.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchStatistics } from "../api";
import { bareTitle } from "../facts";
import { formatNumber, formatValue, unitOf } from "../format";
import { tq } from "../i18n/query";
import type { Collection, Column, ColumnStatistics } from "../model";
import { lang, t } from "../state";
import { useAnswer } from "../ui/later";
import { moveEnd, scaleFor } from "./fields";
import { clauseOf, setClause } from "./query";
import { statisticsPath } from "./query-url";

const BINS = 20;
const OPEN = { low: "", high: "" };

/** Of the whole collection: a scale that moved with every filter could not be aimed at. */
function useWhole(collection: string, column: string) {
  const url = statisticsPath(
    { collection, params: new URLSearchParams() },
    { properties: column, bins: String(BINS) },
  );
  return useAnswer(url, async (signal) => (await fetchStatistics(url, signal)).columns[0] ?? null);
}

export function NumberField({ collection, column }: { collection: Collection; column: Column }) {
  const { load, last, retry } = useWhole(collection.id, column.name);
  const draft = useSignal<{ low: string; high: string } | null>(null);
  const clause = clauseOf(column.name);
  const committed = clause?.range ?? OPEN;
  useEffect(() => {
    draft.value = null;
  }, [committed.low, committed.high]);

  if (load.state === "failed") {
    return (
      <p class="hint" role="alert">
        {t("loadFailed")}{" "}
        <button type="button" onClick={retry}>
          {t("retry")}
        </button>
      </p>
    );
  }
  if (!last) return <p class="hint">{t("loading")}</p>;
  const { stated, nulls, min, max } = last;
  if (stated === 0 || min === null || max === null) return <p class="hint">{tq("noneStated")}</p>;

  const range = draft.value ?? committed;
  const inRange = !clause || clause.range !== null;
  const commit = (to: { low: string; high: string }) => {
    const open = to.low === "" && to.high === "";
    // Who sets a limit asks for what is stated, unless both were asked for before.
    setClause(column.name, open ? null : { range: to, values: [], unstated: clause?.unstated ?? false });
  };
  const choose = (rangeToo: boolean, unstated: boolean) => {
    const open = range.low === "" && range.high === "";
    if (rangeToo && unstated && open) setClause(column.name, null);
    else setClause(column.name, { range: rangeToo ? range : null, values: [], unstated });
  };
  const title = bareTitle(column, lang.value);
  return (
    <div class="number-field">
      <Bars column={column} statistics={last} range={range} inRange={inRange} clause={clause} />
      {max > min && (
        <Sliders
          min={min}
          max={max}
          title={title}
          column={column}
          range={range}
          onDraft={(to) => {
            draft.value = to;
          }}
          onCommit={commit}
        />
      )}
      <div class="ends">
        {(["low", "high"] as const).map((end) => (
          <input
            key={end}
            type="number"
            step="any"
            aria-label={tq(end === "low" ? "from" : "to", { column: title })}
            placeholder={String(end === "low" ? min : max)}
            value={range[end]}
            onChange={(event) => {
              const { value, valueAsNumber } = event.currentTarget;
              if (value === "" || Number.isFinite(valueAsNumber)) commit(moveEnd(range, end, value));
            }}
          />
        ))}
        <span class="unit">{unitOf(column.unit, lang.value)}</span>
      </div>
      {nulls > 0 && (
        <div class="choices">
          <label>
            <input
              type="checkbox"
              checked={inRange}
              onChange={(event) =>
                choose(
                  event.currentTarget.checked,
                  event.currentTarget.checked ? (clause?.unstated ?? true) : true,
                )
              }
            />
            <span>{tq("inRange", { count: stated })}</span>
          </label>
          <label>
            <input
              type="checkbox"
              checked={clause ? clause.unstated : true}
              onChange={(event) =>
                choose(event.currentTarget.checked ? inRange : true, event.currentTarget.checked)
              }
            />
            <span class="unstated-key">{tq("notStatedCount", { count: nulls })}</span>
          </label>
        </div>
      )}
    </div>
  );
}

const BAR = 10;
const HEIGHT = 44;
const GAP = 8;
const UNSTATED = 22;

interface BarsProps {
  column: Column;
  statistics: ColumnStatistics;
  range: { low: string; high: string };
  inRange: boolean;
  clause: ReturnType<typeof clauseOf>;
}

function Bars({ column, statistics, range, inRange, clause }: BarsProps) {
  const { histogram = [], nulls } = statistics;
  const most = Math.max(nulls, ...histogram.map(({ count }) => count), 1);
  const low = range.low === "" ? Number.NEGATIVE_INFINITY : Number(range.low);
  const high = range.high === "" ? Number.POSITIVE_INFINITY : Number(range.high);
  const tall = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT));
  const shown = (value: number) => formatValue(value, { ...column, role: "measured" }, lang.value);
  const bars = histogram
    .filter(({ count }) => count > 0)
    .map((bin) => tq("barPart", { low: shown(bin.low), high: shown(bin.high), count: bin.count }))
    .join(t("listSeparator"));
  return (
    <svg
      class="histogram"
      viewBox={`0 0 ${BINS * BAR + GAP + UNSTATED} ${HEIGHT + 1}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={tq("barLabel", { column: bareTitle(column, lang.value), bars, nulls })}
    >
      {histogram.map((bin, at) => (
        <rect
          key={bin.low}
          class={inRange && bin.high >= low && bin.low <= high ? "in" : "out"}
          x={at * BAR + 0.5}
          width={BAR - 1}
          y={HEIGHT - tall(bin.count)}
          height={tall(bin.count)}
        />
      ))}
      <path
        class="axis"
        d={`M0 ${HEIGHT + 0.5}H${BINS * BAR}M${BINS * BAR + GAP} ${HEIGHT + 0.5}h${UNSTATED}`}
      />
      {nulls > 0 && (
        <rect
          class={!clause || clause.unstated ? "unstated in" : "unstated out"}
          x={BINS * BAR + GAP + 1}
          width={UNSTATED - 2}
          y={HEIGHT - tall(nulls)}
          height={tall(nulls)}
        />
      )}
    </svg>
  );
}

interface SlidersProps {
  min: number;
  max: number;
  title: string;
  column: Column;
  range: { low: string; high: string };
  onDraft: (range: { low: string; high: string }) => void;
  onCommit: (range: { low: string; high: string }) => void;
}

/** Two sliders on one line. An end at the edge of the scale is open: it asks for nothing. */
function Sliders({ min, max, title, column, range, onDraft, onCommit }: SlidersProps) {
  const scale = scaleFor(min, max);
  const at = {
    low: range.low === "" ? scale.low : Number(range.low),
    high: range.high === "" ? scale.high : Number(range.high),
  };
  const moved = (end: "low" | "high", value: number) => {
    const edge = end === "low" ? value <= scale.low : value >= scale.high;
    // Sliders stop at each other; only typed numbers push the other end away.
    const kept = end === "low" ? Math.min(value, at.high) : Math.max(value, at.low);
    return { ...range, [end]: edge ? "" : String(kept) };
  };
  return (
    <div class="sliders">
      {(["low", "high"] as const).map((end) => (
        <input
          key={end}
          type="range"
          class={end === "low" && at.low > (scale.low + scale.high) / 2 ? "low front" : end}
          min={scale.low}
          max={scale.high}
          step={scale.step}
          value={at[end]}
          aria-label={tq(end === "low" ? "sliderFrom" : "sliderTo", { column: title })}
          aria-valuetext={`${formatNumber(at[end])} ${unitOf(column.unit, lang.value)}`.trim()}
          onInput={(event) => onDraft(moved(end, event.currentTarget.valueAsNumber))}
          onChange={(event) => onCommit(moved(end, event.currentTarget.valueAsNumber))}
        />
      ))}
    </div>
  );
}
