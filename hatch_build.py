"""Build hook: compile the log kernel when the machine has a C compiler, and go without it otherwise.

A wheel gets the compiled kernel and its platform's tag; an editable install gets it in place, beside its source. Without
a compiler, or when it fails, the build says so and goes on: the package then counts logs in Python, with the same result.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src", "afteraction", "evidence", "logs")
FLAGS = ("-O3", "-std=c99", "-shared", "-fPIC")


def compiler() -> list[str] | None:
    """Return the words of the first C compiler that is there: `$CC`, then the usual names."""
    for words in (shlex.split(os.environ.get("CC", "")), ["cc"], ["gcc"], ["clang"]):
        if words and shutil.which(words[0]):
            return words
    return None


def compile_kernel(root: Path, target: Path) -> str:
    """Compile the kernel to `target`; return why it could not be done, empty when it was."""
    words = compiler()
    if sys.platform == "win32":
        return "the kernel is not built on Windows"
    if words is None:
        return "no C compiler was found"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "_kernel.so")
        command = [*words, *FLAGS, str(root / FOLDER / "kernel.c"), "-o", str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (the build's own compiler)
        if done.returncode:
            return f"the C compiler failed: {done.stderr.strip()[-500:]}"
        target.parent.mkdir(parents=True, exist_ok=True)
        # replaced in one step: a running program may have the old one loaded
        staged = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copyfile(made, staged)
        staged.replace(target)
    return ""


class KernelHook(BuildHookInterface):  # type: ignore[misc]
    """Compiles the kernel before a wheel is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the result to a real wheel."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        in_place = version == "editable"
        folder = FOLDER if in_place else Path("build")
        target = root / folder / "_kernel.so"
        problem = compile_kernel(root, target)
        if problem:
            self.app.display_warning(f"afteraction: {problem}; logs will be counted in Python, which is slower")
        elif not in_place:
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
            build_data["force_include"][str(target)] = str(Path("afteraction", "evidence", "logs", "_kernel.so"))
