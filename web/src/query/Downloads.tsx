// The query as a file, and as a line for other programs. Both ask for exactly what the table counts.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { tq } from "../i18n/query";
import type { Collection } from "../model";
import { ROOT } from "../root";
import { announcement, readyPlan } from "../state";
import { linesFor } from "./lines";
import { query, sortParam } from "./query";
import { itemsPath } from "./query-url";
import { lastRows } from "./rows";

/** Files are whole; what is JSON comes by pages, of at most so many. */
const PAGE_LIMIT = 10_000;
const PAGED = new Set(["geojson", "jsonfg"]);

// The server's links say which forms there are; these say it to people.
const NAMES: Record<string, string> = {
  csv: "",
  xlsx: "",
  shp: "",
  geojson: "GeoJSON",
  gpkg: "GeoPackage",
  fgb: "FlatGeobuf",
  kml: "KML",
  parquet: "GeoParquet",
  jsonfg: "JSON-FG",
};

function nameOfFormat(format: string): string {
  if (format === "csv") return tq("formatCsv");
  if (format === "xlsx") return tq("formatXlsx");
  if (format === "shp") return tq("formatShp");
  return NAMES[format] ?? format;
}

/** The forms that the page's own links offer, those that most people open first. */
function formats(): string[] {
  const offered = (lastRows.value?.links ?? [])
    .filter(({ rel }) => rel === "alternate")
    .flatMap(({ href }) => new URL(href, location.href).searchParams.get("f") ?? []);
  const files = new Set(["geojson", ...offered.filter((format) => format !== "html")]);
  const order = Object.keys(NAMES);
  const rank = (format: string) => (order.includes(format) ? order.indexOf(format) : order.length);
  return [...files].sort((a, b) => rank(a) - rank(b));
}

export function Downloads({ collection }: { collection: Collection }) {
  const asked = query.value;
  const matched = lastRows.value?.numberMatched ?? 0;
  if (!asked || asked.collection !== collection.id || matched === 0) return null;
  const sortby = sortParam.value;
  const lines = linesFor(asked, sortby, location.origin + ROOT, readyPlan.value?.id ?? "");
  return (
    <>
      <Menu label={tq("download")}>
        <p class="hint">
          {tq("downloadHint", { count: matched })}
          {matched > PAGE_LIMIT && ` ${tq("downloadPaged", { limit: PAGE_LIMIT })}`}
        </p>
        <ul>
          {formats().map((format) => (
            <li key={format}>
              <a
                href={
                  ROOT +
                  itemsPath(asked, {
                    sortby,
                    limit: PAGED.has(format) ? String(PAGE_LIMIT) : "",
                    f: format,
                  })
                }
                download={`${collection.id}.${format === "shp" ? "zip" : format}`}
              >
                {nameOfFormat(format)}
              </a>
            </li>
          ))}
        </ul>
      </Menu>
      <Menu label={tq("copyLines")}>
        <p class="hint">{tq("copyHint")}</p>
        <ul>
          {(["lineOgc", "lineCurl", "lineOgr", "lineQgis"] as const).map((key) => (
            <Line key={key} name={tq(key)} line={lines[key]} />
          ))}
        </ul>
      </Menu>
    </>
  );
}

/** A button and what it opens; Escape and a click elsewhere close it. */
function Menu({ label, children }: { label: string; children: preact.ComponentChildren }) {
  const frame = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const at = frame.current;
      if (at?.open && !at.contains(event.target as Node)) at.open = false;
    };
    addEventListener("pointerdown", close);
    addEventListener("focusin", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("focusin", close);
    };
  }, []);
  return (
    <details
      ref={frame}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !frame.current?.open) return;
        event.stopPropagation();
        frame.current.open = false;
        frame.current.querySelector("summary")?.focus();
      }}
    >
      <summary>{label}</summary>
      <div class="menu-body">{children}</div>
    </details>
  );
}

function Line({ name, line }: { name: string; line: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const said = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      said.value = tq("copied", { what: name });
    } catch {
      // Over plain http, or refused: the reader's own copy command still works.
      field.current?.select();
      said.value = tq("selectedToCopy");
    }
    announcement.value = said.value;
  };
  return (
    <li class="line">
      <p>
        <span>{name}</span>
        <span class="hint">{said.value}</span>
        <button type="button" aria-label={`${tq("copy")} ${name}`} onClick={() => void copy()}>
          {tq("copy")}
        </button>
      </p>
      <textarea ref={field} readOnly rows={2} aria-label={name} value={line} spellcheck={false} />
    </li>
  );
}
