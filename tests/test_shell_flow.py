"""The browser's flow lines against the library's flow, its trajectories and its fixed points."""

import numpy as np
import pytest

from mlrg_lib._kernels.page import shell_flow
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


@pytest.mark.parametrize(("d", "n"), [(3.0, 1.0), (2.0, 0.0), (3.9, 3.0), (5.0, 12.0)])
def test_fixed_points_and_their_directions_are_the_librarys(d, n):
    found, area = np.empty((2, 8)), momentum_shell.shell_area(d)
    shell_flow.fixed_points(found, 4 - d, n)
    for row, point in zip(found, momentum_shell.fixed_points(d, n), strict=True):
        np.testing.assert_allclose(row[:2], [point.r, area * point.u], atol=1e-12)
        np.testing.assert_allclose(row[2:4], point.eigenvalues, atol=1e-12)
        for vector, expected in zip(row[4:].reshape(2, 2), point.eigenvectors.T * [1, area], strict=True):
            along = abs(vector @ expected) / np.linalg.norm(expected)
            np.testing.assert_allclose([np.linalg.norm(vector), along], 1, atol=1e-12)


@pytest.mark.parametrize(("d", "n"), [(3.0, 1.0), (2.5, 3.0)])
def test_the_critical_line_leads_into_the_fixed_point(d, n):
    point, area = momentum_shell.fixed_points(d, n)[1], momentum_shell.shell_area(d)
    points = np.array([[0.0, 0.0], [9.0, area * point.u], [9.0, 0.1]])
    shell_flow.critical_line(points, 4 - d, n)
    np.testing.assert_allclose(points[:2, 0], [0, point.r], atol=1e-9)
    for shift, sign in ((1e-3, 1), (-1e-3, -1)):
        line = momentum_shell.trajectory(points[2, 0] + shift, 0.1 / area, d, n, scale=np.linspace(0, 12, 200))
        assert np.sign(line.r[-1]) == sign
        assert shell_flow.is_disordered(points[2, 0] + shift, 0.1, 4 - d, n) == (sign > 0)


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
