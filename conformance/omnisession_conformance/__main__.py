"""`python -m omnisession_conformance` is the command `omnisession`, and both begin here."""

from omnisession_conformance.own_python import leave_here_out


def main() -> None:
    """Run the command, without anything that lies where it is called."""
    leave_here_out()
    from omnisession_conformance.cli.main import main as command  # noqa: PLC0415 - not before

    command()


if __name__ == "__main__":
    main()
