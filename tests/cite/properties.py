"""The arguments of a suite's run, as a properties file of Java."""

import json
import sys
import urllib.request
from xml.sax.saxutils import escape

suite, url = sys.argv[1:]
entries = {"iut": f"{url}/"}
if suite == "features":
    # All collections: a plan has few.
    entries["noofcollections"] = "-1"
if suite == "tiles":
    with urllib.request.urlopen(f"{url}/tiles/WebMercatorQuad?f=json") as answer:
        tileset = json.load(answer)
    limits = next(one for one in tileset["tileMatrixSetLimits"] if one["tileMatrix"] == "14")
    entries |= {
        "tilematrixsetdefinitionuri": tileset["tileMatrixSetURI"],
        "urltemplatefortiles": f"{url}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        "tilematrix": limits["tileMatrix"],
        "mintilerow": limits["minTileRow"],
        "maxtilerow": limits["maxTileRow"],
        "mintilecol": limits["minTileCol"],
        "maxtilecol": limits["maxTileCol"],
    }
lines = [f'  <entry key="{key}">{escape(str(value))}</entry>' for key, value in entries.items()]
print(
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<properties version="1.0">',
    *lines,
    "</properties>",
    sep="\n",
)
