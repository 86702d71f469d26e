"""Citations: which documents, whose, about what, how cited; and what is none. All texts invented."""

import pytest
from test_recipients import mended_record

from pipeline.document import Citation, Record, text_reading
from pipeline.extract import extract
from pipeline.settings import Extract

HEAD = """UBND TỈNH AN GIANG
SỞ TƯ PHÁP
Số: 91/KH-STP
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
An Giang, ngày 10 tháng 3 năm 2024
KẾ HOẠCH
Công tác năm 2024

"""


def record(body: str, head: str = HEAD) -> Record:
    (found,) = extract(text_reading(head + body + "\n"), Extract())
    return found


def cited(body: str) -> list[Citation]:
    return list(record(body).citations)


def rows(body: str, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(getattr(c, k) for k in columns) for c in cited(body)]


def test_what_is_printed_once_after_a_list_holds_for_each_member() -> None:
    body = "Căn cứ các Quyết định số 12/QĐ-UBND, 13/QĐ-UBND và 15/QĐ-UBND ngày 05/01/2024 của UBND tỉnh về việc giao chỉ tiêu;"
    assert rows(body, "cited_id", "cited_type", "cited_date", "cited_issuer", "relation") == [
        (k, "Quyết định", "2024-01-05", "Ủy ban nhân dân tỉnh An Giang", "can_cu") for k in ("12/QĐ-UBND", "13/QĐ-UBND", "15/QĐ-UBND")
    ]
    assert [c.subject for c in cited(body)] == [None, None, "giao chỉ tiêu"]
    assert [c.cited_uri for c in cited(body)][0] == "vn/an-giang/ubnd/qd/2024/12"


def test_an_issuer_before_a_list() -> None:
    body = (
        "Căn cứ các Nghị định của Chính phủ: Số 57/2023/NĐ-CP ngày 11/8/2023 về khuyến công; số "
        "61/2023/NĐ-CP ngày 05/9/2023 về cụm công nghiệp;"
    )
    assert rows(body, "cited_id", "cited_type", "cited_date", "cited_issuer") == [
        ("57/2023/NĐ-CP", "Nghị định", "2023-08-11", "Chính phủ"),
        ("61/2023/NĐ-CP", "Nghị định", "2023-09-05", "Chính phủ"),
    ]


def test_a_misread_date_gives_none_and_keeps_its_issuer() -> None:
    body = "Căn cứ Nghị quyết số 31/2022/QH15 ngày 09 tháng Via năm 2022 của Quốc hội; Quyết định số 88/QĐ-TTg ngày ¡7 tháng 02 năm 2022;"
    assert rows(body, "cited_id", "cited_date", "cited_issuer") == [
        ("31/2022/QH15", None, "Quốc hội"),
        ("88/QĐ-TTg", None, None),
    ]


def test_an_issuer_is_not_lent_to_another_kind() -> None:
    body = "Căn cứ Luật Thủy lợi số 08/2017/QH14, Nghị định số 67/2018/NĐ-CP ngày 14/5/2018 của Chính phủ;"
    assert rows(body, "cited_id", "cited_issuer", "subject") == [
        ("08/2017/QH14", None, "Luật Thủy lợi"),
        ("67/2018/NĐ-CP", "Chính phủ", None),
    ]


RELATIONS = [
    ("Căn cứ Quyết định số 12/QĐ-UBND", "can_cu"),
    ("Căn cứ khoản 2 Điều 5 Nghị định số 61/2018/NĐ-CP", "can_cu"),
    ("Thực hiện Chỉ thị số 20/CT-TTg", "thuc_hien"),
    ("Tiếp tục tổ chức triển khai có hiệu quả và đồng bộ Quyết định số 12/QĐ-TTg", "thuc_hien"),
    ("Mức chi theo Thông tư số 56/2023/TT-BTC", "theo"),
    ("Hồ sơ gửi theo mẫu quy định tại Thông tư số 56/2023/TT-BTC", "theo"),
    ("Theo đề nghị của Chánh Văn phòng Sở tại Tờ trình số 5/TTr-VP", "theo_de_nghi"),
    ("Phúc đáp Công văn số 802/STC-QLNS", "tra_loi"),
    ("Kế hoạch này thay thế Kế hoạch số 15/KH-STP", "thay_the"),
    ("Bãi bỏ Quyết định số 21/2019/QĐ-UBND", "bai_bo"),
    ("Sửa đổi, bổ sung một số nội dung của Quyết định số 20/2019/QĐ-UBND", "sua_doi_bo_sung"),
    ("Danh mục ban hành kèm theo Quyết định số 12/QĐ-UBND", "ban_hanh_kem_theo"),
    ("Chương trình đã được phê duyệt tại Quyết định số 90/QĐ-TTg", "phe_duyet"),
    ("Gia hạn thời gian thực hiện Kế hoạch số 15/KH-STP", "gia_han"),
    ("Tổ chức quán triệt, tuyên truyền sâu rộng Chỉ thị số 20/CT-TTg", "dan_chieu"),
    ("Gắn với các nhiệm vụ nêu tại Kế hoạch số 15/KH-UBND", "dan_chieu"),
    ("Cơ quan thi hành án dân sự rà soát Quyết định số 12/QĐ-BTP", "dan_chieu"),
]


