"""Whatever is typed is stored as it was or refused in words; nothing half."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect
from tests.board.records.conftest import case_content, on

from debulk.board.records import LOCAL_MEMBER, Actor
from debulk.core import InputError

hostile = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["\x00", "\ud800", "'; DROP TABLE cases; --", "%s", "{x}", "{", "\u202e", "é" * 9]
    ),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@hostile
@given(question=texts, extra=values, reason=texts)
def test_a_case_is_stored_as_typed_or_refused(records, case, question, extra, reason):
    content = {**case_content(), "question": question, "extra": extra}
    latest = records.cases.summary(case.case_id)["version"]
    save = {"based_on": latest, "by": LOCAL_MEMBER, "reason": reason}
    try:
        saved = records.cases.save(case.case_id, content, **save)
    except InputError:
        assert records.cases.summary(case.case_id)["version"] == latest
        return
    assert saved.content == {**content, "case_id": case.case_id}
    assert saved.reason == reason.strip()


@hostile
@given(name=texts, other=texts, count=values)
def test_any_words_are_voted_signed_and_sought(records, case, name, other, count):
    case_id, by = case.case_id, LOCAL_MEMBER
    sitting = records.votes.tally(case_id)["sitting"]
    sign = {"chosen": name, "case_version": 1, "sitting": sitting, "by": by, "review_date": other}
    records.users.matches = lambda hashed, password: False  # Hashing has tests of its own.
    for attempt in (
        lambda: records.votes.note_first_view(case_id, name, {other: count}, by=by),
        lambda: records.decisions.sign(case_id, {name: count, "case_id": case_id}, **sign),
        lambda: records.cases.page(search=name, status=other or None),
        lambda: records.cases.read(name, by=by),
        lambda: records.jobs.add(name, {other: count}, by=by),
        lambda: records.jobs.read(name),
        lambda: records.trials.store(name, {other: count}, other, by=by),
        lambda: records.trials.read(name),
        lambda: records.settings.change({name: count, "guideline": other}, by=by),
        lambda: records.sign_ins.start(name, other, address=name),
        lambda: records.sign_ins.find(name),
        lambda: records.audit.page(who=name, action=other, since=name),
        lambda: records.audit.note(name, by, words=other),
    ):
        with contextlib.suppress(InputError):
            attempt()
    assert records.audit.verify().sound
    with records._database.reading() as connection:
        assert "cases" in inspect(connection).get_table_names()


@pytest.mark.parametrize("version", [0, -1, 2**40, 1.5, "1", None, True])
def test_a_version_is_a_whole_number(records, case, version):
    with pytest.raises(InputError):
        records.cases.save(case.case_id, case.content, based_on=version, by=Actor("a", "viewer"))
    sign = {"chosen": "treat", "by": LOCAL_MEMBER}
    with pytest.raises(InputError):
        records.decisions.sign(case.case_id, on(case), case_version=1, sitting=version, **sign)
    if version is not True:
        with pytest.raises(InputError):
            records.decisions.sign(case.case_id, on(case), case_version=version, sitting=1, **sign)


@pytest.mark.parametrize("page", [0, -1, 2**40, 1.5, "1"])
def test_a_page_is_a_whole_number(records, page):
    with pytest.raises(InputError):
        records.cases.page(page=page)
    with pytest.raises(InputError):
        records.audit.page(size=page)
