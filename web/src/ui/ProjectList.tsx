import { useEffect } from "preact/hooks";
import { accuracyOf, noPlaceReason } from "../facts";
import { formatNumber } from "../format";
import { pageOfFeature } from "../history";
import { loadLists } from "../load";
import { listOf, retryList } from "../map/whole";
import { type Collection, type Item, sameRef } from "../model";
import { lang, legendOrder, nameOf, say, selected, t, visible } from "../state";
import { openFrom, rowId } from "./focus";
import { isPlainClick } from "./link";

/** Every project by layer, those that no map can show included. */
export function ProjectList() {
  useEffect(() => void loadLists(), []);
  const { own, others } = legendOrder.value;
  return (
    <div class="projects">
      {[...own, ...others].map((collection) => (
        <ListGroup key={collection.id} collection={collection} open={visible.value.has(collection.id)} />
      ))}
    </div>
  );
}

export function ListGroup({ collection, open }: { collection: Collection; open: boolean }) {
  const list = listOf(collection.id);
  const count = collection.numberOfFeatures;
  const matched = list?.state === "ready" ? list.value.numberMatched : count;
  return (
    <details open={open}>
      <summary>
        <h2>{say(collection.title)}</h2>
        <span class="count">
          {matched < count
            ? t("countSome", { matched, count })
            : t(count === 1 ? "countOne" : "countAll", { count })}
        </span>
      </summary>
      {(!list || list.state === "loading") && <p class="hint">{t("loading")}</p>}
      {list?.state === "failed" && (
        <p class="hint" role="alert">
          {t("listFailed", { layer: say(collection.title) })}{" "}
          <button type="button" onClick={() => retryList(collection.id)}>
            {t("retry")}
          </button>
        </p>
      )}
      {list?.state === "ready" && (
        <>
          {list.value.numberReturned < list.value.numberMatched && (
            <p class="hint">
              {t("listPartial", { matched: list.value.numberMatched, returned: list.value.numberReturned })}
            </p>
          )}
          <ul>
            {list.value.features.map((item) => (
              <Row key={item.id} collection={collection} item={item} />
            ))}
          </ul>
        </>
      )}
    </details>
  );
}

function Row({ collection, item }: { collection: Collection; item: Item }) {
  const ref = { collection: collection.id, id: item.id };
  const metres = accuracyOf(item);
  return (
    <li>
      <a
        id={rowId(ref)}
        href={pageOfFeature(ref)}
        aria-current={sameRef(selected.value, ref) ? "true" : undefined}
        onClick={(event) => {
          if (!isPlainClick(event)) return;
          event.preventDefault();
          openFrom(rowId(ref), ref);
        }}
      >
        <span class="project-name">{nameOf(item.properties, item.id)}</span>
        {item.geometry ? (
          metres !== null && <span class="accuracy">{t("plusMinus", { metres: formatNumber(metres) })}</span>
        ) : (
          <span class="no-place">
            <b>{t("noPlace")}</b> {noPlaceReason(item, lang.value)}
          </span>
        )}
      </a>
    </li>
  );
}