@pytest.mark.parametrize(("body", "relation"), RELATIONS)
def test_relation(body: str, relation: str) -> None:
    assert rows(body + " ngày 02/02/2022 để làm cơ sở.", "relation", "relation_subject") == [(relation, "this")]


def test_a_document_inside_the_subject_of_another_is_cited_by_that_one() -> None:
    body = (
        "Thực hiện Nghị quyết số 70/NQ-CP ngày 11/5/2022 của Chính phủ về việc ban hành Kế hoạch thực hiện "
        "Chỉ thị số 13-CT/TW ngày 12/01/2022 của Ban Bí thư khóa XIII về bảo vệ rừng; "
        "Quyết định số 30/QĐ-TTg ngày 03/02/2022 của Thủ tướng Chính phủ phê duyệt Đề án trồng cây."
    )
    assert rows(body, "cited_id", "relation", "relation_subject", "cited_issuer", "subject") == [
        (
            "70/NQ-CP", "thuc_hien", "this", "Chính phủ",
            "ban hành Kế hoạch thực hiện Chỉ thị số 13-CT/TW ngày 12/01/2022 của Ban Bí thư khóa XIII về bảo vệ rừng",
        ),
        ("13-CT/TW", "thuc_hien", "70/NQ-CP", "Ban Bí thư Trung ương Đảng", "bảo vệ rừng"),
        ("30/QĐ-TTg", "thuc_hien", "this", "Thủ tướng Chính phủ", "phê duyệt Đề án trồng cây"),
    ]  # fmt: skip


def test_mentions_are_counted_and_dates_joined() -> None:
    body = (
        "Thực hiện Chỉ thị số 20/CT-TTg về cấp nước, các đơn vị xây dựng chương trình.\n- Báo cáo kết quả "
        "theo Chỉ thị số 20/CT-TTg ngày 22/7/2020 của Thủ tướng Chính phủ.\n"
        "- Kiểm tra việc thi hành Chỉ thị số 20/CT-TTg."
    )
    (one,) = cited(body)
    assert (one.mentions, one.cited_date, one.cited_issuer, one.relation) == (3, "2020-07-22", "Thủ tướng Chính phủ", "thuc_hien")
    assert len(one.mention_evidence) == 3 and one.mention_evidence[0].line < one.mention_evidence[2].line
    assert one.evidence.raw == "20/CT-TTg"


def test_the_same_symbol_of_two_years_or_two_issuers_is_two_documents() -> None:
    years = "Theo Kế hoạch số 15/KH-UBND ngày 02/02/2021 và Kế hoạch số 15/KH-UBND ngày 09/02/2022."
    assert rows(years, "cited_id", "cited_date") == [("15/KH-UBND", "2021-02-02"), ("15/KH-UBND", "2022-02-09")]
    issuers = "Theo Kế hoạch số 15/KH-UBND của UBND tỉnh Đồng Tháp và Kế hoạch số 15/KH-UBND của UBND tỉnh Cà Mau."
    assert len(cited(issuers)) == 2


def test_the_documents_own_number_is_no_citation() -> None:
    assert cited("Trên đây là Kế hoạch số 91/KH-STP ngày 10/3/2024 của Sở Tư pháp.") == []
    assert [c.cited_date for c in cited("Thay thế Kế hoạch số 91/KH-STP ngày 08/3/2023.")] == ["2023-03-08"]


