"""The figures, on the page and as a file."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from desk.accounts.sessions import StaffSession
from desk.console.parts import ConsoleParts
from desk.console.report import as_csv
from desk.console.schema import StatisticsResponse
from desk.rights import Action

_From = Annotated[dt.date, Query(alias="from")]
_To = Annotated[dt.date, Query(alias="to")]
_Team = Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,64}$")]


def build_router(parts: ConsoleParts) -> APIRouter:
    router = APIRouter()
    gate, reports = parts.door.gate, parts.reports
    Reader = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.see_statistics))
    ]
    Exporter = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(gate.signed_in(Action.export_statistics))
    ]

    @router.get("/statistics")
    async def read(
        session: Reader, first: _From, last: _To, team: _Team = None
    ) -> StatisticsResponse:
        return StatisticsResponse.of(await reports.between(session.member, first, last, team))

    @router.get("/statistics.csv", response_class=Response)
    async def export(session: Exporter, first: _From, last: _To, team: _Team = None) -> Response:
        report = await reports.between(session.member, first, last, team)
        await parts.accounts.audit.record(
            session.member.id,
            "statistics_exported",
            None,
            {"from": first.isoformat(), "to": last.isoformat(), "team": team},
        )
        name = f"borgerguide-{first.isoformat()}-{last.isoformat()}.csv"
        return Response(
            as_csv(report),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    return router
