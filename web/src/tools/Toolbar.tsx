// The button that opens the tools. Each tool is fetched when it is first used.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Key } from "../i18n";
import { compared, measure, print, readyPlan, selected, swipe, t, view } from "../state";
import { Icon } from "../ui/Icon";
import { later } from "../ui/later";
import { choosing, tool } from "./tool";

const Measure = later(async () => (await import("./Measure")).Measure);
const Compare = later(async () => (await import("./Compare")).Compare);
const SwipeViews = later(async () => (await import("./SwipeViews")).SwipeViews);
const PrintDialog = later(async () => (await import("./PrintDialog")).PrintDialog);
const ShareSheet = later(async () => (await import("./ShareSheet")).ShareSheet);
const KeySheet = later(async () => (await import("./KeySheet")).KeySheet);

const TOOLS: readonly { key: Key; open: () => void; needs?: () => boolean }[] = [
  {
    key: "toolLength",
    open: () => {
      measure.value = "length";
    },
  },
  {
    key: "toolArea",
    open: () => {
      measure.value = "area";
    },
  },
  {
    key: "toolCompare",
    open: () => {
      choosing.value = true;
      compared.value = selected.peek();
    },
  },
  {
    key: "toolSwipe",
    needs: () => (readyPlan.value?.views.length ?? 0) > 1,
    open: () => {
      const other = readyPlan.peek()?.views.find((one) => one !== view.peek());
      if (other) swipe.value = { view: other.id, at: 0.5 };
    },
  },
  {
    key: "toolPrint",
    open: () => {
      print.value = { paper: "a4", scale: null, dpi: 150 };
    },
  },
  {
    key: "toolShare",
    open: () => {
      tool.value = "share";
    },
  },
  {
    key: "toolKeys",
    open: () => {
      tool.value = "keys";
    },
  },
];

export function Toolbar() {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const shut = (event: Event) => {
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        button.current?.focus();
      } else if (root.current?.contains(event.target as Node)) return;
      setOpen(false);
    };
    addEventListener("pointerdown", shut);
    root.current?.addEventListener("keydown", shut);
    const { current } = root;
    return () => {
      removeEventListener("pointerdown", shut);
      current?.removeEventListener("keydown", shut);
    };
  }, [open]);
  return (
    <div class="tools" ref={root}>
      <button
        ref={button}
        type="button"
        id="tools-button"
        aria-expanded={open}
        aria-controls="tools-menu"
        aria-label={t("tools")}
        title={t("tools")}
        onClick={() => setOpen(!open)}
      >
        <Icon path="M2 4h12M2 8h12M2 12h12" />
      </button>
      {open && (
        <ul id="tools-menu" aria-label={t("tools")}>
          {TOOLS.filter(({ needs }) => needs?.() ?? true).map(({ key, open: start }) => (
            <li key={key}>
              <button
                type="button"
                onClick={() => {
                  setOpen(false);
                  start();
                }}
              >
                {t(key)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The tools that are open, over the map. */
export function OpenTools() {
  return (
    <>
      {measure.value && <Measure />}
      {(choosing.value || compared.value) && <Compare />}
      {swipe.value && <SwipeViews />}
      {print.value && <PrintDialog />}
      {tool.value === "share" && <ShareSheet />}
      {tool.value === "keys" && <KeySheet />}
    </>
  );
}
