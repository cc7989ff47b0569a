import { noLegalForce, readyPlan, say, shortcuts, t } from "../state";

export function Footer() {
  const plan = readyPlan.value;
  if (!plan) return null;
  return (
    <footer class="foot">
      <p>
        <strong>{noLegalForce()}</strong>
        {plan.attribution.map((text) => (
          <span key={text.zh}>{say(text)}</span>
        ))}
        <span class="approval">
          {plan.map_approval ? t("approval", { number: say(plan.map_approval) }) : t("noApproval")}
        </span>
      </p>
      <details>
        <summary>{t("sources")}</summary>
        <div class="sources">
          <p>{say(plan.notice)}</p>
          <p>{t("sourceDocument", { title: say(plan.source_title), issued: plan.issued })}</p>
          <label>
            <input
              type="checkbox"
              checked={shortcuts.value}
              onChange={(event) => keepShortcuts(event.currentTarget.checked)}
            />{" "}
            {t("shortcutsSwitch")}
          </label>
        </div>
      </details>
    </footer>
  );
}

const KEPT = "buju-shortcuts";

/** Kept on this device only; where nothing may be kept, for this visit. */
function keepShortcuts(on: boolean): void {
  shortcuts.value = on;
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing has its reasons.
  }
}

try {
  shortcuts.value = localStorage.getItem(KEPT) !== "off";
} catch {
  // As above.
}
