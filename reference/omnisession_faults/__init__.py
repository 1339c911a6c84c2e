"""Servers that are unlike the reference, made from its classes: what a conformance kit is proved on.

Each of `faults` breaks one requirement, and a kit must catch it. Each of `variants` keeps them all
in its own way, and a kit must leave it alone. The reference server imports nothing of this package
until one of them is asked for by name.
"""