def test_a_symbol_split_over_lines_and_a_page() -> None:
    body = "Thực hiện Nghị quyết số\n\f44/2020/\nQĐ-UBND và Thông tư số\n12/2021/TT-BTP ngày\n05/6/2021 của Bộ trưởng Bộ Tư pháp."
    assert rows(body, "cited_id", "cited_date", "cited_issuer") == [
        ("44/2020/QĐ-UBND", None, None),
        ("12/2021/TT-BTP", "2021-06-05", "Bộ trưởng Bộ Tư pháp"),
    ]


ISSUERS = [
    ("của Bộ trưởng Bộ Văn hóa, Thể thao và Du lịch về", "Bộ trưởng Bộ Văn hóa, Thể thao và Du lịch"),
    ("của UBND tỉnh về", "Ủy ban nhân dân tỉnh An Giang"),
    ("của Chủ tịch UBND tỉnh về", "Chủ tịch Ủy ban nhân dân tỉnh An Giang"),
    ("của UBND huyện về", "Ủy ban nhân dân huyện"),
    ("của HĐND tỉnh Hậu Giang về", "Hội đồng nhân dân tỉnh Hậu Giang"),
    ("của Sở Giáo dục và Đào tạo về", "Sở Giáo dục và Đào tạo tỉnh An Giang"),
    ("của Quốc hội khóa XV quy định", "Quốc hội"),
    ("của BCH Trung ương khóa XII về", "Ban Chấp hành Trung ương Đảng"),
    ("của Ban Chỉ đạo Trung ương các chương trình mục tiêu quốc gia về", "Ban Chỉ đạo Trung ương các chương trình mục tiêu quốc gia"),
    ("của Văn phòng UBND tỉnh về", "Văn phòng Ủy ban nhân dân tỉnh An Giang"),
    ("của Tỉnh ủy về", "Tỉnh ủy An Giang"),
    ("của Bảo hiểm xã hội Việt Nam về", "Bảo hiểm xã hội Việt Nam"),
]


@pytest.mark.parametrize(("words", "issuer"), ISSUERS)
def test_issuer(words: str, issuer: str) -> None:
    (one,) = cited(f"Theo văn bản, thực hiện Quyết định số 77/QĐ-ABC ngày 01/02/2023 {words} chăm lo đời sống.")
    assert one.cited_issuer == issuer


SUBJECTS = [
    ("về phòng, chống cháy nổ; các đơn vị", "phòng, chống cháy nổ"),
    ("về việc tổ chức hội thi, Sở Tư pháp xây dựng Kế hoạch", "tổ chức hội thi"),
    ("quy định về xã, phường đạt chuẩn và Thông tư số 9/2021/TT-BTP", "quy định về xã, phường đạt chuẩn"),
    ("phê duyệt Đề án “Cây xanh, sạch, đẹp” giai đoạn 2021- 2025.", "phê duyệt Đề án “Cây xanh, sạch, đẹp” giai đoạn 2021- 2025"),
    ("về chăm sóc người có công, qua đó nâng cao", "chăm sóc người có công"),
    ("về trồng rừng, hoàn thành trước ngày 30/6/2024.", "trồng rừng"),
    (", báo cáo kết quả.", None),
    (".", None),
]


@pytest.mark.parametrize(("words", "subject"), SUBJECTS)
def test_subject(words: str, subject: str | None) -> None:
    glue = "" if words[0] in ",." else " "
    assert cited(f"Thực hiện Quyết định số 12/QĐ-TTg ngày 01/02/2023 của Thủ tướng Chính phủ{glue}{words}")[0].subject == subject


NAMED = [
    ("Thực hiện Luật Hộ tịch và các văn bản hướng dẫn thi hành.", [("Luật", "Luật Hộ tịch", "thuc_hien", None)]),
    (
        "Căn cứ Luật Phòng, chống tham nhũng năm 2018; Bộ luật Lao động;",
        [("Luật", "Luật Phòng, chống tham nhũng", "can_cu", None), ("Bộ luật", "Bộ luật Lao động", "can_cu", None)],
    ),
    ("Căn cứ Luật Nhà báo công dân ngày 05/6/2022;", [("Luật", "Luật Nhà báo công dân", "can_cu", "2022-06-05")]),
    (
        "Thực hiện Nghị quyết Đại hội Đảng bộ tỉnh An Giang lần thứ XI, nhiệm kỳ 2020 - 2025, Sở xây dựng chương trình.",
        [("Nghị quyết", "Nghị quyết Đại hội Đảng bộ tỉnh An Giang lần thứ XI, nhiệm kỳ 2020 - 2025", "thuc_hien", None)],
    ),
    (
        "Căn cứ Luật sửa đổi, bổ sung một số điều của Luật Viên chức ngày 25/11/2019;",
        [
            ("Luật", "Luật sửa đổi, bổ sung một số điều của Luật Viên chức", "can_cu", "2019-11-25"),
            ("Luật", "Luật Viên chức", "sua_doi_bo_sung", None),
        ],
    ),
    ("Triển khai Công ước về Quyền trẻ em của Liên hợp quốc.", [("Công ước", "Công ước về Quyền trẻ em", "thuc_hien", None)]),
    ("Tuyên truyền pháp luật đất đai, pháp luật về hộ tịch; ngành Luật Kinh tế; dự án Luật Căn cước; Kế hoạch này.", []),
]


