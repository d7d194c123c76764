"""One solver, one problem, one process at a time: its CPU seconds, its memory, and what the judge says of its plan."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Building a model and inserting what was left out may take this much beyond the time; in CPU seconds, and the clock
# on the wall goes faster on a shared machine.
PATIENCE = (5, 400)
OVERTIME = 1.5


def runner(script, mode=""):
    """The command of a peer's runner."""

    def command(problem, seconds, plan):
        words = [sys.executable, os.path.join(HERE, script), problem, str(seconds), plan]
        return words + ["--mode", mode] if mode else words

    return command


def fettle(program):
    """The command that a user types."""

    def command(problem, seconds, plan):
        return [program, "plan", problem, "--seconds", str(seconds), "--seed", "1", "--threads", "1", "-o", plan]

    return command


def measure(name, command, problem, seconds):
    """Runs it and has its plan judged; a row of the results. `command(problem, seconds, plan)` gives the words."""
    with tempfile.TemporaryDirectory() as folder:
        plan = os.path.join(folder, "plan.json")
        row = {"solver": name, "seconds": seconds, "load": round(os.getloadavg()[0], 2)}
        row.update(_run(command(problem, seconds, plan), seconds))
        if not row.get("fault"):
            row.update(_judged(problem, plan))
    return row


def _run(words, seconds):
    env = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", RAYON_NUM_THREADS="1")
    # With it all clocks in the process are its CPU time: see cpuclock.c.
    env["LD_PRELOAD"] = os.environ["CPUCLOCK"]
    began = time.time()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors, env=env, start_new_session=True)
        limit = threading.Timer(PATIENCE[0] * seconds + PATIENCE[1], os.killpg, (child.pid, signal.SIGKILL))
        limit.start()
        try:
            # Unlike the totals of all children this is of one child, and of those that it has waited for.
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            limit.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()[-300:]
    cpu = usage.ru_utime + usage.ru_stime
    row = {"cpu_s": round(cpu, 2), "wall_s": round(time.time() - began, 2), "peak_mib": usage.ru_maxrss // 1024}
    if child.returncode == -signal.SIGKILL:
        row["fault"] = "no answer in time"
    elif child.returncode:
        row["fault"] = said or f"exit code {child.returncode}"
    return row


def _judged(problem, plan):
    words = [sys.executable, os.path.join(HERE, "evaluate.py"), problem, plan]
    judge = subprocess.run(words, capture_output=True, text=True)
    if not judge.stdout:
        return {"fault": judge.stderr.strip()[-300:]}
    verdict = json.loads(judge.stdout)
    kept = ["cost", "travel_s", "late_weighted_s", "n_late", "unserved"]
    row = {name: verdict[name] for name in kept}
    if not verdict["feasible"]:
        row["fault"] = "; ".join(verdict["errors"][:3])
    return row


def keep(rows, path):
    """Writes the rows after each run: an interrupted comparison has lost one figure, not all."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        json.dump(rows, file, indent=1)
        file.write("\n")


def overran(row):
    """Whether it took much more than its time, which the tables mark."""
    return row["cpu_s"] > OVERTIME * row["seconds"] + 3
