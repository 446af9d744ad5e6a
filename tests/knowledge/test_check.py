"""The editors' check: every gap, every number outside the facts, every text that is too hard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from knowledge import check
from knowledge.catalogue import Catalogue, Service, load
from knowledge.schema import ServiceFacts, ServiceText
from settings import ROOT
from tests.knowledge import toy as toys
from tests.knowledge.toy import Toy

MANY = [f"min hund {'o' * n}" for n in range(20)]
LONG_WORD = "ejendomsbeskatning "


def found(text: dict[str, Any], language: str = "da", facts: dict[str, Any] | None = None) -> str:
    """The problems of a text, one a line."""
    prose = ServiceText.model_validate(text)
    service = Service(ServiceFacts.model_validate(facts or toys.service("hund")), {language: prose})
    return "\n".join(check.text_problems(service, language, prose))


def test_a_whole_text_has_no_problem() -> None:
    assert found(toys.text("Hund", MANY)) == ""


Change = Callable[[dict[str, Any]], object]
PROSE: dict[str, tuple[Change, tuple[str, ...]]] = {
    "figure in the summary": (lambda t: t.update(summary="Det koster 150."), ("summary", "150")),
    "figure in a step": (lambda t: t.update(steps=["Gå.", "Vent 4 uger."]), ("steps.2", "4")),
    "figure in a label": (
        lambda t: t["channels"]["online"].update(label="Skema 7"),
        ("channels.online.label", "7"),
    ),
    "figure in a reason": (
        lambda t: t["channels"]["phone"].update(why="Åbent til 17"),
        ("channels.phone.why", "17"),
    ),
    "figure in a cost": (lambda t: t["costs"].update(fee="{age} eller 65"), ("costs.fee", "65")),
    "figure in a deadline": (
        lambda t: t["deadlines"].update(early="{wait}, før 2025"),
        ("deadlines.early", "2025"),
    ),
    "emergency number within another": (lambda t: t.update(summary="Ring 1123."), ("1123",)),
    "missing channel": (lambda t: t["channels"].pop("phone"), ("channels.phone",)),
    "missing cost": (lambda t: t["costs"].pop("fee"), ("costs.fee",)),
    "line without a fact": (
        lambda t: t.update(outputs={"plate": "Et skilt"}),
        ("outputs.plate",),
    ),
    "placeholder without a value": (
        lambda t: t["deadlines"].update(early="{wait} {month}"),
        ("deadlines.early", "{month}"),
    ),
    "value without a placeholder": (
        lambda t: t["deadlines"].update(early="Snart"),
        ("deadlines.early", "{wait}"),
    ),
    "long sentence": (lambda t: t.update(summary="du " * 23), ("summary", "23")),
    "long sentence among short ones": (
        lambda t: t.update(steps=["Gå hjem. " + "du " * 23 + ". Gå ud."]),
        ("steps.1", "23"),
    ),
    "hard words": (lambda t: t.update(summary=f"Du {LONG_WORD * 15}."), ("LIX",)),
    "too few phrasings": (lambda t: t.update(phrasings=MANY[:19]), ("19",)),
    "phrasings that are the same": (
        lambda t: t.update(phrasings=[*MANY[:19], MANY[0].upper()]),
        ("19",),
    ),
}


@pytest.mark.parametrize(("change", "named"), PROSE.values(), ids=PROSE.keys())
def test_a_fault_of_the_prose_is_one_line_that_says_where(
    change: Change, named: tuple[str, ...]
) -> None:
    text = toys.text("Hund", MANY)
    change(text)
    problems = found(text)
    assert problems.count("\n") == 0
    assert all(name in problems for name in ("services/hund/da.yml", *named)), problems


HARMLESS: dict[str, Change] = {
    "emergency numbers": lambda t: t.update(summary="Ring 112, 114, 1813 eller 1888."),
    "figures in title and names": lambda t: t.update(title="Hund 2", names=["NemID 2"]),
    "figures in phrasings": lambda t: t.update(phrasings=[*MANY, "jeg har 2 hunde"]),
    "a sentence of just the longest": lambda t: t.update(summary="du " * 22),
    "more phrasings than needed": lambda t: t.update(phrasings=MANY * 2),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_is_allowed_is_no_problem(change: Change) -> None:
    text = toys.text("Hund", MANY)
    change(text)
    assert found(text) == ""


def test_a_figure_in_the_name_of_a_placeholder_is_no_statement() -> None:
    text = toys.text("Hund", MANY)
    text["deadlines"]["early"] = "{limit_2}"
    facts = toys.service("hund")
    facts["deadlines"][0]["values"] = {"limit_2": "P4W"}
    assert found(text, facts=facts) == ""


@pytest.mark.parametrize(
    ("language", "hard"), [("da", True), ("de", True), ("en", False), ("ar", False)]
)
def test_lix_is_measured_where_it_has_a_meaning(language: str, hard: bool) -> None:
    text = toys.text("Hund", MANY)
    text["summary"] = f"Du {LONG_WORD * 15}."
    assert ("LIX" in found(text, language)) is hard


@pytest.mark.parametrize(("language", "need"), [("da", 20), ("en", 20), ("pl", 12), ("ar", 12)])
def test_every_language_needs_enough_phrasings(language: str, need: int) -> None:
    assert found(toys.text("Hund", MANY[:need]), language) == ""
    assert str(need - 1) in found(toys.text("Hund", MANY[: need - 1]), language)


def test_the_project_has_no_problem(catalogue: Catalogue) -> None:
    assert list(check.problems(catalogue)) == []


def problems(toy: Toy) -> set[str]:
    return set(check.problems(load(toy.root)))


def whole(toy: Toy) -> Toy:
    """The toy with every language's text of everything."""
    toy.put("languages.yml", toys.LANGUAGES[:2])
    for service in ("hund", "pas", "affald"):
        for code in ("da", "en"):
            toy.put(f"services/{service}/{code}.yml", toys.text("Hund", MANY))
    toy.put("life_events/moving/en.yml", toy.get("life_events/moving/da.yml"))
    return toy


