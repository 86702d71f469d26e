"""Tasks: which paragraphs are leaves, who does them, and what they are to reach."""

from __future__ import annotations

import pytest
from duties import doc_of

from pipeline.extract.cues import cues
from pipeline.extract.rules import table
from pipeline.extract.targets import read as targets
from pipeline.extract.tasks import find
from pipeline.extract.unit_names import names_at
from pipeline.extract.units import names_in_title, roles

PLAN = """KẾ HOẠCH
Phòng, chống dịch bệnh mùa hè năm 2024
Căn cứ tình hình thực tế, Ủy ban nhân dân xã xây dựng Kế hoạch với các nội dung sau:
I. MỤC ĐÍCH, YÊU CẦU
1. Mục đích
- Bảo vệ sức khỏe Nhân dân.
2. Yêu cầu
Các thôn thực hiện nghiêm túc, hiệu quả.
II. NỘI DUNG
1. Tuyên truyền
Phát thanh mỗi tuần 02 buổi trên hệ thống loa của xã.
- Treo 15 băng rôn tại nơi công cộng.
2. Chuyên môn
Trạm Y tế xã có trách nhiệm:
a) Phun thuốc diệt muỗi;
b) Phối hợp với Hội Phụ nữ xã, Đoàn Thanh niên xã tuyên truyền.
3. Kiểm tra các điểm nguy cơ cao, cụ thể:
- Chợ và bến xe:
+ Lấy mẫu nước;
+ Kiểm tra nơi rửa tay.
- Trường học.
III. TỔ CHỨC THỰC HIỆN
1. Ban Chỉ đạo phòng, chống dịch xã
- Tham mưu giúp Ủy ban nhân dân xã điều hành chung.
- Báo cáo Trung tâm Y tế huyện trước ngày 25 hằng tháng.
2. Các thôn: tổ chức họp dân, ký cam kết.
3. Đề nghị Ủy ban Mặt trận Tổ quốc Việt Nam xã vận động hội viên tham gia.
Thủ trưởng các đơn vị tổ chức thực hiện tốt Kế hoạch này, gửi kết quả về Trạm Y tế xã.
Trong quá trình thực hiện, nếu có vướng mắc, các thôn phản ánh về Trạm Y tế xã để được hướng dẫn./.
Trên đây là Kế hoạch phòng, chống dịch, yêu cầu các đơn vị thực hiện.
Nơi nhận:
- Trạm Y tế xã;
"""


def test_leaves_sections_and_units() -> None:
    found = find(doc_of(PLAN))
    assert [(t.task_no, t.section, t.text[:24], t.responsible, t.responsible_source, t.coordinating, t.reports_to) for t in found] == [
        (1, "II.1", "Phát thanh mỗi tuần 02 b", (), None, (), ()),
        (2, "II.1", "Treo 15 băng rôn tại nơi", (), None, (), ()),
        (3, "II.2.a", "Phun thuốc diệt muỗi;", ("Trạm Y tế xã",), "inherited", (), ()),
        (4, "II.2.b", "Phối hợp với Hội Phụ nữ ", ("Trạm Y tế xã",), "inherited", ("Hội Phụ nữ xã", "Đoàn Thanh niên xã"), ()),
        (5, "II.3", "Lấy mẫu nước;", (), None, (), ()),
        (6, "II.3", "Kiểm tra nơi rửa tay.", (), None, (), ()),
        (7, "II.3", "Trường học.", (), None, (), ()),
        (8, "III.1", "Tham mưu giúp Ủy ban nhâ", ("Ban Chỉ đạo phòng, chống dịch xã",), "inherited", (), ()),
        (9, "III.1", "Báo cáo Trung tâm Y tế h", ("Ban Chỉ đạo phòng, chống dịch xã",), "inherited", (), ("Trung tâm Y tế huyện",)),
        (10, "III.2", "Các thôn: tổ chức họp dâ", ("Các thôn",), "own", (), ()),
        (11, "III.3", "Đề nghị Ủy ban Mặt trận ", ("Ủy ban Mặt trận Tổ quốc Việt Nam xã",), "own", (), ()),
        (12, "III", "Thủ trưởng các đơn vị tổ", ("Thủ trưởng các đơn vị",), "own", (), ("Trạm Y tế xã",)),
    ]  # fmt: skip
    assert all(t.evidence.raw.lstrip("-+ ab)0123.").startswith(t.text[:10]) for t in found)


