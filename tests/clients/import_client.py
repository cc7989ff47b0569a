"""Files that other programs wrote come in, and what the API then answers is what an independent reader finds in the file.

    import_client.py PROGRAM [FOLDER]

QGIS, LibreOffice and Python's libraries write a made-up town, in FOLDER where it is to be kept. Each file is put into a new
plan by `buju import`, served, and compared whole: count, ids, every column with its type and every value, every corner of every
shape within a millimetre. The reader is GDAL for all that GDAL places; sheets and tables are read by openpyxl and Python's csv.
Where the server gives another thing than the reader on purpose, the case says what and why; these hold for all:

- The server keeps two dimensions; an import tells of how many records it left heights out, and that number is compared.
- A text of blanks only is null: no format of tables tells the two apart.
- A shape of one part may be a single or a multiple one; an empty shape is none; rings turn as RFC 7946 has them.
- A time without a zone counts as UTC.
"""

import csv
import datetime
import math
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree
from pathlib import Path

import office_writer
import openpyxl
import pyarrow
import pyarrow.parquet
import pyogrio.raw
import pyproj
import python_writer
import shapefile
import shapely
from checks import Api, Checks
from town import COLUMNS

GRID = "EPSG:4549"
MILLIMETRE = 0.001

program = Path(sys.argv[1]).resolve()
checks = Checks("imports")
scratch = tempfile.TemporaryDirectory()
folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(scratch.name) / "files"
folder.mkdir(parents=True, exist_ok=True)


def write_files():
    here = Path(__file__).parent
    # QGIS is built for Debian's own Python, whatever other is first in the path; GDAL tells of each name that it cuts.
    done = subprocess.run(["/usr/bin/python3", here / "qgis_writer.py", folder], capture_output=True, text=True, errors="replace", timeout=300)
    checks.same("QGIS wrote its files", (done.returncode, done.stderr if done.returncode else ""), (0, ""))
    office_writer.write(folder)
    python_writer.write(folder)


# --- What an independent reader finds: a list of (values by header, shape), the CRS, and the type of each column. ---


def kind_of(arrow):
    if pyarrow.types.is_boolean(arrow):
        return "boolean"
    if pyarrow.types.is_integer(arrow):
        return "integer"
    if pyarrow.types.is_floating(arrow):
        return "number"
    if pyarrow.types.is_date(arrow):
        return "date"
    if pyarrow.types.is_timestamp(arrow):
        return "timestamp"
    if pyarrow.types.is_list(arrow):
        return "strings"
    return "string"


def by_gdal(file, layer=None, **options):
    """All that GDAL reads. Its Arrow interface keeps whole numbers whole beside nulls."""
    meta, table = pyogrio.raw.read_arrow(folder / file, layer=layer, **options)
    name = meta["geometry_name"] or "wkb_geometry"
    shapes = [None] * table.num_rows
    if name in table.column_names:
        shapes = [shapely.from_wkb(wkb) for wkb in table[name].to_pylist()]
        table = table.drop_columns([name])
    kinds = {field.name: kind_of(field.type) for field in table.schema}
    rows = table.to_pylist()
    if str(file).split(".")[1] == "fgb":
        days(rows, kinds)
    return list(zip(rows, shapes)), meta["crs"], kinds


def days(rows, kinds):
    """FlatGeobuf has no days, and its writers make midnights of them: a column of nothing else is one of days."""
    for name in [name for name, kind in kinds.items() if kind == "timestamp"]:
        moments = [row[name] for row in rows if row[name] is not None]
        if moments and all(moment.time() == datetime.time() for moment in moments):
            kinds[name] = "date"
            for row in rows:
                row[name] = row[name] and row[name].date()


def by_ogr2ogr(file):
    """As `by_gdal`, from ogr2ogr's copy: the Arrow interface of GDAL 3.12 stumbles over rows of a FlatGeobuf that have no place."""
    copy = folder / f"{file}.copy.gpkg"
    subprocess.run(["ogr2ogr", "-f", "GPKG", copy, folder / file], check=True, capture_output=True)
    return by_gdal(copy.name)


