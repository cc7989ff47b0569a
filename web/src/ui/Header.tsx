import { useEffect, useRef } from "preact/hooks";
import { hrefFor } from "../history";
import { HTML_LANG, translate } from "../i18n";
import type { Lang } from "../model";
import { SearchBox } from "../search/SearchBox";
import { freshView, lang, openView, readyPlan, say, t, view } from "../state";
import { isPlainClick } from "./link";

export function Header() {
  const current = view.value?.id;
  const nav = useRef<HTMLElement>(null);
  // On a phone the views are a strip that scrolls: the one in force is to be seen.
  useEffect(() => {
    if (!current) return;
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  const plan = readyPlan.value;
  if (!plan) return null;
  const other: Lang = lang.value === "zh" ? "en" : "zh";
  return (
    <header class="top">
      <h1>{say(plan.title)}</h1>
      {plan.views.length > 1 && (
        <nav ref={nav} class="views" aria-label={t("views")}>
          {plan.views.map((one) => (
            <a
              key={one.id}
              href={hrefFor(freshView(one))}
              aria-current={one === view.value ? "page" : undefined}
              onClick={(event) => {
                if (!isPlainClick(event)) return;
                event.preventDefault();
                openView(one);
              }}
            >
              {say(one.title)}
            </a>
          ))}
        </nav>
      )}
      <SearchBox />
      <a
        class="lang"
        href={hrefFor({ lang: other })}
        lang={HTML_LANG[other]}
        hreflang={HTML_LANG[other]}
        onClick={(event) => {
          if (!isPlainClick(event)) return;
          event.preventDefault();
          lang.value = other;
        }}
      >
        {translate(lang.value, "switchLang")}
      </a>
    </header>
  );
}
