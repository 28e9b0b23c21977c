"""Run one benchmark in this process and print a row per measurement."""

import argparse
import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLUMNS = ("name", "ours", "peer", "ratio", "unit", "runs", "target")


def main() -> int:
    """Print the measurements of one benchmark."""
    known = sorted(file.stem for file in HERE.glob("[a-z]*.py") if file.stem != "run")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=known)
    parser.add_argument("--quick", action="store_true", help="end within a minute")
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    asked = parser.parse_args()
    sys.path.insert(0, str(HERE))
    if not asked.json:
        print(f"{'measurement':<48}{'ours':>12}{'peer':>12}{'ratio':>9}  unit   runs  target")
    for row in importlib.import_module(asked.name).measurements(quick=asked.quick):
        if asked.json:
            print(json.dumps({column: row.get(column) for column in COLUMNS}, ensure_ascii=False), flush=True)
        else:
            peer, ratio = (f"{row[key]:.4g}" if row[key] is not None else "-" for key in ("peer", "ratio"))
            figures = f"{row['ours']:>12.4g}{peer:>12}{ratio:>9}  {row['unit']:<6} {row['runs']:<4}"
            print(f"{row['name']:<48}{figures}  {row.get('target', '')}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
