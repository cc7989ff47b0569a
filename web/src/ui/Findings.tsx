import { findingSentence } from "../facts";
import type { Item } from "../model";
import { columns, lang, t } from "../state";

/** Where the plan contradicts itself, or the drawing the plan: above the figures it concerns. */
export function Findings({ item }: { item: Item }) {
  const findings = item.findings ?? [];
  if (findings.length === 0) return null;
  return (
    <div class="findings">
      {findings.map((finding) => {
        const sentence = findingSentence(finding, item, columns.value, lang.value);
        return (
          <p key={`${finding.check}-${finding.column}`} class={finding.severity}>
            <strong>{t(finding.severity)}</strong>{" "}
            {/* A check that this page has no words for is given in the server's, which are English. */}
            {sentence ?? <span lang="en">{finding.reason}</span>}
          </p>
        );
      })}
    </div>
  );
}