def test_a_text_without_parts_gives_only_its_bullets() -> None:
    text = "Kính gửi: Các phòng chuyên môn.\nĐể chuẩn bị hội nghị, đề nghị các phòng:\n- Gửi báo cáo.\n- Cử người dự họp.\nTrân trọng./."
    assert [t.text for t in find(doc_of(text))] == ["Gửi báo cáo.", "Cử người dự họp."]


def test_articles_that_only_speak_of_the_decision_are_no_tasks() -> None:
    text = (
        "Điều 1. Ban hành kèm theo Quyết định này Kế hoạch tuyển quân năm 2024.\nĐiều 2. Giao Ban Chỉ huy Quân sự huyện báo cáo hằng quý.\n"
        "Điều 3. Quyết định này có hiệu lực kể từ ngày ký.\nĐiều 4. Chánh Văn phòng, các xã chịu trách nhiệm thi hành Quyết định này./."
    )
    assert [(t.section, t.responsible) for t in find(doc_of(text))] == [("2", ("Ban Chỉ huy Quân sự huyện",))]


def test_no_task_in_a_news_like_text() -> None:
    assert find(doc_of("Sáng nay, xã tổ chức hội nghị tổng kết.\nHội nghị biểu dương 10 tập thể.")) == ()


ROLES = [
    ("Giao Sở Nội vụ chủ trì, phối hợp với Sở Tài chính tham mưu UBND tỉnh.", ("Sở Nội vụ",), ("Sở Tài chính",), ()),
    ("Phòng Văn hóa và Thông tin viết kịch bản, gửi về Văn phòng trước 05/8.", ("Phòng Văn hóa và Thông tin",), (), ("Văn phòng",)),
    ("Sở Văn hóa, Thể thao và Du lịch, Công an tỉnh tổ chức kiểm tra.",
     ("Sở Văn hóa, Thể thao và Du lịch", "Công an tỉnh"), (), ()),
    ("Các phòng, ban, ngành và UBND các xã, thị trấn lập danh sách.", ("Các phòng, ban, ngành", "UBND các xã, thị trấn"), (), ()),
    ("Theo hướng dẫn của Bộ Nội vụ, Sở Nội vụ tổ chức sơ kết.", ("Sở Nội vụ",), (), ()),
    ("Chi bộ 3 chỉ đạo Công đoàn tổ chức hội thao.", ("Chi bộ 3",), (), ()),
    ("Nâng cao nhận thức của cán bộ, công chức về chuyển đổi số.", (), (), ()),
    ("Tham mưu giúp Chủ tịch UBND xã kiện toàn Ban Chỉ đạo.", (), (), ()),
    ("Phong trào được tổ chức thực hiện đến các chi đoàn.", (), (), ()),
    ("Sở Y tế sẽ có hướng dẫn riêng.", (), (), ()),
    ("Tổ chức hội nghị; báo cáo kết quả về Huyện ủy (qua Ban Tổ chức Huyện ủy).", (), (), ("Huyện ủy",)),
    ("Phối hợp với các tổ chức chính trị - xã hội (Hội Nông dân, Hội Cựu chiến binh) tập huấn.", (),
     ("Hội Nông dân", "Hội Cựu chiến binh"), ()),
    ("Giữ mối liên hệ với các cơ quan, tổ chức, chính quyền địa phương để nắm tình hình.", (),
     ("các cơ quan, tổ chức, chính quyền địa phương",), ()),
    ("Ban hành văn bản chỉ đạo; Báo cáo tiến độ hằng tuần.", (), (), ()),
    ("Hội nghị tập huấn tổ chức tại hội trường.", (), (), ()),
    ("Hiệu trưởng các trường, khi nhận được thông báo, tổ chức triển khai ngay.", ("Hiệu trưởng các trường",), (), ()),
    ("Đơn vị chủ trì: Phòng Tổ chức - Hành chính; đơn vị phối hợp: Phòng Đào tạo.",
     ("Phòng Tổ chức - Hành chính",), ("Phòng Đào tạo",), ()),
    ("Giao Sở Xây dựng hướng dẫn; Ban An toàn giao thông tỉnh cảnh báo.", ("Sở Xây dựng", "Ban An toàn giao thông tỉnh"), (), ()),
    ("Phòng Kế hoạch tổng hợp tham mưu; công chức Tài chính - Kế toán chi trả.",
     ("Phòng Kế hoạch tổng hợp", "công chức Tài chính - Kế toán"), (), ()),
    ("Giám đốc các trung tâm, hiệu trưởng các trường trực thuộc Sở chịu trách nhiệm.",
     ("Giám đốc các trung tâm", "hiệu trưởng các trường trực thuộc Sở"), (), ()),
    ("Công đoàn phối hợp với chính quyền, Đoàn Thanh niên tổ chức hội thao.", ("Công đoàn",), ("chính quyền", "Đoàn Thanh niên"), ()),
    ("Ban Tổ chức Hội thi mời Hội đồng xét tặng cấp tỉnh; phối hợp: Phòng VH&TT.", ("Ban Tổ chức Hội thi",), ("Phòng VH&TT",), ()),
    ("Phòng Chính sách, Người có công rà soát hồ sơ.", ("Phòng Chính sách, Người có công",), (), ()),
    ("Đối với các xã: niêm yết kế hoạch.", ("các xã",), (), ()),
    ("Chủ trì tham mưu: Phòng Phổ biến, giáo dục pháp luật; phối hợp: các phòng chuyên môn, nghiệp vụ.",
     ("Phòng Phổ biến, giáo dục pháp luật",), ("các phòng chuyên môn, nghiệp vụ",), ()),
    ("Thanh tra Bộ chủ trì, các Vụ liên quan phối hợp thực hiện.", ("Thanh tra Bộ",), ("các Vụ liên quan",), ()),
    ("Sở Y tế đề nghị các bệnh viện báo cáo kết quả với Bộ Y tế.", ("các bệnh viện",), (), ("Bộ Y tế",)),
    ("Đồng chí Chánh Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã trực.",
     ("Chánh Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã",), (), ()),
    ("Kíp Hồi sức 2 tiếp nhận người bệnh.", ("Kíp Hồi sức 2",), (), ()),
    ("Nội dung tuyên truyền tập trung vào Luật Đất đai.", (), (), ()),
    ("Mỗi đội có 05 thành viên; mỗi chi bộ xây dựng 01 mô hình.", ("mỗi chi bộ",), (), ()),
    ("Các Vụ, Cục, đơn vị thuộc Bộ gửi Vụ Pháp chế.", ("Các Vụ, Cục, đơn vị thuộc Bộ",), (), ("Vụ Pháp chế",)),
    ("Phối hợp với các ngành, tổ chức chính trị - xã hội và cấp ủy, chính quyền địa phương vận động.", (),
     ("các ngành, tổ chức chính trị - xã hội và cấp ủy, chính quyền địa phương",), ()),
    ("Phối hợp với cấp ủy, chính quyền địa phương vận động.", (), ("cấp ủy, chính quyền địa phương",), ()),
    ("Khi có dịch, chỉ huy các đơn vị cùng Phòng Hậu cần báo cáo Chính ủy.", ("chỉ huy các đơn vị",), ("Phòng Hậu cần",), ("Chính ủy",)),
    ("Trường phòng Y tế mở lớp.", ("Trưởng phòng Y tế",), (), ()),
    ("Trường Tiểu học Lê Lợi mở lớp.", ("Trường Tiểu học Lê Lợi",), (), ()),
    ("Hội đồng Thi đua — Khen thưởng xã, Trưởng các thôn bình xét.", ("Hội đồng Thi đua — Khen thưởng xã", "Trưởng các thôn"), (), ()),
    ("Trung tâm Văn hóa huyện cùng Huyện đoàn dàn dựng tiết mục.", ("Trung tâm Văn hóa huyện",), ("Huyện đoàn",), ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "own", "joint", "told"), ROLES, ids=[r[0][:40] for r in ROLES])
