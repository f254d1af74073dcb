"""Celery: a worker that executes tasks, with results over rpc://."""

import os
import signal
import subprocess
import sys
import tempfile
import time

import celery
from celery import chain, group

from steps import step, version
from tasks import add, app, fails, sleepy, stubborn

WAIT = 30


def start_worker():
    """A worker, once it answers."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "2", "--loglevel", "WARNING", "--events"],
        start_new_session=True,
    )
    while not app.control.ping(timeout=0.5):
        if worker.poll() is not None:
            raise SystemExit(f"the worker ended with status {worker.returncode}")
    return worker


version(celery.__version__)
worker = start_worker()
step("worker")

assert add.delay(2, 3).get(WAIT) == 5
step("task")

results = [add.delay(number, number) for number in range(50)]
assert [result.get(WAIT) for result in results] == [2 * number for number in range(50)]
assert group(add.s(number, 1) for number in range(10))().get(timeout=WAIT) == list(range(1, 11))
assert chain(add.s(1, 2), add.s(3))().get(timeout=WAIT) == 6
step("groups-and-chains")

try:
    fails.delay().get(WAIT)
    raise SystemExit("a failure was a success")
except KeyError as error:
    assert error.args == ("as it should",)
step("failure")

assert stubborn.delay().get(WAIT) == 2
step("retry")

begin = time.monotonic()
assert add.apply_async((1, 1), countdown=1, priority=5).get(WAIT) == 2
assert time.monotonic() - begin >= 1
step("countdown")

[(_, tasks)] = app.control.inspect(timeout=5).registered().items()
assert "tasks.add" in tasks
late = add.apply_async((1, 1), countdown=300)
late.revoke()
[(_, revoked)] = app.control.inspect(timeout=5).revoked().items()
assert revoked == [late.id]
step("remote-control")

events = []
with app.connection() as connection:
    receiver = app.events.Receiver(connection, handlers={"task-succeeded": lambda event: events.append(event["uuid"])})
    with receiver.consumer_context() as (listening, _, _):
        done = add.delay(4, 4)
        while done.id not in events:
            listening.drain_events(timeout=WAIT)
step("events")

# What a worker had not acknowledged when it was killed is executed by the next one.
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "begun")
    result = sleepy.delay(path)
    while not os.path.exists(path):
        time.sleep(0.01)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    worker = start_worker()
    assert result.get(WAIT) == "done"
    with open(path) as log:
        assert log.read() == "begun\n" * 2
step("killed-worker")

worker.send_signal(signal.SIGTERM)
assert worker.wait(WAIT) == 0
with app.connection() as connection:
    app.amqp.queues[app.conf.task_default_queue](connection.default_channel).delete()
step("close")
