// Under the map: its scale and the coordinates under the pointer, or in the middle of the map.

import { formatNumber } from "../format";
import { toGauss } from "../map/gauss";
import { sight } from "../map/place";
import { scaleLine } from "../map/scale";
import { lang, projection, t } from "../state";

const SCALE_WIDTH = 110;
const PIXEL_METRES = 0.0254 / 96;

/** `1:9 500`, to two figures: a screen's pixels are never quite what they claim. */
export function scaleText(): string {
  const ratio = (sight.value?.metresPerPixel ?? 0) / PIXEL_METRES;
  if (!ratio) return "";
  const step = 10 ** Math.max(0, Math.floor(Math.log10(ratio)) - 1);
  return `1:${formatNumber(Math.round(ratio / step) * step)}`;
}

/** Six decimals of a degree and two of a metre are both finer than anything that the plan knows. */
export function placeParts(): [first: string, second: string] | null {
  const at = sight.value?.at;
  if (!at) return null;
  if (projection.value !== "4549") return [`${at[1].toFixed(6)}°N`, `${at[0].toFixed(6)}°E`];
  const [east, north] = toGauss(...at);
  const fixed = (value: number) => formatNumber(Number(value.toFixed(2))).replace(/(\.\d)$/, "$10");
  const whole = (text: string) => (text.includes(".") ? text : `${text}.00`);
  // The plane's own order: northing (X) before easting (Y), as on statutory drawings.
  return [`X ${whole(fixed(north))}`, `Y ${whole(fixed(east))}`];
}

export function spokenPlace(): string {
  return placeParts()?.join(lang.value === "zh" ? "，" : ", ") ?? "";
}

export function MapStatus() {
  const place = sight.value;
  if (!place) return null;
  const { metres, pixels } = scaleLine(place.metresPerPixel, SCALE_WIDTH);
  const label = metres >= 1000 ? `${formatNumber(metres / 1000)} km` : `${formatNumber(metres)} m`;
  const gauss = projection.value === "4549";
  const parts = placeParts();
  return (
    <div class="map-status">
      <div class="scale" role="img" aria-label={t("scale", { length: label })}>
        <span>{label}</span>
        <svg width={pixels + 2} height="7" aria-hidden="true">
          <path d={`M1 0V5.5H${pixels + 1}V0`} fill="none" stroke="#fff" stroke-width="4" />
          <path d={`M1 0V5.5H${pixels + 1}V0`} fill="none" stroke="#222" stroke-width="1.5" />
        </svg>
      </div>
      <span class="ratio" title={t("scaleOnScreen")}>
        {scaleText()}
      </span>
      <span class="coordinates" data-at={place.at.join(",")}>
        <span>{parts?.[0]}</span> <span>{parts?.[1]}</span>
      </span>
      <button
        type="button"
        class="grid-switch"
        aria-pressed={gauss}
        title={t("gridSwitchHint")}
        onClick={() => {
          projection.value = gauss ? null : "4549";
        }}
      >
        {t(gauss ? "gridGauss" : "gridLonLat")}
      </button>
    </div>
  );
}
