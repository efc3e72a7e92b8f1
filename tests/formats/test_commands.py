"""What commands do, line by line: D looks, C changes, U nobody can tell. Written by hand from the programs' manuals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.formats.commands import effect_of, effect_of_sql, program_of
from afteraction.formats.tool_effects import effect_by_annotations, effect_by_name
from afteraction.model.event import Effect

WORDS = {"D": Effect.DIAGNOSTIC, "C": Effect.STATE_CHANGING, "U": Effect.UNKNOWN}
LINES = r"""
D kubectl get pods -n shop
D kubectl -n shop get pods
D kubectl logs deploy/x --previous | grep -i error | tail -20
C kubectl rollout undo deployment/checkout -n shop
D kubectl rollout status deployment/checkout
C kubectl --context prod -n shop scale deploy/x --replicas=3
D kubectl apply -f x.yaml --dry-run=server
C kubectl apply -f x.yaml
D kubectl exec -it pod-1 -n shop -- ps aux
C kubectl exec pod-1 -- sh -c 'kill -9 1'
U kubectl exec -it pod-1 -- bash
C sudo systemctl restart nginx
D systemctl status nginx
D sudo journalctl -u nginx -n 100 --no-pager
C FOO=bar sudo -u deploy helm rollback web 12
D helm history web -n prod
D git log --oneline -5
C git revert abc123 && git push origin main
D cd /srv && ls -la
C cd /srv && rm -rf cache
C psql -h db -c "UPDATE flags SET on = false WHERE id = 3"
D psql -h db -c "select count(*) from pg_stat_activity"
C psql -c "select pg_terminate_backend(pid) from pg_stat_activity"
U psql -h db prod
D mysql -e 'show processlist'
D aws ec2 describe-instances --filters x
C aws ecs update-service --force-new-deployment
D gcloud logging read 'severity>=ERROR' --limit 10
C gcloud sql instances restart db1
C az vm restart -g x -n y
D az aks show -g x -n y
D curl -s http://localhost:8080/healthz
C curl -X POST http://localhost:8080/-/reload
C curl -d '{"a":1}' http://x/api
U curl -d 'query=up' http://prom/api/v1/query
U ./fix.sh
U python3 repair.py
C sed -i 's/a/b/' /etc/app.conf
D sed -n 1,10p file
C echo 3 > /proc/sys/vm/drop_caches
C echo 3 | sudo tee /proc/sys/vm/drop_caches
D watch -n 1 kubectl get pods
C docker compose up -d
D docker ps -a
C docker exec web nginx -s reload
C terraform apply -auto-approve
D terraform plan
C redis-cli -h x FLUSHALL
D redis-cli -p 1 info memory
C flux suspend kustomization apps
C argocd app rollback shop 12
D argocd app get shop
C ssh -i key host1 'sudo systemctl restart x'
U ssh host1
D for p in a b; do kubectl get pod $p; done
C for p in a b; do kubectl delete pod $p; done
D timeout 5 curl -sS http://x
D env | grep DB
D time kubectl get pods
C service nginx restart
C kubectl get pods -o name | xargs kubectl delete
D top
C iptables -A INPUT -j DROP
D iptables -L -n
D python --version
U make deploy
"""


@pytest.mark.parametrize("line", LINES.strip().splitlines())
def test_a_command_is_judged_by_what_it_does(line: str) -> None:
    assert effect_of(line[2:]) is WORDS[line[0]]


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("select 1", "D"),
        ("SHOW PROCESSLIST", "D"),
        ("\\d+ orders", "D"),
        ("explain select * from orders", "D"),
        ("explain analyze delete from orders", "C"),
        ("with gone as (delete from orders returning 1) select count(*) from gone", "C"),
        ("update flags set on = false; select 1", "C"),
        ("set global max_connections = 500", "C"),
        ("kill 1234", "C"),
        ("frobnicate", "U"),
    ],
)
def test_sql_is_judged_by_its_verbs(sql: str, word: str) -> None:
    assert effect_of_sql(sql) is WORDS[word]


@pytest.mark.parametrize(
    ("tool", "word"),
    [
        ("pods_list", "D"),
        ("getLogs", "D"),
        ("query_metrics", "D"),
        ("restart_service", "C"),
        ("deployment.rollback", "C"),
        ("set_replicas", "C"),
        ("stateful_set_list", "D"),
        ("get_and_delete", "U"),
        ("frobnicate", "U"),
    ],
)
def test_a_tool_without_hints_is_judged_by_the_verb_in_its_name(tool: str, word: str) -> None:
    assert effect_by_name(tool) is WORDS[word]


def test_a_tool_with_hints_is_read_only_only_when_it_says_so() -> None:
    assert effect_by_annotations({"readOnlyHint": True}) is Effect.DIAGNOSTIC
    assert effect_by_annotations({"destructiveHint": False}) is Effect.STATE_CHANGING
    assert effect_by_annotations({}) is Effect.STATE_CHANGING


def test_the_program_that_decides_is_named() -> None:
    assert program_of("cd /srv && sudo -u deploy helm rollback web 12 | tee out.txt") == "helm"


@given(st.text(max_size=300))
def test_no_command_line_raises(text: str) -> None:
    effect_of(text)
    program_of(text)
    effect_of_sql(text)
    effect_by_name(text)
