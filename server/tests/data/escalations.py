#!/usr/bin/env python3
"""Which steps of escalation should have been taken, counted a second time from the record.

    escalations.py DATABASE [--speed N] [--late SECONDS] [--until MILLISECONDS]

DATABASE is an SQLite database of Fettle; nothing is written to it. What is read is the change log alone, and the
tables of policies that come with Fettle. The rules are those of docs/sla.md ("Counting", "On tickets",
"Escalations"); no line is shared with the server. It knows the settings of a new server: two steps, the calendar
round the clock in a zone whose days have 24 hours, no contract, no quiet hours.

For each ticket it goes through the moments at which something became known of it. A step must be taken if it is due
by what is known, and stays so for longer than the server needs: SECONDS (3) of the server's clock, which runs N times
as fast as real time in a demo. Each step that was taken must have been due then, at just the time that its row says,
and be taken once. It prints how many were, by how much they were late, and every fault; and ends with 1 if there is
one.
"""
import argparse
import json
import pathlib
import sqlite3
import sys
from collections import Counter, defaultdict

POLICIES = pathlib.Path(__file__).parents[3] / "sla" / "data" / "policies"
STEPS = {"resolution:30:notify_engineer": 30, "resolution:10:notify_supervisor": 10}
UNITS = {"minutes": 60_000, "hours": 3_600_000, "business_minutes": 60_000, "business_hours": 3_600_000,
         "business_days": 86_400_000}
ORDER = ["new", "assigned", "accepted", "travelling", "on_site", "working", "waiting", "completed", "closed"]
LEADS = {"accept": "accepted", "claim": "accepted", "travel": "travelling", "arrive": "on_site", "start": "working",
         "resume": "working", "complete": "completed"}
OVER = ("completed", "closed", "cancelled")


def target(ticket):
    """The resolution's milliseconds that are promised, and whether a state stops its clock; none without a promise."""
    table = json.loads((POLICIES / f"{ticket['sla']['policy_id']}.json").read_text())
    facts = {"priority": str(ticket["priority"]), "type": ticket["kind"], "channel": ticket["sla"]["channel"]}
    if ticket["sla"]["calendar_id"] != "round-the-clock" or ticket["sla"].get("contract_id"):
        raise SystemExit("a calendar or a contract that this script does not know")
    for row in table["rows"]:
        if all(facts.get(name) in values for name, values in row.get("when", {}).items() if values):
            promised = row.get("resolution")
            stops = {p["state"] for p in table["pauses"] if "resolution" in p.get("targets", ["resolution"])}
            return promised and (promised["amount"] * UNITS[promised["unit"]], stops)
    return None


def moved(status, kind):
    """Where a step leads, or none."""
    if kind in ("decline", "unassign"):
        return "new"
    if kind in ("assign", "reopen"):
        return "assigned"
    if kind in ("close", "cancel"):
        return {"close": "closed", "cancel": "cancelled"}[kind]
    if status in ("completed", "closed"):
        return None
    if kind == "pause":
        return "waiting"
    to = LEADS[kind]
    if status == "waiting" and to == "accepted":
        return None
    if status in ("waiting", "cancelled") or ORDER.index(status) < ORDER.index(to):
        return to
    return None


def due(opened, happened, used, stops):
    """When so many milliseconds of the resolution are used up; none while its clock stands or when it is met."""
    status, now, left, resolved, at = "new", opened, used, False, None
    for when, kind in happened:
        to = moved(status, kind)
        if to is None:
            continue
        when = max(when, now)
        if not (resolved or status in stops):
            if at is None and when - now >= left:
                at = now + left
            left -= when - now
        now, status = when, to
        if to == "completed":
            resolved = True
        elif kind == "reopen":
            resolved = False
    if resolved:
        return None
    if at is None and status not in stops:
        at = now + left
    return at


