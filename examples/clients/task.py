"""What the adapters of Python have in common: the task in, one line of JSON out."""

import json
import os

URL = os.environ["MQSPEC_URL"]
WORD, *NUMBERS = os.environ["MQSPEC_TASK"].split()
COUNT = int(NUMBERS[0]) if NUMBERS else 1
QUEUE, SECOND = "mqspec", "mqspec-2"
#: What is published.
BODIES = [b"x" * int(NUMBERS[1])] * COUNT if len(NUMBERS) > 1 else [b"m%d" % number for number in range(1, COUNT + 1)]
#: What was received.
received = []


def answer(result, version, detail=""):
    # A client may leave threads behind that wait for something that will not come.
    texts = [body if isinstance(body, str) else body.decode(errors="replace") for body in received]
    print(json.dumps({"result": result, "detail": str(detail), "messages": texts, "version": version}), flush=True)
    os._exit(0)
