import { readyPlan, say, t } from "../state";

export function Footer() {
  const plan = readyPlan.value;
  if (!plan) return null;
  return (
    <footer class="foot">
      <p>
        <strong>{t("notLegal")}</strong>
        {plan.attribution.map((text) => (
          <span key={text.zh}>{say(text)}</span>
        ))}
      </p>
      <details>
        <summary>{t("sources")}</summary>
        <div class="sources">
          <p>{say(plan.notice)}</p>
          <p>{t("sourceDocument", { title: say(plan.source_title), issued: plan.issued })}</p>
        </div>
      </details>
    </footer>
  );
}
