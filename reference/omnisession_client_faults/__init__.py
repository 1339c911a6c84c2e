"""Clients that are unlike the reference client, made from it: what a kit for clients is proved on.

Each of `faults` breaks one requirement, and a kit must catch it. Each of `variants` keeps them all
in its own way, and a kit must leave it alone. The reference client imports nothing of this package
until one of them is asked for by name.
"""
