"""The judge of all plans, with the standard library alone. It shares no code with any runner, nor with fettle.

    python3 evaluate.py PROBLEM.json PLAN.json     prints one JSON object
    python3 evaluate.py --selftest

Plan: {"routes":[{"engineer":id,"stops":[ticket ids in order],"helps":[of these, those somebody else leads]}],
       "unassigned":[ids]}

Timing: each engineer leaves home at shift_start_s and serves stops in order, each as early
as possible: start = max(arrival, earliest_s); departure = start + duration_s. For a fixed
order this minimises every lateness. Return to home must be <= shift_end_s.
A ticket with "crew": n is in n routes, in all but one of them in helps; it starts when the last of
them is there. One with "after": [{"ticket": id, "gap_s": s}] starts when that has ended and the gap
is over, and is not served without it.

Hard rules (any breach: feasible=false, with reasons, cost=null): known ids, one route per
engineer, each ticket exactly once (served or unassigned), skills (of who helps: crew_skills, if
given), crews complete, nobody waiting for himself, shift, max_tasks, capacity (for the lead);
with "hard_due": true also start <= due_s. Travel: haversine or a given matrix (see docs/dispatch.md).

Soft: late_s = max(0, start - due_s); weights by priority P1..P4 = 8/4/2/1
  cost = travel_s + sum(w * late_s) + 36000 * sum(w over unserved)
  (lateness and unserved once a ticket, travel for everybody of a crew;
  36000 s = 10 h exceeds any lateness inside one day, so serving late always beats dropping.)
Fairness is reported beside it: work_e = travel + service seconds of engineer e (no waiting),
  load_std_s = population std-dev over ALL engineers; load_sad_s = sum |work_e - mean|
  cost_fair = cost + 0.1 * load_sad_s
"""

import json
import math
import sys

W = {1: 8, 2: 4, 3: 2, 4: 1}
UNSERVED = 36000
FAIR = 0.1


def travel_s(a, b, tr):
    if a is b:
        return 0
    p1, p2 = math.radians(a["lat"]), math.radians(b["lat"])
    h = (
        math.sin((p2 - p1) / 2) ** 2
        + math.cos(p1) * math.cos(p2) * math.sin(math.radians(b["lon"] - a["lon"]) / 2) ** 2
    )
    m = 2 * tr["radius_m"] * math.asin(math.sqrt(h))
    return int(math.floor(m * tr["road_factor"] / (tr["speed_kmh"] / 3.6) + 0.5))


def travel_function(inst):
    """Seconds between two places, each a ticket or an engineer object of this instance."""
    tr = inst["travel"]
    if tr["model"] == "matrix":
        row = {id(p): i for i, p in enumerate(inst["tickets"] + inst["engineers"])}
        return lambda a, b: tr["seconds"][row[id(a)]][row[id(b)]]
    if tr["model"] == "haversine":
        return lambda a, b: travel_s(a, b, tr)
    raise SystemExit(f"unknown travel model {tr['model']!r}")


def start_times(inst, sol, seconds):
    """When each linked ticket starts at the earliest, and whether somebody waits for himself for ever."""
    eng = {e["id"]: e for e in inst["engineers"]}
    tk = {t["id"]: t for t in inst["tickets"]}
    routes = [r for r in sol.get("routes", []) if r["engineer"] in eng]
    linked = {i for i, k in tk.items() if k.get("crew", 1) > 1 or k.get("after")}
    held = {}
    if not linked:
        return held, False
    # In each round at least one ticket more has its final time.
    for _ in range(len(linked) + 2):
        start = {}
        for r in routes:
            e = eng[r["engineer"]]
            t, here = e["shift_start_s"], e
            for k in (tk[s] for s in r["stops"] if s in tk):
                t = max(t + seconds(here, k), k["earliest_s"], held.get(k["id"], k["earliest_s"]))
                start[k["id"]] = max(start.get(k["id"], t), t)
                t, here = t + k["duration_s"], k
        later = {}
        for i in linked & set(start):
            ends = [
                start[a["ticket"]] + tk[a["ticket"]]["duration_s"] + a.get("gap_s", 0)
                for a in tk[i].get("after", [])
                if a["ticket"] in start
            ]
            later[i] = max([start[i], *ends])
        if later == held:
            return held, False
        held = later
    return held, True


