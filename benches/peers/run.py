"""`./dev peers`: Buju and other servers, asked the same on the same machine in the same run.

Speed is told in requests per second of processor time of the whole server side: the process, all its children, and
PostgreSQL where there is one. First-time questions are asked of a server that has just started."""

import argparse
import json
import os
import statistics
import sys
from pathlib import Path
from types import SimpleNamespace

import data
import mvt
import process
import servers

# A question ends when all was asked, or when the server has used so much processor time.
ENOUGH = 4.0
CONNECTIONS = 8

QUESTIONS = {
    "mvt": "MVT tiles z12-z17, first time",
    "again": "the same tiles, again",
    "geojson": "GeoJSON tiles z12-z17, first time",
    "box": "items in a box of 250-450 m, limit 100",
    "filter": "plot_ratio in a range, site_area over a bound, limit 100",
    "sorted": "the same, sorted by area",
    "count": "exact count of that filter",
    "page": "pages of 1000 through all",
}


class Cost:
    def __init__(self, requests, seconds, size, features=0):
        self.rate = requests / seconds
        self.size = size / requests
        self.features = features / requests


def ask(client, path):
    client.send(path)
    return checked(client.receive(), path)


def checked(answer, path):
    if answer.status not in (200, 204):
        raise RuntimeError(f"{path}: {answer.status} {answer.body[:300]}")
    return answer


def once(server, paths, features=None):
    """One after the other; a path may depend on the answer before. Tiles, whose features are counted, are all asked
    for: they differ, and which are cheap depends on those before."""
    client, before, asked, size, held = server.connect(server.port), server.cpu(), 0, 0, 0
    answer = None
    for path in paths:
        answer = ask(client, path(answer) if callable(path) else path)
        asked, size = asked + 1, size + len(answer.body)
        if features:
            held += features(answer.body)
        elif asked % 20 == 0 and server.cpu() - before > ENOUGH:
            break
    client.close()
    return Cost(asked, server.cpu() - before, size, held)


def geojson_features(body):
    return body.count(b'"type":"Feature"')


def again(server, paths):
    """Over and over, several at once."""
    clients = [server.connect(server.port) for _ in range(CONNECTIONS)]
    before, asked, size = server.cpu(), 0, 0
    while server.cpu() - before < ENOUGH / 4:
        for at in range(0, len(paths), CONNECTIONS):
            batch = list(zip(clients, paths[at : at + CONNECTIONS], strict=False))
            for client, path in batch:
                client.send(path)
            for client, path in batch:
                size += len(checked(client.receive(), path).body)
            asked += len(batch)
    for client in clients:
        client.close()
    return Cost(asked, server.cpu() - before, size)


def pages(server, count):
    """Of a million, every tenth page where pages have numbers; a cursor has to go through all of them."""
    step = 10 if count > 100 and not isinstance(server, servers.Buju) else 1
    return [lambda before, number=number: server.page(number, before) for number in range(0, count, step)]


