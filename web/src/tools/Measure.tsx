import "./tools.css";
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import MultiPoint from "ol/geom/MultiPoint.js";
import Polygon from "ol/geom/Polygon.js";
import VectorLayer from "ol/layer/Vector.js";
import { fromLonLat, toLonLat } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import { useEffect, useState } from "preact/hooks";
import { formatNumber } from "../format";
import { tt } from "../i18n/tools";
import type { MapHandle } from "../map/map";
import { announcement, lang, measure, projection, t } from "../state";
import { MAP_ID } from "../ui/focus";
import { mapHandle } from "../ui/map-handle";
import { area, distance, length } from "./geodesy";
import { backToTools } from "./tool";

type Point = [lon: number, lat: number];

const STYLES = [
  new Style({
    fill: new Fill({ color: "rgba(11,92,173,0.15)" }),
    stroke: new Stroke({ color: "#fff", width: 6 }),
  }),
  new Style({
    stroke: new Stroke({ color: "#0b5cad", width: 3 }),
    image: new CircleStyle({
      radius: 5,
      fill: new Fill({ color: "#fff" }),
      stroke: new Stroke({ color: "#0b5cad", width: 2.5 }),
    }),
  }),
];

export function showLength(metres: number): string {
  return metres < 1000 ? `${formatNumber(metres, 1)}\u00a0m` : `${formatNumber(metres / 1000, 3)}\u00a0km`;
}

/** Square metres, and the unit that such an area is spoken of in. */
export function showArea(squareMetres: number): string[] {
  const metres = `${formatNumber(squareMetres, squareMetres < 1000 ? 1 : 0)}\u00a0㎡`;
  if (squareMetres < 1e6) {
    const hectares = formatNumber(squareMetres / 1e4, 3);
    const mu = formatNumber(squareMetres / (10_000 / 15), 2);
    return lang.value === "zh"
      ? [metres, `${hectares}\u00a0公顷`, `${mu}\u00a0亩`]
      : [metres, `${hectares}\u00a0ha`];
  }
  return [`${formatNumber(squareMetres / 1e6, 3)}\u00a0km²`, metres];
}

function draw(handle: MapHandle, source: VectorSource, points: readonly Point[], closed: boolean): void {
  const code = handle.map.getView().getProjection();
  const coordinates = points.map((point) => fromLonLat(point, code));
  source.clear();
  if (coordinates.length === 0) return;
  source.addFeature(
    new Feature(
      closed && coordinates.length > 2
        ? new Polygon([[...coordinates, coordinates[0] as number[]]])
        : new LineString(coordinates),
    ),
  );
  source.addFeature(new Feature(new MultiPoint(coordinates)));
}

export function Measure() {
  const kind = measure.value ?? "length";
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [source] = useState(() => new VectorSource());
  const handle = mapHandle.value;

  useEffect(() => {
    if (!handle) return undefined;
    const layer = new VectorLayer({ source, style: STYLES });
    handle.map.addLayer(layer);
    handle.take((coordinate) => {
      const at = toLonLat(coordinate, handle.map.getView().getProjection()) as Point;
      setPoints((before) => [...before, at]);
    });
    // Whoever works by keys sets the points with Enter on the map.
    document.getElementById(MAP_ID)?.focus();
    return () => {
      handle.take(null);
      handle.map.removeLayer(layer);
    };
  }, [handle, source]);

  const { value: grid } = projection;
  useEffect(() => {
    if (handle) draw(handle, source, points, kind === "area");
    void grid;
  }, [handle, source, points, kind, grid]);

  const rows = figures(points, kind);
  const spoken = rows.map(([label, value]) => `${label} ${value}`).join(lang.value === "zh" ? "，" : ", ");
  useEffect(() => {
    if (spoken) announcement.value = spoken;
  }, [spoken]);

  const close = () => {
    measure.value = null;
    backToTools();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  return (
    <section class="tool-panel" aria-label={tt("measureTitle")} onKeyDown={onKey}>
      <header>
        <h2>{t(kind === "area" ? "toolArea" : "toolLength")}</h2>
        <button type="button" class="close-tool" aria-label={tt("closeTool")} onClick={close}>
          ×
        </button>
      </header>
      <p class="hint">{tt("measureHint")}</p>
      {rows.length > 0 && (
        <dl>
          {rows.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <div class="tool-buttons">
        <button
          type="button"
          onClick={() => {
            measure.value = kind === "area" ? "length" : "area";
          }}
        >
          {t(kind === "area" ? "toolLength" : "toolArea")}
        </button>
        <button type="button" disabled={points.length === 0} onClick={() => setPoints(points.slice(0, -1))}>
          {tt("undoPoint")}
        </button>
        <button type="button" disabled={points.length === 0} onClick={() => setPoints([])}>
          {tt("clearPoints")}
        </button>
      </div>
      <p class="hint">{tt("measureNote")}</p>
    </section>
  );
}

function figures(points: readonly Point[], kind: "length" | "area"): [string, string][] {
  const last = points.at(-1);
  const before = points.at(-2);
  if (!last || !before) return [];
  const ring = kind === "area" && points.length > 2;
  const whole = ring ? length([...points, points[0] as Point]) : length(points);
  const rows: [string, string][] = ring ? [[tt("area"), showArea(area(points)).join(" · ")]] : [];
  rows.push([tt(ring ? "perimeter" : "length"), showLength(whole)]);
  if (!ring && points.length > 2) rows.push([tt("lastLeg"), showLength(distance(before, last))]);
  return rows;
}
