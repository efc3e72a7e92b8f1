"""Programs whose options or arguments decide what they do, not their first words: one judge each.

In come the arguments behind the program; out goes the effect. Everything is from the programs' manuals; what they leave
open stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from afteraction.formats import command_table as table
from afteraction.model.event import Effect

Judge = Callable[[list[str]], Effect]


def strongest(effects: Iterable[Effect]) -> Effect:
    """Return the effect that decides: a change beats what is unknown, which beats what only looks."""
    found = set(effects)
    ranked = (Effect.STATE_CHANGING, Effect.UNKNOWN, Effect.DIAGNOSTIC)
    return next((effect for effect in ranked if effect in found), Effect.UNKNOWN)


# --- SQL and other query languages --------------------------------------------------------------------------------


def effect_of_sql(text: str) -> Effect:
    """Say what SQL statements, or the meta commands of a database shell, do."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    return strongest(_sql_effect(part) for part in bare.split(";") if part.strip())


def _sql_effect(statement: str) -> Effect:
    words = statement.strip().split(None, 3)
    first = words[0].lower().strip("()")
    lower = statement.lower()
    if first.startswith("\\"):
        return Effect.UNKNOWN if first in {"\\i", "\\copy", "\\!", "\\gexec", "\\ir", "\\o"} else Effect.DIAGNOSTIC
    if any(f"{name}(" in lower for name in table.SQL_ACTING_FUNCTIONS):
        return Effect.STATE_CHANGING
    if first in {"with", "explain"}:
        acting = re.search(r"\b(?:insert into|update \w|delete from|merge into)\b", lower)
        runs = first == "with" or "analyze" in lower
        return Effect.STATE_CHANGING if acting and runs else Effect.DIAGNOSTIC
    if first == "set" and len(words) > 1 and words[1].lower().startswith(("global", "persist", "@@global")):
        return Effect.STATE_CHANGING
    if first == "start" and len(words) > 1 and words[1].lower() in {"slave", "replica", "group_replication"}:
        return Effect.STATE_CHANGING
    if first == "select" and re.search(r"\binto (?:outfile|\w)", lower):
        return Effect.STATE_CHANGING
    if first == "copy":
        return Effect.DIAGNOSTIC if re.search(r"\bto\b", lower) else Effect.STATE_CHANGING
    if first in table.SQL_CHANGES:
        return Effect.STATE_CHANGING
    return Effect.DIAGNOSTIC if first in table.SQL_READS else Effect.UNKNOWN


_QUERY = re.compile(r"^-\w*[ce]$|^--(?:command|execute|query|eval)$|^-(?:execute|Q)$")
_QUERY_JOINED = re.compile(r"^(?:--(?:command|execute|query)=|-[ce])(?P<sql>.{3,})$", re.DOTALL)


def _database(arguments: list[str]) -> Effect:
    """Judge `psql -c`, `mysql -e` and the like by their SQL; an open session or a script file is unknown."""
    sql: list[str] = []
    for word, following in pairwise([*arguments, ""]):
        if _QUERY.match(word):
            sql.append(following)
        elif found := _QUERY_JOINED.match(word):
            sql.append(found["sql"])
    if any(word in {"-l", "--list", "--version"} for word in arguments):
        return Effect.DIAGNOSTIC
    return effect_of_sql(";".join(sql)) if sql else Effect.UNKNOWN


def _last_sql(arguments: list[str]) -> Effect:
    return effect_of_sql(arguments[-1]) if len(arguments) > 1 else Effect.UNKNOWN


_MONGO_CHANGES = re.compile(
    r"\b(?:insert|update|delete|remove|drop|create|rename|replace|bulkWrite|findAndModify|findOneAnd\w+|stepDown|reconfig|add|freeze|"
    r"initiate|killOp|killSession\w*|shutdownServer|compact|fsyncLock|fsyncUnlock|enableSharding|shardCollection|moveChunk|"
    r"setProfilingLevel|setFeature\w+|setParameter|startBalancer|stopBalancer|grantRoles\w*|revokeRoles\w*|save)\w*\s*\("
)
_MONGO_READS = re.compile(
    r"\b(?:find|findOne|count\w*|estimatedDocumentCount|aggregate|distinct|explain|stats|status|serverStatus|currentOp|isMaster|hello|"
    r"getIndexes|get\w+|show\w*|print\w*|version|conf|hostInfo|validate|dataSize|totalSize|list\w+)\s*\(|^\s*show\s"
)


def _mongo(arguments: list[str]) -> Effect:
    script = next((following for word, following in pairwise([*arguments, ""]) if word == "--eval"), "")
    if _MONGO_CHANGES.search(script):
        return Effect.STATE_CHANGING
    return Effect.DIAGNOSTIC if _MONGO_READS.search(script) else Effect.UNKNOWN


