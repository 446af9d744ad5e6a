"""What is measured at a running guide, through its public interface."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.eval.data import LANGUAGES, dialogues, forms, questions, read
from tests.eval.table import Table, percent
from tests.stack import Citizen, Stack

REFUSALS = {"out_of_scope", "not_answerable", "fallback_1", "fallback_2", "fallback_3"}
_MOST_QUESTIONS = 12
"""Questions of one booking, after which it counts as failed."""


def ask(stack: Stack, language: str, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The last answer to each text, every one in a conversation of its own."""

    def one(text: str) -> dict[str, Any]:
        citizen = Citizen(stack.url, language)
        answer = citizen.say(text)[-1]
        citizen.http.close()
        return answer

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, texts))


def answer_table(stack: Stack) -> Table:
    """What citizens get: the right answer, the right one among choices, something else."""
    columns = ("language", "questions", "answered right", "or offered", "answered wrong", "refused")
    table = Table("Whole answers: questions about services", columns)
    for language in LANGUAGES:
        asked = questions(language)
        right = offered = wrong = refused = 0
        for (text, service), said in zip(
            asked, ask(stack, language, [text for text, _ in asked]), strict=True
        ):
            if said["service"] == service:
                right += 1
            elif service in said["candidates"]:
                offered += 1
            elif said["service"] is not None:
                wrong += 1
                table.misses.append(f"{language} {service}: {text} -> {said['service']}")
            elif said["reply"] in REFUSALS:
                refused += 1
                table.misses.append(f"{language} {service}: {text} -> {said['reply']}")
            else:
                table.misses.append(f"{language} {service}: {text} -> {said['reply']}")
        counts = (right, right + offered, wrong, refused)
        shares = [percent(n, len(asked)) for n in counts]
        table.rows.append((language, str(len(asked)), *shares))
        table.figures[f"answers.{language}.offered"] = 100 * (right + offered) / len(asked)
        table.figures[f"answers.{language}.not_refused"] = 100 - 100 * refused / len(asked)
    return table


def scope_table(stack: Stack) -> Table:
    """Does the guide say that it cannot answer what is none of the city's business?"""
    columns = ("language", "questions", "not answered", "asked back", "answered")
    table = Table("Whole answers: questions about something else", columns)
    for language in LANGUAGES:
        texts = read("out_of_scope", language)
        said = ask(stack, language, texts)
        answered = [answer["service"] is not None for answer in said]
        asked_back = [bool(answer["candidates"]) for answer in said]
        counts = (
            len(texts) - sum(answered) - sum(asked_back),
            sum(asked_back),
            sum(answered),
        )
        table.rows.append((language, str(len(texts)), *(percent(n, len(texts)) for n in counts)))
        table.figures[f"scope.{language}.refused"] = 100 * counts[0] / len(texts)
        table.misses += [
            f"{language}: {text} -> {answer['service']}"
            for text, answer in zip(texts, said, strict=True)
            if answer["service"] is not None
        ]
    return table


def dialogue_table(stack: Stack) -> Table:
    """After each turn of a dialogue, is the right service spoken of, and the right side of it?"""
    columns = ("language", "turns", "right service", "follow-ups", "right service and aspect")
    table = Table("Dialogues", columns)
    for language in LANGUAGES:
        turns = services = followed = aspects = 0
        for dialogue in dialogues(language):
            citizen = Citizen(stack.url, language)
            for turn in dialogue:
                said = citizen.say(turn["say"])
                if "service" not in turn:
                    continue
                turns += 1
                found = turn["service"] in [message["service"] for message in said]
                services += found
                if "aspect" in turn:
                    followed += 1
                    keys = [message["reply"] for message in said]
                    hit = found and any(turn["aspect"] in key for key in keys)
                    aspects += hit
                    found = hit
                if not found:
                    keys = [f"{message['reply']} {message['service']}" for message in said]
                    table.misses.append(f"{language} {turn}: {', '.join(keys)}")
            citizen.http.close()
        shares = (percent(services, turns), str(followed), percent(aspects, followed))
        table.rows.append((language, str(turns), *shares))
        table.figures[f"dialogues.{language}.service"] = 100 * services / turns
        table.figures[f"dialogues.{language}.aspect"] = 100 * aspects / followed
    return table


def form_table(stack: Stack) -> Table:
    """Does a booking come to its end, one answer for each question?"""
    table = Table("Bookings", ("language", "begun", "day understood", "booked"))
    for language in LANGUAGES:
        runs = forms(language)
        understood = booked = 0
        for run in runs:
            heard, done, last = _book(Citizen(stack.url, language), run)
            understood += heard
            booked += done
            if not (heard and done):
                table.misses.append(f"{language} {run['start']} / {run['day']}: {last}")
        shares = (percent(understood, len(runs)), percent(booked, len(runs)))
        table.rows.append((language, str(len(runs)), *shares))
        table.figures[f"forms.{language}.booked"] = 100 * booked / len(runs)
    return table


def _book(citizen: Citizen, run: dict[str, str]) -> tuple[bool, bool, str]:
    """Whether the day was understood, whether it ended in a booking, and what was said last."""
    understood = False
    said = citizen.say(run["start"])
    trail = []
    for _ in range(_MOST_QUESTIONS):
        last = said[-1]
        key = last["reply"]
        trail.append(key)
        choices = [choice["choice"] for choice in last["choices"]]
        times = [code for code in choices if code.startswith(("book:at", "book:there"))]
        if key == "booking_done":
            return understood, True, key
        if key == "booking_ask_place":
            said = citizen.say(run["place"])
        elif key in {"booking_ask_name", "booking_name_bad"}:
            said = citizen.say(run["name"])
        elif key in {"booking_ask_contact", "booking_contact_bad"}:
            said = citizen.say(run["contact"])
        elif key == "booking_confirm":
            said = citizen.say(run["confirm"])
        elif times and not understood and "day" not in trail:
            trail.append("day")
            said = citizen.say(run["day"])
            understood = any(
                message["reply"] in {"booking_times_wish", "booking_full", "booking_none"}
                or message["reply"].startswith("booking.")
                for message in said
            )
        elif times:
            said = citizen.choose(times[0])
        elif key == "booking_ask_services":
            said = citizen.say(run["start"])
        elif choices and key.startswith("booking"):
            said = citizen.choose(
                next((c for c in choices if c in {"book:go_on", "book:language:any"}), choices[0])
            )
        else:
            break
    return understood, False, " ".join(trail)
