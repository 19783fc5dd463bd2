"""Lists the exercises of a chapter, each with what it asks for, under their module in the library reference."""


def list_exercises(app, what, name, module, options, lines):
    if what == "module" and name.startswith("mlrg_lib.checks."):
        for exercise in module.__all__:
            call = f"{name.removeprefix('mlrg_lib.')}.{exercise}"
            lines.append(f"- ``{call}``: {getattr(module, exercise).asks}.")


def setup(app):
    app.connect("autodoc-process-docstring", list_exercises)
    return {"parallel_read_safe": True}
