"""Every download of every collection, read back by a program that did not write it, against the API's GeoJSON."""

import csv
import io
import math
import sys
import tempfile
import zipfile
from pathlib import Path

import geopandas
import openpyxl
import pyogrio
import shapely
from checks import Api, Checks
from shapely.geometry import shape

api, checks = Api(sys.argv[1]), Checks("formats")
folder = tempfile.TemporaryDirectory()


def read_csv(path, _):
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row, shapely.from_wkt(row["geometry"]) if row["geometry"] else None) for row in rows]


def read_xlsx(path, _):
    sheet = openpyxl.load_workbook(path, read_only=True)["data"]
    lines = sheet.iter_rows(values_only=True)
    names = next(lines)
    rows = [dict(zip(names, line)) for line in lines]
    return [(row, shapely.from_wkt(row["geometry"]) if row["geometry"] else None) for row in rows]


def of_frame(frame):
    geometry = frame.geometry if isinstance(frame, geopandas.GeoDataFrame) else [None] * len(frame)
    rows = frame.drop(columns="geometry", errors="ignore").to_dict("records")
    return [(row, place) for row, place in zip(rows, geometry)]


def read_ogr(path, _):
    return of_frame(pyogrio.read_dataframe(path))


def read_kml(path, _):
    # The column `id` is GDAL's own, for the attribute of a placemark; the data's comes after it.
    rows = read_ogr(path, _)
    return [({**row, "id": row["id2"]}, place) for row, place in rows]


def read_parquet(path, _):
    return of_frame(geopandas.read_parquet(path))


def read_shp(path, collection):
    # Names are cut to ten letters and texts to 254 bytes: the files beside them have both whole.
    with zipfile.ZipFile(path) as archive:
        table = lambda name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))  # noqa: E731
        members = archive.namelist()
        names = {row["field"]: row["column"] for row in table("columns.csv")}
        texts = {}
        for row in table("texts.csv") if "texts.csv" in members else []:
            texts[(row["id"], row["column"])] = row["text"]
    layers = [name for name in members if name.endswith((".shp", ".dbf"))]
    layers = sorted({name.rsplit(".", 1)[0] for name in layers})
    rows = []
    for layer in layers:
        ending = "shp" if f"{layer}.shp" in members else "dbf"
        for row, place in of_frame(pyogrio.read_dataframe(f"/vsizip/{{{path}}}/{layer}.{ending}")):
            whole = {names.get(name, name): value for name, value in row.items()}
            whole |= {column: text for (feature, column), text in texts.items() if feature == whole["id"]}
            rows.append((whole, place))
    return rows


READERS = {
    "geojson": read_ogr,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "gpkg": read_ogr,
    "fgb": read_ogr,
    "shp": read_shp,
    "kml": read_kml,
    "parquet": read_parquet,
    "jsonfg": read_ogr,
}


def same_value(read, said):
    if read is None or read == "" or (isinstance(read, float) and math.isnan(read)):
        return said is None
    if said is None:
        # pandas has its own nothing.
        return str(read) in ("nan", "None", "<NA>", "NaT")
    if isinstance(said, bool):
        return str(read).lower() in (("true", "1", "1.0") if said else ("false", "0", "0.0"))
    if isinstance(said, (int, float)):
        return math.isclose(float(read), said, rel_tol=1e-12)
    return str(read) == said


def plain(place):
    """A shape as a set of rings and lines: formats differ in which way round they write them, and in multi-parts of one."""
    if place is None or place.is_empty:
        return None
    while hasattr(place, "geoms") and len(place.geoms) == 1:
        place = place.geoms[0]
    return shapely.normalize(place)


def same_place(read, said):
    read, said = plain(read), plain(said)
    if read is None or said is None:
        return read is said
    return read.equals_exact(said, 1e-9)


described = {link["type"] for link in api.collections()[0]["links"] if link["rel"] == "items"}
checks.true("every format is read here", len(described) == len(READERS) + 1, described)  # and HTML
for collection in api.collections():
    name = collection["id"]
    features = {feature["id"]: feature for feature in api.items(name)}
    for form, reader in READERS.items():
        path = str(Path(folder.name) / f"{name}.{form}")
        Path(path).write_bytes(api.bytes(f"/collections/{name}/items", f=form, limit=10000))
        rows = reader(path, name)
        checks.same(f"{name} as {form}: ids", sorted(str(row["id"]) for row, _ in rows), sorted(features))
        values = places = True
        for row, place in rows:
            feature = features[str(row["id"])]
            for column, said in feature["properties"].items():
                # A format without a schema may leave a column out where nothing is in it.
                read = row.get(column) if form in ("geojson", "jsonfg", "kml") else row[column]
                if not same_value(read, said):
                    values = checks.true(f"{name} as {form}: {feature['id']}.{column}", False, f"{read!r} for {said!r}")
            said = shape(feature["geometry"]) if feature["geometry"] else None
            if not same_place(place, said):
                places = checks.true(f"{name} as {form}: {feature['id']}", False, f"{place} for {said}")
        checks.true(f"{name} as {form}: values", values is True, "see above")
        checks.true(f"{name} as {form}: places", places is True, "see above")

# The other grid: the API sends its authority's order, the files x before y.
for form in ("gpkg", "fgb", "parquet", "shp"):
    path = str(Path(folder.name) / f"grid.{form}")
    Path(path).write_bytes(api.bytes("/collections/parcels/items", f=form, limit=10000, crs="EPSG:4549"))
    frame = geopandas.read_parquet(path) if form == "parquet" else pyogrio.read_dataframe(path if form != "shp" else f"/vsizip/{{{path}}}")
    checks.same(f"grid as {form}", frame.crs.to_epsg(), 4549)
    ours = geopandas.GeoDataFrame.from_features(api.items("parcels"), crs="OGC:CRS84").to_crs("EPSG:4549")
    read, said = frame.total_bounds, ours.total_bounds
    checks.true(f"grid as {form}: bounds", max(abs(read - said)) < 0.02, f"{read} for {said}")

sys.exit(checks.end())
