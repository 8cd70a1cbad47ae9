"""`make demo`: the whole story, really played."""

from portal import story


def test_the_story_ends_with_receipt_dossier_and_timeline():
    said: list[str] = []
    story.play(said.append)
    words = "\n".join(said)
    for part in ("签名已核对无误", "form.pdf", "photos/01", "予以受理", "正在发放", "演示完了"):
        assert part in words
