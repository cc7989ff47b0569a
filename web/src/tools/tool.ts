import { signal } from "@preact/signals";

/** Tools that are open and not in the address: the sheet of shortcuts and the share sheet. */
export const tool = signal<"keys" | "share" | null>(null);
