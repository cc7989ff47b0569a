"""LibreOffice without a screen calculates a workbook of the made-up town and saves it in the formats that people send."""

import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from town import points, roads

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
    )
)
SPACES += ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
# Formats of cells: a day, a moment, per cent with two digits, and a colour for cells with nothing in them.
STYLES = """
<office:automatic-styles>
<number:date-style style:name="d"><number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/>
<number:text>-</number:text><number:day number:style="long"/></number:date-style>
<number:date-style style:name="zh"><number:year number:style="long"/><number:text>年</number:text><number:month/>
<number:text>月</number:text><number:day/><number:text>日</number:text></number:date-style>
<number:date-style style:name="t"><number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/>
<number:text>-</number:text><number:day number:style="long"/><number:text> </number:text><number:hours number:style="long"/>
<number:text>:</number:text><number:minutes number:style="long"/><number:text>:</number:text><number:seconds number:style="long"/></number:date-style>
<number:percentage-style style:name="p"><number:number number:decimal-places="2" number:min-integer-digits="1"/>
<number:text>%</number:text></number:percentage-style>
<number:boolean-style style:name="b"><number:boolean/></number:boolean-style>
<style:style style:name="truth" style:family="table-cell" style:data-style-name="b"/>
<style:style style:name="day" style:family="table-cell" style:data-style-name="d"/>
<style:style style:name="day-zh" style:family="table-cell" style:data-style-name="zh"/>
<style:style style:name="moment" style:family="table-cell" style:data-style-name="t"/>
<style:style style:name="percent" style:family="table-cell" style:data-style-name="p"/>
<style:style style:name="colour" style:family="table-cell"><style:table-cell-properties fo:background-color="#ffff00"/></style:style>
</office:automatic-styles>
"""
HEADERS = [
    "地块编号",
    "名称",
    "经度",
    "纬度",
    "用地面积（公顷）",
    "绿地率",
    "批准日期",
    "竣工日期",
    "登记时间",
    "代码",
    "已批准",
    "建筑面积",
    "层数",
    "备注",
]


def text(value):
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def number(value, kind="float", style=""):
    style = f' table:style-name="{style}"' if style else ""
    return f'<table:table-cell{style} office:value-type="{kind}" office:value="{value!r}"/>'


def day(value, style):
    return f'<table:table-cell table:style-name="{style}" office:value-type="date" office:date-value="{value}"/>'


BLANK = "<table:table-cell/>"
# Coloured, and with nothing in them: as people leave them below and beside a table.
COLOURED = '<table:table-row table:number-rows-repeated="5"><table:table-cell table:style-name="colour" table:number-columns-repeated="20"/></table:table-row>'


def row(cells):
    return "<table:table-row>" + "".join(cells) + "</table:table-row>"


def plots_sheet(first=2):
    """A row per plot, from a row of the sheet on; the floor area is a formula, which LibreOffice calculates."""
    lines = []
    for at, (values, (x, y, _)) in enumerate(points()):
        # Degrees near enough to the town: the grid's metres would be a CRS that the sheet does not tell.
        lon, lat = 121.35 + (x - 629000) / 95000, 31.26 + (y - 3461000) / 111000
        when = values["登记时间"]
        done = values["批准日期"]
        lines.append(
            row(
                [
                    text(values["地块编号"]),
                    text(values["名称"]),
                    number(lon) if at != 11 else BLANK,
                    number(lat) if at != 11 else BLANK,
                    number(0.1 * (at + 1)),
                    number(0.35 + at / 1000, "percentage", "percent"),
                    day(done.isoformat(), "day") if done else BLANK,
                    day(done.replace(year=2024).isoformat(), "day-zh") if done else BLANK,
                    day(when.isoformat(), "moment") if when else BLANK,
                    text(values["代码"]),
                    f'<table:table-cell table:style-name="truth" office:value-type="boolean" office:boolean-value="{"true" if at % 2 else "false"}"/>',
                    f'<table:table-cell table:formula="of:=[.E{at + first}]*10000*1.5"/>',
                    number(at) if at != 6 else BLANK,
                    text(values["备注"]) if values["备注"] else BLANK,
                    '<table:table-cell table:style-name="colour" table:number-columns-repeated="3"/>',
                ]
            )
        )
    return lines


