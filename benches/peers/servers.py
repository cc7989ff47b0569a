"""The servers: how each is started, and how it is asked the same questions.

A question that a server cannot answer has no method, and a dash in the table. Each method gives paths."""

import json
import os
import re
import socket
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import process
from client import FastCgi, Http

HERE = Path(__file__).parent


class Server:
    connect = Http
    postgres = None

    def __init__(self, place):
        self.place = place
        self.port = process.free_port()
        before = time.monotonic()
        self.process = self.start()
        self.wait()
        self.ready = time.monotonic() - before

    @staticmethod
    def there(place):
        return True

    def wait(self):
        """Until the tile in the middle, or the first item, is there."""
        end = time.monotonic() + 600
        while self.process.poll() is None and time.monotonic() < end:
            try:
                answer = self.get(self.first())
                if answer.status == 200 and answer.body:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.name} ended, or does not answer: see {self.place.log.name}")

    def first(self):
        return self.mvt(self.place.middle)

    def get(self, path):
        client = self.connect(self.port)
        client.send(path)
        answer = client.receive()
        client.close()
        return answer

    def roots(self):
        return [self.process.pid] + ([self.place.postgres.pid] if self.postgres else [])

    def cpu(self):
        return process.cpu(self.roots())

    def stop(self):
        process.stop(self.process)

    def features(self, answer):
        return json.loads(answer.body)["features"]

    def ids(self, answer):
        return [feature["properties"].get("id", feature.get("id")) for feature in self.features(answer)]


class Buju(Server):
    name = "Buju"
    items = "/collections/parcels/items"

    def plan(self):
        return self.place.whole

    def start(self):
        command = [self.place.program, "serve", "--listen", f"127.0.0.1:{self.port}", "--plan", self.plan()]
        return process.start(command, self.place.log, env={**os.environ, "BUJU_LOG": "error"})

    def mvt(self, tile):
        return "/tiles/{}/{}/{}.mvt".format(*tile)

    def geojson(self, tile):
        return "/tiles/{}/{}/{}.geojson".format(*tile)

    def box(self, box):
        return f"{self.items}?limit=100&bbox={','.join(map(str, box))}"

    def filter(self, bounds, more="limit=100"):
        low, high, area = bounds
        return f"{self.items}?plot_ratio={low}..{high}&site_area_m2={area}..&{more}"

    def sorted(self, bounds):
        return self.filter(bounds, "limit=100&sortby=-site_area_m2")

    def count(self, bounds):
        return self.filter(bounds, "limit=1")

    def matched(self, answer):
        return json.loads(answer.body)["numberMatched"]

    def ids(self, answer):
        return [feature["id"] for feature in self.features(answer)]

    def page(self, number, before):
        if number == 0:
            return f"{self.items}?limit=1000"
        cursor = re.search(rb'"href":"[^"]*(\?[^"]*cursor=[^"]*)"[^{}]*"rel":"next"|"rel":"next"[^{}]*"href":"[^"]*(\?[^"]*cursor=[^"]*)"', before.body)
        query = next(part for part in cursor.groups() if part)
        return self.items + query.decode().replace("\\u0026", "&")


class BujuBudget(Server):
    """As it is without being told otherwise: small parcels are merged up to z14."""

    name = "Buju's own tile budget"
    start, mvt, geojson = Buju.start, Buju.mvt, Buju.geojson

    def plan(self):
        return self.place.city


class Martin(Server):
    name = "Martin + PostGIS"
    postgres = True

    @staticmethod
    def there(place):
        return place.martin.exists()

    def start(self):
        configuration = self.place.folder / "martin.yaml"
        text = (HERE / "martin.yaml").read_text()
        configuration.write_text(text.replace("@PORT@", str(self.port)).replace("@CONNECTION@", self.place.postgres.url()))
        return process.start([self.place.martin, "--config", configuration], self.place.log)

    def mvt(self, tile):
        return "/parcels/{}/{}/{}".format(*tile)


