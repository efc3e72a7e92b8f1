"""The container file and the manifest are clean for the linters of their trade, and for our own cluster rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

BIN = Path(sys.executable).parent
DEPLOY = Path(__file__).parents[2] / "deploy"


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_container_file_lints_clean() -> None:
    assert run(BIN / "hadolint", DEPLOY / "Containerfile") == ""


def test_the_manifest_fits_the_schemas_of_kubernetes_strictly() -> None:
    told = run(BIN / "kubernetes-validate", "--strict", DEPLOY / "kubernetes.yaml")
    assert told.count("passed for resource") == 6
    objects = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    assert len(objects) == 6


def test_the_manifest_is_written_as_yaml_should_be() -> None:
    rules = "{extends: default, rules: {line-length: {max: 140}}}"
    assert run(BIN / "yamllint", "--strict", "-d", rules, DEPLOY / "kubernetes.yaml") == ""


def test_what_the_manifest_names_exists_in_the_container() -> None:
    """The port, the user and the folder stand in both files; one that is changed alone is found here."""
    container = (DEPLOY / "Containerfile").read_text()
    (deployment,) = [
        one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()) if one["kind"] == "Deployment"
    ]
    pod = deployment["spec"]["template"]["spec"]
    (main,) = pod["containers"]
    assert f"EXPOSE {main['ports'][0]['containerPort']}" in container
    assert f"USER {pod['securityContext']['runAsUser']}" in container
    assert f"VOLUME {main['volumeMounts'][1]['mountPath']}" in container
    assert 'ENTRYPOINT ["afteraction"]' in container
    assert main["args"][0] == "serve"
