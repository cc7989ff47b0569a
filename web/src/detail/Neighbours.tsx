// What lies near a project, nearest first. Distances are the server's, between the shapes as drawn.

import { useSignal } from "@preact/signals";
import { fetchPage } from "../api";
import { formatNumber } from "../format";
import { hrefOfFeature } from "../history";
import { tq } from "../i18n/query";
import { CONTEXT, type Collection, type FeatureRef, type ItemPage } from "../model";
import { itemsPath } from "../query/query-url";
import { collections, nameOf, say, select, t, worksId } from "../state";
import { LoadFailed, useAnswer } from "../ui/later";
import { isPlainClick } from "../ui/link";

const WITHIN_M = 300;
const SHOWN = 8;

export function Neighbours({ feature }: { feature: FeatureRef }) {
  const others = useSignal(false);
  const all = [...collections.value.values()].filter(({ id }) => id !== CONTEXT);
  // What people ask first: is the street dug up?
  const first = all.filter(({ id }) => id === worksId.value && id !== feature.collection);
  return (
    <section class="nearby">
      <h3>{tq("nearby", { metres: WITHIN_M })}</h3>
      <p class="hint">{tq("nearbyHint")}</p>
      {first.map((collection) => (
        <Near key={collection.id} collection={collection} feature={feature} sayNone />
      ))}
      <details
        onToggle={(event) => {
          others.value = event.currentTarget.open;
        }}
      >
        <summary>{tq("nearbyOthers")}</summary>
        {others.value &&
          all
            .filter((collection) => !first.includes(collection))
            .map((collection) => <Near key={collection.id} collection={collection} feature={feature} />)}
      </details>
    </section>
  );
}

interface NearProps {
  collection: Collection;
  feature: FeatureRef;
  sayNone?: boolean;
}

function Near({ collection, feature, sayNone = false }: NearProps) {
  const params = new URLSearchParams({
    near: `${feature.collection}/${feature.id}`,
    within: String(WITHIN_M),
    properties: "name_zh,name_en",
    // One more than is shown: a feature is near itself.
    limit: String(SHOWN + 1),
  });
  const url = itemsPath({ collection: collection.id, params }, {});
  const { load, retry } = useAnswer(url, (signal) => fetchPage(url, signal));
  if (load.state === "loading") return sayNone ? <p class="hint">{t("loading")}</p> : null;
  if (load.state === "failed") {
    return <LoadFailed retry={retry} />;
  }
  return <Found collection={collection} feature={feature} page={load.value} sayNone={sayNone} />;
}

function Found({ collection, feature, page, sayNone }: NearProps & { page: ItemPage }) {
  const own = collection.id === feature.collection;
  const near = page.features.filter(({ id }) => !own || id !== feature.id);
  const count = page.numberMatched - (page.features.length - near.length);
  const layer = say(collection.title);
  if (count === 0) {
    return sayNone ? <p>{tq("nearbyNone", { layer, metres: WITHIN_M })}</p> : null;
  }
  const shown = near.slice(0, SHOWN);
  return (
    <>
      <h4>{layer}</h4>
      <ul>
        {shown.map((item) => {
          const ref = { collection: collection.id, id: item.id };
          const metres = item.properties.distance_m;
          return (
            <li key={item.id}>
              <a
                href={hrefOfFeature(ref)}
                onClick={(event) => {
                  if (!isPlainClick(event)) return;
                  event.preventDefault();
                  select(ref, "list");
                }}
              >
                {nameOf(item.properties, item.id)}
                <span>{typeof metres === "number" && distance(metres)}</span>
              </a>
            </li>
          );
        })}
      </ul>
      {count > shown.length && <p class="hint">{tq("nearbyMore", { count, shown: shown.length })}</p>}
    </>
  );
}

function distance(metres: number): string {
  return metres < 0.5 ? tq("touching") : tq("metres", { count: formatNumber(Math.round(metres)) });
}
