"""Which edits only restate code, and which small ones change what it does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from planted import REFACTOR

from afteraction.evidence.diffs import delta_of, restated
from afteraction.evidence.mechanisms import Mechanism

SAME = {
    "lines moved to another file": ("a.rb b.rb", "-def sign(v)\n-  hmac(key, v)\n-end\n+def sign(v)\n+  hmac(key, v)\n+end\n"),
    "a local renamed wherever it stands": ("q.py", "-def quote(sku, qty):\n-    return base(sku) * qty\n+def quote(sku, quantity):\n+    return base(sku) * quantity\n"),
    "taken out into a function": ("h.go", REFACTOR),
}  # fmt: skip
DIFFERENT = {
    "a field that others read is named otherwise": ("api.go", '-\tAmount int64 `json:"amount"`\n+\tAmountCents int64 `json:"amount_cents"`\n'),
    "a setting is named otherwise": ("deploy.yaml", "-  - name: REDIS_URL\n+  - name: SESSION_STORE_URL\n"),
    "a value in settings": ("values.yaml", "-  level: info\n+  level: trace\n"),
    "one word more": ("R.java", "-    public BigDecimal rate(Currency c) {\n+    public synchronized BigDecimal rate(Currency c) {\n"),
    "a member of something else": ("tx.go", "-\ttx := begin(sql.LevelReadCommitted, sql.LevelReadCommitted)\n+\ttx := begin(sql.LevelSerializable, sql.LevelSerializable)\n"),
    "a filter less": ("s.py", "-    rows = Ticket.objects.filter(owner=user, text=q)[:100]\n+    rows = Ticket.objects.filter(text=q)\n"),
    "another unit": ("O.cs", "-    public int DeadlineMs { get; set; } = 8000;\n+    public int DeadlineSeconds { get; set; } = 8;\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_what_moved_or_was_renamed_is_restated(name: str) -> None:
    files, diff = SAME[name]
    assert restated(delta_of(files.split(), diff))


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_small_edit_that_changes_what_code_does_is_not_restated(name: str) -> None:
    files, diff = DIFFERENT[name]
    assert not restated(delta_of(files.split(), diff))


@pytest.mark.parametrize(
    ("files", "diff", "mechanism"),
    [
        ("values.yaml", "-    memory: 2Gi\n+    memory: 768Mi\n", Mechanism.LIMIT_LOWERED),
        (
            "c.go",
            "-\tMaxWait: 2 * time.Second,\n+\tMaxWait: 200 * time.Millisecond,\n",
            Mechanism.LIMIT_LOWERED,
        ),
        (
            "W.java",
            "-    pool = Executors.newFixedThreadPool(48);\n+    pool = Executors.newSingleThreadExecutor();\n",
            Mechanism.LIMIT_LOWERED,
        ),
        ("s.py", "-    return query.limit(50)\n+    return query\n", Mechanism.BOUND_REMOVED),
        ("np.yaml", "-        - namespaceSelector: {}\n+        - namespaceSelector:\n", Mechanism.REACH_CHANGED),
        ("a.proto", "-  string street = 1;\n+  string street = 3;\n", Mechanism.FORMAT_CHANGED),
        ("env.yaml", "-  - name: DB_URL\n+  - name: DSN\n", Mechanism.SETTING_REQUIRED),
        ("tx.go", "+\tLevel: sql.LevelSerializable,\n", Mechanism.LOCK_ADDED),
    ],
)
def test_a_mechanism_is_read_from_units_schemas_rules_and_what_is_gone(
    files: str, diff: str, mechanism: Mechanism
) -> None:
    assert mechanism in delta_of(files.split(), diff).mechanisms


@pytest.mark.parametrize(
    ("diff", "mechanism"),
    [
        ('-    text = "the adress is missing"\n+    text = "the address is missing"\n', Mechanism.ADDRESS_CHANGED),
        ("+    log.info('cache hit %s', key)\n", Mechanism.CACHE_CHANGED),
        ("+CREATE INDEX CONCURRENTLY a ON b (c);\n", Mechanism.WAIT_CHANGED),
    ],
)
def test_what_is_written_for_people_and_what_only_looks_alike_is_no_mechanism(diff: str, mechanism: Mechanism) -> None:
    assert mechanism not in delta_of(("src/x.py",), diff).mechanisms


def test_a_name_that_only_one_side_has_is_a_literal_and_one_that_both_have_is_none() -> None:
    delta = delta_of(
        ("a.yml",), "-  audience: api://shop\n+  audience: api://shop/v2\n+  host: db.internal\n-  host: db.internal\n"
    )
    assert "api://shop/v2" in delta.literals
    assert "api://shop" in delta.gone
    assert "db.internal" not in delta.literals | delta.gone


def test_a_call_that_is_put_into_a_loop_that_was_there_before_is_a_call_in_a_loop() -> None:
    diff = (
        " for _, row := range rows {\n \tw.Write(row)\n+\tif err := audit.Post(ctx, row.ID); err != nil {\n+\t}\n }\n"
    )
    assert Mechanism.CALL_IN_LOOP in delta_of(("export.go",), diff).mechanisms

    beside = " for _, row := range rows {\n \tw.Write(row)\n }\n+audit.Post(ctx, count)\n"
    assert Mechanism.CALL_IN_LOOP not in delta_of(("export.go",), beside).mechanisms
