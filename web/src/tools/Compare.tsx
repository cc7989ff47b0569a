import "./tools.css";
import { useEffect, useState } from "preact/hooks";
import { fetchItem } from "../api";
import { isDrawn } from "../facts";
import type { Key } from "../i18n";
import { type ToolKey, tt } from "../i18n/tools";
import { type Item, type Role, sameRef } from "../model";
import {
  announcement,
  collections,
  columns,
  compared,
  detail,
  lang,
  nameOf,
  say,
  selected,
  t,
} from "../state";
import { compare, type Verdict } from "./compare";
import { Dialog } from "./Dialog";
import { backToTools, choosing } from "./tool";

const ROLE_TITLES: Record<Role, Key> = {
  stated: "groupStated",
  derived: "groupDerived",
  measured: "groupMeasured",
  position: "groupPosition",
  source: "groupSource",
  note: "groupNote",
};

const VERDICTS: Record<Verdict, ToolKey> = {
  same: "verdictSame",
  differs: "verdictDiffers",
  onlyFirst: "verdictOnlyFirst",
  onlySecond: "verdictOnlySecond",
};

function stop(): void {
  choosing.value = false;
  compared.value = null;
  backToTools();
}

export function Compare() {
  const first = compared.value;
  const second = selected.value;
  // The first that is selected is the first of the two; the next is the second.
  useEffect(() => {
    if (choosing.peek() && !compared.peek() && second) compared.value = second;
    if (compared.peek() && second && !sameRef(compared.peek(), second)) choosing.value = false;
  }, [second]);
  if (first && second && !sameRef(first, second)) return <Table />;
  return (
    <section class="tool-panel" aria-label={t("toolCompare")}>
      <header>
        <h2>{t("toolCompare")}</h2>
        <button type="button" class="close-tool" aria-label={tt("closeTool")} onClick={stop}>
          ×
        </button>
      </header>
      <p role="status">{tt(first ? "compareSecond" : "compareFirst")}</p>
    </section>
  );
}

function Table() {
  const first = compared.value;
  const second = selected.value;
  const [left, setLeft] = useState<Item | "failed" | null>(null);
  const right = detail.value?.state === "ready" ? detail.value.value : null;
  useEffect(() => {
    if (!first) return undefined;
    const stop = new AbortController();
    fetchItem(first, stop.signal).then(setLeft, () => {
      if (!stop.signal.aborted) setLeft("failed");
    });
    return () => stop.abort();
  }, [first]);
  const of = first && collections.value.get(first.collection);
  const other = second && collections.value.get(second.collection);
  if (left === "failed" || !of || !other) {
    return (
      <Dialog title={t("toolCompare")} onClose={stop}>
        <p role="alert">{t("detailFailed")}</p>
      </Dialog>
    );
  }
  if (!left || !right) return null;
  const parts = compare(
    { item: left, collection: of },
    { item: right, collection: other },
    columns.value,
    lang.value,
  );
  const both = [left, right];
  const names = both.map((item) => nameOf(item.properties, item.id));
  const differing = parts.flatMap(({ rows }) => rows).filter(({ verdict }) => verdict !== "same").length;
  return (
    <Dialog title={t("toolCompare")} class="compare" onClose={stop}>
      <p>{tt("compareSummary", { count: differing })}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable */}
      <section class="table-scroll" aria-label={tt("compareTable")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <td />
              {names.map((name, index) => (
                <th key={name} scope="col">
                  {name}
                  <small>{say((index === 0 ? of : other).title)}</small>
                </th>
              ))}
              <th scope="col">{tt("compareVerdict")}</th>
            </tr>
          </thead>
          {parts.map(({ role, rows, absent }) => (
            <tbody key={role}>
              <tr class="part">
                <th colSpan={4} scope="rowgroup">
                  {t(role === "measured" && !both.some(isDrawn) ? "groupMeasuredPlain" : ROLE_TITLES[role])}
                </th>
              </tr>
              {rows.map(({ label, first: one, second: two, verdict, difference }) => (
                <tr key={label} class={verdict === "same" ? "same" : "differs"}>
                  <th scope="row">{label}</th>
                  <td>{one ?? <i>{t("notStated")}</i>}</td>
                  <td>{two ?? <i>{t("notStated")}</i>}</td>
                  <td>
                    {tt(VERDICTS[verdict])}
                    {difference && <small>{difference}</small>}
                  </td>
                </tr>
              ))}
              {absent.length > 0 && (
                <tr>
                  <td colSpan={4} class="hint">
                    {tt("neitherStates", { columns: absent.join(t("listSeparator")) })}
                  </td>
                </tr>
              )}
            </tbody>
          ))}
        </table>
      </section>
      <div class="tool-buttons">
        <button
          type="button"
          onClick={() => {
            // The next that is chosen takes the place of the second.
            choosing.value = true;
            selected.value = first;
            announcement.value = tt("compareSecond");
          }}
        >
          {tt("compareOther")}
        </button>
      </div>
    </Dialog>
  );
}
