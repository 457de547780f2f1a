import threading

import pytest
from pydantic import SecretStr

from tasks.evidence.surveys.pseudonyms import Pseudonyms, load_pseudonyms, pseudonymise
from warehouse.errors import InputError
from warehouse.frameworks.survey import SurveyDeclaration
from warehouse.settings import Settings

KEY = "k" * 32


def settings(folder, key=""):
    return Settings(home=folder, pseudonym_key=SecretStr(key))


def test_of__is_the_same_for_the_same_person_however_it_is_typed():
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.of("identity", "Lê Văn A") == pseudonyms.of("identity", " lê văn a ")


@pytest.mark.parametrize("text", ["0912 345 678", "+84912345678", "0912.345.678", "84 912 345 678"])
def test_of__a_telephone_number_however_it_is_written(text):
    assert Pseudonyms(KEY).of("x:identity", text) == Pseudonyms(KEY).of("x:identity", "0912345678")


def test_of__marks_that_make_another_name__make_another_person():
    assert Pseudonyms(KEY).of("expert", "TS. Trần  Thị Hoà") == Pseudonyms(KEY).of("expert", "trần thị Hòa")
    assert Pseudonyms(KEY).of("expert", "Trần Thị Hạnh") != Pseudonyms(KEY).of("expert", "Trần Thị Hanh")


def test_of__differs_between_keys_and_kinds():
    found = {Pseudonyms(key).of(kind, "0900") for key in (KEY, "x" * 32) for kind in ("identity", "interviewer")}
    assert len(found) == 4


def test_of__leaves_empty_text_empty():
    assert Pseudonyms(KEY).of("identity", "  ") == ""


def test_pseudonyms__refuse_a_short_key():
    with pytest.raises(InputError, match="shorter than 32"):
        Pseudonyms("secret")


def test_pseudonyms__never_show_their_key():
    assert KEY not in repr(Pseudonyms(KEY))


def test_load_pseudonyms__makes_a_key_once_that_only_its_owner_reads(tmp_path):
    first = load_pseudonyms(settings(tmp_path)).of("identity", "a")
    file = tmp_path / "secrets" / "pseudonym.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["pseudonym.key"]
    assert load_pseudonyms(settings(tmp_path)).of("identity", "a") == first


def test_load_pseudonyms__two_processes_that_start_together_share_a_key(tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(load_pseudonyms(settings(tmp_path)).of("identity", "a")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_load_pseudonyms__takes_the_key_of_the_settings(tmp_path):
    assert load_pseudonyms(settings(tmp_path, KEY)).of("x", "a") == Pseudonyms(KEY).of("x", "a")
    assert not (tmp_path / "secrets").exists()


def test_load_pseudonyms__refuses_a_key_that_others_can_read(tmp_path):
    load_pseudonyms(settings(tmp_path))
    (tmp_path / "secrets" / "pseudonym.key").chmod(0o644)
    with pytest.raises(InputError, match="can be read by others"):
        load_pseudonyms(settings(tmp_path))


def test_pseudonymise__drops_whatever_is_not_declared(make_survey, make_answers):
    declaration = SurveyDeclaration(framework="x", surveys=(make_survey(),))
    answers = make_answers(
        {"dienthoai": "0000012345", "zalo": "0000012345", "nhom/hoten": "Người Mô Phỏng 1"},
        {"form_version": "7", "dienthoai": "0000054321"},
        {"form": "unknown", "q1": "0000099999"},
    )
    kept = pseudonymise(answers, declaration, Pseudonyms(KEY))
    text = kept.to_csv()
    for planted in ("00000", "Mô Phỏng", "DTV 1", "u0", "zalo", "hoten"):
        assert planted not in text
    assert kept["q1"].to_list() == ["4", "", ""]
    assert kept["form_version"].to_list() == ["1", "7", "1"]
    assert kept.loc[0, "dienthoai"] == Pseudonyms(KEY).of("people:identity", "0000012345")


def test_pseudonymise__keeps_the_text_that_is_named(make_survey, make_answers):
    form = make_survey().forms[0].model_dump() | {"keep_text": ["y_kien"]}
    declaration = SurveyDeclaration(framework="x", surveys=(make_survey(forms=[form]),))
    kept = pseudonymise(make_answers({"y_kien": "cần nhanh hơn"}), declaration, Pseudonyms(KEY))
    assert kept["y_kien"].to_list() == ["cần nhanh hơn"]


def test_pseudonymise__forms_that_name_their_groups_otherwise__keep_their_own_answers(make_survey, make_answers):
    declaration = SurveyDeclaration(framework="x", surveys=(make_survey(),))
    answers = make_answers(
        {"nhom/q1": "2", "q1": ""}, {"form": "unknown", "q1": "5"}, {"q2": "2", "nhom/q1": "3", "q1": ""}
    )
    kept = pseudonymise(answers, declaration, Pseudonyms(KEY))
    assert kept["q1"].to_list() == ["2", "", "3"]


def test_pseudonymise__words_where_a_mark_is_wanted__are_not_kept(make_survey, make_answers):
    declaration = SurveyDeclaration(framework="x", surveys=(make_survey(),))
    slipped = {
        "q1": "Tôi là Nguyễn Văn A",
        "cum": "Phòng của ông Trần Văn B",
        "batdau": "gọi 0912345678",
        "trongso": "0912 345",
    }
    kept = pseudonymise(make_answers(slipped, {"review_state": "Not approved"}), declaration, Pseudonyms(KEY))
    text = kept.to_csv()
    for planted in ("Nguyễn", "Trần", "0912"):
        assert planted not in text
    assert kept["q1"].to_list() == ["?", "4"]
    assert kept["review_state"].to_list() == ["", "rejected"]


def test_pseudonymise__a_form_that_is_somebodys_number__is_not_named(make_survey, make_answers):
    declaration = SurveyDeclaration(framework="x", surveys=(make_survey(),))
    kept = pseudonymise(
        make_answers({"form": "0912345678"}, {"form_version": "Nguyen Van A"}), declaration, Pseudonyms(KEY)
    )
    assert kept[["form", "form_version"]].to_numpy().tolist() == [["(not shown)", "1"], ["aB12", "(not shown)"]]