@pytest.mark.parametrize(("body", "wanted"), NAMED)
def test_documents_named_without_a_number(body: str, wanted: list[tuple[str, str, str, str | None]]) -> None:
    assert rows(body, "cited_type", "subject", "relation", "cited_date") == wanted
    assert all(c.cited_id is None for c in cited(body))


def test_who_issues_may_stand_before_the_verb() -> None:
    (one,) = cited("Năm 2023, Sở Y tế đã ban hành Kế hoạch số 44/KH-SYT ngày 03/3/2023 về tiêm chủng.")
    assert (one.cited_issuer, one.relation) == ("Sở Y tế tỉnh An Giang", "dan_chieu")


def test_no_false_symbol_in_a_body_full_of_look_alikes() -> None:
    body = (
        "- Trước ngày 15/12/2024 gửi báo cáo theo Mẫu số 02/BC-CCTP; ĐT: 0296/3852-711; đạt 12/15 tiêu chí; "
        "tại số 45/7 đường Lê Lợi, tổ 5/KP2; giai đoạn 2021-2025; 24/24 giờ."
    )
    assert cited(body) == []


def test_bodies_that_issue_together() -> None:
    body = "Theo Thông tư liên tịch số 23/2014/TTLT-BTP-BVHTTDL ngày 22/12/2014 "
    body += "của Bộ Tư pháp, Bộ Văn hóa, Thể thao và Du lịch hướng dẫn phối hợp."
    assert rows(body, "cited_issuer", "subject") == [("Bộ Tư pháp và Bộ Văn hóa, Thể thao và Du lịch", "hướng dẫn phối hợp")]


def shorts(body: str) -> list[tuple[str | None, list[str]]]:
    """Symbol, and the words of its short mentions."""
    return [(c.cited_id, [e.raw for e in c.mention_evidence if e.rule.startswith("short.")]) for c in cited(body)]


def test_short_forms_lead_back_to_what_was_cited_in_full() -> None:
    body = (
        "Thực hiện Quyết định số 666/QĐ-TTg ngày 02/6/2022 của Thủ tướng Chính phủ; Kế hoạch số 45/KH-BTP ngày 03/7/2022 của Bộ Tư pháp;\n"
        "1. Triển khai Quyết định số 666 và Kế hoạch 45; báo cáo theo Kế hoạch của Bộ Tư pháp.\n"
        "2. Sơ kết Quyết định nêu trên; không theo Quyết định số 667, Kế hoạch của Bộ Nội vụ, Chỉ thị nêu trên.\n"
    )
    assert shorts(body) == [
        ("666/QĐ-TTg", ["Quyết định số 666", "Quyết định nêu trên"]),
        ("45/KH-BTP", ["Kế hoạch 45", "Kế hoạch của Bộ Tư pháp"]),
    ]
    assert [c.mentions for c in cited(body)] == [1, 1]  # how often the symbol stands


def test_the_number_alone_means_the_last_of_two_alike() -> None:
    body = (
        "Căn cứ Kế hoạch số 45/KH-UBND ngày 03/7/2022 của Ủy ban nhân dân tỉnh An Giang; Kế hoạch số 45/KH-UBND ngày 05/8/2023 "
        "của Ủy ban nhân dân huyện Tri Tôn;\n1. Triển khai Kế hoạch số 45.\n"
    )
    assert [(c.cited_issuer, len(c.mention_evidence)) for c in cited(body)] == [
        ("Ủy ban nhân dân tỉnh An Giang", 1),
        ("Ủy ban nhân dân huyện Tri Tôn", 2),
    ]


