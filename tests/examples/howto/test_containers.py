"""The guide to containers: the server's probes and its end, and what the files say of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import connect

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide, Program

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("ws-frames", "ws-http", "ws-deflate", "ws-asyncio")


async def start(guide: Guide, drain: str = "0") -> Program:
    environment = {"HOST": "127.0.0.1", "DRAIN": drain}
    return await guide.serve("server.py", environment=environment)


def instructions(guide: Guide) -> list[tuple[str, str]]:
    """The lines of the Dockerfile, as instruction and arguments."""
    text = guide.folder.joinpath("Dockerfile").read_text(encoding="utf-8")
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in text.splitlines())]


def documents(guide: Guide) -> list[Any]:
    """What is in deployment.yaml."""
    yaml = pytest.importorskip("yaml", reason="there is no PyYAML to read deployment.yaml with")
    text = guide.folder.joinpath("deployment.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load_all(text))


async def test_it_is_healthy_and_ready_and_echoes(guide: Guide) -> None:
    server = await start(guide)
    assert (await guide.get("/health"))[::2] == (200, "OK\n")
    assert (await guide.get("/ready"))[::2] == (200, "OK\n")
    async with connect(guide.uri()) as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"
    assert await server.end() == 0


async def test_while_it_stops_it_is_healthy_and_not_ready(guide: Guide) -> None:
    server = await start(guide, drain="1")
    async with connect(guide.uri()) as ws:
        server.process.terminate()
        await server.expect("stopping in 1 s")
        assert (await guide.get("/ready"))[::2] == (503, "stopping\n")
        assert (await guide.get("/health"))[::2] == (200, "OK\n")
        await ws.send("Hello")  # goes on until the end
        assert await ws.recv() == "Hello"
        assert [message async for message in ws] == []
        assert ws.close_code == 1001
    assert await server.end(None) == 0


async def test_without_an_answer_a_probe_gets_426(guide: Guide) -> None:
    guide.change("server.py", ", process_request=health", "")
    await start(guide)
    status, _, _ = await guide.get("/ready")
    assert guide.says(f"statuscode: {status}")


async def test_what_the_image_runs_runs(guide: Guide) -> None:
    command = json.loads(dict(instructions(guide))["CMD"])
    assert command.pop(0) == "python"
    environment = {"HOST": "127.0.0.1", "PORT": str(guide.port), "DRAIN": "0"}
    server = await guide.serve(*command, environment=environment)
    _, _, check = dict(instructions(guide))["HEALTHCHECK"].partition("CMD ")
    python, *arguments = json.loads(check)
    assert python == "python"
    arguments = [part.replace("8765", str(guide.port)) for part in arguments]
    healthy = await guide.launch(sys.executable, *arguments, environment={"no_proxy": "*"})
    assert await healthy.end(None) == 0
    assert await server.end() == 0
    ill = await guide.launch(sys.executable, *arguments, environment={"no_proxy": "*"})
    assert await ill.end(None) == 1
    assert "refused" in ill.take_output()


def test_the_image_copies_what_is_there(guide: Guide) -> None:
    copied = [rest.split()[0] for word, rest in instructions(guide) if word == "COPY"]
    assert copied == ["requirements.txt", "server.py"]
    assert all(guide.folder.joinpath(name).is_file() for name in copied)
    assert dict(instructions(guide))["USER"] not in ("root", "0")
    assert dict(instructions(guide))["EXPOSE"] == "8765"


def test_the_image_can_be_built(guide: Guide) -> None:
    docker = shutil.which("docker")
    asked = docker and subprocess.run([docker, "info"], capture_output=True, check=False)
    if docker is None or not asked or asked.returncode:
        pytest.skip("there is no Docker whose engine runs, to build the image with")
    # The packages of this checkout, not those of an index.
    for name in PACKAGES:
        shutil.copytree(ROOT / "packages" / name, guide.folder / "packages" / name)
    paths = "\n".join(f"./packages/{name}" for name in PACKAGES)
    guide.change("requirements.txt", "ws-asyncio>=9", paths)
    guide.change("Dockerfile", "RUN pip", "COPY packages packages\nRUN pip")
    subprocess.run([docker, "build", "--no-cache", "."], cwd=guide.folder, check=True, timeout=600)


def test_the_probes_are_those_that_the_server_answers(guide: Guide) -> None:
    deployment, service = documents(guide)
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    server = guide.folder.joinpath("server.py").read_text(encoding="utf-8")
    (port,) = (each["containerPort"] for each in container["ports"])
    assert re.search(r'"PORT", "(\d+)"', server.replace(str(guide.port), "8765"))
    assert port == 8765
    for probe, path in (("readinessProbe", "/ready"), ("livenessProbe", "/health")):
        assert container[probe]["httpGet"] == {"path": path, "port": port}
        assert f'path == "{path}"' in server
    assert service["spec"]["ports"] == [{"port": 80, "targetPort": port}]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == labels == deployment["spec"]["selector"]["matchLabels"]


def test_there_is_time_to_stop(guide: Guide) -> None:
    deployment, _ = documents(guide)
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    drain = {each["name"]: each["value"] for each in container["env"]}["DRAIN"]
    probe = container["readinessProbe"]
    noticed = probe["periodSeconds"] * probe["failureThreshold"]
    assert noticed < float(drain) < pod["terminationGracePeriodSeconds"] - 30
