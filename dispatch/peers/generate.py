"""Makes field-service days from a seed, with the standard library alone: generate.py SIZE PATH [--seed N] [--linked X].

The format is that of docs/dispatch.md. A ticket's skills are held together by at least one engineer. Over half of the
tickets are known at the start of the day, a third are appointments, one in ten is nearly or already overdue.
With --linked 0.1, one ticket in ten takes two engineers, of whom the second needs one of the skills, and another one in
ten must follow an earlier one, half of these by a quarter of an hour.
"""

import argparse
import json
import math
import random

SIZES = {  # tickets, engineers, clusters, disc radius km, seed
    "S": (50, 8, 4, 9.0, 101),
    "M": (200, 30, 6, 14.0, 102),
    "L": (1000, 120, 14, 22.0, 103),
    "XL": (5000, 600, 40, 40.0, 104),
}
TRAVEL = {
    "model": "haversine",
    "radius_m": 6371008.8,
    "road_factor": 1.3,
    "speed_kmh": 30.0,
    "rounding": "floor(x+0.5)",
}
CENTER = (52.52, 13.405)
N_SKILLS = 12


def generate(name, n_t, n_e, n_c, radius, seed):
    rng = random.Random(seed)
    kx = 111.32 * math.cos(math.radians(CENTER[0]))

    def to_ll(x, y):
        return round(CENTER[0] + y / 111.2, 6), round(CENTER[1] + x / kx, 6)

    def disc(r):
        a, q = rng.random() * 2 * math.pi, r * math.sqrt(rng.random())
        return q * math.cos(a), q * math.sin(a)

    clusters = [(*disc(radius * 0.85), rng.uniform(0.7, 2.2), rng.uniform(0.5, 2.0)) for _ in range(n_c)]
    cw = [c[3] for c in clusters]

    def point(p_cluster):
        if rng.random() < p_cluster:
            cx, cy, s, _ = rng.choices(clusters, cw)[0]
            return to_ll(rng.gauss(cx, s), rng.gauss(cy, s))
        return to_ll(*disc(radius))

    engineers, tickets = [], []
    pop = [1.0 / (1 + 0.25 * k) for k in range(N_SKILLS)]
    for i in range(n_e):
        lat, lon = point(0.5)
        want, sk = rng.randint(3, 7), set()
        while len(sk) < want:
            sk.add(rng.choices(range(N_SKILLS), pop)[0])
        start = rng.choices([7, 8, 9, 12], [25, 45, 20, 10])[0] * 3600
        length = rng.choices([8, 9, 6], [70, 15, 15])[0] * 3600
        e = {
            "id": i,
            "lat": lat,
            "lon": lon,
            "skills": sorted(sk),
            "shift_start_s": start,
            "shift_end_s": start + length,
        }
        if rng.random() < 0.2:
            e["max_tasks"] = rng.randint(5, 9)
        engineers.append(e)
    for i in range(n_t):
        lat, lon = point(0.75)
        k = rng.choices([0, 1, 2, 3], [5, 60, 30, 5])[0]
        owner = rng.choice(engineers)["skills"]  # guarantees one qualified engineer
        skills = sorted(rng.sample(owner, min(k, len(owner))))
        dur = rng.choices([15, 20, 30, 45, 60, 90, 120], [10, 15, 25, 25, 15, 7, 3])[0] * 60
        prio = rng.choices([1, 2, 3, 4], [10, 25, 40, 25])[0]
        sla = {1: 2, 2: 4, 3: 6, 4: 9}[prio] * 3600
        u = rng.random()
        if u < 0.55:  # known at the start of the day
            earliest = 7 * 3600
            due = earliest + int(sla * rng.uniform(0.7, 1.3))
        elif u < 0.90:  # customer appointment later in the day
            earliest = rng.randrange(8 * 3600, 15 * 3600, 900)
            due = earliest + int(min(sla, 3 * 3600) * rng.uniform(0.5, 1.0))
        else:  # backlog, nearly or already overdue
            earliest = 7 * 3600
            due = rng.randrange(6 * 3600, 9 * 3600, 300)
        tickets.append(
            {
                "id": i,
                "lat": lat,
                "lon": lon,
                "skills": skills,
                "duration_s": dur,
                "earliest_s": earliest,
                "due_s": due,
                "priority": prio,
            }
        )
    return {"name": name, "seed": seed, "travel": TRAVEL, "engineers": engineers, "tickets": tickets}


def link(day, share, seed):
    """Makes so many tickets visits of two, and lets as many follow another that can be over in time."""
    rng, tickets = random.Random(seed), day["tickets"]
    count = int(len(tickets) * share)
    for t in rng.sample(tickets, count):
        t["crew"], t["crew_skills"] = 2, t["skills"][:1]
    for t in rng.sample(tickets, len(tickets)):
        gap = rng.choice([0, 900])
        early = [o for o in tickets if o["earliest_s"] + o["duration_s"] + gap + 3600 <= min(t["due_s"], 46800)]
        early = [o for o in early if (o["due_s"], o["id"]) < (t["due_s"], t["id"])]
        if count and early and "crew" not in t:
            t["after"] = [{"ticket": rng.choice(early)["id"], "gap_s": gap}]
            count -= 1


def write(name, path, seed=None, linked=0.0):
    """Writes the day of this size; with another seed, another day of the same kind."""
    *shape, own = SIZES[name]
    seed = own if seed is None else seed
    day = generate(name, *shape, seed)
    link(day, linked, seed)
    with open(path, "w") as f:
        json.dump(day, f, separators=(",", ":"))
        f.write("\n")


def main():
    parser = argparse.ArgumentParser(description="Makes the problem file of a day.")
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("path")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--linked", type=float, default=0.0)
    args = parser.parse_args()
    write(args.size, args.path, args.seed, args.linked)


if __name__ == "__main__":
    main()
