"""What the clients' scripts share: the API as it is, and a count of what was compared with it."""

import json
import sys
import urllib.parse
import urllib.request


class Checks:
    """Counts comparisons. A script goes on after a mismatch, so that one run shows them all."""

    def __init__(self, client):
        self.client = client
        self.passed = 0
        self.failed = 0

    def same(self, what, got, expected):
        """Compares what a client has with what the API says."""
        self.true(what, got == expected, f"{self.client} has {got!r}, the API {expected!r}")

    def true(self, what, holds, detail=""):
        """Notes whether something holds."""
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"{self.client}: {what}: {detail}", file=sys.stderr)

    def end(self):
        """Prints the count for `dev` and tells it by the exit code."""
        if not self.passed:
            print(f"{self.client}: nothing was checked", file=sys.stderr)
        print(f"{self.client}: {self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


class Api:
    """The server, read with nothing but the standard library."""

    def __init__(self, base):
        self.base = base.rstrip("/")

    def bytes(self, path, **query):
        """The body at a path."""
        names = {name.rstrip("_").replace("_", "-"): value for name, value in query.items()}
        address = self.base + path + ("?" + urllib.parse.urlencode(names) if names else "")
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read()

    def get(self, path, **query):
        """The JSON at a path. `filter_` becomes `filter`, `bbox_crs` becomes `bbox-crs`."""
        return json.loads(self.bytes(path, **query))

    def collections(self):
        """All collections."""
        return self.get("/collections")["collections"]

    def items(self, collection, **query):
        """All features that a query matches, in one page."""
        page = self.get(f"/collections/{collection}/items", limit=10000, **query)
        assert page["numberMatched"] == page["numberReturned"] == len(page["features"]), page["numberMatched"]
        return page["features"]

    def matched(self, collection, **query):
        """How many features a query matches."""
        return self.get(f"/collections/{collection}/items", limit=1, **query)["numberMatched"]


# Each filter in CQL2, and as clients with an SQL of their own write it.
FILTERS = [
    ("parcels", "plot_ratio >= 2", None),
    ("parcels", "plot_ratio IS NULL", None),
    ("parcels", "site_area_m2 > 10000 AND plot_ratio < 3", None),
    ("parcels", "site_area_m2 BETWEEN 10000 AND 60000", "site_area_m2 >= 10000 AND site_area_m2 <= 60000"),
    ("parcels", "name_zh LIKE '%中心%'", None),
    ("parcels", "kind = 'new-build' OR plot_ratio > 1", None),
    ("parcels", "NOT (kind = 'new-build')", "kind <> 'new-build'"),
    ("road-works", "kind IN ('drainage','new')", None),
    ("road-works", "name_en LIKE 'Q%'", None),
]

# The town, a part of it, and a place where nothing is.
BOXES = [
    (121.30, 31.20, 121.50, 31.40),
    (121.36, 31.26, 121.37, 31.28),
    (121.3605, 31.2705, 121.3725, 31.2845),
    (0.0, 0.0, 1.0, 1.0),
]
