import pytest

from tasks.sources.crawl.fontcodes import is_font_coded


@pytest.mark.parametrize(
    "text",
    [
        "Céng hßa x· héi chñ nghÜa ViÖt Nam",
        "Hå s¬ nép qua m¹ng rÊt chËm, ®Ò nghÞ söa",
        "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam",
        "Raát linh tinh, toâi thanh toaùn hoùa ñôn tieàn ñieän qua ngaân haøng",
    ],
)
def test_is_font_coded__text_of_old_fonts__is_seen(text):
    assert is_font_coded(text)


@pytest.mark.parametrize(
    "text",
    [
        "Cộng hòa xã hội chủ nghĩa Việt Nam",
        "hoà, khoá, toán, thuở, quý, uỷ ban",
        "Ung dung nay qua te, khong dang nhap duoc",
        "App ngon 👍 nhiệt độ 40°C, «đúng hẹn» · ok",
        "Der Bürger fährt über die Brücke und grüßt den König",
        "Le français a été reçu à l'école",
        "",
    ],
)
def test_is_font_coded__other_text__is_left_alone(text):
    assert not is_font_coded(text)
