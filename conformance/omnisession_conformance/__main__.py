"""`python -m omnisession_conformance` is the command `omnisession`."""

from omnisession_conformance.cli.main import main

if __name__ == "__main__":
    main()