@pytest.mark.parametrize(
    "name",
    ["services/hund/da.yml", "services/affald/en.yml", "life_events/moving/en.yml"],
)
def test_a_missing_language_file_is_a_problem(toy: Toy, name: str) -> None:
    assert problems(whole(toy)) == set()
    toy.path(name).unlink()
    assert [name in line for line in problems(toy)] == [True]


def test_an_organisation_without_a_name_is_a_problem(toy: Toy) -> None:
    whole(toy).edit("organisations/en.yml", lambda texts: texts.pop("politiet"))
    (line,) = problems(toy)
    assert "organisations/en.yml" in line
    assert "politiet" in line


def test_a_new_language_lists_every_gap(toy: Toy) -> None:
    *known, german = toys.LANGUAGES
    whole(toy).put("languages.yml", [*known, {**german, "code": "fi"}])
    expected = {f"services/{name}/fi.yml" for name in ("hund", "pas", "affald")}
    expected |= {"life_events/moving/fi.yml", "crisis/fi.yml", "crisis/examples/fi.yml"}
    expected |= {"organisations/fi.yml:", "jargon/fi.yml"}
    assert {line.split()[0] for line in problems(toy)} == expected


def test_a_word_of_offices_is_a_problem(toy: Toy) -> None:
    whole(toy).edit(
        "services/hund/da.yml", lambda text: text.update(summary="Ring, såfremt du kan.")
    )
    (line,) = problems(toy)
    assert line.startswith("services/hund/da.yml: summary")
    assert '"hvis"' in line


def test_a_language_without_words_of_danger_is_a_problem(toy: Toy) -> None:
    assert check.main(whole(toy).root) == 0
    toy.path("crisis/en.yml").unlink()
    assert check.main(toy.root) == 1


@pytest.mark.parametrize(("days", "due"), [(-1, 0), (0, 0), (1, 3)])
def test_a_service_is_stale_from_the_day_after_its_review(toy: Toy, days: int, due: int) -> None:
    today = dt.date(2027, 1, 1) + dt.timedelta(days=days)
    lines = list(check.stale(load(toy.root), today))
    assert len(lines) == due
    assert all("2027-01-01" in line for line in lines)


def test_the_command_ends_well_for_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(ROOT / "knowledge") == 0
    assert "error:" not in capsys.readouterr().out


def test_the_command_fails_on_a_problem_and_on_a_fault(
    toy: Toy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(whole(toy).root) == 0
    capsys.readouterr()
    toy.edit("services/hund/da.yml", lambda text: text.update(summary="Vent 4 uger."))
    toy.put("services/pas/en.yml", "title: [x")
    assert check.main(toy.root) == 1
    errors = [line for line in capsys.readouterr().out.splitlines() if "error:" in line]
    assert len(errors) == 3  # the file that does not parse is missing too
    assert sum("services/pas/en.yml" in line for line in errors) == 2


def test_a_stale_service_is_a_warning_only(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    whole(toy).edit("services/hund/service.yml", lambda f: f.update(review_by="2020-01-01"))
    assert check.main(toy.root) == 0
    assert "warning: services/hund" in capsys.readouterr().out


def test_the_command_can_look_at_some_services_only(
    toy: Toy, capsys: pytest.CaptureFixture[str]
) -> None:
    whole(toy).edit("services/hund/da.yml", lambda text: text.update(summary="Vent 4 uger."))
    assert check.main(toy.root, ("pas",)) == 0
    assert check.main(toy.root, ("pas", "hund")) == 1
    assert "services/hund/da.yml" in capsys.readouterr().out


def test_a_dangling_reference_of_the_service_looked_at_is_a_fault(toy: Toy) -> None:
    whole(toy).edit("services/hund/service.yml", lambda f: f.update(related=["kat"]))
    assert check.main(toy.root) == 1
    assert check.main(toy.root, ("hund",)) == 1
