"""What a program tells the runner: its client's version, each step that it has shown, and each that it cannot show."""

import os
import subprocess
from urllib.parse import urlsplit, urlunsplit

URL = os.environ["AMQP_URL"]
PREFIX = "mqspec-clients-"


def version(text):
    print("version", text, flush=True)


def step(name):
    print("step", name, flush=True)


def without(name, reason):
    print(f"without {name}: {reason}", flush=True)


def can_alarm():
    return "ALARM_ON" in os.environ and "ALARM_OFF" in os.environ


def alarm(on):
    """Makes the broker short of resources, or ends that; it may tell its publishers only afterwards."""
    subprocess.run(os.environ["ALARM_ON" if on else "ALARM_OFF"], shell=True, check=True, stdout=subprocess.DEVNULL)


def with_heartbeat(seconds):
    return URL + ("&" if "?" in URL else "?") + f"heartbeat={seconds}"


def with_wrong_password():
    place = urlsplit(URL)
    return urlunsplit(place._replace(netloc=f"{place.username}:wrong@{place.netloc.rpartition('@')[2]}"))


#: Headers of every kind that all clients of Python can write and read back unchanged.
HEADERS = {
    "int": -5,
    "long": 1 << 40,
    "text": "wort – слово",
    "yes": True,
    "none": None,
    "list": [1, "a", {"deep": [2]}],
    "table": {"inner": {"n": 1}, "empty": {}},
}

#: 200 KiB: more than a frame holds.
LARGE = bytes(range(256)) * 800
