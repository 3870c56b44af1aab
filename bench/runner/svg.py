"""Draws charts: bars where values are near each other, dots on a logarithmic scale where not, lines for growth.

Colours are legible on white and on black; the text takes the one that the reader's page has."""

import math
from xml.sax.saxutils import escape

WIDTH, LABELS, BAR, PANEL = 760, 190, 18, 240
STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #24292f } .title { font-size: 15px; font-weight: 600 }
.note { fill: #57606a } .grid { stroke: #8c959f; stroke-opacity: .35 } .goal { stroke: #cf222e; stroke-width: 2 }
.back { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .note { fill: #9198a1 } .goal { stroke: #ff7b72 } .back { fill: #0d1117 }
}
</style>"""
PALETTE = ["#2f81f7", "#8957e5", "#d4762c", "#2da44e", "#bf4b8a", "#8c7851", "#6e7781"]


def text(x, y, words, kind="", anchor="start"):
    return '<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>' % (x, y, kind, anchor, escape(words))


def line(x1, y1, x2, y2, kind="grid"):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>' % (x1, y1, x2, y2, kind)


def document(title, height, parts):
    return '\n'.join([
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">' % (
            WIDTH, height, WIDTH, height),
        "<title>%s</title>" % escape(title), STYLE, '<rect class="back" width="100%" height="100%" rx="6"/>',
        text(16, 26, title, "title"), *parts, "</svg>", ""])


def number(value):
    if value >= 1e6 and value % 1e6 == 0:
        return "%d M" % (value / 1e6)
    if value >= 1000:
        return "{:,.0f}".format(value)
    return "%.3g" % value if value < 100 else "%.0f" % value


def _nice(value):
    """1, 2 or 5 times a power of ten, not below the value."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * 0.999)


class Linear:
    def __init__(self, most):
        step = _nice(most / 5)
        self.ticks = [step * index for index in range(math.ceil(most / step * 0.999) + 1)]
        self.name = ""

    def place(self, value):
        return value / self.ticks[-1]


class Logarithmic:
    def __init__(self, least, most, most_decades=3):
        low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
        steps = (1,) if high - low > most_decades else (1, 2, 5)
        ticks = [step * 10.0 ** power for power in range(low, high + 1) for step in steps]
        first = max([tick for tick in ticks if tick <= least * 1.001], default=ticks[0])
        last = min([tick for tick in ticks if tick >= most * 0.999], default=ticks[-1])
        self.ticks = [tick for tick in ticks if first <= tick <= max(last, first * 2)]
        if len(self.ticks) < 2:
            self.ticks = [first, first * 2]
        self.name = ", logarithmic scale"

    def place(self, value):
        return math.log(value / self.ticks[0]) / math.log(self.ticks[-1] / self.ticks[0])


def bars(title, unit, groups, colour, labels=LABELS):
    """`groups`: (name, [(label, value, goal or None)])."""
    values = [each for _, group in groups for _, value, goal in group for each in (value, goal) if each]
    scale = Linear(max(values)) if max(values) < 25 * min(values) else Logarithmic(min(values) / 1.5, max(values))
    dots = isinstance(scale, Logarithmic)
    right = WIDTH - 90
    x = lambda value: labels + scale.place(value) * (right - labels)
    parts, y = [], 62
    top = y
    for name, group in groups:
        if len(groups) > 1:
            parts.append(text(16, y + 12, name, "note"))
            y += BAR + 4
        for label, value, goal in group:
            parts.append(text(labels - 8, y + 13, label, anchor="end"))
            if dots:
                parts.append('<circle cx="%.1f" cy="%.1f" r="5" fill="%s"/>' % (x(value), y + 9, colour(label)))
            else:
                parts.append('<rect x="%d" y="%.1f" width="%.1f" height="%d" rx="2" fill="%s"/>' % (
                    labels, y + 2, max(1, x(value) - labels), BAR - 4, colour(label)))
            if goal:
                parts.append(line(x(goal), y, x(goal), y + BAR, "goal"))
            parts.append(text(max(x(value), x(goal) if goal else 0) + 9, y + 13, number(value)))
            y += BAR + 2
        y += 8
    grid = [line(x(tick), top, x(tick), y) for tick in scale.ticks]
    grid += [text(x(tick), y + 14, number(tick), "note", "middle") for tick in scale.ticks]
    note = unit + scale.name + ("; red: to reach" if any(goal for _, group in groups for _, _, goal in group) else "")
    return document(title, y + 28, [text(16, 46, note, "note"), *grid, *parts])


def _panel(left, width, unit, axis, lines, colour):
    """Lines of (label, [(n, value)]) on logarithmic scales."""
    points = [point for _, each in lines for point in each]
    across = Logarithmic(min(n for n, _ in points), max(n for n, _ in points), 2)
    most = max(value for _, value in points)
    up = Logarithmic(min(most / 10, *(value for _, value in points)), most)  # what is flat is to look flat
    top, bottom = 66, 66 + PANEL
    x = lambda n: left + across.place(n) * width
    y = lambda value: bottom - up.place(value) * PANEL
    parts = [text(left - 40, 52, unit, "note"), text(left + width, bottom + 34, axis, "note", "end")]
    for tick in across.ticks:
        parts += [line(x(tick), top, x(tick), bottom), text(x(tick), bottom + 16, number(tick), "note", "middle")]
    for tick in up.ticks:
        parts += [line(left, y(tick), left + width, y(tick)), text(left - 6, y(tick) + 4, number(tick), "note", "end")]
    for label, each in lines:
        path = " ".join("%.1f,%.1f" % (x(n), y(value)) for n, value in each)
        parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>' % (path, colour(label)))
        parts += ['<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>' % (x(n), y(value), colour(label))
                  for n, value in each]
    return parts


def growth(title, axis, panels, colour):
    """`panels`: (unit, [(label, [(n, value)])]), beside each other; the lines of all have the same labels."""
    width = WIDTH / len(panels)
    parts = []
    for index, (unit, lines) in enumerate(panels):
        parts += _panel(index * width + 64, width - 88, unit, axis, lines, colour)
    x, y = 64, 66 + PANEL + 58
    for label in dict.fromkeys(label for _, lines in panels for label, _ in lines):
        parts.append('<circle cx="%d" cy="%d" r="5" fill="%s"/>' % (x, y - 4, colour(label)))
        parts.append(text(x + 10, y, label))
        x += 34 + 7 * len(label)
    return document(title, y + 18, parts)
