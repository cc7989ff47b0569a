import { sourceParts } from "../facts";
import type { Item } from "../model";
import { lang, readyPlan, say, t } from "../state";

/** Where in the plan it is said: the first place in words, and all places as the register gives them. */
export function Source({ item }: { item: Item }) {
  const plan = readyPlan.value;
  const parts = sourceParts(item, lang.value);
  const reference = item.properties.plan_ref;
  if (!plan || (parts.length === 0 && typeof reference !== "string")) return null;
  return (
    <section class="facts source">
      <h3>{t("groupSource")}</h3>
      {parts.length > 0 && <p class="where">{parts.join(" · ")}</p>}
      {typeof reference === "string" && <p lang={lang.value === "en" ? "zh-CN" : undefined}>{reference}</p>}
      <p class="hint">{t("sourceDocument", { title: say(plan.source_title), issued: plan.issued })}</p>
    </section>
  );
}
