// Parts of the page that are fetched when they are first shown, and answers that components wait for.

import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { failed } from "../load";
import { lookForServer, offline } from "../offline";
import { type Load, t } from "../state";

/** Says that an answer did not come, and asks again on a press; out of reach, it is asked for when that is over. */
export function LoadFailed({ retry, look = "hint" }: { retry: () => void; look?: string }) {
  if (offline.value) return <p class={look}>{t("offlinePart")}</p>;
  return (
    <p class={look} role="alert">
      {t("loadFailed")}{" "}
      <button type="button" onClick={retry}>
        {t("retry")}
      </button>
    </p>
  );
}

/** Why something is switched off; what is names it by `id`. */
export function Unreachable({ id, text }: { id: string; text: string }) {
  return (
    <p id={id} class="unreachable" role="status">
      {text}
    </p>
  );
}

/** A component in a file of its own; a part that does not come can be asked for again. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const part: Signal<Load<ComponentType<Props>> | null> = signal(null);
  const ask = () => {
    part.value = { state: "loading" };
    load().then(
      (value) => {
        part.value = { state: "ready", value };
      },
      () => {
        void lookForServer();
        part.value = { state: "failed", status: 0 };
      },
    );
  };
  return (props: Props) => {
    const off = offline.value;
    useEffect(() => {
      const { state } = part.peek() ?? {};
      if (!state || (state === "failed" && !off)) ask();
    }, [off]);
    const { value } = part;
    if (value?.state === "ready") return <value.value {...props} />;
    if (value?.state !== "failed") return <p class="hint waiting">{t("loading")}</p>;
    return <LoadFailed retry={ask} look="hint waiting" />;
  };
}

export interface Answer<T> {
  load: Load<T>;
  /** The answer before, while the next is on its way: what is on the screen need not flicker. */
  last: T | null;
  retry: () => void;
}

/** The answer to what `key` names; null asks nothing. */
export function useAnswer<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [load, setLoad] = useState<Load<T>>({ state: "loading" });
  const [last, setLast] = useState<T | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (key === null) return undefined;
    const stop = new AbortController();
    setLoad({ state: "loading" });
    ask(stop.signal).then(
      (value) => {
        if (stop.signal.aborted) return;
        setLoad({ state: "ready", value });
        setLast(value);
      },
      (cause) => {
        if (!stop.signal.aborted) setLoad(failed(cause));
      },
    );
    return () => stop.abort();
  }, [key, attempt]);
  const retry = () => setAttempt(attempt + 1);
  const off = offline.value;
  useEffect(() => {
    if (!off && load.state === "failed") retry();
  }, [off]);
  return { load, last, retry };
}