def crew_errors(inst, sol):
    """Crews that are not complete or have not one lead, and what is served without what it follows."""
    errs, leads, helpers = [], {}, {}
    for r in sol.get("routes", []):
        helps = r.get("helps", [])
        errs += [f"engineer {r['engineer']} helps with {h}, no stop of his" for h in helps if h not in r["stops"]]
        for s in r["stops"]:
            count = helpers if s in helps else leads
            count[s] = count.get(s, 0) + 1
    for k in inst["tickets"]:
        led, helped = leads.get(k["id"], 0), helpers.get(k["id"], 0)
        if led + helped == 0:
            continue
        if k.get("crew", 1) > 1 and (led, helped) != (1, k["crew"] - 1):
            errs.append(f"ticket {k['id']} has {led} leads and {helped} helpers for a crew of {k['crew']}")
        if k.get("crew", 1) == 1 and helped:
            errs.append(f"ticket {k['id']} needs no helper")
        for a in k.get("after", []):
            if a["ticket"] not in leads:
                errs.append(f"ticket {k['id']} is served without {a['ticket']}, which it follows")
    return errs


def evaluate(inst, sol):
    seconds, hard_due = travel_function(inst), inst.get("hard_due", False)
    eng = {e["id"]: e for e in inst["engineers"]}
    tk = {t["id"]: t for t in inst["tickets"]}
    errs, seen, used = [], {}, set()
    travel = late_w = late_s = n_late = wait = 0
    held, for_ever = start_times(inst, sol, seconds)
    errs += crew_errors(inst, sol)
    if for_ever:
        errs.append("engineers wait for one another for ever")
    work = {i: 0 for i in eng}
    for r in sol.get("routes", []):
        e = eng.get(r["engineer"])
        if e is None:
            errs.append(f"unknown engineer {r['engineer']}")
            continue
        if e["id"] in used:
            errs.append(f"engineer {e['id']} has two routes")
            continue
        used.add(e["id"])
        if not r["stops"]:
            continue
        if "max_tasks" in e and len(r["stops"]) > e["max_tasks"]:
            errs.append(f"engineer {e['id']}: {len(r['stops'])} stops > max_tasks {e['max_tasks']}")
        helps = r.get("helps", [])
        load = sum(tk[s].get("load", 0) for s in r["stops"] if s in tk and s not in helps)
        if "capacity" in e and load > e["capacity"]:
            errs.append(f"engineer {e['id']}: load {load} > capacity {e['capacity']}")
        t, here = e["shift_start_s"], e
        for sid in r["stops"]:
            k = tk.get(sid)
            if k is None:
                errs.append(f"unknown ticket {sid}")
                continue
            if sid in seen and (k.get("crew", 1) == 1 or e["id"] in seen[sid]):
                errs.append(f"ticket {sid} served twice")
            seen.setdefault(sid, set()).add(e["id"])
            needed = k.get("crew_skills", k["skills"]) if sid in helps else k["skills"]
            miss = set(needed) - set(e["skills"])
            if miss:
                errs.append(f"engineer {e['id']} lacks skills {sorted(miss)} for ticket {sid}")
            d = seconds(here, k)
            travel += d
            arr = t + d
            start = max(arr, k["earliest_s"], held.get(sid, arr))
            wait += start - arr
            late = max(0, start - k["due_s"]) if sid not in helps else 0
            if late and hard_due:
                errs.append(f"ticket {sid} starts {late} s after its hard due time")
            if late:
                n_late += 1
                late_s += late
                late_w += W[k["priority"]] * late
            t = start + k["duration_s"]
            work[e["id"]] += d + k["duration_s"]
            here = k
        d = seconds(here, e)
        travel += d
        work[e["id"]] += d
        if t + d > e["shift_end_s"]:
            errs.append(f"engineer {e['id']} back at {t + d} after shift end {e['shift_end_s']}")
    un = list(sol.get("unassigned", []))
    for u in un:
        if u not in tk:
            errs.append(f"unknown unassigned ticket {u}")
        if u in seen:
            errs.append(f"ticket {u} both served and unassigned")
    if len(set(un)) != len(un):
        errs.append("a ticket is listed twice in unassigned")
    lost = set(tk) - set(seen) - set(un)
    if lost:
        errs.append(f"{len(lost)} tickets neither served nor unassigned, e.g. {sorted(lost)[:5]}")
    un_w = sum(W[tk[u]["priority"]] for u in set(un) if u in tk)
    loads = list(work.values())
    mean = sum(loads) / len(loads)
    std = math.sqrt(sum((x - mean) ** 2 for x in loads) / len(loads))
    sad = sum(abs(x - mean) for x in loads)
    cost = travel + late_w + UNSERVED * un_w
    return {
        "feasible": not errs,
        "errors": errs[:10],
        "n_errors": len(errs),
        "served": len(seen),
        "unserved": len(set(un)),
        "unserved_w": un_w,
        "travel_s": travel,
        "late_weighted_s": late_w,
        "late_s": late_s,
        "n_late": n_late,
        "wait_s": wait,
        "load_std_s": round(std, 1),
        "load_sad_s": round(sad, 1),
        "cost": None if errs else cost,
        "cost_fair": None if errs else round(cost + FAIR * sad, 1),
    }


