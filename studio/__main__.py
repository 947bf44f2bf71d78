"""`python -m studio COMMAND`."""

from studio.cli import main

raise SystemExit(main())
