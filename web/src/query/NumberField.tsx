// A number column as a histogram whose bars are also a range: by dragging, by arrow keys, or by typing. What the
// plan does not state is a bar and a choice of its own, and never a zero.

import { useSignal } from "@preact/signals";
import { fetchStatistics } from "../api";
import { bareTitle } from "../facts";
import { formatNumber, formatValue, unitOf } from "../format";
import { tq } from "../i18n/query";
import type { Collection, Column, ColumnStatistics } from "../model";
import { lang, t } from "../state";
import { LoadFailed, useAnswer } from "../ui/later";
import { moveEnd, scaleFor } from "./fields";
import { clauseOf, queryWithout, setClause } from "./query";
import { type Query, statisticsPath } from "./query-url";

const OPEN = { low: "", high: "" };

function useColumn(query: Query | null, column: string, edges: readonly number[] | null) {
  const url = query && edges && statisticsPath(query, { properties: column, edges: edges.join(",") });
  return useAnswer(url, async (signal) => (await fetchStatistics(url ?? "", signal)).columns[0] ?? null);
}

/**
 * All of the collection and what the other filters leave of it, in the same bins: a scale that moved with every filter
 * could not be aimed at.
 */
function useBins(collection: string, column: string) {
  const everything = { collection, params: new URLSearchParams() };
  const whole = useColumn(everything, column, []);
  const { min = null, max = null } = whole.last ?? {};
  const scale = min === null || max === null ? null : scaleFor(min, max);
  const edges = scale?.edges ?? null;
  return {
    whole,
    scale,
    all: useColumn(everything, column, edges).last,
    left: useColumn(queryWithout({ column }), column, edges).last,
  };
}

export function NumberField({ collection, column }: { collection: Collection; column: Column }) {
  const { whole, scale, all, left } = useBins(collection.id, column.name);
  const { load, last, retry } = whole;
  const clause = clauseOf(column.name);
  const committed = clause?.range ?? OPEN;
  // A draft is of the range that it began with: it is over when that changes, and not a moment later, when the next
  // press of a key has made another.
  const of = `${committed.low}~${committed.high}`;
  const draft = useSignal<{ of: string; low: string; high: string } | null>(null);

  if (load.state === "failed") {
    return <LoadFailed retry={retry} />;
  }
  if (!last) return <p class="hint">{t("loading")}</p>;
  const { min, max } = last;
  if (!scale || min === null || max === null) return <p class="hint">{tq("noneStated")}</p>;

  const range = draft.value?.of === of ? { low: draft.value.low, high: draft.value.high } : committed;
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
      <Bars
        column={column}
        scale={scale}
        all={all ?? last}
        left={left ?? all ?? last}
        range={range}
        inRange={inRange}
        clause={clause}
      />
      {max > min && (
        <Sliders
          scale={scale}
          title={title}
          column={column}
          range={range}
          onDraft={(to) => {
            draft.value = { of, ...to };
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
      {last.nulls > 0 && (
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
            <span>{tq("inRange", { count: (left ?? last).stated })}</span>
          </label>
          <label>
            <input
              type="checkbox"
              checked={clause ? clause.unstated : true}
              onChange={(event) =>
                choose(event.currentTarget.checked ? inRange : true, event.currentTarget.checked)
              }
            />
            <span class="unstated-key">{tq("notStatedCount", { count: (left ?? last).nulls })}</span>
          </label>
        </div>
      )}
    </div>
  );
}

const WIDTH = 200;
const HEIGHT = 44;
const GAP = 8;
const UNSTATED = 22;

type Scale = ReturnType<typeof scaleFor>;

interface BarsProps {
  column: Column;
  scale: Scale;
  /** Of all features, drawn pale, and of those that the other filters leave. */
  all: ColumnStatistics;
  left: ColumnStatistics;
  range: { low: string; high: string };
  inRange: boolean;
  clause: ReturnType<typeof clauseOf>;
}

function Bars({ column, scale, all, left, range, inRange, clause }: BarsProps) {
  const whole = all.histogram ?? [];
  const bins = left.histogram ?? [];
  const most = Math.max(all.nulls, ...whole.map(({ count }) => count), 1);
  const low = range.low === "" ? Number.NEGATIVE_INFINITY : Number(range.low);
  const high = range.high === "" ? Number.POSITIVE_INFINITY : Number(range.high);
  const tall = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT));
  const shown = (value: number) => formatValue(value, { ...column, role: "measured" }, lang.value);
  const said = (bin: { low: number; high: number; count: number }) =>
    tq("barPart", { low: shown(bin.low), high: shown(bin.high), count: bin.count });
  const bars = bins.filter(({ count }) => count > 0).map(said);
  const width = WIDTH / (scale.edges.length - 1);
  const bar = (count: number, at: number, kind: string, title = "") => (
    <rect class={kind} x={at * width + 0.5} width={width - 1} y={HEIGHT - tall(count)} height={tall(count)}>
      {title && <title>{title}</title>}
    </rect>
  );
  const end = scale.edges.at(-1) ?? 0;
  /** An edge between two bins belongs to the upper one. */
  const inside = (bin: { low: number; high: number }) =>
    bin.low <= high && (bin.high > low || (bin.high === end && low === end));
  const none = clause && !clause.unstated ? "unstated out" : "unstated in";
  return (
    <svg
      class="histogram"
      viewBox={`0 0 ${WIDTH + GAP + UNSTATED} ${HEIGHT + 1}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={tq("barLabel", {
        column: bareTitle(column, lang.value),
        bars: bars.join(t("listSeparator")),
        nulls: left.nulls,
      })}
    >
      {whole.map((bin, at) => bar(bin.count, at, "whole", said(bin)))}
      {bins.map((bin, at) => bar(bin.count, at, inRange && inside(bin) ? "in" : "out", said(bin)))}
      <path class="axis" d={`M0 ${HEIGHT + 0.5}H${WIDTH}M${WIDTH + GAP} ${HEIGHT + 0.5}h${UNSTATED}`} />
      {left.nulls > 0 && (
        <rect
          class={none}
          x={WIDTH + GAP + 1}
          width={UNSTATED - 2}
          y={HEIGHT - tall(left.nulls)}
          height={tall(left.nulls)}
        >
          <title>{tq("notStatedCount", { count: left.nulls })}</title>
        </rect>
      )}
    </svg>
  );
}

interface SlidersProps {
  scale: Scale;
  title: string;
  column: Column;
  range: { low: string; high: string };
  onDraft: (range: { low: string; high: string }) => void;
  onCommit: (range: { low: string; high: string }) => void;
}

/** Two sliders on one line. An end at the edge of the scale is open: it asks for nothing. */
function Sliders({ scale: { edges, step }, title, column, range, onDraft, onCommit }: SlidersProps) {
  const scale = { low: edges[0] ?? 0, high: edges.at(-1) ?? 0 };
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
          step={step}
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
