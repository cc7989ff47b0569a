"""A made-up town, as the scripts that write files of other programs hold it: no package is needed to read it.

Coordinates are metres of EPSG:4549, easting first, with more decimals than any file keeps.
"""

import datetime
import math
import os

# As many plots; fewer make files that are small enough to be kept.
ROWS = int(os.environ.get("TOWN_ROWS", "24"))

# Header, kind. The first is the key.
COLUMNS = [
    ("地块编号", "text"),
    ("名称", "text"),
    ("用地性质", "text"),
    ("容积率", "number"),
    ("层数", "integer"),
    ("投资", "integer"),
    ("已批准", "boolean"),
    ("批准日期", "date"),
    ("登记时间", "moment"),
    ("代码", "text"),
    ("备注", "text"),
]

# A Shapefile's names have ten bytes: what fits in UTF-8.
SHORT = {"地块编号": "编号", "用地性质": "用途", "批准日期": "批复日", "登记时间": "登记"}

USES = ["工业用地", "居住用地", "公园绿地"]
NOTES = ["沿街，含“历史”建筑", 'a "quoted", word', "两行\n文字", "Ünïcode", None, "100%", "=1+1", "无"]


def ring(x, y, width, height, lean=0.0):
    """A slanted block, closed, clockwise on purpose: programs turn rings as they like."""
    corners = [(x, y), (x + lean, y + height), (x + width + lean, y + height * 1.01), (x + width, y), (x, y)]
    return "(" + ",".join(f"{east!r} {north!r}" for east, north in corners) + ")"


def place(at):
    """WKT of a row's shape: polygons, one with a court, some of several parts, one without a place."""
    x, y = 629000 + 150 * (at % 6) + math.pi / 10, 3461000 + 150 * (at // 6) + math.e / 10
    whole = ring(x, y, 99.123456789, 88.987654321, 3.3)
    if at == 7:
        return f"MULTIPOLYGON(({whole},{ring(x + 30, y + 30, 20.5, 21.25)}))"
    if at % 5 == 4:
        return f"MULTIPOLYGON(({ring(x, y, 40, 80.5)}),({ring(x + 60, y, 40, 80.5)}))"
    if at == 11:
        return None
    return f"MULTIPOLYGON(({whole}))"


def plots(plain=False):
    """Rows with their values by header, and their shapes. `plain`: no sign that GBK has not."""
    rows = []
    for at in range(ROWS):
        note = NOTES[at % len(NOTES)]
        name = f"虚构地块{at}"
        if plain and note:
            note = note.replace("Ünï", "Uni")
        elif at == 3:
            # Of a plane beyond the first, and one that only GB18030 has: names of places have both.
            name = "𠮷田㐂路"
        rows.append(
            (
                {
                    "地块编号": f"A-{at:02}",
                    "名称": name,
                    "用地性质": USES[at % 3],
                    "容积率": None if at == 5 else 1 + at / 7,
                    "层数": None if at == 6 else at % 9 - 1,
                    "投资": 3_000_000_000 + at,
                    "已批准": None if at == 8 else at % 2 == 0,
                    "批准日期": None if at == 9 else datetime.date(2021, 1 + at % 12, 1 + at),
                    "登记时间": None if at == 10 else datetime.datetime(2022, 3, 1 + at, 8 + at % 10, 30, at),
                    "代码": f"{at:03}",
                    "备注": note,
                },
                place(at),
            )
        )
    return rows


def roads():
    """Rows of lines: some of several parts."""
    rows = []
    for at in range(8):
        x, y = 628990.5, 3460990.25 + 150 * at
        line = f"({x} {y},{x + 400.125} {y + 3.0625},{x + 900.0000625} {y})"
        more = f",({x} {y + 20},{x + 100} {y + 20})" if at % 3 == 2 else ""
        rows.append(({"路名": f"虚构{at}路", "等级": ["主干路", "支路"][at % 2]}, f"MULTILINESTRING({line}{more})"))
    return rows


def points(plain=False):
    """Rows of points, of the middle of each plot, with a height."""
    for at, (values, _) in enumerate(plots(plain)):
        yield values, (629049.123456 + 150 * (at % 6), 3461049.654321 + 150 * (at // 6), 3.5 + at / 4)
