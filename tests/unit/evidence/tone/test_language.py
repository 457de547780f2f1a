import pytest

from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.language import is_vietnamese
from tasks.evidence.tone.normalise import clean, fold, tokens


def judged(text):
    return is_vietnamese(tokens(clean(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Nộp hồ sơ trực tuyến mà vẫn phải ra phường lấy số",
        "nop ho so truc tuyen ma van phai ra phuong lay so",
        "app VNeID update xong login bi loi hoai, support cung khong tra loi",
        "tải app VssID xong báo error 404",
        "ok",
        "👍👍",
    ],
)
def test_is_vietnamese__with_and_without_marks(text):
    assert judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "This application crashes every time I open it, please fix the login screen",
        "The service was very slow and nobody answered my questions at the office",
        "Cette application ne fonctionne jamais, le service est vraiment mauvais aujourd'hui",
        "Die Anwendung funktioniert leider überhaupt nicht und niemand antwortet mir",
        "这个应用程序 每次 打开 都会 崩溃 请 修复 登录 界面",
        "Это приложение постоянно закрывается, исправьте пожалуйста ошибку входа",
        "이 앱은 열 때마다 종료됩니다 로그인 화면을 고쳐 주세요",
    ],
)
def test_is_vietnamese__other_languages(text):
    assert not judged(text)


def test_is_vietnamese__drops_hardly_a_post_of_the_corpus():
    texts = corpus()["text"]
    assert texts.map(judged).mean() > 0.995
    assert texts.map(fold).map(judged).mean() > 0.99
