"""Table A, the nearest who may: PostGIS and Redis answer the questions that `cargo bench --bench now` has answered.

The bench leaves a town, its questions, the answers and its own figures in a file for each number of engineers. Here
each question is asked over a local socket, one at a time, over one connection, and what is found is compared.
"""

import argparse
import json
import os
import sys
import time

import numpy as np

import table

K = 10
# Redis keeps degrees; the town is laid around (0, 0), where a degree is this many metres on its sphere.
DEGREE_M = 111_226.3
FAR_KM = 200


class Town:
    """What the bench left: planar metres, and skills as numbers."""

    def __init__(self, path):
        with open(path) as file:
            told = json.load(file)
        self.places = np.array(told["places"])
        self.skills = told["skills"]
        self.questions = [(x, y, a, b) for (x, y), (a, b) in told["questions"]]
        self.answers = told["answers"]
        self.moves = [(number, x, y) for number, (x, y) in told["moves"]]
        self.rows = told["rows"]
        self.masks = [sum(1 << skill for skill in held) for held in self.skills]

    def measured(self, name, ask):
        """Asks all questions; a row of the table. `ask(x, y, first, second)` gives numbers of engineers."""
        times, same = [], 0
        for question, answer in zip(self.questions, self.answers):
            began = time.perf_counter()
            found = ask(*question)
            times.append(time.perf_counter() - began)
            same += sorted(found) == sorted(answer)
        median, p99 = np.percentile(np.array(times) * 1e6, [50, 99])
        row = {"name": name, "median_us": float(median), "p99_us": float(p99), "same": same / len(self.questions)}
        row["load"] = round(os.getloadavg()[0], 2)
        print(f"{len(self.places):,} engineers, {name}: {median:,.1f} us, load {row['load']}", flush=True)
        return row


def numpy_row(town):
    mask = np.array(town.masks, dtype=np.uint64)
    east, north = town.places[:, 0].copy(), town.places[:, 1].copy()

    def ask(x, y, first, second):
        need = np.uint64(1 << first | 1 << second)
        able = np.nonzero((mask & need) == need)[0]
        far = (east[able] - x) ** 2 + (north[able] - y) ** 2
        some = np.argpartition(far, K - 1)[:K] if len(able) > K else np.arange(len(able))
        return able[some[np.argsort(far[some])]].tolist()

    return town.measured("numpy, everybody", ask)


def postgis_rows(town, address):
    """With the index over places, with that over skills forced, and with the skills as bits of one number."""
    import psycopg2

    connection = psycopg2.connect(address)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("set jit = off")
    cursor.execute("create extension if not exists postgis")
    cursor.execute("select postgis_lib_version()")
    version = ".".join(cursor.fetchone()[0].split(".")[:2])
    fill(cursor, town)
    by_array = "select id from e where skills @> $3 order by geom <-> ST_MakePoint($1, $2) limit 10"
    by_mask = "select id from e where mask & $3 = $3 order by geom <-> ST_MakePoint($1, $2) limit 10"

    def pair(first, second):
        return [first, second]

    def bits(first, second):
        return 1 << first | 1 << second

    gist = (f"PostGIS {version}, GiST, skills in an array", by_array, "int[]", pair, [])
    mask = (f"PostGIS {version}, GiST, skills in bits", by_mask, "bigint", bits, [])
    forced = ["create index e_skills on e using gin (skills)", "set enable_indexscan = off", "set enable_seqscan = off"]
    gin = (f"PostGIS {version}, GIN over skills, then sorted", by_array, "int[]", pair, forced)
    rows = []
    for name, query, kind, argument, before in (gist, mask, gin):
        for statement in before:
            cursor.execute(statement)
        cursor.execute("vacuum analyze e")
        cursor.execute(f"prepare q(float8, float8, {kind}) as {query}")

        def ask(x, y, first, second, argument=argument):
            cursor.execute("execute q(%s, %s, %s)", (x, y, argument(first, second)))
            return [row[0] for row in cursor.fetchall()]

        rows.append(town.measured(name, ask))
        cursor.execute("deallocate q")
    cursor.execute("set enable_indexscan = on")
    cursor.execute("drop index e_skills")
    rows[0]["moves_ms"] = postgis_moves(cursor, town)
    connection.close()
    return rows


