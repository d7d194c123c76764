"""Draws what the plan of each day costs over time, from the rows of day.py: plot.py day.json cost.svg.

Grey on a transparent ground, ours in one strong colour: readable on a light page and on a dark one.
"""

import argparse
import json

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402, the drawing library must be chosen first

OURS = "Fettle"
INK = "#7d8590"
COLOURS = {
    OURS: "#e5534b",
    "VROOM": "#539bf5",
    "OR-Tools": "#57ab5a",
    "VROOM, then OR-Tools": "#39a5a5",
    "PyVRP": "#c69026",
    "PyVRP, in two steps": "#a5752a",
    "vrp-cli": "#b083f0",
}


def draw(axes, size, rows):
    for name, colour in COLOURS.items():
        points = [(row["seconds"], row["cost"]) for row in rows if row["solver"] == name and row.get("cost")]
        if not points:
            continue
        ours = name == OURS
        width, marker, above = (3, "o", 3) if ours else (1.6, ".", 2)
        axes.plot(*zip(*sorted(points)), marker=marker, color=colour, linewidth=width, label=name, zorder=above)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = sorted({row["seconds"] for row in rows})
    axes.set_xticks(ticks, [f"{tick:g} s" for tick in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(base=10, subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda cost, _: f"{cost / 1e6:g} M" if cost >= 1e6 else f"{cost / 1e3:g} k")
    axes.set_title(size, color=INK)
    axes.tick_params(colors=INK)
    axes.grid(color=INK, alpha=0.25, linewidth=0.6)
    for spine in axes.spines.values():
        spine.set_color(INK)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows")
    parser.add_argument("picture")
    args = parser.parse_args()
    with open(args.rows) as file:
        rows = json.load(file)
    sizes = list(dict.fromkeys(row["size"] for row in rows))
    titles = {"S": "S: 50 tickets", "M": "M: 200 tickets", "L": "L: 1,000 tickets", "XL": "XL: 5,000 tickets"}
    # Text stays text, so that the file is small; and the same rows give the same file.
    pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "fettle", "font.family": "sans-serif"})
    figure, panels = pyplot.subplots(1, len(sizes), figsize=(4 * len(sizes), 4.4), squeeze=False)
    for axes, size in zip(panels[0], sizes):
        draw(axes, titles[size], [row for row in rows if row["size"] == size])
    panels[0][0].set_ylabel("cost of the plan", color=INK)
    handles, labels = panels[0][0].get_legend_handles_labels()
    handles += [it for axes in panels[0][1:] for it in axes.get_legend_handles_labels()[0]]
    labels += [it for axes in panels[0][1:] for it in axes.get_legend_handles_labels()[1]]
    named = dict(zip(labels, handles))
    place = dict(loc="lower center", ncol=4, frameon=False, labelcolor=INK)
    figure.legend(named.values(), named.keys(), **place)
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    figure.savefig(args.picture, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
