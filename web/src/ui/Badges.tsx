import { accuracyOf, noPlaceReason, placeOf } from "../facts";
import { formatNumber } from "../format";
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
  const metres = accuracyOf(item);
  return (
    <p class="badges">
      <span class="badge" title={placeOf(item, lang.value)}>
        {t("schematic")}
        {metres !== null && ` ${t("plusMinus", { metres: formatNumber(metres) })}`}
      </span>
      <button type="button" onClick={() => mapHandle.peek()?.showItem(item)}>
        {t("showOnMap")}
      </button>
    </p>
  );
}
