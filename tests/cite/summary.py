"""Reads the results of TestNG: every test that failed or was skipped by its name, then the counts."""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path

suite, folder = sys.argv[1:]
found = list(Path(folder).rglob("testng-results.xml"))
if len(found) != 1:
    sys.exit(f"cite: {len(found)} files of results in {folder}, expected one")
counts = {"PASS": 0, "FAIL": 0, "SKIP": 0}
for group in xml.parse(found[0]).iter("class"):
    for test in group.iter("test-method"):
        # What prepares a test is none.
        if test.get("is-config") == "true":
            continue
        status = test.get("status")
        counts[status] += 1
        if status != "PASS":
            reason = (test.findtext("exception/message") or "").strip().splitlines()
            name = f"{group.get('name').rpartition('.')[2]}.{test.get('name')}"
            print(f"{status} {name}: {reason[0] if reason else 'no reason is given'}")
print(f"{counts['SKIP']} skipped")
print(f"cite-{suite}: {counts['PASS']} passed, {counts['FAIL']} failed", flush=True)
sys.exit(1 if counts["FAIL"] or not counts["PASS"] else 0)
