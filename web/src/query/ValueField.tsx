// A column of words as check boxes with counts. The counts are of what the other filters leave, so that a choice
// never leads to nothing by surprise.

import { fetchStatistics } from "../api";
import { tq } from "../i18n/query";
import type { Collection, Column } from "../model";
import { columns, lang, t } from "../state";
import { LoadFailed, useAnswer } from "../ui/later";
import { ANYTHING, isNumeric, valueName } from "./clauses";
import { clauseOf, queryWithout, setClause } from "./query";
import { statisticsPath } from "./query-url";

const MOST = 12;

export function ValueField({ collection, column }: { collection: Collection; column: Column }) {
  const { name } = column;
  const others = queryWithout({ column: name });
  // Only the counts are wanted; of the number columns one is named, so that not all are added up for each group.
  const figure = collection.columns.find((one) => {
    const known = columns.value.get(one);
    return known ? isNumeric(known) : false;
  });
  const url = others && statisticsPath(others, { "group-by": name, properties: figure ?? "" });
  const { load, last, retry } = useAnswer(url, (signal) => fetchStatistics(url ?? "", signal));
  if (load.state === "failed") {
    return <LoadFailed retry={retry} />;
  }
  if (!last) return <p class="hint">{t("loading")}</p>;
  const clause = clauseOf(name);
  const counts = new Map((last.groups ?? []).map((group) => [group.value, group.numberMatched]));
  const nulls = counts.get(null) ?? 0;
  const known = new Map(
    [...counts].flatMap(([value, count]) => (value === null ? [] : [[String(value), count]])),
  );
  const order = column.values
    ?.map(({ code }) => code)
    .filter((code) => known.has(code) || clause?.values.includes(code));
  const values = order ?? [...known].sort((a, b) => b[1] - a[1]).map(([value]) => value);
  const listed = [
    ...values.slice(0, MOST),
    ...values.slice(MOST).filter((one) => clause?.values.includes(one)),
  ];
  const lost = (clause?.values ?? []).filter((one) => !listed.includes(one));
  const choose = (next: { values: readonly string[]; unstated: boolean }) =>
    setClause(name, { ...ANYTHING, ...next });
  return (
    <div class="choices">
      {[...listed, ...lost].map((value) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={clause?.values.includes(value) ?? false}
            onChange={(event) => {
              const before = clause?.values ?? [];
              choose({
                values: event.currentTarget.checked
                  ? [...before, value]
                  : before.filter((one) => one !== value),
                unstated: clause?.unstated ?? false,
              });
            }}
          />
          <span>{valueName(value, column, lang.value)}</span>
          <span class="count">{known.get(value) ?? 0}</span>
        </label>
      ))}
      {(nulls > 0 || clause?.unstated) && (
        <label>
          <input
            type="checkbox"
            checked={clause?.unstated ?? false}
            onChange={(event) =>
              choose({ values: clause?.values ?? [], unstated: event.currentTarget.checked })
            }
          />
          <span class="unstated-key">{t("notStated")}</span>
          <span class="count">{nulls}</span>
        </label>
      )}
      {values.length > MOST && <p class="hint">{tq("moreValues", { count: values.length - MOST })}</p>}
    </div>
  );
}
