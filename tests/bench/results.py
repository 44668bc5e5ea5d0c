"""Collects times and prints them as a table.

results.py add [--above TOOL] [--iterations N] RESULTS SECTION TASK TOOL TIMES
    Records the times of a file of hyperfine (`-`: milliseconds on stdin). With `--above` the times of another tool at
    the same task are subtracted, with `--iterations` the rest is divided.
results.py table [--markdown] RESULTS
    Prints all of them, and how long ours takes as a part of each other tool's time.
"""

import argparse
import json
import os
import statistics
import sys

OURS = "venvwrap"


def times_of(path):
    if path == "-":
        return [float(line) for line in sys.stdin]
    with open(path) as file:
        return [1000 * second for second in json.load(file)["results"][0]["times"]]


def rows_of(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(*row[:3], float(row[3]), float(row[4])) for row in rows]


def add(args):
    times = times_of(args.times)
    if not times:
        return
    least, median = min(times), statistics.median(times)
    if args.above:
        for section, task, tool, base_least, base_median in rows_of(args.results):
            if (section, task, tool) == (args.section, args.task, args.above):
                least, median = least - base_least, median - base_median
    least, median = least / args.iterations, median / args.iterations
    with open(args.results, "a") as file:
        print(args.section, args.task, args.tool, least, median, sep="\t", file=file)


def ratio(ours, theirs):
    if theirs <= 0:
        return ""
    # A hundredth and a thousandth are not the same.
    return f"{ours / theirs:.2f}" if ours / theirs >= 0.1 else f"{ours / theirs:.4f}"


def shown(milliseconds):
    return f"{milliseconds:.4f}" if abs(milliseconds) < 1 else f"{milliseconds:.2f}"


def table(args):
    rows = rows_of(args.results)
    ours = {row[:2]: row[3:] for row in rows if row[2] == OURS}
    lines = [("what", "tool", "min ms", "median ms", "ours / it, min", "ours / it, median")]
    for section, task, tool, least, median in rows:
        ratios = ["", ""]
        is_base = tool in (OURS, "bare") or tool.startswith(("empty", "start of "))
        if (section, task) in ours and not is_base:
            ratios = [ratio(ours[section, task][0], least), ratio(ours[section, task][1], median)]
        lines.append((f"{section}: {task}", tool, shown(least), shown(median), *ratios))
    if args.markdown:
        lines.insert(1, ("---", "---", "---:", "---:", "---:", "---:"))
        for line in lines:
            print("| " + " | ".join(line) + " |")
        return
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    for line in lines:
        left = [text.ljust(width) for text, width in zip(line[:2], widths)]
        right = [text.rjust(width) for text, width in zip(line[2:], widths[2:])]
        print("  ".join(left + right).rstrip())


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    adder = commands.add_parser("add")
    adder.set_defaults(run=add)
    adder.add_argument("--above")
    adder.add_argument("--iterations", type=int, default=1)
    for name in ["results", "section", "task", "tool", "times"]:
        adder.add_argument(name)
    printer = commands.add_parser("table")
    printer.set_defaults(run=table)
    printer.add_argument("--markdown", action="store_true")
    printer.add_argument("results")
    args = parser.parse_args()
    args.run(args)


main()
