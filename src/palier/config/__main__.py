import sys

from palier.config.cli import main

sys.exit(main())
