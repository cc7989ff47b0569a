// A browser as somebody has it at home: its profile stays, its cache is on, and service workers run. `openPage` of
// browser.mjs looks into every request, and that turns the cache off.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ARGUMENTS, chromium, DESKTOP, EXECUTABLE, reportViolations } from "./browser.mjs";

/** A folder for a profile; `remove` deletes it. */
export function newProfile() {
  const folder = mkdtempSync(join(tmpdir(), "buju-profile-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * The browser with that profile, and `wrong`: what its pages did that they must not, as sentences. `requests` are the
 * addresses that were asked for. `allowed` is what all of them begin with.
 */
export async function openProfile(
  folder,
  { allowed, viewport = DESKTOP, touch = false, workers = true, ...more },
) {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: EXECUTABLE,
    // A page that is kept alive would not be asked for again.
    args: [...ARGUMENTS, "--disable-features=BackForwardCache"],
    viewport,
    hasTouch: touch,
    isMobile: touch,
    reducedMotion: "reduce",
    locale: "zh-CN",
    serviceWorkers: workers ? "allow" : "block",
    ...more,
  });
  const wrong = [];
  const requests = [];
  context.on("request", (request) => {
    requests.push(request.url());
    if (!request.url().startsWith(allowed)) wrong.push(`request to ${request.url()}`);
  });
  await reportViolations(context, wrong);
  return { context, wrong, requests };
}
