import { useEffect, useRef } from "preact/hooks";
import { hrefOfFeature, pageOfFeature } from "../history";
import { retrySelection } from "../load";
import { type FeatureRef, type Item, type Lang, sameRef } from "../model";
import { ROOT } from "../root";
import {
  type Candidate,
  candidates,
  collections,
  detail,
  findListed,
  isPhone,
  lang,
  lists,
  nameOf,
  say,
  select,
  selected,
  t,
} from "../state";
import { Badges } from "./Badges";
import { Facts } from "./Facts";
import { Findings } from "./Findings";
import { closeDetail } from "./focus";
import { later } from "./later";
import { isPlainClick } from "./link";
import { SheetHandle } from "./SheetHandle";
import { Source } from "./Source";

const Neighbours = later(async () => (await import("../detail/Neighbours")).Neighbours);

export function DetailPanel() {
  const ref = selected.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const load = detail.value;
  const state = load?.state ?? "loading";
  const key = ref ? `${ref.collection}:${ref.id}` : "";
  // Each new selection is read from its top.
  useEffect(() => {
    if (state !== "loading") heading.current?.focus();
  }, [key, state]);
  if (!ref) return null;
  return (
    <section class="detail" aria-label={t("detail")} aria-busy={state === "loading"}>
      {isPhone.value && <SheetHandle />}
      <button type="button" class="close" aria-label={t("close")} title={t("close")} onClick={closeDetail}>
        ×
      </button>
      {state === "loading" && <p class="hint">{t("loading")}</p>}
      {load?.state === "failed" && (
        <div role="alert">
          <h2 ref={heading} tabindex={-1}>
            {load.status === 404 ? t("unknownFeature", { id: ref.id }) : t("detailFailed")}
          </h2>
          {load.status !== 404 && (
            <button type="button" class="primary" onClick={retrySelection}>
              {t("retry")}
            </button>
          )}
        </div>
      )}
      {load?.state === "ready" && <Project item={load.value} feature={ref} heading={heading} />}
    </section>
  );
}

interface ProjectProps {
  item: Item;
  feature: FeatureRef;
  heading: { current: HTMLHeadingElement | null };
}

function Project({ item, feature, heading }: ProjectProps) {
  const collection = collections.value.get(feature.collection);
  if (!collection) return null;
  const otherLang: Lang = lang.value === "zh" ? "en" : "zh";
  const otherName = item.properties[`name_${otherLang}`];
  return (
    <>
      <p class="kicker">{say(collection.title)}</p>
      <h2 ref={heading} tabindex={-1}>
        {nameOf(item.properties, item.id)}
      </h2>
      {typeof otherName === "string" && otherName && (
        <p class="other-name" lang={otherLang === "zh" ? "zh-CN" : "en"}>
          {otherName}
        </p>
      )}
      <Badges item={item} />
      <Here />
      <Findings item={item} />
      <Facts item={item} collection={collection} roles={["stated", "derived", "measured"]} />
      <Relations item={item} />
      {item.geometry && <Neighbours feature={feature} key={`${feature.collection}:${item.id}`} />}
      <Facts item={item} collection={collection} roles={["position"]} />
      <Source item={item} />
      <Facts item={item} collection={collection} roles={["note"]} />
      <DataLinks feature={feature} />
    </>
  );
}

function DataLinks({ feature: { collection, id } }: { feature: FeatureRef }) {
  const items = `${ROOT}/collections/${encodeURIComponent(collection)}/items`;
  return (
    <nav class="raw" aria-label={t("dataLinks")}>
      {/* A page that works without this one: the address to keep, to send and to print. */}
      <a href={pageOfFeature({ collection, id })}>{t("permalink")}</a>
      <a href={`${items}?id=${encodeURIComponent(id)}&f=csv`}>CSV</a>
      <a href={`${items}/${encodeURIComponent(id)}`}>{t("rawData")}</a>
    </nav>
  );
}

/** Shapes overlap: all that lies under the click, to choose from. */
function Here() {
  const all = candidates.value;
  if (all.length < 2) return null;
  return (
    <nav class="here" aria-label={t("alsoHere", { count: all.length })}>
      <p>{t("hereAre", { count: all.length })}</p>
      <ul>
        {all.map((one) => (
          <li key={`${one.collection}:${one.id}`}>
            <FeatureLink feature={one} under={all}>
              {say(one.name)}
            </FeatureLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface FeatureLinkProps {
  feature: FeatureRef;
  under?: readonly Candidate[];
  children: string;
}

function FeatureLink({ feature: { collection, id }, under = [], children }: FeatureLinkProps) {
  const ref = { collection, id };
  return (
    <a
      href={hrefOfFeature(ref)}
      aria-current={sameRef(selected.value, ref) ? "true" : undefined}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        select(ref, under.length > 0 ? "map" : "list", under);
      }}
    >
      {children}
    </a>
  );
}

/** What the project is a part of, and what its parts are. */
function Relations({ item }: { item: Item }) {
  const parentId = item.properties.part_of;
  const parent = typeof parentId === "string" ? findListed(parentId) : null;
  const parts = [...lists.value].flatMap(([collection, list]) =>
    list.state === "ready"
      ? list.value.features
          .filter(({ properties }) => properties.part_of === item.id)
          .map((part) => ({ ref: { collection, id: part.id }, item: part }))
      : [],
  );
  if (!parent && parts.length === 0) return null;
  return (
    <div class="relations">
      {parent && (
        <p>
          <span>{t("partOf")}</span>{" "}
          <FeatureLink feature={parent.ref}>{nameOf(parent.item.properties, parent.ref.id)}</FeatureLink>
        </p>
      )}
      {parts.length > 0 && (
        <>
          <p>
            <span>{t("parts")}</span>
          </p>
          <ul>
            {parts.map(({ ref, item: part }) => (
              <li key={ref.id}>
                <FeatureLink feature={ref}>{nameOf(part.properties, ref.id)}</FeatureLink>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
