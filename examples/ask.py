"""
Ask over HTTP with the standard library alone, then say whether it helped.

python examples/ask.py "my wifi is slow"
"""

import json
import os
import sys
import urllib.error
import urllib.request

SERVER = os.environ.get("FIRSTLINE_URL", "http://localhost:2000")


def post(path, fields):
    """The reply's fields; a refusal becomes an error with its code and sentence."""
    request = urllib.request.Request(
        SERVER + path,
        data=json.dumps(fields).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        raise SystemExit(f"{problem['code']}: {problem['detail']}") from None


def main(question):
    """Ask, show, and give feedback."""
    reply = post("/v1/ask", {"question": question})
    if reply["answer"]:
        print(reply["answer"]["title"], reply["answer"]["text"], sep="\n\n")
        print(f"\n({reply['confidence']:.0%} sure)")
    elif reply["suggestions"]:
        print("Did you mean:")
        for entry in reply["suggestions"]:
            print(f"- {entry['title']}")
    else:
        print("Nothing is known about that.")
    # The staff page shows what helped and what did not.
    post("/v1/feedback", {"request_id": reply["request_id"], "helpful": bool(reply["answer"])})


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
