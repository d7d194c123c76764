"""OR-Tools routing. Knows all of the cost: skills, homes, shifts, soft due times with weights, prices of leaving out.

First solution: AUTOMATIC, or with --mode insertion PARALLEL_CHEAPEST_INSERTION, or with --mode warm what VROOM finds in
three tenths of the time, completed by insertion. Then GUIDED_LOCAL_SEARCH until the time is over.
"""

import time

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from insertion import insert_left_out
from instance import DAY, UNSERVED
from peer import run


def model_of(instance):
    """The index manager and the routing model."""
    places = len(instance.tickets) + len(instance.engineers)
    homes = [instance.home(number) for number in range(len(instance.engineers))]
    manager = pywrapcp.RoutingIndexManager(places, len(homes), homes, homes)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(instance.matrix.tolist()))
    durations = instance.matrix.astype("int64")
    for number, ticket in enumerate(instance.tickets):
        durations[number, :] += ticket["duration_s"]
        durations[number, number] = 0
    model.AddDimension(model.RegisterTransitMatrix(durations.tolist()), DAY, DAY, False, "time")
    if any("max_tasks" in engineer for engineer in instance.engineers):
        one = model.RegisterUnaryTransitVector([1] * len(instance.tickets) + [0] * len(homes))
        most = [engineer.get("max_tasks", len(instance.tickets)) for engineer in instance.engineers]
        model.AddDimensionWithVehicleCapacity(one, 0, most, True, "tasks")
    clock = model.GetDimensionOrDie("time")
    for number, engineer in enumerate(instance.engineers):
        for end in (model.Start(number), model.End(number)):
            clock.CumulVar(end).SetRange(engineer["shift_start_s"], engineer["shift_end_s"])
    for number, ticket in enumerate(instance.tickets):
        index = manager.NodeToIndex(number)
        clock.CumulVar(index).SetRange(ticket["earliest_s"], DAY)
        clock.SetCumulVarSoftUpperBound(index, ticket["due_s"], instance.weight[number])
        model.AddDisjunction([index], UNSERVED * instance.weight[number])
        able = [int(engineer) for engineer in instance.able[:, number].nonzero()[0]]
        if len(able) < len(homes):
            # SetAllowedVehiclesForIndex takes no list in the Python of 9.15.
            model.VehicleVar(index).SetValues([-1, *able])
    return manager, model


def parameters_of(mode):
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    first = routing_enums_pb2.FirstSolutionStrategy
    parameters.first_solution_strategy = first.AUTOMATIC
    if mode == "insertion":
        parameters.first_solution_strategy = first.PARALLEL_CHEAPEST_INSERTION
        insertion = parameters.global_cheapest_insertion_first_solution_parameters
        insertion.neighbors_ratio, insertion.min_neighbors = 0.1, 10
    guided = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.local_search_metaheuristic = guided
    return parameters


def solve(instance, seconds, deadline, mode):
    warm = None
    if mode == "warm":
        import peer_vroom

        warm = peer_vroom.once(instance, set(), 0.3 * seconds)
        warm = insert_left_out(instance, warm, min(deadline, time.time() + 0.3 * seconds))
    manager, model = model_of(instance)
    parameters = parameters_of(mode)
    parameters.time_limit.FromMilliseconds(int(1000 * max(0.05, deadline - time.time())))
    if warm:
        model.CloseModelWithParameters(parameters)
        start = model.ReadAssignmentFromRoutes(warm, True)
        found = model.SolveFromAssignmentWithParameters(start, parameters) if start else None
    else:
        found = model.SolveWithParameters(parameters)
    if not found:
        return warm or instance.no_routes(), {"found": False}
    routes = instance.no_routes()
    for number, route in enumerate(routes):
        index = found.Value(model.NextVar(model.Start(number)))
        while not model.IsEnd(index):
            route.append(manager.IndexToNode(index))
            index = found.Value(model.NextVar(index))
    return routes, {"found": True, "own_objective": found.ObjectiveValue()}


if __name__ == "__main__":
    run(solve, "OR-Tools")
