"""vrp-cli (github.com/reinterpretcat/vrp), found through $VRP_CLI. Knows skills, homes, shifts, sizes of tours, values
of jobs; no soft due times.

Two solves: six tenths of the time with hard windows, then what was dropped gets an open window. Greedy insertion after
each; the cheaper is kept. Under two seconds, which is as short as its own limit goes, one solve.
"""

import json
import os
import subprocess
import tempfile
import time

from insertion import insert_left_out
from instance import DAY
from peer import run


def instant(seconds):
    """Its times of day are instants."""
    day, rest = divmod(seconds, DAY)
    return f"2026-01-{1 + day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def job(instance, number, opened):
    ticket = instance.tickets[number]
    window = [instant(ticket["earliest_s"]), instant(instance.window_end(number, opened))]
    place = {"location": {"index": number}, "duration": ticket["duration_s"], "times": [window]}
    made = {"id": str(number), "value": instance.weight[number], "services": [{"places": [place]}]}
    if ticket["skills"]:
        made["skills"] = {"allOf": [str(skill) for skill in ticket["skills"]]}
    return made


def vehicle(instance, number):
    engineer, home = instance.engineers[number], {"index": instance.home(number)}
    shift = {
        "start": {"earliest": instant(engineer["shift_start_s"]), "location": home},
        "end": {"latest": instant(engineer["shift_end_s"]), "location": home},
    }
    made = {
        "typeId": f"type-{number}",
        "vehicleIds": [str(number)],
        "profile": {"matrix": "car"},
        "costs": {"fixed": 0, "distance": 1, "time": 0},
        "capacity": [10**6],
        "skills": [str(skill) for skill in engineer["skills"]],
        "shifts": [shift],
    }
    if "max_tasks" in engineer:
        made["limits"] = {"tourSize": engineer["max_tasks"]}
    return made


def once(instance, opened, seconds, folder, matrix):
    """Routes with hard windows, but for the tickets in `opened`; what it said where it gave none."""
    problem = {
        "plan": {"jobs": [job(instance, number, opened) for number in range(len(instance.tickets))]},
        "fleet": {
            "vehicles": [vehicle(instance, number) for number in range(len(instance.engineers))],
            "profiles": [{"name": "car"}],
        },
        "objectives": [{"type": "maximize-value"}, {"type": "minimize-unassigned"}, {"type": "minimize-cost"}],
    }
    given, wanted = os.path.join(folder, "problem.json"), os.path.join(folder, "plan.json")
    with open(given, "w") as file:
        json.dump(problem, file)
    if os.path.exists(wanted):
        os.remove(wanted)
    limit = str(max(1, round(seconds)))
    command = [os.environ["VRP_CLI"], "solve", "pragmatic", given, "-m", matrix, "-o", wanted, "-t", limit, "-p", "1,1"]
    done = subprocess.run(command, capture_output=True, text=True)
    routes = instance.no_routes()
    if not os.path.exists(wanted):
        return routes, (done.stderr or done.stdout)[-300:]
    with open(wanted) as file:
        tours = json.load(file).get("tours", [])
    for tour in tours:
        done = [activity for stop in tour["stops"] for activity in stop["activities"]]
        routes[int(tour["vehicleId"])] = [int(it["jobId"]) for it in done if it["type"] == "service"]
    return routes, None


def solve(instance, seconds, _deadline, _mode):
    best, best_cost, rounds, opened = instance.no_routes(), None, [], set()
    with tempfile.TemporaryDirectory() as folder:
        matrix, flat = os.path.join(folder, "matrix.json"), instance.matrix.reshape(-1).tolist()
        with open(matrix, "w") as file:
            json.dump({"profile": "car", "travelTimes": flat, "distances": flat}, file)
        for share in [1.0] if seconds < 2 else [0.6, 0.4]:
            routes, fault = once(instance, opened, share * seconds, folder, matrix)
            if fault:
                rounds.append(fault)
                break
            opened = opened | instance.left_out(routes)
            routes = insert_left_out(instance, routes, time.time() + max(0.3, 0.1 * seconds))
            cost = instance.cost(routes)
            rounds.append(cost)
            if cost is not None and (best_cost is None or cost < best_cost):
                best, best_cost = routes, cost
    return best, {"rounds": rounds}


if __name__ == "__main__":
    run(solve, "vrp-cli")
