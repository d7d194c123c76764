"""Tables for the terminal: names to the left, figures to the right."""


def printed(title, head, rows, notes=()):
    """`head` and each of `rows` are lists of texts, the name first."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    print(f"\n{title}")
    for row in [head, *rows]:
        cells = [row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:]))]
        print("  ".join(cells).rstrip())
    for note in notes:
        print(f"  {note}")
    print(flush=True)


def ratio(theirs, ours):
    """How many times ours theirs is."""
    times = theirs / ours
    return f"{times:.3f} x" if times < 2 else f"{times:.1f} x"
