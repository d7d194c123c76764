"""VROOM (pyvroom). Knows skills, homes, shifts, durations, max_tasks, priorities; no soft due times.

In rounds: first every due time is a hard end; what is left out gets its window opened to the end of the day and the
day is solved again, up to six times while there is time; then once with all windows open. Each result is completed by
insertion, and the cheapest by the real cost is kept. VROOM stops by itself at the end of its exploration (level 5,
the highest), so it may need less than its time.
"""

import time
from datetime import timedelta

import vroom

from insertion import insert_left_out
from peer import run

PRIORITY = {8: 100, 4: 50, 2: 25, 1: 12}
ROUNDS = 7


def once(instance, opened, seconds):
    """Routes with hard windows, but for the tickets in `opened`."""
    model = vroom.Input()
    model.set_durations_matrix("car", instance.matrix)
    for number, engineer in enumerate(instance.engineers):
        home = instance.home(number)
        shift = vroom.TimeWindow(engineer["shift_start_s"], engineer["shift_end_s"])
        limit = {"max_tasks": engineer["max_tasks"]} if "max_tasks" in engineer else {}
        skills = set(engineer["skills"])
        model.add_vehicle(vroom.Vehicle(number, start=home, end=home, skills=skills, time_window=shift, **limit))
    for number, ticket in enumerate(instance.tickets):
        window = vroom.TimeWindow(ticket["earliest_s"], instance.window_end(number, opened))
        job = vroom.Job(
            number,
            location=number,
            default_service=ticket["duration_s"],
            skills=set(ticket["skills"]),
            priority=PRIORITY[instance.weight[number]],
            time_windows=[window],
        )
        model.add_job(job)
    limit = timedelta(seconds=max(0.05, seconds))
    found = model.solve(exploration_level=5, nb_threads=1, timeout=limit).routes
    routes = instance.no_routes()
    for engineer, kind, job in zip(found["vehicle_id"], found["type"], found["id"]):
        if kind == "job":
            routes[int(engineer)].append(int(job))
    return routes


def solve(instance, seconds, deadline, _mode):
    best, best_cost, rounds = instance.no_routes(), None, []
    opened, everything = set(), set(range(len(instance.tickets)))
    while len(rounds) < ROUNDS:
        left = deadline - time.time()
        if rounds and left < 0.04 * seconds:
            break
        routes = once(instance, opened, left * (0.6 if rounds else 0.4))
        out = instance.left_out(routes)
        routes = insert_left_out(instance, routes, deadline + 0.1 * seconds)
        cost = instance.cost(routes)
        rounds.append([len(opened), len(out), cost])
        if cost is not None and (best_cost is None or cost < best_cost):
            best, best_cost = routes, cost
        if opened == everything:
            break
        last = not out - opened or len(rounds) >= ROUNDS - 1
        opened = everything if last else opened | out
    return best, {"rounds": rounds}


if __name__ == "__main__":
    run(solve, "VROOM")
