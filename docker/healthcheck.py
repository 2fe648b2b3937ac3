"""The image's health check: /healthz of this container."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """0 when the page answers with 200, else 1."""
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=4) as response:
            return 0 if response.status == 200 else 1
    except (urllib.error.URLError, TimeoutError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
