"""Entries of the small diagrams: the momentum-shell flow, Kadanoff's operator, principal axes of two variables."""

from numba import carray

from ..page import ellipse, kadanoff, shell_flow
from ._entry import entry, f64, integer, real, u64


@entry
def flow_lines(paths: f64, n_lines: integer, n_points: integer, step: real, epsilon: real, n: real):
    """:func:`shell_flow.lines`: ``paths`` (n_lines, n_points, 2)."""
    shell_flow.lines(carray(paths, (n_lines, n_points, 2)), step, epsilon, n)


@entry
def flow_critical(points: f64, n_points: integer, epsilon: real, n: real):
    """:func:`shell_flow.critical_line`: ``points`` (n_points, 2)."""
    shell_flow.critical_line(carray(points, (n_points, 2)), epsilon, n)


@entry
def flow_fixed_points(points: f64, epsilon: real, n: real):
    """:func:`shell_flow.fixed_points`: ``points`` (2, 8)."""
    shell_flow.fixed_points(carray(points, (2, 8)), epsilon, n)


@entry
def kadanoff_weights(weights: f64, beta: real):
    """:func:`kadanoff.class_weights`: ``weights`` (625,)."""
    kadanoff.class_weights(carray(weights, 625), beta)


@entry
def kadanoff_renormalized(out: f64, energies: f64, odds: f64, weights: f64, strength: real):
    """:func:`kadanoff.renormalized`: ``out`` (7,), ``energies`` (16,), ``odds`` (5,)."""
    kadanoff.renormalized(carray(out, 7), carray(energies, 16), carray(odds, 5), carray(weights, 625), strength)


@entry
def ellipse_deviates(deviates: f64, n: integer, state: u64):
    """:func:`ellipse.normal_pairs`: ``deviates`` (n, 2), ``state`` (4,)."""
    ellipse.normal_pairs(carray(deviates, (n, 2)), carray(state, 4))


@entry
def ellipse_axes(out: f64, points: f64, deviates: f64, n: integer, major: real, minor: real, angle: real):
    """:func:`ellipse.principal_axes`: ``out`` (3,), ``points`` and ``deviates`` (n, 2)."""
    ellipse.principal_axes(carray(out, 3), carray(points, (n, 2)), carray(deviates, (n, 2)), major, minor, angle)
