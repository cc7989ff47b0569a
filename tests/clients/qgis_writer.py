"""QGIS without a screen saves the made-up town in a folder, in the formats of its menu. Runs in the Python that QGIS is built for."""

import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The profile is a folder of its own: a setting of the user would decide what is written.
profile = tempfile.TemporaryDirectory()
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = profile.name
os.environ["XDG_RUNTIME_DIR"] = profile.name

from qgis.core import (  # noqa: E402
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime, QVariant  # noqa: E402
from town import COLUMNS, SHORT, plots, points, roads  # noqa: E402

folder = sys.argv[1]
app = QgsApplication([], False)
app.initQgis()
TYPES = {
    "text": QVariant.String,
    "number": QVariant.Double,
    "integer": QVariant.LongLong,
    "boolean": QVariant.Bool,
    "date": QVariant.Date,
    "moment": QVariant.DateTime,
}
CONTEXT = QgsProject.instance().transformContext()


def cell(value):
    if hasattr(value, "hour"):
        time = QTime(value.hour, value.minute, value.second)
        return QDateTime(QDate(value.year, value.month, value.day), time, Qt.UTC)
    if hasattr(value, "year"):
        return QDate(value.year, value.month, value.day)
    return QVariant() if value is None else value


def layer_of(name, kind, columns, rows, crs="EPSG:4549"):
    layer = QgsVectorLayer(f"{kind}?crs={crs}", name, "memory")
    layer.dataProvider().addAttributes([QgsField(header, TYPES[what], len=254 if what == "text" else 0) for header, what in columns])
    layer.updateFields()
    features = []
    for values, wkt in rows:
        feature = QgsFeature(layer.fields())
        feature.setAttributes([cell(values[header]) for header, _ in columns])
        if wkt:
            geometry = QgsGeometry.fromWkt(wkt)
            if geometry.isMultipart() and geometry.constGet().numGeometries() == 1:
                # Drawn by hand, a shape of one part is a single one.
                geometry.convertToSingleType()
            feature.setGeometry(geometry)
        features.append(feature)
    done, _ = layer.dataProvider().addFeatures(features)
    assert done and layer.featureCount() == len(rows), (name, layer.featureCount(), layer.dataProvider().errors())
    layer.updateExtents()
    return layer


def shortened(columns, rows):
    """Columns and rows under names that a Shapefile in UTF-8 does not cut."""
    rows = [({SHORT.get(header, header): value for header, value in values.items()}, wkt) for values, wkt in rows]
    return [(SHORT.get(header, header), kind) for header, kind in columns], rows


def save(layer, file, driver, crs=None, options=(), **settings):
    """As the dialog "save features as" does."""
    how = QgsVectorFileWriter.SaveVectorOptions()
    how.driverName = driver
    how.layerName = layer.name()
    how.layerOptions = list(options)
    if crs:
        target = QgsCoordinateReferenceSystem(crs)
        assert target.isValid(), crs
        how.ct = QgsCoordinateTransform(layer.crs(), target, CONTEXT)
    for name, value in settings.items():
        setattr(how, name, value)
    error, said, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(layer, os.path.join(folder, file), CONTEXT, how)
    assert error == QgsVectorFileWriter.NoError, (file, error, said)


def with_height(rows):
    """The same shapes with a height for each corner."""
    for values, wkt in rows:
        geometry = QgsGeometry.fromWkt(wkt) if wkt else None
        if geometry:
            geometry.get().addZValue(4.25)
        yield values, geometry.asWkt(17) if geometry else None


def point_rows(plain=False):
    return [(values, f"POINTZ({x!r} {y!r} {z!r})") for values, (x, y, z) in points(plain)]


wide, plain = plots(), plots(plain=True)
town = layer_of("规划地块", "MultiPolygon", COLUMNS, wide)
town_plain = layer_of("规划地块", "MultiPolygon", COLUMNS, plain)
streets = layer_of("规划道路", "MultiLineString", [("路名", "text"), ("等级", "text")], roads())
places = layer_of("设施点", "PointZ", COLUMNS, point_rows())
# Types of shape mixed within one layer, as a layer without a declared type has them.
mixed = layer_of("混合", "Polygon", COLUMNS, wide)
high = layer_of("带高程地块", "MultiPolygonZ", COLUMNS, list(with_height(wide)))
short = layer_of("短名", "MultiPolygon", *shortened(COLUMNS, wide))

SHAPE = "ESRI Shapefile"
save(town_plain, "qgis-gbk.shp", SHAPE, fileEncoding="GBK")
save(town, "qgis-gb18030.shp", SHAPE, fileEncoding="GB18030")
save(short, "qgis-utf8.shp", SHAPE, fileEncoding="UTF-8")
save(short, "qgis-system.shp", SHAPE, fileEncoding="System")
save(town, "qgis-cut.shp", SHAPE, fileEncoding="UTF-8")
save(town_plain, "qgis-4528.shp", SHAPE, "EPSG:4528", fileEncoding="GBK")
save(town_plain, "qgis-4490.shp", SHAPE, "EPSG:4490", fileEncoding="GBK")
save(places, "qgis-points.shp", SHAPE, fileEncoding="GB18030")
save(streets, "qgis-roads.shp", SHAPE, fileEncoding="GBK")
save(high, "qgis-heights.shp", SHAPE, fileEncoding="GB18030")
# Numbers of Xian 1980, whatever they stand for: nobody has said how to convert them.
save(layer_of("西安80", "MultiPolygon", COLUMNS, plain, "EPSG:2385"), "qgis-xian80.shp", SHAPE, fileEncoding="GBK")
save(layer_of("北京54", "MultiPolygon", COLUMNS, plain, "EPSG:2437"), "qgis-beijing54.gpkg", "GPKG")

save(town, "qgis-one.gpkg", "GPKG")
styled = os.path.join(folder, "qgis.gpkg")
save(town, "qgis.gpkg", "GPKG")
for other in (streets, high, mixed):
    save(other, "qgis.gpkg", "GPKG", actionOnExistingFile=QgsVectorFileWriter.CreateOrOverwriteLayer)
for name in ("规划地块", "规划道路"):
    saved = QgsVectorLayer(f"{styled}|layername={name}", name, "ogr")
    said = saved.saveStyleToDatabase("默认", "", True, "")
    assert not said, said
# Open for writing, it keeps its changes in a file beside.
del saved
save(mixed, "qgis-mixed.gpkg", "GPKG", "EPSG:4528")
save(town, "qgis.fgb", "FlatGeobuf")
save(mixed, "qgis-multi.fgb", "FlatGeobuf", "EPSG:4490", forceMulti=True)
save(high, "qgis-heights.fgb", "FlatGeobuf")
save(town, "qgis-rfc7946.geojson", "GeoJSON", "EPSG:4326", ["RFC7946=YES", "COORDINATE_PRECISION=11"])
save(town, "qgis-default.geojson", "GeoJSON", "EPSG:4326")
# The dialog lets a CRS be chosen, and the file then tells it by the member that RFC 7946 took away.
save(town, "qgis-4549.geojson", "GeoJSON", options=["RFC7946=NO"])
save(town, "qgis.geojsonl", "GeoJSONSeq", "EPSG:4326", ["COORDINATE_PRECISION=11"])
save(town, "qgis.kml", "KML", "EPSG:4326")
save(places, "qgis-points.kml", "LIBKML", "EPSG:4326")
save(town, "qgis-wkt.csv", "CSV", options=["GEOMETRY=AS_WKT"])
save(town, "qgis-wkt-semicolon.csv", "CSV", options=["GEOMETRY=AS_WKT", "SEPARATOR=SEMICOLON", "WRITE_BOM=YES", "LINEFORMAT=CRLF"])
save(places, "qgis-xy.csv", "CSV", options=["GEOMETRY=AS_XY"])
save(places, "qgis-xyz.csv", "CSV", "EPSG:4326", ["GEOMETRY=AS_XYZ"])
save(places, "qgis.xlsx", "XLSX")
print(Qgis.QGIS_VERSION)
sys.stdout.flush()
# QGIS's own end of a process without a screen crashes now and then, after all is written.
os._exit(0)
