"""The reference client of Omnisession: a core of pure functions, and a thin shell over NATS."""

__version__ = "0.1.0"