def by_kml(file, kinds):
    """Shapes as GDAL reads them; names and texts as they stand, for GDAL takes only those that a schema names."""
    space = "{http://www.opengis.net/kml/2.2}"
    rows = []
    for mark in xml.etree.ElementTree.parse(folder / file).iter(f"{space}Placemark"):
        row = {name: mark.findtext(f"{space}{name}") for name in ("name", "description")}
        row |= {data.get("name"): data.text for data in mark.iter(f"{space}SimpleData")}
        row |= {data.get("name"): data.findtext(f"{space}value") for data in mark.iter(f"{space}Data")}
        rows.append({header: row.get(header) for header in kinds})
    shapes, crs, _ = by_gdal(file)
    assert len(shapes) == len(rows)
    return [(row, shape) for row, (_, shape) in zip(rows, shapes)], crs, kinds


def placed(rows, shape):
    """Takes the columns of a place out of a table's rows."""
    return [shape(dict(row)) for row in rows]


def pair(east, north):
    def shape(row):
        x, y = row.pop(east), row.pop(north)
        return row, None if x in (None, "") else shapely.Point(float(x), float(y))

    return shape


def wkt(column):
    def shape(row):
        text = row.pop(column)
        return row, shapely.from_wkt(text) if text else None

    return shape


def by_csv(file, shape, kinds, crs, encoding="utf-8-sig", delimiter=","):
    with open(folder / file, encoding=encoding, newline="") as table:
        rows = list(csv.DictReader(table, delimiter=delimiter))
    return placed(rows, shape), crs, kinds


def by_openpyxl(file, shape, kinds, crs, sheet=None, header=1):
    book = openpyxl.load_workbook(folder / file, data_only=True)
    lines = list((book[sheet] if sheet else book.worksheets[0]).iter_rows(min_row=header, values_only=True))
    # A column without a name is called by its place; those behind the last name are nobody's.
    last = max(at for at, name in enumerate(lines[0]) if name is not None)
    names = [f"column_{at + 1}" if name is None else name for at, name in enumerate(lines[0][: last + 1])]
    rows = [dict(zip(names, line)) for line in lines[1:] if any(cell is not None for cell in line)]
    return placed(rows, shape), crs, kinds


# --- The comparison. ---


def run(*arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BUJU_")}
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, env=environment, cwd=folder)