def fill(cursor, town):
    from psycopg2.extras import execute_values

    cursor.execute("drop table if exists e")
    cursor.execute("create table e (id int primary key, geom geometry(Point), skills int[], mask bigint)")
    rows = [
        (number, x, y, held, mask)
        for number, ((x, y), held, mask) in enumerate(zip(town.places.tolist(), town.skills, town.masks))
    ]
    template = "(%s, ST_MakePoint(%s, %s), %s, %s)"
    execute_values(cursor, "insert into e values %s", rows, template, page_size=5_000)
    cursor.execute("create index e_geom on e using gist (geom)")


def postgis_moves(cursor, town):
    """Milliseconds for all moves in one statement."""
    numbers, east, north = (list(column) for column in zip(*town.moves))
    move = (
        "update e set geom = ST_MakePoint(m.x, m.y)"
        " from unnest(%s::int[], %s::float8[], %s::float8[]) as m(id, x, y) where e.id = m.id"
    )
    began = time.perf_counter()
    cursor.execute(move, (numbers, east, north))
    return 1e3 * (time.perf_counter() - began)


def redis_row(town, socket):
    """A set of places for each skill, filtered by the client: GEOSEARCH knows no second condition."""
    import redis

    server = redis.Redis(unix_socket_path=socket)
    server.flushall()
    pipe = server.pipeline(transaction=False)
    for number, ((x, y), held) in enumerate(zip(town.places.tolist(), town.skills)):
        for skill in held:
            pipe.geoadd(f"at:{skill}", (x / DEGREE_M, y / DEGREE_M, number))
            pipe.sadd(f"holds:{skill}", number)
        if number % 2_000 == 1_999:
            pipe.execute()
    pipe.execute()

    def ask(x, y, first, second):
        count = 128
        while True:
            near = ["FROMLONLAT", x / DEGREE_M, y / DEGREE_M, "BYRADIUS", FAR_KM, "km", "ASC", "COUNT", count]
            found = server.execute_command("GEOSEARCH", f"at:{first}", *near)
            held = server.execute_command("SMISMEMBER", f"holds:{second}", *found) if found else []
            both = [int(number) for number, holds in zip(found, held) if holds][:K]
            if len(both) >= K or len(found) < count:
                return both
            count *= 4

    version = ".".join(server.info()["redis_version"].split(".")[:2])
    row = town.measured(f"Redis {version}, GEOSEARCH a skill, filtered by the client", ask)
    began = time.perf_counter()
    for number, x, y in town.moves:
        for skill in town.skills[number]:
            pipe.geoadd(f"at:{skill}", (x / DEGREE_M, y / DEGREE_M, number))
    pipe.execute()
    row["moves_ms"] = 1e3 * (time.perf_counter() - began)
    return row


def cells(row, ours):
    moves = f"{row['moves_ms']:.0f} ms" if row.get("moves_ms") else ""
    return [
        row["name"],
        f"{row['median_us']:,.1f} us",
        f"{row['p99_us']:,.0f} us",
        table.ratio(row["median_us"], ours["median_us"]),
        f"{100 * row.get('same', 1):.1f} %",
        moves,
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("towns", nargs="+", help="what the bench left")
    parser.add_argument("--postgres", required=True, help="address of a PostgreSQL with PostGIS")
    parser.add_argument("--redis", required=True, help="socket of a Redis")
    parser.add_argument("--results", required=True)
    args = parser.parse_args()
    kept = {}
    for path in args.towns:
        town = Town(path)
        rows = [*postgis_rows(town, args.postgres), redis_row(town, args.redis), numpy_row(town), *town.rows]
        kept[len(town.places)] = rows
        count, questions = len(town.places), len(town.questions)
        title = f"A. The {K} nearest of {count:,} engineers who hold two skills, {questions} questions"
        head = ["", "median", "p99", "of ours", "same people", f"{len(town.moves):,} moves"]
        table.printed(title, head, [cells(row, rows[-1]) for row in rows], [f"load {rows[0]['load']}"])
    with open(args.results, "w") as file:
        json.dump(kept, file, indent=1)
    if any(row.get("same", 1) < 0.9 for rows in kept.values() for row in rows):
        sys.exit("somebody finds other people: the figures compare different questions")


if __name__ == "__main__":
    main()
