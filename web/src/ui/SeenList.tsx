// The projects in view as a list: for those who cannot see the map, and for the keyboard. It is one stop of the Tab
// key and becomes visible while it has the focus.

import { useState } from "preact/hooks";
import { seen } from "../map/seen";
import { collections, lang, say, select, t } from "../state";
import { openedFromMap } from "./focus";

const MOST = 50;

export function SeenList() {
  const [at, setAt] = useState(0);
  const features = seen.value?.features ?? [];
  const listed = features.length > MOST ? [] : features;
  const current = Math.min(at, listed.length - 1);
  const choose = () => {
    const one = listed[current];
    if (!one) return;
    openedFromMap();
    select({ collection: one.collection, id: one.id }, "map");
  };
  const onKey = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      Home: 0,
      End: listed.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) setAt(Math.max(0, Math.min(listed.length - 1, to)));
    else if (event.key === "Enter" || event.key === " ") choose();
    else return;
    event.preventDefault();
  };
  const label = t("seenList", { count: features.length });
  return (
    <div class="seen-list">
      {features.length > MOST ? (
        <p class="unseen">{t("seenTooMany", { count: features.length })}</p>
      ) : (
        <div
          role="listbox"
          tabIndex={0}
          aria-label={label}
          aria-activedescendant={listed.length > 0 ? `seen-${current}` : undefined}
          onKeyDown={onKey}
        >
          {listed.map((one, index) => {
            const layer = collections.value.get(one.collection);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the list, which names the active option
              // biome-ignore lint/a11y/useFocusableInteractive: as above
              <div
                key={`${one.collection}:${one.id}`}
                id={`seen-${index}`}
                role="option"
                aria-selected={index === current}
                onClick={() => {
                  setAt(index);
                  openedFromMap();
                  select({ collection: one.collection, id: one.id }, "map");
                }}
              >
                {(lang.value === "en" ? one.name.en || one.name.zh : one.name.zh) || one.id}
                <small>{layer && say(layer.title)}</small>
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}