def selftest():
    tr = {"model": "haversine", "radius_m": 6371008.8, "road_factor": 1.3, "speed_kmh": 30.0}
    base = {"lat": 52.5, "lon": 13.4}
    inst = {
        "travel": tr,
        "engineers": [
            {"id": 0, **base, "skills": [1, 2], "shift_start_s": 28800, "shift_end_s": 57600, "max_tasks": 2},
            {"id": 1, "lat": 52.51, "lon": 13.4, "skills": [3], "shift_start_s": 28800, "shift_end_s": 32400},
        ],
        "tickets": [
            {
                "id": 10,
                "lat": 52.5,
                "lon": 13.41,
                "skills": [1],
                "duration_s": 1800,
                "earliest_s": 28800,
                "due_s": 29000,
                "priority": 1,
            },
            {
                "id": 11,
                "lat": 52.5,
                "lon": 13.42,
                "skills": [1, 2],
                "duration_s": 1800,
                "earliest_s": 36000,
                "due_s": 36060,
                "priority": 4,
            },
            {
                "id": 12,
                "lat": 52.51,
                "lon": 13.41,
                "skills": [3],
                "duration_s": 3600,
                "earliest_s": 28800,
                "due_s": 50000,
                "priority": 2,
            },
            {
                "id": 13,
                "lat": 52.51,
                "lon": 13.41,
                "skills": [],
                "duration_s": 600,
                "earliest_s": 28800,
                "due_s": 50000,
                "priority": 3,
            },
        ],
    }
    # hand check of the travel model: 0.01 deg lon at 52.5N = 676.9 m -> 105.6 s -> 106 s
    assert travel_s(inst["engineers"][0], inst["tickets"][0], tr) == 106
    assert travel_s(base, {"lat": 52.51, "lon": 13.4}, tr) == 173  # 1111.95 m -> 173.46
    good = {"routes": [{"engineer": 0, "stops": [10, 11]}, {"engineer": 1, "stops": [13]}], "unassigned": [12]}
    r = evaluate(inst, good)
    assert r["feasible"], r
    # 106+106+211 and 106+106; start of 10 = 28906 (on time), 11 = 36000 (on time)
    assert r["travel_s"] == 106 + 106 + 211 + 212, r
    assert r["cost"] == r["travel_s"] + 36000 * 4 and r["n_late"] == 0, r
    late = evaluate(
        inst, {"routes": [{"engineer": 0, "stops": [11, 10]}, {"engineer": 1, "stops": [13]}], "unassigned": [12]}
    )
    assert late["feasible"] and late["n_late"] == 1
    assert late["late_weighted_s"] == 8 * (36000 + 1800 + 106 - 29000), late

    n = [6]  # the checks above

    def bad(sol, word):
        n[0] += 1
        r = evaluate(inst, sol)
        assert not r["feasible"] and r["cost"] is None and any(word in e for e in r["errors"]), (word, r)

    bad({"routes": [{"engineer": 0, "stops": [12]}], "unassigned": [10, 11, 13]}, "lacks skills")
    bad({"routes": [{"engineer": 1, "stops": [12]}], "unassigned": [10, 11, 13]}, "shift end")
    bad({"routes": [{"engineer": 0, "stops": [10, 11, 13]}], "unassigned": [12]}, "max_tasks")
    bad(
        {"routes": [{"engineer": 0, "stops": [10, 13]}, {"engineer": 1, "stops": [13]}], "unassigned": [11, 12]},
        "twice",
    )
    bad({"routes": [{"engineer": 0, "stops": [10]}], "unassigned": [12, 13]}, "neither")
    bad({"routes": [{"engineer": 0, "stops": [10]}], "unassigned": [10, 11, 12, 13]}, "both")
    bad(
        {"routes": [{"engineer": 0, "stops": [10]}, {"engineer": 0, "stops": [11]}], "unassigned": [12, 13]},
        "two routes",
    )
    bad({"routes": [{"engineer": 9, "stops": [10]}], "unassigned": [10, 11, 12, 13]}, "unknown engineer")
    bad({"routes": [{"engineer": 0, "stops": [99]}], "unassigned": [10, 11, 12, 13]}, "unknown ticket")
    bad({"routes": [], "unassigned": [10, 11, 12, 13, 13]}, "listed twice")

    # the optional rules, on a matrix: rows and columns are tickets 10, 11, then engineer 0
    mat = {
        "travel": {"model": "matrix", "seconds": [[0, 50, 100], [70, 0, 200], [100, 200, 0]]},
        "hard_due": True,
        "engineers": [{"id": 0, "skills": [], "shift_start_s": 0, "shift_end_s": 9000, "capacity": 3}],
        "tickets": [
            {"id": 10, "skills": [], "duration_s": 10, "earliest_s": 0, "due_s": 100, "priority": 4, "load": 1},
            {"id": 11, "skills": [], "duration_s": 10, "earliest_s": 0, "due_s": 160, "priority": 4, "load": 2},
        ],
    }
    r = evaluate(mat, {"routes": [{"engineer": 0, "stops": [10, 11]}], "unassigned": []})
    assert r["feasible"] and r["travel_s"] == 100 + 50 + 200 and r["n_late"] == 0, r
    n[0] += 1
    inst = mat
    bad({"routes": [{"engineer": 0, "stops": [11, 10]}], "unassigned": []}, "hard due")
    mat["tickets"][1]["load"] = 3
    bad({"routes": [{"engineer": 0, "stops": [10, 11]}], "unassigned": []}, "capacity")
    # crews and visits that follow each other; rows are tickets 10, 11, 12, then engineers 0, 1, all on a line
    at = [100, 300, 200, 0, 0]
    crew = {
        "travel": {"model": "matrix", "seconds": [[abs(a - b) for b in at] for a in at]},
        "engineers": [
            {"id": 0, "skills": [1], "shift_start_s": 0, "shift_end_s": 9000, "capacity": 3},
            {"id": 1, "skills": [2], "shift_start_s": 50, "shift_end_s": 9000, "capacity": 0},
        ],
        "tickets": [
            {"id": 10, "skills": [1], "duration_s": 10, "earliest_s": 0, "due_s": 100, "priority": 4, "load": 3},
            {"id": 11, "skills": [], "duration_s": 10, "earliest_s": 0, "due_s": 100, "priority": 4},
            {"id": 12, "skills": [], "duration_s": 10, "earliest_s": 0, "due_s": 900, "priority": 4},
        ],
    }
    ten, eleven = crew["tickets"][:2]
    ten.update(crew=2, crew_skills=[2])
    eleven["after"] = [{"ticket": 10, "gap_s": 200}]
    inst = crew
    two = {"engineer": 1, "stops": [10], "helps": [10]}
    r = evaluate(crew, {"routes": [{"engineer": 0, "stops": [10, 11, 12]}, two], "unassigned": []})
    # 10 starts at 150, when the second is there; 11 at 160 + 200 by the gap and by the way; 50 and 260 s late
    assert r["feasible"] and r["served"] == 3 and r["travel_s"] == 600 + 200, r
    assert r["late_weighted_s"] == 50 + 260 and r["n_late"] == 2, r
    r = evaluate(crew, {"routes": [], "unassigned": [10, 11, 12]})
    assert r["cost"] == 36000 * 3, r
    n[0] += 2
    lead = {"engineer": 0, "stops": [10, 11]}
    bad({"routes": [lead], "unassigned": [12]}, "1 leads and 0 helpers")
    bad({"routes": [lead, {"engineer": 1, "stops": [10]}], "unassigned": [12]}, "2 leads and 0 helpers")
    bad({"routes": [{**lead, "helps": [10, 11]}, two], "unassigned": [12]}, "needs no helper")
    bad({"routes": [{**lead, "helps": [12]}, two], "unassigned": [12]}, "no stop of his")
    bad({"routes": [{"engineer": 0, "stops": [11]}], "unassigned": [10, 12]}, "served without 10")
    bad({"routes": [{"engineer": 0, "stops": [11, 10]}, two], "unassigned": [12]}, "for ever")
    lead["helps"], two["helps"] = [10], []
    bad({"routes": [lead, two], "unassigned": [12]}, "lacks skills")
    print(f"{n[0]} passed, 0 failed")


if __name__ == "__main__":
    if sys.argv[1:] == ["--selftest"]:
        selftest()
    else:
        with open(sys.argv[1]) as f:
            i = json.load(f)
        with open(sys.argv[2]) as f:
            s = json.load(f)
        out = evaluate(i, s)
        print(json.dumps(out))
        sys.exit(0 if out["feasible"] else 1)
