// The four states of works: each by its shape, its dash and its word, and only then by its colour. A plan that
// states none has none. Pure.

import type { Collection } from "../model";

export type State = "planned" | "underway" | "done" | "suspended";

export interface StateLook {
  color: string;
  /** Of a line, in multiples of its width. */
  dash: readonly number[];
  /** Short bars across a line, as along a building site. */
  ticks: boolean;
  mark: "ring" | "triangle" | "disc" | "square";
}

export const STATES: Record<State, StateLook> = {
  planned: { color: "#0072b2", dash: [4, 2], ticks: false, mark: "ring" },
  underway: { color: "#c84e00", dash: [], ticks: true, mark: "triangle" },
  done: { color: "#1b7f5c", dash: [], ticks: false, mark: "disc" },
  suspended: { color: "#5a5a5a", dash: [0.6, 1.4], ticks: false, mark: "square" },
};

const COLUMN = "status";

const CODES: Record<string, State> = {
  planned: "planned",
  规划: "planned",
  underway: "underway",
  "under-way": "underway",
  "under-construction": "underway",
  在建: "underway",
  done: "done",
  built: "done",
  completed: "done",
  建成: "done",
  suspended: "suspended",
  暂缓: "suspended",
};

/** The column that holds a collection's states, where it has one. */
export function stateColumn(collection: Collection): string | null {
  return collection.columns.includes(COLUMN) ? COLUMN : null;
}

export function stateOf(code: string | null): State | null {
  return (code && CODES[code.toLowerCase()]) || null;
}