def measure(kind, place, asks):
    """The cost of every question that this server can answer, in two lives of the server."""
    costs = {}
    server = kind(place)
    try:
        costs["start"] = server.ready
        tiles = [server.mvt(tile) for tile in asks["tiles"]]
        costs["mvt"] = once(server, tiles, mvt.features)
        costs["again"] = again(server, tiles)
        if hasattr(server, "geojson"):
            server.stop()
            server = kind(place)
            costs["geojson"] = once(server, [server.geojson(tile) for tile in asks["tiles"]], geojson_features)
        for what, from_ in (("box", "boxes"), ("filter", "filters"), ("sorted", "filters"), ("count", "filters")):
            if hasattr(server, what):
                costs[what] = once(server, [getattr(server, what)(one) for one in asks[from_]])
        if hasattr(server, "page"):
            costs["page"] = once(server, pages(server, asks["parcels"] // 1000))
        costs["memory"] = process.memory(server.roots())
    finally:
        server.stop()
    return costs


def agree(kind, place, asks, known):
    """Whether a peer gives what Buju gives: a wrong peer is no peer. What differs is told."""
    server, ours = kind(place), known
    said = []
    try:
        for what, from_ in (("box", "boxes"), ("filter", "filters"), ("sorted", "filters"), ("count", "filters")):
            if not hasattr(server, what):
                continue
            same = 0
            for one in asks[from_][:20]:
                mine, theirs = ours.get(getattr(ours, what)(one)), server.get(getattr(server, what)(one))
                same += AGREE[what](ours, mine, server, theirs)
            said.append(f"{what} {same}/20")
    finally:
        server.stop()
    return f"{kind.name}: {', '.join(said) or 'tiles only'}"


def same_boxes(ours, mine, server, theirs):
    """Over the limit each may choose other parcels."""
    mine, theirs = set(ours.ids(mine)), set(server.ids(theirs))
    return mine == theirs or len(mine) == len(theirs) == 100


def same_areas(ours, mine, server, theirs):
    def areas(whose, answer):
        return [feature["properties"]["site_area_m2"] for feature in whose.features(answer)]

    return areas(ours, mine) == areas(server, theirs)


AGREE = {
    "box": same_boxes,
    "filter": same_boxes,
    "sorted": same_areas,
    "count": lambda ours, mine, server, theirs: ours.matched(mine) == server.matched(theirs),
}


def told(runs, what):
    """The median of the runs, and how far the others are from it."""
    rates = [run[what].rate for run in runs if what in run]
    if not rates:
        return None, "-"
    middle = statistics.median(rates)
    spread = (max(rates) - min(rates)) / middle / 2 * 100
    size = statistics.median(run[what].size for run in runs) / 1000
    features = statistics.median(run[what].features for run in runs)
    held = f", {features:.0f} features" if features else ""
    rate = f"{middle:,.{1 if middle < 100 else 0}f}".replace(",", " ")
    return middle, f"{rate} ±{spread:.0f} %; {size:.0f} kB{held}"


def table(results, parcels):
    names = [name for name in results if name != "Buju"]
    peers = [name for name in names if not name.startswith("Buju")]
    print(f"\n| {parcels:,} parcels".replace(",", " ") + f" | Buju | best peer | ratio | {' | '.join(names)} |")
    print("|---" * (4 + len(names)) + "|")
    for what, title in QUESTIONS.items():
        rates = {name: told(runs, what) for name, runs in results.items()}
        known = [(rate, name) for name, (rate, _) in rates.items() if rate and name in peers]
        best, best_name = max(known, default=(None, "-"))
        ratio = f"{rates['Buju'][0] / best:.1f}" if best and rates["Buju"][0] else "-"
        cells = [rates["Buju"][1], best_name, ratio, *(rates[name][1] for name in names)]
        print(f"| {title} | {' | '.join(cells)} |")
    for what, title, unit in (("start", "start to first tile", "s"), ("memory", "memory at the end", "MB")):
        figures = {name: statistics.median(run[what] for run in runs) for name, runs in results.items()}
        cells = {name: f"{figure:.{1 if unit == 's' else 0}f} {unit}" for name, figure in figures.items()}
        best = min(peers, key=figures.get, default="-")
        ratio = f"{figures[best] / figures['Buju']:.1f}" if peers else "-"
        print(f"| {title} | {cells['Buju']} | {best} | {ratio} | {' | '.join(cells[name] for name in names)} |")
    sys.stdout.flush()


def machine():
    models = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    load = " ".join(f"{part:.1f}" for part in os.getloadavg())
    return f"{os.cpu_count()} cores of {models[0] if models else 'an unknown processor'}; the servers on one; load average {load}"


def extent(boxes):
    west, south, east, north = (list(edge) for edge in zip(*boxes, strict=True))
    return f"{min(west) - 0.01:.4f} {min(south) - 0.01:.4f} {max(east) + 0.01:.4f} {max(north) + 0.01:.4f}"


def absolute(path):
    """PostgreSQL is started elsewhere."""
    return Path(path).resolve()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=absolute, required=True, help="buju")
    parser.add_argument("--folder", type=absolute, required=True, help="where the peers' data are kept")
    parser.add_argument("--requests", type=Path, required=True, help="what `city --requests` printed")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="names of peers, or parts of them, with commas")
    options = parser.parse_args()
    wanted = [name.lower() for name in options.only.split(",")]
    for text in options.requests.read_text().splitlines():
        asks = json.loads(text)
        compare(options, asks, [kind for kind in servers.PEERS if any(name in kind.name.lower() for name in wanted)])


def compare(options, asks, kinds):
    folder = options.folder / str(asks["parcels"])
    folder.mkdir(parents=True, exist_ok=True)
    city = absolute(asks["folder"])
    middle = next(tile for tile in asks["tiles"] if tile[0] == 15)
    with open(folder / "log", "w") as log:
        place = SimpleNamespace(
            program=options.program, folder=folder, city=city, whole=data.without_budget(city, folder / "plan"), log=log, packages=options.folder,
            martin=options.folder / "martin/bin/martin", python=options.folder / "python/bin/python",
            middle=[middle[0], middle[1] + 1, middle[2]], extent=extent(asks["boxes"]),
        )
        missing = [kind for kind in kinds if not kind.there(place)]
        for kind in missing:
            print(f"{kind.name} could not be had, and is left out", file=sys.stderr)
        kinds = [kind for kind in kinds if kind not in missing]
        place.postgres = process.Postgres(folder / "pg", log)
        try:
            data.into_postgis(place.postgres, city / "geodata/parcels.geojson")
            data.into_shapefiles(folder, city / "geodata/parcels.geojson")
            place.postgres.sql("CHECKPOINT")
            ours = servers.Buju(place)
            print("Answers that agree with Buju's:", file=sys.stderr)
            for kind in kinds:
                print("  " + agree(kind, place, asks, ours), file=sys.stderr)
            ours.stop()
            kinds = [servers.Buju, servers.BujuBudget, *kinds]
            results = {kind.name: [] for kind in kinds}
            for run in range(options.runs):
                for kind in kinds:
                    results[kind.name].append(measure(kind, place, asks))
                    print(f"run {run + 1}: {kind.name}", file=sys.stderr)
        finally:
            place.postgres.stop()
    print(machine())
    table(results, asks["parcels"])


if __name__ == "__main__":
    main()