# --- HTTP ---------------------------------------------------------------------------------------------------------


_SENDS = re.compile(r"^(?:--data|--form|--upload-file|--json|-[A-Za-z]*[dFT]$|-[dFT].)")
_ASKS = re.compile(r"/(?:query|query_range|_search|_count|_msearch|search|graphql|series|labels)\b")


def _curl(arguments: list[str]) -> Effect:
    """Judge by the method; a POST to what answers queries is unknown."""
    method = ""
    for word, following in pairwise([*arguments, ""]):
        if word == "--request" or re.fullmatch(r"-[a-zA-Z]*X", word):
            method = following.upper()
        elif found := re.fullmatch(r"--request=(\w+)|-[a-z]*X(\w+)", word):
            method = (found[1] or found[2]).upper()
    if {"--get", "--head"} & set(arguments) or any(
        re.fullmatch(r"-[a-zA-Z]*[GI][a-zA-Z]*", word) for word in arguments
    ):
        return Effect.DIAGNOSTIC
    method = method or ("POST" if any(_SENDS.match(word) for word in arguments) else "GET")
    if method in {"GET", "HEAD", "OPTIONS"}:
        return Effect.DIAGNOSTIC
    asks = method == "POST" and any(_ASKS.search(word) for word in arguments)
    return Effect.UNKNOWN if asks else Effect.STATE_CHANGING


def _httpie(arguments: list[str]) -> Effect:
    words = [word for word in arguments if not word.startswith("-")]
    if words and words[0].isupper():
        return _curl(["-X", words[0], *words[1:]])
    sends = any(re.match(r"^[\w.-]+(?:=|:=|@)", word) and "==" not in word for word in words[1:])
    return _curl(["-X", "POST" if sends else "GET", *words])


def _wget(arguments: list[str]) -> Effect:
    method = next((word[9:] for word in arguments if word.startswith("--method=")), "")
    posts = any(word.startswith(("--post-data", "--post-file", "--body-")) for word in arguments)
    return _curl(["-X", method or ("POST" if posts else "GET"), *arguments[-1:]])


def gh_api(arguments: list[str]) -> Effect:
    """Say what `gh api` does: by its method, and fields without one are a POST."""
    fields = any(re.match(r"^(?:-[fF]|--field|--raw-field|--input)", word) for word in arguments)
    given = any(re.match(r"^(?:-X|--method)", word) for word in arguments)
    joined = [re.sub(r"^--method", "--request", word) for word in arguments]
    return _curl(joined) if given or not fields else Effect.STATE_CHANGING


# --- clouds -------------------------------------------------------------------------------------------------------


_FLAGS = frozenset(
    {
        "--quiet",
        "--debug",
        "--verbose",
        "--help",
        "--no-paginate",
        "--only-show-errors",
        "--no-verify-ssl",
        "--yes",
        "--async",
    }
)
_STAGES = frozenset({"alpha", "beta", "preview"})


def _cloud_words(arguments: list[str]) -> Iterator[str]:
    """Yield the words of a cloud's command line; an option before them takes the word behind it as its value."""
    skip = False
    for word in arguments:
        if word.startswith("-"):
            skip = "=" not in word and word not in _FLAGS and len(word) > 1
        elif skip:
            skip = False
        else:
            yield word


def cloud(program: str) -> Judge:
    """Build the judge of a cloud's command line: exceptions first, then the first verb behind the first word."""

    def judge(arguments: list[str]) -> Effect:
        if any(word in {"--dry-run", "--dryrun", "--what-if", "--validate-only"} for word in arguments):
            return Effect.DIAGNOSTIC
        words = [word for word in _cloud_words(arguments) if word not in _STAGES][:6]
        named = [" ".join([program, *words[:length]]) for length in range(min(4, len(words)), 0, -1)]
        for names, effect in ((table.CLOUD_READS, Effect.DIAGNOSTIC), (table.CLOUD_CHANGES, Effect.STATE_CHANGING)):
            if any(name in names for name in named):
                return effect
        if program in {"aws", "gsutil"} and (copied := _object_store(program, words)):
            return copied
        if program == "az" and words[:1] == ["rest"]:
            return _curl([re.sub(r"^(?:--method|-m)$", "-X", word) for word in arguments])
        return _by_verb(words[1:2] if program == "aws" else words[:1] if program == "gsutil" else words[1:])

    return judge


def _by_verb(words: list[str]) -> Effect:
    for word in words:
        verb = word.split("-", 1)[0]
        if word in table.VERBS_READ or verb in table.VERBS_READ:
            return Effect.DIAGNOSTIC
        if word in table.VERBS_CHANGE or verb in table.VERBS_CHANGE:
            return Effect.STATE_CHANGING
    return Effect.UNKNOWN


