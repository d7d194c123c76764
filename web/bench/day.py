"""What became of demo days: for each database named, tickets, the way driven to them, promises kept, and waiting."""
import json, sqlite3, statistics, sys
from collections import defaultdict

MINUTE = 60_000


def middle(values):
    return f"{statistics.median(values):.1f}" if values else "-"


def figures_of(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    tickets = db.execute("SELECT id, created_at, completed_at, due_at, sla FROM tickets WHERE kind = 'repair'").fetchall()
    end = db.execute("SELECT MAX(received_at) FROM ticket_events").fetchone()[0]
    way, gone, first = 0, {}, defaultdict(list)
    steps = "SELECT ticket_id, engineer_id, kind, at FROM ticket_events WHERE applied = 1 ORDER BY at, dseq"
    for ticket, engineer, kind, at in db.execute(steps):
        first[ticket, kind].append(at)
        if kind == "travel":
            gone[ticket, engineer] = at
        elif kind == "arrive" and (ticket, engineer) in gone:
            way += at - gone.pop((ticket, engineer))
    had = dict(db.execute("SELECT ticket_id, MIN(assigned_at) FROM assignments GROUP BY ticket_id"))
    waits = [(had[t] - opened) / MINUTE for t, opened, *_ in tickets if t in had]
    answers = [(json.loads(sla), t) for t, *_, sla in tickets]
    # Of a promise that is not yet due nothing can be said.
    told = [(s["response_due_at"], s.get("responded_at")) for s, _ in answers if s.get("response_due_at")]
    told = [(due, at) for due, at in told if at or due <= end]
    done = [(due, at) for _, _, at, due, _ in tickets if at or due <= end]
    kept = lambda promises: f"{sum(at is not None and at <= due for due, at in promises)} of {len(promises)}"
    solved = [(at - opened) / MINUTE for _, opened, at, *_ in tickets if at]
    arrivals = sum(len(at) for (_, kind), at in first.items() if kind == "arrive")
    return {
        "tickets": len(tickets), "done": len(solved), "arrivals": arrivals,
        "minutes driven": round(way / MINUTE), "minutes driven an arrival": f"{way / MINUTE / max(arrivals, 1):.1f}",
        "responses in time": kept(told), "solved in time": kept(done),
        "minutes until somebody had it, median": middle(waits), "and at most": f"{max(waits, default=0):.1f}",
        "minutes until solved, median": middle(solved),
    }


columns = [figures_of(path) for path in sys.argv[1:]]
for name in columns[0]:
    print(f"{name:40}", *(f"{str(column[name]):>14}" for column in columns))