class Ticket:
    """What is known of one ticket, as it becomes known."""

    def __init__(self):
        self.row, self.events, self.assigned, self.taken = None, {}, {}, {}

    def steps(self):
        """The times of the steps that are not taken yet."""
        if self.row is None or self.row["status"] in OVER:
            return {}
        promised = target(self.row)
        if promised is None:
            return {}
        happened = [(e["at"], e["received_at"], e["dseq"] or 0, e["id"], e["kind"]) for e in self.events.values() if e["applied"]]
        happened = [(at, kind) for at, _, _, _, kind in sorted(happened)]
        if any(kind == "pause" for _, kind in happened):
            happened += [(at, "assign") for at in self.assigned.values()]
            happened.sort(key=lambda one: one[0])
        total, stops = promised
        open_ = {name: left for name, left in STEPS.items() if name not in self.taken}
        times = {name: due(self.row["created_at"], happened, total * (100 - left) // 100, stops)
                 for name, left in open_.items()}
        return {name: at for name, at in times.items() if at is not None}


def read(path):
    """The changes that matter, in order: number, time, table, row."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    tables = "'tickets', 'ticket_events', 'assignments', 'escalations', 'sla_settings', 'sla_policies'"
    query = (f"SELECT seq, at, entity, op, body FROM changes JOIN change_contents USING (seq) "
             f"WHERE entity IN ({tables}) ORDER BY seq")
    for seq, at, table, op, body in base.execute(query):
        if table.startswith("sla_"):
            raise SystemExit(f"change {seq} is one of {table}: this script knows the settings of a new server")
        if op == "put":
            yield seq, at, table, json.loads(body)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--late", type=float, default=3.0)
    parser.add_argument("--until", type=int, help="when the server was stopped; else the time of the last change")
    options = parser.parse_args()
    patience = options.late * 1000 * options.speed
    faults, lags, taken, tickets = [], [], Counter(), defaultdict(Ticket)
    # By ticket: since when each step has been due by what is known.
    waiting, end = defaultdict(dict), 0

    def known(number, now):
        """Something became known of a ticket: a step that was due for long enough should have been taken."""
        ticket, before = tickets[number], waiting[number]
        for name, since in before.items():
            if now - since > patience:
                faults.append(f"{number}: {name} was due at {since} and not taken by {now}")
        steps = ticket.steps()
        waiting[number] = {name: max(at, now) if before.get(name, now) >= now else max(at, before[name])
                           for name, at in steps.items()}

    for seq, at, table, row in read(options.database):
        end = max(end, at)
        number = row["id"] if table == "tickets" else row["ticket_id"]
        ticket = tickets[number]
        if table == "escalations":
            step = row["step"]
            expected = ticket.steps().get(step)
            taken[step] += 1
            if step in ticket.taken:
                faults.append(f"{number}: {step} was taken twice")
            elif expected is None:
                faults.append(f"{number}: {step} was taken at {row['fired_at']}, and was not due (change {seq})")
            elif expected != row["due_at"]:
                faults.append(f"{number}: {step} was due at {expected}, its row says {row['due_at']}")
            elif row["fired_at"] < expected:
                faults.append(f"{number}: {step} was taken {expected - row['fired_at']} ms too early")
            else:
                since = waiting[number].pop(step, expected)
                lags.append((row["fired_at"] - since) / 1000 / options.speed)
                if row["fired_at"] - since > patience:
                    faults.append(f"{number}: {step} was due at {since}, and taken at {row['fired_at']}")
            ticket.taken[step] = row["fired_at"]
            continue
        if table == "tickets":
            ticket.row = row
        elif table == "ticket_events":
            ticket.events[row["id"]] = row
        else:
            ticket.assigned[row["id"]] = row["assigned_at"]
        known(number, at)
    for number in tickets:
        known(number, options.until or end)

    for fault in faults:
        print(fault)
    lags.sort()
    print(f"{len(tickets)} tickets, {sum(taken.values())} steps taken: " +
          ", ".join(f"{count} {name}" for name, count in sorted(taken.items())))
    if lags:
        print(f"late by, in real seconds: median {lags[len(lags) // 2]:.2f}, worst {lags[-1]:.2f}")
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
