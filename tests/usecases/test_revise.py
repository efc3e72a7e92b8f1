"""Documents of the record: merges, conflicts, and that no machine overwrites a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.errors import Conflict, NotInRecord
from afteraction.markdown import parse
from afteraction.model.origin import Basis
from afteraction.model.postmortem.actions import ActionItem
from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.merge import changed_fields, leaves, three_way, with_leaves
from afteraction.model.postmortem.value import Value
from afteraction.model.record import COMPUTED, ActionState, Author, AuthorKind, Incident, TrackedAction
from afteraction.store.memory import MemoryStore
from afteraction.usecases.act import add_action, change_action
from afteraction.usecases.revise import Revised, restore, revise

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ANNA, BO, AGENT = Author(name="anna"), Author(name="bo"), Author(name="sre-agent", kind=AuthorKind.AGENT)
TEXTS = ("summary.title", "summary.severity", "executive_summary.what_happened", "executive_summary.impact.downtime")


def document(base: PostMortem | None = None, **texts: str) -> PostMortem:
    new = {path.replace("__", "."): Value(text=text) for path, text in texts.items()}
    return with_leaves(base or PostMortem(), new)


def saved(store: MemoryStore, new: PostMortem, author: Author = ANNA, base: int | None = None) -> Revised:
    with store.begin() as record:
        return revise(record, "INC-1", new, author=author, reason="edited", at=NOW, base=base)


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    with made.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
    return made


def text_of(revised: Revised) -> str:
    return revised.revision.markdown


def test_two_people_who_edit_different_fields_are_merged(store: MemoryStore) -> None:
    first = document(summary__title="Checkout fails")
    saved(store, first)
    saved(store, document(first, summary__severity="High"), ANNA, base=1)
    merged = saved(store, document(first, executive_summary__impact__downtime="9 min"), BO, base=1)
    assert merged.revision.number == 3
    assert all(text in text_of(merged) for text in ("Checkout fails", "High", "9 min"))


def test_two_people_who_edit_one_field_see_both_texts(store: MemoryStore) -> None:
    first = document(summary__title="Checkout fails")
    saved(store, first)
    saved(store, document(first, summary__title="Payments fail"), ANNA, base=1)
    with pytest.raises(Conflict, match=r"(?s)summary\.title.*yours:  Carts fail.*theirs: Payments fail"):
        saved(store, document(first, summary__title="Carts fail"), BO, base=1)


def test_rows_that_both_added_are_all_kept(store: MemoryStore) -> None:
    first = PostMortem()
    saved(store, document(first, summary__title="t"))

    def adding(text: str) -> PostMortem:
        return with_leaves(document(first, summary__title="t"), {"actions.immediate": (ActionItem(text=text),)})

    saved(store, adding("Add a limit"), ANNA, base=1)
    merged = saved(store, adding("Add an alert"), BO, base=1)
    assert "Add a limit" in text_of(merged)
    assert "Add an alert" in text_of(merged)


@pytest.mark.parametrize("machine", [COMPUTED, AGENT], ids=["draft", "agent"])
def test_no_machine_overwrites_what_a_person_wrote(store: MemoryStore, machine: Author) -> None:
    saved(store, document(summary__title="drafted", summary__severity="Low"), COMPUTED)
    saved(store, document(summary__title="Checkout fails", summary__severity="Low"), ANNA)
    again = saved(store, document(summary__title="drafted anew", summary__severity="High"), machine)
    assert again.kept == ("summary.title",)
    assert "Checkout fails" in text_of(again)
    assert "drafted anew" not in text_of(again)
    assert "High" in text_of(again)


def test_citations_of_what_a_person_kept_follow_the_new_ledger(store: MemoryStore) -> None:
    def entry(id_: str, text: str) -> LedgerEntry:
        return LedgerEntry(id=id_, time="", source="chat", text=text, where=f"{text}:1", basis=Basis.OBSERVED)

    mine = Value(text="Checkout fails", citations=("e1", "e2"))
    first = replace(document(), ledger=(entry("e1", "first"), entry("e2", "second")))
    saved(store, first, COMPUTED)
    saved(store, with_leaves(first, {"summary.title": mine}), ANNA)
    anew = replace(document(summary__title="other"), ledger=(entry("e1", "new"), entry("e2", "first")))
    title = next(value for path, value in leaves(_parsed(saved(store, anew, COMPUTED))) if path == "summary.title")
    assert title.text == "Checkout fails"
    assert title.citations == ("e2",)


def _parsed(revised: Revised) -> PostMortem:
    return parse(revised.revision.markdown).post_mortem


def test_saving_the_same_again_makes_no_revision(store: MemoryStore) -> None:
    saved(store, document(summary__title="t"))
    assert saved(store, document(summary__title="t")).revision.number == 1


def test_an_earlier_revision_can_be_restored(store: MemoryStore) -> None:
    saved(store, document(summary__title="first"))
    saved(store, document(summary__title="second"))
    with store.begin() as record:
        again = restore(record, "INC-1", 1, author=BO, at=NOW)
        with pytest.raises(NotInRecord, match="no revision 9"):
            restore(record, "INC-1", 9, author=BO, at=NOW)
    assert again.revision.number == 3
    assert "first" in text_of(again)


def test_actions_keep_their_number_and_state_while_the_document_changes(store: MemoryStore) -> None:
    def with_items(*items: ActionItem) -> PostMortem:
        return with_leaves(PostMortem(), {"actions.immediate": items})

    saved(store, with_items(ActionItem(text="Add a limit"), ActionItem(text="Add an alert")))
    with store.begin() as record:
        change_action(record, "INC-1", 2, author=ANNA, at=NOW, state=ActionState.DONE, evidence="PR-7")
    saved(store, with_items(ActionItem(text="Add an alert", owner="@bo"), ActionItem(text="Write a test")))
    with store.begin() as record:
        found = {one.number: (one.text, one.state, one.owner) for one in record.actions("INC-1")}
    assert found == {
        1: ("Add a limit", ActionState.DROPPED, ""),
        2: ("Add an alert", ActionState.DONE, "@bo"),
        3: ("Write a test", ActionState.OPEN, ""),
    }


def test_an_action_that_is_added_or_closed_in_the_record_stands_so_in_the_document(store: MemoryStore) -> None:
    saved(store, document(summary__title="t"), COMPUTED)
    wanted = TrackedAction(incident="INC-1", number=0, text="Add a limit", horizon="week", owner="@bo")
    with store.begin() as record:
        added = add_action(record, wanted, author=AGENT, at=NOW)
        change_action(record, "INC-1", added.number, author=BO, at=NOW, state=ActionState.DONE, evidence="PR-7")
    again = saved(store, document(summary__title="t"), COMPUTED)
    assert "- [x] Add a limit" in text_of(again)
    with store.begin() as record:
        (action,) = record.actions("INC-1")
    assert (action.state, action.evidence) == (ActionState.DONE, "PR-7")


_documents = st.dictionaries(st.sampled_from(TEXTS), st.sampled_from("abc").map(lambda text: Value(text=text))).map(
    lambda new: with_leaves(PostMortem(), new)
)


@given(_documents, _documents, _documents)
def test_a_merge_loses_nothing_that_one_side_alone_changed(
    base: PostMortem, mine: PostMortem, theirs: PostMortem
) -> None:
    merged = three_way(base, mine, theirs)
    result, clashes = dict(leaves(merged.document)), {clash.field for clash in merged.clashes}
    for path in set(changed_fields(base, mine)) - set(changed_fields(base, theirs)):
        assert result[path] == dict(leaves(mine))[path]
    for path in set(changed_fields(base, theirs)) - set(changed_fields(base, mine)):
        assert result[path] == dict(leaves(theirs))[path]
    both = set(changed_fields(base, mine)) & set(changed_fields(base, theirs))
    assert clashes == {path for path in both if dict(leaves(mine))[path] != dict(leaves(theirs))[path]}


@given(_documents, _documents)
def test_merging_what_nobody_else_touched_gives_the_new_document(base: PostMortem, mine: PostMortem) -> None:
    assert three_way(base, mine, base) == replace(three_way(base, base, mine), document=mine)
