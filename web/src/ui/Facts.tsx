import { type Group, groupFacts, isDrawn, placeOf, shortSource } from "../facts";
import type { Key } from "../i18n";
import { HTML_LANG } from "../i18n";
import type { Collection, Item, Role } from "../model";
import { columns, lang, t } from "../state";

const TITLES: Record<Role, Key> = {
  stated: "groupStated",
  derived: "groupDerived",
  measured: "groupMeasured",
  position: "groupPosition",
  source: "groupSource",
  note: "groupNote",
};

const HINTS: Partial<Record<Role, Key>> = { derived: "groupDerivedHint", measured: "groupMeasuredHint" };

const ABSENT: Partial<Record<Role, Key>> = {
  stated: "notStatedList",
  derived: "notDerivable",
  position: "unknownList",
};

interface FactsProps {
  item: Item;
  collection: Collection;
  roles: readonly Role[];
}

/** The values of a project, the kinds of number kept apart by their frames. */
export function Facts({ item, collection, roles }: FactsProps) {
  return (
    <>
      {groupFacts(item, collection, columns.value, lang.value)
        .filter(({ role }) => roles.includes(role))
        .map((group) => (
          <FactGroup key={group.role} group={group} item={item} />
        ))}
    </>
  );
}

function FactGroup({ group, item }: { group: Group; item: Item }) {
  const { role, facts, absent } = group;
  const absentKey = role === "measured" && !item.geometry ? "notMeasurable" : ABSENT[role];
  const showAbsent = absent.length > 0 && absentKey;
  if (facts.length === 0 && !showAbsent && role !== "position") return null;
  const surveyed = role === "measured" && !isDrawn(item);
  const hint = surveyed ? undefined : HINTS[role];
  const source = role === "stated" ? shortSource(item, lang.value) : "";
  return (
    <section class={`facts ${role}`}>
      <h3>{t(surveyed ? "groupMeasuredPlain" : TITLES[role])}</h3>
      {hint && facts.length > 0 && <p class="hint">{t(hint)}</p>}
      {role === "position" && <p>{placeOf(item, lang.value)}</p>}
      {facts.length > 0 && (
        <dl>
          {facts.map(({ label, value, formula, lang: valueLang }) => (
            <div key={label} class={isLong(value) ? "long" : undefined}>
              <dt>{label}</dt>
              <dd>
                <span lang={valueLang ? HTML_LANG[valueLang] : undefined}>{value}</span>
                {source && " "}
                {source && <small class="cite">{source}</small>}
              </dd>
              {formula && <dd class="formula">{formula}</dd>}
            </div>
          ))}
        </dl>
      )}
      {showAbsent && <p class="absent">{t(absentKey, { columns: absent.join(t("listSeparator")) })}</p>}
    </section>
  );
}

/** Texts go under their label, figures and words beside it. A Chinese character is as wide as two others. */
function isLong(value: string): boolean {
  return value.length + (value.match(/[\u3000-\uffef]/g)?.length ?? 0) > 30;
}