def test_roles(text: str, own: tuple[str, ...], joint: tuple[str, ...], told: tuple[str, ...]) -> None:
    r = roles(text)
    assert (r.responsible, r.coordinating, r.reports_to) == (own, joint, told)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Sở Tài chính", ("Sở Tài chính",)),
        ("Trách nhiệm của các phòng chuyên môn", ("các phòng chuyên môn",)),
        ("Văn phòng HĐND và UBND huyện:", ("Văn phòng HĐND và UBND huyện",)),
        ("Đề nghị Hội Nông dân xã và các tổ chức chính trị - xã hội", ("Hội Nông dân xã", "các tổ chức chính trị - xã hội")),
        ("Tổ chức thực hiện", ()),
        ("Các hoạt động tuyên truyền", ()),
        ("Công tác kiểm tra, giám sát", ()),
        ("Đối với học sinh", ()),
    ],
)
def test_a_heading_that_is_a_units_name(title: str, names: tuple[str, ...]) -> None:
    assert names_in_title(title) == names


TARGETS = [
    ("Phấn đấu 100% thôn có tổ tự quản.", [(100, "=", "%", "thôn")]),
    ("Xây dựng ít nhất 02 mô hình điểm tại mỗi xã.", [(2, ">=", "mô hình điểm", None)]),
    ("Tỷ lệ hài lòng đạt từ 95% trở lên.", [(95, ">=", "%", None)]),
    ("Trồng 1.200 cây xanh, lắp 15 km đường điện.", [(1200, "=", "cây xanh", None), (15, "=", "km đường điện", None)]),
    ("Kiểm tra 02 lần/năm tại các trạm.", [(2, "=", "lần/năm", None)]),
    ("Khen thưởng không quá 10 tập thể.", [(10, "<=", "tập thể", None)]),
    ("Vận động trên 500 triệu đồng cho Quỹ.", [(500, ">", "triệu đồng", None)]),
    ("Tổ chức tối thiểu hai mươi lăm buổi nói chuyện.", [(25, ">=", "buổi nói chuyện", None)]),
    ("Khoảng 300 người tham dự.", [(300, "~", "người tham dự", None)]),
    ("Xây dựng hai mô hình điểm.", [(2, "=", "mô hình điểm", None)]),
    ("Cấp phát 3 nghìn tờ rơi; không để xảy ra quá 02 vụ cháy.", [(3000, "=", "tờ rơi", None), (2, "<=", "vụ cháy", None)]),
    ("Có từ 70% đoàn viên tham gia; kết nạp từ 15 đến 20 đảng viên.", [(70, ">=", "%", "đoàn viên")]),
    ("Mua thùng chứa ba ngăn cho các trường.", []),
    ("Kiểm tra 01 lần/năm.", []),
    ("Chào mừng kỷ niệm 94 năm Ngày thành lập Đảng.", []),
    ("Thực hiện tốt cả bốn khâu của quy trình.", []),
    ("Tổ giúp việc gồm 05 thành viên.", []),
    ("Mỗi suất quà trị giá 500.000 đồng.", []),
    ("Trước 17 giờ 30 phút ngày 05/6, hoàn thành trong 10 ngày.", []),
    ("Quyết định số 15 của Bộ; khoản 2 Điều 5; khóa 13 nhiệm kỳ.", []),
    ("Hỗ trợ cho 13 ngudi nghéo.", []),
    ("Giai đoạn 1 (2024 - 2025): thí điểm.", []),
    ("Cấp sách cho 3 - 5 lớp.", []),
]


