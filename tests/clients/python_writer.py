"""The made-up town as Python's own libraries save it: geopandas, pandas, openpyxl, pyshp, simplekml."""

import datetime
import json
from pathlib import Path

import geopandas
import openpyxl
import pandas
import pyarrow
import pyarrow.parquet
import pyproj
import shapefile
import shapely
import simplekml
from openpyxl.styles import Font
from town import COLUMNS, plots, points

ZONE = "EPSG:4549"


def frame(rows=None, crs=ZONE):
    """All columns in types that hold nothing as nothing, so that a missing whole number stays one."""
    rows = rows or plots()
    types = {"text": "str", "number": "Float64", "integer": "Int64", "boolean": "boolean", "date": "object", "moment": "datetime64[ms, UTC]"}
    columns = {header: pandas.Series([values[header] for values, _ in rows], dtype=types[kind]) for header, kind in COLUMNS}
    shapes = [shapely.from_wkt(wkt) if wkt else None for _, wkt in rows]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs)


def points_frame():
    rows = list(points())
    town = frame([(values, f"POINT({x!r} {y!r})") for values, (x, y, _) in rows])
    return town


def single(town):
    """Polygons where a shape has one part, as most files have them beside multipolygons."""
    return town.set_geometry([shape.geoms[0] if shape and len(shape.geoms) == 1 else shape for shape in town.geometry])


