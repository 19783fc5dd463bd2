"""Chapters are executed on whatever machine there is: none fails, or loses an output, because that machine is busy."""

from nbclient import NotebookClient

PATIENCE = 1200  # seconds; the limit of a cell, `timeout`, is in _config.yml


def setup(app):
    plain = NotebookClient.__init__

    def patient(self, *args, **kwargs):
        kwargs = {"startup_timeout": PATIENCE, "iopub_timeout": PATIENCE} | kwargs
        plain(self, *args, **kwargs)

    NotebookClient.__init__ = patient
    return {"parallel_read_safe": True, "parallel_write_safe": True}
