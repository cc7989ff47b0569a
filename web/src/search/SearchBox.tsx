// One box for everything that has a name or a place: a combobox with a list of what is found, by collection
// (ARIA 1.2, list autocomplete with automatic selection).

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { lookForServer, offline } from "../offline";
import { announcement, lang, shortcuts, t } from "../state";
import type { Group, Option } from "./find";

const REST_MS = 180;
const SEARCH_ID = "search";
const LIST_ID = "search-list";
/** Names the sentence that says what cannot be found. */
const REASON = "offline-search";

type Found = { text: string; groups: Group[] } | { text: string; failed: true };

export function SearchBox() {
  const typed = useSignal("");
  const found = useSignal<Found | null>(null);
  const open = useSignal(false);
  const active = useSignal(0);
  const input = useRef<HTMLInputElement>(null);
  const text = typed.value.trim();
  useSearch(text, lang.value, (result) => {
    found.value = result;
    active.value = 0;
    void announce(result);
  });
  useSlash(input);

  const current = found.value?.text === text ? found.value : null;
  const groups = current && "groups" in current ? current.groups : [];
  const options = groups.flatMap((group) => group.options);
  const shown = open.value && text !== "";
  const off = offline.value;
  const choose = (option: Option | undefined) => {
    if (!option) return;
    open.value = false;
    option.run();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step && shown && options.length > 0) {
      active.value = (active.value + step + options.length) % options.length;
      document.getElementById(optionId(active.value))?.scrollIntoView({ block: "nearest" });
    } else if (step) open.value = true;
    else if (event.key === "Enter") choose(shown ? options[active.value] : undefined);
    else if (event.key === "Escape" && shown) open.value = false;
    else if (event.key === "Escape" && typed.value) typed.value = "";
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search class="search">
      <input
        ref={input}
        id={SEARCH_ID}
        type="text"
        role="combobox"
        inputMode="search"
        autocomplete="off"
        spellcheck={false}
        aria-label={t("searchLabel")}
        aria-expanded={shown && options.length > 0}
        aria-controls={LIST_ID}
        aria-autocomplete="list"
        aria-activedescendant={shown && options.length > 0 ? optionId(active.value) : undefined}
        aria-describedby={off ? REASON : undefined}
        aria-keyshortcuts={shortcuts.value ? "/" : undefined}
        placeholder={t("searchHint")}
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          open.value = true;
        }}
        onFocus={() => {
          open.value = true;
          void import("./find");
        }}
        onBlur={() => {
          open.value = false;
        }}
        onKeyDown={onKey}
      />
      <svg class="glass" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path
          d="M10.5 10.5L15 15M11.5 6.5a5 5 0 1 1-10 0 5 5 0 0 1 10 0z"
          fill="none"
          stroke="currentColor"
          stroke-width="1.8"
        />
      </svg>
      {/* The list is there before it is filled: what names it must find it. */}
      <div
        id={LIST_ID}
        class={shown && options.length > 0 ? "results" : "results empty"}
        role="listbox"
        aria-label={t("searchLabel")}
      >
        {shown && <Groups groups={groups} active={active.value} onChoose={choose} />}
      </div>
      {shown && options.length === 0 && current && <Nothing result={current} />}
      {off && (
        <p id={REASON} class={open.value && text === "" ? "results none" : "unseen"}>
          {t("offlineSearch")}
        </p>
      )}
    </search>
  );
}

function optionId(at: number): string {
  return `search-option-${at}`;
}

interface GroupsProps {
  groups: readonly Group[];
  active: number;
  onChoose: (option: Option) => void;
}

function Groups({ groups, active, onChoose }: GroupsProps) {
  let at = -1;
  return (
    <>
      {groups.map((group) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox.
        <div key={group.key} role="group" aria-labelledby={`search-group-${group.key}`}>
          <p id={`search-group-${group.key}`} role="presentation">
            {group.title}
          </p>
          {group.options.map((option) => {
            at += 1;
            return (
              // biome-ignore lint/a11y/useFocusableInteractive: the box keeps the focus and names the active one.
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the box's.
              <div
                key={option.key}
                id={optionId(at)}
                class="option"
                role="option"
                aria-selected={at === active}
                // Before the box loses the focus and the list closes under the pointer.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => onChoose(option)}
              >
                <span>{option.label}</span>
                {option.detail && <small>{option.detail}</small>}
              </div>
            );
          })}
        </div>
      ))}
    </>
  );
}

function Nothing({ result }: { result: Found }) {
  const said = useSignal("");
  useEffect(() => {
    void sentence(result).then((text) => {
      said.value = text;
    });
  }, [result]);
  return <p class="results none">{said.value}</p>;
}

async function sentence(result: Found): Promise<string> {
  if ("failed" in result) return t(offline.peek() ? "offlineSearch" : "serverDown");
  const { tq } = await import("../i18n/query");
  const count = result.groups.reduce((sum, group) => sum + group.options.length, 0);
  return count > 0 ? tq("resultCount", { count }) : tq("noResults", { text: result.text });
}

async function announce(result: Found): Promise<void> {
  announcement.value = await sentence(result);
}

/** Asks once typing rests. */
function useSearch(text: string, language: string, onFound: (result: Found) => void): void {
  useEffect(() => {
    if (text === "") return undefined;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { find } = await import("./find");
        const groups = await find(text, stop.signal);
        if (!stop.signal.aborted) onFound({ text, groups });
      } catch {
        // It may be the search itself that could not be fetched.
        if (!stop.signal.aborted) void lookForServer();
        if (!stop.signal.aborted) onFound({ text, failed: true });
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, language, offline.value]);
}

/** `/` leads to the box from anywhere that is not itself written in. */
function useSlash(input: { current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !shortcuts.peek()) return;
      const at = event.target instanceof HTMLElement ? event.target : null;
      if (at?.closest("input, textarea, select, [contenteditable]")) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