def _object_store(program: str, words: list[str]) -> Effect | None:
    """Judge copies: what comes out of a bucket changes nothing, what goes in does."""
    store, words = (words[:1] == ["s3"], words[1:]) if program == "aws" else (True, words)
    if not store or not words or words[0] not in {"cp", "sync", "rsync", "mv"}:
        return None
    into = len(words) > 2 and "://" not in words[2]
    return Effect.DIAGNOSTIC if into and words[0] != "mv" else Effect.STATE_CHANGING


def cloud_session(program: str, arguments: list[str]) -> list[str] | None:
    """Return the command that a cloud's command line runs in a machine; empty when it opens a shell, None for the rest."""
    if program not in {"aws", "gcloud", "az"}:
        return None
    words = [word for word in _cloud_words(arguments) if word not in _STAGES][:4]
    if not any(" ".join([program, *words[:length]]) in table.CLOUD_SESSIONS for length in range(1, len(words) + 1)):
        return None
    for word, following in pairwise([*arguments, ""]):
        if word in {"--command", "--scripts", "--exec-command", "-c"}:
            return [following]
        if word.startswith(("--command=", "--scripts=", "--exec-command=")):
            return [word.split("=", 1)[1]]
    return arguments[arguments.index("--") + 1 :] if "--" in arguments else []


# --- systems ------------------------------------------------------------------------------------------------------


def _if_any(*changing: str) -> Judge:
    """Build a judge: diagnostic unless an argument matches one of the patterns."""
    form = re.compile("|".join(changing))

    def judge(arguments: list[str]) -> Effect:
        return Effect.STATE_CHANGING if any(form.search(word) for word in arguments) else Effect.DIAGNOSTIC

    return judge


def _unless(*reading: str) -> Judge:
    """Build a judge: state-changing unless an argument matches one of the patterns."""
    form = re.compile("|".join(reading))

    def judge(arguments: list[str]) -> Effect:
        return Effect.DIAGNOSTIC if any(form.search(word) for word in arguments) else Effect.STATE_CHANGING

    return judge


def _mount(arguments: list[str]) -> Effect:
    return Effect.STATE_CHANGING if arguments and arguments[0] not in {"-l", "-t"} else Effect.DIAGNOSTIC


def _perl(arguments: list[str]) -> Effect:
    return Effect.STATE_CHANGING if any(re.match(r"-\w*i", word) for word in arguments) else Effect.UNKNOWN


def _hostname(arguments: list[str]) -> Effect:
    return Effect.STATE_CHANGING if any(not word.startswith("-") for word in arguments) else Effect.DIAGNOSTIC


_ANSIBLE_READS = frozenset(
    {"ping", "setup", "debug", "stat", "gather_facts", "service_facts", "package_facts", "slurp", "fetch", "wait_for", "assert", "find", "win_ping"}
)  # fmt: skip


def ansible_command(arguments: list[str]) -> tuple[Effect | None, str]:
    """Return what `ansible HOSTS -m MODULE -a ARGS` does, or None and the shell command that its module runs."""
    module, given = "command", ""
    for word, following in pairwise([*arguments, ""]):
        if word in {"-m", "--module-name"}:
            module = following.rpartition(".")[2]
        elif word in {"-a", "--args"}:
            given = following
    if {"--check", "-C", "--list-hosts", "--version"} & set(arguments) or module in _ANSIBLE_READS:
        return Effect.DIAGNOSTIC, ""
    if module in {"command", "shell", "raw"}:
        return None, given
    return Effect.UNKNOWN if module in {"script", "uri"} else Effect.STATE_CHANGING, ""


