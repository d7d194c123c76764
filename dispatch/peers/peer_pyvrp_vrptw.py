"""PyVRP on the published benchmarks, in its own terms: one depot, a fleet of equal vehicles, hard windows, capacity."""

import time

import numpy as np
import pyvrp
from pyvrp import Client, Depot, Location, ProblemData, VehicleType
from pyvrp.stop import MaxRuntime

from peer import run


def solve(instance, _seconds, deadline, _mode):
    engineers, tickets = instance.engineers, instance.tickets
    # Homes are all the depot: one row and column of the matrix is enough.
    places = [len(tickets), *range(len(tickets))]
    matrix = instance.matrix[np.ix_(places, places)].astype(np.int64)
    locations = [Location(float(instance.lon[place]), float(instance.lat[place])) for place in places]
    clients = [
        Client(
            number + 1,
            delivery=[ticket["load"]],
            service_duration=ticket["duration_s"],
            tw_early=ticket["earliest_s"],
            tw_late=ticket["due_s"],
        )
        for number, ticket in enumerate(tickets)
    ]
    first = engineers[0]
    fleet = VehicleType(
        len(engineers),
        capacity=[first["capacity"]],
        tw_early=first["shift_start_s"],
        tw_late=first["shift_end_s"],
    )
    data = ProblemData(locations, clients, [Depot(location=0)], [fleet], [matrix], [matrix])
    limit = MaxRuntime(max(0.05, deadline - time.time()))
    result = pyvrp.solve(data, limit, seed=1, display=False, collect_stats=False)
    routes = instance.no_routes()
    if result.best.is_feasible():
        for number, route in enumerate(result.best.routes()):
            routes[number] = [activity.idx for activity in route if activity.is_client()]
    return routes, {"iterations": result.num_iterations, "feasible": result.best.is_feasible()}


if __name__ == "__main__":
    run(solve, "PyVRP, capacity and hard windows")
