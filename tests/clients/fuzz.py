"""Runs schemathesis against the server's own description, and counts the operations that held."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

program, base = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    report = Path(folder) / "report.xml"
    settings = Path(__file__).with_name("schemathesis.toml")
    arguments = [program, "--config-file", str(settings), "run", f"{base}/api?f=json"]
    # A seed, so that what failed once fails again; a time, so that it ends.
    arguments += ["--seed", "1", "--max-time", "180", "--workers", "2", "--continue-on-failure"]
    arguments += ["--report", "junit", "--report-junit-path", str(report)]
    done = subprocess.run(arguments, cwd=folder, env={**os.environ, "NO_COLOR": "1"}, check=False)
    cases = list(xml.parse(report).iter("testcase"))
failed = [case.get("name") for case in cases if case.find("failure") is not None or case.find("error") is not None]
for name in failed:
    print(f"schemathesis: {name}", file=sys.stderr)
print(f"schemathesis: {len(cases) - len(failed)} passed, {len(failed)} failed")
sys.exit(done.returncode or (1 if failed or not cases else 0))
