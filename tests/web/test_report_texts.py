"""The paragraphs of the cockpit that go into a report: rates with their fraction, the ground they stand on."""

from tests.web.world import NOW, StandingContext

PAGE = "/tieu-chi/3.4.1?nam=2026"


def test_the_cockpit_offers_paragraphs_for_a_report(as_role, context: StandingContext):
    text = as_role("reform").get(PAGE).text
    begin = text.index('id="doan-van"')
    told = text[begin : text.index("</section>", begin)]
    assert f"Trong năm 2026 (đến {NOW:%d/%m/%Y %H:%M}), đã giải quyết 2 hồ sơ" in told
    assert "đạt 50,00\u00a0% (1/2); quá hạn 1 hồ sơ." in told
    assert "Chi nhánh Văn phòng Đăng ký đất đai khu vực Thử Nghiệm Một 1 (cộng 100,00\u00a0% (1/1)" in told
    assert "(chưa đối chiếu văn bản)" in told


def test_a_year_without_data_has_nothing_to_report(as_role):
    assert "doan-van" not in as_role("reform").get("/tieu-chi/3.4.1?nam=2019").text


def test_units_of_the_cockpit_lead_to_their_page_for_who_may_read_it(as_role):
    assert 'href="/don-vi?don-vi=900001"' in as_role("reform").get(PAGE).text
    assert 'href="/don-vi?don-vi=' not in as_role("desk").get(PAGE).text
