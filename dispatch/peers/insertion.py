"""Puts what a solver left out into its routes, late where it must be.

Solvers that know only hard windows drop what cannot be in time. Done for every peer alike.
"""

import time

from instance import UNSERVED

# Engineers tried for each ticket, those with a stop nearest to it first.
TRIED = 25


def insert_left_out(instance, routes, deadline):
    """Greedily, the most urgent first, each where it costs least; until `deadline` (time.time())."""
    costs = [instance.route_cost(engineer, route) for engineer, route in enumerate(routes)]
    for ticket in sorted(instance.left_out(routes), key=lambda it: (-instance.weight[it], it)):
        if time.time() > deadline:
            break
        best = _cheapest(instance, routes, costs, ticket)
        if best:
            _, engineer, position, cost = best
            routes[engineer] = routes[engineer][:position] + [ticket] + routes[engineer][position:]
            costs[engineer] = cost
    return routes


def _cheapest(instance, routes, costs, ticket):
    """The added cost, engineer, position and cost of the route; None if leaving it out costs less."""
    best = None
    for engineer in _nearest_able(instance, routes, ticket):
        route = routes[engineer]
        for position in range(len(route) + 1):
            cost = instance.route_cost(engineer, route[:position] + [ticket] + route[position:])
            if cost is None:
                continue
            added = cost - costs[engineer]
            if added < UNSERVED * instance.weight[ticket] and (best is None or added < best[0]):
                best = (added, engineer, position, cost)
    return best


def _nearest_able(instance, routes, ticket):
    def distance(engineer):
        places = [instance.home(engineer), *routes[engineer]]
        return min(int(instance.matrix[ticket, place]) for place in places)

    able = [engineer for engineer in range(len(instance.engineers)) if instance.able[engineer, ticket]]
    return sorted(able, key=distance)[:TRIED]