class Tipg(Server):
    name = "tipg + PostGIS"
    postgres = True
    base = "/collections/public.parcels"

    @staticmethod
    def there(place):
        return place.python.exists()

    def start(self):
        environment = {
            **os.environ,
            "DATABASE_URL": self.place.postgres.url(),
            "TIPG_MAX_FEATURES_PER_TILE": "100000",
            "TIPG_MAX_FEATURES_PER_QUERY": "10000",
            "DB_MIN_CONN_SIZE": "1",
            "DB_MAX_CONN_SIZE": "4",
        }
        command = [self.place.python, "-m", "uvicorn", "tipg.main:app", "--port", self.port, "--log-level", "error"]
        return process.start(command, self.place.log, env=environment)

    def mvt(self, tile):
        return "/collections/public.parcels_3857/tiles/WebMercatorQuad/{}/{}/{}".format(*tile)

    def items(self, **query):
        return f"{self.base}/items?{urlencode(query)}"

    def box(self, box):
        return self.items(limit=100, bbox=",".join(map(str, box)))

    def filter(self, bounds, **more):
        low, high, area = bounds
        condition = f"plot_ratio >= {low} AND plot_ratio <= {high} AND site_area_m2 >= {area}"
        return self.items(**{"limit": 100, "filter": condition, "filter-lang": "cql2-text", **more})

    def sorted(self, bounds):
        return self.filter(bounds, sortby="-site_area_m2")

    def count(self, bounds):
        return self.filter(bounds, limit=1)

    def matched(self, answer):
        return json.loads(answer.body)["numberMatched"]

    def page(self, number, before):
        return self.items(limit=1000, offset=number * 1000)


class MapServer(Server):
    name = "MapServer"
    postgres = True
    connect = FastCgi
    program = Path("/usr/lib/cgi-bin/mapserv")

    @staticmethod
    def there(place):
        return MapServer.program.exists()

    def start(self):
        mapfile = self.place.folder / "parcels.map"
        connection = f"host=127.0.0.1 port={self.place.postgres.port} user=peers dbname=peers"
        text = (HERE / "parcels.map").read_text()
        for name, value in (("FOLDER", self.place.folder), ("CONNECTION", connection), ("EXTENT", self.place.extent)):
            text = text.replace(f"@{name}@", str(value))
        mapfile.write_text(text)
        configuration = self.place.folder / "mapserver.conf"
        configuration.write_text(f'CONFIG\n ENV\n  MS_MAP_PATTERN "."\n END\n MAPS\n  peers "{mapfile}"\n END\nEND\n')
        # A FastCGI process accepts from its standard input.
        listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        environment = {**os.environ, "MAPSERVER_CONFIG_FILE": str(configuration)}
        with listener:
            return process.start([self.program], self.place.log, env=environment, stdin=listener)

    def mvt(self, tile):
        z, x, y = tile
        return f"/mapserv?map=peers&mode=tile&tilemode=gmap&tile={x}+{y}+{z}&layers=tiles&map.imagetype=mvt"

    def box(self, box):
        return f"/mapserv/peers/ogcapi/collections/parcels/items?f=json&limit=100&bbox={','.join(map(str, box))}"

    def wfs(self, **query):
        common = {"map": "peers", "service": "WFS", "version": "2.0.0", "request": "GetFeature", "typenames": "columns"}
        return "/mapserv?" + urlencode({**common, "outputformat": "geojson", **query}, quote_via=quote)

    def conditions(self, bounds, **more):
        low, high, area = bounds
        value = "<fes:ValueReference>{}</fes:ValueReference>".format
        literal = "<fes:Literal>{}</fes:Literal>".format
        between = f"<fes:LowerBoundary>{literal(low)}</fes:LowerBoundary><fes:UpperBoundary>{literal(high)}</fes:UpperBoundary>"
        ratio = f"<fes:PropertyIsBetween>{value('plot_ratio')}{between}</fes:PropertyIsBetween>"
        least = f"<fes:PropertyIsGreaterThanOrEqualTo>{value('site_area_m2')}{literal(area)}</fes:PropertyIsGreaterThanOrEqualTo>"
        condition = f'<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0"><fes:And>{ratio}{least}</fes:And></fes:Filter>'
        return self.wfs(filter=condition, **more)

    def filter(self, bounds):
        return self.conditions(bounds, count=100)

    def sorted(self, bounds):
        return self.conditions(bounds, count=100, typenames="sorted", sortby="area DESC")

    def count(self, bounds):
        return self.conditions(bounds, resulttype="hits").replace("&outputformat=geojson", "")

    def matched(self, answer):
        return int(re.search(rb'numberMatched"?[=:] ?"?(\d+)', answer.body)[1])

    def page(self, number, before):
        return self.wfs(count=1000, startindex=number * 1000)


class GeojsonVt(Server):
    name = "geojson-vt"

    @staticmethod
    def there(place):
        return (place.packages / "node_modules/geojson-vt").exists()

    def start(self):
        source = self.place.city / "geodata/parcels.geojson"
        heap = "--max-old-space-size=12000"
        return process.start(["node", heap, HERE / "geojson_vt.mjs", source, self.place.packages, self.port], self.place.log)

    def mvt(self, tile):
        return "/{}/{}/{}.mvt".format(*tile)

    def geojson(self, tile):
        return "/{}/{}/{}.geojson".format(*tile)


PEERS = [Martin, GeojsonVt, MapServer, Tipg]
