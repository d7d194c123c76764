"""The command line of every peer's runner: PROBLEM SECONDS PLAN [--mode MODE].

Prints one line of JSON with what the runner wants noted.
"""

import argparse
import json
import time

from instance import Instance


def run(solve, about):
    """`solve(instance, seconds, deadline, mode)` gives a route for each engineer, and notes."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("problem")
    parser.add_argument("seconds", type=float)
    parser.add_argument("plan")
    parser.add_argument("--mode", default="")
    args = parser.parse_args()
    # Reading the file is not charged to the solver; building its model is.
    instance = Instance.read(args.problem)
    routes, notes = solve(instance, args.seconds, time.time() + args.seconds, args.mode)
    engineers, tickets = instance.engineers, instance.tickets
    plan = {
        "routes": [
            {"engineer": engineers[number]["id"], "stops": [tickets[stop]["id"] for stop in route]}
            for number, route in enumerate(routes)
            if route
        ],
        "unassigned": [tickets[ticket]["id"] for ticket in sorted(instance.left_out(routes))],
    }
    with open(args.plan, "w") as file:
        json.dump(plan, file)
    print(json.dumps(notes))
