"""QGIS without a screen: an OGC API Features layer and a vector tile layer. Runs in the Python that QGIS is built for."""

import math
import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The profile is a folder of its own: a cache or a setting of the user would decide what is asked.
profile = tempfile.TemporaryDirectory()
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = profile.name
os.environ["XDG_RUNTIME_DIR"] = profile.name

from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProviderRegistry,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402

app = QgsApplication([], False)
app.initQgis()
if sys.argv[1] == "--probe":
    os._exit(0 if "OAPIF" in QgsProviderRegistry.instance().providerList() else 1)

from checks import BOXES, FILTERS, Api, Checks  # noqa: E402

api, checks = Api(sys.argv[1]), Checks("qgis")
said = []
QgsApplication.messageLog().messageReceived.connect(lambda text, tag, level: said.append(f"{tag}: {text}"))


def layer_of(collection, options=""):
    layer = QgsVectorLayer(f"typename='{collection}' url='{api.base}/' {options}", collection, "OAPIF")
    checks.true(f"{collection} is a layer", layer.isValid(), layer.error().message() + " " + " ".join(said))
    return layer


def ids(features):
    return sorted(feature["id"] for feature in features)


for collection in api.collections():
    name, features = collection["id"], api.items(collection["id"])
    layer = layer_of(name, "pagingEnabled='true' pageSize='7'")
    checks.same(f"{name}: count", layer.featureCount(), len(features))
    checks.same(f"{name}: by pages", ids(layer.getFeatures()), ids(features))
    fields = {field.name() for field in layer.fields()}
    columns = {column for feature in features for column, value in feature["properties"].items() if value is not None}
    checks.true(f"{name}: fields", columns <= fields, columns - fields)

for collection, cql2, sql in FILTERS:
    layer = layer_of(collection)
    checks.true(f"{cql2} is a subset", layer.setSubsetString(sql or cql2), layer.error().message())
    checks.same(f"{collection}: {cql2}", ids(layer.getFeatures()), ids(api.items(collection, filter_=cql2)))

parcels = layer_of("parcels")
for box in BOXES:
    request = QgsFeatureRequest().setFilterRect(QgsRectangle(*box)).setFlags(QgsFeatureRequest.ExactIntersect)
    found = ids(parcels.getFeatures(request))
    checks.same(f"parcels in {box}", found, ids(api.items("parcels", bbox=",".join(map(str, box)))))

# QGIS converts by its own PROJ, the server by its own; the server sends northing first.
grid = QgsCoordinateReferenceSystem("EPSG:4549")
request = QgsFeatureRequest().setDestinationCrs(grid, QgsCoordinateTransformContext())
server = {feature["id"]: feature for feature in api.items("parcels", crs="EPSG:4549")}
for feature in parcels.getFeatures(request):
    geometry = server[feature["id"]]["geometry"]
    if geometry is None:
        checks.true(f"{feature['id']} has no place", feature.geometry().isNull())
        continue
    rings = geometry["coordinates"] if geometry["type"] == "Polygon" else geometry["coordinates"][0]
    north, east = rings[0][0][:2]
    corners = [point for point in feature.geometry().vertices()]
    nearest = min(math.hypot(corner.x() - east, corner.y() - north) for corner in corners)
    checks.true(f"{feature['id']} in EPSG:4549", nearest < 0.02, f"{nearest} m apart")

tiles = QgsVectorTileLayer(f"type=xyz&url={api.base}/tiles/{{z}}/{{x}}/{{y}}.mvt&zmin=0&zmax=16", "tiles")
checks.true("tiles are a layer", tiles.isValid(), tiles.error().message())


def colours(west, south, east, north):
    """How many colours a map of the tiles has: one where nothing is drawn."""
    settings = QgsMapSettings()
    settings.setLayers([tiles])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(west, south, east, north))
    settings.setOutputSize(QSize(256, 256))
    settings.setBackgroundColor(QColor("white"))
    job, loop = QgsMapRendererSequentialJob(settings), QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    if job.isActive():
        loop.exec_()
    checks.same("errors of the map", [error.message for error in job.errors()], [])
    image = job.renderedImage()
    return len({image.pixel(x, y) for x in range(256) for y in range(256)})


checks.true("the town is drawn", colours(13506000, 3665000, 13510000, 3669000) > 100)
checks.same("the sea is not", colours(0, 0, 4000, 4000), 1)

status = checks.end()
sys.stdout.flush()
# QGIS's own end of a process without a screen crashes now and then, after all is said.
os._exit(status)
