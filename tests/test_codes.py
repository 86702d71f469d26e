"""The one table of codes that reading and repair share."""

from pipeline import codes


def test_a_code_is_known_with_and_without_its_ampersand() -> None:
    printed = codes.printed()
    assert len(set(printed)) == len(printed)
    assert {c.replace("&", "") for c in printed} == codes.known()
    assert codes.kind_codes() | codes.bodies() == {c.replace("&", "") for c in codes.kind_codes()} | codes.bodies() == codes.known()
    assert "" not in codes.known()


def test_unverified_codes_of_kinds_are_told_apart() -> None:
    assert codes.kind_codes(verified=True) < codes.kind_codes()
    assert {"QĐ", "KH", "TTr"} <= codes.kind_codes(verified=True)
    assert {k.noun for k in codes.kinds() if k.code == "TTr"} == {"Tờ trình"}