class Served:
    """A plan folder on a free port, while it is compared."""

    def __init__(self, plan):
        told = [program, "serve", "--plan", plan, "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(told, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        for line in self.process.stderr:
            if found := re.match(r"(http://\S+)/ ", line):
                return Api(found[1])
        raise RuntimeError("the server did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=20)


def moment(value):
    if value.tzinfo:
        value = value.astimezone(datetime.timezone.utc)
    return value.replace(tzinfo=None)


def of_kind(value, kind):
    """A value as its column's type has it; texts are read for formats whose cells are all texts."""
    if value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "string":
        return value if isinstance(value, str) else str(value)
    if kind == "strings":
        return list(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else {"true": True, "false": False, "1": True, "0": False}[str(value).lower()]
    if kind == "integer":
        number = float(value)
        assert number.is_integer(), value
        return int(number) if isinstance(value, str) else int(value)
    if kind == "number":
        return float(value)
    if isinstance(value, str):
        digits = [int(part) for part in re.findall(r"\d+", value)]
        value = datetime.datetime(*digits[:6])
    if kind == "date":
        return f"{value:%Y-%m-%d}"
    return moment(value)


def of_api(value, kind):
    if kind == "timestamp" and value is not None:
        return moment(datetime.datetime.fromisoformat(value)) if value.endswith("Z") else value
    return value


def same_value(ours, theirs):
    # True is no 1 here.
    return isinstance(ours, bool) == isinstance(theirs, bool) and ours == theirs


def lines_of(shape):
    """The parts of a shape, each a list of its rings or its line."""
    if shape.geom_type.startswith(("Multi", "Geometry")):
        return [line for part in shape.geoms for line in lines_of(part)]
    if shape.geom_type == "Polygon":
        return [[shape.exterior, *shape.interiors]]
    return [[shape]]


def apart(ours, theirs):
    """Metres between two shapes in the grid, corner by corner; none where they are not of one build."""
    if (ours is None) != (theirs is None):
        return None
    if ours is None:
        return 0.0
    if ours.geom_type.removeprefix("Multi") != theirs.geom_type.removeprefix("Multi"):
        return None
    mine, other = lines_of(ours), lines_of(theirs)
    if [len(part) for part in mine] != [len(part) for part in other]:
        return None
    most = 0.0
    for line, their in ((line, their) for part, part_of in zip(mine, other) for line, their in zip(part, part_of)):
        line, their = list(line.coords), list(their.coords)
        if len(line) != len(their):
            return None
        ways = [their, their[::-1]] if ours.geom_type.endswith("Polygon") else [their]
        most = max(most, min(max(math.dist(a[:2], b[:2]) for a, b in zip(line, way)) for way in ways))
    return most


def in_grid(shape, crs):
    if shape is None or shape.is_empty:
        return None
    shape = shapely.force_2d(shape)
    if pyproj.CRS(crs) == pyproj.CRS(GRID):
        return shape
    way = pyproj.Transformer.from_crs(crs, GRID, always_xy=True)
    return shapely.transform(shape, lambda at: [way.transform(*point) for point in at])


def header_of(column):
    """A title is the file's header."""
    return column["title"]["zh"]


def bare(header):
    """A unit in brackets has a place of its own."""
    return re.sub(r"[（(](公顷|亩|米|㎡|m²|%)[）)]$", "", header)


number = 0
compared = []


def compare(file, expected, key="地块编号", options=(), types=None, left=(), renamed=None, says=(), title=""):
    """Imports a file and compares all of it. `types` are those that are not the reader's, `left` columns that only the reader has
    and `renamed` those that it calls otherwise, each with its reason beside the case; `says` are words that the import has to say."""
    global number
    number += 1
    name = f"{file} {title}".strip()
    plan = Path(scratch.name) / f"plan-{number}"
    new = run("new", plan, "--title", "虚构镇", "--title-en", "A made-up town")
    infer = [option for option in options if option != "--extend"]
    inferred = run("infer", file, *infer)
    imported = run("import", file, "--into", "things", "--id", key, "--plan", plan, *options)
    checks.true(f"{name}: a new plan", new.returncode == 0, new.stderr)
    checks.true(f"{name}: is inferred", inferred.returncode == 0, inferred.stderr)
    checks.true(f"{name}: is imported", imported.returncode == 0, imported.stderr)
    if imported.returncode:
        return
    for words in says:
        checks.true(f"{name}: says {words!r}", words in imported.stdout, imported.stdout)
    rows, crs, kinds = expected
    kinds = {(renamed or {}).get(header, header): kind for header, kind in (kinds | (types or {})).items() if header not in left}
    tables = tomllib.loads((plan / "seeds/collections.toml").read_text("utf-8"))
    [collection] = [table for table in tables["collections"] if table["id"] == "things"]
    columns = {each: tables["columns"][each] for each in collection["columns"]}
    own = {each: column for each, column in columns.items() if "compute" not in column}
    checks.same(f"{name}: columns", [header_of(column) for column in own.values()], [bare(header) for header in kinds])
    if len(own) != len(kinds):
        return
    names = dict(zip(kinds, own))
    checks.same(f"{name}: types", {header: own[names[header]]["type"] for header in kinds}, kinds)
    # As proposed without a plan.
    proposed = tomllib.loads(inferred.stdout)
    said = {each: column["type"] for each, column in proposed["columns"].items() if "compute" not in column}
    checks.same(f"{name}: types as inferred", list(said.values()), list(kinds.values()))
    with Served(plan) as api:
        by_id = {feature["id"]: feature for feature in api.items("things")}
        # Where nothing has a place, the plan has no extent, and offers no grid for it.
        crs_asked = {"crs": GRID} if any(shape is not None for _, shape in rows) else {}
        grid = {feature["id"]: feature["geometry"] for feature in api.items("things", **crs_asked)}
    checks.same(f"{name}: count", len(by_id), len(rows))
    reader_key = next((theirs for theirs, ours in (renamed or {}).items() if ours == key), key)
    checks.same(f"{name}: ids", sorted(by_id), sorted(str(row[reader_key]) for row, _ in rows))
    wrong = {}
    far, worst = 0, 0.0
    for row, shape in rows:
        feature = by_id.get(str(row[reader_key]))
        if feature is None:
            continue
        for header, value in row.items():
            if header in left:
                continue
            header = (renamed or {}).get(header, header)
            kind = kinds[header]
            ours = of_api(feature["properties"].get(names[header]), kind)
            theirs = of_kind(value, kind)
            if not same_value(ours, theirs):
                wrong.setdefault(header, []).append((feature["id"], ours, theirs))
        mine = grid[feature["id"]]
        # The API gives the grid in its authority's order, northing first.
        mine = shapely.transform(shapely.geometry.shape(mine), lambda at: at[:, ::-1]) if mine else None
        distance = apart(mine, in_grid(shape, crs))
        if distance is None or distance > MILLIMETRE:
            far += 1
            checks.true(f"{name}: place of {feature['id']}", False, f"{distance} m: {mine} for {in_grid(shape, crs)}")
        else:
            worst = max(worst, distance)
    for header in kinds:
        checks.true(f"{name}: values of {header}", header not in wrong, f"{len(wrong.get(header, []))} differ: {wrong.get(header, [])[:3]}")
    checks.true(f"{name}: places within a millimetre", not far, f"{far} are not")
    flattened = sum(shape is not None and shape.has_z for _, shape in rows)
    told = re.search(r"heights or measures of (\d+) of", imported.stdout)
    checks.same(f"{name}: heights that are left out", int(told[1]) if told else 0, flattened)
    compared.append((name, len(rows), len(kinds), worst))


def refused(file, *words, options=()):
    """A file that has to be refused, in words that help, with nothing written."""
    global number
    number += 1
    plan = Path(scratch.name) / f"plan-{number}"
    run("new", plan, "--title", "虚构镇", "--title-en", "A made-up town")
    before = {path: path.read_bytes() for path in plan.rglob("*") if path.is_file()}
    done = run("import", file, "--into", "things", "--plan", plan, *options)
    checks.same(f"{file}: is refused", done.returncode, 2)
    for said in words:
        checks.true(f"{file}: says {said!r}", said in done.stderr, done.stderr)
    checks.same(f"{file}: nothing is written", {path: path.read_bytes() for path in plan.rglob("*") if path.is_file()}, before)


# --- QGIS. ---

write_files()
TOWN = {"text": "string", "moment": "timestamp"}
TOWN = {header: TOWN.get(kind, kind) for header, kind in COLUMNS}
# True and false are 1 and 0 in QGIS's tables, and so are counts.
CSV_TOWN = TOWN | {"已批准": "integer"}

for name in ("gbk", "gb18030", "4528", "4490", "heights", "points"):
    compare(f"qgis-{name}.shp", by_gdal(f"qgis-{name}.shp"))
compare("qgis-utf8.shp", by_gdal("qgis-utf8.shp"), key="编号")
# "System" leaves no word of the encoding, so GDAL has to be told.
compare("qgis-system.shp", by_gdal("qgis-system.shp", encoding="UTF-8"), key="编号")


def by_pyshp(file, encoding):
    """Where a name is cut within a letter, GDAL's is no text: what is left of that letter is left out."""
    with shapefile.Reader(str(folder / file), encoding=encoding, encodingErrors="replace") as reader:
        names = [field[0].rstrip("\ufffd") for field in reader.fields if field[0] != "DeletionFlag"]
        rows = [dict(zip(names, record)) for record in reader.iterRecords()]
        shapes = [shapely.geometry.shape(shape) if shape.shapeType else None for shape in reader.iterShapes()]
        fields = [field for field in reader.fields if field[0] != "DeletionFlag"]
        # Whole numbers of more digits than 64 bits hold are numbers, as they are to GDAL.
        kinds = [{"C": "string", "D": "date", "L": "boolean"}.get(kind) or ("integer" if digits == 0 and width < 19 else "number") for _, kind, width, digits in fields]
    return list(zip(rows, shapes)), GRID, dict(zip(names, kinds))


compare("qgis-cut.shp", by_pyshp("qgis-cut.shp", "utf-8"), key="地块编")
compare("qgis-roads.shp", by_gdal("qgis-roads.shp"), key="路名")
refused("qgis-xian80.shp", "Xian", "--operation")
refused("qgis-beijing54.gpkg", "Beijing", "--operation")
for file, datum, columns in (("qgis-xian80.shp", "EPSG:4610", by_gdal("qgis-xian80.shp")), ("qgis-beijing54.gpkg", "EPSG:4214", by_gdal("qgis-beijing54.gpkg"))):
    # A conversion that was named: degrees are taken as they are, whatever lies between the two.
    rows, crs, kinds = columns
    way = pyproj.Transformer.from_crs(crs, datum, always_xy=True)
    rows = [(row, shape and shapely.transform(shape, lambda at: [way.transform(*point) for point in at])) for row, shape in rows]
    compare(file, (rows, "OGC:CRS84", kinds), options=["--operation", "ballpark"], says=["longitude and latitude are taken as they are", "accuracy unknown"])
refused("qgis.gpkg", "--layer", "规划地块, 规划道路")
for layer in ("规划地块", "带高程地块", "混合"):
    compare("qgis.gpkg", by_gdal("qgis.gpkg", layer), options=["--layer", layer], title=layer)
compare("qgis.gpkg", by_gdal("qgis.gpkg", "规划道路"), key="路名", options=["--layer", "规划道路"], title="规划道路")
for file in ("qgis-one.gpkg", "qgis-mixed.gpkg", "qgis.fgb", "qgis-multi.fgb", "qgis-heights.fgb"):
    compare(file, by_gdal(file))
for file in ("qgis-rfc7946.geojson", "qgis-default.geojson", "qgis-4549.geojson", "qgis.geojsonl.json"):
    compare(file, by_gdal(file))
rows, crs, kinds = by_kml("qgis.kml", CSV_TOWN)
# A folder's name is a column, for it is often all that tells kinds of places apart.
compare("qgis.kml", ([({"folder": "规划地块"} | row, shape) for row, shape in rows], crs, {"folder": "string"} | kinds))
compare("qgis-points.kml", by_kml("qgis-points.kml", CSV_TOWN))
compare("qgis-wkt.csv", by_csv("qgis-wkt.csv", wkt("WKT"), CSV_TOWN, GRID), options=["--crs", GRID])
compare("qgis-wkt-semicolon.csv", by_csv("qgis-wkt-semicolon.csv", wkt("WKT"), CSV_TOWN, GRID, delimiter=";"), options=["--crs", GRID])
compare("qgis-xy.csv", by_csv("qgis-xy.csv", pair("X", "Y"), CSV_TOWN, GRID), options=["--crs", GRID])
compare("qgis-xyz.csv", by_csv("qgis-xyz.csv", pair("X", "Y"), {"Z": "number"} | CSV_TOWN, "OGC:CRS84"), options=["--crs", "EPSG:4326"])
compare("qgis.xlsx", by_openpyxl("qgis.xlsx", lambda row: (row, None), TOWN, GRID))

# --- LibreOffice. ---

OFFICE = {
    "地块编号": "string", "名称": "string", "用地面积（公顷）": "number", "绿地率": "number", "批准日期": "date", "竣工日期": "date",
    "登记时间": "timestamp", "代码": "string", "已批准": "boolean", "建筑面积": "integer", "层数": "integer", "备注": "string",
}
degrees = pair("经度", "纬度")
for file, options in (("office.xlsx", ["--layer", "地块表"]), ("office-one.xlsx", []), ("office-titled.xlsx", []), ("office-joined.xlsx", [])):
    expected = by_openpyxl(file, degrees, OFFICE, "EPSG:4490", header=2 if "titled" in file else 1)
    compare(file, expected, options=[*options, "--crs", "EPSG:4490"])
road = wkt("几何")
ROADS = {"路名": "string", "等级": "string"}
for file, options in (("office.xlsx", ["--layer", "道路表"]), ("office-roads.xlsx", []), ("office-roads-utf8.xlsx", [])):
    sheet = "道路表" if options else None
    compare(file, by_openpyxl(file, road, ROADS, GRID, sheet), key="路名", options=[*options, "--crs", GRID], title="道路表")
refused("office.xlsx", "--layer", "地块表, 道路表", options=["--crs", "EPSG:4490"])
refused("office.ods", "xlsx", ".csv")
for label, encoding, delimiter in (
    ("utf8", "utf-8", ","), ("raw", "utf-8", ","), ("quoted", "utf-8", ";"), ("tabs", "utf-16", "\t"), ("gb18030", "gb18030", ","), ("gbk", "gbk", ","),
):
    how = {"encoding": encoding, "delimiter": delimiter}
    file = f"office-one-{label}.csv"
    # Per cent is what the table shows, and a table shows texts.
    compare(file, by_csv(file, degrees, OFFICE | {"绿地率": "string"}, "EPSG:4490", **how), options=["--crs", "EPSG:4490"])
    file = f"office-roads-{label}.csv"
    compare(file, by_csv(file, road, ROADS, GRID, **how), key="路名", options=["--crs", GRID])

# --- Python. ---

for file in ("geopandas.gpkg", "geopandas-mixed.gpkg", "geopandas-indexed.fgb", "geopandas.geojson", "geopandas-4549.geojson", "geopandas.shp"):
    compare(file, by_gdal(file))
# What GDAL shows as a column `id` is the id of each feature, which --id sets aside.
compare("geopandas-json.geojson", by_gdal("geopandas-json.geojson"), left=["id"])

for file in ("geopandas.fgb", "geopandas-mixed.fgb"):
    compare(file, by_ogr2ogr(file))


def by_geopandas(file):
    """GDAL's own reader of Parquet is in no package of PyPI: pyarrow reads the columns, geopandas the places."""
    import geopandas

    frame = geopandas.read_parquet(folder / file)
    table = pyarrow.parquet.read_table(folder / file)
    table = table.select([name for name in table.column_names if name not in ("geometry", "bbox")])
    kinds = {field.name: kind_of(field.type) for field in table.schema}
    return list(zip(table.to_pylist(), [shape or None for shape in frame.geometry])), frame.crs, kinds


for name in ("snappy", "zstd", "gzip", "brotli", "lz4", "geoarrow", "0.4.0", "None", "1.0.0", "1.1.0", "covering", "crs84", "4490", "4528"):
    compare(f"geopandas-{name}.parquet", by_geopandas(f"geopandas-{name}.parquet"))
compare("pyarrow-absent-crs.parquet", by_geopandas("pyarrow-absent-crs.parquet"))
# Lists of a column are told to be left out.
compare("pyarrow.parquet", by_geopandas("pyarrow.parquet"), left=["标签"], says=["column 标签 is left out"])
refused("geopandas-no-crs.parquet", "--crs")
rows, _, kinds = by_geopandas("geopandas-no-crs.parquet")
compare("geopandas-no-crs.parquet", (rows, GRID, kinds), options=["--crs", GRID])
refused("geopandas-geoarrow-points.parquet", "WKB")

grid = pair("x", "y")
PANDAS = TOWN | {"批准日期": "date"}
compare("pandas.xlsx", by_openpyxl("pandas.xlsx", grid, PANDAS, GRID), options=["--crs", GRID])
compare("pandas-index.xlsx", by_openpyxl("pandas-index.xlsx", grid, {"column_1": "integer"} | PANDAS, GRID), options=["--crs", GRID])
for name, encoding in (("", "utf-8"), ("-bom", "utf-8-sig"), ("-gbk", "gbk")):
    compare(f"pandas{name}.csv", by_csv(f"pandas{name}.csv", grid, PANDAS, GRID, encoding), options=["--crs", GRID])
compare("pandas-wkt.csv", by_csv("pandas-wkt.csv", wkt("geometry"), TOWN, GRID), options=["--crs", GRID])
compare("openpyxl.xlsx", by_openpyxl("openpyxl.xlsx", pair("lon", "lat"), TOWN | {"绿地率": "number"}, "EPSG:4490"), options=["--crs", "EPSG:4490"])
# A blank in a column of true and false is no answer; GDAL reads false, its writer and the server null.
compare("pyshp-gbk.shp", by_pyshp("pyshp-gbk.shp", "gbk"), key="编号")
compare("pyshp-utf8.shp", by_pyshp("pyshp-utf8.shp", "utf-8"), key="编号")
rows, crs, kinds = by_kml("simplekml.kml", {"name": "string", "description": "string", "folder": "string", "地块编号": "string", "容积率": "number"})
compare("simplekml.kml", ([(row | {"folder": "地块"}, shape) for row, shape in rows], crs, kinds))

for name, rows, columns, worst in compared:
    print(f"{name}: {rows} records, {columns} columns, places within {worst * 1000:.4f} mm")
sys.exit(checks.end())
