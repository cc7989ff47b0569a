"""OWSLib: landing page, conformance, collections, items, paging."""

import sys

from checks import BOXES, FILTERS, Api, Checks
from owslib.ogcapi.features import Features

api, checks = Api(sys.argv[1]), Checks("owslib")
client = Features(api.base + "/")

checks.same("title", client.links and client.response["title"], api.get("/", f="json")["title"])
checks.same("OpenAPI", client.api()["openapi"], "3.0.3")
conformance = client.conformance()["conformsTo"]
checks.true("conformance", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conformance, conformance)
checks.same("collections", client.feature_collections(), [collection["id"] for collection in api.collections()])

for collection in api.collections():
    name = collection["id"]
    checks.same(f"{name}: title", client.collection(name)["title"], collection["title"])
    queryables = client.collection_queryables(name)["properties"]
    checks.true(f"{name}: queryables", "geometry" in queryables and "name_zh" in queryables, list(queryables))
    # By the `next` links, as a reader without knowledge of the cursor does.
    seen, page = [], client.collection_items(name, limit=4)
    while True:
        seen += [feature["id"] for feature in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        if not address:
            break
        page = client._request(path=address.removeprefix(api.base + "/"))
    everything = [feature["id"] for feature in api.items(name)]
    checks.same(f"{name}: by pages", seen, everything)
    checks.same(f"{name}: each once", len(set(seen)), page["numberMatched"])
    item = client.collection_item(name, everything[0])
    checks.same(f"{name}: {everything[0]}", item["id"], everything[0])

for collection, cql2, _ in FILTERS:
    page = client.collection_items(collection, filter=cql2)
    checks.same(f"{collection}: {cql2}", page["numberMatched"], api.matched(collection, filter_=cql2))
for box in BOXES:
    page = client.collection_items("parcels", bbox=list(box))
    checks.same(f"parcels in {box}", page["numberMatched"], api.matched("parcels", bbox=",".join(map(str, box))))
page = client.collection_items("parcels", sortby=("site_area_m2", "desc"))
areas = [feature["properties"]["site_area_m2"] for feature in page["features"]]
known = [area for area in areas if area is not None]
checks.same("sorted", areas, sorted(known, reverse=True) + [None] * (len(areas) - len(known)))
page = client.collection_items("road-works", q="qls")
checks.true("by pinyin initials", page["numberMatched"] > 0, page["numberMatched"])
page = client.collection_items("parcels", datetime_="2021-01-01T00:00:00Z/2025-12-31T23:59:59Z")
checks.same("datetime", page["numberMatched"], api.matched("parcels"))
try:
    client.collection_items("parcels", filter="no_such_column = 1")
    checks.true("a wrong filter", False, "was accepted")
except RuntimeError as error:
    checks.true("a wrong filter", "no_such_column" in str(error), str(error))

sys.exit(checks.end())
