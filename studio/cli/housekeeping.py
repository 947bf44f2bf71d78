"""jobs, models and doctor."""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.checks import check_number
from studio.cli.arguments import DONE, FAILED, Parser, open_studio
from studio.cli.asking import add_options, add_steer
from studio.cli.following import POLL_SECONDS, follow

if TYPE_CHECKING:
    from studio.compose import Studio, WorkerStatus
    from studio.jobs.store import Job
    from studio.models.weights import WeightsItem


def add_jobs(commands: Any) -> None:
    jobs = commands.add_parser("jobs", help="list | show ID | cancel ID | resume ID | steer ID")
    actions = jobs.add_subparsers(required=True, metavar="ACTION", parser_class=Parser)
    for name, command in (
        ("list", _jobs_list),
        ("show", _jobs_show),
        ("cancel", _jobs_cancel),
        ("resume", _jobs_resume),
    ):
        add = actions.add_parser(name)
        if name != "list":
            add.add_argument("id", metavar="ID")
        add.add_argument("--json", action="store_true")
        add.set_defaults(command=command)
    add_steer(actions)


def add_models(commands: Any) -> None:
    models = commands.add_parser("models", help="list | status | plan | options NAME | fetch NAME")
    actions = models.add_subparsers(required=True, metavar="ACTION", parser_class=Parser)
    for name, command in (("list", _models_list), ("status", _models_status)):
        add = actions.add_parser(name)
        add.add_argument("--json", action="store_true")
        add.set_defaults(command=command)
    plan = actions.add_parser("plan", help="what fits on this device, or on one with --memory GB")
    plan.add_argument("--memory", type=float, metavar="GB")
    plan.add_argument("--json", action="store_true")
    plan.set_defaults(command=_models_plan)
    fetch = actions.add_parser("fetch", allow_abbrev=False)
    fetch.add_argument("name", metavar="NAME")
    fetch.add_argument("--plan", action="store_true", help="say what would be fetched, and fetch nothing")
    fetch.add_argument("--json", action="store_true")
    fetch.set_defaults(command=_models_fetch)
    add_options(actions)


def add_doctor(commands: Any) -> None:
    doctor = commands.add_parser("doctor", help="what this machine can run, what is missing, what it would take")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(command=_doctor)


def _jobs_list(arguments: argparse.Namespace) -> int:
    studio = open_studio(arguments)
    for job in studio.jobs():
        body = job.to_json() | {"state": _state(studio, job)}
        print(
            json.dumps(body)
            if arguments.json
            else f"{job.id}\t{body['state']}\t{job.kind}\t{job.created}\t{job.project}"
        )
    return DONE


def _jobs_show(arguments: argparse.Namespace) -> int:
    studio = open_studio(arguments)
    job = studio.job(arguments.id)
    events = [event.to_json() for event in studio.events(job.id)]
    print(
        json.dumps(
            job.to_json() | {"state": _state(studio, job), "events": events}, indent=None if arguments.json else 2
        )
    )
    return DONE


def _state(studio: Studio, job: Job) -> str:
    return "interrupted" if studio.is_interrupted(job) else job.state


def _jobs_cancel(arguments: argparse.Namespace) -> int:
    studio = open_studio(arguments)
    job = studio.cancel(arguments.id)
    while job.active and not studio.is_interrupted(job):
        time.sleep(POLL_SECONDS)
        job = studio.job(job.id)
    print(json.dumps(job.to_json()) if arguments.json else f"{job.id}\t{job.state}")
    return DONE


def _jobs_resume(arguments: argparse.Namespace) -> int:
    from studio.compose import free_seat

    studio = open_studio(arguments)
    return follow(studio, studio.resume(arguments.id, free_seat(studio)), arguments.json)


def _models_list(arguments: argparse.Namespace) -> int:
    studio = open_studio(arguments)
    for row in studio.engines():
        state = "available" if row["available"] else f"not available: {row['why']}"
        print(
            json.dumps(row)
            if arguments.json
            else f"{row['task']}={row['name']}\t{row['title']}\t{row['licence']}\t{state}"
        )
    return DONE


def _models_status(arguments: argparse.Namespace) -> int:
    status, *others = open_studio(arguments).worker_statuses()
    body = _status_body(status)
    if others:  # one a device
        body["others"] = [_status_body(other) for other in others]
    if arguments.json or status.alive:
        print(json.dumps(body, indent=None if arguments.json else 2))
    else:
        print("no worker is running; one starts with the studio or with a job")
    return DONE


def _status_body(status: WorkerStatus) -> dict[str, Any]:
    return {"alive": status.alive, "pid": status.pid, **status.snapshot}


def _models_fetch(arguments: argparse.Namespace) -> int:
    """Size, licence, source and free disk come first; stopped by Ctrl-C it goes on from there the next time."""
    from studio.compose import free_seat

    studio = open_studio(arguments)
    shelf = studio.registry.shelf
    assert shelf is not None
    items = studio.weights_of(arguments.name)
    if not arguments.json:
        for item in items:
            print(_item_words(item, shelf.find(item.name)))
        free = shutil.disk_usage(next(path for path in (shelf.models, *shelf.models.parents) if path.exists())).free
        print(f"into {shelf.models}, where {free / 1e9:.1f} GB are free", flush=True)
    if arguments.plan:
        return DONE
    return follow(studio, studio.fetch(arguments.name, free_seat(studio)), arguments.json)


def _models_plan(arguments: argparse.Namespace) -> int:
    if arguments.memory is not None:
        check_number("--memory", arguments.memory, 0.5, 1000.0, "GB")
    capacity = None if arguments.memory is None else round(arguments.memory * 1e9)
    for told in open_studio(arguments).prospects(capacity):
        print(json.dumps(told.to_json()) if arguments.json else f"{told.card.key}\t{told}")
    return DONE


def _item_words(item: WeightsItem, found: Path | None) -> str:
    size = f"{item.size_bytes / 1e9:.2f} GB" if item.size_bytes else "size not known"
    state = f"there already: {found}" if found else f"{size} from {item.repository or 'yourself'}"
    return f"{item.name}: {item.title}, {item.licence}; {state}" + (f"\n  {item.notice}" if item.notice else "")


def _doctor(arguments: argparse.Namespace) -> int:
    from studio.doctor import examine

    findings = examine(open_studio(arguments))
    if arguments.json:
        print(json.dumps([finding.to_json() for finding in findings]))
    else:
        print("\n".join(map(str, findings)))
    return DONE if all(finding.ok for finding in findings) else FAILED
