"""The routes of the API, one module for each noun; the application takes all that stand here."""

from __future__ import annotations

from fastapi import APIRouter

from afteraction.web.routes import (
    about,
    actions,
    audit,
    deliveries,
    documents,
    events,
    incidents,
    material,
    reviews,
    search,
)

ROUTERS: tuple[APIRouter, ...] = (
    about.router,
    incidents.router,
    events.router,
    documents.router,
    material.router,
    actions.router,
    reviews.router,
    search.router,
    audit.router,
    deliveries.router,
)
"""All routers under `/api/v1`."""
