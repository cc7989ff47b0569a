"""GDAL's command line: the OGC API Features driver, one vector tile, and the tileset by its TileJSON."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import BOXES, FILTERS, Api, Checks

api, checks = Api(sys.argv[1]), Checks("gdal")
folder = tempfile.TemporaryDirectory()


def run(*arguments):
    """What a program of GDAL writes; a warning is a defect of the server or of this script."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    checks.true(" ".join(arguments), done.returncode == 0 and not done.stderr.strip(), done.stderr.strip())
    return done.stdout


def copied(collection, *options):
    """How many features arrive in a GeoPackage, and their ids."""
    target = str(Path(folder.name) / f"{checks.passed}-{checks.failed}.gpkg")
    run("ogr2ogr", "-f", "GPKG", target, f"OAPIF:{api.base}", collection, "-nln", "copy", "-nlt", "GEOMETRY", "-lco", "FID=own", *options)
    text = run("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", target, "copy")
    return sorted(feature["properties"]["id"] for feature in json.loads(text)["features"])


def ids(features):
    return sorted(feature["id"] for feature in features)


listed = run("ogrinfo", "-ro", "-q", f"OAPIF:{api.base}")
for collection in api.collections():
    name = collection["id"]
    checks.true(f"{name} is listed", re.search(rf": {name} ", listed), listed)
    # Three a page, so that the driver has to follow `next`.
    checks.same(f"{name}, by pages", copied(name, "-oo", "PAGE_SIZE=3"), ids(api.items(name)))

for collection, cql2, sql in FILTERS:
    expected = ids(api.items(collection, filter_=cql2))
    checks.true(f"{cql2} tells features apart", 0 < len(expected) < api.matched(collection))
    checks.same(f"{collection}: {cql2}", copied(collection, "-where", sql or cql2), expected)

for collection in ("parcels", "road-works", "context"):
    for box in BOXES:
        words = [str(number) for number in box]
        expected = ids(api.items(collection, bbox=",".join(words)))
        checks.same(f"{collection} in {box}", copied(collection, "-spat", *words), expected)
box = [str(number) for number in BOXES[1]]
checks.same(
    "a filter and a box",
    copied("parcels", "-where", "site_area_m2 > 20000", "-spat", *box),
    ids(api.items("parcels", filter_="site_area_m2 > 20000", bbox=",".join(box))),
)

z, x, y = 15, 27431, 13384
tile = api.get(f"/tiles/{z}/{x}/{y}.geojson")
layers = run("ogrinfo", "-ro", "-q", f"MVT:/vsicurl/{api.base}/tiles/{z}/{x}/{y}.mvt")
for collection, counts in tile["collections"].items():
    found = re.search(rf": {collection}( |$)", layers, re.MULTILINE) is not None
    checks.same(f"tile has a layer {collection}", found, counts["returned"] > 0)
    if found:
        text = run("ogrinfo", "-ro", "-al", "-so", "-oo", "CLIP=NO", f"MVT:/vsicurl/{api.base}/tiles/{z}/{x}/{y}.mvt", collection)
        checks.same(f"tile: {collection}", int(re.search(r"Feature Count: (\d+)", text)[1]), counts["returned"])

# The directory of a zoom with the TileJSON as its metadata: the driver asks for every tile of the box.
west, south, east, north = 13505000, 3660000, 13520000, 3680000
options = ("-oo", "TILE_EXTENSION=mvt", "-oo", f"METADATA_FILE={api.base}/tiles.json", "-oo", "JSON_FIELD=NO")
described = {layer["id"] for layer in api.get("/tiles.json")["vector_layers"]}
text = run("ogrinfo", "-ro", "-q", f"MVT:{api.base}/tiles/15", *options)
checks.same("layers of the TileJSON", set(re.findall(r"^\d+: (\S+)", text, re.MULTILINE)), described)
target = str(Path(folder.name) / "tiles.json")
for collection in ("parcels", "facilities"):
    spat = [str(number) for number in (west, south, east, north)]
    text = run("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"MVT:{api.base}/tiles/15", collection, *options, "-spat", *spat)
    found = {feature["properties"]["id"] for feature in json.loads(text)["features"]}
    expected = {feature["id"] for feature in api.items(collection) if feature["geometry"]}
    checks.same(f"tileset: {collection}", found, expected)

sys.exit(checks.end())
