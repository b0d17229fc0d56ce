"""The table: on the terminal as it grows, and as Markdown in the end."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import version

from tests.bench import wrk

FILE = "tests/bench/RESULTS.md"
ABOUT = """\
Medians, with the quartiles in brackets. Ratios are of rounds in turn (A B, B A, and so on) of one
run; below each, the throughput and the CPU time of the servers' processes behind it. The load comes
from a process on the same cores: wrk where it is installed and nothing else is said, or our own."""
VERDICTS = {True: "met", False: "**missed**", None: ""}
PACKAGES = [
    "django",
    "django-ninja",
    "granian",
    "argon2-cffi",
    "psycopg",
    "redis",
    "djangorestframework-api-key",
    "django-rest-knox",
]


def written(figure):
    """The median and the quartiles of a figure, as text."""
    digits = _digits(figure["median"])
    median, low, high = (f"{figure[name]:,.{digits}f}" for name in ("median", "low", "high"))
    unit = f" {figure['unit']}" if figure["unit"] else ""
    return f"{median}{unit}" if low == high else f"{median}{unit} ({low} to {high})"


def _digits(number):
    """Three significant digits, but whole numbers where there are no fractions."""
    if number == int(number):
        return 0
    return 0 if number >= 100 else 1 if number >= 10 else 2 if number >= 0.1 else 3


def markdown(columns, took, arguments):
    """The whole file: what was measured where, for each target the medians and the verdicts."""
    lines = [
        "# What `make bench` measured",
        "",
        ABOUT,
        "",
        *(f"- {line}" for line in conditions(took, arguments)),
        "",
    ]
    heads = list(columns)
    lines.append("| | target | " + " | ".join(heads) + " |")
    lines.append("|---|---|" + "---|" * len(heads))
    for name in names(columns):
        cells = [_cell(columns[head], name) for head in heads]
        lines.append(f"| {name} | {target(columns, name)} | " + " | ".join(cells) + " |")
    for head, column in columns.items():
        if isinstance(column, str):
            lines += ["", f"{head} was not measured: {column}."]
    return "\n".join([*lines, ""])


def conditions(took, arguments):
    """Under what it was measured, without the name of the machine."""
    today = dt.datetime.now(tz=dt.UTC).date()
    yield f"on {today:%-d %B %Y}, in {took / 60:.1f} minutes" + (
        f", with `{' '.join(arguments)}`" if arguments else ""
    )
    yield f"{len(os.sched_getaffinity(0))} cores ({_processor()}), {_memory():.0f} GiB, Linux"
    yield f"{platform.python_implementation()} {platform.python_version()}, " + ", ".join(
        f"{package} {version(package)}" for package in PACKAGES
    )
    yield (
        "granian with 2 workers, as `make run` starts it; 16 connections unless it is said, "
        f"and full load by {wrk.version() or 'tests/bench/load.py, for want of wrk'}"
    )


def names(columns):
    """The names of all figures, in the order in which they were measured first."""
    found = {}
    for column in columns.values():
        if not isinstance(column, str):
            found.update(dict.fromkeys(figure["name"] for figure in column))
    return list(found)


def target(columns, name):
    """The target of a figure; those of the columns, apart, where they differ."""
    targets = [
        figure["target"]
        for column in columns.values()
        if not isinstance(column, str)
        for figure in column
        if figure["name"] == name
    ]
    return " / ".join(dict.fromkeys(targets))


def find(column, name):
    """The figure of that name in a column, if it is there."""
    if isinstance(column, str):
        return None
    return next((figure for figure in column if figure["name"] == name), None)


def _cell(column, name):
    figure = find(column, name)
    if figure is None:
        return "-"
    verdict = VERDICTS[figure["met"]]
    said = f"{written(figure)} {verdict}".strip()
    return f"{said}<br>{figure['note']}" if figure["note"] else said


def _processor():
    with open("/proc/cpuinfo") as lines:  # noqa: PTH123
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _memory():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
