"""VROOM or PyVRP (--mode) on a day that is too large for them: cut into sectors, as a practitioner would.

Engineers are cut into equal sectors of about 120 around their middle, tickets follow their angle, each sector is solved
in turn with an equal share of the time, and what is left over is inserted greedily.
"""

import math
import time

from insertion import insert_left_out
from instance import Instance
from peer import run

SECTOR = 120
# A degree of longitude beside one of latitude, at the latitude of the generated days.
NARROWER = 0.61


def sectors_of(instance):
    """Numbers of the engineers and of the tickets of each sector."""
    engineers = instance.engineers
    east = sum(engineer["lon"] for engineer in engineers) / len(engineers)
    north = sum(engineer["lat"] for engineer in engineers) / len(engineers)

    def angle(place):
        return math.atan2(place["lat"] - north, (place["lon"] - east) * NARROWER)

    count = max(1, round(len(engineers) / SECTOR))
    around = sorted(range(len(engineers)), key=lambda number: angle(engineers[number]))
    bounds = [len(around) * sector // count for sector in range(count + 1)]
    cuts = [angle(engineers[around[bound]]) for bound in bounds[1:-1]]
    tickets = [[] for _ in range(count)]
    for number, ticket in enumerate(instance.tickets):
        tickets[sum(angle(ticket) >= cut for cut in cuts)].append(number)
    return [(around[bounds[it] : bounds[it + 1]], tickets[it]) for it in range(count)]


def solve(instance, seconds, _deadline, mode):
    solver = __import__(f"peer_{mode}")
    sectors = sectors_of(instance)
    share = 0.9 * seconds / len(sectors)
    routes = instance.no_routes()
    for engineers, tickets in sectors:
        part = dict(
            instance.problem,
            engineers=[instance.engineers[number] for number in engineers],
            tickets=[instance.tickets[number] for number in tickets],
        )
        found, _ = solver.solve(Instance(part), share, time.time() + share, "hard")
        for engineer, route in zip(engineers, found):
            routes[engineer] = [tickets[stop] for stop in route]
    routes = insert_left_out(instance, routes, time.time() + 0.1 * seconds)
    return routes, {"sectors": [[len(engineers), len(tickets)] for engineers, tickets in sectors]}


if __name__ == "__main__":
    run(solve, "by sector")
