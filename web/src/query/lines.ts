// One query as other programs take it. Pure.

import { itemsPath, type Query } from "./query-url";

export interface Lines {
  lineOgc: string;
  lineCurl: string;
  lineOgr: string;
  lineQgis: string;
}

/** For a shell: nothing in single quotes means anything to it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function pythonQuoted(text: string): string {
  return JSON.stringify(text);
}

/** All of the query: as pages by the address, as a file by the other lines. */
export function linesFor(query: Query, sortby: string, origin: string, plan: string): Lines {
  const { collection, params } = query;
  const name = [plan, collection]
    .filter(Boolean)
    .join("-")
    .replace(/[^\w.-]+/g, "-");
  const all = [...params, ...(sortby ? [["sortby", sortby]] : []), ["f", "gpkg"]];
  const data = all.map(([key, value]) => `--data-urlencode ${shellQuoted(`${key}=${value}`)}`).join(" ");
  const items = `${origin}/collections/${encodeURIComponent(collection)}/items`;
  const target = shellQuoted(`${name}.gpkg`);

  // Their drivers have a way to say a filter and a box, and follow the pages by themselves; a name or a time they
  // can only be given as part of an address, here of a file that is whole.
  const filter = params.get("filter") ?? "";
  const box = params.get("bbox");
  const sayable = [...params.keys()].every((key) => key === "filter" || key === "bbox");
  const plain = sayable && !/\b(DATE|TIMESTAMP)\(|= (TRUE|FALSE)\b/.test(filter);
  const file = `${origin}${itemsPath(query, { f: "fgb" })}`;
  const where = filter ? ` -where ${shellQuoted(filter)}` : "";
  const spat = box ? ` -spat ${box.replaceAll(",", " ")}` : "";
  // A layer may hold points and areas, and an id that is a text.
  const suits = "-nlt GEOMETRY -lco FID=fid_";
  const layer = shellQuoted(collection);
  const source = `typename='${collection}' url='${origin}/'`;
  return {
    lineOgc: `${origin}${itemsPath(query, { sortby, limit: "10000" })}`,
    lineCurl: `curl -fsS -G ${shellQuoted(items)} ${data} -o ${target}`,
    lineOgr: plain
      ? `ogr2ogr -f GPKG ${target} ${shellQuoted(`OAPIF:${origin}`)} ${layer} ${suits}${where}${spat}`
      : `ogr2ogr -f GPKG ${target} ${shellQuoted(file)} -nln ${layer} ${suits}`,
    lineQgis:
      plain && !box
        ? `layer = iface.addVectorLayer(${pythonQuoted(source)}, ${pythonQuoted(collection)}, "OAPIF");${
            filter ? ` layer.setSubsetString(${pythonQuoted(filter)})` : ""
          }`
        : `layer = iface.addVectorLayer(${pythonQuoted(file)}, ${pythonQuoted(collection)}, "ogr")`,
  };
}