@pytest.mark.parametrize(("text", "expected"), TARGETS, ids=[t[0][:40] for t in TARGETS])
def test_targets(text: str, expected: list[tuple[float, str, str, str | None]]) -> None:
    found = targets(text)
    assert [(t.quantity, t.op) for t in found] == [(q, op) for q, op, _, _ in expected]
    for t, (_, _, unit, of) in zip(found, expected, strict=True):
        assert t.unit.startswith(unit.split()[0]) and (of is None or (t.of or "").startswith(of)), t
        assert t.raw in text


def test_figures_of_a_clean_text_are_no_misread_words() -> None:
    assert [t.quantity for t in targets("Thành lập 14 tổ công tác tại 10/10 xã.")] == [10.0]
    assert [t.quantity for t in targets("Thành lập 14 tổ công tác tại 10/10 xã; trực từ 6 giờ 30 hằng ngày.", clean=True)] == [14.0, 10.0]
    assert targets("Hai ngành luân phiên chủ trì; mỗi đội 05 vận động viên.", clean=True) == ()
    assert [(t.op, t.quantity, t.unit) for t in targets("Thời gian chờ không quá 45 phút.", clean=True)] == [("<=", 45.0, "phút")]


def test_a_bullet_that_is_a_units_name_leads_into_the_bullets_under_it() -> None:
    text = (
        "II. NỘI DUNG\n1. Phân công như sau:\n- Văn phòng:\n+ Chuẩn bị hội trường.\n- Thư viện tỉnh, Bảo tàng tỉnh\n+ Trưng bày hiện vật."
    )
    assert [t.responsible for t in find(doc_of(text))] == [("Văn phòng",), ("Thư viện tỉnh", "Bảo tàng tỉnh")]