def roads_sheet():
    """Lines as WKT, in the grid."""
    lines = [row(map(text, ["路名", "几何", "等级"]))]
    return lines + [row([text(values["路名"]), text(wkt), text(values["等级"])]) for values, wkt in roads()]


def workbook(*sheets):
    tables = "".join(f'<table:table table:name="{name}">{"".join(lines)}</table:table>' for name, lines in sheets)
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    head = f'<?xml version="1.0" encoding="UTF-8"?><office:document {SPACES} office:version="1.2" office:mimetype="{mime}">'
    return f"{head}{STYLES}<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document>"


def spanned(words, over, rows=1):
    """A cell merged with those beside and below it."""
    span = f'table:number-columns-spanned="{over}" table:number-rows-spanned="{rows}"'
    cell = f'<table:table-cell {span} office:value-type="string"><text:p>{words}</text:p></table:table-cell>'
    return cell + (f'<table:covered-table-cell table:number-columns-repeated="{over - 1}"/>' if over > 1 else "")


def write(folder):
    folder = Path(folder)
    header = row(map(text, HEADERS))
    plots = [header, *plots_sheet(), COLOURED]
    titled = [row([spanned("虚构镇地块一览表（编造的数据）", len(HEADERS))]), header, *plots_sheet(3)]
    # The last word of the header stands over two columns.
    joined = [row([*map(text, HEADERS[:-1]), spanned("备注", 2)]), *(line for line in plots_sheet())]
    books = {
        "office": workbook(("地块表", plots), ("道路表", roads_sheet())),
        "office-one": workbook(("地块表", plots)),
        "office-roads": workbook(("道路表", roads_sheet())),
        "office-titled": workbook(("地块表", titled)),
        "office-joined": workbook(("地块表", joined)),
    }
    for name, book in books.items():
        (folder / f"{name}.fods").write_text(book, encoding="utf-8")
    with tempfile.TemporaryDirectory() as profile:

        def convert(form, *names):
            # Its own folder, or the office of a user who has it open would be asked.
            told = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--infilter=CSV:44,34,76,1"]
            told = [part for part in told if "CSV" not in part or names[0].suffix == ".csv"]
            told += ["--convert-to", form, "--outdir", str(folder), *map(str, names)]
            done = subprocess.run(told, capture_output=True, text=True, timeout=180)
            assert done.returncode == 0, done.stderr

        def tables(label, *tokens):
            convert("csv:Text - txt - csv (StarCalc):" + ",".join(tokens), folder / "office-one.fods", folder / "office-roads.fods")
            for name in ("office-one", "office-roads"):
                (folder / f"{name}.csv").rename(folder / f"{name}-{label}.csv")

        convert("xlsx", *(folder / f"{name}.fods" for name in books))
        convert("ods", folder / "office.fods")
        # The delimiter, the quote, the encoding (76 UTF-8, 67 GBK, 85 GB18030, 65535 UTF-16), the first line; cells as they are shown or not.
        tables("utf8", "44", "34", "76", "1")
        tables("raw", "44", "34", "76", "1", "", "0", "false", "false")
        tables("quoted", "59", "34", "76", "1", "", "0", "true")
        tables("tabs", "9", "34", "65535", "1")
        tables("gb18030", "44", "34", "85", "1")
        # GBK has not every sign of these names: LibreOffice writes ? for those.
        tables("gbk", "44", "34", "67", "1")
        # A table that came as CSV and goes on as a workbook, as whoever opens it does.
        convert("xlsx", folder / "office-roads-utf8.csv")


if __name__ == "__main__":
    import sys

    write(sys.argv[1])
