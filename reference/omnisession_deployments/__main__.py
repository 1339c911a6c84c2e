"""`python -m omnisession_deployments`."""

import sys

from omnisession_deployments.cli import main

sys.exit(main())