def test_a_preamble_that_orders_leads_into_its_list() -> None:
    text = "Kính gửi: Các xã.\nSở Y tế đề nghị các bệnh viện thực hiện các nội dung sau:\n1. Rà soát giường bệnh.\n2. Báo cáo Sở Y tế."
    assert [t.responsible for t in find(doc_of(text))] == [("các bệnh viện",)] * 2
    plan = text.replace("đề nghị các bệnh viện thực hiện các nội dung sau", "theo đề nghị của các bệnh viện xây dựng Kế hoạch như sau")
    assert [t.responsible for t in find(doc_of(plan))] == [()] * 2


def test_heads_begin_names_and_their_counter_examples_do_not() -> None:
    rows = [r for r in table("cues") if r["label"] in ("head", "named_head", "generic") and r["example"]]
    assert len(rows) > 100
    for r in rows:
        assert names_at(cues(r["example"]), 0, lower=r["label"] == "generic"), r
        for never in filter(None, [r["never"]]):
            assert not names_at(cues(never), 0) and not names_at(cues(never.capitalize()), 0), r


def test_every_cue_is_found_where_it_stands() -> None:
    for r in table("cues"):
        c = cues(f"{r['words']} Nguyễn Ánh")
        assert c.at[r["label"]].get(0) == len(r["words"].replace(",", " ,").replace("-", " - ").split()), r


@pytest.mark.bench
@pytest.mark.parametrize("piece", ["Sở Nội vụ, ", "các phòng, ", "phối hợp với ", "gửi báo cáo ", "100% ", "hai ", "của Sở và "])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    import time

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        begun = time.process_time()
        roles(text)
        targets(text)
        return time.process_time() - begun

    seconds(500)
    assert seconds(20_000) < 12 * max(0.03, seconds(4_000))


def test_numbers_of_bodies_and_clock_times_are_no_targets() -> None:
    assert targets("Gửi báo cáo về Phòng 8 trước ngày 25 hằng tháng.", True) == ()
    assert targets("Báo cáo trước 06 giờ 00 hằng ngày.", True) == ()
    assert [t.quantity for t in targets("Giải quyết dứt điểm 04 đơn khiếu nại theo điểm 3 mục II.", True)] == [4.0]
    assert [t.quantity for t in targets("Phấn đấu đạt ít nhất 14 giải cấp tỉnh.")] == [14.0]  # what is limited is a number


def test_a_name_ends_before_the_verb_of_what_is_counted_known_or_not() -> None:
    c = cues("Trung tâm Khuyến nông mờ 08 lớp tập huấn")
    assert [(n.start, n.end) for n in names_at(c, 0)] == [(0, len("Trung tâm Khuyến nông"))]
    whole = "Trường Trung học cơ sở số 02"
    assert [(n.start, n.end) for n in names_at(cues(whole), 0)] == [(0, len(whole))]
