"""Prometheus' own reader of its text format, on /metrics."""

import sys

from checks import Api, Checks
from prometheus_client.parser import text_string_to_metric_families

api, checks = Api(sys.argv[1]), Checks("prometheus")
for path in ["/tiles/15/27431/13384.mvt", "/collections/parcels/items", "/search?q=qls"]:
    api.bytes(path)
text = api.bytes("/metrics").decode()
families = {family.name: family for family in text_string_to_metric_families(text)}
ready = api.get("/readyz")


def values(name, *labels):
    """A metric's values by some of its labels."""
    return {tuple(sample.labels[label] for label in labels): sample.value for sample in families[name].samples}


unknown = [name for name, family in families.items() if family.type == "unknown" or not family.documentation]
checks.same("metrics without a type or a text", unknown, [])
checks.same("version", values("buju_snapshot_info", "plan", "version"), {(ready["plan"], ready["version"]): 1})
checks.same("features", sum(values("buju_snapshot_features", "collection").values()), ready["features"])
checks.same("reloads", set(values("buju_reloads", "result")), {("swapped",), ("unchanged",), ("refused",)})
answers = values("buju_http_requests", "kind", "status")
for kind in ["tile", "items", "search"]:
    checks.true(f"answers: {kind}", answers[kind, "2xx"] >= 1, answers)
    times = [sample for sample in families["buju_http_request_duration_seconds"].samples if sample.labels["kind"] == kind]
    bins = [(float(sample.labels["le"]), sample.value) for sample in times if sample.name.endswith("_bucket")]
    checks.same(f"bins: {kind}", bins, sorted(bins))
    checks.same(f"all bins: {kind}", bins[-1], (float("inf"), sum(v for (k, _), v in answers.items() if k == kind)))

sys.exit(checks.end())
