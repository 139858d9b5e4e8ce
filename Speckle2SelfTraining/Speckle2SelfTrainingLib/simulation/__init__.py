"""Simulated B-mode ultrasound with known clean truth.

Anatomy (what reflects: `kinds`) -> imaging (how a `machine` sees it, with and without speckle) -> display (gray levels)
-> `sweep` (frames that any process can compute) -> `job` (what a command or a benchmark set asks for).
"""
