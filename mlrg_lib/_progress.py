"""Progress bars, for those who ask for one."""

__all__ = ["progress"]


class Silence:
    """A progress bar that shows nothing."""

    n = total = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def update(self, n):
        pass

    def set_postfix(self, values):
        pass


def progress(verbose: bool, **options):
    """Return tqdm's progress bar, or one that is silent.

    A bar of tqdm that shows nothing still starts a thread, takes a lock that all processes share and, in a notebook
    without ipywidgets, warns: a fork afterwards can hang. Its import takes longer than a first sample.
    """
    if not verbose:
        return Silence()
    from tqdm.auto import tqdm

    return tqdm(**options)
