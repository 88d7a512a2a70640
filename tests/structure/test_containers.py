"""Containerfile and compose.yaml are held to the product: what they name is there, and what the services need they have."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.commands import MODULES
from app.factor_key import KEY_VARIABLE
from app.security import SECRET_VARIABLE
from tracker.config import DATABASE_URL_VARIABLE

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scripts" / "containers"
SERVICES = ROOT / "scripts" / "services"
RECIPE = (FOLDER / "Containerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
ALL: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in ALL.items() if each["build"]["target"] == "program"}
PREPARE = (FOLDER / "prepare.sh").read_text("utf-8")


def test_each_service_of_the_machine_is_a_service_of_the_containers_and_runs_the_same_command():
    units = {path.stem.split("-")[1].rstrip("@"): path for path in SERVICES.glob("dunghen-*.service")}
    assert set(units) == {"web", "scheduler", "worker"}
    for name, path in units.items():
        line = re.search(r"^ExecStart=\S+/dunghen (.+)$", path.read_text("utf-8"), re.MULTILINE)
        assert line
        assert " ".join(OURS[name]["command"]) == line[1]
    assert set(ALL) == {*units, "migrate", "database", "proxy"}
    assert OURS["migrate"]["command"] == ["db", "upgrade"]
    assert all(each["command"][0] in MODULES for each in OURS.values())


@pytest.mark.parametrize("name", ALL)
def test_a_service_has_no_rights_that_it_does_not_need(name: str):
    service = ALL[name]
    stage = RECIPE.split(f"AS {service['build']['target']}\n")[1].split("\nFROM ")[0]
    user = re.search(r"^USER (\S+)$", stage, re.MULTILINE)
    assert user
    assert service["user"] == user[1]
    assert int(user[1].partition(":")[0]) >= 10000
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert any(each.startswith("/tmp:size=") for each in service["tmpfs"])
    assert service["restart"] in ("unless-stopped", "on-failure")


def test_secrets_are_files_and_never_values():
    for name, service in ALL.items():
        for variable, value in service["environment"].items():
            assert not re.search(r"PASSWORD|SECRET|KEY|URL|TOKEN", variable) or variable.endswith("_FILE"), (
                name
            )
            if variable.endswith("_FILE"):
                assert Path(value).name in service["secrets"], name
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./office/secrets/{name}"}
        assert f" {name}" in PREPARE
    given = OURS["web"]["environment"]
    assert {f"{each}_FILE" for each in (DATABASE_URL_VARIABLE, SECRET_VARIABLE, KEY_VARIABLE)} <= set(given)
    assert not re.search(r"^ENV .*(PASSWORD|SECRET|TOKEN)", RECIPE, re.MULTILINE)
    assert "scripts/containers/office" in (ROOT / ".dockerignore").read_text("utf-8")
    assert "/scripts/containers/office/" in (ROOT / ".gitignore").read_text("utf-8")


def test_the_database_is_reached_by_the_program_alone_and_only_the_proxy_from_outside():
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert ALL["database"]["networks"] == ["inside"]
    assert "inside" not in ALL["proxy"]["networks"]
    assert [name for name, each in ALL.items() if "ports" in each] == ["proxy"]
    assert all(service["depends_on"] for name, service in ALL.items() if name != "database")
    assert "scram-sha-256" in (FOLDER / "start-database.sh").read_text("utf-8")


def test_all_images_are_of_one_base_that_is_named_in_one_place():
    stages = re.findall(r"^FROM (\S+) AS", RECIPE, re.MULTILINE)
    assert stages == ["${BASE}"] * 4
    base = re.search(r"^ARG BASE=(\S+)$", RECIPE, re.MULTILINE)
    assert base
    assert not base[1].endswith(":latest")
    assert f"BASE={base[1]}\n" in (FOLDER / "env.example").read_text("utf-8")
    assert all(each["build"]["args"]["BASE"] == f"${{BASE:-{base[1]}}}" for each in ALL.values())
    assert "--require-hashes" in RECIPE


def test_what_the_image_copies_is_there_and_let_through():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+)$", RECIPE, re.MULTILINE):
        for source in line.split()[:-1]:
            if "[" in source:  # a glob: may be there or not
                continue
            assert (ROOT / source).exists(), source
            assert any(each.startswith("!") and source.startswith(each[1:]) for each in ignored), source


def test_the_proxy_says_and_writes_down_the_same_as_that_of_a_machine():
    ours, machine = (FOLDER / "nginx.conf").read_text("utf-8"), (SERVICES / "nginx.conf").read_text("utf-8")
    for wanted in (
        "log_format dunghen '$remote_addr [$time_local] \"$request_method $uri\" $status $body_bytes_sent $request_time';",
        "client_max_body_size 260m;", "ssl_protocols TLSv1.2 TLSv1.3;", "server_tokens off;",
        "include /etc/nginx/dunghen-headers.conf;", "proxy_read_timeout 180s;",
    ):  # fmt: skip
        assert wanted in ours
        assert wanted in machine
    for each in (ours, machine):
        assert re.search(r"location /lich-hen/ \{\s+access_log off;", each)
        # Every error line of nginx holds the whole address: what people search for.
        assert re.search(r"error_log \S+ crit;", each)


def test_the_configuration_that_is_prepared_names_keys_that_there_are():
    shipped = (ROOT / "config.toml").read_text("utf-8")
    keys = re.findall(r"s\|\^(\w+) = \.\*\|", PREPARE)
    assert len(keys) >= 8
    assert [key for key in keys if not re.search(rf"^{key} = ", shipped, re.MULTILINE)] == []
