// The time of what is shown, as a line with two handles under the map: by dragging, by arrow keys, by typing dates, and
// by letting a window run. It asks for what `t=` in the address says, as the date boxes of the filters do.

import "../styles/timeline.css";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatNumber } from "../format";
import { tq } from "../i18n/query";
import { listOf } from "../map/whole";
import { offline } from "../offline";
import { readyPlan, time, timed } from "../state";
import { Unreachable } from "../ui/later";
import type { TimeSpan } from "../url";
import { firstDay, handlesFor, lastDay, spanFor, stepped, type TimeScale, timeScale } from "./timescale";

/** Names the sentence that says why it stands still. */
const REASON = "offline-timeline";
const TICK_MS = 1200;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/** From the first to the last time of the collections shown; where one is open, the plan's own period stands for it. */
function useScale(): TimeScale {
  const { start, end } = readyPlan.value?.period ?? { start: 2000, end: 2000 };
  const ends = timed.value.map(({ interval }) => interval ?? [null, null]);
  const firsts = ends.map(([first]) => first?.slice(0, 10) ?? firstDay(String(start)));
  const lasts = ends.map(([, last]) => last?.slice(0, 10) ?? lastDay(String(end)));
  const first = firsts.reduce((a, b) => (b < a ? b : a), firsts[0] ?? firstDay(String(start)));
  const last = lasts.reduce((a, b) => (b > a ? b : a), lasts[0] ?? first);
  return timeScale(first, last < first ? first : last);
}

export function Timeline() {
  const scale = useScale();
  const { low, high } = handlesFor(time.value, scale);
  const ask = (from: number, to: number) => {
    time.value = spanFor(from, to, scale);
  };
  const last = scale.units.length - 1;
  const named = (at: number) => scale.units[at] ?? "";
  const off = offline.value;
  return (
    <fieldset
      class="timeline"
      aria-label={tq("timeline")}
      disabled={off}
      aria-describedby={off ? REASON : undefined}
    >
      <Play low={low} high={high} scale={scale} ask={ask} />
      <DateBox end="from" scale={scale} />
      <div class="sliders">
        {(["low", "high"] as const).map((end) => (
          <input
            key={end}
            type="range"
            class={end === "low" && low > last / 2 ? "low front" : end}
            min={0}
            max={last}
            step={1}
            value={end === "low" ? low : high}
            aria-label={tq(end === "low" ? "timelineFrom" : "timelineTo")}
            aria-valuetext={named(end === "low" ? low : high)}
            onInput={({ currentTarget }) => {
              const at = currentTarget.valueAsNumber;
              if (end === "low") ask(Math.min(at, high), high);
              else ask(low, Math.max(at, low));
              // At the other handle it stops, and shows that it did.
              const now = handlesFor(time.peek(), scale);
              currentTarget.value = String(now[end]);
            }}
          />
        ))}
        <p class="ticks" aria-hidden="true">
          <span>{named(0)}</span>
          <span class="now">
            {named(low)} – {named(high)}
          </span>
          <span>{named(last)}</span>
        </p>
      </div>
      <DateBox end="to" scale={scale} />
      <div class="timeline-count">
        {off ? <Unreachable id={REASON} text={tq("offlineTimeline")} /> : <Found />}
        <button
          type="button"
          class="plain"
          disabled={!time.value}
          onClick={() => {
            time.value = null;
          }}
        >
          {tq("timelineAll")}
        </button>
      </div>
    </fieldset>
  );
}

/** How many of the features that have a time are of this one, as the server counts them. */
function Found() {
  const all = timed.value.reduce((sum, { numberOfFeatures }) => sum + numberOfFeatures, 0);
  const matched = timed.value.map(({ id }) => {
    const list = listOf(id);
    return list?.state === "ready" ? list.value.numberMatched : null;
  });
  const known = matched.every((count) => count !== null);
  const sum = matched.reduce((total: number, count) => total + (count ?? 0), 0);
  return (
    <output data-timed={known ? sum : undefined}>
      {tq("found", { matched: known ? formatNumber(sum) : "…", total: formatNumber(all) })}
    </output>
  );
}

interface PlayProps {
  low: number;
  high: number;
  scale: TimeScale;
  ask: (low: number, high: number) => void;
}

/** Runs only when pressed; where motion is not wanted, each press is one step. */
function Play({ low, high, scale, ask }: PlayProps) {
  const runs = useSignal(false);
  const still = useSignal(STILL.matches);
  const go = (): boolean => {
    const next = stepped(low, high, scale);
    if (next) ask(next.low, next.high);
    return next !== null;
  };
  useEffect(() => {
    const turn = () => {
      still.value = STILL.matches;
      if (STILL.matches) runs.value = false;
    };
    STILL.addEventListener("change", turn);
    return () => STILL.removeEventListener("change", turn);
  }, []);
  useEffect(() => {
    if (!runs.value) return undefined;
    if (offline.value) {
      runs.value = false;
      return undefined;
    }
    const timer = setTimeout(() => {
      if (!go()) runs.value = false;
    }, TICK_MS);
    return () => clearTimeout(timer);
  }, [runs.value, low, high]);
  const label = tq(still.value ? "timelineStep" : runs.value ? "timelinePause" : "timelinePlay");
  return (
    <button
      type="button"
      class="play"
      aria-label={label}
      title={label}
      aria-pressed={still.value ? undefined : runs.value}
      onClick={() => {
        // At the end it begins anew.
        const started = runs.value ? false : go();
        if (!started && !runs.value) ask(0, Math.max(0, high - low));
        runs.value = !runs.value && !still.value;
      }}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path
          d={
            still.value
              ? "M3 2l7 6-7 6zM11 2h2v12h-2z"
              : runs.value
                ? "M3 2h4v12H3zM9 2h4v12H9z"
                : "M4 2l9 6-9 6z"
          }
          fill="currentColor"
        />
      </svg>
    </button>
  );
}

function DateBox({ end, scale }: { end: "from" | "to"; scale: TimeScale }) {
  const asked = time.value?.[end] ?? "";
  const value = asked && (end === "from" ? firstDay(asked) : lastDay(asked));
  return (
    <input
      type="date"
      class={`date-${end}`}
      aria-label={tq(end === "from" ? "timelineFromDay" : "timelineToDay")}
      min={firstDay(scale.units[0] ?? "")}
      max={lastDay(scale.units.at(-1) ?? "")}
      value={value}
      onChange={({ currentTarget }) => {
        const span: TimeSpan = { from: "", to: "", ...time.peek(), [end]: currentTarget.value };
        // The end that is typed is meant; the other gives way where they would cross.
        if (span.from && span.to && firstDay(span.from) > lastDay(span.to))
          span[end === "from" ? "to" : "from"] = "";
        time.value = span.from || span.to ? span : null;
      }}
    />
  );
}