def test_a_declared_short_name_means_its_document() -> None:
    body = (
        "Thực hiện Quyết định số 06/QĐ-TTg ngày 06/01/2022 của Thủ tướng Chính phủ phê duyệt Đề án phát triển ứng dụng dữ liệu dân cư "
        "(sau đây gọi tắt là Đề án 06), Sở Tư pháp xây dựng Kế hoạch:\n1. Số hóa hồ sơ theo Đề án 06.\n2. Sơ kết Đề án 061.\n"
    )
    assert shorts(body) == [("06/QĐ-TTg", ["Đề án 06", "Đề án 06"])]
    assert shorts(body.replace("là Đề án 06)", "là Kế hoạch)")) == [("06/QĐ-TTg", [])]


def test_a_document_of_the_own_district_has_a_key_and_one_of_another_has_none() -> None:
    head = HEAD.replace("SỞ TƯ PHÁP", "UBND HUYỆN TRI TÔN").replace("91/KH-STP", "91/KH-UBND").replace("An Giang, ngày", "Tri Tôn, ngày")
    body = (
        "Căn cứ Kế hoạch số 5/KH-UBND ngày 03/01/2024 của Ủy ban nhân dân huyện Tri Tôn; Quyết định số 9/QĐ-UBND ngày 03/01/2024 của "
        "UBND tỉnh; Quyết định số 8/QĐ-UBND ngày 03/01/2024 của UBND huyện Tịnh Biên;"
    )
    found = record(body, head)
    assert found.plan.uri == "vn/an-giang/huyen-tri-ton/ubnd/kh/2024/91"
    assert [c.cited_uri for c in found.citations] == ["vn/an-giang/huyen-tri-ton/ubnd/kh/2024/05", "vn/an-giang/ubnd/qd/2024/09", None]


def test_two_of_one_day_and_one_that_announces_what_is_carried_out() -> None:
    body = (
        "Thực hiện Kế hoạch số 12-KH/TU và Kế hoạch số 13-KH/TU cùng ngày 05/4/2023 của Tỉnh ủy; thực hiện Kết luận của Chủ tịch UBND "
        "tỉnh tại Thông báo số 55/TB-VPUBND ngày 12/02/2024;"
    )
    assert rows(body, "cited_id", "cited_date", "relation") == [
        ("12-KH/TU", "2023-04-05", "thuc_hien"),
        ("13-KH/TU", "2023-04-05", "thuc_hien"),
        ("55/TB-VPUBND", "2024-02-12", "thuc_hien"),
    ]


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ("Thực hiện các Quyết định số 21, 22 và 25/QĐ-STP ngày 05/01/2024 của Sở Tư pháp;", ["21/QĐ-STP", "22/QĐ-STP", "25/QĐ-STP"]),
        ("Thực hiện Chỉ thị số 5, 06-CT/TU của Tỉnh ủy;", ["05-CT/TU", "06-CT/TU"]),
        ("Thực hiện Nghị định số 61 và số 62/2018/NĐ-CP của Chính phủ;", ["61/2018/NĐ-CP", "62/2018/NĐ-CP"]),
        ("Mở lớp tại nhà số 21, 22/QĐ-STP;", ["22/QĐ-STP"]),  # a house has no code
        ("Cấp sổ cho hộ số 4, 5 theo Quyết định số 22/QĐ-STP;", ["22/QĐ-STP"]),
    ],
)
def test_a_list_that_prints_the_code_once_gives_every_symbol(body: str, ids: list[str]) -> None:
    assert [c.cited_id for c in cited(body)] == ids
    assert len({(c.cited_type, c.cited_date, c.cited_issuer) for c in cited(body)}) == 1


@pytest.mark.parametrize(
    ("raw", "text", "found"),
    [
        ("- Theo Ke hoach so 45-KH/TWDTN-DKTHIN;", "- Theo Kế hoạch số 45-KH/TWĐTN-DKTHIN;", []),  # D or Đ, I or T: nobody can say
        ("- Theo Ke hoach so 45-KH/TWDTN-KHCN;", "- Theo Kế hoạch số 45-KH/TWĐTN-KHCN;", ["45-KH/TWĐTN-KHCN"]),
        ("- Theo Kế hoạch số 45-KH/TWĐTN-DKTHIN;", "- Theo Kế hoạch số 45-KH/TWĐTN-DKTHIN;", ["45-KH/TWĐTN-DKTHIN"]),
    ],
)
def test_an_unknown_long_code_of_a_garbled_line_is_no_symbol(raw: str, text: str, found: list[str]) -> None:
    assert [c.cited_id for c in mended_record(raw, text).citations if c.cited_id] == found
