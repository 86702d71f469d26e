"""Where one document ends and the next begins; kinds of documents, and texts that are none."""

from __future__ import annotations

import pytest
from letterheads import plan, records


def test_official_letter() -> None:
    found = plan(
        "UBND TỈNH YÊN BÁI            CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ Y TẾ                  Độc lập - Tự do - Hạnh phúc\n"
        "Số: 456 /SYT-NVY           Yên Bái, ngày 03 tháng 3 năm 2021\nV/v tăng cường kiểm soát\nnhiễm "
        "khuẩn\n\n              Kính gửi: Các bệnh viện\n\nThực hiện chỉ đạo của Bộ Y tế, Sở Y tế đề nghị "
        "các đơn vị:\n"
    )
    assert (found["doc_type"], found["number"], found["title"], found["is_plan"]) == (
        "Công văn",
        "456/SYT-NVY",
        "V/v tăng cường kiểm soát nhiễm khuẩn",
        False,
    )
    assert found["issuing_authority"] == "Sở Y tế tỉnh Yên Bái"


def test_a_news_item_prints_nothing_of_its_own() -> None:
    prose = (
        "Sở Văn hóa vừa ban hành Kế hoạch số 12/KH-SVHTT ngày 05/3/2024 về tổ chức tuần lễ đọc sách, trong "
        "đó giao các thư viện mở cửa cả ngày nghỉ. " * 4
    )
    found = plan(prose + "\nTin, ảnh: Minh Anh\n")
    assert found["doc_type"] == "Tin bài"
    assert not any(found[k] for k in ("number", "issue_date", "place", "title", "issuing_authority", "signer_name"))


@pytest.mark.parametrize("text", ["", "\n\n", "asdf qwer 1234"])
def test_nothing_found_still_gives_a_record(text: str) -> None:
    assert plan(text)["doc_type"] is None


DECISION = """BỘ KHOA HỌC VÀ CÔNG NGHỆ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 345/QĐ-BKHCN
Hà Nội, ngày 03 tháng 3 năm 2024
QUYẾT ĐỊNH
Về việc ban hành Kế hoạch thông tin khoa học năm 2024
BỘ TRƯỞNG BỘ KHOA HỌC VÀ CÔNG NGHỆ
Căn cứ Luật Khoa học và công nghệ ngày 18/6/2013;
QUYẾT ĐỊNH:
Điều 1. Ban hành kèm theo Quyết định này Kế hoạch thông tin khoa học năm 2024.
Nơi nhận:
- Như Điều 3;
- Lưu: VT, CTT.
KT. BỘ TRƯỞNG
THỨ TRƯỞNG
Bùi Hoàng Phương
"""


ISSUED = """KẾ HOẠCH
Thông tin khoa học năm 2024
(Ban hành kèm theo Quyết định số 345/QĐ-BKHCN ngày 03 tháng 3 năm 2024
của Bộ trưởng Bộ Khoa học và Công nghệ)
I. MỤC ĐÍCH
- Nâng cao.
II. NHIỆM VỤ
1. Cục Thông tin chủ trì thực hiện.
"""


ANNEX = """PHỤ LỤC
DANH MỤC NHIỆM VỤ
(Kèm theo Quyết định số 345/QĐ-BKHCN ngày 03/3/2024 của Bộ)
1 Tổ chức hội nghị
Mẫu số 01
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
ĐƠN ĐĂNG KÝ
"""


@pytest.mark.parametrize("glue", ["", "\f"])
def test_a_decision_and_the_plan_that_it_issues_are_two_documents(glue: str) -> None:
    first, second = records(DECISION + glue + ISSUED)
    assert (first.plan.plan_id, first.plan.doc_type, first.plan.number) == ("0123456789ab", "Quyết định", "345/QĐ-BKHCN")
    assert (second.plan.plan_id, second.plan.doc_type, second.plan.number, second.plan.issue_date) == (
        "0123456789ab-2",
        "Kế hoạch",
        None,
        None,
    )
    assert second.plan.issuing_authority == "Bộ Khoa học và Công nghệ"
    assert [(c.cited_id, c.relation) for c in second.citations] == [("345/QĐ-BKHCN", "ban_hanh_kem_theo")]


def test_annexes_stay_with_their_document() -> None:
    assert [r.plan.doc_type for r in records(DECISION + ANNEX)] == ["Quyết định"]
    assert [r.plan.doc_type for r in records(DECISION + ISSUED + ANNEX)] == ["Quyết định", "Kế hoạch"]


def test_a_page_of_a_document_is_no_news_item() -> None:
    page = "1. Tiếp tục triển khai nhiệm vụ theo Kế hoạch số 12/KH-SDL ngày 05/01/2024, bảo đảm an toàn cho du khách trong các dịp lễ. " * 4
    assert plan(page + "\n2. Các phòng báo cáo kết quả.\n")["doc_type"] is None
