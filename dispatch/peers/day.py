"""Table B, the plan of the day: every peer and fettle, one after the other, on the generated days.

Equal CPU seconds, one thread, plans judged by evaluate.py. Writes the rows as JSON, from which plot.py draws.
"""

import argparse
import hashlib
import json
import os

import generate
import table
from measure import HERE, fettle, keep, measure, overran, runner

OURS = "Fettle"
# Name, command, and the sizes that it can answer; in the order of the table.
PEERS = [
    ("VROOM", runner("peer_vroom.py"), "S M L"),
    ("VROOM by sector", runner("peer_sectors.py", "vroom"), "XL"),
    ("OR-Tools", runner("peer_ortools.py"), "S M"),
    ("OR-Tools", runner("peer_ortools.py", "insertion"), "L"),
    ("VROOM, then OR-Tools", runner("peer_ortools.py", "warm"), "S M L"),
    ("PyVRP", runner("peer_pyvrp.py", "hard"), "S M L"),
    ("PyVRP, in two steps", runner("peer_pyvrp.py", "steps"), "S M"),
    ("PyVRP by sector", runner("peer_sectors.py", "pyvrp"), "XL"),
    ("vrp-cli", runner("peer_vrpcli.py"), "S M L XL"),
]
# Of the largest day only this is kept: the file is made again where it is needed.
XL_SHA256 = "06dcd38cad0fd6459fe2f6dcbbb24addc22758224522d15fa9b99e97755f8369"


def problem_file(size, folder):
    """The file of a generated day; the largest is made when it is first asked for."""
    stored = os.path.join(HERE, "field", f"{size}.json")
    if os.path.exists(stored):
        return stored
    made = os.path.join(folder, f"{size}.json")
    generate.write(size, made)
    with open(made, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != XL_SHA256:
        raise SystemExit(f"{made} is not the {size} of the published figures: this Python's dice fall otherwise")
    return made


def solvers(size, args):
    """Name and command of everyone who answers this size, ours last."""
    peers = [] if args.alone else [(name, command) for name, command, sizes in PEERS if size in sizes.split()]
    return [*peers, (OURS, fettle(args.fettle))]


def cell(row, ours):
    if row is None:
        return ["", ""]
    if row.get("cost") is None:
        return ["no plan", ""]
    mark = "*" if overran(row) else ""
    return [f"{row['cost']:,}{mark}", table.ratio(row["cost"], ours["cost"]) if ours.get("cost") else ""]


def show(size, problem, rows, seconds):
    """The table of one day: what each one's plan costs after so many seconds, and how many times ours that is."""
    with open(problem) as file:
        day = json.load(file)
    at = {(row["solver"], row["seconds"]): row for row in rows}
    names = list(dict.fromkeys(row["solver"] for row in rows))
    lines = []
    for name in names:
        cells = [cell(at.get((name, budget)), at[OURS, budget]) for budget in seconds]
        lines.append([name, *(text for pair in cells for text in pair)])
    head = ["", *(text for budget in seconds for text in (f"{budget:g} s", "of ours"))]
    count, people = len(day["tickets"]), len(day["engineers"])
    title = f"B. {size}: {count} tickets, {people} engineers; cost after so many CPU seconds"
    overtime = [row for row in rows if row.get("cost") is not None and overran(row)]
    notes = [f"* {row['solver']} took {row['cpu_s']:.0f} s instead of {row['seconds']:g}" for row in overtime]
    notes += [f"{row['solver']}, {row['seconds']:g} s: {row['fault']}" for row in rows if row.get("fault")]
    table.printed(title, head, lines, notes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fettle", required=True, help="the binary")
    parser.add_argument("--sizes", default="S,M,L")
    parser.add_argument("--seconds", default="1,10,60")
    parser.add_argument("--alone", action="store_true", help="no peers")
    parser.add_argument("--results", required=True, help="folder for the rows, and for problems that are made")
    args = parser.parse_args()
    os.makedirs(args.results, exist_ok=True)
    seconds, rows = [float(budget) for budget in args.seconds.split(",")], []
    for size in args.sizes.split(","):
        problem = problem_file(size, args.results)
        of_size = []
        for budget in seconds:
            for name, command in solvers(size, args):
                row = {"size": size, **measure(name, command, problem, budget)}
                of_size.append(row)
                found = f"{row.get('cost')}, {row['cpu_s']} CPU s, load {row['load']}"
                print(f"{size} {budget:g} s {name}: {found}", flush=True)
                keep(rows + of_size, os.path.join(args.results, "day.json"))
        rows += of_size
        show(size, problem, of_size, seconds)


if __name__ == "__main__":
    main()
