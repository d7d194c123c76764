"""Table C, published benchmarks: PyVRP and fettle on Solomon and Gehring-Homberger files, beside the best known.

Hard windows, capacity, total distance; the problem that PyVRP is made for. Equal CPU seconds, one thread; plans judged
by evaluate.py.
"""

import argparse
import os

import solomon
import table
from measure import HERE, fettle, keep, measure, runner

# Distances in the convention of the DIMACS challenge (each leg cut to a tenth), where the number of vehicles is free.
BEST_KNOWN = {
    "C101": 827.3,
    "R101": 1637.7,
    "R112": 948.6,
    "RC101": 1619.8,
    "C1_2_1": 2698.6,
    "R1_2_1": 4667.2,
    "R1_4_1": 10305.8,
    "RC1_10_1": 45790.7,
}
# Files of up to 100 customers are measured for up to so many seconds: both have long come to an end.
SMALL = (100, 10)
PEER, OURS = "PyVRP", "Fettle"


def distance(row):
    """None where there is no plan, or one that leaves somebody out."""
    return None if row.get("fault") or row["unserved"] else row["travel_s"] / 10


def shown(row):
    """The distance, or why there is none."""
    if row.get("fault"):
        return "no plan"
    return f"{row['unserved']} left out" if row["unserved"] else f"{distance(row):,.1f}"


def gap(row, best):
    found = distance(row)
    return "" if found is None else f"{100 * (found - best) / best:.2f} %"


def line(name, customers, rows):
    """One file at one time: distances, and by how much each is above the best known."""
    best, cells = BEST_KNOWN[name], []
    for row in rows:
        cells += [shown(row), gap(row, best)]
    return [name, str(customers), f"{rows[0]['seconds']:g} s", f"{best:,.1f}", *cells]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fettle", required=True, help="the binary")
    parser.add_argument("--files", default=",".join(BEST_KNOWN))
    parser.add_argument("--seconds", default="10,60")
    parser.add_argument("--alone", action="store_true", help="no peers")
    parser.add_argument("--results", required=True, help="folder for the rows, and for problems that are made")
    args = parser.parse_args()
    os.makedirs(args.results, exist_ok=True)
    solvers = [] if args.alone else [(PEER, runner("peer_pyvrp_vrptw.py"))]
    solvers.append((OURS, fettle(args.fettle)))
    kept, lines = [], []
    for name in args.files.split(","):
        problem = os.path.join(args.results, f"{name}.json")
        made = solomon.write(os.path.join(HERE, "benchmarks", f"{name}.txt"), problem)
        customers = len(made["tickets"])
        for seconds in (float(budget) for budget in args.seconds.split(",")):
            if customers <= SMALL[0] and seconds > SMALL[1]:
                continue
            rows = [{"file": name, **measure(solver, command, problem, seconds)} for solver, command in solvers]
            kept += rows
            lines.append(line(name, customers, rows))
            print(*lines[-1], f"load {rows[0]['load']}", flush=True)
            keep(kept, os.path.join(args.results, "vrptw.json"))
    names = [solver for solver, _ in solvers]
    head = ["", "customers", "time", "best known", *(text for name in names for text in (name, "gap"))]
    faults = [f"{row['file']}, {row['solver']}: {row['fault']}" for row in kept if row.get("fault")]
    table.printed("C. Published benchmarks: distance after so many CPU seconds", head, lines, faults)


if __name__ == "__main__":
    main()
