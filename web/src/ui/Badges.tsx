import { noPlaceReason, placeOf, sureness } from "../facts";
import type { Item } from "../model";
import { lang, t } from "../state";
import { mapHandle } from "./map-handle";

/** How sure the place is: the first thing said of every project. */
export function Badges({ item }: { item: Item }) {
  if (!item.geometry) {
    return (
      <p class="badges">
        <span class="badge none">{t("noPlace")}</span>
        <span class="why">{t("noPlaceReason", { reason: noPlaceReason(item, lang.value) })}</span>
      </p>
    );
  }
  const sure = sureness(item, lang.value);
  return (
    <p class="badges">
      {sure && (
        <span class="badge" title={placeOf(item, lang.value)}>
          {sure}
        </span>
      )}
      <button type="button" onClick={() => mapHandle.peek()?.showItem(item)}>
        {t("showOnMap")}
      </button>
    </p>
  );
}
