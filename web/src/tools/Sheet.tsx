// What is on the paper, in millimetres.

import type Style from "ol/style/Style.js";
import { useEffect, useRef } from "preact/hooks";
import { formatNumber } from "../format";
import { hrefFor } from "../history";
import { tt } from "../i18n/tools";
import { drawSwatch } from "../map/draw";
import type { Shape } from "../map/palette";
import { styleOf } from "../map/style";
import { subjectOf } from "../map/subject";
import { CONTEXT, type Text } from "../model";
import { collections, columns, legendOrder, noLegalForce, readyPlan, say, t, view } from "../state";
import { convergence, gridLines, type Layout, scaleBar } from "./print-layout";
import type { PrintedMap } from "./print-map";
import { QrCode } from "./qr";

interface SheetProps {
  layout: Layout;
  scale: number;
  ground: readonly [number, number, number, number];
  title: string;
  printed: PrintedMap | null;
}

export function Sheet({ layout, scale, ground, title, printed }: SheetProps) {
  const plan = readyPlan.value;
  if (!plan) return null;
  const figure = view.value?.figure;
  const link = new URL(hrefFor({ print: null }), location.href).href;
  const [west, south, east, north] = ground;
  const turn = convergence((west + east) / 2, (south + north) / 2);
  return (
    <>
      <header class="sheet-head">
        <h1>{title}</h1>
        <p>
          {figure && <span>{t("figure", { number: figure.number, caption: say(figure.caption) })}</span>}
          <span>{noLegalForce()}</span>
        </p>
      </header>
      <Frame layout={layout} scale={scale} ground={ground} printed={printed} />
      <aside class="sheet-side">
        <div class="sheet-north">
          <NorthArrow degrees={turn} />
          <p>{tt("printNorth", { degrees: formatNumber(Math.abs(turn), 2) })}</p>
        </div>
        <ScaleBar scale={scale} />
        <PrintLegend printed={printed} />
        <div class="sheet-link">
          <QrCode text={link} label={tt("qrLabel")} />
          <p>{decodeURI(link)}</p>
        </div>
      </aside>
      <footer class="sheet-foot">
        <p>
          {tt("printSource", {
            source: t("sourceDocument", { title: say(plan.source_title), issued: plan.issued }),
          })}
          {plan.attribution.map((one) => (
            <span key={one.zh}>{say(one)}</span>
          ))}
        </p>
        <p>
          <span>{tt("printCrs")}</span>
          <span>{tt("printVersion", { version: plan.version.slice(0, 12) })}</span>
          <span>{tt("printDate", { date: new Date().toLocaleDateString("sv") })}</span>
          <span class="approval">
            {tt("printApproval", { number: plan.map_approval ? say(plan.map_approval) : "__________" })}
          </span>
        </p>
      </footer>
    </>
  );
}

function Frame({ layout, scale, ground, printed }: Omit<SheetProps, "title">) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (printed) place.current?.replaceChildren(printed.canvas);
    else place.current?.replaceChildren();
  }, [printed]);
  const { width, height } = layout.frame;
  const { eastings, northings } = gridLines(ground, scale);
  return (
    <div class="sheet-frame" aria-busy={printed === null}>
      <div
        ref={place}
        class="sheet-map"
        role="img"
        aria-label={tt("printMapLabel", { scale: formatNumber(scale) })}
      />
      <svg class="sheet-grid" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {eastings.map(({ metres, at }) => (
          <g key={metres}>
            <path d={`M${at} 0v2.5M${at} ${height}v-2.5`} />
            {northings.map((line) => (
              <path key={line.metres} d={`M${at - 1.5} ${line.at}h3M${at} ${line.at - 1.5}v3`} />
            ))}
            <Label x={at} y={5} text={formatNumber(metres)} />
            <Label x={at} y={height - 3.2} text={formatNumber(metres)} />
          </g>
        ))}
        {northings.map(({ metres, at }) => (
          <g key={metres}>
            <path d={`M0 ${at}h2.5M${width} ${at}h-2.5`} />
            <Label x={4.5} y={at} text={formatNumber(metres)} upright />
            <Label x={width - 3} y={at} text={formatNumber(metres)} upright />
          </g>
        ))}
        <path class="neat" d={`M0 0h${width}v${height}h${-width}z`} />
      </svg>
    </div>
  );
}

