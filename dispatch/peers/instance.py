"""A problem as the peers' runners see it: integer matrix, who may do what, what a route costs.

The judge (evaluate.py) uses nothing of this.
"""

import json

import numpy as np

WEIGHT = {1: 8, 2: 4, 3: 2, 4: 1}
UNSERVED = 36_000
DAY = 86_400


def haversine_matrix(lat, lon, travel):
    """Integer seconds between all pairs of places, as docs/dispatch.md defines them."""
    p, q = np.radians(lat), np.radians(lon)
    metres_per_second = travel["speed_kmh"] / 3.6
    matrix = np.empty((len(lat), len(lat)), dtype=np.int32)
    # In stripes: the intermediate results of a large problem would not fit into memory at once.
    for i in range(0, len(lat), 512):
        rows = slice(i, i + 512)
        a = (
            np.sin((p[None, :] - p[rows, None]) / 2) ** 2
            + np.cos(p[rows, None]) * np.cos(p[None, :]) * np.sin((q[None, :] - q[rows, None]) / 2) ** 2
        )
        seconds = 2 * travel["radius_m"] * np.arcsin(np.sqrt(a)) * travel["road_factor"] / metres_per_second
        matrix[rows] = np.floor(seconds + 0.5).astype(np.int32)
    return matrix


class Instance:
    """Places are numbered: tickets first, then the homes of the engineers, both in file order."""

    def __init__(self, problem):
        self.problem = problem
        self.engineers, self.tickets = problem["engineers"], problem["tickets"]
        places = self.tickets + self.engineers
        self.lat = np.array([place["lat"] for place in places])
        self.lon = np.array([place["lon"] for place in places])
        travel = problem["travel"]
        if travel["model"] == "matrix":
            self.matrix = np.array(travel["seconds"], dtype=np.int32)
        else:
            self.matrix = haversine_matrix(self.lat, self.lon, travel)
        np.fill_diagonal(self.matrix, 0)
        self.weight = [WEIGHT[ticket["priority"]] for ticket in self.tickets]
        held = [set(engineer["skills"]) for engineer in self.engineers]
        self.able = np.array([[set(ticket["skills"]) <= skills for ticket in self.tickets] for skills in held])

    @classmethod
    def read(cls, path):
        with open(path) as file:
            return cls(json.load(file))

    def home(self, engineer):
        return len(self.tickets) + engineer

    def no_routes(self):
        return [[] for _ in self.engineers]

    def left_out(self, routes):
        """Numbers of the tickets in no route."""
        return set(range(len(self.tickets))) - {stop for route in routes for stop in route}

    def window_end(self, ticket, opened):
        """The due time as a hard end, for those who know no soft one; late from the start or opened means none."""
        it = self.tickets[ticket]
        return DAY if ticket in opened or it["due_s"] < it["earliest_s"] else it["due_s"]

    def route_cost(self, engineer, stops):
        """Travel and weighted lateness of one route, or None where it breaks a rule."""
        who = self.engineers[engineer]
        if len(stops) > who.get("max_tasks", len(self.tickets)):
            return None
        if not stops:
            return 0
        time, here, cost = who["shift_start_s"], self.home(engineer), 0
        for stop in stops:
            leg = int(self.matrix[here, stop])
            ticket = self.tickets[stop]
            time, cost = max(time + leg, ticket["earliest_s"]), cost + leg
            cost += self.weight[stop] * max(0, time - ticket["due_s"])
            time, here = time + ticket["duration_s"], stop
        leg = int(self.matrix[here, self.home(engineer)])
        return None if time + leg > who["shift_end_s"] else cost + leg

    def cost(self, routes):
        """Of a whole plan, a route for each engineer; None where one breaks a rule."""
        costs = [self.route_cost(engineer, route) for engineer, route in enumerate(routes)]
        if None in costs:
            return None
        return sum(costs) + UNSERVED * sum(self.weight[ticket] for ticket in self.left_out(routes))
