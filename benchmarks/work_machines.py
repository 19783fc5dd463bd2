"""Rows to come."""

ROWS = {}
