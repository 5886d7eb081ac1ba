"""A stand-in for `sam`, `cfn-lint` and `checkov`: writes down how it was called and deploys nothing.

The test puts the path of its journal, one JSON object a line, into SAM_STANDIN_JOURNAL.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    command = [Path(sys.argv[0]).name, *sys.argv[1:]]
    call = {"command": command, "config": Path("samconfig.toml").read_text()}
    with Path(os.environ["SAM_STANDIN_JOURNAL"]).open("a") as journal:
        print(json.dumps(call), file=journal)


if __name__ == "__main__":
    main()
