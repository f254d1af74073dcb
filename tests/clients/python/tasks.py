"""The application that the Celery worker executes and the program calls."""

import os
import time

import celery

app = celery.Celery("tasks", broker=os.environ["AMQP_URL"], backend="rpc://")
app.conf.update(
    result_expires=60,
    task_acks_late=True,
    task_default_queue="mqspec-clients-celery",
    task_queue_max_priority=5,
    task_track_started=True,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=2,
)


@app.task
def add(left, right):
    return left + right


@app.task(bind=True, max_retries=2)
def stubborn(self):
    """Succeeds only when it is tried for the third time."""
    if self.request.retries < 2:
        raise self.retry(countdown=0.5)
    return self.request.retries


@app.task
def fails():
    raise KeyError("as it should")


@app.task
def sleepy(path):
    """Does not end the first time that it is executed."""
    with open(path, "a") as log:
        log.write("begun\n")
        log.flush()
    with open(path) as log:
        if len(log.readlines()) == 1:
            time.sleep(60)
    return "done"
