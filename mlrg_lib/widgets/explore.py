"""One call, two faces: a figure with sliders that a live kernel recomputes and a static page replays."""

import asyncio
import itertools
import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from .._validation import check_unmasked

__all__ = ["explore"]


def explore(
    draw: Callable[..., go.Figure],
    *,
    labels: Mapping[str, str] | None = None,
    start: Mapping[str, object] | None = None,
    live: Mapping[str, Sequence] | None = None,
    **values: Sequence,
):
    """Show ``draw(**parameters)`` with one slider per parameter.

    With a running kernel the sliders are ipywidgets and every move calls ``draw``; a move made while a
    figure is being computed replaces the one before it, so stale figures never queue. In the static book
    (environment ``MLRG_STATIC=1``) the figures of all combinations are computed at build time and the
    page's own sliders replay them, with no kernel.

    Parameters
    ----------
    draw : callable
        Returns a plotly figure for keyword arguments named as in ``values``. Every figure must have the
        same number of traces.
    labels : mapping, optional
        What the reader sees for a parameter; its name by default.
    start : mapping, optional
        The value first shown; the middle one by default.
    live : mapping, optional
        A finer list of values for some parameters, used only where a kernel runs. It has more values than the page
        and reaches as far, since the page says how many there are.
    **values : sequence
        The values of each parameter.

    Returns
    -------
    plotly.graph_objects.Figure or ipywidgets.VBox
        The static or the live face.

    Raises
    ------
    ValueError
        If there is no parameter, a parameter has no values, ``labels``, ``start`` or ``live`` names an unknown
        one or a value that is not offered, or ``live`` is no finer than the page.

    Examples
    --------
    >>> import os
    >>> from mlrg_lib.figures import theme
    >>> os.environ["MLRG_STATIC"] = "1"
    >>> draw = lambda power: theme.figure(alt="A power.").add_scatter(y=[x**power for x in range(4)])
    >>> len(explore(draw, power=[1, 2, 3]).frames)
    3
    >>> del os.environ["MLRG_STATIC"]
    """
    labels, start, live = dict(labels or {}), dict(start or {}), dict(live or {})
    for name, options in [*values.items(), *live.items()]:
        check_unmasked(name, options)
    values = {name: list(options) for name, options in values.items()}
    _check(values, labels, start, live)
    static = os.environ.get("MLRG_STATIC") == "1"
    if not static:
        values |= {name: list(options) for name, options in live.items()}
    first = {name: _index(options, start.get(name)) for name, options in values.items()}
    named = {name: labels.get(name, name) for name in values}
    if static:
        return _static_face(draw, values, named, first, {name: len(options) for name, options in live.items()})
    return _live_face(draw, values, named, first)


def _check(values, labels, start, live):
    if not values:
        raise ValueError("explore needs at least one parameter with its values, e.g. temperature=[2.0, 2.5]")
    for name, options in [*values.items(), *live.items()]:
        if len(options) == 0:
            raise ValueError(f"{name} must offer at least one value, got none")
        if any(np.ndim(option) for option in options):
            raise ValueError(f"{name} must offer single values, got {next(o for o in options if np.ndim(o))!r}")
    for argument, mapping in (("labels", labels), ("start", start), ("live", live)):
        unknown = sorted(set(mapping) - set(values))
        if unknown:
            raise ValueError(f"{argument} names {unknown}, but the parameters are {sorted(values)}")
    for name, value in start.items():
        if value not in values[name]:
            raise ValueError(f"start[{name!r}] must be one of the values offered, got {value!r}")
    for name, options in live.items():
        page, ends = values[name], (min(options), max(options))
        if len(options) <= len(page) or ends[0] > min(page) or ends[1] < max(page):
            raise ValueError(
                f"live[{name!r}] must offer more than the page's {len(page)} values and reach from {min(page)!r} to "
                f"{max(page)!r}, got {len(options)} from {ends[0]!r} to {ends[1]!r}"
            )


def _index(options, value) -> int:
    if value is None:
        return len(options) // 2
    if value in options:
        return options.index(value)
    return min(range(len(options)), key=lambda k: abs(options[k] - value))


def _text(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _static_face(draw, values, labels, first, finer) -> go.Figure:
    names = list(values)
    frames, shown = [], None
    for indices in itertools.product(*(range(len(values[name])) for name in names)):
        fig = draw(**{name: values[name][k] for name, k in zip(names, indices, strict=True)})
        layout = fig.layout.to_plotly_json()
        meta = dict(layout.pop("meta", None) or {})
        layout.pop("template", None)
        frames.append({"name": ",".join(map(str, indices)), "data": fig.data, "layout": layout})
        if indices == tuple(first[name] for name in names):
            shown = go.Figure(fig)
            meta["explore"] = [
                {"label": labels[name], "values": [_text(v) for v in values[name]], "start": first[name]}
                | ({"finer": finer[name]} if name in finer else {})
                for name in names
            ]
            shown.update_layout(meta=meta)
    shown.frames = [go.Frame(**frame) for frame in frames]
    return shown


def _live_face(draw, values, labels, first):
    import ipywidgets

    sliders = {
        name: ipywidgets.SelectionSlider(
            options=[(_text(v), v) for v in options],
            index=first[name],
            description=labels[name],
            style={"description_width": "initial"},
            layout={"width": "min(100%, 32rem)"},
        )
        for name, options in values.items()
    }
    graph = go.FigureWidget(draw(**{name: slider.value for name, slider in sliders.items()}))
    graph._config = {**graph._config, "displaylogo": False}  # nothing in a figure leads away
    status = ipywidgets.Label("")
    state = {"wanted": None, "running": False}

    def show(parameters):
        try:
            fig = draw(**parameters)
        except Exception as error:  # the reader moved a slider: tell them here, where they look
            status.value = f"{type(error).__name__}: {error}"
            return
        with graph.batch_update():
            for old, new in zip(graph.data, fig.data, strict=True):
                old.update(new.to_plotly_json(), overwrite=True)
            graph.layout.update(fig.layout.to_plotly_json())
        status.value = ""

    async def work():
        state["running"] = True
        try:
            while state["wanted"] is not None:
                await asyncio.sleep(0.01)  # lets later moves of the slider arrive and replace this one
                parameters, state["wanted"] = state["wanted"], None
                show(parameters)
        finally:
            state["running"] = False

    def moved(_):
        state["wanted"] = {name: slider.value for name, slider in sliders.items()}
        if state["running"]:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no event loop (a plain script): compute at once
            parameters, state["wanted"] = state["wanted"], None
            show(parameters)
        else:
            state["task"] = loop.create_task(work())

    for slider in sliders.values():
        slider.observe(moved, "value")
    return ipywidgets.VBox([*sliders.values(), status, graph])
