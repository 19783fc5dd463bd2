"""Share tests out between workers: file by file, but the tests of long files whose pages nobody shares one by one.

So that no worker is left alone with a long file at the end.
"""

from xdist.scheduler import LoadFileScheduling

FILES = {"test_fits.py", "test_fuzz.py", "test_live_figures.py", "test_pages.py", "test_touch_live.py"}


class Spread(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return nodeid if file.rpartition("/")[2] in FILES else file