JUDGES: dict[str, Judge] = {
    **{name: cloud(name) for name in ("aws", "gcloud", "az", "doctl", "oci", "ibmcloud", "gsutil", "openstack", "hcloud", "linode-cli", "aliyun", "scw")},
    "curl": _curl,
    "http": _httpie,
    "https": _httpie,
    "xh": _httpie,
    "wget": _wget,
    "psql": _database,
    "mysql": _database,
    "pgcli": _database,
    "mycli": _database,
    "cockroach": _database,
    "usql": _database,
    "sqlcmd": _database,
    "influx": _database,
    "clickhouse-client": _database,
    "cqlsh": _database,
    "duckdb": _database,
    "sqlite3": _last_sql,
    "mongosh": _mongo,
    "sed": _if_any(r"^-\w*i", r"^--in-place"),
    "perl": _perl,
    "yq": _if_any(r"^-\w*i", r"^--inplace"),
    "find": _if_any(r"^-delete$", r"^-exec(?:dir)?$", r"^-ok$"),
    "kill": _unless(r"^-(?:l|L|0)$"),
    "fuser": _if_any(r"^-\w*k"),
    "date": _if_any(r"^-s$", r"^--set"),
    "dmesg": _if_any(r"^-\w*[cCDE]\w*$", r"^--(?:clear|read-clear|console-)"),
    "hostname": _hostname,
    "ifconfig": _if_any(r"^(?:up|down|add|del|netmask|mtu|hw)$"),
    "route": _if_any(r"^(?:add|del|delete|change|flush)$"),
    "arp": _if_any(r"^-[ds]$"),
    "conntrack": _if_any(r"^-[DFIU]$", r"^--(?:delete|flush|create|update)$"),
    "ethtool": _if_any(r"^-[sKGCALNUXWEFfprt]$", r"^--(?:change|set-|pause|offline|reset)"),
    "tc": _if_any(r"^(?:add|del|delete|change|replace|flush)$"),
    "sysctl": _if_any(r"^-w$", r"^--write$", r"^[\w.]+=", r"^-p", r"^--system$"),
    "ip": _if_any(r"^(?:add|del|delete|set|flush|change|replace|up|down)$"),
    "iptables": _unless(r"^-\w*[LS]\w*$", r"^--list"),
    "ip6tables": _unless(r"^-\w*[LS]\w*$", r"^--list"),
    "iptables-save": _if_any(r"^-f$"),
    "ipvsadm": _unless(r"^-\w*[lLn]\w*$", r"^--list", r"^--save$"),
    "nft": _unless(r"^list$", r"^-c$", r"^--check$"),
    "firewall-cmd": _unless(r"^--(?:list|get|query|state|info|check)"),
    "crontab": _unless(r"^-l$"),
    "mount": _mount,
    "journalctl": _if_any(r"^--vacuum", r"^--rotate$", r"^--flush$", r"^--sync$", r"^--relinquish"),
    "nginx": _unless(r"^-[tTvV?h]$"),
    "haproxy": _unless(r"^-(?:c|v|vv|vvv)$"),
    "certbot": _unless(r"^certificates$", r"^--dry-run$", r"^plugins$", r"^show_account$"),
    "logrotate": _unless(r"^-\w*d\w*$", r"^--debug$"),
    "rsync": _unless(r"^--dry-run$", r"^-[a-zA-Z]*n[a-zA-Z]*$", r"^--list-only$"),
    "ansible-playbook": _unless(r"^--check$", r"^-\w*C$", r"^--list-", r"^--syntax-check$"),
    "ansible-pull": _unless(r"^--check$"),
    "puppet": _unless(r"^--noop$", r"^(?:facts|lookup|describe|config|module|resource|help|parser|node)$"),
    "chef-client": _unless(r"^--why-run$", r"^-\w*W$"),
    "salt": _unless(r"^test=True$", r"^(?:test|grains|pillar|status|disk|network|ps|sys)\.\w+$", r"^(?:service|pkg)\.(?:status|version|list\w*|get_all)$"),
    "tar": _unless(r"^-?\w*t\w*$", r"^--list$"),
    "unzip": _unless(r"^-\w*[lptvZ]\w*$"),
    "dpkg": _unless(r"^-[lLsSpI]$", r"^--(?:list|status|get-selections|search|print-\w+|audit|info|contents)$"),
    "rpm": _unless(r"^-q", r"^-V"),
    "snap": _unless(r"^(?:list|info|find|changes|services|logs)$"),
    "mysqladmin": _unless(r"^(?:status|processlist|extended-status|ping|variables|version)$"),
    "kafka-topics": _unless(r"^--(?:list|describe)$"),
    "kafka-configs": _unless(r"^--describe$"),
    "kafka-acls": _unless(r"^--list$"),
    "kafka-consumer-groups": _unless(r"^--(?:list|describe|dry-run|verify-only)$"),
    "kafka-reassign-partitions": _unless(r"^--(?:verify|generate|list)$"),
    "kafka-console-consumer": lambda _: Effect.DIAGNOSTIC,
    "kafka-console-producer": lambda _: Effect.STATE_CHANGING,
    "supervisorctl": _unless(r"^(?:status|tail|avail|pid|version)$"),
    "pm2": _unless(r"^(?:list|ls|status|logs|show|describe|monit|jlist)$"),
    "ceph": _unless(r"^(?:-s|status|health|df|osd tree|tree|stat|detail|dump|ls)$"),
    "nodetool": _unless(r"^(?:status|info|ring|tpstats|\w*stats|\w*histograms|describecluster|gossipinfo|netstats|version|get\w+|statusbinary|describering|viewbuildstatus|listsnapshots)$"),
    "make": lambda _: Effect.UNKNOWN,
}  # fmt: skip
"""Programs whose options decide, not their first words."""
