"""Search over HTTP: as JSON, and as a page that needs no script."""


def find(client, typed):
    return client.get("/api/policies/search", query_string={"q": typed})


def test_programs_with_the_sentence_found(client):
    found = find(client, "没钱看病").json
    assert found["programs"][0]["id"] == "yiliao"
    assert (found["near"], found["message"], found["places"]) == (False, "", [])
    sentence = found["programs"][0]["sentences"][0]
    start, end = sentence["marks"][0]
    assert sentence["text"][start:end] == "看病"
    assert {"id", "title", "short", "entry", "sentences"} == found["programs"][0].keys()


def test_a_place_and_a_program(client):
    found = find(client, "安化东坪低保").json
    assert [p["full_name"] for p in found["places"]] == ["湖南省益阳市安化县东坪镇"]
    assert found["programs"][0]["id"] == "dibao"


def test_bad_input_is_answered(client):
    for typed in ("", " ", "%", "_", "*", "💰", "x" * 1000, "没" * 1000, "\x00"):
        answer = find(client, typed)
        assert answer.status_code == 200, typed
        assert answer.json["programs"] == []
        assert answer.json["message"].endswith("。")


def test_refused_with_a_sentence(client):
    for query in ({"q": "x" * 2001}, {"q": "低保", "limit": "1"}):
        answer = client.get("/api/policies/search", query_string=query)
        assert answer.status_code == 422
        assert answer.json["message"].endswith("。")


def test_the_box_is_on_the_first_page(client):
    page = client.get("/").text
    assert 'action="/search"' in page
    assert 'name="q"' in page


def test_the_page_shows_the_sentence_with_the_hit_marked(client):
    page = client.get("/search", query_string={"q": "没钱看病"})
    assert page.status_code == 200
    assert 'href="/guide/yiliao"' in page.text
    assert "<mark>看病</mark>" in page.text


def test_what_was_typed_is_never_markup(client):
    page = client.get("/search", query_string={"q": '<script>alert("低保")</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_page_says_what_it_could_not_find(client):
    for typed, words in (
        ("", "比如：没钱看病"),
        ("💰", "比如：没钱看病"),
        ("龘龘", "没有找到"),
        ("抵保", "相近"),
        ("x" * 3000, "没有找到"),
    ):
        page = client.get("/search", query_string={"q": typed})
        assert page.status_code == 200
        assert words in page.text


def test_a_place_leads_to_its_guide_and_its_numbers(client):
    page = client.get("/search", query_string={"q": "安化低保"}).text
    assert 'href="/guide/dibao?place=430923"' in page
    assert 'href="/contacts?place=430923"' in page
