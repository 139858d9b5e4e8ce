"""Names of results: they say what was done, and that it is for research."""

from __future__ import annotations

RESEARCH_USE = "research use"


def result_name(name: str, frame: int | None = None) -> str:
    """Return the name of what was made of an input: "Sweep despeckled (research use)".

    Parameters
    ----------
    name : str
        Of the input.
    frame : int or None
        The only frame that was despeckled, counted from 0; names count from 1, as the panel does.
    """
    base = plain_name(name)
    return f"{base}{'' if frame is None else f' frame {frame + 1}'} despeckled ({RESEARCH_USE})"


def difference_name(name: str) -> str:
    """Return the name of the difference of an input and its result."""
    return f"{plain_name(name)} minus despeckled ({RESEARCH_USE})"


def plain_name(name: str) -> str:
    """Return a name without the remark that it is for research, which is said once, at the end."""
    return name.removesuffix(f" ({RESEARCH_USE})")