def dictionaries(folder, town):
    """Written by pyarrow itself: texts in a dictionary, decimals, small integers, a moment in nanoseconds, lists."""
    table = pyarrow.table(
        {
            "地块编号": pyarrow.array([f"A-{at}" for at in range(len(town))]),
            "用地性质": pyarrow.array(town["用地性质"]).dictionary_encode(),
            "层数": pyarrow.array(town["层数"], pyarrow.int16()),
            "容积率": pyarrow.array(town["容积率"], pyarrow.float32()),
            "时间": pyarrow.array([datetime.datetime(2021, 1, 1, 8, 30)] * len(town), pyarrow.timestamp("us")),
            "标签": pyarrow.array([["甲", "乙"], []] * (len(town) // 2), pyarrow.list_(pyarrow.string())),
            "大写": pyarrow.array(["长"] * len(town), pyarrow.large_string()),
            "geometry": pyarrow.array(shapely.to_wkb(town.geometry.values), pyarrow.binary()),
        }
    )
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": json.loads(pyproj.CRS(ZONE).to_json())}},
    }
    table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    pyarrow.parquet.write_table(table, folder / "pyarrow.parquet", compression="zstd", row_group_size=5)


def write(folder):
    folder = Path(folder)
    town = frame()
    for name, layer in (("geopandas", town), ("geopandas-mixed", single(town))):
        layer.to_file(folder / f"{name}.gpkg", layer="规划地块")
        # Its index holds places only: without one, a row may have none.
        layer.to_file(folder / f"{name}.fgb", layer="规划地块", SPATIAL_INDEX="NO")
    town[town.geometry.notna()].to_file(folder / "geopandas-indexed.fgb")
    town.to_crs("OGC:CRS84").to_file(folder / "geopandas.geojson", driver="GeoJSON")
    town.to_file(folder / "geopandas-4549.geojson", driver="GeoJSON")
    (folder / "geopandas-json.geojson").write_text(town.astype({"登记时间": "str", "批准日期": "str"}).to_json(to_wgs84=True, ensure_ascii=False), "utf-8")
    points_frame().to_file(folder / "geopandas.shp", encoding="gb18030")

    for compression in ("snappy", "zstd", "gzip", "brotli", "lz4", None):
        town.to_parquet(folder / f"geopandas-{compression}.parquet", compression=compression)
    for version in ("0.4.0", "1.0.0", "1.1.0"):
        town.to_parquet(folder / f"geopandas-{version}.parquet", schema_version=version)
    town.to_parquet(folder / "geopandas-covering.parquet", write_covering_bbox=True, schema_version="1.1.0", row_group_size=7)
    town.to_crs("OGC:CRS84").to_parquet(folder / "geopandas-crs84.parquet")
    town.to_crs("EPSG:4490").to_parquet(folder / "geopandas-4490.parquet")
    town.to_crs("EPSG:4528").to_parquet(folder / "geopandas-4528.parquet", index=True)
    # What cannot be known is null there, and not absent.
    town.set_crs(None, allow_override=True).to_parquet(folder / "geopandas-no-crs.parquet")
    frame().to_parquet(folder / "geopandas-geoarrow.parquet", geometry_encoding="geoarrow")
    points_frame().to_parquet(folder / "geopandas-geoarrow-points.parquet", geometry_encoding="geoarrow")
    # The member left out: longitude and latitude.
    absent = pyarrow.parquet.read_table(folder / "geopandas-crs84.parquet")
    geo = json.loads(absent.schema.metadata[b"geo"])
    del geo["columns"]["geometry"]["crs"]
    absent = absent.replace_schema_metadata({**absent.schema.metadata, b"geo": json.dumps(geo)})
    pyarrow.parquet.write_table(absent, folder / "pyarrow-absent-crs.parquet")
    dictionaries(folder, town)

    # A sheet has no zone for its times.
    table = points_frame().assign(登记时间=lambda frame: frame["登记时间"].dt.tz_localize(None))
    table = table.assign(x=table.geometry.x, y=table.geometry.y).drop(columns="geometry")
    # A text that begins with = becomes a formula without a value there, which is an error of its own.
    sheet = table.assign(备注=table["备注"].replace("=1+1", "1+1"))
    sheet.to_excel(folder / "pandas.xlsx", index=False, sheet_name="地块")
    table.to_csv(folder / "pandas.csv", index=False)
    table.to_csv(folder / "pandas-bom.csv", index=False, encoding="utf-8-sig")
    plain = [values for values, _ in plots(plain=True)]
    table.assign(名称=[row["名称"] for row in plain], 备注=[row["备注"] for row in plain]).to_csv(folder / "pandas-gbk.csv", index=False, encoding="gbk")
    with_wkt = pandas.DataFrame(town.drop(columns="geometry")).assign(geometry=town.geometry.to_wkt(rounding_precision=-1))
    with_wkt.to_csv(folder / "pandas-wkt.csv", index=False)
    sheet.to_excel(folder / "pandas-index.xlsx", sheet_name="地块")

    workbook(folder)
    with_pyshp(folder)
    with_simplekml(folder)


def workbook(folder):
    """As a person types it: a bold header, numbers as texts among numbers, dates, a sheet of notes that is hidden."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "地块"
    sheet.append([header for header, _ in COLUMNS] + ["lon", "lat", "绿地率"])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for at, (values, _) in enumerate(points()):
        row = [values[header] for header, _ in COLUMNS]
        lon, lat = 121.35 + at / 1000, 31.26 + at / 3000
        sheet.append([*row, str(lon) if at % 2 else lon, lat, 0.3 + at / 100])
        sheet.cell(at + 2, len(COLUMNS) + 3).number_format = "0.0%"
        # A note that begins with = is a text and no formula.
        note = sheet.cell(at + 2, len(COLUMNS))
        if note.value == "=1+1":
            note.data_type = "s"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    notes = book.create_sheet("说明")
    notes["A1"] = "编造的数据"
    notes.sheet_state = "hidden"
    book.save(folder / "openpyxl.xlsx")


def with_pyshp(folder):
    for label, encoding, rows in (("gbk", "gbk", plots(plain=True)), ("utf8", "utf-8", plots())):
        with shapefile.Writer(str(folder / f"pyshp-{label}"), shapefile.POLYGON, encoding=encoding) as out:
            for header, field in (("编号", ("C", 20)), ("名称", ("C", 60)), ("容积率", ("N", 18, 10)), ("层数", ("N", 6, 0)), ("已批", ("L", 1)), ("日期", ("D", 8)), ("浮点", ("F", 20, 8))):
                out.field(header, *field)
            for values, wkt in rows:
                out.record(values["地块编号"], values["名称"], values["容积率"], values["层数"], values["已批准"], values["批准日期"], values["容积率"])
                if wkt is None:
                    out.null()
                    continue
                shape = shapely.from_wkt(wkt)
                # Outer rings clockwise, as the format has them.
                out.poly([list(ring.coords)[:: -1 if ring.is_ccw == outer else 1] for part in shape.geoms for outer, ring in [(True, part.exterior), *((False, inner) for inner in part.interiors)]])
        # pyshp writes none: whoever sends the files adds one, in the words of ESRI.
        (folder / f"pyshp-{label}.prj").write_text(pyproj.CRS(ZONE).to_wkt("WKT1_ESRI"), "utf-8")


def with_simplekml(folder):
    kml = simplekml.Kml(name="虚构镇")
    inner = kml.newfolder(name="地块")
    for at, (values, _) in enumerate(points()):
        point = inner.newpoint(name=values["名称"], coords=[(121.35 + at / 1000, 31.26 + at / 3000, 4.5)])
        point.extendeddata.newdata("地块编号", values["地块编号"])
        point.extendeddata.newdata("容积率", values["容积率"])
        point.description = values["备注"]
    kml.save(str(folder / "simplekml.kml"))


if __name__ == "__main__":
    import sys

    write(sys.argv[1])
