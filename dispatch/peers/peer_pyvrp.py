"""PyVRP. Knows homes, shifts, max_tasks, prizes of optional clients, hard windows; neither skills nor soft due times.

Skills: a matrix for each distinct set of skills, with a forbidding cost on every way to a ticket outside it (memory
grows with sets times places squared: not for 5,000 tickets as a whole). Due times, by --mode:
hard   the due time is the end of the window; what is dropped is inserted afterwards
steps  each ticket is two clients that exclude each other, one in time, one late for a smaller prize
"""

import time

import numpy as np
import pyvrp
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType
from pyvrp.stop import MaxRuntime

from insertion import insert_left_out
from instance import DAY, UNSERVED
from peer import run

FORBIDDEN = 20_000_000
# What being late at all costs in the two-step model, in seconds of lateness.
LATE = 5_400


def clients_of(instance, mode):
    """Clients, groups of clients that exclude each other, and the ticket of each client."""
    clients, groups, tickets = [], [], []
    for number, ticket in enumerate(instance.tickets):
        weight, begin, end = instance.weight[number], ticket["earliest_s"], instance.window_end(number, ())
        common = dict(location=number, delivery=[1], service_duration=ticket["duration_s"], required=False)
        steps = [(begin, end, UNSERVED * weight)]
        if mode == "steps" and end < DAY:
            steps.append((end + 1, DAY, (UNSERVED - LATE) * weight))
            common["group"] = len(groups)
            groups.append(ClientGroup([len(clients), len(clients) + 1], required=False))
        for early, late, prize in steps:
            clients.append(Client(tw_early=early, tw_late=late, prize=prize, **common))
            tickets.append(number)
    return clients, groups, tickets


def vehicles_of(instance):
    """A vehicle type for each engineer, and a matrix for each distinct set of skills."""
    profiles, matrices, types = {}, [], []
    base = instance.matrix.astype(np.int64)
    for number, engineer in enumerate(instance.engineers):
        skills = tuple(engineer["skills"])
        if skills not in profiles:
            profiles[skills] = len(matrices)
            matrix, barred = base.copy(), np.nonzero(~instance.able[number])[0]
            matrix[:, barred] = FORBIDDEN
            matrix[barred, :] = FORBIDDEN
            np.fill_diagonal(matrix, 0)
            matrices.append(matrix)
        kind = VehicleType(
            1,
            capacity=[engineer.get("max_tasks", len(instance.tickets))],
            start_depot=number,
            end_depot=number,
            tw_early=engineer["shift_start_s"],
            tw_late=engineer["shift_end_s"],
            profile=profiles[skills],
        )
        types.append(kind)
    return types, matrices


def solve(instance, seconds, deadline, mode):
    clients, groups, tickets = clients_of(instance, mode)
    types, matrices = vehicles_of(instance)
    places = [Location(int(lon * 1e5), int(lat * 1e5)) for lat, lon in zip(instance.lat, instance.lon)]
    depots = [Depot(location=instance.home(number)) for number in range(len(instance.engineers))]
    data = ProblemData(places, clients, depots, types, matrices, matrices, groups)
    limit = MaxRuntime(max(0.05, deadline - time.time()))
    result = pyvrp.solve(data, limit, seed=1, display=False, collect_stats=False)
    routes = instance.no_routes()
    if result.best.is_feasible():
        for route in result.best.routes():
            stops = [tickets[activity.idx] for activity in route if activity.is_client()]
            # It may pay the forbidding cost; such stops are taken out.
            engineer = route.vehicle_type()
            routes[engineer] = [stop for stop in stops if instance.able[engineer, stop]]
    for number, route in enumerate(routes):
        if instance.route_cost(number, route) is None:
            routes[number] = []
    routes = insert_left_out(instance, routes, time.time() + max(0.3, 0.2 * seconds))
    return routes, {"iterations": result.num_iterations, "feasible": result.best.is_feasible()}


if __name__ == "__main__":
    run(solve, "PyVRP")
