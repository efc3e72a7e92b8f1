"""The table of commands: many lines judged by hand, and every verb that the programs' own help lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from afteraction.formats import command_table as table
from afteraction.formats.commands import effect_of, program_of
from afteraction.model.event import Effect

WORDS = {"D": Effect.DIAGNOSTIC, "C": Effect.STATE_CHANGING, "U": Effect.UNKNOWN}
FILE = Path(__file__).with_name("command_lines.txt")
LINES = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]

VERBS = {
    "kubectl": {
        "D": "explain get describe logs cluster-info top port-forward proxy diff wait kustomize completion api-resources api-versions "
        "config plugin version events attach options help|rollout status|rollout history|auth can-i|auth whoami",
        "C": "create expose run set edit delete scale autoscale cordon uncordon drain taint debug apply patch replace label annotate|"
        "rollout undo|rollout restart|rollout pause|rollout resume|certificate approve|certificate deny|auth reconcile",
    },
    "helm": {
        "D": "completion dependency env get help history lint list package plugin pull registry repo search show status template test "
        "verify version create",
        "C": "install push rollback uninstall upgrade",
    },
    "flux": {
        "D": "build check completion debug diff envsubst events export get list logs pull stats trace tree version",
        "C": "bootstrap create delete install migrate push reconcile resume suspend tag uninstall",
    },
    "argocd": {
        "D": "completion configure context login logout relogin version|app diff|app get|app get-resource|app history|app list|app logs|"
        "app manifests|app resources|app wait|app actions list|appset get|appset list|appset generate|account can-i|account get|"
        "account get-user-info|account list|account bcrypt|cert list|cluster get|cluster list|gpg get|gpg list|proj get|proj list|"
        "repo get|repo list|repocreds list|admin export|admin dashboard|admin initial-password",
        "C": "|app add-source|app confirm-deletion|app create|app delete|app delete-resource|app edit|app patch|app patch-resource|"
        "app remove-source|app rollback|app set|app sync|app terminate-op|app unset|app actions run|appset create|appset delete|"
        "account delete-token|account generate-token|account update-password|cert add-ssh|cert add-tls|cert rm|cluster add|"
        "cluster rm|cluster rotate-auth|cluster set|gpg add|gpg rm|proj create|proj delete|proj edit|proj set|proj add-source|"
        "proj remove-source|repo add|repo rm|repocreds add|repocreds rm|admin import",
    },
    "terraform": {
        "D": "init validate plan console fmt get graph login logout metadata modules output providers show version|state list|"
        "state show|state pull|workspace list|workspace show|workspace select",
        "C": "apply destroy force-unlock import refresh taint untaint test|state mv|state rm|state push|state replace-provider|"
        "workspace new|workspace delete",
    },
    "systemctl": {
        "D": "list-units list-automounts list-sockets list-timers is-active is-failed status show cat help list-dependencies "
        "list-unit-files is-enabled get-default list-machines list-jobs show-environment is-system-running",
        "C": "start stop reload restart try-restart reload-or-restart try-reload-or-restart isolate kill clean freeze thaw set-property "
        "bind mount-image reset-failed enable disable reenable preset preset-all mask unmask link revert add-wants add-requires edit "
        "set-default cancel set-environment unset-environment import-environment daemon-reload daemon-reexec service-watchdogs default "
        "rescue emergency halt poweroff reboot kexec exit switch-root suspend hibernate hybrid-sleep suspend-then-hibernate",
        "U": "service-log-level service-log-target log-level log-target",
    },
    "git": {
        "D": "archive bisect branch bundle clone describe diff fetch format-patch gc gitk grep gui init log maintenance range-diff "
        "shortlog show status blame annotate config reflog remote bugreport count-objects diagnose difftool fsck help instaweb "
        "merge-tree rerere show-branch verify-commit verify-tag version whatchanged cat-file ls-files ls-remote ls-tree rev-parse",
        "C": "add am checkout cherry-pick citool clean commit merge mv pull push rebase reset restore revert rm sparse-checkout stash "
        "switch filter-branch pack-refs prune repack replace apply update-ref update-index",
    },
    "docker": {
        "D": "ps login logout search version info attach diff events export history images inspect logs port save stats top wait",
        "C": "run build pull push commit cp create import kill load pause rename restart rm rmi start stop tag unpause update",
    },
    "crictl": {
        "D": "attach completion config events images imagefsinfo info inspect inspecti inspectp logs metricsp pods port-forward ps "
        "runtime-config stats statsp version",
        "C": "checkpoint create pull rm rmi rmp run runp start stop stopp update update-runtime-config",
    },
}  # fmt: skip
"""From `kubectl`, `terraform`, `systemctl`, `git` and `docker` `--help`, and the command references of the others."""


def listed() -> list[tuple[str, str]]:
    found = []
    for program, by_word in VERBS.items():
        for word, text in by_word.items():
            for part in text.split("|"):
                verbs = [part] if part != text.split("|", maxsplit=1)[0] else part.split()
                found += [(word, f"{program} {verb} x") for verb in verbs]
    return found


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_is_judged_as_its_manual_says(line: str) -> None:
    assert effect_of(line[2:]) is WORDS[line[0]]


@pytest.mark.parametrize(("word", "line"), listed())
def test_every_verb_of_the_help_is_judged(word: str, line: str) -> None:
    assert effect_of(line) is WORDS[word]


def test_no_subcommand_stands_on_both_sides_of_the_table() -> None:
    for program in table.subcommands().values():
        assert not program.reads & program.changes
    assert not table.READS & table.CHANGES
    assert not table.VERBS_READ & table.VERBS_CHANGE


def test_an_option_of_the_table_belongs_to_a_subcommand_on_the_right_side() -> None:
    for name, program in table.subcommands().items():
        for options, side in ((program.printing, program.changes), (program.acting, program.reads)):
            verbs = {option.rpartition(" ")[0] for option in options} - {""}
            assert verbs <= side, f"{name}: {verbs - side}"


def test_a_here_document_is_judged_by_what_is_fed_to_a_database_or_a_shell() -> None:
    assert effect_of("psql db <<EOF\nselect 1;\nEOF") is Effect.DIAGNOSTIC
    assert effect_of("psql db <<EOF\nupdate flags set a = 1;\nEOF") is Effect.STATE_CHANGING
    assert effect_of("ssh host bash <<'EOF'\nsystemctl restart web\nEOF") is Effect.STATE_CHANGING
    assert effect_of("cat <<EOF\nkubectl delete pod x\nEOF") is Effect.DIAGNOSTIC
    assert effect_of("kubectl apply -f - <<EOF\nkind: Pod\nEOF") is Effect.STATE_CHANGING


def test_the_program_behind_loops_and_wrappers_is_named() -> None:
    assert program_of("for d in a b; do sudo kubectl rollout restart $d; done") == "kubectl"
    assert program_of("export AWS_PROFILE=prod; aws rds describe-db-instances") == "aws"
    assert program_of("docker logs web 2>&1 | tail") == "docker"
    assert program_of("env A=1 timeout 5 helm rollback web") == "helm"
