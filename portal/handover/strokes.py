"""A signature drawn on a screen, as a picture that any browser and the form can show."""

from collections.abc import Sequence

_MARGIN = 12


def svg(strokes: Sequence[Sequence[Sequence[int]]]) -> str:
    """The strokes as SVG; "" when there are none. Made of whole numbers only."""
    points = [(int(x), int(y)) for stroke in strokes for x, y in stroke]
    if not points:
        return ""
    left, top = min(x for x, _ in points), min(y for _, y in points)
    width = max(x for x, _ in points) - left + 2 * _MARGIN
    height = max(y for _, y in points) - top + 2 * _MARGIN
    lines = "".join(_line(stroke) for stroke in strokes if stroke)
    box = f"{left - _MARGIN} {top - _MARGIN} {width} {height}"
    style = 'fill="none" stroke="#000" stroke-linecap="round" stroke-linejoin="round"'
    pen = max(2, round(max(width, height) / 90))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width}" '
        f'height="{height}"><g {style} stroke-width="{pen}">{lines}</g></svg>\n'
    )


def _line(stroke: Sequence[Sequence[int]]) -> str:
    points = [f"{int(x)} {int(y)}" for x, y in stroke]
    return f'<path d="M{" L".join([*points, points[-1]])}"/>'
