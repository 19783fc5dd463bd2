"""The browser's flow lines against the library's flow, its trajectories and its fixed points."""

import numpy as np
import pytest

from mlrg_lib._kernels import shell_flow
from mlrg_lib.rg import momentum_shell


@pytest.mark.parametrize(("d", "n"), [(3.0, 1.0), (2.0, 3.0), (3.9, 0.0), (5.0, 1.0)])
def test_velocity_is_the_library_flow(d, n):
    area = momentum_shell.shell_area(d)
    for r, g in [(0.1, 0.02), (-0.3, 0.1), (0.0, 0.0), (1.5, -0.05)]:
        dr, du = momentum_shell.flow(r, g / area, d, n)
        np.testing.assert_allclose(shell_flow.velocity(r, g, 4 - d, n), (dr, area * du), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("d", [3.0, 2.0])
def test_lines_are_the_library_trajectories(d):
    area, step, n_points = momentum_shell.shell_area(d), 0.01, 201
    paths = np.empty((1, n_points, 2))
    paths[0, 0] = -0.02, 0.03
    shell_flow.lines(paths, step, 4 - d, 1.0)
    scale = np.linspace(0, step * (n_points - 1), n_points)
    expected = momentum_shell.trajectory(-0.02, 0.03 / area, d, scale=scale)
    assert not expected.escaped
    np.testing.assert_allclose(paths[0, :, 0], expected.r, atol=1e-6)
    np.testing.assert_allclose(paths[0, :, 1], area * expected.u, atol=1e-6)


def test_fixed_points_stay_and_lines_that_leave_become_nan():
    area = momentum_shell.shell_area(3.0)
    paths = np.empty((3, 400, 2))
    for k, point in enumerate(momentum_shell.fixed_points(3.0)):
        paths[k, 0] = point.r, area * point.u
    paths[2, 0] = 0.5, 0.1
    shell_flow.lines(paths, 0.01, 1.0, 1.0)
    np.testing.assert_allclose(paths[:2, -1], paths[:2, 0], atol=1e-9)
    assert np.isnan(paths[2, -1]).all()
    assert np.isfinite(paths[2, :50]).all()
