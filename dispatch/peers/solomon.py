"""Solomon and Gehring-Homberger files as problem files.

Times and distances are tenths: floor(10 * euclid), the convention of the DIMACS challenge, so that travel_s / 10 of a
plan compares with published distances. Vehicles are engineers who live at the depot, with a capacity; due times are
hard. Leaving a customer out costs more than any route.
"""

import json
import math


def problem_of(text):
    """The problem in a file's text."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    at = next(number for number, words in enumerate(lines) if words[0].upper() == "VEHICLE")
    vehicles, capacity = (int(word) for word in lines[at + 2][:2])
    rows = [[float(word) for word in words] for words in lines if len(words) == 7 and words[0].isdigit()]
    depot, customers = rows[0], rows[1:]
    places = [row[1:3] for row in customers] + [depot[1:3]] * vehicles
    return {
        "name": lines[0][0],
        "hard_due": True,
        "travel": {"model": "matrix", "seconds": [[tenths(a, b) for b in places] for a in places]},
        "engineers": [engineer(number, depot, capacity) for number in range(vehicles)],
        "tickets": [ticket(row) for row in customers],
    }


def tenths(a, b):
    # The small term undoes what the root of a square number may lose.
    return math.floor(10 * math.hypot(a[0] - b[0], a[1] - b[1]) + 1e-9)


def place(row):
    """Somewhere on earth, since a problem must say; the matrix counts."""
    return {"lat": row[2] / 100, "lon": row[1] / 100}


def engineer(number, depot, capacity):
    shift = {"shift_start_s": int(depot[4] * 10), "shift_end_s": int(depot[5] * 10)}
    return {"id": number, **place(depot), "skills": [], "capacity": capacity, **shift}


def ticket(row):
    number, _, _, demand, ready, due, service = row
    window = {"earliest_s": int(ready * 10), "due_s": int(due * 10), "duration_s": int(service * 10)}
    return {"id": int(number), **place(row), "skills": [], "load": int(demand), **window, "priority": 1}


def write(source, path):
    with open(source) as file:
        problem = problem_of(file.read())
    with open(path, "w") as file:
        json.dump(problem, file, separators=(",", ":"))
    return problem
