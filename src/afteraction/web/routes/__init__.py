"""The routes of the API, one module for each noun; the application takes all that stand here."""

from __future__ import annotations

from fastapi import APIRouter

from afteraction.web.routes import (
    about,
    accounts,
    actions,
    audit,
    deliveries,
    documents,
    events,
    incidents,
    material,
    openid,
    reviews,
    search,
    sessions,
    setup,
    sign_in,
    stream,
    tokens,
)

ROUTERS: tuple[APIRouter, ...] = (
    about.router,
    accounts.router,
    sessions.router,
    tokens.router,
    incidents.router,
    events.router,
    documents.router,
    material.router,
    actions.router,
    reviews.router,
    search.router,
    audit.router,
    stream.router,
    deliveries.router,
)
"""All routers under `/api/v1`."""
PAGES: tuple[APIRouter, ...] = (setup.router, sign_in.router, openid.router)
"""What is for people and stands at the root; no part of the API."""
