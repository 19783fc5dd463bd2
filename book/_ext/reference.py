"""The library's reference: what functions return stands beside them, and references read well.

``__all__`` holds the names a user calls. A class that only comes out of a call is not among them;
the reference shows it all the same, with its attributes, in the module that makes it.
"""

import inspect
import re
import sys

RETURNED = "*Made by the functions of this module; nobody needs its name.*"


def is_returned(module, value) -> bool:
    """Tell whether a class is what functions of the module return: its own, no name of a user's."""
    return (
        inspect.isclass(value)
        and value.__module__ == module.__name__
        and value.__name__ not in getattr(module, "__all__", [value.__name__])
        and not value.__name__.startswith("_")
    )


def _select(app, what, name, obj, skip, options):
    """Show what functions return; leave out what scikit-learn and named tuples add, "Alias for field number 0"."""
    alias = (getattr(obj, "__doc__", None) or "").startswith("Alias for field number")
    if alias or re.fullmatch(r"set_\w+_request", name):
        return True
    module = sys.modules.get(app.env.temp_data.get("autodoc:module"))
    return False if what == "module" and is_returned(module, obj) else None


def _say_returned(app, what, name, obj, options, lines):
    if what == "class" and is_returned(sys.modules.get(obj.__module__), obj):
        lines[1:1] = ["", RETURNED]


def _readable_references(app, what, name, obj, options, lines):
    """Number a docstring's references within itself, and keep "L. Onsager" from being read as item L of a list."""
    for pattern, text in (
        (r"^(\s*)\.\. \[(\d+)\] ", r"\1\2. "),
        (r"\[(\d+)\]_", r"[\1]"),
        (r"^(\s*)([A-Z])\. (?=[A-Z])", r"\1\\\2. "),
    ):
        lines[:] = [re.sub(pattern, text, line) for line in lines]


def _lead_back(app, env):
    """Let a name's source lead to the page of its own module; viewcode takes the last page that shows it again."""
    described = env.get_domain("py").objects
    for module, entry in getattr(env, "_viewcode_modules", {}).items():
        for name in entry[2] if entry else ():
            if own := described.get(f"{module}.{name}"):
                entry[2][name] = own.docname


def setup(app):
    app.connect("env-updated", _lead_back)
    app.connect("autodoc-process-docstring", _say_returned)
    app.connect("autodoc-process-docstring", _readable_references)
    app.connect("autodoc-skip-member", _select)
    return {"parallel_read_safe": True}
