"""Simulated B-mode ultrasound with known clean truth.

Anatomy (what reflects) -> imaging (how the machine sees it, with and without speckle) -> display (gray levels).
"""
