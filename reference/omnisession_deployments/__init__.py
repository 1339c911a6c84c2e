"""Brokers with users: one that is right, and others that are wrong or unusual in one way each.

Each of `faults` breaks one requirement of deployments, and a kit must catch it. Each of `variants` keeps
them all in its own way, and a kit must leave it alone. Each of `nulls` is no deployment at all, and a kit
must not call it green. `python -m omnisession_deployments` lists them, and runs the broker of one.
"""