function Label({ x, y, text, upright = false }: { x: number; y: number; text: string; upright?: boolean }) {
  return (
    <text x={x} y={y} text-anchor="middle" transform={upright ? `rotate(-90 ${x} ${y})` : undefined}>
      {text}
    </text>
  );
}

/** True north, to which the grid's north is turned. */
function NorthArrow({ degrees }: { degrees: number }) {
  return (
    <svg viewBox="0 0 20 26" role="img" aria-label={tt("north")}>
      <g transform={`rotate(${-degrees} 10 15)`}>
        <path d="M10 5L15.5 24L10 20Z" fill="#111" />
        <path d="M10 5L4.5 24L10 20Z" fill="#fff" stroke="#111" stroke-width="0.6" stroke-linejoin="round" />
      </g>
      <text x="10" y="4" text-anchor="middle">
        N
      </text>
    </svg>
  );
}

function ScaleBar({ scale }: { scale: number }) {
  const { metres, millimetres } = scaleBar(scale);
  const quarter = millimetres / 4;
  return (
    <div class="sheet-scale">
      <strong>1:{formatNumber(scale)}</strong>
      <svg
        class="bar"
        viewBox={`-3 -4 ${millimetres + 12} 7`}
        width={`${millimetres + 12}mm`}
        height="7mm"
        role="img"
        aria-label={t("scale", { length: `${formatNumber(metres)} m` })}
      >
        {[0, 1, 2, 3].map((at) => (
          <rect
            key={at}
            x={at * quarter}
            y="0"
            width={quarter}
            height="1.6"
            fill={at % 2 === 0 ? "#111" : "#fff"}
            stroke="#111"
            stroke-width="0.2"
          />
        ))}
        <text x="0" y="-1">
          0
        </text>
        <text x={millimetres / 2} y="-1">
          {formatNumber(metres / 2)}
        </text>
        <text x={millimetres} y="-1">
          {formatNumber(metres)} m
        </text>
      </svg>
    </div>
  );
}

interface Entry {
  key: string;
  title: string;
  shape: Shape;
  styles: Style[];
}

/** Only what is in the frame, in the order of the legend. */
function entriesOf(printed: PrintedMap): { collection: string; title: string; entries: Entry[] }[] {
  const { own, others } = legendOrder.peek();
  const ground = collections.peek().get(CONTEXT);
  return [...own, ...others, ...(ground ? [ground] : [])].flatMap((collection) => {
    const column = columns.peek().get(collection.style.class_column ?? "");
    const entries = new Map<string, Entry>();
    for (const feature of printed.features) {
      if (feature.get("collection") !== collection.id) continue;
      const subject = subjectOf(feature);
      const styles = styleOf(feature, 1);
      if (!subject || !styles) continue;
      const key = `${subject.kind}|${subject.shape}|${subject.state}`;
      if (entries.has(key)) continue;
      const of: Text | undefined = column?.values?.find(({ code }) => code === subject.kind);
      const title = of ? say(of) : column ? t("notStated") : say(collection.title);
      entries.set(key, { key, title, shape: subject.shape, styles });
    }
    if (entries.size === 0) return [];
    const order = column?.values?.map(({ code }) => code) ?? [];
    const rank = ({ key }: Entry) => order.indexOf(key.split("|")[0] ?? "") + 1 || order.length + 1;
    const sorted = [...entries.values()].sort((a, b) => rank(a) - rank(b));
    return [{ collection: collection.id, title: say(collection.title), entries: sorted }];
  });
}

function PrintLegend({ printed }: { printed: PrintedMap | null }) {
  if (!printed) return <div class="sheet-legend" />;
  return (
    <div class="sheet-legend">
      <h2>{tt("legend")}</h2>
      {entriesOf(printed).map(({ collection, title, entries }) => (
        <section key={collection}>
          {(entries.length > 1 || entries[0]?.title !== title) && <h3>{title}</h3>}
          <ul>
            {entries.map((entry) => (
              <li key={entry.key}>
                <PrintSwatch entry={entry} />
                {entry.title}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function PrintSwatch({ entry }: { entry: Entry }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    // As many dots as the finest print asks for.
    if (canvas.current) drawSwatch(canvas.current, entry.styles, entry.shape, { width: 26, height: 14 }, 4);
  }, [entry]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas without a tabindex takes no focus
  return <canvas ref={canvas} aria-hidden="true" />;
}
