"""`make bench`: every target of speed, measured in one run, on SQLite and on PostgreSQL and Redis.

On the second, only the rows on which it tells. `make bench ARGS="--on sqlite --rows verification"`
measures what it names; `--smoke` runs all of it in a minute, to see that it runs, and writes
nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import report
from tests.bench.backends import MissingError, postgres_and_redis
from tests.bench.servers import ROOT

# In this order: the removed keys are those that the others ask with.
ROWS = [
    "restart",
    "verification",
    "forgery",
    "size",
    "lists",
    "pages",
    "counting",
    "removal",
]
# The other rows are about what happens in the process, whatever the database.
OF_THE_DATABASE = {"verification", "lists", "removal"}
HEADS = {"sqlite": "SQLite", "postgresql": "PostgreSQL + Redis"}
STYLES = {True: "green", False: "bold red", None: ""}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and so leave no server behind
    options = arguments()
    console, began = Console(), time.monotonic()
    columns = {}
    for name in options.on:
        console.rule(HEADS[name])
        columns[HEADS[name]] = column(name, options, console)
    took = time.monotonic() - began
    console.print(table(columns))
    console.print(f"It took {took / 60:.1f} minutes.")
    if not options.smoke:
        text = report.markdown(columns, took, sys.argv[1:])
        Path(options.output).write_text(text, encoding="utf-8")
        console.print(f"Written to {options.output}")


def arguments():
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    listed = {"type": lambda text: text.split(","), "metavar": "A,B"}
    parser.add_argument("--rows", help=f"of {', '.join(ROWS)}", **listed)
    parser.add_argument("--on", default=list(HEADS), help=f"of {', '.join(HEADS)}", **listed)
    parser.add_argument("--smoke", action="store_true", help="short, and nothing is written")
    parser.add_argument("--output", default=str(ROOT / report.FILE), help="the Markdown file")
    options = parser.parse_args()
    for given, known in ((options.rows or [], ROWS), (options.on, HEADS)):
        for word in given:
            if word not in known:
                parser.error(f"{word!r} is none of {', '.join(known)}")
    return options


def rows(name, options):
    """What is measured on that database, in order."""
    wanted = options.rows or (ROWS if name == "sqlite" else OF_THE_DATABASE)
    return [row for row in ROWS if row in wanted]


def column(name, options, console):
    """The figures on one database; or why there are none, as text."""
    bare = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DATABASE_URL", "REDIS_URL"} and not key.startswith("CERBYKEYS_")
    }
    if name == "sqlite":
        return measured(bare, rows(name, options), options, console)
    try:
        with postgres_and_redis() as variables:
            return measured({**bare, **variables}, rows(name, options), options, console)
    except MissingError as missing:
        console.print(f"not measured: {missing}")
        return str(missing)


def measured(environment, wanted, options, console):
    """The figures of a process that measures with this environment, told as they come."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.column"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps({"rows": wanted, "smoke": options.smoke}))
    process.stdin.close()
    figures = []
    try:
        for line in process.stdout:
            figure = json.loads(line)
            figures.append(figure)
            said = f"{figure['at']:4.0f} s  {figure['name']}: {report.written(figure)}"
            console.print(said, style=STYLES[figure["met"]], highlight=False)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.wait():
        sys.exit("bench: a measurement failed: see above.")
    return figures


def table(columns):
    """The table for a terminal."""
    grown = Table(show_lines=True)
    grown.add_column("")
    grown.add_column("target")
    for head in columns:
        grown.add_column(head)
    for name in report.names(columns):
        cells = []
        for found in columns.values():
            figure = report.find(found, name)
            if figure is None:
                cells.append("-")
                continue
            note = f"\n[dim]{figure['note']}[/]" if figure["note"] else ""
            style = STYLES[figure["met"]] or "default"
            cells.append(f"[{style}]{report.written(figure)}[/]{note}")
        grown.add_row(name, report.target(columns, name), *cells)
    return grown


if __name__ == "__main__":
    main()
