"""The minimal reference server of Omnisession."""

__version__ = "0.1.0"
