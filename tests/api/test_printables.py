"""Guides to print, over HTTP: public, cached, for a place or for none."""

import io
import re

import pytest
from pypdf import PdfReader

PATHS = ("/guide/dibao/print.pdf", "/guide/pocket-book.pdf", "/guide/poster.pdf")


@pytest.mark.parametrize("path", PATHS)
def test_a_pdf_for_everybody(client, path):
    for query in ({}, {"region": "430923121"}, {"region": "530113"}):
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200
        assert answer.content_type == "application/pdf"
        assert answer.data.startswith(b"%PDF-1.7")
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert "Set-Cookie" not in answer.headers
        known = {"If-None-Match": answer.headers["ETag"]}
        again = client.get(path, query_string=query, headers=known)
        assert (again.status_code, again.data) == (304, b"")


def test_the_larger_poster(client):
    page = PdfReader(io.BytesIO(client.get("/guide/poster.pdf?paper=a3").data)).pages[0]
    assert round(float(page.mediabox.width)) == 842
    odd = client.get("/guide/poster.pdf?paper=wall")
    assert round(float(PdfReader(io.BytesIO(odd.data)).pages[0].mediabox.width)) == 595


def test_unknown_is_not_found(client):
    for path in (
        "/guide/moon/print.pdf",
        "/guide/poster.pdf?region=999999",
        "/guide/dibao/print.pdf?region=x",
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "text/html" in answer.content_type


def test_the_guide_leads_to_its_paper_with_the_place(client):
    page = client.get("/guide/dibao?place=430923").text
    links = re.findall(r'href="(/guide/[^"]+\.pdf[^"]*)"', page)
    assert links == ["/guide/dibao/print.pdf?region=430923", "/guide/pocket-book.pdf?region=430923"]
    assert all(client.get(link).status_code == 200 for link in links)


def test_a_guide_past_its_review_says_so(client, clock):
    assert "该复核" not in client.get("/guide/dibao").text
    clock.forward(days=3650)
    assert "该复核，还没复核" in client.get("/guide/dibao").text
