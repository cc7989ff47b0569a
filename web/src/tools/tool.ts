import { signal } from "@preact/signals";

/** Tools that are open and not in the address: the sheet of shortcuts and the share sheet. */
export const tool = signal<"keys" | "share" | null>(null);

/** The comparison waits for its second feature. */
export const choosing = signal(false);

/** Where the focus goes when a tool is shut. */
export function backToTools(): void {
  requestAnimationFrame(() => document.getElementById("tools-button")?.focus());
}
